#include "writer.h"
#include "error.h"
#include "picture.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sigma::media {

Writer::Writer(const std::string &path, int width, int height, double frame_rate,
               const sm_writer_options &options)
    : path(path), partial(path + ".partial"), width(width), height(height), packet(av_packet_alloc()) {
  open(width, height, frame_rate, options);
}

Writer::Writer(int width, int height, double frame_rate, const sm_writer_options &options)
    : path("memory.mp4"), width(width), height(height), output(nullptr, FreeOutput(true)),
      packet(av_packet_alloc()) {
  open(width, height, frame_rate, options);
}

void Writer::open(int width, int height, double frame_rate, const sm_writer_options &options) {
  if (!packet)
    throw std::bad_alloc();
  AVFormatContext *made = nullptr;
  if (avformat_alloc_output_context2(&made, nullptr, nullptr, path.c_str()) < 0)
    throw MediaError(SM_FAILED, "no video container goes by this ending; .mp4 and .mkv do");
  output.reset(made);
  open_encoder(frame_rate, options);
  source = make_frame(AV_PIX_FMT_RGB24, width, height);
  frame = make_frame(context->pix_fmt, width, height);
  scaler.reset(sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, context->pix_fmt,
                              SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler)
    throw MediaError(SM_FAILED, "a picture of this size cannot be converted");
  sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
  open_file();
}

Writer::~Writer() {
  output.reset();
  if (!finished && !partial.empty())
    std::remove(partial.c_str());
}

void Writer::open_encoder(double frame_rate, const sm_writer_options &options) {
  const AVCodec *codec = options.mpeg4 ? nullptr : avcodec_find_encoder_by_name("libx264");
  const bool x264 = codec != nullptr;
  if (!codec)
    codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
  if (!codec)
    throw MediaError(SM_FAILED, "this FFmpeg can encode neither H.264 (libx264) nor MPEG-4");
  context.reset(avcodec_alloc_context3(codec));
  if (!context)
    throw std::bad_alloc();
  const AVRational rate = av_d2q(frame_rate, 60000);
  context->width = width;
  context->height = height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = av_inv_q(rate);
  context->framerate = rate;
  context->sample_aspect_ratio = {1, 1};
  context->gop_size = options.key_frames;
  context->max_b_frames = options.b_frames;
  context->thread_count = std::max(options.threads, 1);
  context->color_range = AVCOL_RANGE_MPEG;
  context->colorspace = AVCOL_SPC_BT709;
  context->color_primaries = AVCOL_PRI_BT709;
  context->color_trc = AVCOL_TRC_BT709;
  if (output->oformat->flags & AVFMT_GLOBALHEADER)
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  AVDictionary *settings = nullptr;
  if (x264) {
    av_dict_set_int(&settings, "crf", options.crf, 0);
    av_dict_set(&settings, "preset", options.preset, 0);
    // x264's macroblock tree reads memory it never wrote, so its bytes would differ from run to run.
    std::string params = "mbtree=0";
    if (options.x264_params && *options.x264_params)
      params += std::string(":") + options.x264_params;
    av_dict_set(&settings, "x264-params", params.c_str(), 0);
  } else {
    // H.264 crf 10, 23, 36 are about as good as MPEG-4 quantiser 2, 5, 8.
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = FF_QP2LAMBDA * std::clamp((options.crf - 3) / 4, 1, 31);
  }
  const int code = avcodec_open2(context.get(), codec, &settings);
  av_dict_free(&settings);
  checked(code, SM_FAILED, "the encoder refuses these settings");
}

void Writer::open_file() {
  AVStream *stream = avformat_new_stream(output.get(), nullptr);
  if (!stream)
    throw std::bad_alloc();
  checked(avcodec_parameters_from_context(stream->codecpar, context.get()), SM_FAILED,
          "the container does not take this stream");
  stream->time_base = context->time_base;
  stream->avg_frame_rate = context->framerate;
  checked(output.get_deleter().in_memory
              ? avio_open_dyn_buf(&output->pb)
              : avio_open(&output->pb, ("file:" + partial).c_str(), AVIO_FLAG_WRITE),
          SM_FAILED, "the file cannot be created");
  checked(avformat_write_header(output.get(), nullptr), SM_FAILED, "the header cannot be written");
}

void Writer::write(const uint8_t *rgb) {
  checked(av_frame_make_writable(frame.get()), SM_FAILED, "no room for a frame");
  // swscale reads some bytes past the end of a row: the caller's buffer has none to spare.
  for (int y = 0; y < height; ++y)
    std::memcpy(source->data[0] + static_cast<ptrdiff_t>(y) * source->linesize[0],
                rgb + static_cast<size_t>(y) * width * 3, static_cast<size_t>(width) * 3);
  sws_scale(scaler.get(), source->data, source->linesize, 0, height, frame->data, frame->linesize);
  frame->pts = written++;
  frame->quality = context->global_quality; // MPEG-4 reads its quantiser from the frame
  if (on_picture)
    on_picture(*frame);
  encode(frame.get());
}

void Writer::encode(const AVFrame *picture) {
  checked(avcodec_send_frame(context.get(), picture), SM_FAILED, "encoding a frame failed");
  AVStream *stream = output->streams[0];
  for (;;) {
    const int code = avcodec_receive_packet(context.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
      return;
    checked(code, SM_FAILED, "encoding a frame failed");
    if (on_packet)
      on_packet(*packet);
    packet->duration = 1;
    packet->stream_index = 0;
    av_packet_rescale_ts(packet.get(), context->time_base, stream->time_base);
    checked(av_interleaved_write_frame(output.get(), packet.get()), SM_FAILED, "writing failed");
  }
}

void Writer::end() {
  encode(nullptr);
  checked(av_write_trailer(output.get()), SM_FAILED, "writing the end of the file failed");
}

void Writer::finish() {
  if (finished)
    return;
  end();
  checked(avio_closep(&output->pb), SM_FAILED, "writing the end of the file failed");
  if (std::rename(partial.c_str(), path.c_str()) != 0)
    throw MediaError(SM_FAILED, std::string("the finished file cannot be renamed: ") + std::strerror(errno));
  finished = true;
}

std::vector<uint8_t> Writer::finish(const StrideMark &mark) {
  if (mark.stride > 1) // MP4 writes it at the end
    mark.write(*output);
  end();
  uint8_t *bytes = nullptr;
  const int size = avio_close_dyn_buf(output->pb, &bytes);
  output->pb = nullptr;
  std::vector<uint8_t> whole(bytes, bytes + size);
  av_free(bytes);
  finished = true;
  return whole;
}

} // namespace sigma::media
