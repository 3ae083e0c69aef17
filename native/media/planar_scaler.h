// Crops, resizes and colours the common 8-bit planar pictures in one pass, straight into the caller's RGB
// bytes. Whole-number arithmetic throughout, so that every machine gives the same bytes.
#pragma once
#include "ffmpeg.h"
#include <cstdint>
#include <vector>

namespace sigma::media {

// The part of the stored picture (before rotation) that a crop of the displayed one covers, in whole pixels.
struct SourceBox {
  int x, y, width, height;
};

// Weights that make `length` output samples of a row or column of input samples: shrinking averages the area
// an output sample covers, enlarging interpolates linearly.
struct Resampling {
  int taps = 0;                 // weights of an output sample, even
  std::vector<int32_t> first;   // input sample that each output sample's first weight belongs to
  std::vector<int16_t> weights; // [taps / 2][length][2], in 1/32767
  // For each whole eight outputs, which of 16 bytes from the first sample of either four are the first two
  // samples of each; empty where samples lie too far apart for that.
  std::vector<uint8_t> windows;

  // `step` and `offset` in input samples: output i covers [i · step + offset, (i + 1) · step + offset).
  // Samples outside [low, high) count as the nearest one inside.
  Resampling(int length, double step, double offset, int low, int high);

  int16_t weight(int output, int tap) const { return weights[place(output, tap)]; }

private:
  size_t place(int output, int tap) const { return ((tap / 2) * first.size() + output) * 2 + tap % 2; }
  void find_windows();
};

// Where each output pixel goes: the first one's place, and how far the next column's and row's are, in
// pixels.
struct PixelOrder {
  ptrdiff_t first, column, row;
};

// What turns luma and chroma to red, green and blue, in 1/8192.
struct Colours {
  int16_t luma, red_v, green_u, green_v, blue_u;
  int32_t black; // luma of black, in 1/64

  static Colours of(const AVFrame &frame);
};

class PlanarScaler {
public:
  // 4:2:0, 4:2:2 and 4:4:4 of eight bits.
  static bool takes(const AVFrame &frame);

  // Fills `width` × `height` pixels of the stored picture's orientation.
  void convert(const AVFrame &frame, const SourceBox &box, int width, int height, const PixelOrder &order,
               uint8_t *rgb);

private:
  struct Setting {
    SourceBox box;
    int width, height, shift_x, shift_y;
    bool left, top;
    bool operator==(const Setting &o) const;
  };
  // One plane's way from input to output.
  struct Plane {
    Resampling across, down;
    int low, high; // columns of the input that take part
  };

  void prepare(const Setting &wanted);
  static Plane plane(int length_x, int length_y, double step_x, double step_y, double offset_x,
                     double offset_y, const SourceBox &inside);
  void mix_rows(const Plane &plane, const uint8_t *data, ptrdiff_t stride, int y, int16_t *row) const;

  std::vector<Plane> planes; // luma; both chroma planes
  std::vector<int16_t> rows[3];
  std::vector<uint8_t> line;
  Setting setting = {};
};

} // namespace sigma::media
