// sigma::balance_*: Sinkhorn's iterations over scores [rows, columns] without their transport matrix. Only
// the columns' scales u change: with p = soft-max over columns of s/ε + log u, a round is u ← u / (columns ·
// Σ over rows of p), one read of the scores. In this form everything stays in float32: p is at most 1, and
// the columns' sums, which the ranks add up, are never small, since a round that scales columns before rows
// leaves each at least its share.
#include "gpu.h"
#include "level.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>
#include <torch/library.h>

namespace {
using at::Tensor;

// Rows whose sums are added up in float32 before they go into a double. Fixed, so that the sums do not depend
// on the number of threads.
constexpr int64_t kChunk = 128;

int64_t chunks(const Tensor &scores) { return (scores.size(0) + kChunk - 1) / kChunk; }

// What the kernels want: everything in powers of two.
float scale_of(double epsilon) { return static_cast<float>(sigma::kLog2OfE / epsilon); }
Tensor binary_logs(const Tensor &logs) {
  return (logs.to(at::kDouble) * sigma::kLog2OfE).to(at::kFloat).contiguous();
}

void check(const Tensor &scores) {
  TORCH_CHECK(scores.dim() == 2 && scores.scalar_type() == at::kFloat && scores.is_contiguous(),
              "wants contiguous float32 scores [rows, columns], got ", scores.scalar_type(), " ",
              scores.sizes());
}

// Calls body(chunk, first row, rows) for every chunk, spread over the threads.
template <typename Body> void over_chunks(const Tensor &scores, Body &&body) {
  const int64_t rows = scores.size(0);
  at::parallel_for(0, chunks(scores), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      body(i, i * kChunk, std::min(kChunk, rows - i * kChunk));
  });
}

// Σ over rows of exp((s − 1)/ε) [columns] in double, which holds it for every score from -1 to 1.
Tensor balance_start(const Tensor &scores, double epsilon) {
  check(scores);
  const int64_t columns = scores.size(1);
  if (sigma::gpu::serves(scores))
    return sigma::gpu::balance_start(scores, scale_of(epsilon));
  if (!scores.device().is_cpu()) {
    Tensor largest = scores.amax({0}, true);
    Tensor sums = at::zeros({columns}, scores.options().dtype(at::kDouble));
    for (const Tensor &block : scores.split(1 << 14))
      sums += ((block - largest) / epsilon).exp_().sum({0}, false, at::kDouble);
    return sums * ((largest.squeeze(0).to(at::kDouble) - 1) / epsilon).exp();
  }
  Tensor parts = at::empty({2, chunks(scores), columns}, scores.options());
  const float *from = scores.data_ptr<float>();
  float *largest = parts.data_ptr<float>(), *sums = largest + chunks(scores) * columns;
  over_chunks(scores, [&](int64_t chunk, int64_t first, int64_t rows) {
    sigma::level().balance_start(from + first * columns, rows, columns, scale_of(epsilon),
                                 largest + chunk * columns, sums + chunk * columns);
  });
  Tensor result = at::zeros({columns}, scores.options().dtype(at::kDouble));
  double *to = result.data_ptr<double>();
  at::parallel_for(0, columns, 64, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = 0; chunk < chunks(scores); chunk++)
      for (int64_t k = begin; k < end; k++)
        to[k] += std::exp((largest[chunk * columns + k] - 1.0) / epsilon) * sums[chunk * columns + k];
  });
  return result;
}

// Σ over rows of soft-max(s/ε + log u) [columns] in double.
Tensor balance_round(const Tensor &scores, const Tensor &log_scales, double epsilon) {
  check(scores);
  const int64_t columns = scores.size(1);
  if (sigma::gpu::serves(scores))
    return sigma::gpu::balance_round(scores, binary_logs(log_scales), scale_of(epsilon));
  if (!scores.device().is_cpu()) {
    Tensor narrow = log_scales.to(at::kFloat);
    Tensor sums = at::zeros({columns}, scores.options().dtype(at::kDouble));
    for (const Tensor &block : scores.split(1 << 14))
      sums += at::softmax(block / epsilon + narrow, 1).sum({0}, false, at::kDouble);
    return sums;
  }
  Tensor narrow = binary_logs(log_scales), parts = at::zeros({chunks(scores), columns}, scores.options());
  const float *from = scores.data_ptr<float>(), *logs = narrow.data_ptr<float>();
  float *sums = parts.data_ptr<float>();
  const int64_t vector = sigma::level().vector, padded = (columns + vector - 1) / vector * vector;
  over_chunks(scores, [&](int64_t chunk, int64_t first, int64_t rows) {
    Tensor room = at::empty({sigma::kBalanceRows * padded}, at::kFloat);
    sigma::level().balance_round(from + first * columns, rows, columns, scale_of(epsilon), logs,
                                 room.data_ptr<float>(), sums + chunk * columns);
  });
  return parts.sum({0}, false, at::kDouble);
}

// argmax over columns of s/ε + log u [rows].
Tensor balance_labels(const Tensor &scores, const Tensor &log_scales, double epsilon) {
  check(scores);
  if (sigma::gpu::serves(scores))
    return sigma::gpu::balance_labels(scores, binary_logs(log_scales), scale_of(epsilon));
  Tensor result = at::empty({scores.size(0)}, scores.options().dtype(at::kLong));
  if (!scores.device().is_cpu()) {
    Tensor narrow = log_scales.to(at::kFloat);
    int64_t first = 0;
    for (const Tensor &block : scores.split(1 << 14)) {
      result.narrow(0, first, block.size(0)).copy_((block / epsilon + narrow).argmax(1));
      first += block.size(0);
    }
    return result;
  }
  const int64_t columns = scores.size(1);
  Tensor narrow = binary_logs(log_scales);
  const float *from = scores.data_ptr<float>(), *logs = narrow.data_ptr<float>();
  int64_t *to = result.data_ptr<int64_t>();
  over_chunks(scores, [&](int64_t, int64_t first, int64_t rows) {
    sigma::level().balance_labels(from + first * columns, rows, columns, scale_of(epsilon), logs, to + first);
  });
  return result;
}
} // namespace

TORCH_LIBRARY_FRAGMENT(sigma, library) {
  auto add = [&](const char *schema, const char *name, auto function) {
    library.def(schema);
    library.impl(name, torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, function));
  };
  add("balance_start(Tensor scores, float epsilon) -> Tensor", "balance_start", balance_start);
  add("balance_round(Tensor scores, Tensor log_scales, float epsilon) -> Tensor", "balance_round",
      balance_round);
  add("balance_labels(Tensor scores, Tensor log_scales, float epsilon) -> Tensor", "balance_labels",
      balance_labels);
}
