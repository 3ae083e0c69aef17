// Averages gradients over a group in buckets, while backward still runs.
#include "error.h"
#include "process_group.h"
#include "tensor.h"
#include <chrono>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

using Clock = std::chrono::steady_clock;

namespace {
struct Bucket {
  at::Tensor sum;         // the gradients of its parameters, one after the other
  std::vector<size_t> of; // which parameters
  size_t missing = 0;     // of them, not yet reached by the backward under way
  bool started = false;
  sigma::Pending pending;
  Clock::time_point begin;
  // Written on a thread of the backend, read when the bucket has been waited for.
  std::shared_ptr<std::atomic<Clock::rep>> end = std::make_shared<std::atomic<Clock::rep>>(0);
};

struct Parameter {
  at::Tensor value;
  at::Tensor view; // of its bucket, in its own shape
  size_t bucket;
  bool reached = false; // by any backward of this update
  bool ready = false;   // in the backward under way
  // libtorch keeps the node that adds to a gradient only while a graph refers to it; the hook shall stay.
  decltype(torch::autograd::Edge::function) accumulator;
  uintptr_t hook = 0;
};
} // namespace

struct StReducer {
  StGroup &group;
  std::vector<Parameter> parameters;
  std::vector<Bucket> buckets;
  size_t next = 0; // buckets leave in their order, the same on every rank
  bool sending = false;

  explicit StReducer(StGroup &group) : group(group) {}

  // Buckets are filled from the last parameter to the first, about as backward reaches them.
  void fill_buckets(int64_t bucket_bytes) {
    int64_t room = 0;
    for (size_t i = parameters.size(); i-- > 0;) {
      auto bytes = static_cast<int64_t>(parameters[i].value.nbytes());
      if (buckets.empty() || bytes > room) {
        buckets.emplace_back();
        room = bucket_bytes;
      }
      room -= bytes;
      parameters[i].bucket = buckets.size() - 1;
      buckets.back().of.push_back(i);
    }
    for (auto &bucket : buckets) {
      int64_t elements = 0;
      for (auto i : bucket.of)
        elements += parameters[i].value.numel();
      bucket.sum = at::zeros({elements}, parameters[bucket.of[0]].value.options().requires_grad(false));
      int64_t at = 0;
      for (auto i : bucket.of) {
        auto &value = parameters[i].value;
        parameters[i].view = bucket.sum.narrow(0, at, value.numel()).view(value.sizes());
        at += value.numel();
      }
    }
  }

  void watch(size_t i) {
    auto accumulator = torch::autograd::impl::grad_accumulator(parameters[i].value);
    auto hook = std::make_unique<torch::autograd::utils::LambdaPostHook>(
        [this, i](const std::vector<at::Tensor> &outputs, const std::vector<at::Tensor> &) {
          arrived(i);
          return outputs;
        });
    parameters[i].hook = accumulator->add_post_hook(std::move(hook));
    parameters[i].accumulator = std::move(accumulator);
  }

  void begin(bool first, bool last) {
    sending = last;
    next = 0;
    for (auto &bucket : buckets) {
      if (first)
        bucket.sum.zero_();
      bucket.missing = bucket.of.size();
      bucket.started = false;
    }
    for (auto &parameter : parameters) {
      parameter.ready = false;
      if (first) {
        parameter.reached = false;
        parameter.value.mutable_grad() = parameter.view;
      }
    }
  }

  void arrived(size_t i) {
    auto &parameter = parameters[i];
    parameter.reached = true;
    if (!sending)
      return;
    auto &bucket = buckets[parameter.bucket];
    TORCH_CHECK(!bucket.started, "a gradient arrived after its bucket had left");
    if (!parameter.ready) {
      parameter.ready = true;
      bucket.missing--;
    }
    while (next < buckets.size() && buckets[next].missing == 0)
      send(buckets[next++]);
  }

  void send(Bucket &bucket) {
    at::NoGradGuard no_grad;
    bucket.started = true;
    bucket.sum.div_(group.size);
    group.reduced_bytes += static_cast<int64_t>(bucket.sum.nbytes());
    bucket.begin = Clock::now();
    *bucket.end = 0;
    bucket.pending = group.start(
        "all-reduce of gradients", bucket.sum,
        [](auto &backend, auto &tensors) { return backend.allreduce(tensors, c10d::AllreduceOptions()); },
        [end = bucket.end] { *end = Clock::now().time_since_epoch().count(); });
  }

  StReducerFigures finish() {
    sending = false;
    for (; next < buckets.size(); next++)
      send(buckets[next]);
    auto waiting = Clock::now();
    for (auto &bucket : buckets)
      group.finish(bucket.pending);
    StReducerFigures figures{0, 0, (Clock::now() - waiting) / std::chrono::nanoseconds(1)};
    auto covered = buckets[0].begin;
    for (auto &bucket : buckets) {
      figures.bytes += static_cast<int64_t>(bucket.sum.nbytes());
      auto end = Clock::time_point(Clock::duration(bucket.end->load()));
      auto from = std::max(covered, bucket.begin);
      if (end > from) {
        figures.busy_nanos += (end - from) / std::chrono::nanoseconds(1);
        covered = end;
      }
      bucket.pending = {};
    }
    for (auto &parameter : parameters)
      if (!parameter.reached)
        parameter.value.mutable_grad().reset();
    return figures;
  }

  ~StReducer() {
    for (auto &parameter : parameters)
      if (parameter.accumulator)
        parameter.accumulator->del_post_hook(parameter.hook);
  }
};

int st_reducer_create(StGroup *group, const StTensor *parameters, int32_t count, int64_t bucket_bytes,
                      StReducer **result) noexcept {
  return sigma::guarded([&] {
    TORCH_CHECK(count > 0, "there are no parameters");
    auto reducer = std::make_unique<StReducer>(*group);
    for (int32_t i = 0; i < count; i++) {
      reducer->parameters.emplace_back();
      reducer->parameters.back().value = sigma::borrow(parameters[i]);
    }
    reducer->fill_buckets(bucket_bytes);
    for (int32_t i = 0; i < count; i++)
      reducer->watch(i);
    *result = reducer.release();
  });
}

void st_reducer_free(StReducer *reducer) noexcept {
  // A broken group may still write into the buckets: the process's end frees them.
  if (!reducer->group.failed)
    sigma::guarded([&] { delete reducer; });
}

int st_reducer_begin(StReducer *reducer, int32_t first, int32_t last) noexcept {
  return sigma::guarded([&] { reducer->begin(first != 0, last != 0); });
}

int st_reducer_finish(StReducer *reducer, StReducerFigures *figures) noexcept {
  return sigma::guarded([&] { *figures = reducer->finish(); });
}
