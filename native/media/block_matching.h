// Motion between pictures by searching where each block came from, for codecs whose decoders export no
// vectors.
#pragma once
#include "sigma_media.h"
#include <vector>

namespace sigma::media {

// Fills fields[i] with the motion from pictures[i − 1] to pictures[i] ([height, width, 3] RGB), divided by
// distance[i]; fields[0] stays empty. Uses FFmpeg's mestimate filter.
void match_blocks(const std::vector<const uint8_t *> &pictures, const std::vector<int> &distance, int width,
                  int height, std::vector<std::vector<sm_vector>> &fields);

} // namespace sigma::media
