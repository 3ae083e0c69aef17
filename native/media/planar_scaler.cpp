#include "planar_scaler.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sigma::media {
namespace {

constexpr int Whole = 32767;    // what the weights of a sample add up to
constexpr int SampleShift = 7;  // mixed rows are in 1/128
constexpr int ColourShift = 13; // and colours in 1/8192

// A row and its resampling as plain pointers, which the compiler can tell from the bytes that are written.
struct Weighted {
  Weighted(const std::vector<int16_t> &mixed, const Resampling &across)
      : row(mixed.data()), weights(across.weights.data()), first(across.first.data()),
        windows(across.windows.empty() ? nullptr : across.windows.data()), taps(across.taps),
        length(across.first.size()) {}
  const int16_t *row, *weights;
  const int32_t *first;
  const uint8_t *windows;
  int taps;
  size_t length;
};

// A sample across the row, in 1/64.
inline int32_t sample(Weighted from, int x) {
  int32_t sum = 1 << 15;
  for (int k = 0; k < from.taps; k += 2) {
    const int16_t *row = from.row + from.first[x] + k, *weights = from.weights + k * from.length + 2 * x;
    sum += row[0] * weights[0] + row[1] * weights[1];
  }
  return sum >> 16;
}

inline uint8_t level(int32_t sum) {
  return static_cast<uint8_t>(std::clamp((sum + (1 << (ColourShift + 5))) >> (ColourShift + 6), 0, 255));
}

void colour_pixels(Weighted luma, Weighted u_row, Weighted v_row, Colours m, int from, int width,
                   uint8_t *rgb) {
  for (int x = from; x < width; ++x) {
    const int32_t y = sample(luma, x) - m.black;
    const int32_t u = sample(u_row, x) - (128 << 6), v = sample(v_row, x) - (128 << 6);
    rgb[3 * x] = level(m.luma * y + m.red_v * v);
    rgb[3 * x + 1] = level(m.luma * y + m.green_u * u + m.green_v * v);
    rgb[3 * x + 2] = level(m.luma * y + m.blue_u * u);
  }
}

#if defined(__x86_64__)

#define SM_WIDE __attribute__((target("avx2")))

SM_WIDE inline __m256i both(int16_t low, int16_t high) {
  return _mm256_set1_epi32(static_cast<int32_t>(static_cast<uint16_t>(low) |
                                                static_cast<uint32_t>(static_cast<uint16_t>(high)) << 16));
}

SM_WIDE inline __m256i levels(__m256i sum) {
  return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(1 << (ColourShift + 5))), ColourShift + 6);
}

// Two neighbouring samples.
inline int32_t pair(const int16_t *at) {
  int32_t both;
  std::memcpy(&both, at, sizeof both);
  return both;
}

// Eight samples across the row, each of two weighted neighbours at a time. (No gathers: they are slow on many
// processors.)
SM_WIDE inline __m256i samples(Weighted from, int x) {
  const int32_t *first = from.first + x;
  const int16_t *weights = from.weights + 2 * x, *row = from.row;
  __m256i sum = _mm256_set1_epi32(1 << 15);
  for (int k = 0; k < from.taps; k += 2, row += 2, weights += 2 * from.length) {
    __m256i pixels;
    if (from.windows) {
      const __m256i window = _mm256_loadu2_m128i(reinterpret_cast<const __m128i *>(row + first[4]),
                                                 reinterpret_cast<const __m128i *>(row + first[0]));
      pixels = _mm256_shuffle_epi8(
          window, _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from.windows + 4 * x)));
    } else {
      pixels = _mm256_setr_epi32(pair(row + first[0]), pair(row + first[1]), pair(row + first[2]),
                                 pair(row + first[3]), pair(row + first[4]), pair(row + first[5]),
                                 pair(row + first[6]), pair(row + first[7]));
    }
    const __m256i shares = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weights));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pixels, shares));
  }
  return _mm256_srai_epi32(sum, 16);
}

// Eight pixels at a time; returns how many were done.
SM_WIDE int colour_wide(Weighted luma, Weighted u_row, Weighted v_row, Colours m, int width, uint8_t *rgb) {
  const __m256i red = both(m.luma, m.red_v), green = both(m.luma, m.green_u), blue = both(m.luma, m.blue_u);
  const __m256i green_v = both(m.green_v, 0), bias = _mm256_set1_epi32(m.black);
  const __m256i middle = _mm256_set1_epi32(128 << 6), low = _mm256_set1_epi32(0xFFFF);
  // From R0-7 G0-7 | B0-7 to RGB RGB …
  const __m128i take_rg = _mm_setr_epi8(0, 8, -1, 1, 9, -1, 2, 10, -1, 3, 11, -1, 4, 12, -1, 5);
  const __m128i take_b = _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1);
  const __m128i rest_rg = _mm_setr_epi8(13, -1, 6, 14, -1, 7, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m128i rest_b = _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, -1, -1, -1, -1, -1, -1);
  int x = 0;
  for (; x + 8 <= width; x += 8) {
    const __m256i y = _mm256_and_si256(_mm256_sub_epi32(samples(luma, x), bias), low);
    const __m256i u = _mm256_sub_epi32(samples(u_row, x), middle);
    const __m256i v = _mm256_sub_epi32(samples(v_row, x), middle);
    const __m256i yu = _mm256_or_si256(y, _mm256_slli_epi32(u, 16));
    const __m256i yv = _mm256_or_si256(y, _mm256_slli_epi32(v, 16));
    const __m256i r = levels(_mm256_madd_epi16(yv, red)), b = levels(_mm256_madd_epi16(yu, blue));
    const __m256i g = levels(
        _mm256_add_epi32(_mm256_madd_epi16(yu, green), _mm256_madd_epi16(_mm256_and_si256(v, low), green_v)));
    const __m256i rg = _mm256_packs_epi32(r, g), bb = _mm256_packs_epi32(b, b);
    // Lanes: [r0-3 g0-3 b0-3 b0-3 | r4-7 g4-7 b4-7 b4-7] as bytes.
    const __m256i all = _mm256_packus_epi16(rg, bb);
    const __m256i sorted = _mm256_permutevar8x32_epi32(all, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 2, 6));
    const __m128i rg8 = _mm256_castsi256_si128(sorted), b8 = _mm256_extracti128_si256(sorted, 1);
    const __m128i head = _mm_or_si128(_mm_shuffle_epi8(rg8, take_rg), _mm_shuffle_epi8(b8, take_b));
    const __m128i tail = _mm_or_si128(_mm_shuffle_epi8(rg8, rest_rg), _mm_shuffle_epi8(b8, rest_b));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(rgb + 3 * x), head);
    _mm_storel_epi64(reinterpret_cast<__m128i *>(rgb + 3 * x + 16), tail);
  }
  return x;
}

#endif

void colour_row(Weighted luma, Weighted u_row, Weighted v_row, Colours m, int width, uint8_t *rgb) {
  int done = 0;
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2");
  if (wide)
    done = colour_wide(luma, u_row, v_row, m, width, rgb);
#endif
  colour_pixels(luma, u_row, v_row, m, done, width, rgb);
}

#if defined(__x86_64__)
__attribute__((target_clones("avx2", "default"), optimize("O3")))
#endif
void add_row(const uint8_t *from, int16_t weight, bool fresh, int count, int16_t *to) {
  if (fresh)
    for (int i = 0; i < count; ++i)
      to[i] = static_cast<int16_t>(((from[i] << SampleShift) * weight + (1 << 14)) >> 15);
  else
    for (int i = 0; i < count; ++i)
      to[i] = static_cast<int16_t>(to[i] + (((from[i] << SampleShift) * weight + (1 << 14)) >> 15));
}

} // namespace

Resampling::Resampling(int length, double step, double offset, int low, int high) : first(length) {
  const bool shrinking = step > 1;
  const int spread = shrinking ? static_cast<int>(std::ceil(step)) + 1 : 2;
  taps = std::min((spread + 1) & ~1, std::max((high - low + 1) & ~1, 2));
  weights.assign(static_cast<size_t>(length) * taps, 0);
  std::vector<double> share(taps);
  for (int i = 0; i < length; ++i) {
    const double from = i * step + offset, to = from + step;
    const double start = shrinking ? from : (from + to) / 2 - 0.5; // edge of the area, or between two centres
    const int left = static_cast<int>(std::floor(start));
    first[i] = std::clamp(left, low, std::max(high - taps, low));
    std::fill(share.begin(), share.end(), 0.0);
    auto give = [&](int at, double weight) {
      share[std::clamp(std::clamp(at, low, high - 1) - first[i], 0, taps - 1)] += weight;
    };
    if (shrinking) {
      for (int at = left; at < to; ++at)
        give(at, std::max(std::min(to, at + 1.0) - std::max(from, static_cast<double>(at)), 0.0) / step);
    } else {
      give(left, 1 - (start - left));
      give(left + 1, start - left);
    }
    // Rounded so that they still add up: what is left over goes to the heaviest.
    const auto heaviest = std::max_element(share.begin(), share.end());
    int rest = Whole;
    for (int k = 0; k < taps; ++k) {
      const int rounded = static_cast<int>(std::lround(share[k] * Whole));
      weights[place(i, k)] = static_cast<int16_t>(rounded);
      rest -= rounded;
    }
    weights[place(i, static_cast<int>(heaviest - share.begin()))] += static_cast<int16_t>(rest);
  }
  find_windows();
}

void Resampling::find_windows() {
  const size_t whole = first.size() / 8 * 8;
  windows.resize(whole * 4);
  for (size_t i = 0; i < whole; ++i) {
    const int away = 2 * (first[i] - first[i / 4 * 4]);
    if (away < 0 || away > 12) {
      windows.clear();
      return;
    }
    for (int b = 0; b < 4; ++b)
      windows[i * 4 + b] = static_cast<uint8_t>(away + b);
  }
}

bool PlanarScaler::Setting::operator==(const Setting &o) const {
  auto all = [](const Setting &s) {
    return std::tie(s.box.x, s.box.y, s.box.width, s.box.height, s.width, s.height, s.shift_x, s.shift_y,
                    s.left, s.top);
  };
  return all(*this) == all(o);
}

bool PlanarScaler::takes(const AVFrame &frame) {
  switch (frame.format) {
  case AV_PIX_FMT_YUV420P:
  case AV_PIX_FMT_YUVJ420P:
  case AV_PIX_FMT_YUV422P:
  case AV_PIX_FMT_YUVJ422P:
  case AV_PIX_FMT_YUV444P:
  case AV_PIX_FMT_YUVJ444P:
    return frame.colorspace != AVCOL_SPC_RGB && frame.colorspace != AVCOL_SPC_YCGCO;
  default:
    return false;
  }
}

PlanarScaler::Plane PlanarScaler::plane(int length_x, int length_y, double step_x, double step_y,
                                        double offset_x, double offset_y, const SourceBox &inside) {
  Plane plane{Resampling(length_x, step_x, offset_x, inside.x, inside.x + inside.width),
              Resampling(length_y, step_y, offset_y, inside.y, inside.y + inside.height), inside.x,
              inside.x + inside.width};
  for (int32_t &first : plane.across.first)
    first -= inside.x; // rows are mixed from the first column that takes part
  return plane;
}

void PlanarScaler::prepare(const Setting &wanted) {
  const SourceBox &box = wanted.box;
  const double step_x = static_cast<double>(box.width) / wanted.width;
  const double step_y = static_cast<double>(box.height) / wanted.height;
  planes.clear();
  planes.push_back(plane(wanted.width, wanted.height, step_x, step_y, box.x, box.y, box));
  // A chroma sample stands for 2 (1 << shift) luma samples; it lies in their middle or on the first of them.
  const double size_x = 1 << wanted.shift_x, size_y = 1 << wanted.shift_y;
  const double lead_x = wanted.shift_x > 0 && wanted.left ? (size_x - 1) / 2 : 0;
  const double lead_y = wanted.shift_y > 0 && wanted.top ? (size_y - 1) / 2 : 0;
  auto last = [](int edge, int shift) { return (edge + (1 << shift) - 1) >> shift; };
  const int x = box.x >> wanted.shift_x, y = box.y >> wanted.shift_y;
  const SourceBox chroma = {x, y, last(box.x + box.width, wanted.shift_x) - x,
                            last(box.y + box.height, wanted.shift_y) - y};
  planes.push_back(plane(wanted.width, wanted.height, step_x / size_x, step_y / size_y,
                         (box.x + lead_x) / size_x, (box.y + lead_y) / size_y, chroma));
  for (int c = 0; c < 3; ++c) // with room for what is read, and not used, past the last sample
    rows[c].assign(
        static_cast<size_t>(planes[c > 0].high - planes[c > 0].low) + planes[c > 0].across.taps + 8, 0);
  line.resize(static_cast<size_t>(wanted.width) * 3 + 32);
  setting = wanted;
}

Colours Colours::of(const AVFrame &frame) {
  bool full = frame.color_range == AVCOL_RANGE_JPEG;
  full |= frame.format == AV_PIX_FMT_YUVJ420P || frame.format == AV_PIX_FMT_YUVJ422P ||
          frame.format == AV_PIX_FMT_YUVJ444P;
  // FFmpeg's numbers: chroma of limited range to red, blue, and minus green of U and V, in 1/65536.
  const int *table = sws_getCoefficients(frame.colorspace);
  const double unit = (full ? 224.0 / 255 : 1.0) * (1 << ColourShift) / 65536;
  auto whole = [](double value) { return static_cast<int16_t>(std::lround(value)); };
  return {whole((full ? 1.0 : 255.0 / 219) * (1 << ColourShift)),
          whole(table[0] * unit),
          whole(-table[2] * unit),
          whole(-table[3] * unit),
          whole(table[1] * unit),
          full ? 0 : 16 << 6};
}

// Row y of a plane's output before it is resampled across: input rows mixed, in 1/128.
void PlanarScaler::mix_rows(const Plane &plane, const uint8_t *data, ptrdiff_t stride, int y,
                            int16_t *row) const {
  const int taps = plane.down.taps;
  bool fresh = true;
  for (int k = 0; k < taps; ++k) {
    const int16_t weight = plane.down.weight(y, k);
    if (weight == 0)
      continue;
    add_row(data + (plane.down.first[y] + k) * stride + plane.low, weight, fresh, plane.high - plane.low,
            row);
    fresh = false;
  }
}

void PlanarScaler::convert(const AVFrame &frame, const SourceBox &box, int width, int height,
                           const PixelOrder &order, uint8_t *rgb) {
  const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool left = frame.chroma_location == AVCHROMA_LOC_LEFT ||
                    frame.chroma_location == AVCHROMA_LOC_TOPLEFT ||
                    frame.chroma_location == AVCHROMA_LOC_BOTTOMLEFT;
  const bool top = frame.chroma_location == AVCHROMA_LOC_TOP || frame.chroma_location == AVCHROMA_LOC_TOPLEFT;
  const Setting wanted = {box, width, height, pixel->log2_chroma_w, pixel->log2_chroma_h, left, top};
  if (planes.empty() || !(wanted == setting))
    prepare(wanted);
  const Colours colours = Colours::of(frame);
  const bool upright = order.column == 1;
  const Weighted luma(rows[0], planes[0].across), u(rows[1], planes[1].across), v(rows[2], planes[1].across);
  for (int y = 0; y < height; ++y) {
    for (int c = 0; c < 3; ++c)
      mix_rows(planes[c > 0], frame.data[c], frame.linesize[c], y, rows[c].data());
    uint8_t *to = rgb + (order.first + y * order.row) * 3;
    if (upright) {
      colour_row(luma, u, v, colours, width, to);
      continue;
    }
    colour_row(luma, u, v, colours, width, line.data());
    for (int x = 0; x < width; ++x)
      std::memcpy(to + x * order.column * 3, line.data() + 3 * x, 3);
  }
}

} // namespace sigma::media
