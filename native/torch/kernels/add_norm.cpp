// sigma::add_norm: tokens plus a branch, and the layer norm of the sum, which the next layer reads. One pass
// on a GPU where nothing of it is needed for backward, the branch is in bf16 and the tokens in float32, as
// under autocast; composed elsewhere.
#include "gpu.h"
#include <torch/library.h>

namespace {
using at::Tensor;

std::tuple<Tensor, Tensor> add_norm(const Tensor &tokens, const Tensor &branch, const Tensor &weight,
                                    const Tensor &bias, double epsilon) {
  if (sigma::gpu::adds_and_norms(tokens, branch, weight, bias))
    return sigma::gpu::add_norm(tokens, branch, weight, bias, epsilon);
  Tensor sum = tokens + branch;
  Tensor normed = at::layer_norm(sum, weight.sizes(), weight, bias, epsilon);
  return {sum, normed};
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def("add_norm(Tensor tokens, Tensor branch, Tensor weight, Tensor bias, float epsilon) -> (Tensor, "
              "Tensor)");
  library.impl("add_norm", torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, add_norm));
}
