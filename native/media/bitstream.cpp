#include "bitstream.h"

namespace sigma::media {
namespace {

// Bits of a NAL unit, most significant first. Emulation prevention bytes cannot occur in the few first bits
// read here, except inside SEI messages, whose reader stops at the recovery point.
class Bits {
public:
  Bits(const uint8_t *data, size_t size) : data(data), size(size * 8) {}
  unsigned take() {
    if (at >= size) {
      overrun = true;
      return 0;
    }
    unsigned value = data[at / 8] >> (7 - at % 8) & 1;
    ++at;
    return value;
  }
  unsigned take(int count) {
    unsigned value = 0;
    while (count-- > 0)
      value = value << 1 | take();
    return value;
  }
  // Exp-Golomb, unsigned.
  unsigned golomb() {
    int zeros = 0;
    while (!overrun && take() == 0 && zeros < 32)
      ++zeros;
    unsigned value = 0;
    for (int i = 0; i < zeros && !overrun; ++i)
      value = value << 1 | take();
    return overrun || zeros >= 32 ? ~0u : (1u << zeros) - 1 + value;
  }
  bool overrun = false;

private:
  const uint8_t *data;
  size_t size, at = 0;
};

uint64_t hash(uint64_t seed, const uint8_t *data, size_t size) {
  uint64_t value = seed ? seed : 1469598103934665603ull; // FNV-1a
  for (size_t i = 0; i < size; ++i)
    value = (value ^ data[i]) * 1099511628211ull;
  return value ? value : 1;
}

// A recovery point at which the very next pictures are already exact.
bool is_exact_recovery_point(const uint8_t *data, size_t size) {
  size_t at = 0;
  while (at + 2 < size) {
    unsigned type = 0, length = 0;
    for (; at < size && data[at] == 0xFF; ++at)
      type += 255;
    type += at < size ? data[at++] : 0;
    for (; at < size && data[at] == 0xFF; ++at)
      length += 255;
    length += at < size ? data[at++] : 0;
    if (at + length > size)
      return false;
    if (type == 6) {
      Bits bits(data + at, length);
      return bits.golomb() == 0 && bits.take() == 1;
    }
    at += length;
  }
  return false;
}

} // namespace

PacketInspector::PacketInspector(const AVCodecParameters &parameters) : codec(parameters.codec_id) {
  const AVCodecDescriptor *descriptor = avcodec_descriptor_get(codec);
  intra_only = descriptor && descriptor->props & AV_CODEC_PROP_INTRA_ONLY;
  const uint8_t *extra = parameters.extradata;
  if (extra && parameters.extradata_size >= 7 && extra[0] == 1 && codec == AV_CODEC_ID_H264)
    length_size = (extra[4] & 3) + 1;
  if (extra && parameters.extradata_size >= 23 && extra[0] == 1 && codec == AV_CODEC_ID_HEVC)
    length_size = (extra[21] & 3) + 1;
}

bool PacketInspector::understood() const {
  switch (codec) {
  case AV_CODEC_ID_H264:
  case AV_CODEC_ID_HEVC:
  case AV_CODEC_ID_MPEG1VIDEO:
  case AV_CODEC_ID_MPEG2VIDEO:
  case AV_CODEC_ID_MPEG4:
  case AV_CODEC_ID_H263:
  case AV_CODEC_ID_FLV1:
  case AV_CODEC_ID_VP8:
  case AV_CODEC_ID_VP9:
  case AV_CODEC_ID_AV1:
    return true;
  default:
    return intra_only;
  }
}

PacketFacts PacketInspector::inspect(const AVPacket &packet) const {
  PacketFacts facts;
  facts.damaged = packet.flags & AV_PKT_FLAG_CORRUPT;
  if (packet.size == 0) {
    facts.hidden = true; // AVI writes an empty packet where a frame was dropped
    return facts;
  }
  if (av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, nullptr))
    facts.damaged = true; // settings change on the way: only decoding from the start sees them all
  switch (codec) {
  case AV_CODEC_ID_H264:
    inspect_h264(packet, facts);
    break;
  case AV_CODEC_ID_HEVC:
    inspect_hevc(packet, facts);
    break;
  case AV_CODEC_ID_MPEG1VIDEO:
  case AV_CODEC_ID_MPEG2VIDEO:
  case AV_CODEC_ID_MPEG4:
    inspect_mpeg(packet, facts);
    break;
  case AV_CODEC_ID_H263:
    inspect_h263(packet, facts);
    break;
  case AV_CODEC_ID_FLV1:
    inspect_flv1(packet, facts);
    break;
  case AV_CODEC_ID_VP8:
    inspect_vp8(packet, facts);
    break;
  case AV_CODEC_ID_VP9:
    inspect_vp9(packet, facts);
    break;
  case AV_CODEC_ID_AV1:
    inspect_av1(packet, facts);
    break;
  default:
    facts.start = facts.disposable = intra_only;
  }
  return facts;
}

template <typename Visit> bool PacketInspector::for_each_nal(const AVPacket &packet, Visit visit) const {
  const uint8_t *at = packet.data, *end = packet.data + packet.size;
  if (length_size > 0) {
    while (end - at > length_size) {
      size_t length = 0;
      for (int i = 0; i < length_size; ++i)
        length = length << 8 | *at++;
      if (length == 0 || length > static_cast<size_t>(end - at))
        return false;
      visit(at, length);
      at += length;
    }
    return at == end;
  }
  const uint8_t *nal = nullptr;
  for (; end - at >= 3; ++at) {
    if (at[0] != 0 || at[1] != 0 || at[2] != 1)
      continue;
    if (nal && at > nal)
      visit(nal, static_cast<size_t>(at - nal));
    nal = at += 3;
    --at;
  }
  if (nal && end > nal)
    visit(nal, static_cast<size_t>(end - nal));
  return nal != nullptr;
}

void PacketInspector::inspect_h264(const AVPacket &packet, PacketFacts &facts) const {
  bool idr = false, recovery = false, picture = false, all_intra = true, referenced = false;
  bool whole = for_each_nal(packet, [&](const uint8_t *nal, size_t size) {
    int type = nal[0] & 31;
    if (type == 1 || type == 5) {
      picture = true;
      idr |= type == 5;
      referenced |= (nal[0] >> 5 & 3) != 0;
      Bits bits(nal + 1, size - 1);
      bits.golomb(); // first_mb_in_slice
      unsigned slice = bits.golomb() % 5;
      all_intra &= slice == 2 || slice == 4;
    } else if (type == 6) {
      recovery |= is_exact_recovery_point(nal + 1, size - 1);
    } else if (type == 7 || type == 8) {
      facts.parameters = hash(facts.parameters, nal, size);
    } else if (type >= 2 && type <= 4) {
      picture = true; // data partitioning: not followed further
      all_intra = false;
      referenced = true;
    }
  });
  facts.damaged |= !whole || !picture;
  facts.new_order = idr;
  facts.start = idr || (recovery && all_intra);
  facts.disposable = picture && !referenced;
}

void PacketInspector::inspect_hevc(const AVPacket &packet, PacketFacts &facts) const {
  bool picture = false;
  bool whole = for_each_nal(packet, [&](const uint8_t *nal, size_t size) {
    int type = nal[0] >> 1 & 63;
    if (type < 32 && size > 2) {
      picture = true;
      facts.layer = (nal[1] & 7) - 1;
      facts.start = type >= 16 && type <= 21;     // BLA, IDR, CRA
      facts.new_order = type >= 16 && type <= 20; // a CRA picture carries its order on
      facts.disposable = type <= 14 && type % 2 == 0;
      facts.damaged |= type >= 16 && type <= 18; // after a BLA picture some are dropped
    } else if (type >= 32 && type <= 34) {
      facts.parameters = hash(facts.parameters, nal, size);
    }
  });
  facts.damaged |= !whole || !picture;
}

void PacketInspector::inspect_mpeg(const AVPacket &packet, PacketFacts &facts) const {
  const bool part4 = codec == AV_CODEC_ID_MPEG4;
  const uint8_t picture_code = part4 ? 0xB6 : 0x00;
  int pictures = 0;
  bool sequence = false, intra = false;
  for (int i = 0; i + 5 < packet.size; ++i) {
    const uint8_t *at = packet.data + i;
    if (at[0] != 0 || at[1] != 0 || at[2] != 1)
      continue;
    sequence |= at[3] == 0xB3;
    if (at[3] == picture_code && pictures++ == 0) {
      Bits bits(at + 4, 2);
      const unsigned type = part4 ? bits.take(2) + 1 : (bits.take(10), bits.take(3)); // 1 I, 2 P, 3 B
      intra = type == 1;
      facts.b_picture = type == 3;
    }
    i += 3;
  }
  facts.disposable = facts.b_picture;
  if (part4) {
    facts.start = intra;
    // Two pictures in one packet (packed B-frames), or one too small to be coded: what is shown when is the
    // decoder's to say.
    facts.damaged |= pictures != 1 || packet.size < 12;
  } else {
    facts.start = intra && sequence; // the sequence header carries the quantisation matrices
    facts.damaged |= pictures == 0;
  }
}

void PacketInspector::inspect_h263(const AVPacket &packet, PacketFacts &facts) {
  Bits bits(packet.data, static_cast<size_t>(packet.size));
  facts.damaged |= bits.take(22) != 0x20;
  bits.take(8 + 5); // temporal reference, marker and display bits
  if (bits.take(3) != 7) {
    facts.start = bits.take() == 0;
    return;
  }
  if (bits.take(3) == 1) // the extended header repeats its optional part
    bits.take(18);
  facts.start = bits.take(3) == 0;
}

void PacketInspector::inspect_flv1(const AVPacket &packet, PacketFacts &facts) {
  Bits bits(packet.data, static_cast<size_t>(packet.size));
  facts.damaged |= bits.take(17) != 1;
  bits.take(5 + 8); // version, temporal reference
  const unsigned size = bits.take(3);
  bits.take(size == 0 ? 16 : size == 1 ? 32 : 0);
  const unsigned type = bits.take(2);
  facts.start = type == 0;
  facts.disposable = type == 2;
}

void PacketInspector::inspect_vp8(const AVPacket &packet, PacketFacts &facts) {
  facts.start = (packet.data[0] & 1) == 0;
  facts.hidden = (packet.data[0] >> 4 & 1) == 0;
}

// Counts the frames of a (super)frame that are shown; a start is a key frame that comes first.
void PacketInspector::inspect_vp9(const AVPacket &packet, PacketFacts &facts) {
  int shown = 0, seen = 0;
  auto frame = [&](const uint8_t *data, int size) {
    Bits bits(data, static_cast<size_t>(size));
    bits.take(2); // frame marker
    const unsigned profile = bits.take() | bits.take() << 1;
    if (profile == 3)
      bits.take();
    const bool again = bits.take(); // show_existing_frame
    const bool key = !again && bits.take() == 0;
    shown += again || bits.take();
    facts.start |= key && seen++ == 0;
  };
  const uint8_t *data = packet.data;
  const int size = packet.size;
  const uint8_t marker = data[size - 1];
  const int frames = (marker & 7) + 1, bytes = (marker >> 3 & 3) + 1, index = 2 + frames * bytes;
  if ((marker & 0xE0) == 0xC0 && size >= index && data[size - index] == marker) {
    const uint8_t *lengths = data + size - index + 1;
    int at = 0;
    for (int i = 0; i < frames; ++i) {
      int64_t length = 0;
      for (int b = 0; b < bytes; ++b)
        length |= static_cast<int64_t>(*lengths++) << 8 * b;
      if (length > size - index - at) {
        facts.damaged = true;
        return;
      }
      frame(data + at, static_cast<int>(length));
      at += static_cast<int>(length);
    }
  } else {
    frame(data, size);
  }
  facts.hidden = shown == 0;
  facts.damaged |= shown > 1;
}

// A start is a temporal unit whose first frame is a shown key frame, with the sequence header before it.
void PacketInspector::inspect_av1(const AVPacket &packet, PacketFacts &facts) {
  bool sequence = false;
  const uint8_t *at = packet.data, *end = packet.data + packet.size;
  while (at < end) {
    const int type = *at >> 3 & 15;
    const bool extended = *at & 4, sized = *at & 2;
    at += extended ? 2 : 1;
    if (at > end) {
      facts.damaged = true;
      return;
    }
    int64_t length = end - at;
    for (int shift = 0; sized; shift += 7) {
      if (at >= end || shift > 28) {
        facts.damaged = true;
        return;
      }
      length = (shift == 0 ? 0 : length) | static_cast<int64_t>(*at & 127) << shift;
      if ((*at++ & 128) == 0)
        break;
    }
    if (length > end - at) {
      facts.damaged = true;
      return;
    }
    sequence |= type == 1;
    if (type == 3 || type == 6) { // frame header, alone or with its tiles
      Bits bits(at, static_cast<size_t>(length));
      const bool again = bits.take();
      const unsigned frame_type = bits.take(2);
      facts.start = sequence && !again && frame_type == 0 && bits.take();
      return;
    }
    at += length;
  }
}

} // namespace sigma::media
