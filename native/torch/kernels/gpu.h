// The kernels of rows.cu on tensors.
#pragma once
#include <ATen/ATen.h>

namespace sigma::gpu {
// The most columns of scores that they take; 0 where the engine was built without a compiler for them, or
// SIGMA_CUDA_KERNELS is 0.
int64_t most_columns();

// Whether they take these scores. What follows asks for that.
bool serves(const at::Tensor &scores);

// As the operators of balance.cpp, with powers of two as level.h has them: scale is log₂(e)/ε, logs are of
// base 2.
at::Tensor balance_start(const at::Tensor &scores, float scale);
at::Tensor balance_round(const at::Tensor &scores, const at::Tensor &logs, float scale);
at::Tensor balance_labels(const at::Tensor &scores, const at::Tensor &logs, float scale);

// The sum of the losses; scores become slope · (soft-max − one-hot).
at::Tensor cross_entropy(const at::Tensor &scores, const at::Tensor &labels, double factor, double slope);

// Whether a kernel takes these: tokens […, D] in float32 and a branch in bf16, on a GPU, without a history.
bool adds_and_norms(const at::Tensor &tokens, const at::Tensor &branch, const at::Tensor &weight,
                    const at::Tensor &bias);

// Tokens plus branch, and that sum's layer norm in bf16.
std::tuple<at::Tensor, at::Tensor> add_norm(const at::Tensor &tokens, const at::Tensor &branch,
                                            const at::Tensor &weight, const at::Tensor &bias, double epsilon);
} // namespace sigma::gpu
