// Products of the training step on the CPU, divided among the threads. All matrices are float32 and
// contiguous.
#pragma once
#include <ATen/core/Tensor.h>

namespace sigma {
// Which way a layer's weights [out, in] are used.
enum class Direction { Forward, Backward };

// What goes with a product.
struct Surroundings {
  at::Tensor bias;   // [columns], added
  bool gelu = false; // of the rows, before the product
  at::Tensor inputs; // [rows, columns]: the product is multiplied with GELU's slope there
};

// rows [n, in] · weightᵀ, or rows [n, out] · weight backward.
at::Tensor multiply(const at::Tensor &rows, const at::Tensor &weight, Direction direction,
                    const Surroundings &surroundings = {});
} // namespace sigma
