// Process groups on c10d: store, collectives.
#include "process_group.h"
#include "error.h"
#include "tensor.h"
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace {
// Newer versions serve the store with libuv unless told otherwise, also where they were built without it.
template <typename Options> auto without_libuv(Options &options, int) -> decltype(options.useLibUV, void()) {
  options.useLibUV = false;
}
template <typename Options> void without_libuv(Options &, long) {}
} // namespace

int st_store_open(const char *host, int32_t port, int32_t is_server, int64_t timeout_millis,
                  StStore **result) noexcept {
  return sigma::guarded([&] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(port);
    options.isServer = is_server != 0;
    options.waitWorkers = false;
    options.timeout = std::chrono::milliseconds(timeout_millis);
    without_libuv(options, 0);
    auto store = c10::make_intrusive<c10d::TCPStore>(std::string(host), options);
    // A connection waits for answers without end until it has once been told to wait for a key: ask for one.
    store->set("open", std::vector<uint8_t>{1});
    store->wait({"open"}, options.timeout);
    *result = new StStore{std::move(store)};
  });
}

void st_store_close(StStore *store) noexcept {
  sigma::guarded([&] { delete store; });
}

int st_store_set(StStore *store, const char *key, const void *value, int32_t length) noexcept {
  return sigma::guarded([&] {
    auto bytes = static_cast<const uint8_t *>(value);
    store->store->set(key, std::vector<uint8_t>(bytes, bytes + length));
  });
}

int st_store_get(StStore *store, const char *key, void *value, int32_t capacity, int32_t *length) noexcept {
  return sigma::guarded([&] {
    auto bytes = store->store->get(key);
    *length = static_cast<int32_t>(bytes.size());
    std::copy_n(bytes.begin(), std::min<size_t>(bytes.size(), capacity), static_cast<uint8_t *>(value));
  });
}

int st_store_has(StStore *store, const char *key, int32_t *there) noexcept {
  return sigma::guarded([&] { *there = store->store->check({key}); });
}

int st_store_add(StStore *store, const char *key, int64_t amount, int64_t *sum) noexcept {
  return sigma::guarded([&] { *sum = store->store->add(key, amount); });
}

namespace {
c10::intrusive_ptr<sigma::Backend> gloo_backend([[maybe_unused]] const StGroup &group,
                                                [[maybe_unused]] const char *address,
                                                [[maybe_unused]] std::chrono::milliseconds timeout) {
#ifdef USE_C10D_GLOO
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  // The field's own variable names an interface where the address alone will not do.
  const char *interface = std::getenv("GLOO_SOCKET_IFNAME");
  options->devices.push_back(
      interface && *interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                              : c10d::ProcessGroupGloo::createDeviceForHostname(address));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      c10::make_intrusive<c10d::PrefixStore>("gloo", group.store), group.rank, group.size, options);
#else
  TORCH_CHECK(false, "this libtorch was built without Gloo");
#endif
}

c10::intrusive_ptr<sigma::Backend> nccl_backend([[maybe_unused]] const StGroup &group,
                                                [[maybe_unused]] std::chrono::milliseconds timeout) {
#ifdef USE_C10D_NCCL
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(
      c10::make_intrusive<c10d::PrefixStore>("nccl", group.store), group.rank, group.size, options);
#else
  TORCH_CHECK(false, "this libtorch was built without NCCL, over which GPUs talk to each other");
#endif
}
} // namespace

int st_group_create(StStore *store, const char *prefix, int32_t rank, int32_t size, const char *address,
                    int32_t cuda_device, int64_t timeout_millis, StGroup **result) noexcept {
  return sigma::guarded([&] {
    auto group = std::make_unique<StGroup>();
    group->rank = rank;
    group->size = size;
    group->store = c10::make_intrusive<c10d::PrefixStore>(prefix, store->store);
    group->gloo = gloo_backend(*group, address, std::chrono::milliseconds(timeout_millis));
    if (cuda_device >= 0)
      group->nccl = nccl_backend(*group, std::chrono::milliseconds(timeout_millis));
    *result = group.release();
  });
}

void st_group_free(StGroup *group) noexcept {
  // A broken group waits in its destructor for collectives that will never end: the process's end frees it.
  if (!group->failed)
    sigma::guarded([&] { delete group; });
}

void st_group_abort(StGroup *group) noexcept {
  std::lock_guard<std::mutex> lock(group->gate);
  group->failed = true;
  group->changed.notify_all();
}

sigma::Pending StGroup::start(
    const char *name, const at::Tensor &tensor,
    const std::function<c10::intrusive_ptr<c10d::Work>(sigma::Backend &, std::vector<at::Tensor> &)> &call,
    std::function<void()> ended) {
  TORCH_CHECK(!failed, "the group has failed");
  begun++;
  last = name;
  auto &backend = tensor.is_cuda() ? nccl : gloo;
  TORCH_CHECK(backend, "the group has nothing that connects devices of this kind");
  std::vector<at::Tensor> tensors{tensor};
  sigma::Pending pending{call(*backend, tensors), !tensor.is_cuda()};
  if (pending.on_cpu)
    pending.work->getFuture()->addCallback([this, ended = std::move(ended)](c10::ivalue::Future &) {
      if (ended)
        ended();
      std::lock_guard<std::mutex> lock(gate);
      changed.notify_all();
    });
  return pending;
}

void StGroup::finish(const sigma::Pending &pending) {
  if (pending.on_cpu) {
    auto future = pending.work->getFuture();
    std::unique_lock<std::mutex> lock(gate);
    changed.wait(lock, [&] { return failed || future->completed(); });
    TORCH_CHECK(future->completed(), "the group has failed");
  }
  pending.work->wait();
}

int st_group_all_reduce(StGroup *group, StTensor tensor, int32_t reduction) noexcept {
  return sigma::guarded([&] {
    c10d::AllreduceOptions options;
    options.reduceOp = reduction == ST_MAX ? c10d::ReduceOp::MAX : c10d::ReduceOp::SUM;
    group->reduced_bytes += static_cast<int64_t>(sigma::borrow(tensor).nbytes());
    group->finish(group->start("all-reduce", sigma::borrow(tensor), [&](auto &backend, auto &tensors) {
      return backend.allreduce(tensors, options);
    }));
  });
}

int st_group_broadcast(StGroup *group, StTensor tensor, int32_t root) noexcept {
  return sigma::guarded([&] {
    c10d::BroadcastOptions options;
    options.rootRank = root;
    group->finish(
        group->start("broadcast", sigma::borrow(tensor).detach(),
                     [&](auto &backend, auto &tensors) { return backend.broadcast(tensors, options); }));
  });
}

int st_group_all_gather(StGroup *group, StTensor own, StTensor all) noexcept {
  return sigma::guarded([&] {
    std::vector<std::vector<at::Tensor>> outputs{sigma::borrow(all).unbind(0)};
    group->finish(group->start("all-gather", sigma::borrow(own), [&](auto &backend, auto &tensors) {
      return backend.allgather(outputs, tensors);
    }));
  });
}

int st_group_barrier(StGroup *group) noexcept {
  return sigma::guarded([&] {
    // Gloo's barrier carries no tensor; a sum that everybody waits for is one, and works on every backend.
    auto token = at::zeros({1});
    group->finish(group->start("barrier", token, [](auto &backend, auto &tensors) {
      return backend.allreduce(tensors, c10d::AllreduceOptions());
    }));
  });
}

int64_t st_group_begun(StGroup *group, const char **last) noexcept {
  *last = group->last;
  return group->begun;
}

int64_t st_group_reduced_bytes(StGroup *group) noexcept { return group->reduced_bytes; }

int64_t st_sent_bytes() noexcept {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  int64_t sum = 0;
  for (int file = 0; file < static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536)); file++) {
    tcp_info info{};
    socklen_t length = sizeof(info);
    if (getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
        length >= offsetof(tcp_info, tcpi_bytes_sent) + sizeof(info.tcpi_bytes_sent))
      sum += static_cast<int64_t>(info.tcpi_bytes_sent);
  }
  return sum;
}
