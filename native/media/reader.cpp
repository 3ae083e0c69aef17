#include "reader.h"
#include "block_matching.h"
#include "error.h"
#include <algorithm>
#include <cstring>

namespace sigma::media {
namespace {

constexpr int64_t MostKeptBytes = 64 << 20; // by each reader

// About what a decoded frame takes.
int64_t bytes_of(int width, int height) { return int64_t{2} * width * height; }

} // namespace

Reader::Reader(const std::string &path, int threads, int gpu)
    : range(FileRange::of(path)), threads(threads), gpu(gpu) {
  open(true);
}

// Quickly where that is allowed and turns out well. What was open stays open where this fails.
void Reader::open(bool quick) {
  const auto known = quick ? index_cache::find(range) : std::nullopt;
  auto file = std::make_unique<Demuxer>(range, quick && (!known || known->quick));
  AVCodecParameters &parameters = *file->stream().codecpar;
  auto opened = std::make_unique<Decoder>(file->stream(), threads);
  if (known && known->quick == file->quick()) {
    index = known->index;
    if (known->quick) {
      parameters.video_delay = known->video_delay;
      parameters.sample_aspect_ratio = known->sample_aspect_ratio;
    }
  } else {
    if (file->quick() && file->packed().stride == 1) {
      if (const AVPacket *first = file->next())
        opened->look_ahead(*first, parameters);
      file->put_back();
    }
    const auto found = std::make_shared<PacketIndex>(*file);
    if (file->quick() && !found->reliable()) {
      opened.reset(); // to be used once more
      return open(false);
    }
    index_cache::add(range, {found, file->quick(), parameters.video_delay, parameters.sample_aspect_ratio});
    index = found;
  }
  demuxer = std::move(file);
  decoder = std::move(opened);
  if (!index->reliable() || !nvdec::decoder_of(index->codec()))
    gpu = nvdec::NoGpu;
  if (gpu != nvdec::NoGpu)
    decoder = std::make_unique<Decoder>(demuxer->stream(), 1, gpu);
  if (index->has_inner_parameters())
    decoder->spend();
  index_holds = index->reliable();
  stride = demuxer->packed().stride;
  decoder->export_motion(motion_wanted);
  converter = FrameConverter(display_of(*demuxer));
}

// Also for the decoders that take this one's place.
void Reader::export_motion(bool wanted) {
  motion_wanted = wanted;
  decoder->export_motion(wanted);
}

// From here on the CPU decodes.
void Reader::leave_gpu() {
  if (gpu == nvdec::NoGpu)
    return;
  gpu = nvdec::NoGpu;
  decoder->spend();
  decoder = std::make_unique<Decoder>(demuxer->stream(), threads);
  if (index->has_inner_parameters())
    decoder->spend();
}

int Reader::count_frames() {
  if (exact_count < 0 && demuxer->quick())
    open(false);
  if (exact_count < 0)
    exact_count = decode_from_start(INT32_MAX, [](const AVFrame &, int, int) {});
  return exact_count;
}

void Reader::read(const int32_t *frames, int n, const sm_crop &crop, int width, int height, uint8_t *rgb,
                  sm_motion *motion) {
  std::vector<int> wanted(frames, frames + n);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  // For each wanted frame the first place in the buffer that asks for it; further ones are copied.
  std::vector<size_t> slots(n);
  std::vector<uint8_t *> pictures(wanted.size(), nullptr);
  const size_t bytes = static_cast<size_t>(width) * height * 3;
  for (int i = 0; i < n; ++i) {
    slots[i] = std::lower_bound(wanted.begin(), wanted.end(), frames[i]) - wanted.begin();
    if (!pictures[slots[i]])
      pictures[slots[i]] = rgb + i * bytes;
  }

  const bool exported = motion && MotionField::exported_by(index->codec());
  const int rotation = display_of(*demuxer).rotation;
  if (exported)
    leave_gpu(); // which hands out no vectors
  export_motion(exported);
  // Where references alone carry the motion from one wanted frame to the next, the others are not needed.
  const bool on_stride = std::all_of(wanted.begin(), wanted.end(), [&](int f) { return f % stride == 0; });
  const Between between = !exported                 ? Between::Nothing
                          : stride > 1 && on_stride ? Between::References
                                                    : Between::All;
  const auto restart = [&] { field.begin(wanted.size()); };
  const Sink sink = [&](const AVFrame &frame, int number, int packet) {
    const auto found = std::lower_bound(wanted.begin(), wanted.end(), number);
    if (found == wanted.end())
      return;
    const size_t slot = found - wanted.begin();
    if (*found == number)
      converter.convert(frame, crop, width, height, pictures[slot]);
    if (exported && (number == *found || slot > 0))
      field.add(frame, packet, *index, PixelMap(converter.source_box(frame, crop), rotation, width, height),
                slot);
  };
  restart();
  if (decode_kept(wanted, between))
    for (const Kept &one : kept)
      sink(*one.frame, one.number, one.packet);
  else
    decode(wanted, between, restart, sink);

  for (int i = 0; i < n; ++i)
    if (uint8_t *to = rgb + i * bytes; to != pictures[slots[i]])
      std::memcpy(to, pictures[slots[i]], bytes);
  if (motion && !exported) {
    std::vector<int> distance(wanted.size(), 1);
    for (size_t i = 1; i < wanted.size(); ++i)
      distance[i] = wanted[i] - wanted[i - 1];
    match_blocks({pictures.begin(), pictures.end()}, distance, width, height, field.requested());
  }
  if (motion)
    *motion = field.view(slots, !exported);
}

void Reader::keep(const int32_t *frames, int n) {
  kept.clear();
  to_keep.assign(frames, frames + n);
  std::sort(to_keep.begin(), to_keep.end());
  to_keep.erase(std::unique(to_keep.begin(), to_keep.end()), to_keep.end());
}

// True where the wanted frames are among those to keep, which are then decoded.
bool Reader::decode_kept(const std::vector<int> &wanted, Between between) {
  if (!std::includes(to_keep.begin(), to_keep.end(), wanted.begin(), wanted.end()) || wanted.empty())
    return false;
  if (!kept.empty() && kept_between == between)
    return true;
  const AVCodecParameters &parameters = *demuxer->stream().codecpar;
  const int64_t expected = bytes_of(parameters.width, parameters.height);
  if (expected * static_cast<int64_t>(with_between(to_keep, between).size()) > MostKeptBytes) {
    to_keep.clear();
    return false;
  }
  kept_between = between;
  int64_t bytes = 0; // pictures may be larger than the header says
  try {
    decode(
        to_keep, between,
        [&] {
          kept.clear();
          bytes = 0;
        },
        [&](const AVFrame &frame, int number, int packet) {
          if (between == Between::Nothing && !std::binary_search(to_keep.begin(), to_keep.end(), number))
            return;
          bytes += bytes_of(frame.width, frame.height);
          if (bytes > MostKeptBytes)
            throw MediaError(SM_FAILED, "the frames take more room than there is for keeping them");
          kept.push_back({Frame(av_frame_clone(&frame)), number, packet});
          if (!kept.back().frame)
            throw std::bad_alloc();
        });
  } catch (const MediaError &) { // perhaps only frames of another read are missing
    kept.clear();
    to_keep.clear();
    return false;
  }
  return true;
}

void Reader::frame_md5(const int32_t *frames, int n, char *digests) {
  std::vector<int> wanted(frames, frames + n);
  std::sort(wanted.begin(), wanted.end());
  std::vector<uint8_t> plain;
  export_motion(false);
  decode(
      wanted, Between::Nothing, [] {},
      [&](const AVFrame &frame, int number, int) {
        if (!std::binary_search(wanted.begin(), wanted.end(), number))
          return;
        const auto format = static_cast<AVPixelFormat>(frame.format);
        const int size = av_image_get_buffer_size(format, frame.width, frame.height, 1);
        plain.resize(checked(size, SM_FAILED, "a frame has no size"));
        av_image_copy_to_buffer(plain.data(), size, frame.data, frame.linesize, format, frame.width,
                                frame.height, 1);
        uint8_t digest[16];
        av_md5_sum(digest, plain.data(), size);
        for (int i = 0; i < n; ++i)
          for (int b = 0; frames[i] == number && b < 16; ++b)
            std::snprintf(digests + i * 33 + b * 2, 3, "%02x", digest[b]);
      });
}

// By the index where it holds. Where decoding shows that it does not, from the first packet with everything
// decoded and counted, and so from then on.
void Reader::decode(const std::vector<int> &wanted, Between between, const std::function<void()> &restart,
                    const Sink &sink) {
  if (wanted.empty())
    return;
  restart();
  if (index_holds && wanted.back() < index->frames()) {
    if (decode_by_index(wanted, between, sink))
      return;
    if (gpu != nvdec::NoGpu) {
      leave_gpu();
      return decode(wanted, between, restart, sink);
    }
    if (demuxer->quick())
      open(false);
    index_holds = false;
    decoder->spend();
    restart();
  }
  const int count =
      exact_count >= 0 && wanted.back() >= exact_count ? exact_count : decode_from_start(wanted.back(), sink);
  if (count <= wanted.back())
    too_few(*std::lower_bound(wanted.begin(), wanted.end(), count), exact_count = count);
}

void Reader::too_few(int first_missing, int decoded_frames) {
  const std::string words = ffmpeg_words(AVERROR_INVALIDDATA);
  throw MediaError(SM_UNDECODABLE,
                   decoded_frames == 0
                       ? "no frame of it decodes: " + words
                       : "frame " + std::to_string(first_missing) + " was asked for, but only " +
                             std::to_string(decoded_frames) + " frames decode (0 to " +
                             std::to_string(decoded_frames - 1) + ")",
                   first_missing, decoded_frames);
}

std::vector<int> Reader::with_between(const std::vector<int> &wanted, Between between) const {
  if (between == Between::Nothing)
    return wanted;
  std::vector<int> frames;
  for (int frame = wanted.front(); frame <= wanted.back(); frame += between == Between::All ? 1 : stride)
    frames.push_back(frame);
  return frames;
}

// True where decoding goes on from a stretch to a start without decoding anything more.
bool Reader::joins(const Stretch &stretch, int start) const {
  for (int packet = stretch.last + 1; packet < start; ++packet)
    if (!index->disposable(packet))
      return false;
  return true;
}

// Stretches of packets that hold the frames, each from its own key frame, in order; or one for all.
std::optional<std::vector<Reader::Stretch>> Reader::plan(const std::vector<int> &frames, bool in_one) const {
  std::vector<Stretch> stretches;
  for (int frame : frames) {
    const int packet = index->packet(frame);
    const int start = in_one && !stretches.empty() ? stretches.back().start : index->start(frame);
    if (start < 0 || (!stretches.empty() && start < stretches.back().start))
      return std::nullopt;
    if (!stretches.empty() && joins(stretches.back(), start))
      stretches.back().last = std::max(stretches.back().last, packet);
    else
      stretches.push_back({start, packet});
  }
  return stretches;
}

bool Reader::decode_by_index(const std::vector<int> &wanted, Between between, const Sink &sink) {
  const std::vector<int> frames = with_between(wanted, between);
  const auto stretches = plan(frames, between != Between::Nothing);
  if (!stretches)
    return false;
  std::vector<uint8_t> needed(index->packets(), 0);
  for (int frame : frames)
    needed[index->packet(frame)] = 1;
  for (const Stretch &stretch : *stretches)
    if (!decode_stretch(stretch, needed, sink))
      return false;
  return true;
}

// False where the decoder does not do what the index foretold.
bool Reader::decode_stretch(const Stretch &stretch, const std::vector<uint8_t> &needed, const Sink &sink) {
  demuxer->move_to(stretch.start, index->places());
  decoder->flush();
  int open = 0; // needed frames still to come
  for (int packet = stretch.start; packet <= stretch.last; ++packet)
    open += needed[packet];
  int shown = index->display(stretch.start) - 1;
  bool damaged = false;
  auto receive = [&] {
    bool flawed = false;
    while (const AVFrame *frame = decoder->receive(flawed)) {
      const int packet = Decoder::packet_of(*frame);
      if (packet < stretch.start || packet > stretch.last) {
        damaged = true;
        return;
      }
      if (index->display(packet) < index->display(stretch.start)) {
        flawed = false; // a leading picture, whose references lie before this start; nobody asked for it here
        continue;
      }
      ++decoded;
      on_gpu += decoder->frame_from_gpu();
      damaged |= flawed || index->display(packet) <= shown || index->frame(packet) < 0;
      shown = index->display(packet);
      if (damaged)
        return;
      if (needed[packet]) {
        --open;
        sink(*frame, index->frame(packet), packet);
      }
    }
    damaged |= flawed;
  };
  for (int number = stretch.start; number <= stretch.last && !damaged; ++number) {
    const bool skip = index->disposable(number) && !needed[number];
    skipped += skip;
    if (skip && stride > 1)
      continue; // not even read
    demuxer->move_to(number, index->places());
    AVPacket *packet = demuxer->next();
    if (!packet)
      return false;
    const bool leading = index->display(number) < index->display(stretch.start);
    damaged |= !decoder->send(*packet, number, skip) && !leading;
    receive();
  }
  decoder->drain();
  receive();
  return !damaged && open == 0;
}

// Decodes and counts as the ffmpeg program does, up to frame `last` or the end; returns how many frames came.
int Reader::decode_from_start(int last, const Sink &sink) {
  leave_gpu();
  demuxer->move_to(0, index->places());
  decoder->flush();
  int count = 0;
  bool damaged = false; // nothing follows from it here: what decodes, counts
  auto receive = [&] {
    while (const AVFrame *frame = decoder->receive(damaged)) {
      ++decoded;
      const int packet = Decoder::packet_of(*frame);
      if (count <= last) // a file that is being written has more packets than when it was indexed
        sink(*frame, count, packet < index->packets() ? packet : -1);
      ++count;
    }
  };
  while (count <= last) {
    const int number = demuxer->position();
    AVPacket *packet = demuxer->next();
    if (!packet) {
      decoder->drain();
      receive();
      break;
    }
    decoder->send(*packet, number, false);
    receive();
  }
  return count;
}

void Reader::read_all(int width, int height, const std::function<void(int, const uint8_t *)> &take) {
  if (demuxer->quick())
    open(false);
  std::vector<uint8_t> rgb(static_cast<size_t>(width) * height * 3);
  export_motion(false);
  const int count = decode_from_start(INT32_MAX, [&](const AVFrame &frame, int number, int) {
    converter.convert(frame, {0, 0, 0, 0}, width, height, rgb.data());
    take(number, rgb.data());
  });
  if (count == 0)
    too_few(0, 0);
}

} // namespace sigma::media
