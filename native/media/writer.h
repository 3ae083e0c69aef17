// Encodes RGB frames into a video file that appears under its name only when it is whole.
#pragma once
#include "ffmpeg.h"
#include "sigma_media.h"
#include "stride_mark.h"
#include <functional>
#include <string>
#include <vector>

namespace sigma::media {

class Writer {
public:
  Writer(const std::string &path, int width, int height, double frame_rate, const sm_writer_options &options);
  // An MP4 file in memory.
  Writer(int width, int height, double frame_rate, const sm_writer_options &options);
  ~Writer();
  Writer(const Writer &) = delete;
  Writer &operator=(const Writer &) = delete;

  void write(const uint8_t *rgb);
  void finish();
  // The same for a file in memory, which is handed over; marked where the stride is above 1.
  std::vector<uint8_t> finish(const StrideMark &mark);

  const AVCodecContext &encoder() const { return *context; }
  // See each picture as it goes into the encoder, and each packet as it comes out.
  std::function<void(const AVFrame &picture)> on_picture;
  std::function<void(const AVPacket &packet)> on_packet;

private:
  void open(int width, int height, double frame_rate, const sm_writer_options &options);
  void open_encoder(double frame_rate, const sm_writer_options &options);
  void open_file();
  void encode(const AVFrame *picture);
  void end();

  struct FreeOutput {
    FreeOutput() : in_memory(false) {}
    explicit FreeOutput(bool in_memory) : in_memory(in_memory) {}
    void operator()(AVFormatContext *context) const {
      if (in_memory && context->pb) {
        uint8_t *bytes = nullptr;
        avio_close_dyn_buf(context->pb, &bytes);
        av_free(bytes);
        context->pb = nullptr;
      }
      avio_closep(&context->pb);
      avformat_free_context(context);
    }
    bool in_memory;
  };

  std::string path, partial;
  int width, height;
  std::unique_ptr<AVFormatContext, FreeOutput> output;
  CodecContext context;
  Frame source, frame; // RGB, and as the encoder takes it
  Packet packet;
  Scaler scaler;
  int64_t written = 0;
  bool finished = false;
};

} // namespace sigma::media
