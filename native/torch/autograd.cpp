// Gradients, gradient mode, autocast.
#include "error.h"
#include "tensor.h"
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/csrc/autograd/autograd.h>

int st_backward(StTensor root, StTensor gradient) noexcept {
  return sigma::guarded([&] {
    std::vector<at::Tensor> gradients;
    if (gradient)
      gradients.push_back(sigma::borrow(gradient));
    torch::autograd::backward({sigma::borrow(root)}, gradients);
  });
}

int st_requires_grad(StTensor tensor, int32_t value) noexcept {
  return sigma::guarded([&] { sigma::borrow(tensor).requires_grad_(value != 0); });
}

int st_grad(StTensor tensor, StTensor *gradient) noexcept {
  return sigma::guarded([&] { *gradient = sigma::give(sigma::borrow(tensor).grad()); });
}

int st_set_grad(StTensor tensor, StTensor gradient) noexcept {
  return sigma::guarded(
      [&] { sigma::borrow(tensor).mutable_grad() = gradient ? sigma::borrow(gradient) : at::Tensor(); });
}

int32_t st_grad_mode(int32_t enabled) noexcept {
  bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled != 0);
  return before;
}

int st_autocast(int32_t device_type, int32_t enabled, int32_t type) noexcept {
  return sigma::guarded([&] {
    auto device = static_cast<c10::DeviceType>(device_type);
    auto precision = static_cast<at::ScalarType>(type);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_enabled(device, enabled != 0);
    at::autocast::set_autocast_dtype(device, precision);
#else
    if (device == c10::DeviceType::CUDA) {
      at::autocast::set_enabled(enabled != 0);
      at::autocast::set_autocast_gpu_dtype(precision);
    } else {
      at::autocast::set_cpu_enabled(enabled != 0);
      at::autocast::set_autocast_cpu_dtype(precision);
    }
#endif
    if (!enabled)
      at::autocast::clear_cache();
  });
}
