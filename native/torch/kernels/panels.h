// Matrices packed for tiles: as many columns as a tile is wide lie together. Included like vector.h.
#pragma once
#include "tiles.h"

namespace {
constexpr int64_t kPanel = kTileVectors * kVector; // columns of a panel

// Row r of [count, width] becomes column r of its panel [width, kPanel], zeros behind the last.
void transpose_panels(const float *rows, int64_t count, int64_t stride, int64_t width, float *panels) {
  constexpr int64_t kBlock = 16; // rows of a panel that stay in the first cache while they are filled
  for (int64_t first = 0; first < count; first += kPanel, panels += width * kPanel) {
    const int64_t valid = count - first < kPanel ? count - first : kPanel;
    for (int64_t k = 0; k < width; k += kBlock) {
      const int64_t last = k + kBlock < width ? k + kBlock : width;
      for (int64_t r = 0; r < valid; r++)
        for (int64_t i = k; i < last; i++)
          panels[i * kPanel + r] = rows[(first + r) * stride + i];
      for (int64_t i = k; i < last && valid < kPanel; i++)
        std::memset(panels + i * kPanel + valid, 0, (kPanel - valid) * sizeof(float));
    }
  }
}

// The same panels of a matrix [count, columns] whose columns are columns already.
void copy_panels(const float *rows, int64_t count, int64_t stride, int64_t columns, float *panels) {
  for (int64_t first = 0; first < columns; first += kPanel) {
    const int64_t valid = columns - first < kPanel ? columns - first : kPanel;
    for (int64_t r = 0; r < count; r++, panels += kPanel) {
      std::memcpy(panels, rows + r * stride + first, valid * sizeof(float));
      std::memset(panels + valid, 0, (kPanel - valid) * sizeof(float));
    }
  }
}
} // namespace
