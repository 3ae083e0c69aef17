#include "plain_clip.h"
#include "bounds.h"
#include "error.h"
#include "picture.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

namespace sigma::media {
namespace {

class PlainVideo {
public:
  explicit PlainVideo(const std::string &path) : packet(av_packet_alloc()), frame(av_frame_alloc()) {
    AVFormatContext *opened = nullptr;
    AVDictionary *options = nullptr;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    const int code = avformat_open_input(&opened, ("file:" + path).c_str(), nullptr, &options);
    av_dict_free(&options);
    checked(code, SM_NOT_A_VIDEO, "FFmpeg cannot open it");
    input.reset(opened);
    checked(avformat_find_stream_info(opened, nullptr), SM_NOT_A_VIDEO, "FFmpeg finds no streams in it");
    const AVCodec *codec = nullptr;
    const int found = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    stream = opened->streams[checked(found, SM_NOT_A_VIDEO, "it holds no video stream")];
    context.reset(avcodec_alloc_context3(codec));
    if (!packet || !frame || !context)
      throw std::bad_alloc();
    avcodec_parameters_to_context(context.get(), stream->codecpar);
    context->thread_count = 1;
    context->max_pixels = MostPixels;
    checked(avcodec_open2(context.get(), codec, nullptr), SM_NOT_A_VIDEO, "its decoder does not open");
    rate = stream->avg_frame_rate.den > 0 ? av_q2d(stream->avg_frame_rate) : 0;
    start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
  }

  // Hands on every frame from the key frame before `first` until `take` has enough.
  void decode_from(int first, const std::function<bool(const AVFrame &frame, int number)> &take) {
    const double time =
        static_cast<double>(start) + (rate > 0 ? first / rate / av_q2d(stream->time_base) : 0);
    if (std::abs(time) < 1e18) // what lies farther off cannot be sought
      av_seek_frame(input.get(), stream->index, std::llround(time), AVSEEK_FLAG_BACKWARD);
    for (bool more = true; more;) {
      av_packet_unref(packet.get());
      more = av_read_frame(input.get(), packet.get()) >= 0;
      if (more && packet->stream_index != stream->index)
        continue;
      avcodec_send_packet(context.get(), more ? packet.get() : nullptr);
      while (avcodec_receive_frame(context.get(), frame.get()) >= 0)
        if (take(*frame, number_of(*frame)))
          return;
    }
  }

private:
  int number_of(const AVFrame &decoded) const {
    const double ticks = static_cast<double>(decoded.best_effort_timestamp) - static_cast<double>(start);
    return static_cast<int>(std::clamp(std::round(ticks * av_q2d(stream->time_base) * rate), -1.0, 1e9));
  }

  InputFormat input;
  CodecContext context;
  Packet packet;
  Frame frame;
  AVStream *stream = nullptr;
  double rate = 0;
  int64_t start = 0;
};

// A whole frame in RGB, then its crop at the wanted size.
class PlainPicture {
public:
  void convert(const AVFrame &frame, const sm_crop &crop, int width, int height, uint8_t *rgb) {
    // A video may change its size on the way.
    if (!whole || whole->width != frame.width || whole->height != frame.height || format != frame.format)
      prepare(frame, crop, width, height);
    sws_scale(colour.get(), frame.data, frame.linesize, 0, frame.height, whole->data, whole->linesize);
    const uint8_t *from[4] = {whole->data[0] + static_cast<ptrdiff_t>(y) * whole->linesize[0] + x * 3};
    uint8_t *to[4] = {small.data()};
    const int stride[4] = {width * 3};
    sws_scale(resize.get(), from, whole->linesize, 0, part_height, to, stride);
    std::memcpy(rgb, small.data(), static_cast<size_t>(width) * height * 3);
  }

private:
  void prepare(const AVFrame &frame, const sm_crop &crop, int width, int height) {
    const auto part = [&](double from, double length, int all, int &first, int &size) {
      first = crop.width > 0 ? std::clamp(static_cast<int>(from), 0, all - 1) : 0;
      size = crop.width > 0 ? std::clamp(static_cast<int>(length), 1, all - first) : all;
    };
    part(crop.x, crop.width, frame.width, x, part_width);
    part(crop.y, crop.height, frame.height, y, part_height);
    format = frame.format;
    whole = make_frame(AV_PIX_FMT_RGB24, frame.width, frame.height);
    small.resize(static_cast<size_t>(width) * height * 3 + 64);
    colour.reset(sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(format), frame.width,
                                frame.height, AV_PIX_FMT_RGB24, SWS_BILINEAR, nullptr, nullptr, nullptr));
    resize.reset(sws_getContext(part_width, part_height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_RGB24,
                                SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!colour || !resize)
      throw MediaError(SM_FAILED, "its pixel format cannot be turned into RGB");
  }

  Scaler colour, resize;
  Frame whole;
  std::vector<uint8_t> small;
  int format = AV_PIX_FMT_NONE, x = 0, y = 0, part_width = 0, part_height = 0;
};

} // namespace

void read_plainly(const std::string &path, const int32_t *frames, int n, const sm_crop &crop, int width,
                  int height, uint8_t *rgb) {
  PlainVideo video(path);
  PlainPicture picture;
  const size_t bytes = static_cast<size_t>(width) * height * 3;
  int done = 0;
  video.decode_from(frames[0], [&](const AVFrame &frame, int number) {
    const int first = done;
    for (; done < n && frames[done] <= number; ++done) {
      if (done == first)
        picture.convert(frame, crop, width, height, rgb + done * bytes);
      else
        std::memcpy(rgb + done * bytes, rgb + first * bytes, bytes);
    }
    return done == n;
  });
  if (done < n)
    throw MediaError(SM_UNDECODABLE, "the frames asked for are not all found by their time", frames[done],
                     done);
}

} // namespace sigma::media
