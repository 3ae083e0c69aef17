// Main memory for tensors. libtorch asks the system for every large tensor and gives it back, so that a
// training step meets all its pages anew each time: the system clears them one by one, which takes as long as
// much of the arithmetic. Here large tensors live in segments that are kept between steps, in huge pages
// where the system has them; a free neighbour is joined, the smallest free stretch that fits is taken. Small
// ones, which most operator calls make, come back from the thread that freed them last. Also counts what
// tensors hold.
#include "error.h"
#include "sigma_torch.h"
#include <algorithm>
#include <atomic>
#include <c10/core/CPUAllocator.h>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <sys/mman.h>

namespace {
constexpr size_t kLarge = size_t(256) << 10;  // smaller ones come from malloc, which keeps them anyway
constexpr size_t kGrain = size_t(4) << 10;    // lengths are rounded up to this
constexpr size_t kSegment = size_t(64) << 20; // least that is taken from the system at once
constexpr size_t kHugePage = size_t(2) << 20;
constexpr size_t kAlignment = 64;

size_t rounded(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

// A stretch of a segment, free or taken; its neighbours are those beside it in the map of all stretches.
struct Stretch {
  size_t size;
  char *segment; // two stretches join only inside one
  bool free;
};

class Segments {
public:
  char *take(size_t wanted) {
    const size_t size = rounded(wanted, kGrain);
    std::lock_guard<std::mutex> lock(mutex_);
    auto fit = free_.lower_bound({size, nullptr});
    if (fit == free_.end()) {
      add_segment(size);
      fit = free_.lower_bound({size, nullptr});
    }
    char *start = fit->second;
    free_.erase(fit);
    Stretch &stretch = all_[start];
    stretch.free = false;
    taken_ += size;
    most_ = std::max(most_, taken_);
    if (stretch.size > size) {
      add_free(start + size, stretch.size - size, stretch.segment);
      stretch.size = size;
    }
    return start;
  }

  void give_back(char *start) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto here = all_.find(start);
    taken_ -= here->second.size;
    auto next = std::next(here);
    if (next != all_.end() && next->second.free && next->second.segment == here->second.segment) {
      free_.erase({next->second.size, next->first});
      here->second.size += next->second.size;
      all_.erase(next);
    }
    if (here != all_.begin()) {
      auto before = std::prev(here);
      if (before->second.free && before->second.segment == here->second.segment) {
        free_.erase({before->second.size, before->first});
        before->second.size += here->second.size;
        all_.erase(here);
        here = before;
      }
    }
    here->second.free = true;
    free_.insert({here->second.size, here->first});
  }

private:
  void add_free(char *start, size_t size, char *segment) {
    all_[start] = {size, segment, true};
    free_.insert({size, start});
  }

  void add_segment(size_t wanted) {
    const size_t size = rounded(std::max(wanted, kSegment), kHugePage);
    // Room for the gaps that tensors of many sizes leave; beyond that, what nobody uses goes back first.
    if (held_ + size > std::max(most_, taken_ + wanted) / 2 * 3 + kSegment)
      give_back_unused();
    void *start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
      TORCH_CHECK(false, "no memory left for a tensor of ", wanted, " bytes");
    madvise(start, size, MADV_HUGEPAGE);
    held_ += size;
    add_free(static_cast<char *>(start), size, static_cast<char *>(start));
  }

  void give_back_unused() {
    for (auto here = all_.begin(); here != all_.end();) {
      auto next = std::next(here);
      const bool whole = here->second.free && here->first == here->second.segment &&
                         (next == all_.end() || next->second.segment != here->second.segment);
      if (whole) {
        free_.erase({here->second.size, here->first});
        held_ -= here->second.size;
        munmap(here->first, here->second.size);
        here = all_.erase(here);
      } else {
        ++here;
      }
    }
    most_ = taken_;
  }

  std::mutex mutex_;
  size_t taken_ = 0; // by tensors
  size_t most_ = 0;  // of that since segments were last given back
  size_t held_ = 0;  // of the system's memory
  std::map<char *, Stretch> all_;
  std::set<std::pair<size_t, char *>> free_;
};

// Never destroyed: tensors may outlive everything else at the end of the program.
Segments &segments() {
  static auto *all = new Segments;
  return *all;
}
} // namespace

namespace {
std::atomic<int64_t> held{0}, peak{0};

// What a thread freed of a few lines of cache, by how many: for its next small tensor, at a fraction of what
// an aligned block costs at malloc.
class SmallBlocks {
public:
  ~SmallBlocks() {
    for (int i = 0; i < kSizes; i++)
      while (void *block = take((i + 1) * kAlignment))
        std::free(block);
    kept_ = nullptr;
  }
  static bool fits(size_t size) { return size <= kSizes * kAlignment; }

  // Null where none of this size is left.
  void *take(size_t size) {
    List &list = lists_[size / kAlignment - 1];
    Block *block = list.first;
    if (block) {
      list.first = block->next;
      list.count--;
    }
    return block;
  }

  // False where there are enough of this size.
  bool keep(void *memory, size_t size) {
    List &list = lists_[size / kAlignment - 1];
    if (list.count >= kMost)
      return false;
    list.first = new (memory) Block{list.first};
    list.count++;
    return true;
  }

  // Null once the thread is ending.
  static SmallBlocks *of_thread() {
    static thread_local SmallBlocks own;
    return kept_;
  }

private:
  static constexpr int kSizes = 16, kMost = 64;
  struct Block {
    Block *next;
  };
  struct List {
    Block *first = nullptr;
    int count = 0;
  };
  List lists_[kSizes];
  // Without a destructor, so that it can still be read after those of the thread have run.
  static thread_local SmallBlocks *kept_;

  SmallBlocks() { kept_ = this; }
};
thread_local SmallBlocks *SmallBlocks::kept_ = nullptr;

// Before every tensor's first element.
struct alignas(kAlignment) Header {
  size_t size;
  bool large;
};

size_t whole_size(size_t size) { return rounded(size + sizeof(Header), kAlignment); }

void *take_small(size_t whole) {
  SmallBlocks *blocks = SmallBlocks::fits(whole) ? SmallBlocks::of_thread() : nullptr;
  void *kept = blocks ? blocks->take(whole) : nullptr;
  return kept ? kept : std::aligned_alloc(kAlignment, whole);
}

void free_tensor(void *data) {
  if (!data)
    return;
  Header *header = static_cast<Header *>(data) - 1;
  held -= static_cast<int64_t>(header->size);
  if (header->large)
    return segments().give_back(reinterpret_cast<char *>(header));
  const size_t whole = whole_size(header->size);
  SmallBlocks *blocks = SmallBlocks::fits(whole) ? SmallBlocks::of_thread() : nullptr;
  if (!blocks || !blocks->keep(header, whole))
    std::free(header);
}

// The members without `override` are pure in some versions of libtorch, and absent or differently qualified
// in others.
struct TensorMemory final : at::Allocator {
  at::DataPtr allocate(size_t size) const { return make(size); }
  at::DataPtr allocate(size_t size) { return make(size); }
  at::DeleterFnPtr raw_deleter() const override { return &free_tensor; }
  void copy_data(void *to, const void *from, std::size_t count) const { std::memcpy(to, from, count); }

private:
  static at::DataPtr make(size_t size) {
    const c10::Device device(c10::DeviceType::CPU);
    if (size == 0)
      return {nullptr, nullptr, &free_tensor, device};
    const size_t whole = whole_size(size);
    const bool large = whole >= kLarge;
    void *start = large ? segments().take(whole) : take_small(whole);
    TORCH_CHECK(start, "no memory left for a tensor of ", size, " bytes");
    Header *header = new (start) Header{size, large};
    const int64_t now = held += static_cast<int64_t>(size);
    for (int64_t most = peak; now > most && !peak.compare_exchange_weak(most, now);) {
    }
    return {header + 1, header + 1, &free_tensor, device};
  }
};

// Before any tensor is made: libtorch asks for the allocator anew each time, and none of its own has this
// priority.
const bool registered = [] {
  static TensorMemory memory;
  c10::SetCPUAllocator(&memory, 1);
  return true;
}();
} // namespace

int64_t st_memory_peak(int32_t forget) noexcept {
  const int64_t most = peak;
  if (forget)
    peak = held.load();
  return most;
}
