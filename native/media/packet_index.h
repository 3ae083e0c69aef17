// Which packet shows which frame, and where decoding must begin for it: built once by demuxing the stream.
#pragma once
#include "bitstream.h"
#include "demuxer.h"
#include <vector>

namespace sigma::media {

class PacketIndex {
public:
  // By the demuxer's mark where the file was packed, else by reading all packets.
  explicit PacketIndex(Demuxer &demuxer);

  // Frames in display order, as far as the packets tell.
  int frames() const { return static_cast<int>(packet_of.size()); }
  AVCodecID codec() const { return codec_id; }
  int packets() const { return static_cast<int>(facts.size()); }
  const std::vector<PacketPlace> &places() const { return where; }

  // False where the packets do not determine the frames; then only decoding from the first packet counts
  // right.
  bool reliable() const { return trusted; }

  // Whether packets bring parameter sets of their own.
  bool has_inner_parameters() const { return inner_parameters; }
  // Memory it takes, roughly.
  size_t bytes() const {
    return sizeof *this + facts.size() * (sizeof(PacketPlace) + sizeof(PacketFacts) + 17);
  }

  int packet(int frame) const { return packet_of[frame]; }
  // Frame a packet shows, -1 when it shows none.
  int frame(int packet) const { return frame_of[packet]; }
  // Place of a packet in display order, those that show nothing included.
  int display(int packet) const { return display_of[packet]; }
  bool disposable(int packet) const { return facts[packet].disposable; }
  // The last packet from which decoding gets this frame exactly; -1 when there is none.
  int start(int frame) const;

  // Frames back (forward) to the nearest picture that packet may refer to, 1 where none is known.
  int distance(int packet, bool forward) const;

private:
  void take(const StrideMark &mark);
  void read(Demuxer &demuxer);
  void settle_facts();
  void order_by_count(const std::vector<int> &counts);
  void order_by_anchors();
  void order_as_stored();
  void number(const std::vector<int> &order);
  void check_delay(int allowed);

  std::vector<PacketPlace> where;
  std::vector<PacketFacts> facts;
  std::vector<uint8_t> discarded; // decoded but not shown (edit lists)
  std::vector<int> order_counts;  // picture order count by the parser
  std::vector<int> packet_of, frame_of, display_of;
  AVCodecID codec_id;
  bool trusted = true, inner_parameters = false;
};

} // namespace sigma::media
