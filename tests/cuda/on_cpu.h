// What the kernels use of CUDA, on a CPU. Threads take turns: a warp's threads from one exchange to the next,
// in an order that changes each time, and one warp after another up to where the whole block meets, as far
// ahead of the others as a card would let it. So a missing meeting shows in the results. Blocks come one
// after another.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <type_traits>
#include <ucontext.h>
#include <vector>

#define __device__
#define __global__
#define __shared__ static
#define SIGMA_LAUNCH(kernel, blocks, stream, ...)                                                            \
  on_cpu::launch(stream, static_cast<unsigned>(blocks), kThreads, [&] { kernel(__VA_ARGS__); })

struct Place {
  unsigned x;
};
inline Place threadIdx, blockIdx, gridDim;

namespace on_cpu {
constexpr size_t kStack = 1 << 16;
constexpr unsigned kWarpSize = 32;

enum class Waits { ForWarp, ForBlock, Done };
struct Fibre {
  std::vector<char> stack = std::vector<char>(kStack);
  ucontext_t context;
  float passed;
  Waits waits;
};
inline std::vector<Fibre> fibres;
inline ucontext_t scheduler;

template <typename Body> Body *running;
template <typename Body> void run() {
  (*running<Body>)();
  fibres[threadIdx.x].waits = Waits::Done;
}

// Lets the others come as far.
inline void meet(Waits whom) {
  const unsigned own = threadIdx.x;
  fibres[own].waits = whom;
  swapcontext(&fibres[own].context, &scheduler);
  threadIdx.x = own;
}

// Runs a warp's threads to where the block meets, or to their end.
template <typename Random> void advance(unsigned warp, Random &random) {
  unsigned lanes[kWarpSize];
  for (unsigned i = 0; i < kWarpSize; i++)
    lanes[i] = warp * kWarpSize + i;
  do {
    std::shuffle(lanes, lanes + kWarpSize, random);
    for (unsigned lane : lanes) {
      threadIdx.x = lane;
      swapcontext(&scheduler, &fibres[lane].context);
    }
  } while (fibres[lanes[0]].waits == Waits::ForWarp);
}

template <typename Body> void launch(void *, unsigned blocks, unsigned threads, Body &&body) {
  using Called = std::remove_reference_t<Body>;
  running<Called> = &body;
  gridDim.x = blocks;
  fibres.resize(threads);
  std::vector<unsigned> warps(threads / kWarpSize);
  std::iota(warps.begin(), warps.end(), 0u);
  std::mt19937 random(blocks);
  for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) {
    for (Fibre &fibre : fibres) {
      getcontext(&fibre.context);
      fibre.context.uc_stack.ss_sp = fibre.stack.data();
      fibre.context.uc_stack.ss_size = kStack;
      fibre.context.uc_link = &scheduler;
      makecontext(&fibre.context, run<Called>, 0);
    }
    do {
      std::shuffle(warps.begin(), warps.end(), random);
      for (unsigned warp : warps)
        advance(warp, random);
    } while (fibres[0].waits != Waits::Done);
  }
}
} // namespace on_cpu

inline void __syncthreads() { on_cpu::meet(on_cpu::Waits::ForBlock); }

inline float __shfl_xor_sync(unsigned, float x, unsigned mask) {
  on_cpu::fibres[threadIdx.x].passed = x;
  on_cpu::meet(on_cpu::Waits::ForWarp);
  const float other = on_cpu::fibres[threadIdx.x ^ mask].passed;
  on_cpu::meet(on_cpu::Waits::ForWarp);
  return other;
}

inline unsigned __float_as_uint(float x) {
  unsigned bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline float __uint_as_float(unsigned bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline int cudaGetLastError() { return 0; }
