// sigma::standardise_bytes: every colour of a tube of bytes minus its mean, over its unbiased deviation +
// 1e-6, in one pass over memory.
#include "level.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

namespace {
using at::Tensor;

Tensor standardise_bytes(const Tensor &tubes) {
  constexpr int64_t kMost = int64_t(1) << 20; // beyond it the sums of squares would leave 32 bits
  TORCH_CHECK(tubes.dim() > 0 && tubes.scalar_type() == at::kByte && tubes.size(-1) % 3 == 0 &&
                  tubes.size(-1) > 3 && tubes.size(-1) <= kMost,
              "wants bytes […, pixels·3] of 2 to ", kMost / 3, " pixels, got ", tubes.sizes());
  const Tensor from = tubes.contiguous();
  Tensor result = at::empty(tubes.sizes(), tubes.options().dtype(at::kFloat));
  const int64_t count = tubes.size(-1);
  const uint8_t *bytes = from.data_ptr<uint8_t>();
  float *numbers = result.data_ptr<float>();
  at::parallel_for(0, tubes.numel() / count, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      sigma::level().standardise_bytes(bytes + i * count, count, numbers + i * count);
  });
  return result;
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  library.def("standardise_bytes(Tensor tubes) -> Tensor");
  library.impl("standardise_bytes", torch::dispatch(c10::DispatchKey::CPU, standardise_bytes));
}
