// Rewrites one video for strided reading: resized, its every stride-th frame a reference to the one before,
// and the frames between referred to by none.
#pragma once
#include "sigma_media.h"
#include <string>
#include <vector>

namespace sigma::media {

struct Packed {
  std::vector<uint8_t> file; // MP4
  int frames, width, height;
  double squared_error; // over all samples of the pictures as they were encoded, and as they decode
  int64_t samples;
};

// The frames after the last multiple of the stride are left out. Throws SM_NOT_A_VIDEO, SM_UNDECODABLE.
Packed pack(const std::string &path, const sm_pack_options &options);

} // namespace sigma::media
