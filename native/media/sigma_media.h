// The border between Sigma.Media (C#) and FFmpeg's libraries: plain structs, status codes, no exceptions.
// A reader or writer belongs to one thread at a time; different ones may run side by side.
#pragma once
#include <cstddef>
#include <cstdint>

#define SM_API __attribute__((visibility("default")))
#define SM_ABI_VERSION 7

extern "C" {

// What went wrong; 0 is success. The managed side turns each into an exception of its own.
enum sm_status {
  SM_OK = 0,
  SM_NOT_A_VIDEO = 1, // cannot be opened, or holds no video stream
  SM_UNDECODABLE = 2, // no frame decodes, or fewer than were asked for
  SM_FAILED = 3,      // anything else: writing, encoding, memory
};

struct sm_error {
  int32_t status;
  int32_t frame;   // SM_UNDECODABLE: the first frame asked for that does not exist
  int32_t decoded; // SM_UNDECODABLE: how many frames of the file decode
  int32_t reserved;
  char text[1008]; // UTF-8, ends with 0
};

struct sm_video_info {
  int32_t width, height;             // as displayed: rotated, with square pixels
  int32_t coded_width, coded_height; // as stored
  int32_t rotation;                  // clockwise degrees: 0, 90, 180, 270
  int32_t header_frames;             // what the container claims, 0 when it does not say
  int32_t stream;                    // index of the chosen stream in the file
  int32_t stride;                    // packed files: every how many frames there is a reference; else 1
  double sample_aspect_ratio;
  double frame_rate; // average, 0 when unknown
  double duration;   // seconds, 0 when unknown
  char container[64];
  char codec[64];
};

// A box in displayed pixels; width 0 stands for the whole frame.
struct sm_crop {
  double x, y, width, height;
};

// One block's motion: centre and size in output pixels, displacement in output pixels per frame, forward in
// time.
struct sm_vector {
  float x, y, width, height, dx, dy;
};

// vectors[offsets[i]] .. vectors[offsets[i + 1]] belong to the i-th requested frame; valid until the next
// call.
struct sm_motion {
  const sm_vector *vectors;
  const int64_t *offsets;
  int32_t from_block_matching;
  int32_t reserved;
};

struct sm_writer_options {
  int32_t crf;        // 0 best .. 51 worst (H.264); MPEG-4 maps it to its own quantiser
  int32_t key_frames; // largest distance between key frames
  int32_t b_frames;   // B-frames in a row
  int32_t threads;
  int32_t mpeg4; // 1: MPEG-4 even where libx264 is present
  int32_t reserved;
  const char *preset;      // of x264
  const char *x264_params; // extra x264 settings, "name=value:name=value", may be null
};

struct sm_pack_options {
  int32_t stride;     // every how many frames there is a reference, 2 or more
  int32_t short_side; // largest length of the shorter side, pixels
  int32_t crf;
  int32_t reserved;
};

struct sm_packed {
  uint8_t *bytes; // an MP4 file, to be freed by sm_bytes_free
  size_t size;
  int32_t frames, width, height, reserved;
  double squared_error; // of the encoding, summed over all samples of luma and chroma
  int64_t samples;
};

struct sm_reader;
struct sm_writer;

SM_API int32_t sm_abi_version() noexcept;
// Sizes of the structs above in the order they are declared; both sides must agree.
SM_API int32_t sm_abi_sizes(int32_t *sizes, int32_t capacity) noexcept;

SM_API const char *sm_engine_version() noexcept;
// Name of the index-th video decoder, null after the last.
SM_API const char *sm_engine_decoder(int32_t index) noexcept;
SM_API int32_t sm_engine_has_h264_encoder() noexcept;
// Succeeds where the video decoder of the GPU of this number can be had; see nvdec.h.
SM_API int32_t sm_engine_has_nvdec(int32_t gpu, sm_error *error) noexcept;

// gpu: the number of the GPU whose video decoder decodes what it can; -1 leaves everything to the CPU.
SM_API int32_t sm_reader_open(const char *path, int32_t threads, int32_t gpu, sm_reader **reader,
                              sm_video_info *info, sm_error *error) noexcept;
SM_API void sm_reader_close(sm_reader *reader) noexcept;
SM_API int32_t sm_reader_frame_count(sm_reader *reader) noexcept;
SM_API int32_t sm_reader_count_frames(sm_reader *reader, int32_t *count, sm_error *error) noexcept;
// rgb receives [n, height, width, 3]; motion may be null.
SM_API int32_t sm_reader_read(sm_reader *reader, const int32_t *frames, int32_t n, const sm_crop *crop,
                              int32_t width, int32_t height, uint8_t *rgb, sm_motion *motion,
                              sm_error *error) noexcept;
// These frames will be asked for by several reads: they are decoded once.
SM_API int32_t sm_reader_keep(sm_reader *reader, const int32_t *frames, int32_t n, sm_error *error) noexcept;
// For tests: MD5 of each frame as decoded (native pixel format, no padding), 33 bytes each with the closing
// 0.
SM_API int32_t sm_reader_frame_md5(sm_reader *reader, const int32_t *frames, int32_t n, char *digests,
                                   sm_error *error) noexcept;
// Decoded frames so far, those of them that the GPU decoded, frames whose decoding was skipped, and whether
// frames can be sought (1) or are always counted from the start (0).
SM_API void sm_reader_statistics(sm_reader *reader, int64_t *decoded, int64_t *on_gpu, int64_t *skipped,
                                 int32_t *seekable) noexcept;

// For tests: what nvdec::choose takes of formats, separated by commas; null where one is unknown.
SM_API const char *sm_nvdec_choice(const char *offered) noexcept;
// For tests: nvdec::take_apart on a picture with these rows (in bytes; 10 bits lie in the upper end of 16),
// into planes one after the other without padding.
SM_API int32_t sm_nvdec_take_apart(const uint8_t *luma, int32_t luma_row, const uint8_t *chroma,
                                   int32_t chroma_row, int32_t width, int32_t height, int32_t bits,
                                   uint8_t *planes, sm_error *error) noexcept;

// For benchmarks: forgets what is remembered about files, as if none had been read before.
SM_API void sm_forget_files() noexcept;
// For benchmarks: reads a clip the way general video libraries do; see plain_clip.h.
SM_API int32_t sm_plain_read(const char *path, const int32_t *frames, int32_t n, const sm_crop *crop,
                             int32_t width, int32_t height, uint8_t *rgb, sm_error *error) noexcept;

SM_API int32_t sm_writer_open(const char *path, int32_t width, int32_t height, double frame_rate,
                              const sm_writer_options *options, sm_writer **writer, sm_error *error) noexcept;
SM_API int32_t sm_writer_write(sm_writer *writer, const uint8_t *rgb, sm_error *error) noexcept;
SM_API int32_t sm_writer_finish(sm_writer *writer, sm_error *error) noexcept;
// Closes the writer; what was not finished is deleted.
SM_API void sm_writer_close(sm_writer *writer) noexcept;

// Rewrites a video for strided reading; see packer.h.
SM_API int32_t sm_pack(const char *path, const sm_pack_options *options, sm_packed *packed,
                       sm_error *error) noexcept;

// The encoded bytes stay valid until sm_bytes_free.
SM_API int32_t sm_png_encode(int32_t width, int32_t height, const uint8_t *rgb, uint8_t **bytes, size_t *size,
                             sm_error *error) noexcept;
// A PNG with a palette: numbers is [height, width], palette 256 times red, green, blue.
SM_API int32_t sm_png_encode_numbers(int32_t width, int32_t height, const uint8_t *numbers,
                                     const uint8_t *palette, uint8_t **bytes, size_t *size,
                                     sm_error *error) noexcept;
// The quantiser goes from 2 (best) to 31.
SM_API int32_t sm_jpeg_encode(int32_t width, int32_t height, const uint8_t *rgb, int32_t quantiser,
                              uint8_t **bytes, size_t *size, sm_error *error) noexcept;
// The numbers [height, width] of a palette (or 8-bit grey) PNG in memory.
SM_API int32_t sm_png_decode_numbers(const uint8_t *png, size_t length, int32_t *width, int32_t *height,
                                     uint8_t **bytes, size_t *size, sm_error *error) noexcept;
SM_API void sm_bytes_free(uint8_t *bytes) noexcept;

} // extern "C"
