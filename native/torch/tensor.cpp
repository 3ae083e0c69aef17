// Making, freeing and looking at tensors.
#include "tensor.h"
#include "error.h"
#include <ATen/ops/empty.h>

int st_tensor_empty(const int64_t *shape, int32_t dimensions, int32_t type, int32_t device_type,
                    int32_t device_index, StTensor *result) noexcept {
  return sigma::guarded([&] {
    auto device =
        c10::Device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(type)).device(device);
    *result = sigma::give(at::empty(at::IntArrayRef(shape, dimensions), options));
  });
}

void st_tensor_free(StTensor tensor) noexcept {
  if (tensor)
    c10::raw::intrusive_ptr::decref(tensor);
}

int st_tensor_info(StTensor tensor, StTensorInfo *info) noexcept {
  return sigma::guarded([&] {
    auto t = sigma::borrow(tensor);
    auto device = t.device();
    info->data = t.data_ptr();
    info->elements = t.numel();
    info->type = static_cast<int32_t>(t.scalar_type());
    info->dimensions = static_cast<int32_t>(t.dim());
    info->device_type = static_cast<int32_t>(device.type());
    info->device_index = device.has_index() ? device.index() : 0;
    info->requires_grad = t.requires_grad();
    info->contiguous = t.is_contiguous();
  });
}

int st_tensor_shape(StTensor tensor, int64_t *shape, int64_t *strides) noexcept {
  return sigma::guarded([&] {
    auto t = sigma::borrow(tensor);
    for (int64_t i = 0; i < t.dim(); i++) {
      shape[i] = t.size(i);
      if (strides)
        strides[i] = t.stride(i);
    }
  });
}
