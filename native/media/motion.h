// Motion vectors of the frames a pass goes through, in output pixels per frame.
#pragma once
#include "frame_converter.h"
#include "packet_index.h"
#include <vector>

namespace sigma::media {

// From pixels of the stored picture to pixels of the output: crop, rotate, resize.
class PixelMap {
public:
  PixelMap(const SourceBox &box, int rotation, int width, int height);
  sm_vector map(float x, float y, float w, float h, float dx, float dy) const;
  bool inside(const sm_vector &vector) const;

private:
  float box_x, box_y;
  // output = offset + matrix · (stored − box corner)
  float xx, xy, yx, yy, offset_x, offset_y, width, height;
};

class MotionField {
public:
  // True where the codec's decoder hands out its vectors.
  static bool exported_by(AVCodecID codec);

  void begin(size_t requested);
  // Adds the frame's vectors to those of the requested frame `slot`.
  void add(const AVFrame &frame, int packet, const PacketIndex &index, const PixelMap &map, size_t slot);
  // Per requested frame its vectors, for other ways to find them.
  std::vector<std::vector<sm_vector>> &requested() { return fields; }
  // The vectors of `slots[i]` for each i.
  sm_motion view(const std::vector<size_t> &slots, bool from_block_matching);

private:
  std::vector<std::vector<sm_vector>> fields;
  std::vector<sm_vector> vectors;
  std::vector<int64_t> offsets;
};

} // namespace sigma::media
