#pragma once
#include "sigma_torch.h"
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/Types.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>
#if TORCH_VERSION_MAJOR >= 2
#include <torch/csrc/distributed/c10d/Backend.hpp>
#else
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#endif
#include <vector>

namespace sigma {
// What Gloo and NCCL derive from: c10d split it off the process group in 2.0.
#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

// A collective under way.
struct Pending {
  c10::intrusive_ptr<c10d::Work> work;
  bool on_cpu;
};
} // namespace sigma

struct StStore {
  c10::intrusive_ptr<c10d::TCPStore> store;
};

struct StGroup {
  int rank;
  int size;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<sigma::Backend> gloo;
  c10::intrusive_ptr<sigma::Backend> nccl;
  std::atomic<int64_t> begun{0};
  std::atomic<int64_t> reduced_bytes{0};
  std::atomic<const char *> last{"none"};
  std::atomic<bool> failed{false};
  std::mutex gate;
  std::condition_variable changed;

  // Starts a collective on the backend of a tensor's device; `ended` is called when it is done, on a thread
  // of the backend (for tensors in main memory).
  sigma::Pending start(
      const char *name, const at::Tensor &tensor,
      const std::function<c10::intrusive_ptr<c10d::Work>(sigma::Backend &, std::vector<at::Tensor> &)> &call,
      std::function<void()> ended = nullptr);

  // Waits for it, or throws what went wrong. On a GPU the stream waits, not the host.
  void finish(const sigma::Pending &pending);
};
