// Version, threads, seeds, devices.
#include "error.h"
#include "sigma_torch.h"
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>

namespace sigma {
std::string &last_error() {
  thread_local std::string text;
  return text;
}
} // namespace sigma

int st_abi_version() noexcept { return 1; }

const char *st_last_error() noexcept { return sigma::last_error().c_str(); }

const char *st_engine_version() noexcept { return TORCH_VERSION; }

const char *st_cpu_capability() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
    return "AVX-512";
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "AVX2" : "SSE2";
#else
  return "baseline";
#endif
}

int st_set_threads(int32_t threads) noexcept {
  return sigma::guarded([&] {
    at::set_num_threads(threads);
    // Debian's libtorch leaves OpenBLAS's own pool at its default; other builds have none to set.
    if (auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
      set(threads);
  });
}

int32_t st_get_threads() noexcept { return at::get_num_threads(); }

int st_seed(uint64_t seed) noexcept {
  return sigma::guarded([&] { at::manual_seed(seed); });
}

int32_t st_cuda_devices() noexcept {
  int32_t count = 0;
  sigma::guarded(
      [&] { count = torch::cuda::is_available() ? static_cast<int32_t>(torch::cuda::device_count()) : 0; });
  return count;
}

int st_synchronize(int32_t device_index) noexcept {
  return sigma::guarded([&] { torch::cuda::synchronize(device_index); });
}
