#include "packet_index.h"
#include "bounds.h"
#include "error.h"
#include <algorithm>
#include <numeric>

namespace sigma::media {

PacketIndex::PacketIndex(Demuxer &demuxer) : codec_id(demuxer.stream().codecpar->codec_id) {
  if (demuxer.packed().stride > 1) {
    where = demuxer.header_places();
    take(demuxer.packed());
    return;
  }
  read(demuxer);
  settle_facts();
  const AVCodecParameters &parameters = *demuxer.stream().codecpar;
  switch (parameters.codec_id) {
  case AV_CODEC_ID_H264:
  case AV_CODEC_ID_HEVC:
    order_by_count(order_counts);
    check_delay(parameters.video_delay);
    break;
  case AV_CODEC_ID_MPEG1VIDEO:
  case AV_CODEC_ID_MPEG2VIDEO:
  case AV_CODEC_ID_MPEG4:
    order_by_anchors();
    break;
  default:
    order_as_stored();
  }
}

// Each reference comes before the frames that are shown between it and the reference before.
void PacketIndex::take(const StrideMark &mark) {
  facts.resize(mark.frames);
  discarded.assign(mark.frames, 0);
  display_of.resize(mark.frames);
  for (int frame = 0; frame < mark.frames; ++frame) {
    const bool reference = frame % mark.stride == 0;
    const int packet = frame == 0 ? 0 : reference ? frame - mark.stride + 1 : frame + 1;
    facts[packet].disposable = !reference;
    facts[packet].start = frame % mark.keys == 0;
    display_of[packet] = frame;
    packet_of.push_back(packet);
  }
  frame_of = display_of;
}

void PacketIndex::read(Demuxer &demuxer) {
  const AVCodecParameters &parameters = *demuxer.stream().codecpar;
  const PacketInspector inspector(parameters);
  trusted = inspector.understood();
  Parser parser(av_parser_init(parameters.codec_id));
  CodecContext context(avcodec_alloc_context3(nullptr));
  if (!context || avcodec_parameters_to_context(context.get(), &parameters) < 0)
    throw std::bad_alloc();
  if (parser)
    parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  // Some containers' tables can name the same bytes any number of times. FFmpeg's own seeking may take hours
  // over an index that was never checked.
  const auto most = static_cast<size_t>(std::min(MostPackets, demuxer.size()));
  const auto require = [most](size_t packets) {
    if (packets > most)
      throw MediaError(SM_NOT_A_VIDEO, "it claims to hold more than " + std::to_string(most) +
                                           " pictures, more than a video of its size can have");
  };
  require(static_cast<size_t>(avformat_index_get_entries_count(&demuxer.stream())));
  while (const AVPacket *packet = demuxer.next()) {
    require(where.size() + 1);
    where.push_back({packet->pts, packet->dts, packet->pos, packet->size});
    facts.push_back(inspector.inspect(*packet));
    discarded.push_back((packet->flags & AV_PKT_FLAG_DISCARD) != 0);
    int count = 0;
    if (parser && packet->size > 0) {
      uint8_t *out = nullptr;
      int size = 0;
      av_parser_parse2(parser.get(), context.get(), &out, &size, packet->data, packet->size, packet->pts,
                       packet->dts, packet->pos);
      count = parser->output_picture_number;
      // Fields may come one a packet: two packets then make one frame.
      if (parameters.codec_id == AV_CODEC_ID_H264)
        trusted &= parser->picture_structure == AV_PICTURE_STRUCTURE_FRAME;
    }
    order_counts.push_back(count);
  }
}

// Turns what single packets say into what holds in this stream.
void PacketIndex::settle_facts() {
  uint64_t sets = 0;
  bool sets_change = false;
  int top_layer = 0;
  for (const PacketFacts &f : facts) {
    trusted &= !f.damaged;
    top_layer = std::max(top_layer, f.layer);
    if (f.parameters) {
      sets_change |= sets != 0 && sets != f.parameters;
      sets = f.parameters;
    }
  }
  inner_parameters = sets != 0;
  for (PacketFacts &f : facts) {
    // Where parameter sets change on the way, only a key frame that brings its own is a start.
    f.start &= !sets_change || f.parameters != 0;
    // A lower temporal layer's unreferenced picture may still serve a higher layer.
    f.disposable &= f.layer == top_layer;
  }
  // Pictures before the first start, in decoding or in display, are the decoder's to show or drop.
  trusted &= !facts.empty() && facts[0].start;
}

void PacketIndex::order_by_count(const std::vector<int> &counts) {
  std::vector<int> order(facts.size()), period(facts.size());
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = 0, current = 0; i < facts.size(); ++i)
    period[i] = static_cast<int>(current += facts[i].new_order);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return period[a] != period[b] ? period[a] < period[b] : counts[a] < counts[b];
  });
  for (size_t i = 1; i < order.size(); ++i)
    trusted &= period[order[i]] != period[order[i - 1]] || counts[order[i]] != counts[order[i - 1]];
  number(order);
}

// MPEG-1, 2 and 4: a B-picture is shown at once, every other one when the next such picture has come.
void PacketIndex::order_by_anchors() {
  std::vector<int> order;
  int anchor = -1;
  for (int i = 0; i < packets(); ++i) {
    if (facts[i].b_picture) {
      order.push_back(i);
      continue;
    }
    if (anchor >= 0)
      order.push_back(anchor);
    anchor = i;
  }
  if (anchor >= 0)
    order.push_back(anchor);
  number(order);
}

void PacketIndex::order_as_stored() {
  std::vector<int> order(facts.size());
  std::iota(order.begin(), order.end(), 0);
  number(order);
}

void PacketIndex::number(const std::vector<int> &order) {
  frame_of.assign(facts.size(), -1);
  display_of.assign(facts.size(), 0);
  if (!order.empty() && order[0] != 0)
    trusted = false; // leading pictures at the very start
  for (size_t place = 0; place < order.size(); ++place) {
    const int packet = order[place];
    display_of[packet] = static_cast<int>(place);
    if (facts[packet].hidden || discarded[packet])
      continue;
    frame_of[packet] = frames();
    packet_of.push_back(packet);
  }
}

// Where pictures are further out of order than the decoder expects, it drops some: then its count is what
// holds.
void PacketIndex::check_delay(int allowed) {
  std::vector<int> held; // frames decoded and not yet shown, were each shown as early as its order allows
  int expected = 0;
  for (int packet = 0; packet < packets(); ++packet) {
    if (frame_of[packet] < 0)
      continue;
    held.push_back(frame_of[packet]);
    std::push_heap(held.begin(), held.end(), std::greater<>());
    while (!held.empty() && held.front() == expected) {
      std::pop_heap(held.begin(), held.end(), std::greater<>());
      held.pop_back();
      ++expected;
    }
    trusted &= static_cast<int>(held.size()) <= allowed;
  }
}

int PacketIndex::start(int frame) const {
  for (int packet = packet_of[frame]; packet >= 0; --packet)
    if (facts[packet].start && display_of[packet] <= display_of[packet_of[frame]])
      return packet;
  return -1;
}

int PacketIndex::distance(int packet, bool forward) const {
  const int frame = frame_of[packet];
  const int step = forward ? 1 : -1;
  if (frame >= 0)
    for (int other = frame + step; other >= 0 && other < frames(); other += step)
      if (packet_of[other] < packet && !facts[packet_of[other]].disposable)
        return std::abs(other - frame);
  return 1;
}

} // namespace sigma::media
