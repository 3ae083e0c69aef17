#include "plain_clip.h"
#include "error.h"
#include "ffmpeg.h"
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
    checked(avformat_open_input(&opened, ("file:" + path).c_str(), nullptr, nullptr), SM_NOT_A_VIDEO,
            "FFmpeg cannot open it");
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
    checked(avcodec_open2(context.get(), codec, nullptr), SM_NOT_A_VIDEO, "its decoder does not open");
    rate = av_q2d(stream->avg_frame_rate);
    start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
  }

  // Hands on every frame from the key frame before `first` until `take` has enough.
  void decode_from(int first, const std::function<bool(const AVFrame &frame, int number)> &take) {
    const double time = rate > 0 ? first / rate / av_q2d(stream->time_base) : 0;
    av_seek_frame(input.get(), stream->index, start + std::llround(time), AVSEEK_FLAG_BACKWARD);
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
    const double seconds =
        static_cast<double>(decoded.best_effort_timestamp - start) * av_q2d(stream->time_base);
    return static_cast<int>(std::lround(seconds * rate));
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
    if (!whole) {
      colour.reset(sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format),
                                  frame.width, frame.height, AV_PIX_FMT_RGB24, SWS_BILINEAR, nullptr, nullptr,
                                  nullptr));
      x = crop.width > 0 ? static_cast<int>(crop.x) : 0;
      y = crop.width > 0 ? static_cast<int>(crop.y) : 0;
      part_width = crop.width > 0 ? static_cast<int>(crop.width) : frame.width;
      part_height = crop.width > 0 ? static_cast<int>(crop.height) : frame.height;
      resize.reset(sws_getContext(part_width, part_height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_RGB24,
                                  SWS_BILINEAR, nullptr, nullptr, nullptr));
      whole.reset(av_frame_alloc());
      if (!colour || !resize || !whole)
        throw std::bad_alloc();
      whole->format = AV_PIX_FMT_RGB24;
      whole->width = frame.width;
      whole->height = frame.height;
      checked(av_frame_get_buffer(whole.get(), 0), SM_FAILED, "no room for a picture");
      small.resize(static_cast<size_t>(width) * height * 3 + 64);
    }
    sws_scale(colour.get(), frame.data, frame.linesize, 0, frame.height, whole->data, whole->linesize);
    const uint8_t *from[4] = {whole->data[0] + static_cast<ptrdiff_t>(y) * whole->linesize[0] + x * 3};
    uint8_t *to[4] = {small.data()};
    const int stride[4] = {width * 3};
    sws_scale(resize.get(), from, whole->linesize, 0, part_height, to, stride);
    std::memcpy(rgb, small.data(), static_cast<size_t>(width) * height * 3);
  }

private:
  Scaler colour, resize;
  Frame whole;
  std::vector<uint8_t> small;
  int x = 0, y = 0, part_width = 0, part_height = 0;
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
