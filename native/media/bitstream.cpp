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
  const bool key = packet.flags & AV_PKT_FLAG_KEY;
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
    facts.start = key;
    inspect_mpeg(packet, facts);
    break;
  case AV_CODEC_ID_VP8:
    facts.start = key;
    facts.hidden = (packet.data[0] >> 4 & 1) == 0;
    break;
  case AV_CODEC_ID_VP9:
    facts.start = key;
    inspect_vp9(packet, facts);
    break;
  default:
    facts.start = intra_only || key;
    facts.disposable = intra_only;
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
  int pictures = 0;
  bool sequence = false;
  const uint8_t picture_code = codec == AV_CODEC_ID_MPEG4 ? 0xB6 : 0x00;
  for (int i = 0; i + 4 < packet.size; ++i) {
    const uint8_t *at = packet.data + i;
    if (at[0] != 0 || at[1] != 0 || at[2] != 1)
      continue;
    pictures += at[3] == picture_code;
    sequence |= at[3] == 0xB3;
    i += 3;
  }
  if (codec == AV_CODEC_ID_MPEG4) {
    // Two pictures in one packet (packed B-frames), or one too small to be coded: what is shown when is the
    // decoder's to say.
    facts.damaged |= pictures != 1 || packet.size < 12;
  } else {
    facts.damaged |= pictures == 0;
    facts.start &= sequence; // the header carries the quantisation matrices
  }
}

// VP9: counts the frames of a (super)frame that are shown.
void PacketInspector::inspect_vp9(const AVPacket &packet, PacketFacts &facts) {
  auto shown = [](const uint8_t *data, int size) {
    Bits bits(data, static_cast<size_t>(size));
    bits.take();
    bits.take(); // frame marker
    unsigned profile = bits.take();
    profile |= bits.take() << 1;
    if (profile == 3)
      bits.take();
    if (bits.take()) // show_existing_frame
      return 1;
    bits.take(); // frame type
    return static_cast<int>(bits.take());
  };
  const uint8_t *data = packet.data;
  const int size = packet.size;
  const uint8_t marker = data[size - 1];
  const int frames = (marker & 7) + 1, bytes = (marker >> 3 & 3) + 1, index = 2 + frames * bytes;
  int count = 0;
  if ((marker & 0xE0) == 0xC0 && size >= index && data[size - index] == marker) {
    const uint8_t *lengths = data + size - index + 1;
    int at = 0;
    for (int i = 0; i < frames; ++i) {
      int length = 0;
      for (int b = 0; b < bytes; ++b)
        length |= *lengths++ << 8 * b;
      if (length < 0 || length > size - index - at) {
        facts.damaged = true;
        return;
      }
      count += shown(data + at, length);
      at += length;
    }
  } else {
    count = shown(data, size);
  }
  facts.hidden = count == 0;
  facts.damaged |= count > 1;
}

} // namespace sigma::media
