#include "picture.h"
#include "bounds.h"
#include "error.h"
#include "ffmpeg.h"
#include <climits>
#include <cstring>

namespace sigma::media {
namespace {

// A codec opened for one picture. The settings go to the context first.
template <typename Settings>
CodecContext open_codec(const AVCodec *codec, const char *name, Settings settings) {
  if (!codec)
    throw MediaError(SM_FAILED, std::string("this FFmpeg has no ") + name);
  CodecContext context(avcodec_alloc_context3(codec));
  if (!context)
    throw std::bad_alloc();
  context->time_base = {1, 1};
  context->thread_count = 1;
  settings(*context);
  checked(avcodec_open2(context.get(), codec, nullptr), SM_FAILED,
          (std::string("the ") + name + " does not open").c_str());
  return context;
}

// Copies rows of so many bytes into the frame's first plane.
void fill_rows(AVFrame &frame, const uint8_t *rows, size_t bytes) {
  for (int y = 0; y < frame.height; ++y)
    std::memcpy(frame.data[0] + static_cast<ptrdiff_t>(y) * frame.linesize[0], rows + y * bytes, bytes);
}

std::vector<uint8_t> encode(AVCodecID id, const char *name, const AVFrame &frame, int quantiser) {
  CodecContext context = open_codec(avcodec_find_encoder(id), name, [&](AVCodecContext &c) {
    c.width = frame.width;
    c.height = frame.height;
    c.pix_fmt = static_cast<AVPixelFormat>(frame.format);
    if (quantiser > 0) {
      c.flags |= AV_CODEC_FLAG_QSCALE;
      c.global_quality = FF_QP2LAMBDA * quantiser;
    }
  });
  Packet packet(av_packet_alloc());
  if (!packet)
    throw std::bad_alloc();
  checked(avcodec_send_frame(context.get(), &frame), SM_FAILED, "encoding a picture failed");
  checked(avcodec_send_frame(context.get(), nullptr), SM_FAILED, "encoding a picture failed");
  checked(avcodec_receive_packet(context.get(), packet.get()), SM_FAILED, "encoding a picture failed");
  return {packet->data, packet->data + packet->size};
}

} // namespace

Frame make_frame(AVPixelFormat format, int width, int height) {
  Frame frame(av_frame_alloc());
  if (!frame)
    throw std::bad_alloc();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  checked(av_frame_get_buffer(frame.get(), 0), SM_FAILED, "a picture of this size cannot be made");
  return frame;
}

std::vector<uint8_t> encode_png(int width, int height, const uint8_t *rgb) {
  Frame frame = make_frame(AV_PIX_FMT_RGB24, width, height);
  fill_rows(*frame, rgb, static_cast<size_t>(width) * 3);
  return encode(AV_CODEC_ID_PNG, "PNG encoder", *frame, 0);
}

std::vector<uint8_t> encode_numbered_png(int width, int height, const uint8_t *numbers,
                                         const uint8_t *palette) {
  Frame frame = make_frame(AV_PIX_FMT_PAL8, width, height);
  fill_rows(*frame, numbers, static_cast<size_t>(width));
  auto *colours = reinterpret_cast<uint32_t *>(frame->data[1]);
  for (int i = 0; i < 256; ++i)
    colours[i] = 0xFF000000u | palette[3 * i] << 16 | palette[3 * i + 1] << 8 | palette[3 * i + 2];
  return encode(AV_CODEC_ID_PNG, "PNG encoder", *frame, 0);
}

std::vector<uint8_t> encode_jpeg(int width, int height, const uint8_t *rgb, int quantiser) {
  Frame source = make_frame(AV_PIX_FMT_RGB24, width, height);
  Frame frame = make_frame(AV_PIX_FMT_YUVJ444P, width, height);
  fill_rows(*source, rgb, static_cast<size_t>(width) * 3);
  Scaler scaler(sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUVJ444P,
                               SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler)
    throw MediaError(SM_FAILED, "a picture of this size cannot be converted");
  sws_scale(scaler.get(), source->data, source->linesize, 0, height, frame->data, frame->linesize);
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->quality = FF_QP2LAMBDA * quantiser;
  return encode(AV_CODEC_ID_MJPEG, "JPEG encoder", *frame, quantiser);
}

Numbers decode_numbered_png(const uint8_t *bytes, size_t size) {
  static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  if (size < sizeof signature || size > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE ||
      std::memcmp(bytes, signature, sizeof signature) != 0)
    throw MediaError(SM_FAILED, "this is no PNG picture; a mask is a PNG with a palette");
  CodecContext context =
      open_codec(avcodec_find_decoder(AV_CODEC_ID_PNG), "PNG decoder", [](AVCodecContext &c) {
        c.max_pixels = MostPixels;
        c.err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE; // numbers are right or they are worth nothing
      });
  Packet packet(av_packet_alloc());
  Frame frame(av_frame_alloc());
  if (!packet || !frame)
    throw std::bad_alloc();
  checked(av_new_packet(packet.get(), static_cast<int>(size)), SM_FAILED, "no room for a picture");
  std::memcpy(packet->data, bytes, size);
  checked(avcodec_send_packet(context.get(), packet.get()), SM_FAILED, "the picture does not decode");
  checked(avcodec_send_packet(context.get(), nullptr), SM_FAILED, "the picture does not decode");
  checked(avcodec_receive_frame(context.get(), frame.get()), SM_FAILED, "the picture does not decode");
  if (frame->format != AV_PIX_FMT_PAL8 && frame->format != AV_PIX_FMT_GRAY8) {
    const char *format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame->format));
    throw MediaError(SM_FAILED, std::string("the picture holds colours (") + (format ? format : "unknown") +
                                    "); a mask is a PNG with a palette, whose numbers tell the objects");
  }
  Numbers numbers{frame->width, frame->height, {}};
  const size_t width = frame->width;
  numbers.values.resize(width * frame->height);
  for (int y = 0; y < frame->height; ++y)
    std::memcpy(numbers.values.data() + y * width,
                frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0], width);
  return numbers;
}

} // namespace sigma::media
