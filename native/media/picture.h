// Single pictures: PNG, palette PNG, JPEG.
#pragma once
#include "ffmpeg.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sigma::media {

// A picture with memory of its own.
Frame make_frame(AVPixelFormat format, int width, int height);

// rgb is [height, width, 3].
std::vector<uint8_t> encode_png(int width, int height, const uint8_t *rgb);

// A palette picture: numbers is [height, width], palette holds 256 times red, green, blue.
std::vector<uint8_t> encode_numbered_png(int width, int height, const uint8_t *numbers,
                                         const uint8_t *palette);

// rgb is [height, width, 3]; the quantiser goes from 2 (best) to 31. Colours keep their full resolution.
std::vector<uint8_t> encode_jpeg(int width, int height, const uint8_t *rgb, int quantiser);

struct Numbers {
  int width, height;
  std::vector<uint8_t> values; // [height, width]
};

// What a palette PNG holds: the number of each pixel, not its colour. A grey PNG of 8 bits gives its levels.
Numbers decode_numbered_png(const uint8_t *bytes, size_t size);

} // namespace sigma::media
