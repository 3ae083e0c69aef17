// The border between Sigma.Torch and libtorch: tensors, any operator by name, autograd, devices. It knows
// nothing of videos or of the method.
//
// Rules: a tensor handle owns one reference to a c10::TensorImpl; whoever receives one frees it with
// st_tensor_free. Every call returns 0, or 1 after which st_last_error() tells why, on the same thread. No
// exception crosses.
#pragma once
#include <cstdint>

#define ST_EXPORT extern "C" __attribute__((visibility("default")))

namespace c10 {
struct TensorImpl;
}
typedef c10::TensorImpl *StTensor;
struct StOperator;

enum StTag : int32_t {
  ST_NONE = 0,
  ST_TENSOR = 1,
  ST_INT = 2,
  ST_DOUBLE = 3,
  ST_BOOL = 4,
  ST_INT_LIST = 5,
  ST_DOUBLE_LIST = 6,
  ST_TENSOR_LIST = 7,
  ST_STRING = 8,
  ST_DEVICE = 9, // bits: type in the low 32, index in the high 32
  ST_DEFAULT = 10,
};

// One argument or result of an operator. Lists and strings point to `count` elements.
struct StValue {
  int32_t tag;
  int32_t count;
  union {
    int64_t i;
    double d;
    const void *p;
  };
};

struct StTensorInfo {
  void *data;
  int64_t elements;
  int32_t type;
  int32_t dimensions;
  int32_t device_type;
  int32_t device_index;
  int32_t requires_grad;
  int32_t contiguous;
};

ST_EXPORT int st_abi_version() noexcept;
ST_EXPORT const char *st_last_error() noexcept;

// Engine: version, threads, seeds, devices.
ST_EXPORT const char *st_engine_version() noexcept;
ST_EXPORT const char *st_cpu_capability() noexcept;
ST_EXPORT int st_set_threads(int32_t threads) noexcept;
ST_EXPORT int32_t st_get_threads() noexcept;
ST_EXPORT int st_seed(uint64_t seed) noexcept;
ST_EXPORT int32_t st_cuda_devices() noexcept;

// Tensors.
ST_EXPORT int st_tensor_empty(const int64_t *shape, int32_t dimensions, int32_t type, int32_t device_type,
                              int32_t device_index, StTensor *result) noexcept;
ST_EXPORT void st_tensor_free(StTensor tensor) noexcept;
ST_EXPORT int st_tensor_info(StTensor tensor, StTensorInfo *info) noexcept;
ST_EXPORT int st_tensor_shape(StTensor tensor, int64_t *shape, int64_t *strides) noexcept;

// Operators, looked up as "aten::add" with overload "Tensor"; null when there is none.
ST_EXPORT StOperator *st_operator_find(const char *name, const char *overload) noexcept;
ST_EXPORT const char *st_operator_schema(const StOperator *op) noexcept;
ST_EXPORT int st_operator_call(const StOperator *op, const StValue *arguments, int32_t count,
                               StValue *results, int32_t capacity, int32_t *result_count) noexcept;

// Autograd.
ST_EXPORT int st_backward(StTensor root, StTensor gradient) noexcept;
ST_EXPORT int st_requires_grad(StTensor tensor, int32_t value) noexcept;
ST_EXPORT int st_grad(StTensor tensor, StTensor *gradient) noexcept; // null when there is none
ST_EXPORT int st_set_grad(StTensor tensor, StTensor gradient) noexcept;
ST_EXPORT int32_t st_grad_mode(int32_t enabled) noexcept;         // returns the mode before
ST_EXPORT int32_t st_autocast_type(int32_t device_type) noexcept; // the type in force; float32 when it is off
ST_EXPORT int st_autocast(int32_t device_type, int32_t enabled, int32_t type) noexcept;

// Computes the part again from `input` and runs backward from its result with `gradient`; both handles become
// the callee's. Returns 0, or 1 with a message.
typedef int (*StRecompute)(void *context, StTensor input, StTensor gradient, char *message, int32_t capacity);
typedef void (*StRelease)(void *context);

// `output`, computed from `input` without a history, as a tensor whose backward calls `recompute`; `release`
// is called once, when nobody can ask for that gradient any more (on failure too).
ST_EXPORT int st_recomputed(StTensor input, StTensor output, StRecompute recompute, StRelease release,
                            void *context, StTensor *result) noexcept;
