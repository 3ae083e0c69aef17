#include "bounds.h"
#include "error.h"
#include "index_cache.h"
#include "packer.h"
#include "picture.h"
#include "plain_clip.h"
#include "reader.h"
#include "sigma_media.h"
#include "writer.h"
#include <cstring>
#include <sstream>
#include <utility>
#include <vector>

using namespace sigma::media;

struct sm_reader : Reader {
  using Reader::Reader;
};
struct sm_writer : Writer {
  using Writer::Writer;
};

namespace {

// FFmpeg keeps this limit for the whole process.
const bool limited = [] {
  av_max_alloc(MostBytes);
  return true;
}();

// Copies what the body returns to memory that the caller frees with sm_bytes_free.
template <typename Body>
int32_t handed_out(uint8_t **bytes, size_t *size, sm_error *error, Body body) noexcept {
  *bytes = nullptr;
  return guarded(error, [&] {
    const std::vector<uint8_t> made = body();
    *bytes = static_cast<uint8_t *>(av_malloc(made.size()));
    if (!*bytes)
      throw std::bad_alloc();
    std::memcpy(*bytes, made.data(), made.size());
    *size = made.size();
  });
}

} // namespace

int32_t sm_abi_version() noexcept { return SM_ABI_VERSION; }

int32_t sm_abi_sizes(int32_t *sizes, int32_t capacity) noexcept {
  const size_t all[] = {sizeof(sm_error),        sizeof(sm_video_info), sizeof(sm_crop),
                        sizeof(sm_vector),       sizeof(sm_motion),     sizeof(sm_writer_options),
                        sizeof(sm_pack_options), sizeof(sm_packed)};
  const int32_t count = sizeof all / sizeof *all;
  for (int32_t i = 0; i < count && i < capacity; ++i)
    sizes[i] = static_cast<int32_t>(all[i]);
  return count;
}

const char *sm_engine_version() noexcept { return av_version_info(); }

const char *sm_engine_decoder(int32_t index) noexcept {
  void *position = nullptr;
  while (const AVCodec *codec = av_codec_iterate(&position))
    if (av_codec_is_decoder(codec) && codec->type == AVMEDIA_TYPE_VIDEO && index-- == 0)
      return codec->name;
  return nullptr;
}

int32_t sm_engine_has_h264_encoder() noexcept { return avcodec_find_encoder_by_name("libx264") != nullptr; }

int32_t sm_engine_has_nvdec(int32_t gpu, sm_error *error) noexcept {
  return guarded(error, [&] { nvdec::require(gpu); });
}

int32_t sm_reader_open(const char *path, int32_t threads, int32_t gpu, sm_reader **reader,
                       sm_video_info *info, sm_error *error) noexcept {
  *reader = nullptr;
  return guarded(error, [&] {
    auto opened = std::make_unique<sm_reader>(path, threads, gpu);
    *info = opened->info();
    *reader = opened.release();
  });
}

void sm_reader_close(sm_reader *reader) noexcept { delete reader; }

int32_t sm_reader_frame_count(sm_reader *reader) noexcept { return reader->frame_count(); }

int32_t sm_reader_count_frames(sm_reader *reader, int32_t *count, sm_error *error) noexcept {
  return guarded(error, [&] { *count = reader->count_frames(); });
}

int32_t sm_reader_read(sm_reader *reader, const int32_t *frames, int32_t n, const sm_crop *crop,
                       int32_t width, int32_t height, uint8_t *rgb, sm_motion *motion,
                       sm_error *error) noexcept {
  return guarded(error, [&] { reader->read(frames, n, *crop, width, height, rgb, motion); });
}

int32_t sm_reader_keep(sm_reader *reader, const int32_t *frames, int32_t n, sm_error *error) noexcept {
  return guarded(error, [&] { reader->keep(frames, n); });
}

int32_t sm_reader_frame_md5(sm_reader *reader, const int32_t *frames, int32_t n, char *digests,
                            sm_error *error) noexcept {
  return guarded(error, [&] { reader->frame_md5(frames, n, digests); });
}

void sm_reader_statistics(sm_reader *reader, int64_t *decoded, int64_t *on_gpu, int64_t *skipped,
                          int32_t *seekable) noexcept {
  *decoded = reader->decoded;
  *on_gpu = reader->on_gpu;
  *skipped = reader->skipped;
  *seekable = reader->seekable();
}

const char *sm_nvdec_choice(const char *offered) noexcept {
  std::vector<AVPixelFormat> formats;
  std::istringstream names(offered);
  for (std::string name; std::getline(names, name, ',');)
    if (formats.push_back(av_get_pix_fmt(name.c_str())); formats.back() == AV_PIX_FMT_NONE)
      return nullptr;
  formats.push_back(AV_PIX_FMT_NONE);
  return av_get_pix_fmt_name(nvdec::choose(nullptr, formats.data()));
}

int32_t sm_nvdec_take_apart(const uint8_t *luma, int32_t luma_row, const uint8_t *chroma, int32_t chroma_row,
                            int32_t width, int32_t height, int32_t bits, uint8_t *planes,
                            sm_error *error) noexcept {
  return guarded(error, [&] {
    AVFrame picture = {}, apart = {};
    picture.format = bits == 8 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_P010;
    picture.width = width;
    picture.height = height;
    picture.data[0] = const_cast<uint8_t *>(luma);
    picture.data[1] = const_cast<uint8_t *>(chroma);
    picture.linesize[0] = luma_row;
    picture.linesize[1] = chroma_row;
    const AVPixelFormat to = bits == 8 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV420P10;
    checked(av_image_fill_arrays(apart.data, apart.linesize, planes, to, width, height, 1), SM_FAILED,
            "no such picture");
    nvdec::take_apart(picture, apart);
  });
}

void sm_forget_files() noexcept { index_cache::clear(); }

int32_t sm_plain_read(const char *path, const int32_t *frames, int32_t n, const sm_crop *crop, int32_t width,
                      int32_t height, uint8_t *rgb, sm_error *error) noexcept {
  return guarded(error, [&] { read_plainly(path, frames, n, *crop, width, height, rgb); });
}

int32_t sm_writer_open(const char *path, int32_t width, int32_t height, double frame_rate,
                       const sm_writer_options *options, sm_writer **writer, sm_error *error) noexcept {
  *writer = nullptr;
  return guarded(error, [&] { *writer = new sm_writer(path, width, height, frame_rate, *options); });
}

int32_t sm_writer_write(sm_writer *writer, const uint8_t *rgb, sm_error *error) noexcept {
  return guarded(error, [&] { writer->write(rgb); });
}

int32_t sm_writer_finish(sm_writer *writer, sm_error *error) noexcept {
  return guarded(error, [&] { writer->finish(); });
}

void sm_writer_close(sm_writer *writer) noexcept { delete writer; }

int32_t sm_pack(const char *path, const sm_pack_options *options, sm_packed *packed,
                sm_error *error) noexcept {
  *packed = {};
  return handed_out(&packed->bytes, &packed->size, error, [&] {
    Packed made = pack(path, *options);
    packed->frames = made.frames;
    packed->width = made.width;
    packed->height = made.height;
    packed->squared_error = made.squared_error;
    packed->samples = made.samples;
    return std::move(made.file);
  });
}

int32_t sm_png_encode(int32_t width, int32_t height, const uint8_t *rgb, uint8_t **bytes, size_t *size,
                      sm_error *error) noexcept {
  return handed_out(bytes, size, error, [&] { return encode_png(width, height, rgb); });
}

int32_t sm_png_encode_numbers(int32_t width, int32_t height, const uint8_t *numbers, const uint8_t *palette,
                              uint8_t **bytes, size_t *size, sm_error *error) noexcept {
  return handed_out(bytes, size, error, [&] { return encode_numbered_png(width, height, numbers, palette); });
}

int32_t sm_jpeg_encode(int32_t width, int32_t height, const uint8_t *rgb, int32_t quantiser, uint8_t **bytes,
                       size_t *size, sm_error *error) noexcept {
  return handed_out(bytes, size, error, [&] { return encode_jpeg(width, height, rgb, quantiser); });
}

int32_t sm_png_decode_numbers(const uint8_t *png, size_t length, int32_t *width, int32_t *height,
                              uint8_t **bytes, size_t *size, sm_error *error) noexcept {
  return handed_out(bytes, size, error, [&] {
    Numbers numbers = decode_numbered_png(png, length);
    *width = numbers.width;
    *height = numbers.height;
    return std::move(numbers.values);
  });
}

void sm_bytes_free(uint8_t *bytes) noexcept { av_free(bytes); }
