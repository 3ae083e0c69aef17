// Remembers what was found out about files, so that a file read again is not searched again.
#pragma once
#include "file_range.h"
#include "packet_index.h"
#include <memory>
#include <optional>

namespace sigma::media {

// What opening a file finds out by reading through it.
struct KnownFile {
  std::shared_ptr<const PacketIndex> index;
  bool quick = false; // read without FFmpeg's long look at the streams
  int video_delay = 0;
  AVRational sample_aspect_ratio = {0, 1};
};

// Holds the files used last, up to a bound in memory. For all threads.
namespace index_cache {

std::optional<KnownFile> find(const FileRange &range);
void add(const FileRange &range, const KnownFile &file);
void clear();

} // namespace index_cache
} // namespace sigma::media
