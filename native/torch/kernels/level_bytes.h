// Tubes of bytes become targets. Included like vector.h.
#pragma once
#include "vector.h"

namespace {
typedef uint8_t Bytes __attribute__((vector_size(SIGMA_VECTOR)));
constexpr int64_t kColours = 3;

SIGMA_INLINE Integers load_bytes(const uint8_t *p) {
  Bytes bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return __builtin_convertvector(bytes, Integers);
}

// Sums of whole numbers are exact, whatever their order; three vectors hold every colour equally often.
void standardise_bytes(const uint8_t *tube, int64_t count, float *output) {
  constexpr int64_t kGroup = kColours * kVector;
  const int64_t whole = count / kGroup * kGroup;
  Integers sums[kColours] = {}, squares[kColours] = {};
  for (int64_t i = 0; i < whole; i += kGroup)
    for (int64_t j = 0; j < kColours; j++) {
      const Integers x = load_bytes(tube + i + j * kVector);
      sums[j] += x;
      squares[j] += x * x;
    }
  int64_t sum[kColours] = {}, square[kColours] = {};
  for (int64_t i = 0; i < kGroup; i++) {
    sum[i % kColours] += sums[i / kVector][i % kVector];
    square[i % kColours] += squares[i / kVector][i % kVector];
  }
  for (int64_t i = whole; i < count; i++) {
    sum[i % kColours] += tube[i];
    square[i % kColours] += tube[i] * tube[i];
  }
  const int64_t n = count / kColours;
  int32_t below[kColours]; // the mean's whole part and its fraction: a difference to it stays exact
  float fraction[kColours], scale[kColours];
  for (int64_t c = 0; c < kColours; c++) {
    below[c] = static_cast<int32_t>(sum[c] / n);
    fraction[c] = static_cast<float>(static_cast<double>(sum[c] % n) / static_cast<double>(n));
    const double variance = static_cast<double>(n * square[c] - sum[c] * sum[c]) /
                            (static_cast<double>(n) * static_cast<double>(n - 1));
    scale[c] = static_cast<float>(1 / (__builtin_sqrt(variance) + 255e-6));
  }
  Integers belows[kColours];
  Vector fractions[kColours], scales[kColours];
  for (int64_t i = 0; i < kGroup; i++) {
    belows[i / kVector][i % kVector] = below[i % kColours];
    fractions[i / kVector][i % kVector] = fraction[i % kColours];
    scales[i / kVector][i % kVector] = scale[i % kColours];
  }
  for (int64_t i = 0; i < whole; i += kGroup)
    for (int64_t j = 0; j < kColours; j++) {
      const Integers x = load_bytes(tube + i + j * kVector) - belows[j];
      store(output + i + j * kVector, (__builtin_convertvector(x, Vector) - fractions[j]) * scales[j]);
    }
  for (int64_t i = whole; i < count; i++)
    output[i] =
        (static_cast<float>(tube[i] - below[i % kColours]) - fraction[i % kColours]) * scale[i % kColours];
}
} // namespace
