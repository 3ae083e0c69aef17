// Reads from a packet, without decoding it, what planning needs: can decoding start here, does anything refer
// to it, does it show a frame at all.
#pragma once
#include "ffmpeg.h"
#include <cstdint>

namespace sigma::media {

struct PacketFacts {
  bool start = false;      // a decoder fed from here on gets every later-shown frame exactly right
  bool new_order = false;  // picture order counts begin anew
  bool disposable = false; // no other frame refers to it
  bool b_picture = false;  // MPEG-1, 2 and 4: shown before the picture that came before it
  bool hidden = false;     // decodes, but shows nothing
  bool damaged = false;    // its parts do not add up, or it may show more than one frame
  int layer = 0;           // temporal layer (HEVC)
  uint64_t parameters = 0; // hash of the parameter sets inside, 0 without any
};

class PacketInspector {
public:
  explicit PacketInspector(const AVCodecParameters &parameters);
  PacketFacts inspect(const AVPacket &packet) const;

  // Whether this codec is understood well enough to seek in; others are decoded from the first packet.
  bool understood() const;

private:
  void inspect_h264(const AVPacket &packet, PacketFacts &facts) const;
  void inspect_hevc(const AVPacket &packet, PacketFacts &facts) const;
  void inspect_mpeg(const AVPacket &packet, PacketFacts &facts) const;
  static void inspect_h263(const AVPacket &packet, PacketFacts &facts);
  static void inspect_flv1(const AVPacket &packet, PacketFacts &facts);
  static void inspect_vp8(const AVPacket &packet, PacketFacts &facts);
  static void inspect_vp9(const AVPacket &packet, PacketFacts &facts);
  static void inspect_av1(const AVPacket &packet, PacketFacts &facts);
  template <typename Visit> bool for_each_nal(const AVPacket &packet, Visit visit) const;

  AVCodecID codec;
  bool intra_only;
  int length_size = 0; // bytes of a NAL unit's length field, 0 for start codes
};

} // namespace sigma::media
