// Decodes chosen frames of one file in a single pass over the fewest packets.
#pragma once
#include "decoder.h"
#include "demuxer.h"
#include "frame_converter.h"
#include "index_cache.h"
#include "motion.h"
#include <functional>
#include <optional>

namespace sigma::media {

class Reader {
public:
  // A GPU, where one is named, decodes what it can.
  Reader(const std::string &path, int threads, int gpu = nvdec::NoGpu);

  sm_video_info info();
  int frame_count() const { return index->frames(); }
  // Decodes everything once; remembered.
  int count_frames();
  void read(const int32_t *frames, int n, const sm_crop &crop, int width, int height, uint8_t *rgb,
            sm_motion *motion);
  // These frames will be asked for by several reads: they are decoded once, and kept while they fit in
  // memory.
  void keep(const int32_t *frames, int n);
  void frame_md5(const int32_t *frames, int n, char *digests);
  // Decodes everything in order, each frame converted whole at this size.
  void read_all(int width, int height, const std::function<void(int number, const uint8_t *rgb)> &take);

  int64_t decoded = 0, skipped = 0, on_gpu = 0;
  bool seekable() const { return index_holds; }

private:
  // Receives each finished frame of the pass: its number and its packet (-1 when lost).
  using Sink = std::function<void(const AVFrame &frame, int number, int packet)>;

  // Frames whose packets lie between two places in the stream; decoding starts at a key frame.
  struct Stretch {
    int start, last;
  };

  // What of the frames between two wanted ones is decoded and handed on as well.
  enum class Between { Nothing, References, All };

  // A decoded frame that further reads will ask for.
  struct Kept {
    Frame frame;
    int number, packet;
  };

  void open(bool quick);
  void export_motion(bool wanted);
  void leave_gpu();
  bool decode_kept(const std::vector<int> &wanted, Between between);
  void decode(const std::vector<int> &wanted, Between between, const std::function<void()> &restart,
              const Sink &sink);
  bool decode_by_index(const std::vector<int> &wanted, Between between, const Sink &sink);
  bool decode_stretch(const Stretch &stretch, const std::vector<uint8_t> &needed, const Sink &sink);
  int decode_from_start(int last, const Sink &sink);
  std::vector<int> with_between(const std::vector<int> &wanted, Between between) const;
  std::optional<std::vector<Stretch>> plan(const std::vector<int> &frames, bool in_one) const;
  bool joins(const Stretch &stretch, int start) const;
  [[noreturn]] void too_few(int first_missing, int decoded_frames);

  FileRange range;
  int threads, gpu;
  std::unique_ptr<Demuxer> demuxer;
  std::shared_ptr<const PacketIndex> index;
  std::unique_ptr<Decoder> decoder;
  FrameConverter converter{{}};
  MotionField field;
  int stride = 1; // packed files: every stride-th frame is a reference, and no other is
  std::vector<int> to_keep;
  std::vector<Kept> kept;
  Between kept_between = Between::Nothing;
  bool index_holds = false, motion_wanted = false;
  int exact_count = -1;
};

} // namespace sigma::media
