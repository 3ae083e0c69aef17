// From a decoded frame to RGB bytes: crop, resize, colour and rotation.
#pragma once
#include "planar_scaler.h"
#include "sigma_media.h"

namespace sigma::media {

// How the stored picture is shown.
struct Display {
  int rotation = 0; // clockwise degrees
  int width = 0, height = 0;
};

class Demuxer;

// What a file says of itself; a pixel's width over its height.
double aspect_of(AVFormatContext &format, AVStream &stream);
Display display_of(Demuxer &demuxer);

class FrameConverter {
public:
  explicit FrameConverter(const Display &display) : display(display) {}

  SourceBox source_box(const AVFrame &frame, const sm_crop &crop) const;
  // Fills rgb [height, width, 3].
  void convert(const AVFrame &frame, const sm_crop &crop, int width, int height, uint8_t *rgb);

private:
  struct Setting {
    int format, width, height, out_width, out_height, colour_space, full_range, chroma_x, chroma_y;
    bool operator==(const Setting &o) const;
  };
  void scale(const AVFrame &frame, const SourceBox &box, int width, int height);
  void prepare(const Setting &wanted);

  Display display;
  PlanarScaler planar; // for the common pixel formats
  Scaler scaler;       // for all others
  Setting setting = {};
  Frame planes; // scaled, one plane a colour, not yet turned
};

} // namespace sigma::media
