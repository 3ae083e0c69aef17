// FFmpeg's headers, and owners for what they hand out.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/md5.h>
#include <libavutil/motion_vector.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}
#include <memory>

namespace sigma::media {

template <auto Free> struct FreeByAddress {
  template <typename T> void operator()(T *object) const { Free(&object); }
};
template <auto Free> struct FreeByPointer {
  template <typename T> void operator()(T *object) const { Free(object); }
};

using InputFormat = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;
using CodecContext = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using Packet = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using Frame = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using Parser = std::unique_ptr<AVCodecParserContext, FreeByPointer<av_parser_close>>;
using Scaler = std::unique_ptr<SwsContext, FreeByPointer<sws_freeContext>>;
using FilterGraph = std::unique_ptr<AVFilterGraph, FreeByAddress<avfilter_graph_free>>;

} // namespace sigma::media
