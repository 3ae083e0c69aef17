#include "decoder.h"
#include "bounds.h"
#include "error.h"
#include <algorithm>
#include <cstring>

namespace sigma::media {

namespace {

constexpr int MostFailures = 100; // in a row, before a decoder that only fails is given up

// The last decoder a thread has done with.
struct Idle {
  CodecContext context;
  std::shared_ptr<AVCodecParameters> made_for;
  int threads = 0, gpu = nvdec::NoGpu;
};
thread_local Idle idle;

bool same(const AVCodecParameters &a, const AVCodecParameters &b) {
  return a.codec_id == b.codec_id && a.codec_tag == b.codec_tag && a.width == b.width &&
         a.height == b.height && a.format == b.format && a.video_delay == b.video_delay &&
         a.field_order == b.field_order && a.extradata_size == b.extradata_size &&
         std::memcmp(a.extradata, b.extradata, static_cast<size_t>(a.extradata_size)) == 0;
}

} // namespace

Decoder::Decoder(const AVStream &stream, int threads, int gpu)
    : threads(threads), gpu(gpu), frame(av_frame_alloc()) {
  if (!frame)
    throw std::bad_alloc();
  // Only where the settings come with the header: others collect them as they decode.
  const bool reusable = stream.codecpar->extradata_size > 0;
  if (reusable && idle.context && idle.threads == threads && idle.gpu == gpu &&
      same(*idle.made_for, *stream.codecpar)) {
    context = std::move(idle.context);
    made_for = std::move(idle.made_for);
    context->pkt_timebase = stream.time_base;
    return;
  }
  const AVCodecID id = stream.codecpar->codec_id;
  const AVCodec *codec = gpu == nvdec::NoGpu ? avcodec_find_decoder(id) : nvdec::decoder_of(id);
  if (!codec)
    throw MediaError(SM_NOT_A_VIDEO,
                     std::string("this FFmpeg has no decoder for its codec, ") + avcodec_get_name(id));
  context.reset(avcodec_alloc_context3(codec));
  made_for.reset(avcodec_parameters_alloc(), [](AVCodecParameters *p) { avcodec_parameters_free(&p); });
  if (!context || !made_for || avcodec_parameters_copy(made_for.get(), stream.codecpar) < 0)
    throw std::bad_alloc();
  checked(avcodec_parameters_to_context(context.get(), stream.codecpar), SM_NOT_A_VIDEO, "its stream is odd");
  context->thread_count = std::max(threads, 1);
  context->max_pixels = MostPixels;
  context->pkt_timebase = stream.time_base;
  if (gpu != nvdec::NoGpu)
    nvdec::attach(*context, gpu);
  checked(avcodec_open2(context.get(), codec, nullptr), SM_NOT_A_VIDEO, "its decoder does not open");
  spent = !reusable;
}

Decoder::~Decoder() {
  if (!context || spent)
    return;
  flush();
  export_motion(false);
  idle = {std::move(context), std::move(made_for), threads, gpu};
}

void Decoder::look_ahead(const AVPacket &first, AVCodecParameters &parameters) {
  context->skip_frame = AVDISCARD_ALL;
  avcodec_send_packet(context.get(), &first);
  while (avcodec_receive_frame(context.get(), frame.get()) >= 0)
    ;
  flush();
  parameters.video_delay = context->has_b_frames;
  parameters.sample_aspect_ratio = context->sample_aspect_ratio;
}

bool Decoder::send(AVPacket &packet, int number, bool disposable) {
  if (packet.size == 0)
    return true; // FFmpeg would take an empty packet for the end
  // Decoders carry time stamps through unread, so the packet's number travels in their place.
  packet.pts = packet.dts = number;
  context->skip_frame = disposable ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
  int code = avcodec_send_packet(context.get(), &packet);
  if (code == AVERROR(ENOMEM))
    throw std::bad_alloc();
  return code >= 0;
}

void Decoder::drain() { avcodec_send_packet(context.get(), nullptr); }

void Decoder::flush() { avcodec_flush_buffers(context.get()); }

void Decoder::export_motion(bool wanted) {
  if (wanted)
    context->export_side_data |= AV_CODEC_EXPORT_DATA_MVS;
  else
    context->export_side_data &= ~AV_CODEC_EXPORT_DATA_MVS;
}

const AVFrame *Decoder::receive(bool &damaged) {
  for (int failures = 0; failures < MostFailures;) {
    int code = avcodec_receive_frame(context.get(), frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
      return nullptr;
    if (code == AVERROR(ENOMEM))
      throw std::bad_alloc();
    if (code < 0) {
      damaged = true; // the decoder goes on with what follows
      ++failures;
      continue;
    }
    damaged |= frame->decode_error_flags != 0 || frame->flags & AV_FRAME_FLAG_CORRUPT;
    from_gpu = frame->format == AV_PIX_FMT_CUDA;
    if (!from_gpu)
      return frame.get();
    if (const AVFrame *fetched = download.fetch(*frame, context->sw_pix_fmt))
      return fetched;
    damaged = true;
    ++failures;
  }
  return nullptr;
}

int Decoder::packet_of(const AVFrame &frame) {
  return frame.pts == AV_NOPTS_VALUE ? -1 : static_cast<int>(frame.pts);
}

} // namespace sigma::media
