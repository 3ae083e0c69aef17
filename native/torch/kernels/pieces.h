// Work in pieces that threads take one after the other: a core that is slower, or that something else wants
// too, ends up with fewer of them, and nobody waits for it longer than for one piece. What a piece computes
// must not depend on who takes it.
#pragma once
#include <ATen/Parallel.h>
#include <algorithm>
#include <atomic>

namespace sigma {
class Pieces {
public:
  explicit Pieces(int64_t count) : count_(count) {}

  // The next piece that nobody has; false behind the last.
  bool next(int64_t &piece) {
    piece = taken_.fetch_add(1, std::memory_order_relaxed);
    return piece < count_;
  }

private:
  const int64_t count_;
  std::atomic<int64_t> taken_{0};
};

// Runs thread(pieces) on every thread, or on as many as there are pieces.
template <typename Thread> void in_turns(int64_t count, const Thread &thread) {
  Pieces pieces(count);
  at::parallel_for(0, std::min<int64_t>(count, at::get_num_threads()), 1,
                   [&](int64_t, int64_t) { thread(pieces); });
}
} // namespace sigma
