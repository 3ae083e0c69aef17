#include "file_range.h"
#include "error.h"
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sigma::media {
namespace {

constexpr int BufferBytes = 1 << 16;

MediaError not_a_video(const std::string &why) { return MediaError(SM_NOT_A_VIDEO, why); }

// A whole number from `at` to the character `end`; −1 where there is none.
int64_t number(const char *at, char end) {
  char *stop = nullptr;
  errno = 0;
  if (*at < '0' || *at > '9')
    return -1;
  const long long value = std::strtoll(at, &stop, 10);
  return errno == 0 && *stop == end ? value : -1;
}

// True where the path names a member of a tar file by its place.
bool parse_member(const std::string &path, FileRange &range) {
  const size_t at = path.rfind('@');
  if (at == std::string::npos)
    return false;
  const size_t tar = path.rfind(".tar/", at);
  const size_t plus = path.find('+', at);
  if (tar == std::string::npos || plus == std::string::npos)
    return false;
  range.offset = number(path.c_str() + at + 1, '+');
  range.size = number(path.c_str() + plus + 1, 0);
  range.path = path.substr(0, tar + 4);
  range.whole = false;
  return range.offset >= 0 && range.size > 0;
}

} // namespace

FileRange FileRange::of(const std::string &path) {
  FileRange range;
  range.path = path;
  struct stat facts;
  if (stat(path.c_str(), &facts) != 0) {
    const int failure = errno;
    if (!parse_member(path, range) || stat(range.path.c_str(), &facts) != 0)
      throw not_a_video(failure == ENOENT || failure == ENOTDIR ? "there is no such file"
                                                                : std::string(std::strerror(failure)));
  }
  if (S_ISDIR(facts.st_mode))
    throw not_a_video("this is a folder, not a video file");
  if (!S_ISREG(facts.st_mode))
    throw not_a_video("this is not a regular file (a pipe or a device could block for ever)");
  if (facts.st_size == 0)
    throw not_a_video("the file is empty (0 bytes)");
  if (range.whole)
    range.size = facts.st_size;
  else if (range.offset > facts.st_size - range.size)
    throw not_a_video("the shard ends at byte " + std::to_string(facts.st_size) +
                      ", before this video does: it is not whole");
  range.changed = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
  range.file = static_cast<int64_t>(facts.st_ino);
  return range;
}

RangeInput::RangeInput(const FileRange &range, const Deadline &deadline)
    : offset(range.offset), size(range.size), deadline(deadline) {
  descriptor = open(range.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw not_a_video(std::strerror(errno));
  // One request for all of it, where the file system is far away.
  posix_fadvise(descriptor, offset, size, POSIX_FADV_WILLNEED);
  auto *buffer = static_cast<uint8_t *>(av_malloc(BufferBytes));
  io = buffer ? avio_alloc_context(buffer, BufferBytes, 0, this, read, nullptr, seek) : nullptr;
  if (!io) {
    av_free(buffer);
    close(descriptor);
    throw std::bad_alloc();
  }
}

RangeInput::~RangeInput() {
  av_freep(&io->buffer);
  avio_context_free(&io);
  close(descriptor);
}

int RangeInput::read(void *self, uint8_t *bytes, int count) {
  auto &input = *static_cast<RangeInput *>(self);
  const int64_t wanted = std::min<int64_t>(count, input.size - input.position);
  if (wanted <= 0)
    return AVERROR_EOF;
  if (input.deadline.passed())
    return AVERROR_EXIT; // as FFmpeg does for files it reads by itself
  const ssize_t got =
      pread(input.descriptor, bytes, static_cast<size_t>(wanted), input.offset + input.position);
  if (got < 0)
    return AVERROR(errno);
  input.position += got;
  return got == 0 ? AVERROR_EOF : static_cast<int>(got);
}

int64_t RangeInput::seek(void *self, int64_t to, int whence) {
  auto &input = *static_cast<RangeInput *>(self);
  if (whence == AVSEEK_SIZE)
    return input.size;
  if (whence == SEEK_CUR)
    to += input.position;
  else if (whence == SEEK_END)
    to += input.size;
  if (to < 0 || to > input.size)
    return AVERROR(EINVAL);
  return input.position = to;
}

} // namespace sigma::media
