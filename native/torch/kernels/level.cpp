// Which instruction set the kernels use on this processor.
#include "level.h"
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
namespace {
// libtorch's own switch, which keeps its operators to a narrower set, holds for ours too.
bool allowed(const char *narrower) {
  const char *most = std::getenv("ATEN_CPU_CAPABILITY");
  return !most || !(std::strcmp(most, "default") == 0 || (narrower && std::strcmp(most, narrower) == 0));
}

const sigma::Level &choose() {
  if (allowed("avx2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return sigma::avx512_level();
  if (allowed(nullptr) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return sigma::avx2_level();
  return sigma::baseline_level();
}
} // namespace

const sigma::Level &sigma::level() {
  static const Level &chosen = choose();
  return chosen;
}
#else
const sigma::Level &sigma::level() { return baseline_level(); }
#endif
