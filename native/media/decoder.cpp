#include "decoder.h"
#include "error.h"
#include <algorithm>

namespace sigma::media {

Decoder::Decoder(const AVStream &stream, int threads) : frame(av_frame_alloc()) {
  const AVCodec *codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!codec)
    throw MediaError(SM_NOT_A_VIDEO, std::string("this FFmpeg has no decoder for its codec, ") +
                                         avcodec_get_name(stream.codecpar->codec_id));
  context.reset(avcodec_alloc_context3(codec));
  if (!context || !frame)
    throw std::bad_alloc();
  checked(avcodec_parameters_to_context(context.get(), stream.codecpar), SM_NOT_A_VIDEO, "its stream is odd");
  context->thread_count = std::max(threads, 1);
  context->pkt_timebase = stream.time_base;
  checked(avcodec_open2(context.get(), codec, nullptr), SM_NOT_A_VIDEO, "its decoder does not open");
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
  for (;;) {
    int code = avcodec_receive_frame(context.get(), frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
      return nullptr;
    if (code == AVERROR(ENOMEM))
      throw std::bad_alloc();
    if (code < 0) {
      damaged = true; // the decoder goes on with what follows
      continue;
    }
    damaged |= frame->decode_error_flags != 0 || frame->flags & AV_FRAME_FLAG_CORRUPT;
    return frame.get();
  }
}

int Decoder::packet_of(const AVFrame &frame) {
  return frame.pts == AV_NOPTS_VALUE ? -1 : static_cast<int>(frame.pts);
}

} // namespace sigma::media
