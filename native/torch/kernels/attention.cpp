// sigma::attention: soft-max(q·kᵀ/√d)·v for every head of a qkv product, without storing the scores. On the
// CPU by the kernels beside this file, elsewhere by libtorch's own fused operator where it has one, else
// composed.
#include "level.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <cmath>
#include <cstring>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {
using at::Tensor;

// qkv [batch, tokens, 3, heads, width] as plain numbers.
struct Shape {
  int64_t batch, tokens, heads, width, padded, panels;

  Shape(const Tensor &qkv, int64_t heads)
      : batch(qkv.size(0)), tokens(qkv.size(1)), heads(heads), width(qkv.size(2) / 3 / heads) {
    const auto &level = sigma::level();
    padded = (width + level.vector - 1) / level.vector * level.vector;
    panels = (tokens + level.panel - 1) / level.panel * level.panel;
  }
  int64_t all_heads() const { return batch * heads; }
  int64_t row() const { return 3 * heads * width; }
  int64_t rows_size() const { return tokens * padded; }
  int64_t panels_size() const { return panels * width; }
  // Where a head's queries begin; keys and values follow heads·width and 2·heads·width later.
  int64_t start(int64_t head) const { return head / heads * tokens * row() + head % heads * width; }
  int64_t part() const { return heads * width; }
  // The same in [batch, tokens, heads, width].
  int64_t output_start(int64_t head) const { return head / heads * tokens * part() + head % heads * width; }
};

void pack(const float *from, int64_t rows, int64_t stride, int64_t width, int64_t padded, float scale,
          float *to) {
  for (int64_t r = 0; r < rows; r++, from += stride, to += padded) {
    for (int64_t k = 0; k < width; k++)
      to[k] = from[k] * scale;
    for (int64_t k = width; k < padded; k++)
      to[k] = 0;
  }
}

void unpack(const float *from, int64_t rows, int64_t padded, int64_t width, float scale, float *to,
            int64_t stride) {
  for (int64_t r = 0; r < rows; r++, from += padded, to += stride)
    for (int64_t k = 0; k < width; k++)
      to[k] = from[k] * scale;
}

float scale_of(const Shape &shape) { return 1 / std::sqrt(static_cast<float>(shape.width)); }

// The kernels take powers of two, so log₂ e goes into the packed queries, and out of the gradient of the
// keys.
constexpr auto kLog2OfE = static_cast<float>(sigma::kLog2OfE);

// A head packed into memory that holds forward_size() or backward_size() floats.
int64_t forward_size(const Shape &s) { return 3 * s.rows_size() + s.panels_size(); }

// A packed head as it lies in its memory.
sigma::PackedHead packed_at(const Shape &s, float *memory) {
  return {s.tokens,
          s.width,
          s.padded,
          memory,
          memory + s.rows_size(),
          memory + 2 * s.rows_size(),
          memory + 3 * s.rows_size(),
          nullptr};
}

// What both passes need: queries, and keys in panels.
sigma::PackedHead pack_scores(const Shape &s, const float *from, float *memory) {
  sigma::PackedHead packed = packed_at(s, memory);
  pack(from, s.tokens, s.row(), s.width, s.padded, scale_of(s) * kLog2OfE, packed.queries);
  sigma::level().transpose_panels(from + s.part(), s.tokens, s.row(), s.width, packed.keys_t);
  return packed;
}

sigma::PackedHead pack_forward(const Shape &s, const float *qkv, int64_t head, float *memory) {
  const float *from = qkv + s.start(head);
  sigma::PackedHead packed = pack_scores(s, from, memory);
  pack(from + 2 * s.part(), s.tokens, s.row(), s.width, s.padded, 1, packed.values);
  return packed;
}

Tensor scratch(int64_t floats) { return at::empty({floats}, at::kFloat); }

// With few heads for the threads they would not divide evenly, and every head is cut into pieces.
bool cut_heads(const Shape &s) {
  const int64_t threads = at::get_num_threads();
  return threads > 1 && s.all_heads() % threads != 0 && s.all_heads() < 8 * threads;
}

// [batch, tokens, heads·width] and log₂ Σ exp [batch·heads, tokens].
std::tuple<Tensor, Tensor> forward(const Tensor &qkv, int64_t heads) {
  const Shape s(qkv, heads);
  const auto &level = sigma::level();
  Tensor output = at::empty({s.batch, s.tokens, s.part()}, qkv.options());
  Tensor log_sums = at::empty({s.all_heads(), s.tokens}, qkv.options());
  const float *from = qkv.data_ptr<float>();
  float *to = output.data_ptr<float>(), *logs = log_sums.data_ptr<float>();
  const int64_t block = level.query_block * (level.key_block + s.padded);
  auto mix = [&](const sigma::PackedHead &packed, int64_t head, int64_t first, int64_t last, float *room) {
    level.attention_forward(packed, first, last, room, to + s.output_start(head), s.part(),
                            logs + head * s.tokens);
  };
  if (!cut_heads(s)) {
    at::parallel_for(0, s.all_heads(), 1, [&](int64_t begin, int64_t end) {
      Tensor room = scratch(forward_size(s) + block);
      float *memory = room.data_ptr<float>();
      for (int64_t head = begin; head < end; head++)
        mix(pack_forward(s, from, head, memory), head, 0, s.tokens, memory + forward_size(s));
    });
    return {output, log_sums};
  }
  Tensor room = scratch(s.all_heads() * forward_size(s));
  float *memory = room.data_ptr<float>();
  at::parallel_for(0, s.all_heads(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; head++)
      pack_forward(s, from, head, memory + head * forward_size(s));
  });
  const int64_t blocks = (s.tokens + level.query_block - 1) / level.query_block;
  at::parallel_for(0, s.all_heads() * blocks, 1, [&](int64_t begin, int64_t end) {
    Tensor own = scratch(block);
    for (int64_t i = begin; i < end; i++) {
      const int64_t head = i / blocks, first = i % blocks * level.query_block;
      mix(packed_at(s, memory + head * forward_size(s)), head, first,
          std::min(first + level.query_block, s.tokens), own.data_ptr<float>());
    }
  });
  return {output, log_sums};
}

// What the backward pass of one head needs, packed into backward_size() floats.
struct BackwardHead {
  sigma::PackedHead packed;
  float *slopes;      // [tokens, padded], gradient of the output
  float *corrections; // [tokens]
  float *keys;        // gradients, [tokens, padded]
  float *values;
};

int64_t backward_size(const Shape &s) { return 6 * s.rows_size() + 2 * s.panels_size() + s.tokens; }

BackwardHead backward_at(const Shape &s, float *memory) {
  float *after = memory + forward_size(s);
  BackwardHead head{packed_at(s, memory), after + s.panels_size(), nullptr, nullptr, nullptr};
  head.packed.values_t = after;
  head.keys = head.slopes + s.rows_size();
  head.values = head.keys + s.rows_size();
  head.corrections = head.values + s.rows_size();
  return head;
}

void pack_backward(const Shape &s, const float *qkv, const float *output, const float *gradient, int64_t head,
                   float *memory) {
  const float *from = qkv + s.start(head);
  pack_scores(s, from, memory);
  BackwardHead h = backward_at(s, memory);
  pack(from + s.part(), s.tokens, s.row(), s.width, s.padded, 1, h.packed.keys);
  sigma::level().transpose_panels(from + 2 * s.part(), s.tokens, s.row(), s.width, h.packed.values_t);
  const float *o = output + s.output_start(head), *g = gradient + s.output_start(head);
  pack(g, s.tokens, s.part(), s.width, s.padded, 1, h.slopes);
  for (int64_t t = 0; t < s.tokens; t++) {
    float dot = 0;
    for (int64_t k = 0; k < s.width; k++)
      dot += o[t * s.part() + k] * g[t * s.part() + k];
    h.corrections[t] = dot;
  }
}

// The gradient of qkv.
Tensor backward(const Tensor &qkv, int64_t heads, const Tensor &output, const Tensor &log_sums,
                const Tensor &slope) {
  const Shape s(qkv, heads);
  const auto &level = sigma::level();
  Tensor result = at::empty_like(qkv);
  const float *from = qkv.data_ptr<float>(), *o = output.data_ptr<float>(), *g = slope.data_ptr<float>();
  const float *logs = log_sums.data_ptr<float>();
  float *to = result.data_ptr<float>();
  const int64_t block = 2 * level.query_block * level.key_block;
  auto differentiate = [&](const BackwardHead &h, int64_t head, int64_t first, int64_t last, float *queries,
                           float *room) {
    std::memset(queries, 0, s.rows_size() * sizeof(float));
    sigma::HeadGradients gradients{h.slopes, logs + head * s.tokens, h.corrections, queries, h.keys,
                                   h.values};
    level.attention_backward(h.packed, gradients, first, last, room);
    const int64_t offset = s.start(head) + first * s.row();
    unpack(h.keys + first * s.padded, last - first, s.padded, s.width, 1 / kLog2OfE, to + offset + s.part(),
           s.row());
    unpack(h.values + first * s.padded, last - first, s.padded, s.width, 1, to + offset + 2 * s.part(),
           s.row());
  };
  if (!cut_heads(s)) {
    at::parallel_for(0, s.all_heads(), 1, [&](int64_t begin, int64_t end) {
      Tensor room = scratch(backward_size(s) + s.rows_size() + block);
      float *memory = room.data_ptr<float>(), *queries = memory + backward_size(s);
      for (int64_t head = begin; head < end; head++) {
        pack_backward(s, from, o, g, head, memory);
        differentiate(backward_at(s, memory), head, 0, s.tokens, queries, queries + s.rows_size());
        unpack(queries, s.tokens, s.padded, s.width, scale_of(s), to + s.start(head), s.row());
      }
    });
    return result;
  }
  // Each head in pieces of keys; every piece has its own gradient of the queries, added up in their order.
  const int64_t blocks = (s.tokens + level.key_block - 1) / level.key_block;
  const int64_t pieces = std::min<int64_t>(blocks, at::get_num_threads());
  const int64_t size = backward_size(s) + pieces * s.rows_size();
  Tensor room = scratch(s.all_heads() * size);
  float *memory = room.data_ptr<float>();
  at::parallel_for(0, s.all_heads(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; head++)
      pack_backward(s, from, o, g, head, memory + head * size);
  });
  at::parallel_for(0, s.all_heads() * pieces, 1, [&](int64_t begin, int64_t end) {
    Tensor own = scratch(block);
    for (int64_t i = begin; i < end; i++) {
      const int64_t head = i / pieces, piece = i % pieces;
      const int64_t first = piece * blocks / pieces * level.key_block;
      const int64_t last = std::min((piece + 1) * blocks / pieces * level.key_block, s.tokens);
      float *at = memory + head * size;
      differentiate(backward_at(s, at), head, first, last, at + backward_size(s) + piece * s.rows_size(),
                    own.data_ptr<float>());
    }
  });
  at::parallel_for(0, s.all_heads(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; head++) {
      float *queries = memory + head * size + backward_size(s);
      for (int64_t piece = 1; piece < pieces; piece++)
        for (int64_t i = 0; i < s.rows_size(); i++)
          queries[i] += queries[piece * s.rows_size() + i];
      unpack(queries, s.tokens, s.padded, s.width, scale_of(s), to + s.start(head), s.row());
    }
  });
  return result;
}

// In float32 whatever the type of the product: only the result takes that type again.
class Attention : public torch::autograd::Function<Attention> {
public:
  static Tensor forward(torch::autograd::AutogradContext *context, const Tensor &qkv, int64_t heads) {
    Tensor wide = qkv.to(at::kFloat).contiguous();
    auto [output, log_sums] = ::forward(wide, heads);
    context->saved_data["heads"] = heads;
    Tensor result = output.to(qkv.scalar_type());
    context->save_for_backward({qkv, result, log_sums});
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list slopes) {
    auto saved = context->get_saved_variables();
    auto wide = [](const Tensor &x) { return x.to(at::kFloat).contiguous(); };
    Tensor gradient = ::backward(wide(saved[0]), context->saved_data["heads"].toInt(), wide(saved[1]),
                                 saved[2], wide(slopes[0]));
    return {gradient.to(saved[0].scalar_type()), Tensor()};
  }
};

// libtorch's fused operator since 2.0, found by name so that one source builds against any.
Tensor mix_elsewhere(const Tensor &query, const Tensor &key, const Tensor &value, double scale) {
  static const auto fused =
      c10::Dispatcher::singleton().findSchema({"aten::scaled_dot_product_attention", ""});
  if (!fused)
    return at::matmul(at::softmax(at::matmul(query * scale, key.transpose(-2, -1)), -1), value);
  c10::Stack stack{query, key, value};
  const auto &arguments = fused->schema().arguments();
  for (size_t i = stack.size(); i < arguments.size(); i++)
    stack.push_back(arguments[i].default_value() ? *arguments[i].default_value() : c10::IValue());
  fused->callBoxed(stack);
  return stack[0].toTensor();
}

Tensor attention(const Tensor &qkv, int64_t heads) {
  TORCH_CHECK(qkv.dim() == 3 && heads > 0 && qkv.size(2) % (3 * heads) == 0,
              "wants [batch, tokens, 3·heads·width], got ", qkv.sizes(), " for ", heads, " heads");
  if (qkv.device().is_cpu() && qkv.numel() > 0 && qkv.scalar_type() != at::kDouble)
    return Attention::apply(qkv, heads);
  const int64_t width = qkv.size(2) / 3 / heads;
  // Taken apart in one go, and where they lie one behind another: so backward puts their gradients together
  // in one, where a selection of each would make a tensor of zeros as large as qkv.
  auto parts = qkv.reshape({qkv.size(0), qkv.size(1), 3, heads, width}).unbind(2);
  for (Tensor &part : parts)
    part = part.transpose(1, 2);
  auto mixed = mix_elsewhere(parts[0], parts[1], parts[2], 1 / std::sqrt(width));
  return mixed.transpose(1, 2).reshape({qkv.size(0), qkv.size(1), heads * width});
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def("attention(Tensor qkv, int heads) -> Tensor");
  library.impl("attention", torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, attention));
}
