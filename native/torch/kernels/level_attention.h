// Attention without its matrix of scores (Dao et al. 2022, 2023): blocks of scores live in the cache, and the
// logarithm of each query's sum is all that backward needs. Included like vector.h.
#pragma once
#include "level.h"
#include "panels.h"

namespace {
constexpr int64_t kKeyBlock = 64;
constexpr int64_t kQueryBlock = 96;
constexpr float kNever = -1e30f; // a score whose exponential does not count

// rows [count, kKeyBlock] = queries · a block of transposed keys (or the like).
void block_scores(const sigma::PackedHead &head, const float *rows, int64_t count, const float *panels,
                  int64_t first_key, int64_t keys, float *scores) {
  for (int64_t j = 0; j < keys; j += kPanel)
    product<Layout::Rows>(count, kPanel, head.width, rows, head.padded, panels + (first_key + j) * head.width,
                          kPanel, scores + j, kKeyBlock, false);
}

void attention_forward(const sigma::PackedHead &head, int64_t first_query, int64_t last_query, float *scratch,
                       float *output, int64_t stride, float *log_sums) {
  float *scores = scratch;                          // [queries, kKeyBlock]
  float *mixed = scratch + kQueryBlock * kKeyBlock; // [queries, padded]
  float peaks[kQueryBlock], sums[kQueryBlock];
  const PowerOfTwo power;
  const int64_t vectors = head.padded / kVector;
  for (int64_t q = first_query; q < last_query; q += kQueryBlock) {
    const int64_t queries = last_query - q < kQueryBlock ? last_query - q : kQueryBlock;
    for (int64_t k = 0; k < head.tokens; k += kKeyBlock) {
      const int64_t keys = head.tokens - k < kKeyBlock ? head.tokens - k : kKeyBlock;
      const int64_t whole = (keys + kVector - 1) / kVector;
      block_scores(head, head.queries + q * head.padded, queries, head.keys_t, k, keys, scores);
      for (int64_t i = 0; i < queries; i++) {
        float *row = scores + i * kKeyBlock;
        for (int64_t j = keys; j < whole * kVector; j++)
          row[j] = kNever;
        Vector most = load(row);
        for (int64_t j = 1; j < whole; j++)
          most = larger(most, load(row + j * kVector));
        float peak = largest(most);
        if (k == 0) {
          sums[i] = 0;
        } else if (peak > peaks[i]) {
          const float shrink = power(all(peaks[i] - peak))[0];
          sums[i] *= shrink;
          for (int64_t j = 0; j < vectors; j++)
            store(mixed + i * head.padded + j * kVector,
                  load(mixed + i * head.padded + j * kVector) * shrink);
        } else {
          peak = peaks[i];
        }
        peaks[i] = peak;
        Vector total{};
        for (int64_t j = 0; j < whole; j++) {
          Vector weight = power(load(row + j * kVector) - peak);
          store(row + j * kVector, weight);
          total += weight;
        }
        sums[i] += sum(total);
      }
      product<Layout::Rows>(queries, head.padded, keys, scores, kKeyBlock, head.values + k * head.padded,
                            head.padded, mixed, head.padded, k > 0);
    }
    for (int64_t i = 0; i < queries; i++) {
      const float scale = 1 / sums[i];
      for (int64_t j = 0; j < head.width; j++)
        output[(q + i) * stride + j] = mixed[i * head.padded + j] * scale;
      log_sums[q + i] = peaks[i] + __builtin_log2f(sums[i]);
    }
  }
}

void attention_backward(const sigma::PackedHead &head, const sigma::HeadGradients &gradients,
                        int64_t first_key, int64_t last_key, float *scratch) {
  float *weights = scratch;                          // [queries, kKeyBlock]
  float *slopes = scratch + kQueryBlock * kKeyBlock; // gradient of the weights, then of the scores
  const int64_t padded = head.padded;
  const PowerOfTwo power;
  for (int64_t k = first_key; k < last_key; k += kKeyBlock) {
    const int64_t keys = last_key - k < kKeyBlock ? last_key - k : kKeyBlock;
    const int64_t whole = (keys + kVector - 1) / kVector;
    for (int64_t q = 0; q < head.tokens; q += kQueryBlock) {
      const int64_t queries = head.tokens - q < kQueryBlock ? head.tokens - q : kQueryBlock;
      const float *output = gradients.output + q * padded;
      block_scores(head, head.queries + q * padded, queries, head.keys_t, k, keys, weights);
      block_scores(head, output, queries, head.values_t, k, keys, slopes);
      for (int64_t i = 0; i < queries; i++) {
        const float log_sum = gradients.log_sums[q + i], correction = gradients.corrections[q + i];
        for (int64_t j = 0; j < whole; j++) {
          float *weight = weights + i * kKeyBlock + j * kVector,
                *slope = slopes + i * kKeyBlock + j * kVector;
          Vector w = power(load(weight) - log_sum);
          store(weight, w);
          store(slope, w * (load(slope) - correction));
        }
      }
      // Columns behind the last key are computed and never read.
      product<Layout::Columns>(keys, padded, queries, weights, kKeyBlock, output, padded,
                               gradients.values + k * padded, padded, q > 0);
      product<Layout::Columns>(keys, padded, queries, slopes, kKeyBlock, head.queries + q * padded, padded,
                               gradients.keys + k * padded, padded, q > 0);
      product<Layout::Rows>(queries, padded, keys, slopes, kKeyBlock, head.keys + k * padded, padded,
                            gradients.queries + q * padded, padded, true);
    }
  }
}
} // namespace
