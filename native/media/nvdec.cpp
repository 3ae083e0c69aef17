#include "nvdec.h"
#include "error.h"
#include <dlfcn.h>
#include <map>
#include <mutex>

namespace sigma::media::nvdec {
namespace {

bool accelerated(const AVCodec *codec) {
  for (int i = 0; const AVCodecHWConfig *way = avcodec_get_hw_config(codec, i); ++i)
    if (way->device_type == AV_HWDEVICE_TYPE_CUDA && way->pix_fmt == AV_PIX_FMT_CUDA &&
        way->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX &&
        !(codec->capabilities & AV_CODEC_CAP_HARDWARE))
      return true;
  return false;
}

AVBufferRef *open_device(int gpu) {
  if (!decoder_of(AV_CODEC_ID_H264))
    throw MediaError(SM_FAILED, std::string("FFmpeg ") + av_version_info() +
                                    " was built without it: `ffmpeg -hwaccels` lists cuda where it is there");
  // Loaded by FFmpeg too, the second one only when the first video is opened.
  if (!dlopen("libcuda.so.1", RTLD_NOW))
    throw MediaError(SM_FAILED, "NVIDIA's driver is missing: libcuda.so.1 does not load");
  if (!dlopen("libnvcuvid.so.1", RTLD_NOW))
    throw MediaError(SM_FAILED, "the video part of NVIDIA's driver is missing: libnvcuvid.so.1 does not load "
                                "(a container gets it where NVIDIA_DRIVER_CAPABILITIES names video)");
  AVBufferRef *device = nullptr;
  checked(av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_CUDA, std::to_string(gpu).c_str(), nullptr, 0),
          SM_FAILED, ("GPU " + std::to_string(gpu) + " does not open").c_str());
  return device;
}

// One for each GPU and all threads, never freed: decoders may outlive whatever could own it.
AVBufferRef *device_of(int gpu) {
  static std::mutex gate;
  static auto &opened = *new std::map<int, AVBufferRef *>;
  std::lock_guard lock(gate);
  AVBufferRef *&device = opened[gpu];
  if (!device)
    device = open_device(gpu);
  return device;
}

// Bits of a sample that can be brought back in this format; 0 for other formats.
int bits_of(AVPixelFormat software) {
  switch (software) {
  case AV_PIX_FMT_YUV420P:
  case AV_PIX_FMT_YUVJ420P:
    return 8;
  case AV_PIX_FMT_YUV420P10:
    return 10;
  default:
    return 0;
  }
}

template <typename Sample> void take_apart(const AVFrame &picture, AVFrame &planes, int shift) {
  const auto row = [](const AVFrame &frame, int plane, int y) {
    return reinterpret_cast<Sample *>(frame.data[plane] + ptrdiff_t{y} * frame.linesize[plane]);
  };
  for (int y = 0; y < picture.height; ++y) {
    const Sample *from = row(picture, 0, y);
    Sample *to = row(planes, 0, y);
    for (int x = 0; x < picture.width; ++x)
      to[x] = from[x] >> shift;
  }
  for (int y = 0; y < (picture.height + 1) / 2; ++y) {
    const Sample *from = row(picture, 1, y);
    Sample *u = row(planes, 1, y), *v = row(planes, 2, y);
    for (int x = 0; x < (picture.width + 1) / 2; ++x) {
      u[x] = from[2 * x] >> shift;
      v[x] = from[2 * x + 1] >> shift;
    }
  }
}

// Makes a frame one of this kind that nobody else holds.
void fit(Frame &frame, AVPixelFormat format, int width, int height) {
  if (frame && frame->format == format && frame->width == width && frame->height == height &&
      av_frame_is_writable(frame.get()))
    return;
  frame.reset(av_frame_alloc());
  if (!frame)
    throw std::bad_alloc();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  checked(av_frame_get_buffer(frame.get(), 0), SM_FAILED, "no room for a picture");
}

} // namespace

void require(int gpu) { device_of(gpu); }

const AVCodec *decoder_of(AVCodecID codec) {
  // Of these the standards settle every bit; of MPEG-4's and older ones' pictures they do not.
  if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_HEVC && codec != AV_CODEC_ID_VP8 &&
      codec != AV_CODEC_ID_VP9 && codec != AV_CODEC_ID_AV1)
    return nullptr;
  void *position = nullptr;
  while (const AVCodec *found = av_codec_iterate(&position))
    if (found->id == codec && av_codec_is_decoder(found) && accelerated(found))
      return found;
  return nullptr;
}

void attach(AVCodecContext &context, int gpu) {
  context.hw_device_ctx = av_buffer_ref(device_of(gpu));
  if (!context.hw_device_ctx)
    throw std::bad_alloc();
  context.get_format = choose;
  context.thread_count = 1;
}

AVPixelFormat choose(AVCodecContext *, const AVPixelFormat *offered) {
  bool cuda = false;
  AVPixelFormat software = AV_PIX_FMT_NONE;
  for (; *offered != AV_PIX_FMT_NONE; ++offered) {
    cuda |= *offered == AV_PIX_FMT_CUDA;
    software = *offered;
  }
  return cuda && bits_of(software) > 0 ? AV_PIX_FMT_CUDA : software;
}

void take_apart(const AVFrame &picture, AVFrame &planes) {
  if (picture.format == AV_PIX_FMT_NV12)
    take_apart<uint8_t>(picture, planes, 0);
  else
    take_apart<uint16_t>(picture, planes, 6); // P010 has its bits at the upper end
}

const AVFrame *Download::fetch(AVFrame &picture, AVPixelFormat software) {
  const auto &pool = *reinterpret_cast<const AVHWFramesContext *>(picture.hw_frames_ctx->data);
  const int width = picture.width, height = picture.height;
  const AVPixelFormat wanted = bits_of(software) == 8 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_P010;
  if (bits_of(software) == 0 || pool.sw_format != wanted)
    return nullptr;
  fit(copied, wanted, pool.width, pool.height);
  // All of it, which has even sides: of an odd height FFmpeg would leave out the last row of chroma.
  picture.width = pool.width;
  picture.height = pool.height;
  if (av_hwframe_transfer_data(copied.get(), &picture, 0) < 0)
    return nullptr;
  if (given)
    av_frame_unref(given.get());
  fit(planes, software, pool.width, pool.height);
  take_apart(*copied, *planes);
  given.reset(av_frame_clone(planes.get()));
  if (!given || av_frame_copy_props(given.get(), &picture) < 0)
    throw std::bad_alloc();
  av_frame_unref(&picture);
  given->width = width;
  given->height = height;
  return av_frame_apply_cropping(given.get(), 0) < 0 ? nullptr : given.get(); // left and top are still to do
}

} // namespace sigma::media::nvdec
