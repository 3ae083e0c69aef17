// How a file says that it was packed for strided reading: in its container's comment.
#pragma once
#include "ffmpeg.h"

namespace sigma::media {

// The frames 0, stride, 2 · stride … are references, those between are not; every keys-th is a key frame. In
// decoding order each reference stands before the frames between it and the one before. The last frame is a
// reference.
struct StrideMark {
  int stride = 1, frames = 0, keys = 0;

  // Stride 1 where the file says nothing, or nothing sensible.
  static StrideMark of(const AVFormatContext &format);
  void write(AVFormatContext &format) const;
};

} // namespace sigma::media
