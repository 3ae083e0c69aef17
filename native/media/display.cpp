// How a video's pictures are meant to be shown: turned, and with pixels that need not be square.
#include "bounds.h"
#include "demuxer.h"
#include "frame_converter.h"
#include <algorithm>
#include <cmath>

namespace sigma::media {
namespace {

// Clockwise quarter turns by the stream's display matrix, in degrees.
int rotation_of(const AVStream &stream) {
  constexpr size_t Needed = 9 * sizeof(int32_t);
  const uint8_t *matrix = nullptr;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVPacketSideData *data = av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  matrix = data && data->size >= Needed ? data->data : nullptr;
#else
  size_t size = 0;
  matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (size < Needed)
    matrix = nullptr;
#endif
  if (!matrix)
    return 0;
  const double degrees = -av_display_rotation_get(reinterpret_cast<const int32_t *>(matrix));
  if (std::isnan(degrees))
    return 0;
  const long quarters = std::lround(degrees / 90);
  return static_cast<int>((quarters % 4 + 4) % 4 * 90);
}

} // namespace

double aspect_of(AVFormatContext &format, AVStream &stream) {
  const AVRational ratio = av_guess_sample_aspect_ratio(&format, &stream, nullptr);
  const double value = ratio.num > 0 && ratio.den > 0 ? av_q2d(ratio) : 1.0;
  return value > 0.01 && value < 100 ? value : 1.0;
}

Display display_of(Demuxer &demuxer) {
  AVStream &stream = demuxer.stream();
  const int height = std::max(stream.codecpar->height, 1);
  const double stretched = stream.codecpar->width * aspect_of(demuxer.format(), stream);
  const int width =
      static_cast<int>(std::lround(std::clamp(stretched, 1.0, static_cast<double>(MostPixels))));
  const int rotation = rotation_of(stream);
  return rotation % 180 == 0 ? Display{rotation, width, height} : Display{rotation, height, width};
}

} // namespace sigma::media
