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
struct StStore;
struct StGroup;
struct StReducer;
struct StGraph;

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
ST_EXPORT int st_synchronize(int32_t device_index) noexcept; // waits for a GPU
ST_EXPORT int64_t st_memory_peak(int32_t forget) noexcept;   // the most since the last call that forgot

// Tensors.
ST_EXPORT int st_tensor_empty(const int64_t *shape, int32_t dimensions, int32_t type, int32_t device_type,
                              int32_t device_index, StTensor *result) noexcept;
ST_EXPORT void st_tensor_free(StTensor tensor) noexcept;
ST_EXPORT int st_tensor_info(StTensor tensor, StTensorInfo *info) noexcept;
ST_EXPORT int st_tensor_shape(StTensor tensor, int64_t *shape, int64_t *strides) noexcept;

// Operators, looked up as "aten::add" with overload "Tensor"; null when there is none.
ST_EXPORT StOperator *st_operator_find(const char *name, const char *overload) noexcept;
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
// Whether float32 products on a GPU may round what they multiply to TF32's 10 bits. Returns what was before.
ST_EXPORT int32_t st_tensor_float32(int32_t allowed) noexcept;

// Computes the part again from `input` and runs backward from its result with `gradient`; both handles become
// the callee's. Returns 0, or 1 with a message.
typedef int (*StRecompute)(void *context, StTensor input, StTensor gradient, char *message, int32_t capacity);
typedef void (*StRelease)(void *context);

// `output`, computed from `input` without a history, as a tensor whose backward calls `recompute`; `release`
// is called once, when nobody can ask for that gradient any more (on failure too).
ST_EXPORT int st_recomputed(StTensor input, StTensor output, StRecompute recompute, StRelease release,
                            void *context, StTensor *result) noexcept;

// CUDA graphs: what this thread asks of a GPU between st_graph_record and st_graph_recorded is not done but
// written down; st_graph_launch does all of it, with the same memory. Only a build with CUDA's headers has
// them.
ST_EXPORT int32_t st_has_graphs() noexcept;
ST_EXPORT int st_graph_record(int32_t device_index, StGraph **result) noexcept;
ST_EXPORT int st_graph_recorded(StGraph *graph) noexcept; // also after what was to be recorded has failed
ST_EXPORT int st_graph_launch(StGraph *graph) noexcept;
ST_EXPORT void st_graph_free(StGraph *graph) noexcept;
// The most bytes that tensors held on a GPU since the last call that forgot; 0 without CUDA's headers.
ST_EXPORT int64_t st_device_memory_peak(int32_t device_index, int32_t forget) noexcept;

// The widest rows of scores that kernels of ours take on a GPU; 0 where the engine has none.
ST_EXPORT int64_t st_kernel_columns() noexcept;

// Process groups: c10d's TCP store as the meeting point, Gloo between CPUs, NCCL between GPUs.
enum StReduction : int32_t { ST_SUM = 0, ST_MAX = 1 };

// What one update's reduction of gradients took on this rank.
struct StReducerFigures {
  int64_t bytes;         // gradients handed to the group
  int64_t busy_nanos;    // at least one bucket was under way
  int64_t exposed_nanos; // waited for after backward had ended
};

// The store. A call that waits for the server gives up after `timeout`.
ST_EXPORT int st_store_open(const char *host, int32_t port, int32_t is_server, int64_t timeout_millis,
                            StStore **result) noexcept;
ST_EXPORT void st_store_close(StStore *store) noexcept;
ST_EXPORT int st_store_set(StStore *store, const char *key, const void *value, int32_t length) noexcept;
// Waits until the key is there. Fills at most `capacity` bytes; `length` is the whole value's.
ST_EXPORT int st_store_get(StStore *store, const char *key, void *value, int32_t capacity,
                           int32_t *length) noexcept;
ST_EXPORT int st_store_has(StStore *store, const char *key, int32_t *there) noexcept;
ST_EXPORT int st_store_add(StStore *store, const char *key, int64_t amount, int64_t *sum) noexcept;

// A group: all its members make the same calls in the same order. `address` is this machine's own, under
// which the others reach it. With cuda_device ≥ 0 tensors on GPUs go over NCCL.
ST_EXPORT int st_group_create(StStore *store, const char *prefix, int32_t rank, int32_t size,
                              const char *address, int32_t cuda_device, int64_t timeout_millis,
                              StGroup **result) noexcept;
ST_EXPORT void st_group_free(StGroup *group) noexcept;
// Every call that waits, and every later one, ends at once.
ST_EXPORT void st_group_abort(StGroup *group) noexcept;
ST_EXPORT int st_group_all_reduce(StGroup *group, StTensor tensor, int32_t reduction) noexcept; // in place
ST_EXPORT int st_group_broadcast(StGroup *group, StTensor tensor, int32_t root) noexcept;       // in place
ST_EXPORT int st_group_all_gather(StGroup *group, StTensor own, StTensor all) noexcept; // all: [size, …]
ST_EXPORT int st_group_barrier(StGroup *group) noexcept;
// How many collectives this rank has begun, and the last one's name (a literal).
ST_EXPORT int64_t st_group_begun(StGroup *group, const char **last) noexcept;
// Bytes of all tensors that this rank has given to all-reduces.
ST_EXPORT int64_t st_group_reduced_bytes(StGroup *group) noexcept;
// Bytes that this process has sent over TCP connections that are still open.
ST_EXPORT int64_t st_sent_bytes() noexcept;

// Averages gradients over the group in buckets while backward still runs. The gradients of the parameters,
// all of one type and device, become views of the buckets.
ST_EXPORT int st_reducer_create(StGroup *group, const StTensor *parameters, int32_t count,
                                int64_t bucket_bytes, StReducer **result) noexcept;
ST_EXPORT void st_reducer_free(StReducer *reducer) noexcept;
// Before a micro-batch's backward: the first one starts from zero, the last one's gradients are sent.
ST_EXPORT int st_reducer_begin(StReducer *reducer, int32_t first, int32_t last) noexcept;
// After the last backward: waits for what is still under way. Parameters that no backward reached have no
// gradient then.
ST_EXPORT int st_reducer_finish(StReducer *reducer, StReducerFigures *figures) noexcept;
