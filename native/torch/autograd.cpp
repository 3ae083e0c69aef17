// Gradients, gradient mode, autocast.
#include "error.h"
#include "tensor.h"
#include <ATen/Context.h>
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

namespace {
// libtorch asked for the device in the function's name until 2.4, and as an argument since.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool autocast_enabled(c10::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
at::ScalarType autocast_type(c10::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
void set_autocast(c10::DeviceType device, bool enabled, at::ScalarType type) {
  at::autocast::set_autocast_enabled(device, enabled);
  at::autocast::set_autocast_dtype(device, type);
}
#else
bool autocast_enabled(c10::DeviceType device) {
  return device == c10::DeviceType::CUDA ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
}
at::ScalarType autocast_type(c10::DeviceType device) {
  return device == c10::DeviceType::CUDA ? at::autocast::get_autocast_gpu_dtype()
                                         : at::autocast::get_autocast_cpu_dtype();
}
void set_autocast(c10::DeviceType device, bool enabled, at::ScalarType type) {
  if (device == c10::DeviceType::CUDA) {
    at::autocast::set_enabled(enabled);
    at::autocast::set_autocast_gpu_dtype(type);
  } else {
    at::autocast::set_cpu_enabled(enabled);
    at::autocast::set_autocast_cpu_dtype(type);
  }
}
#endif
} // namespace

int32_t st_autocast_type(int32_t device_type) noexcept {
  auto device = static_cast<c10::DeviceType>(device_type);
  return static_cast<int32_t>(autocast_enabled(device) ? autocast_type(device) : at::ScalarType::Float);
}

int st_autocast(int32_t device_type, int32_t enabled, int32_t type) noexcept {
  return sigma::guarded([&] {
    set_autocast(static_cast<c10::DeviceType>(device_type), enabled != 0, static_cast<at::ScalarType>(type));
    if (!enabled)
      at::autocast::clear_cache();
  });
}

int32_t st_tensor_float32(int32_t allowed) noexcept {
  // Whether it was allowed is kept here: newer versions of libtorch complain when they are asked.
  static int32_t before = 0;
  return sigma::guarded([&] { at::globalContext().setAllowTF32CuBLAS(allowed != 0); }) == 0
             ? std::exchange(before, allowed)
             : before;
}
