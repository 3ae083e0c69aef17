// Decodes chosen frames of one file in a single pass over the fewest packets.
#pragma once
#include "decoder.h"
#include "demuxer.h"
#include "frame_converter.h"
#include "motion.h"
#include "packet_index.h"
#include <functional>
#include <optional>

namespace sigma::media {

class Reader {
public:
  Reader(const std::string &path, int threads);

  sm_video_info info();
  int frame_count() const { return index.frames(); }
  // Decodes everything once; remembered.
  int count_frames();
  void read(const int32_t *frames, int n, const sm_crop &crop, int width, int height, uint8_t *rgb,
            sm_motion *motion);
  void frame_md5(const int32_t *frames, int n, char *digests);

  int64_t decoded = 0, skipped = 0;
  bool seekable() const { return index_holds; }

private:
  // Receives each finished frame of the pass: its number and its packet (-1 when lost).
  using Sink = std::function<void(const AVFrame &frame, int number, int packet)>;

  // Frames whose packets lie between two places in the stream; decoding starts at a key frame.
  struct Stretch {
    int start, last;
  };

  void decode(const std::vector<int> &wanted, bool all_between, const std::function<void()> &restart,
              const Sink &sink);
  bool decode_by_index(const std::vector<int> &wanted, bool all_between, const Sink &sink);
  bool decode_stretch(const Stretch &stretch, const std::vector<uint8_t> &needed, const Sink &sink);
  int decode_from_start(int last, const Sink &sink);
  std::optional<std::vector<Stretch>> plan(const std::vector<int> &wanted, bool all_between) const;
  [[noreturn]] void too_few(int first_missing, int decoded_frames);

  Demuxer demuxer;
  PacketIndex index;
  Decoder decoder;
  FrameConverter converter;
  MotionField field;
  bool index_holds;
  int exact_count = -1;
};

} // namespace sigma::media
