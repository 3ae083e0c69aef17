#include "frame_converter.h"
#include "error.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

namespace sigma::media {
namespace {

// The yuvj formats are the yuv ones with full range; swscale wants it said that way.
int plain_format(int format, int &full_range) {
  switch (format) {
  case AV_PIX_FMT_YUVJ420P:
    full_range = 1;
    return AV_PIX_FMT_YUV420P;
  case AV_PIX_FMT_YUVJ422P:
    full_range = 1;
    return AV_PIX_FMT_YUV422P;
  case AV_PIX_FMT_YUVJ444P:
    full_range = 1;
    return AV_PIX_FMT_YUV444P;
  case AV_PIX_FMT_YUVJ440P:
    full_range = 1;
    return AV_PIX_FMT_YUV440P;
  case AV_PIX_FMT_YUVJ411P:
    full_range = 1;
    return AV_PIX_FMT_YUV411P;
  default:
    return format;
  }
}

// Place of the first chroma sample relative to the first luma sample of the box, in 1/256 luma pixels.
int chroma_position(int shift, bool centred, int offset) {
  if (shift == 0)
    return -513; // swscale's "not subsampled"
  return (centred ? 128 : 0) - 256 * (offset & ((1 << shift) - 1));
}

// The places of a picture's pixels when it is turned clockwise.
PixelOrder turned(int degrees, ptrdiff_t w, ptrdiff_t h) {
  if (degrees == 90)
    return {h - 1, h, -1};
  if (degrees == 180)
    return {w * h - 1, -1, -w};
  if (degrees == 270)
    return {(w - 1) * h, -h, 1};
  return {0, 1, w};
}

// Puts the colours side by side: rgb is [height, width, 3] after the turn.
void interleave(const AVFrame &planes, const PixelOrder &order, uint8_t *rgb) {
  const auto [first, column, row] = order;
  for (ptrdiff_t y = 0; y < planes.height; ++y) {
    const uint8_t *g = planes.data[0] + y * planes.linesize[0];
    const uint8_t *b = planes.data[1] + y * planes.linesize[1];
    const uint8_t *r = planes.data[2] + y * planes.linesize[2];
    uint8_t *to = rgb + (first + y * row) * 3;
    for (ptrdiff_t x = 0; x < planes.width; ++x, to += column * 3) {
      to[0] = r[x];
      to[1] = g[x];
      to[2] = b[x];
    }
  }
}

} // namespace

bool FrameConverter::Setting::operator==(const Setting &o) const {
  auto all = [](const Setting &s) {
    return std::tie(s.format, s.width, s.height, s.out_width, s.out_height, s.colour_space, s.full_range,
                    s.chroma_x, s.chroma_y);
  };
  return all(*this) == all(o);
}

SourceBox FrameConverter::source_box(const AVFrame &frame, const sm_crop &crop) const {
  if (crop.width <= 0 || crop.height <= 0)
    return {0, 0, frame.width, frame.height};
  // The box in shares of the displayed picture, turned back into the stored one.
  const double left = crop.x / display.width, right = (crop.x + crop.width) / display.width;
  const double top = crop.y / display.height, bottom = (crop.y + crop.height) / display.height;
  double x0 = left, x1 = right, y0 = top, y1 = bottom;
  if (display.rotation == 90)
    x0 = top, x1 = bottom, y0 = 1 - right, y1 = 1 - left;
  else if (display.rotation == 180)
    x0 = 1 - right, x1 = 1 - left, y0 = 1 - bottom, y1 = 1 - top;
  else if (display.rotation == 270)
    x0 = 1 - bottom, x1 = 1 - top, y0 = left, y1 = right;
  auto edge = [](double share, int size) {
    return std::clamp(static_cast<int>(std::lround(share * size)), 0, size);
  };
  int ax = std::min(edge(x0, frame.width), frame.width - 1), bx = std::max(edge(x1, frame.width), ax + 1);
  int ay = std::min(edge(y0, frame.height), frame.height - 1), by = std::max(edge(y1, frame.height), ay + 1);
  return {ax, ay, bx - ax, by - ay};
}

void FrameConverter::convert(const AVFrame &frame, const sm_crop &crop, int width, int height, uint8_t *rgb) {
  if (display.rotation % 180 != 0)
    std::swap(width, height); // of the stored picture from here on
  const PixelOrder order = turned(display.rotation, width, height);
  if (PlanarScaler::takes(frame)) {
    planar.convert(frame, source_box(frame, crop), width, height, order, rgb);
    return;
  }
  scale(frame, source_box(frame, crop), width, height);
  interleave(*planes, order, rgb);
}

// One pass of swscale over the box. An odd corner of a subsampled picture shifts the chroma phase instead of
// the picture, so every whole-pixel crop is exact.
void FrameConverter::scale(const AVFrame &frame, const SourceBox &box, int width, int height) {
  const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (!pixel || pixel->flags & AV_PIX_FMT_FLAG_HWACCEL)
    throw MediaError(SM_FAILED, "its pixel format cannot be turned into RGB");
  const int mask_x = (1 << pixel->log2_chroma_w) - 1, mask_y = (1 << pixel->log2_chroma_h) - 1;
  const bool packed = pixel->nb_components > 1 && pixel->comp[0].plane == pixel->comp[1].plane;
  SourceBox from = box;
  // Pixels that share bytes cannot be split: such a box begins at the group of pixels before it.
  if (pixel->flags & AV_PIX_FMT_FLAG_BITSTREAM)
    from.x &= ~7;
  else if (packed || pixel->log2_chroma_w > 1)
    from.x &= ~mask_x;
  from.width += box.x - from.x;

  const uint8_t *source[4] = {frame.data[0], frame.data[1], frame.data[2], frame.data[3]};
  bool moved[4] = {};
  for (int c = 0; c < pixel->nb_components; ++c) {
    const AVComponentDescriptor &component = pixel->comp[c];
    if (moved[component.plane])
      continue;
    moved[component.plane] = true;
    const bool chroma = (c == 1 || c == 2) && !packed;
    const ptrdiff_t x = chroma ? from.x >> pixel->log2_chroma_w : from.x;
    const ptrdiff_t y = chroma ? from.y >> pixel->log2_chroma_h : from.y;
    const ptrdiff_t step =
        pixel->flags & AV_PIX_FMT_FLAG_BITSTREAM ? x * component.step / 8 : x * component.step;
    source[component.plane] += y * frame.linesize[component.plane] + step;
  }

  Setting wanted = {};
  wanted.full_range = frame.color_range == AVCOL_RANGE_JPEG;
  wanted.format = plain_format(frame.format, wanted.full_range);
  wanted.width = from.width;
  wanted.height = from.height;
  wanted.out_width = width;
  wanted.out_height = height;
  wanted.colour_space = frame.colorspace;
  const bool left = frame.chroma_location == AVCHROMA_LOC_LEFT ||
                    frame.chroma_location == AVCHROMA_LOC_TOPLEFT ||
                    frame.chroma_location == AVCHROMA_LOC_BOTTOMLEFT;
  const bool top = frame.chroma_location == AVCHROMA_LOC_TOP || frame.chroma_location == AVCHROMA_LOC_TOPLEFT;
  wanted.chroma_x = chroma_position(pixel->log2_chroma_w, !left, from.x & mask_x);
  wanted.chroma_y = chroma_position(pixel->log2_chroma_h, !top, from.y & mask_y);
  if (!scaler || !(wanted == setting))
    prepare(wanted);
  if (sws_scale(scaler.get(), source, frame.linesize, 0, from.height, planes->data, planes->linesize) !=
      height)
    throw MediaError(SM_FAILED, "resizing a frame failed");
}

void FrameConverter::prepare(const Setting &wanted) {
  setting = {};
  scaler.reset(sws_alloc_context());
  if (!scaler)
    throw std::bad_alloc();
  SwsContext *s = scaler.get();
  av_opt_set_int(s, "srcw", wanted.width, 0);
  av_opt_set_int(s, "srch", wanted.height, 0);
  av_opt_set_int(s, "src_format", wanted.format, 0);
  av_opt_set_int(s, "dstw", wanted.out_width, 0);
  av_opt_set_int(s, "dsth", wanted.out_height, 0);
  av_opt_set_int(s, "dst_format", AV_PIX_FMT_GBRP, 0);
  av_opt_set_int(s, "src_h_chr_pos", wanted.chroma_x, 0);
  av_opt_set_int(s, "src_v_chr_pos", wanted.chroma_y, 0);
  // Area: shrinking averages what it covers. Full chroma: each pixel has its own colour instead of one for
  // two, which also takes away a bias of two grey levels. Accurate rounding keeps swscale off its unscaled
  // converter, which leaves out the last columns of a width that is no multiple of eight.
  av_opt_set_int(s, "sws_flags", SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, 0);
  av_opt_set_int(s, "src_range", wanted.full_range, 0);
  checked(sws_init_context(s, nullptr, nullptr), SM_FAILED, "its pixel format cannot be turned into RGB");
  sws_setColorspaceDetails(s, sws_getCoefficients(wanted.colour_space), wanted.full_range,
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
  planes.reset(av_frame_alloc());
  if (!planes)
    throw std::bad_alloc();
  planes->format = AV_PIX_FMT_GBRP; // swscale fills planes about twice as fast as packed pixels
  planes->width = wanted.out_width;
  planes->height = wanted.out_height;
  checked(av_frame_get_buffer(planes.get(), 0), SM_FAILED, "a picture of this size cannot be made");
  setting = wanted;
}

} // namespace sigma::media
