#include "block_matching.h"
#include "error.h"
#include "ffmpeg.h"
#include <algorithm>
extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

namespace sigma::media {
namespace {

constexpr const char *Building = "block matching cannot be set up";

struct Search {
  FilterGraph graph;
  AVFilterContext *source = nullptr, *sink = nullptr;

  Search(int width, int height, int block) : graph(avfilter_graph_alloc()) {
    if (!graph)
      throw std::bad_alloc();
    graph->nb_threads = 1;
    const std::string size = std::to_string(width) + "x" + std::to_string(height);
    const std::string input = "video_size=" + size + ":pix_fmt=gray:time_base=1/1";
    const std::string search = "method=epzs:search_param=32:mb_size=" + std::to_string(block);
    AVFilterContext *estimate = nullptr;
    make(&source, "buffer", input.c_str());
    make(&estimate, "mestimate", search.c_str());
    make(&sink, "buffersink", nullptr);
    checked(avfilter_link(source, 0, estimate, 0), SM_FAILED, Building);
    checked(avfilter_link(estimate, 0, sink, 0), SM_FAILED, Building);
    checked(avfilter_graph_config(graph.get(), nullptr), SM_FAILED, Building);
  }

private:
  void make(AVFilterContext **filter, const char *name, const char *options) {
    const AVFilter *kind = avfilter_get_by_name(name);
    if (!kind)
      throw MediaError(SM_FAILED, std::string("this FFmpeg has no filter ") + name);
    checked(avfilter_graph_create_filter(filter, kind, name, options, nullptr, graph.get()), SM_FAILED,
            Building);
  }
};

Frame grey(const uint8_t *rgb, int width, int height, int64_t time) {
  Frame frame(av_frame_alloc());
  if (!frame)
    throw std::bad_alloc();
  frame->format = AV_PIX_FMT_GRAY8;
  frame->width = width;
  frame->height = height;
  frame->pts = time;
  checked(av_frame_get_buffer(frame.get(), 0), SM_FAILED, Building);
  for (int y = 0; y < height; ++y) {
    uint8_t *row = frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0];
    for (int x = 0; x < width; ++x, rgb += 3)
      row[x] = static_cast<uint8_t>((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8);
  }
  return frame;
}

void collect(const AVFrame &frame, float share, std::vector<sm_vector> &field) {
  const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_MOTION_VECTORS);
  if (!data)
    return;
  const auto *found = reinterpret_cast<const AVMotionVector *>(data->data);
  for (size_t i = 0; i < data->size / sizeof(AVMotionVector); ++i) {
    const AVMotionVector &v = found[i];
    if (v.source < 0) // the filter looks into the next picture as well
      field.push_back({static_cast<float>(v.dst_x), static_cast<float>(v.dst_y), static_cast<float>(v.w),
                       static_cast<float>(v.h), static_cast<float>(v.dst_x - v.src_x) * share,
                       static_cast<float>(v.dst_y - v.src_y) * share});
  }
}

} // namespace

void match_blocks(const std::vector<const uint8_t *> &pictures, const std::vector<int> &distance, int width,
                  int height, std::vector<std::vector<sm_vector>> &fields) {
  const int smaller = std::min(width, height);
  if (pictures.size() < 2 || smaller < 16)
    return;
  Search search(width, height, smaller < 128 ? 8 : 16);
  Frame found(av_frame_alloc());
  if (!found)
    throw std::bad_alloc();
  size_t next = 0;
  // The filter holds a picture back until it has seen the one after it, so the last goes in twice.
  for (size_t i = 0; i <= pictures.size(); ++i) {
    Frame frame = grey(pictures[std::min(i, pictures.size() - 1)], width, height, static_cast<int64_t>(i));
    checked(av_buffersrc_add_frame(search.source, frame.get()), SM_FAILED, "block matching failed");
    while (next < pictures.size() && av_buffersink_get_frame(search.sink, found.get()) >= 0) {
      if (next > 0)
        collect(*found, 1.0f / static_cast<float>(distance[next]), fields[next]);
      ++next;
      av_frame_unref(found.get());
    }
  }
}

} // namespace sigma::media
