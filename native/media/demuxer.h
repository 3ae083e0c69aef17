// One video stream of one file as a numbered sequence of packets.
#pragma once
#include "ffmpeg.h"
#include "file_range.h"
#include "stride_mark.h"
#include <memory>
#include <string>
#include <vector>

namespace sigma::media {

// Where a packet lies, enough to know it again after a container seek.
struct PacketPlace {
  int64_t pts, dts, pos;
  int size;
};

class Demuxer {
public:
  // `quick` leaves out FFmpeg's long look at the streams where the header already says everything. Throws
  // SM_NOT_A_VIDEO.
  Demuxer(const FileRange &range, bool quick);

  // True where the long look was left out: then the stream lacks its pixel aspect and picture delay.
  bool quick() const { return is_quick; }
  // Stride 1 unless the file was packed and its header tells where each packet lies: then any packet may be
  // read without those before it.
  const StrideMark &packed() const { return mark; }
  std::vector<PacketPlace> header_places() const;

  AVFormatContext &format() { return *input; }
  AVStream &stream() { return *input->streams[stream_index]; }

  // Bytes of the file, or of its part that is read.
  int64_t size() const { return range.size; }

  // The next packet of the stream, null at the end (or where the file breaks off).
  AVPacket *next();
  // Makes next() return the first packet, which it just returned, once more.
  void put_back();
  // Number of the packet that next() will return.
  int position() const { return next_number; }
  // Moves so that next() returns packet `number`; `places` are all packets in order, as once read from the
  // start.
  void move_to(int number, const std::vector<PacketPlace> &places);

private:
  void open();
  void reopen();
  AVPacket *next_by_header();
  bool header_suffices() const;
  void look_at_streams();
  void choose_stream();
  bool seek(int number, const std::vector<PacketPlace> &places);
  static int interrupted(void *deadline) { return static_cast<Deadline *>(deadline)->passed(); }

  FileRange range;
  bool may_be_quick, is_quick = false;
  std::unique_ptr<Deadline> deadline = std::make_unique<Deadline>(); // at one place, whoever owns it
  std::unique_ptr<RangeInput> part;                                  // outlives the format that reads it
  InputFormat input;
  Packet packet;
  int stream_index = -1;
  int next_number = 0;
  StrideMark mark;
  bool held = false; // the packet at next_number has already been read
};

} // namespace sigma::media
