// sigma::adamw_: AdamW's step over many tensors in one pass over their memory, on the CPU.
#include "level.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>
#include <torch/library.h>

namespace {
constexpr int64_t kChunk = 1 << 14;

struct Piece {
  const float *gradient;
  float *weight, *first, *second;
  int64_t count;
};

void adamw(at::TensorList weights, at::TensorList gradients, at::TensorList first, at::TensorList second,
           double rate, double beta1, double beta2, double eps, double decay, int64_t step) {
  TORCH_CHECK(weights.size() == gradients.size() && weights.size() == first.size() &&
                  weights.size() == second.size(),
              "wants a gradient and two moments for every weight");
  std::vector<at::Tensor> kept; // gradients that had to be laid out anew
  std::vector<Piece> pieces;
  for (size_t i = 0; i < weights.size(); i++) {
    for (const auto &tensor : {weights[i], first[i], second[i]})
      TORCH_CHECK(tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous() &&
                      tensor.sizes() == gradients[i].sizes(),
                  "wants contiguous float32 tensors of one shape in main memory");
    kept.push_back(gradients[i].to(at::kFloat).contiguous());
    for (int64_t at = 0; at < weights[i].numel(); at += kChunk)
      pieces.push_back({kept.back().data_ptr<float>() + at, weights[i].data_ptr<float>() + at,
                        first[i].data_ptr<float>() + at, second[i].data_ptr<float>() + at,
                        std::min(kChunk, weights[i].numel() - at)});
  }
  const auto t = static_cast<double>(step);
  const sigma::AdamWConstants constants{static_cast<float>(1 - rate * decay),
                                        static_cast<float>(beta1),
                                        static_cast<float>(beta2),
                                        static_cast<float>(std::sqrt(1 - std::pow(beta2, t))),
                                        static_cast<float>(eps),
                                        static_cast<float>(rate / (1 - std::pow(beta1, t)))};
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Piece &p = pieces[i];
      sigma::level().adamw(p.count, constants, p.gradient, p.weight, p.first, p.second);
    }
  });
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def(
      "adamw_(Tensor(a!)[] weights, Tensor[] gradients, Tensor(b!)[] first, Tensor(c!)[] second, float rate, "
      "float beta1, float beta2, float eps, float decay, int step) -> ()");
  library.impl("adamw_", torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, adamw));
}
