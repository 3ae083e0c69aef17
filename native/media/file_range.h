// A whole file, or a member of a tar file named by its place: folder/shard.tar/member.mp4@OFFSET+SIZE.
#pragma once
#include "bounds.h"
#include "ffmpeg.h"
#include <cstdint>
#include <string>

namespace sigma::media {

struct FileRange {
  std::string path; // of the file
  int64_t offset = 0, size = 0;
  bool whole = true;
  int64_t changed = 0,
          file = 0; // time of the last change, number of the file: another content, another value

  // Throws SM_NOT_A_VIDEO where there is no regular file with that range.
  static FileRange of(const std::string &path);
};

// Reads a range of a file as if it were all there is.
class RangeInput {
public:
  // Reading ends with the deadline, which outlives this. Throws SM_NOT_A_VIDEO.
  RangeInput(const FileRange &range, const Deadline &deadline);
  ~RangeInput();
  RangeInput(const RangeInput &) = delete;
  RangeInput &operator=(const RangeInput &) = delete;

  AVIOContext *context() { return io; }

private:
  static int read(void *self, uint8_t *bytes, int count);
  static int64_t seek(void *self, int64_t to, int whence);

  int descriptor = -1;
  int64_t offset, size, position = 0;
  const Deadline &deadline;
  AVIOContext *io = nullptr;
};

} // namespace sigma::media
