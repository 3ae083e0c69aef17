// What only a GPU has: work recorded once as a CUDA graph and launched again as a whole, and the memory that
// libtorch's allocator holds there.
#include "error.h"
#include "kernels/gpu.h"
#include "sigma_torch.h"
#ifdef SIGMA_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <optional>

namespace allocator = c10::cuda::CUDACachingAllocator;

struct StGraph {
  at::cuda::CUDAGraph graph;
  // While recording, this thread works on a stream of the graph's own.
  std::optional<c10::cuda::CUDAStreamGuard> own;
};

int32_t st_has_graphs() noexcept { return 1; }

int st_graph_record(int32_t device_index, StGraph **result) noexcept {
  return sigma::guarded([&] {
    auto device = static_cast<c10::DeviceIndex>(device_index);
    // The graph keeps memory of its own: what the steps before it left goes back first.
    c10::cuda::device_synchronize();
    allocator::emptyCache();
    auto graph = std::make_unique<StGraph>();
    graph->own.emplace(c10::cuda::getStreamFromPool(false, device));
    // Only this thread must keep to what can be recorded: those that read clips go on asking for pinned
    // memory meanwhile.
    graph->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    *result = graph.release();
  });
}

int st_graph_recorded(StGraph *graph) noexcept {
  return sigma::guarded([&] {
    // Whatever becomes of the recording, the thread goes back to its stream.
    struct Back {
      StGraph &graph;
      ~Back() { graph.own.reset(); }
    } back{*graph};
    graph->graph.capture_end();
  });
}

int st_graph_launch(StGraph *graph) noexcept {
  return sigma::guarded([&] { graph->graph.replay(); });
}

void st_graph_free(StGraph *graph) noexcept {
  sigma::guarded([&] { delete graph; });
}

int64_t st_device_memory_peak(int32_t device_index, int32_t forget) noexcept {
  int64_t most = 0;
  sigma::guarded([&] {
    auto device = static_cast<c10::DeviceIndex>(device_index);
    most = allocator::getDeviceStats(device).allocated_bytes[0].peak;
    if (forget)
      allocator::resetPeakStats(device);
  });
  return most;
}

#else

namespace {
int refuse() noexcept {
  return sigma::guarded([] { TORCH_CHECK(false, "this engine was built without CUDA's headers"); });
}
} // namespace

int32_t st_has_graphs() noexcept { return 0; }
int st_graph_record(int32_t, StGraph **) noexcept { return refuse(); }
int st_graph_recorded(StGraph *) noexcept { return refuse(); }
int st_graph_launch(StGraph *) noexcept { return refuse(); }
void st_graph_free(StGraph *) noexcept {}
int64_t st_device_memory_peak(int32_t, int32_t) noexcept { return 0; }
#endif

int64_t st_kernel_columns() noexcept { return sigma::gpu::most_columns(); }
