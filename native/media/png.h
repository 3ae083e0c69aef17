#pragma once
#include <cstdint>
#include <vector>

namespace sigma::media {

// rgb is [height, width, 3].
std::vector<uint8_t> encode_png(int width, int height, const uint8_t *rgb);

} // namespace sigma::media
