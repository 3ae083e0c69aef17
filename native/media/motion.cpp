#include "motion.h"
#include <cmath>

namespace sigma::media {

PixelMap::PixelMap(const SourceBox &box, int rotation, int width, int height)
    : box_x(static_cast<float>(box.x)), box_y(static_cast<float>(box.y)), width(static_cast<float>(width)),
      height(static_cast<float>(height)) {
  const bool turned = rotation == 90 || rotation == 270;
  const float along_x = (turned ? this->height : this->width) / static_cast<float>(box.width);
  const float along_y = (turned ? this->width : this->height) / static_cast<float>(box.height);
  xx = xy = yx = yy = offset_x = offset_y = 0;
  switch (rotation) {
  case 90: // the stored top edge becomes the right one
    xy = -along_y, yx = along_x, offset_x = this->width;
    break;
  case 180:
    xx = -along_x, yy = -along_y, offset_x = this->width, offset_y = this->height;
    break;
  case 270:
    xy = along_y, yx = -along_x, offset_y = this->height;
    break;
  default:
    xx = along_x, yy = along_y;
  }
}

sm_vector PixelMap::map(float x, float y, float w, float h, float dx, float dy) const {
  x -= box_x;
  y -= box_y;
  return {
      offset_x + xx * x + xy * y,          offset_y + yx * x + yy * y, std::abs(xx) * w + std::abs(xy) * h,
      std::abs(yx) * w + std::abs(yy) * h, xx * dx + xy * dy,          yx * dx + yy * dy};
}

bool PixelMap::inside(const sm_vector &v) const {
  return v.x + v.width / 2 > 0 && v.x - v.width / 2 < width && v.y + v.height / 2 > 0 &&
         v.y - v.height / 2 < height;
}

bool MotionField::exported_by(AVCodecID codec) {
  switch (codec) {
  case AV_CODEC_ID_H264:
  case AV_CODEC_ID_MPEG1VIDEO:
  case AV_CODEC_ID_MPEG2VIDEO:
  case AV_CODEC_ID_MPEG4:
  case AV_CODEC_ID_H263:
  case AV_CODEC_ID_H263P:
  case AV_CODEC_ID_FLV1:
  case AV_CODEC_ID_MSMPEG4V1:
  case AV_CODEC_ID_MSMPEG4V2:
  case AV_CODEC_ID_MSMPEG4V3:
  case AV_CODEC_ID_WMV1:
  case AV_CODEC_ID_WMV2:
  case AV_CODEC_ID_RV10:
  case AV_CODEC_ID_RV20:
    return true;
  default:
    return false;
  }
}

void MotionField::begin(size_t requested) {
  fields.resize(requested);
  for (auto &field : fields)
    field.clear();
}

void MotionField::add(const AVFrame &frame, int packet, const PacketIndex &index, const PixelMap &map,
                      size_t slot) {
  // FFmpeg's MPEG-4 decoder does not keep the vectors of B-frames; what it hands out are left-overs.
  if (index.codec() == AV_CODEC_ID_MPEG4 && frame.pict_type == AV_PICTURE_TYPE_B)
    return;
  const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_MOTION_VECTORS);
  if (!data)
    return;
  const auto *exported = reinterpret_cast<const AVMotionVector *>(data->data);
  const size_t count = data->size / sizeof(AVMotionVector);
  const float back = packet < 0 ? 1.0f : static_cast<float>(index.distance(packet, false));
  const float ahead = packet < 0 ? 1.0f : static_cast<float>(index.distance(packet, true));
  for (size_t i = 0; i < count; ++i) {
    const AVMotionVector &v = exported[i];
    if (v.source == 0 || v.motion_scale == 0)
      continue;
    // FFmpeg's vector leads from the block to where its pixels come from, and `source` only tells past (−1)
    // from future (+1). Forward in time, a block that comes from the past has moved by the opposite vector.
    const float share = (v.source < 0 ? -1.0f / back : 1.0f / ahead) / v.motion_scale;
    const sm_vector mapped = map.map(v.dst_x, v.dst_y, v.w, v.h, v.motion_x * share, v.motion_y * share);
    if (map.inside(mapped))
      fields[slot].push_back(mapped);
  }
}

sm_motion MotionField::view(const std::vector<size_t> &slots, bool from_block_matching) {
  vectors.clear();
  offsets.assign(1, 0);
  for (size_t slot : slots) {
    vectors.insert(vectors.end(), fields[slot].begin(), fields[slot].end());
    offsets.push_back(static_cast<int64_t>(vectors.size()));
  }
  return {vectors.data(), offsets.data(), from_block_matching ? 1 : 0, 0};
}

} // namespace sigma::media
