// How much a file may ask for. Videos stay far below; what a damaged or hostile file claims is not believed
// further.
#pragma once
#include <chrono>
#include <cstdint>

namespace sigma::media {

constexpr int64_t MostPixels = 1 << 27;  // of a picture: 16384×8192
constexpr int64_t MostPackets = 1 << 23; // of a video: four days at 25 frames a second

// Ends what makes no progress: FFmpeg asks it during blocking reads and long probes.
class Deadline {
public:
  void renew() { end = std::chrono::steady_clock::now() + std::chrono::seconds(30); }
  bool passed() const { return std::chrono::steady_clock::now() > end; }

private:
  std::chrono::steady_clock::time_point end = {};
};

} // namespace sigma::media
