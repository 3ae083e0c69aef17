// One video stream of one file as a numbered sequence of packets.
#pragma once
#include "ffmpeg.h"
#include <chrono>
#include <string>
#include <vector>

namespace sigma::media {

// Ends calls that make no progress: FFmpeg asks it during blocking reads and long probes.
class Deadline {
public:
  void renew() { end = std::chrono::steady_clock::now() + std::chrono::seconds(30); }
  bool passed() const { return std::chrono::steady_clock::now() > end; }

private:
  std::chrono::steady_clock::time_point end = {};
};

// Where a packet lies, enough to know it again after a container seek.
struct PacketPlace {
  int64_t pts, dts, pos;
  int size;
};

class Demuxer {
public:
  // Throws SM_NOT_A_VIDEO.
  explicit Demuxer(const std::string &path);

  AVFormatContext &format() { return *input; }
  AVStream &stream() { return *input->streams[stream_index]; }

  // The next packet of the stream, null at the end (or where the file breaks off).
  AVPacket *next();
  // Number of the packet that next() will return.
  int position() const { return next_number; }
  // Moves so that next() returns packet `number`; `places` are all packets in order, as once read from the
  // start.
  void move_to(int number, const std::vector<PacketPlace> &places);

private:
  void open();
  void choose_stream();
  bool seek(int number, const std::vector<PacketPlace> &places);
  static int interrupted(void *deadline) { return static_cast<Deadline *>(deadline)->passed(); }

  std::string path;
  Deadline deadline;
  InputFormat input;
  Packet packet;
  int stream_index = -1;
  int next_number = 0;
  bool held = false; // the packet at next_number has already been read
};

} // namespace sigma::media
