// The kernels of rows_cuda.h. A block takes a row at a time, and thread t the columns t, t + 256, …: a row is
// read once, into registers, and sums over rows stay in registers too until a block has seen all its rows.
#include "rows_cuda.h"
#include <algorithm>
#include <cmath>
#include <type_traits>

// tests/cuda runs the same source on a CPU, where a launch is written otherwise.
#ifndef SIGMA_LAUNCH
#define SIGMA_LAUNCH(kernel, blocks, stream, ...)                                                            \
  kernel<<<static_cast<unsigned>(blocks), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(__VA_ARGS__)
#endif

namespace {
constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr int64_t kGroups = 1024; // some blocks for every multiprocessor of a large card
constexpr int64_t kLeastRows = 8; // of a block, so that what it leaves is small beside what it reads
constexpr float kLog2OfE = 1.44269504f, kLn2 = 0.693147181f;

__device__ int own() { return static_cast<int>(threadIdx.x); }

struct Sum {
  __device__ static float of(float a, float b) { return a + b; }
};
struct Largest {
  __device__ static float of(float a, float b) { return fmaxf(a, b); }
};

// One number of every thread, folded over the block, for every thread. `room` must not be that of the fold
// before, which some threads may still be reading.
template <typename Fold> __device__ float over_block(float x, float *room) {
  for (int step = kWarp / 2; step > 0; step /= 2)
    x = Fold::of(x, __shfl_xor_sync(~0u, x, step));
  if (own() % kWarp == 0)
    room[own() / kWarp] = x;
  __syncthreads();
  float result = room[0];
  for (int i = 1; i < kWarps; i++)
    result = Fold::of(result, room[i]);
  return result;
}

// A thread's columns of a row: `rest` behind the last.
template <int Columns>
__device__ void read(const float *row, int columns, float rest, float (&values)[Columns]) {
#pragma unroll
  for (int i = 0; i < Columns; i++) {
    const int k = i * kThreads + own();
    values[i] = k < columns ? row[k] : rest;
  }
}

template <int Columns> __device__ void write(const float (&values)[Columns], int columns, float *row) {
#pragma unroll
  for (int i = 0; i < Columns; i++) {
    const int k = i * kThreads + own();
    if (k < columns)
      row[k] = values[i];
  }
}

template <int Columns>
__global__ void start_kernel(const float *scores, int64_t rows, int columns, float scale, float *largest,
                             float *sums) {
  float most[Columns], added[Columns], row[Columns];
#pragma unroll
  for (int i = 0; i < Columns; i++) {
    most[i] = -INFINITY;
    added[i] = 0;
  }
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    read(scores + r * columns, columns, 0, row);
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      // One exponential: either the sum so far shrinks to the new largest, or the new term to the old one.
      const float above = row[i] - most[i], part = exp2f(-fabsf(above) * scale);
      added[i] = above > 0 ? added[i] * part + 1 : added[i] + part;
      most[i] = fmaxf(most[i], row[i]);
    }
  }
  write(most, columns, largest + static_cast<int64_t>(blockIdx.x) * columns);
  write(added, columns, sums + static_cast<int64_t>(blockIdx.x) * columns);
}

template <int Columns>
__global__ void round_kernel(const float *scores, int64_t rows, int columns, float scale, const float *logs,
                             float *sums) {
  __shared__ float peaks[kWarps], totals[kWarps];
  float offsets[Columns], added[Columns] = {}, row[Columns];
  read(logs, columns, 0, offsets);
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    read(scores + r * columns, columns, -INFINITY, row);
    float most = -INFINITY;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      row[i] = row[i] * scale + offsets[i];
      most = fmaxf(most, row[i]);
    }
    const float peak = over_block<Largest>(most, peaks);
    float total = 0;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      row[i] = exp2f(row[i] - peak);
      total += row[i];
    }
    const float share = 1 / over_block<Sum>(total, totals);
#pragma unroll
    for (int i = 0; i < Columns; i++)
      added[i] += row[i] * share;
  }
  write(added, columns, sums + static_cast<int64_t>(blockIdx.x) * columns);
}

template <int Columns>
__global__ void labels_kernel(const float *scores, int64_t rows, int columns, float scale, const float *logs,
                              int64_t *labels) {
  __shared__ float peaks[kWarps], places[kWarps];
  float offsets[Columns], row[Columns];
  read(logs, columns, 0, offsets);
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    read(scores + r * columns, columns, -INFINITY, row);
    float most = -INFINITY;
    int place = 0;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      row[i] = row[i] * scale + offsets[i];
      if (row[i] > most) {
        most = row[i];
        place = i * kThreads + own();
      }
    }
    const float peak = over_block<Largest>(most, peaks);
    // The smallest place is the largest of what is left to the end: whole numbers below 2^24 are exact.
    const float left = over_block<Largest>(most == peak ? static_cast<float>(columns - place) : 0, places);
    if (own() == 0)
      labels[r] = columns - static_cast<int64_t>(left);
  }
}

template <int Columns>
__global__ void cross_entropy_kernel(float *scores, int64_t rows, int columns, float factor, float slope,
                                     const int64_t *labels, float *losses) {
  __shared__ float peaks[kWarps], totals[kWarps];
  float row[Columns];
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    read(scores + r * columns, columns, -INFINITY, row);
    const int label = static_cast<int>(labels[r]);
    float most = -INFINITY;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      row[i] *= factor * kLog2OfE;
      most = fmaxf(most, row[i]);
    }
    const float peak = over_block<Largest>(most, peaks);
    float total = 0, wanted = 0;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      wanted = i * kThreads + own() == label ? row[i] : wanted;
      row[i] = exp2f(row[i] - peak);
      total += row[i];
    }
    const float weights = over_block<Sum>(total, totals), share = slope / weights;
    if (label % kThreads == own())
      losses[r] = (log2f(weights) + peak - wanted) * kLn2;
#pragma unroll
    for (int i = 0; i < Columns; i++)
      row[i] = row[i] * share - (i * kThreads + own() == label ? slope : 0);
    write(row, columns, scores + r * columns);
  }
}

__device__ float from_bf16(uint16_t bits) { return __uint_as_float(static_cast<unsigned>(bits) << 16); }

// To the nearest, to the even one of two; NaN stays NaN.
__device__ uint16_t to_bf16(float x) {
  const unsigned bits = __float_as_uint(x);
  return static_cast<uint16_t>(x != x ? 0x7fc0 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <int Columns>
__global__ void add_norm_kernel(const float *tokens, const uint16_t *branch, int64_t rows, int columns,
                                const float *weight, const float *bias, float epsilon, float *sum,
                                uint16_t *normed) {
  __shared__ float totals[kWarps], squares[kWarps];
  float weights[Columns], biases[Columns], row[Columns];
  read(weight, columns, 0, weights);
  read(bias, columns, 0, biases);
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    read(tokens + r * columns, columns, 0, row);
    float total = 0;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      const int k = i * kThreads + own();
      if (k < columns)
        row[i] += from_bf16(branch[r * columns + k]);
      total += row[i];
    }
    write(row, columns, sum + r * columns);
    const float mean = over_block<Sum>(total, totals) / columns;
    float square = 0;
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      row[i] -= mean;
      square += i * kThreads + own() < columns ? row[i] * row[i] : 0;
    }
    const float scale = 1 / sqrtf(over_block<Sum>(square, squares) / columns + epsilon);
#pragma unroll
    for (int i = 0; i < Columns; i++) {
      const int k = i * kThreads + own();
      if (k < columns)
        normed[r * columns + k] = to_bf16(row[i] * scale * weights[i] + biases[i]);
    }
  }
}

// Calls body with the fewest columns a thread, a compile-time constant, that hold a row.
template <typename Body> int with_columns(int64_t columns, Body &&body) {
  if (columns <= 4 * kThreads)
    body(std::integral_constant<int, 4>());
  else if (columns <= 8 * kThreads)
    body(std::integral_constant<int, 8>());
  else if (columns <= 12 * kThreads)
    body(std::integral_constant<int, 12>());
  else if (columns <= 16 * kThreads)
    body(std::integral_constant<int, 16>());
  else
    body(std::integral_constant<int, sigma::cuda::kMostColumns / kThreads>());
  return cudaGetLastError();
}
} // namespace

namespace sigma::cuda {
int64_t groups(int64_t rows) { return std::min((rows + kLeastRows - 1) / kLeastRows, kGroups); }

int balance_start(const float *scores, int64_t rows, int64_t columns, float scale, float *largest,
                  float *sums, void *stream) {
  return with_columns(columns, [&](auto count) {
    SIGMA_LAUNCH(start_kernel<count>, groups(rows), stream, scores, rows, static_cast<int>(columns), scale,
                 largest, sums);
  });
}

int balance_round(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                  float *sums, void *stream) {
  return with_columns(columns, [&](auto count) {
    SIGMA_LAUNCH(round_kernel<count>, groups(rows), stream, scores, rows, static_cast<int>(columns), scale,
                 logs, sums);
  });
}

int balance_labels(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                   int64_t *labels, void *stream) {
  return with_columns(columns, [&](auto count) {
    SIGMA_LAUNCH(labels_kernel<count>, groups(rows), stream, scores, rows, static_cast<int>(columns), scale,
                 logs, labels);
  });
}

int cross_entropy(float *scores, int64_t rows, int64_t columns, float factor, float slope,
                  const int64_t *labels, float *losses, void *stream) {
  return with_columns(columns, [&](auto count) {
    SIGMA_LAUNCH(cross_entropy_kernel<count>, groups(rows), stream, scores, rows, static_cast<int>(columns),
                 factor, slope, labels, losses);
  });
}

int add_norm(const float *tokens, const uint16_t *branch, int64_t rows, int64_t columns, const float *weight,
             const float *bias, float epsilon, float *sum, uint16_t *normed, void *stream) {
  return with_columns(columns, [&](auto count) {
    SIGMA_LAUNCH(add_norm_kernel<count>, groups(rows), stream, tokens, branch, rows,
                 static_cast<int>(columns), weight, bias, epsilon, sum, normed);
  });
}
} // namespace sigma::cuda
