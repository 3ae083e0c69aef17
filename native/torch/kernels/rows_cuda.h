// Passes over rows of scores on a GPU: what level_rows.h does on a CPU, each in one read of the scores. Plain
// C++, so that what nvcc compiles needs nothing of libtorch. Scores are [rows, columns] without gaps; scale
// is log₂(e)/ε, and logs are of base 2. All return a cudaError_t and take a cudaStream_t.
#pragma once
#include <cstdint>

namespace sigma::cuda {
// The widest rows that the kernels take: each thread keeps its columns in registers.
constexpr int64_t kMostColumns = 8192;

// How many groups the rows are dealt out to. Fixed for a number of rows, so that sums do not depend on the
// card.
int64_t groups(int64_t rows);

// Per group and column the largest score, and Σ 2^((s − it) · scale): both [groups, columns].
int balance_start(const float *scores, int64_t rows, int64_t columns, float scale, float *largest,
                  float *sums, void *stream);

// Per group and column Σ over rows of the soft-max of s/ε + log u: [groups, columns].
int balance_round(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                  float *sums, void *stream);

// The place of the largest s/ε + log u of every row, the first of equals.
int balance_labels(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                   int64_t *labels, void *stream);

// Per row −log soft-max(factor · s) at the label; scores become slope · (soft-max − one-hot).
int cross_entropy(float *scores, int64_t rows, int64_t columns, float factor, float slope,
                  const int64_t *labels, float *losses, void *stream);

// Rows [rows, columns] of tokens plus those of a branch in bf16, and that sum's layer norm in bf16.
int add_norm(const float *tokens, const uint16_t *branch, int64_t rows, int64_t columns, const float *weight,
             const float *bias, float epsilon, float *sum, uint16_t *normed, void *stream);
} // namespace sigma::cuda
