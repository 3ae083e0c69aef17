// sigma::product_cross_entropy: mean cross-entropy of x·yᵀ/τ against labels, where the product is known
// already and not needed afterwards. Its memory becomes soft-max minus one-hot, the gradients of x and y are
// taken at once, and nothing of its size is kept for backward.
#include "gpu.h"
#include "level.h"
#include "linear.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {
using at::Tensor;

constexpr int64_t kChunk = 64;

// The sum of the losses; scores become slope · (soft-max − one-hot).
Tensor differentiate(const Tensor &scores, const Tensor &labels, double factor, double slope) {
  const int64_t rows = scores.size(0), columns = scores.size(1);
  if (sigma::gpu::serves(scores))
    return sigma::gpu::cross_entropy(scores, labels, factor, slope);
  if (!scores.device().is_cpu()) {
    Tensor loss = at::zeros({}, scores.options());
    for (int64_t first = 0; first < rows; first += 1 << 14) {
      Tensor block = scores.narrow(0, first, std::min<int64_t>(1 << 14, rows - first));
      Tensor own = labels.narrow(0, first, block.size(0)).unsqueeze(1);
      Tensor logs = at::log_softmax(block.mul_(factor), 1);
      loss -= logs.gather(1, own).sum();
      at::exp_out(block, logs);
      block.scatter_add_(1, own, at::full_like(own, -1, block.options()));
      block.mul_(slope);
    }
    return loss;
  }
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  std::vector<double> losses(chunks);
  float *from = scores.data_ptr<float>();
  const int64_t *label = labels.data_ptr<int64_t>();
  at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      losses[i] = sigma::level().cross_entropy(
          from + i * kChunk * columns, std::min(kChunk, rows - i * kChunk), columns,
          static_cast<float>(factor), static_cast<float>(slope), label + i * kChunk);
  });
  double total = 0;
  for (double loss : losses)
    total += loss;
  return at::scalar_tensor(total, scores.options());
}

class ProductCrossEntropy : public torch::autograd::Function<ProductCrossEntropy> {
public:
  static Tensor forward(torch::autograd::AutogradContext *context, const Tensor &x, const Tensor &y,
                        const Tensor &scores, const Tensor &labels, double temperature, bool for_x,
                        bool for_y) {
    const auto rows = static_cast<double>(scores.size(0));
    Tensor loss = differentiate(scores, labels, 1 / temperature, 1 / (temperature * rows)) / rows;
    const bool ours = scores.device().is_cpu() && y.scalar_type() == at::kFloat;
    auto times_y = [&] {
      return ours ? sigma::multiply(scores, y.contiguous(), sigma::Direction::Backward) : at::mm(scores, y);
    };
    context->save_for_backward({for_x ? times_y() : Tensor(), for_y ? at::mm(scores.t(), x) : Tensor()});
    return loss;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list slopes) {
    auto saved = context->get_saved_variables();
    auto scaled = [&](const Tensor &gradient) {
      return gradient.defined() ? gradient * slopes[0] : Tensor();
    };
    return {scaled(saved[0]), scaled(saved[1]), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor product_cross_entropy(const Tensor &x, const Tensor &y, const Tensor &scores, const Tensor &labels,
                             double temperature) {
  TORCH_CHECK(x.dim() == 2 && y.dim() == 2 && scores.dim() == 2 && scores.size(0) == x.size(0) &&
                  scores.size(1) == y.size(0) && x.size(1) == y.size(1) && labels.numel() == x.size(0),
              "wants x [rows, width], y [columns, width], scores [rows, columns] and labels [rows], got ",
              x.sizes(), ", ", y.sizes(), ", ", scores.sizes(), ", ", labels.sizes());
  TORCH_CHECK(scores.scalar_type() == at::kFloat && scores.is_contiguous() && !scores.requires_grad() &&
                  labels.scalar_type() == at::kLong,
              "wants contiguous float32 scores without gradient, and int64 labels");
  const bool recording = at::GradMode::is_enabled();
  return ProductCrossEntropy::apply(x, y, scores, labels.contiguous(), temperature,
                                    recording && x.requires_grad(), recording && y.requires_grad());
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def("product_cross_entropy(Tensor x, Tensor y, Tensor(a!) scores, Tensor labels, float "
              "temperature) -> Tensor");
  library.impl("product_cross_entropy",
               torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, product_cross_entropy));
}
