// Products of tall matrices with a layer's weights, with what surrounds them: bias, GELU of what comes in,
// its slope for what goes back. Included like vector.h.
#pragma once
#include "level.h"
#include "panels.h"

namespace {
// Narrow panels fit into the first cache. Those of the widest vectors stream from the second, ahead of their
// use.
constexpr bool kStreams = kVector >= 16;
constexpr int64_t kRowBlock = kStreams ? 192 : 96; // rows whose part of the product stays in the cache
constexpr int64_t kDepthBlock = kStreams ? 512 : 256;
constexpr int kAhead = kStreams ? 16 : 0;

// Φ(x), the normal distribution, and e^(−x²/2), to about 3e-7 of either. Φ(−|x|) is e^(−x²/2) times a
// function without bends, a polynomial in 1 / (1 + 0.35 |x|) of least relative error (3e-8) up to |x| = 13.
class Normal {
public:
  SIGMA_INLINE void operator()(Vector x, Vector &below, Vector &bell) const {
    const Vector size = larger(x, -x);
    const Vector t = one_ / (size * slope_ + one_);
    bell = power_(size * size * half_);
    Vector p = c8_ * t + c7_;
    p = p * t + c6_;
    p = p * t + c5_;
    p = p * t + c4_;
    p = p * t + c3_;
    p = p * t + c2_;
    p = p * t + c1_;
    p = p * t + c0_;
    const Vector tail = p * t * bell;
    below = x > 0 ? one_ - tail : tail;
  }

private:
  const PowerOfTwo power_;
  const Vector one_ = held(1), slope_ = held(0.35f),
               half_ = held(-0.5f * static_cast<float>(sigma::kLog2OfE));
  const Vector c8_ = held(-0.029095847f), c7_ = held(0.14372313f), c6_ = held(-0.25518951f),
               c5_ = held(0.15856040f), c4_ = held(-0.022676170f), c3_ = held(0.10531909f),
               c2_ = held(0.11988224f), c1_ = held(0.13985482f), c0_ = held(0.13962182f);
};

SIGMA_INLINE Vector gelu(Vector x, const Normal &normal) {
  Vector below, bell;
  normal(x, below, bell);
  return x * below;
}

SIGMA_INLINE Vector gelu_slope(Vector x, const Normal &normal) {
  constexpr float kPeak = 0.39894228f; // 1 / √(2π)
  Vector below, bell;
  normal(x, below, bell);
  return below + x * bell * kPeak;
}

void gelu_all(const float *x, int64_t count, float *y) {
  const Normal normal;
  int64_t i = 0;
  for (; i + kVector <= count; i += kVector)
    store(y + i, gelu(load(x + i), normal));
  if (i < count)
    store_first(y + i, count - i, gelu(load_first(x + i, count - i, 0), normal));
}

// A block of the product goes out: plus the bias, or times the slope of GELU at what once came in.
void put_block(const sigma::RowsProduct &p, const float *block, int64_t rows, int64_t first_row,
               int64_t first_column, const Normal &normal) {
  const int64_t columns = p.columns - first_column < kPanel ? p.columns - first_column : kPanel;
  for (int64_t j = 0; j < columns; j += kVector) {
    const int64_t column = first_column + j, count = columns - j < kVector ? columns - j : kVector;
    const bool whole = count == kVector;
    const Vector bias = !p.bias ? Vector{}
                        : whole ? load(p.bias + column)
                                : load_first(p.bias + column, count, 0);
    for (int64_t i = 0; i < rows; i++) {
      const int64_t place = (first_row + i) * p.columns + column;
      Vector x = load(block + i * kPanel + j) + bias;
      if (p.inputs)
        x *= gelu_slope(whole ? load(p.inputs + place) : load_first(p.inputs + place, count, 0), normal);
      whole ? store_past_caches(p.output + place, x) : store_first(p.output + place, count, x);
    }
  }
}

void multiply_rows(const sigma::RowsProduct &p, int64_t first_row, int64_t last_row, int64_t first_panel,
                   int64_t last_panel, float *room) {
  const Normal normal;
  float *activated = room + kRowBlock * kPanel;
  for (int64_t r = first_row; r < last_row; r += kRowBlock) {
    const int64_t rows = last_row - r < kRowBlock ? last_row - r : kRowBlock;
    const float *from = p.rows + r * p.depth;
    if (p.gelu) {
      gelu_all(from, rows * p.depth, activated);
      from = activated;
    }
    for (int64_t j = first_panel; j < last_panel; j++) {
      const float *panel = p.panels + j * p.depth * kPanel;
      for (int64_t d = 0; d < p.depth; d += kDepthBlock) {
        const int64_t depth = p.depth - d < kDepthBlock ? p.depth - d : kDepthBlock;
        product<Layout::Rows, kAhead>(rows, kPanel, depth, from + d, p.depth, panel + d * kPanel, kPanel,
                                      room, kPanel, d > 0);
      }
      put_block(p, room, rows, r, j * kPanel, normal);
    }
  }
  fence();
}
} // namespace
