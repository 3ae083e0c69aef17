// Products of small matrices that lie in the caches. Included like vector.h.
#pragma once
#include "vector.h"

namespace {
constexpr int64_t kTileVectors = SIGMA_TILE_VECTORS;
constexpr int64_t kTileRows = 6;

// How A is laid out: rows one after the other, or columns (A transposed).
enum class Layout { Rows, Columns };

// C [Rows, Vectors] = or += A·B over `depth`, all sums in registers. Rows of B are asked for `ahead` of their
// use.
template <int Rows, int Vectors, Layout layout, int ahead>
SIGMA_INLINE void tile(int64_t depth, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
                       int64_t ldc, bool add) {
  Vector sums[Rows][Vectors];
  for (int i = 0; i < Rows; i++)
    for (int j = 0; j < Vectors; j++)
      sums[i][j] = add ? load(c + i * ldc + j * kVector) : Vector{};
  for (int64_t k = 0; k < depth; k++) {
    Vector row[Vectors];
    for (int j = 0; j < Vectors; j++) {
      row[j] = load(b + k * ldb + j * kVector);
      if (ahead)
        __builtin_prefetch(b + (k + ahead) * ldb + j * kVector);
    }
    for (int i = 0; i < Rows; i++) {
      float factor = layout == Layout::Rows ? a[i * lda + k] : a[k * lda + i];
      for (int j = 0; j < Vectors; j++)
        sums[i][j] += factor * row[j];
    }
  }
  for (int i = 0; i < Rows; i++)
    for (int j = 0; j < Vectors; j++)
      store(c + i * ldc + j * kVector, sums[i][j]);
}

template <int Vectors, Layout layout, int ahead>
void columns(int64_t m, int64_t depth, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
             int64_t ldc, bool add) {
  const int64_t step = layout == Layout::Rows ? lda : 1;
  for (; m >= kTileRows; m -= kTileRows, a += kTileRows * step, c += kTileRows * ldc)
    tile<kTileRows, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  switch (m) {
  case 5:
    return tile<5, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  case 4:
    return tile<4, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  case 3:
    return tile<3, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  case 2:
    return tile<2, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  case 1:
    return tile<1, Vectors, layout, ahead>(depth, a, lda, b, ldb, c, ldc, add);
  default:
    return;
  }
}

// C [m, n] = or += A·B; n is a multiple of kVector.
template <Layout layout, int ahead = 0>
void product(int64_t m, int64_t n, int64_t depth, const float *a, int64_t lda, const float *b, int64_t ldb,
             float *c, int64_t ldc, bool add) {
  int64_t j = 0;
  for (; j + kTileVectors * kVector <= n; j += kTileVectors * kVector)
    columns<kTileVectors, layout, ahead>(m, depth, a, lda, b + j, ldb, c + j, ldc, add);
#if SIGMA_TILE_VECTORS > 2
  for (; j + 2 * kVector <= n; j += 2 * kVector)
    columns<2, layout, ahead>(m, depth, a, lda, b + j, ldb, c + j, ldc, add);
#endif
  for (; j < n; j += kVector)
    columns<1, layout, ahead>(m, depth, a, lda, b + j, ldb, c + j, ldc, add);
}
} // namespace
