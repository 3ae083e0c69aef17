#include "gpu.h"
#ifdef SIGMA_CUDA_KERNELS
#include "rows_cuda.h"
#include <ATen/core/grad_mode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cstdlib>
#include <string_view>

namespace {
using at::Tensor;

// Calls launch(stream) on the scores' card, behind what is under way there.
template <typename Launch> void on_card(const Tensor &scores, Launch &&launch) {
  const c10::cuda::CUDAGuard guard(scores.device());
  const int status = launch(c10::cuda::getCurrentCUDAStream(scores.device().index()).stream());
  TORCH_CHECK(status == cudaSuccess,
              "a kernel of ours could not be started: ", cudaGetErrorString(static_cast<cudaError_t>(status)),
              " (SIGMA_CUDA_KERNELS=0 does without them)");
}

Tensor per_group(const Tensor &scores) {
  return at::empty({sigma::cuda::groups(scores.size(0)), scores.size(1)}, scores.options());
}
} // namespace

int64_t sigma::gpu::most_columns() {
  static const bool wanted = [] {
    const char *setting = std::getenv("SIGMA_CUDA_KERNELS");
    return setting == nullptr || std::string_view(setting) != "0";
  }();
  return wanted ? cuda::kMostColumns : 0;
}

bool sigma::gpu::serves(const Tensor &scores) {
  return scores.device().is_cuda() && scores.numel() > 0 && scores.size(1) <= most_columns();
}

Tensor sigma::gpu::balance_start(const Tensor &scores, float scale) {
  Tensor largest = per_group(scores), sums = per_group(scores);
  on_card(scores, [&](void *stream) {
    return cuda::balance_start(scores.data_ptr<float>(), scores.size(0), scores.size(1), scale,
                               largest.data_ptr<float>(), sums.data_ptr<float>(), stream);
  });
  return (((largest.to(at::kDouble) - 1) * scale).exp2_() * sums).sum({0});
}

Tensor sigma::gpu::balance_round(const Tensor &scores, const Tensor &logs, float scale) {
  Tensor sums = per_group(scores);
  on_card(scores, [&](void *stream) {
    return cuda::balance_round(scores.data_ptr<float>(), scores.size(0), scores.size(1), scale,
                               logs.data_ptr<float>(), sums.data_ptr<float>(), stream);
  });
  return sums.sum({0}, false, at::kDouble);
}

Tensor sigma::gpu::balance_labels(const Tensor &scores, const Tensor &logs, float scale) {
  Tensor labels = at::empty({scores.size(0)}, scores.options().dtype(at::kLong));
  on_card(scores, [&](void *stream) {
    return cuda::balance_labels(scores.data_ptr<float>(), scores.size(0), scores.size(1), scale,
                                logs.data_ptr<float>(), labels.data_ptr<int64_t>(), stream);
  });
  return labels;
}

Tensor sigma::gpu::cross_entropy(const Tensor &scores, const Tensor &labels, double factor, double slope) {
  Tensor losses = at::empty({scores.size(0)}, scores.options());
  on_card(scores, [&](void *stream) {
    return cuda::cross_entropy(scores.data_ptr<float>(), scores.size(0), scores.size(1),
                               static_cast<float>(factor), static_cast<float>(slope),
                               labels.data_ptr<int64_t>(), losses.data_ptr<float>(), stream);
  });
  return losses.sum(at::kDouble).to(at::kFloat);
}

bool sigma::gpu::adds_and_norms(const Tensor &tokens, const Tensor &branch, const Tensor &weight,
                                const Tensor &bias) {
  const auto plain = [](const Tensor &t, at::ScalarType type) {
    return t.is_cuda() && t.scalar_type() == type && t.is_contiguous() &&
           !(at::GradMode::is_enabled() && t.requires_grad());
  };
  return plain(tokens, at::kFloat) && plain(branch, at::kBFloat16) && plain(weight, at::kFloat) &&
         plain(bias, at::kFloat) && tokens.numel() > 0 && tokens.sizes() == branch.sizes() &&
         weight.numel() == tokens.size(-1) && bias.numel() == tokens.size(-1) &&
         tokens.size(-1) <= most_columns();
}

std::tuple<Tensor, Tensor> sigma::gpu::add_norm(const Tensor &tokens, const Tensor &branch,
                                                const Tensor &weight, const Tensor &bias, double epsilon) {
  Tensor sum = at::empty_like(tokens), normed = at::empty_like(branch);
  const int64_t columns = tokens.size(-1);
  on_card(tokens, [&](void *stream) {
    return cuda::add_norm(tokens.data_ptr<float>(), static_cast<const uint16_t *>(branch.data_ptr()),
                          tokens.numel() / columns, columns, weight.data_ptr<float>(), bias.data_ptr<float>(),
                          static_cast<float>(epsilon), sum.data_ptr<float>(),
                          static_cast<uint16_t *>(normed.data_ptr()), stream);
  });
  return {sum, normed};
}

#else

namespace {
at::Tensor absent() { TORCH_CHECK(false, "this engine was built without kernels for a GPU"); }
} // namespace

int64_t sigma::gpu::most_columns() { return 0; }
bool sigma::gpu::serves(const at::Tensor &) { return false; }
at::Tensor sigma::gpu::balance_start(const at::Tensor &, float) { return absent(); }
at::Tensor sigma::gpu::balance_round(const at::Tensor &, const at::Tensor &, float) { return absent(); }
at::Tensor sigma::gpu::balance_labels(const at::Tensor &, const at::Tensor &, float) { return absent(); }
at::Tensor sigma::gpu::cross_entropy(const at::Tensor &, const at::Tensor &, double, double) {
  return absent();
}
bool sigma::gpu::adds_and_norms(const at::Tensor &, const at::Tensor &, const at::Tensor &,
                                const at::Tensor &) {
  return false;
}
std::tuple<at::Tensor, at::Tensor> sigma::gpu::add_norm(const at::Tensor &, const at::Tensor &,
                                                        const at::Tensor &, const at::Tensor &, double) {
  return {absent(), absent()};
}
#endif
