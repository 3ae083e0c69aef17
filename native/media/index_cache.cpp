#include "index_cache.h"
#include <list>
#include <map>
#include <mutex>
#include <tuple>

namespace sigma::media::index_cache {
namespace {

constexpr size_t MostBytes = 64 << 20;

using Key = std::tuple<std::string, int64_t, int64_t, int64_t, int64_t>;

struct Entry {
  KnownFile file;
  std::list<Key>::iterator turn;
};

std::mutex gate; // guards all that follows
std::map<Key, Entry> entries;
std::list<Key> turns; // the one used last comes first
size_t bytes = 0;

Key key_of(const FileRange &range) {
  return {range.path, range.offset, range.size, range.changed, range.file};
}

// With the key's two copies and the nodes around it.
size_t cost(const Key &key, const KnownFile &file) {
  return file.index->bytes() + 2 * std::get<0>(key).size() + 300;
}

} // namespace

std::optional<KnownFile> find(const FileRange &range) {
  std::lock_guard lock(gate);
  const auto found = entries.find(key_of(range));
  if (found == entries.end())
    return std::nullopt;
  turns.splice(turns.begin(), turns, found->second.turn);
  return found->second.file;
}

void add(const FileRange &range, const KnownFile &file) {
  std::lock_guard lock(gate);
  const Key key = key_of(range);
  if (cost(key, file) > MostBytes / 4 || entries.count(key) > 0)
    return;
  turns.push_front(key);
  entries[key] = {file, turns.begin()};
  bytes += cost(key, file);
  while (bytes > MostBytes) {
    const auto last = entries.find(turns.back());
    bytes -= cost(last->first, last->second.file);
    entries.erase(last);
    turns.pop_back();
  }
}

void clear() {
  std::lock_guard lock(gate);
  entries.clear();
  turns.clear();
  bytes = 0;
}

} // namespace sigma::media::index_cache
