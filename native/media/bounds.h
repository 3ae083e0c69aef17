// How much a file may ask for. Videos stay far below; what a damaged or hostile file claims is not believed
// further.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sigma::media {

constexpr int64_t MostPixels = 1 << 27;  // of a picture: 16384×8192
constexpr int64_t MostPackets = 1 << 23; // of a video: four days at 25 frames a second

// Of one block of memory that FFmpeg asks for. Its index takes 24 bytes a packet, 201 MB for the most
// packets; the largest picture takes 403 MB with ten bits a sample in 4:2:0, and 805 MB with sixteen in
// 4:4:4.
constexpr size_t MostBytes = size_t(1) << 30;

// Ends what makes no progress: FFmpeg asks it during blocking reads and long probes.
class Deadline {
public:
  void renew() { end = std::chrono::steady_clock::now() + std::chrono::seconds(30); }
  bool passed() const { return std::chrono::steady_clock::now() > end; }

private:
  std::chrono::steady_clock::time_point end = {};
};

} // namespace sigma::media
