#pragma once
#include "sigma_torch.h"
#include <ATen/core/Tensor.h>

namespace sigma {
// A tensor that shares the handle's object and adds a reference for as long as it lives.
inline at::Tensor borrow(StTensor handle) {
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(handle));
}

// Gives one reference away to the caller; null for an undefined tensor.
inline StTensor give(at::Tensor tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}
} // namespace sigma
