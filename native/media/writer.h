// Encodes RGB frames into a video file that appears under its name only when it is whole.
#pragma once
#include "ffmpeg.h"
#include "sigma_media.h"
#include <string>

namespace sigma::media {

class Writer {
public:
  Writer(const std::string &path, int width, int height, double frame_rate, const sm_writer_options &options);
  ~Writer();
  Writer(const Writer &) = delete;
  Writer &operator=(const Writer &) = delete;

  void write(const uint8_t *rgb);
  void finish();

private:
  void open_encoder(double frame_rate, const sm_writer_options &options);
  void open_file();
  void encode(const AVFrame *picture);

  struct FreeOutput {
    void operator()(AVFormatContext *context) const {
      avio_closep(&context->pb);
      avformat_free_context(context);
    }
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
