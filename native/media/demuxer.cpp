#include "demuxer.h"
#include "error.h"
#include <utility>

namespace sigma::media {
namespace {

constexpr int NearPackets = 300; // as near as this, reading on is cheaper than a container seek

MediaError not_a_video(const std::string &why) { return MediaError(SM_NOT_A_VIDEO, why); }

} // namespace

Demuxer::Demuxer(const FileRange &range, bool quick)
    : range(range), may_be_quick(quick), packet(av_packet_alloc()) {
  if (!packet)
    throw std::bad_alloc();
  open();
}

// From the first packet on once more. What was open stays open where this fails, as it does where somebody
// replaces the file.
void Demuxer::reopen() {
  Demuxer fresh(range, may_be_quick);
  std::swap(*this, fresh);
}

void Demuxer::open() {
  deadline->renew();
  AVFormatContext *context = avformat_alloc_context();
  if (!context)
    throw std::bad_alloc();
  context->interrupt_callback = {interrupted, deadline.get()};
  if (!range.whole) {
    input.reset(context);
    part = std::make_unique<RangeInput>(range, *deadline);
    context->pb = part->context();
    input.release();
  }
  // A playlist named .mp4 must not make us open other files or the network.
  AVDictionary *options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  const std::string url = "file:" + range.path;
  int code = avformat_open_input(&context, url.c_str(), nullptr, &options);
  av_dict_free(&options);
  if (code < 0)
    throw not_a_video("FFmpeg cannot open it: " + ffmpeg_words(code));
  input.reset(context);
  is_quick = may_be_quick && header_suffices();
  if (is_quick) // the packets' own headers are read by PacketInspector
    context->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
  else
    look_at_streams();
  choose_stream();
  mark = is_quick ? StrideMark::of(*context) : StrideMark();
  if (mark.frames != avformat_index_get_entries_count(&stream()))
    mark = {};
}

// FFmpeg decodes the first pictures here, with decoders of its own.
void Demuxer::look_at_streams() {
  std::vector<AVDictionary *> options(input->nb_streams, nullptr);
  for (AVDictionary *&option : options)
    av_dict_set_int(&option, "max_pixels", MostPixels, 0);
  const int code = avformat_find_stream_info(input.get(), options.data());
  for (AVDictionary *&option : options)
    av_dict_free(&option);
  if (code < 0)
    throw not_a_video("FFmpeg finds no streams in it: " + ffmpeg_words(code));
}

// H.264 in MP4 with one video stream: sizes, rate and parameter sets stand in the header, time stamps with
// the packets.
bool Demuxer::header_suffices() const {
  if (std::string(input->iformat->name).rfind("mov,", 0) != 0)
    return false;
  const AVStream *video = nullptr;
  for (unsigned i = 0; i < input->nb_streams; ++i) {
    const AVStream *s = input->streams[i];
    if (s->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || s->disposition & AV_DISPOSITION_ATTACHED_PIC)
      continue;
    if (video)
      return false;
    video = s;
  }
  return video && video->codecpar->codec_id == AV_CODEC_ID_H264 && video->codecpar->width > 0 &&
         video->codecpar->height > 0 && video->codecpar->extradata_size > 6 &&
         video->codecpar->extradata[0] == 1 && video->avg_frame_rate.num > 0 &&
         avformat_index_get_entries_count(video) > 0;
}

void Demuxer::put_back() {
  held = true;
  next_number = 0;
}

// The stream the ffmpeg program takes when it is not told: the largest picture, streams marked as default and
// streams that have packets first. Cover images are no video.
void Demuxer::choose_stream() {
  int64_t best = -1;
  stream_index = -1;
  for (unsigned i = 0; i < input->nb_streams; ++i) {
    AVStream *s = input->streams[i];
    if (s->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || s->disposition & AV_DISPOSITION_ATTACHED_PIC)
      continue;
    int64_t score = static_cast<int64_t>(s->codecpar->width) * s->codecpar->height;
    score += s->event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS ? 100'000'000 : 0;
    score += s->disposition & AV_DISPOSITION_DEFAULT ? 5'000'000 : 0;
    if (score > best) {
      best = score;
      stream_index = static_cast<int>(i);
    }
  }
  if (stream_index < 0)
    throw not_a_video(input->nb_streams == 0 ? "it holds no streams at all"
                                             : "it holds no video stream (audio, text or data only)");
  const AVCodecParameters &chosen = *stream().codecpar;
  if (static_cast<int64_t>(chosen.width) * chosen.height > MostPixels)
    throw not_a_video("its pictures of " + std::to_string(chosen.width) + "×" +
                      std::to_string(chosen.height) + " are larger than any that is read (" +
                      std::to_string(MostPixels) + " pixels)");
  for (unsigned i = 0; i < input->nb_streams; ++i)
    input->streams[i]->discard = static_cast<int>(i) == stream_index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

std::vector<PacketPlace> Demuxer::header_places() const {
  std::vector<PacketPlace> places;
  for (int i = 0; i < mark.frames; ++i) {
    const AVIndexEntry *entry = avformat_index_get_entry(input->streams[stream_index], i);
    places.push_back({AV_NOPTS_VALUE, entry->timestamp, entry->pos, entry->size});
  }
  return places;
}

AVPacket *Demuxer::next_by_header() {
  if (next_number >= mark.frames)
    return nullptr;
  const AVIndexEntry *entry = avformat_index_get_entry(&stream(), next_number);
  deadline->renew();
  av_packet_unref(packet.get());
  if (avio_seek(input->pb, entry->pos, SEEK_SET) < 0 ||
      av_get_packet(input->pb, packet.get(), entry->size) != entry->size)
    return nullptr;
  packet->stream_index = stream_index;
  ++next_number;
  return packet.get();
}

AVPacket *Demuxer::next() {
  if (mark.stride > 1)
    return next_by_header();
  if (held) {
    held = false;
    ++next_number;
    return packet.get();
  }
  deadline->renew();
  for (;;) {
    av_packet_unref(packet.get());
    int code = av_read_frame(input.get(), packet.get());
    if (code == AVERROR(EAGAIN) && !deadline->passed())
      continue;
    if (code == AVERROR(EAGAIN) || code == AVERROR_EXIT)
      throw MediaError(SM_FAILED, "reading the file made no progress for 30 seconds");
    if (code < 0)
      return nullptr; // the end, or where the file breaks off: the ffmpeg program stops here too
    if (packet->stream_index == stream_index) {
      ++next_number;
      return packet.get();
    }
    deadline->renew(); // a packet of another stream is progress
  }
}

void Demuxer::move_to(int number, const std::vector<PacketPlace> &places) {
  if (mark.stride > 1) {
    next_number = number;
    return;
  }
  const bool near = number >= next_number && number - next_number < NearPackets;
  if (!near && !seek(number, places) && number < next_number)
    reopen();
  while (next_number < number)
    if (!next())
      throw MediaError(SM_FAILED, "the file has become shorter while it was read");
}

// Tries the container's own seeking and accepts it only where the packet it lands on is known and not too
// far.
bool Demuxer::seek(int number, const std::vector<PacketPlace> &places) {
  const std::string name = input->iformat->name;
  if (name.rfind("mov,", 0) != 0 && name.rfind("matroska", 0) != 0 && name != "avi")
    return false;
  const PacketPlace &target = places[number];
  const int64_t time = target.dts != AV_NOPTS_VALUE ? target.dts : target.pts;
  const int from = next_number;
  deadline->renew();
  if (time == AV_NOPTS_VALUE || av_seek_frame(input.get(), stream_index, time, AVSEEK_FLAG_BACKWARD) < 0) {
    if (from > number)
      reopen();
    return false;
  }
  held = false;
  AVPacket *landed = next();
  for (int i = number; landed && i >= 0; --i) {
    const PacketPlace &place = places[i];
    const bool same_time = place.dts == landed->dts || place.pts == landed->pts;
    if (place.pos >= 0 && place.pos == landed->pos && place.size == landed->size && same_time) {
      next_number = i;
      held = true;
      return true;
    }
  }
  reopen(); // landed behind the target or on something unknown
  return true;
}

} // namespace sigma::media
