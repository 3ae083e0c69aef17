// What a file's header says, as far as it makes sense.
#include "reader.h"
#include <algorithm>
#include <cstring>

namespace sigma::media {
namespace {

template <size_t Size> void copy_name(char (&to)[Size], const char *from) {
  std::strncpy(to, from ? from : "", Size - 1);
  to[Size - 1] = 0;
}

} // namespace

sm_video_info Reader::info() {
  AVFormatContext &format = demuxer->format();
  AVStream &stream = demuxer->stream();
  const Display display = display_of(*demuxer);
  sm_video_info info = {};
  info.width = display.width;
  info.height = display.height;
  info.rotation = display.rotation;
  info.coded_width = std::max(stream.codecpar->width, 0);
  info.coded_height = std::max(stream.codecpar->height, 0);
  info.header_frames = static_cast<int32_t>(std::clamp<int64_t>(stream.nb_frames, 0, INT32_MAX));
  info.stream = stream.index;
  info.stride = stride;
  info.sample_aspect_ratio = aspect_of(format, stream);
  const AVRational rate = stream.avg_frame_rate;
  info.frame_rate = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
  if (stream.duration != AV_NOPTS_VALUE)
    info.duration = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  else if (format.duration != AV_NOPTS_VALUE)
    info.duration = static_cast<double>(format.duration) / AV_TIME_BASE;
  if (!(info.duration > 0))
    info.duration = 0;
  copy_name(info.container, format.iformat->name);
  copy_name(info.codec, avcodec_get_name(stream.codecpar->codec_id));
  return info;
}

} // namespace sigma::media
