// Reads a clip the way general video libraries do, as the measure for Reader: open, look at the streams, seek
// by time, decode every frame up to the last wanted one, turn the wanted ones into whole RGB pictures, then
// crop and resize those. One thread.
#pragma once
#include "sigma_media.h"
#include <string>

namespace sigma::media {

// `frames` must not fall. rgb receives [n, height, width, 3]; `crop` is in stored pixels, width 0 for all.
void read_plainly(const std::string &path, const int32_t *frames, int n, const sm_crop &crop, int width,
                  int height, uint8_t *rgb);

} // namespace sigma::media
