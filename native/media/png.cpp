#include "png.h"
#include "error.h"
#include "ffmpeg.h"
#include <cstring>

namespace sigma::media {

std::vector<uint8_t> encode_png(int width, int height, const uint8_t *rgb) {
  const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (!codec)
    throw MediaError(SM_FAILED, "this FFmpeg has no PNG encoder");
  CodecContext context(avcodec_alloc_context3(codec));
  Frame frame(av_frame_alloc());
  Packet packet(av_packet_alloc());
  if (!context || !frame || !packet)
    throw std::bad_alloc();
  context->width = frame->width = width;
  context->height = frame->height = height;
  context->pix_fmt = AV_PIX_FMT_RGB24;
  frame->format = AV_PIX_FMT_RGB24;
  context->time_base = {1, 1};
  context->thread_count = 1;
  checked(avcodec_open2(context.get(), codec, nullptr), SM_FAILED, "the PNG encoder does not open");
  checked(av_frame_get_buffer(frame.get(), 0), SM_FAILED, "a picture of this size cannot be made");
  for (int y = 0; y < height; ++y)
    std::memcpy(frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0],
                rgb + static_cast<size_t>(y) * width * 3, static_cast<size_t>(width) * 3);
  checked(avcodec_send_frame(context.get(), frame.get()), SM_FAILED, "encoding a PNG failed");
  checked(avcodec_send_frame(context.get(), nullptr), SM_FAILED, "encoding a PNG failed");
  checked(avcodec_receive_packet(context.get(), packet.get()), SM_FAILED, "encoding a PNG failed");
  return {packet->data, packet->data + packet->size};
}

} // namespace sigma::media
