// Vectors of SIGMA_VECTOR floats through the compiler's own vector types. Included only by the files that are
// compiled once for every instruction set; everything has internal linkage.
#pragma once
#include <cstdint>
#include <cstring>

namespace {
typedef float Vector __attribute__((vector_size(SIGMA_VECTOR * 4)));
typedef int32_t Integers __attribute__((vector_size(SIGMA_VECTOR * 4)));
constexpr int64_t kVector = SIGMA_VECTOR;

#define SIGMA_INLINE inline __attribute__((always_inline))

SIGMA_INLINE Vector load(const float *p) {
  Vector v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

SIGMA_INLINE void store(float *p, Vector v) { std::memcpy(p, &v, sizeof v); }

SIGMA_INLINE Vector all(float x) { return Vector{} + x; }

// The first `count` floats, and `rest` in the others.
SIGMA_INLINE Vector load_first(const float *p, int64_t count, float rest) {
  float buffer[kVector];
  for (int64_t i = 0; i < kVector; i++)
    buffer[i] = i < count ? p[i] : rest;
  return load(buffer);
}

SIGMA_INLINE void store_first(float *p, int64_t count, Vector v) {
  std::memcpy(p, &v, count * sizeof(float));
}

SIGMA_INLINE Vector larger(Vector a, Vector b) { return a > b ? a : b; }

typedef float Quad __attribute__((vector_size(16)));

// Both go through memory by a copy, so that the vector itself can stay in a register.
SIGMA_INLINE float sum(Vector v) {
  Quad quads[kVector / 4];
  std::memcpy(quads, &v, sizeof v);
  Quad total = quads[0];
  for (int64_t i = 1; i < kVector / 4; i++)
    total += quads[i];
  return (total[0] + total[1]) + (total[2] + total[3]);
}

SIGMA_INLINE float largest(Vector v) {
  Quad quads[kVector / 4];
  std::memcpy(quads, &v, sizeof v);
  Quad most = quads[0];
  for (int64_t i = 1; i < kVector / 4; i++)
    most = most > quads[i] ? most : quads[i];
  const float left = most[0] > most[1] ? most[0] : most[1], right = most[2] > most[3] ? most[2] : most[3];
  return left > right ? left : right;
}

// e^x for x ≤ 88, to about 2 units in the last place; below -87 it is 0. x = n·ln 2 + r, |r| ≤ ln 2 / 2, and
// e^r by its Taylor polynomial of degree 7.
SIGMA_INLINE Vector exponential(Vector x) {
  const Vector low = all(-87.0f);
  const Vector magic = all(12582912.0f); // 1.5 · 2^23: adding it rounds to a whole number
  Integers is_low = x < low;
  Vector clamped = x < low ? low : x;
  Vector shifted = clamped * 1.44269504088896341f + magic;
  Vector n = shifted - magic;
  Vector r = clamped - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Vector p = all(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  Integers power;
  std::memcpy(&power, &shifted, sizeof power);
  power = power << 23; // n into the exponent; the magic number's own bits fall out
  Integers bits;
  std::memcpy(&bits, &p, sizeof bits);
  bits = (bits + power) & ~is_low;
  Vector result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
} // namespace
