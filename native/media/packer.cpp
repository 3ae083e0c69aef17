#include "packer.h"
#include "error.h"
#include "reader.h"
#include "writer.h"
#include <algorithm>
#include <cmath>
#include <deque>

namespace sigma::media {
namespace {

constexpr int ReferencesPerKey =
    8; // key frames: rarer ones save bytes, but a clip that starts between decodes more
constexpr double UsualRate = 25; // where the file does not say, or nothing sensible

constexpr int LongestSide =
    16384; // that H.264 is encoded with; x264 refuses more, and leaks what it was given

// Decodes what the encoder gives out, and compares it with what went in.
class Proof {
public:
  Proof(const AVCodecContext &encoder, int stride) : stride(stride), frame(av_frame_alloc()) {
    const AVCodec *codec = avcodec_find_decoder(encoder.codec_id);
    context.reset(codec ? avcodec_alloc_context3(codec) : nullptr);
    AVCodecParameters *parameters = avcodec_parameters_alloc();
    if (!context || !frame || !parameters)
      throw std::bad_alloc();
    avcodec_parameters_from_context(parameters, &encoder);
    avcodec_parameters_to_context(context.get(), parameters);
    avcodec_parameters_free(&parameters);
    context->thread_count = 1;
    checked(avcodec_open2(context.get(), codec, nullptr), SM_FAILED, "the decoder does not open");
  }

  void expect(const AVFrame &picture) {
    Frame kept(av_frame_clone(&picture));
    if (!kept)
      throw std::bad_alloc();
    waiting.push_back(std::move(kept));
  }

  // Null after the last.
  void take(const AVPacket *packet) {
    checked(avcodec_send_packet(context.get(), packet), SM_FAILED, "what was packed does not decode");
    while (avcodec_receive_frame(context.get(), frame.get()) >= 0)
      compare();
  }

  void finish() {
    take(nullptr);
    if (!waiting.empty())
      throw MediaError(SM_FAILED, "what was packed lacks frames");
  }

  double squared_error = 0;
  int64_t samples = 0;

private:
  void compare() {
    const bool reference = frame->pict_type == AV_PICTURE_TYPE_I || frame->pict_type == AV_PICTURE_TYPE_P;
    if (waiting.empty() || reference != (number++ % stride == 0))
      throw MediaError(SM_FAILED, "the encoder did not keep to one reference in " + std::to_string(stride));
    const AVFrame &sent = *waiting.front();
    for (int plane = 0; plane < 3; ++plane) {
      const int width = plane ? sent.width / 2 : sent.width, height = plane ? sent.height / 2 : sent.height;
      for (int y = 0; y < height; ++y) {
        const uint8_t *a = sent.data[plane] + static_cast<ptrdiff_t>(y) * sent.linesize[plane];
        const uint8_t *b = frame->data[plane] + static_cast<ptrdiff_t>(y) * frame->linesize[plane];
        int64_t sum = 0;
        for (int x = 0; x < width; ++x)
          sum += (a[x] - b[x]) * (a[x] - b[x]);
        squared_error += static_cast<double>(sum);
      }
      samples += static_cast<int64_t>(width) * height;
    }
    waiting.pop_front();
  }

  int stride, number = 0;
  CodecContext context;
  Frame frame;
  std::deque<Frame> waiting;
};

// Even sizes whose shorter side is at most `short_side`; strips do not get any.
void fit(const sm_video_info &info, int short_side, int &width, int &height) {
  const double scale = std::min(1.0, static_cast<double>(short_side) / std::min(info.width, info.height));
  auto even = [&](int side) { return std::max(2 * static_cast<int>(std::lround(side * scale / 2)), 2); };
  width = even(info.width);
  height = even(info.height);
  if (std::max(width, height) > LongestSide)
    throw MediaError(SM_FAILED, "its pictures of " + std::to_string(info.width) + "×" +
                                    std::to_string(info.height) +
                                    " are strips: none with a side of more than " +
                                    std::to_string(LongestSide) + " pixels can be packed");
}

} // namespace

Packed pack(const std::string &path, const sm_pack_options &options) {
  Reader reader(path, 1);
  const sm_video_info info = reader.info();
  Packed packed = {};
  fit(info, options.short_side, packed.width, packed.height);
  const int stride = options.stride, keys = stride * ReferencesPerKey;
  // A fixed pattern; and what takes decoding long without gaining much: arithmetic coding, filtering at block
  // edges.
  const std::string pattern =
      "b-adapt=0:b-pyramid=none:scenecut=0:open-gop=1:ref=1:weightp=0:cabac=0:no-deblock=1"
      ":min-keyint=" +
      std::to_string(keys);
  const double rate = info.frame_rate >= 0.01 && info.frame_rate <= 1000 ? info.frame_rate : UsualRate;
  Writer writer(packed.width, packed.height, rate,
                {options.crf, keys, stride - 1, 1, 0, 0, "medium", pattern.c_str()});
  if (writer.encoder().codec_id != AV_CODEC_ID_H264)
    throw MediaError(SM_FAILED, "packing needs an FFmpeg with libx264");
  Proof proof(writer.encoder(), stride);
  writer.on_picture = [&](const AVFrame &picture) { proof.expect(picture); };
  writer.on_packet = [&](const AVPacket &packet) { proof.take(&packet); };

  // Frames wait until the next reference is there: without one they could not be coded by the pattern.
  std::vector<std::vector<uint8_t>> group;
  const size_t bytes = static_cast<size_t>(packed.width) * packed.height * 3;
  reader.read_all(packed.width, packed.height, [&](int number, const uint8_t *rgb) {
    group.emplace_back(rgb, rgb + bytes);
    if (number % stride != 0)
      return;
    for (const auto &picture : group)
      writer.write(picture.data());
    packed.frames = number + 1;
    group.clear();
  });
  packed.file = writer.finish({stride, packed.frames, keys});
  proof.finish();
  packed.squared_error = proof.squared_error;
  packed.samples = proof.samples;
  return packed;
}

} // namespace sigma::media
