// sigma::linear: x·weightᵀ + bias, where x may go through GELU first. On the CPU by the kernels beside this
// file: GELU is taken while rows are read and its slope while gradients are written, so that neither the
// activations nor their gradients are stored. Elsewhere composed.
#include "linear.h"
#include "level.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {
using at::Tensor;
// std::optional since libtorch 2.4, c10::optional before.
using MaybeTensor = decltype(std::declval<c10::IValue>().toOptional<Tensor>());

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The weights as panels [columns / panel, depth, panel].
Tensor packed(const Tensor &weight, sigma::Direction direction) {
  const auto &level = sigma::level();
  const bool forward = direction == sigma::Direction::Forward;
  const int64_t depth = weight.size(forward ? 1 : 0), columns = weight.size(forward ? 0 : 1);
  const int64_t panels = divide_up(columns, level.panel);
  Tensor result = at::empty({panels, depth, level.panel}, weight.options());
  const float *from = weight.data_ptr<float>();
  float *to = result.data_ptr<float>();
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i * level.panel, count = std::min(level.panel, columns - first);
      float *panel = to + first * depth;
      if (forward)
        level.transpose_panels(from + first * depth, count, depth, depth, panel);
      else
        level.copy_panels(from + first, depth, columns, count, panel);
    }
  });
  return result;
}

Tensor activated(const Tensor &x) {
  constexpr int64_t kGrain = 1 << 14;
  Tensor y = at::empty_like(x);
  const float *from = x.data_ptr<float>();
  float *to = y.data_ptr<float>();
  at::parallel_for(0, x.numel(), kGrain, [&](int64_t begin, int64_t end) {
    sigma::level().gelu(from + begin, end - begin, to + begin);
  });
  return y;
}

Tensor flat(const Tensor &x) { return x.reshape({-1, x.size(-1)}).contiguous(); }

class Linear : public torch::autograd::Function<Linear> {
public:
  static Tensor forward(torch::autograd::AutogradContext *context, const Tensor &x, const Tensor &weight,
                        const MaybeTensor &bias, bool gelu) {
    context->saved_data["gelu"] = gelu;
    context->saved_data["bias"] = bias.has_value();
    context->save_for_backward({x, weight});
    sigma::Surroundings around;
    around.gelu = gelu;
    if (bias)
      around.bias = bias->contiguous();
    auto shape = x.sizes().vec();
    shape.back() = weight.size(0);
    return sigma::multiply(flat(x), weight.contiguous(), sigma::Direction::Forward, around).view(shape);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list slopes) {
    const auto saved = context->get_saved_variables();
    const bool gelu = context->saved_data["gelu"].toBool(), biased = context->saved_data["bias"].toBool();
    const Tensor x = flat(saved[0]), slope = flat(slopes[0]);
    Tensor for_x, for_weight, for_bias;
    if (context->needs_input_grad(0)) {
      sigma::Surroundings around;
      if (gelu)
        around.inputs = x;
      for_x = sigma::multiply(slope, saved[1].contiguous(), sigma::Direction::Backward, around)
                  .view(saved[0].sizes());
    }
    if (context->needs_input_grad(1))
      for_weight = at::mm(slope.t(), gelu ? activated(x) : x);
    if (biased && context->needs_input_grad(2))
      for_bias = slope.sum(0);
    return {for_x, for_weight, for_bias, Tensor()};
  }
};

Tensor composed(const Tensor &x, const Tensor &weight, const MaybeTensor &bias, bool gelu) {
  return at::linear(gelu ? at::gelu(x) : x, weight, bias);
}

Tensor linear(const Tensor &x, const Tensor &weight, const MaybeTensor &bias, bool gelu) {
  TORCH_CHECK(x.dim() > 0 && weight.dim() == 2 && x.size(-1) == weight.size(1) &&
                  (!bias || (bias->dim() == 1 && bias->size(0) == weight.size(0))),
              "wants x […, in], weight [out, in] and a bias [out] or none, got ", x.sizes(), " and ",
              weight.sizes());
  const bool ours = x.device().is_cpu() && x.scalar_type() == at::kFloat &&
                    weight.scalar_type() == at::kFloat && x.numel() > 0 && weight.numel() > 0;
  return ours ? Linear::apply(x, weight, bias, gelu) : composed(x, weight, bias, gelu);
}
} // namespace

Tensor sigma::multiply(const Tensor &rows, const Tensor &weight, Direction direction,
                       const Surroundings &around) {
  const auto &level = sigma::level();
  const int64_t count = rows.size(0), depth = rows.size(1);
  const int64_t columns = weight.size(direction == Direction::Forward ? 0 : 1);
  const Tensor panels = packed(weight, direction);
  Tensor output = at::empty({count, columns}, rows.options());
  auto numbers = [](const Tensor &t) { return t.defined() ? t.data_ptr<float>() : nullptr; };
  const RowsProduct product{
      rows.data_ptr<float>(), panels.data_ptr<float>(), depth, columns, numbers(around.bias), around.gelu,
      numbers(around.inputs), output.data_ptr<float>()};
  // As many blocks of rows for every thread, and as even ones, as can be; few rows share the columns out too.
  const int64_t threads = at::get_num_threads();
  const int64_t blocks =
      std::min(threads * divide_up(count, threads * level.row_block), divide_up(count, level.tile_rows));
  const int64_t block = divide_up(divide_up(count, blocks), level.tile_rows) * level.tile_rows;
  const int64_t parts = std::min(panels.size(0), divide_up(threads, blocks));
  at::parallel_for(0, blocks * parts, 1, [&](int64_t begin, int64_t end) {
    Tensor room = at::empty({level.row_block * (level.panel + (around.gelu ? depth : 0))}, rows.options());
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i / parts * block, part = i % parts;
      level.multiply_rows(product, first, std::min(first + block, count), part * panels.size(0) / parts,
                          (part + 1) * panels.size(0) / parts, room.data_ptr<float>());
    }
  });
  return output;
}

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def("linear(Tensor x, Tensor weight, Tensor? bias, bool gelu) -> Tensor");
  library.impl("linear", torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, linear));
  // Under autocast as libtorch's own does it.
  library.impl("linear", torch::dispatch(c10::DispatchKey::AutocastCPU, composed));
}
