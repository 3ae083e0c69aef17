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

// For what is not read again soon: leaves the caches alone where the place allows it. Wants a fence behind
// the last.
SIGMA_INLINE void store_past_caches(float *p, Vector v) {
#if defined(__AVX512F__) && SIGMA_VECTOR == 16
  if (reinterpret_cast<uintptr_t>(p) % sizeof v == 0)
    return __builtin_ia32_movntps512(p, v);
#elif defined(__AVX2__) && SIGMA_VECTOR == 8
  if (reinterpret_cast<uintptr_t>(p) % sizeof v == 0)
    return __builtin_ia32_movntps256(p, v);
#endif
  store(p, v);
}

SIGMA_INLINE void fence() {
#if defined(__AVX2__)
  __builtin_ia32_sfence();
#endif
}

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

SIGMA_INLINE Vector smaller(Vector a, Vector b) { return a < b ? a : b; }

// A constant that stays in a register: left alone, GCC reads it from memory in every round of a loop.
SIGMA_INLINE Vector held(Vector v) {
#ifdef SIGMA_VECTOR_REGISTER
  asm("" : "+" SIGMA_VECTOR_REGISTER(v));
#endif
  return v;
}
SIGMA_INLINE Vector held(float x) { return held(all(x)); }

constexpr float kLn2 = 0.693147180559945309f;

// 2^x to less than 2 units in the last place for x from -126 to 127. What is below counts as -126, what is
// above as 127, or gives infinity where the processor scales by itself. NaN stays NaN. Made once before a
// loop.
#ifdef SIGMA_SCALE
struct Roots {
  float powers[32]; // 2^0, 2^(1/32) …
  constexpr Roots() : powers() {
    double power = 1;
    for (float &p : powers) {
      p = static_cast<float>(power);
      power *= 1.0218971486541166782; // 2^(1/32)
    }
  }
};
constexpr Roots kRoots;

// x = n + r, n the nearest 32nd: 2^n from a table of two registers and the processor's scaling by ⌊n⌋, 2^r by
// a polynomial of degree 2 of least relative error that is 1 at 0.
class PowerOfTwo {
public:
  SIGMA_INLINE Vector operator()(Vector x) const {
    x = larger(least_, x);
    const Vector shifted = x + magic_, n = shifted - magic_;
    const Vector r = x - n;
    const Vector step = SIGMA_LOOK_UP(first_, shifted, second_);
    return SIGMA_SCALE(step * r * (c2_ * r + c1_) + step, n);
  }

private:
  const Vector first_ = held(load(kRoots.powers)), second_ = held(load(kRoots.powers + kVector));
  const Vector least_ = held(-126);
  const Vector magic_ = held(393216); // 1.5 · 2^18: adding it rounds to 32nds, whose number ends its bits
  const Vector c2_ = held(0.24022651f), c1_ = held(0.69315735f);
};
#else
// x = n + r, |r| ≤ 1/2, and 2^r by a polynomial of degree 5 of least relative error that is 1 at 0.
class PowerOfTwo {
public:
  SIGMA_INLINE Vector operator()(Vector x) const {
    x = larger(least_, smaller(most_, x)); // in this order NaN stays NaN
    const Vector shifted = x + magic_, n = shifted - magic_;
    const Vector r = x - n;
    Vector p = c5_ * r + c4_;
    p = p * r + c3_;
    p = p * r + c2_;
    p = p * r + c1_;
    p = p * r + one_;
    Integers power, bits;
    std::memcpy(&power, &shifted, sizeof power);
    std::memcpy(&bits, &p, sizeof bits);
    bits = bits + (power << 23); // n into the exponent; the magic number's own bits fall out
    std::memcpy(&p, &bits, sizeof p);
    return p;
  }

private:
  const Vector least_ = held(-126), most_ = held(127);
  const Vector magic_ = held(12582912); // 1.5 · 2^23: adding it rounds to a whole number
  const Vector c5_ = held(0.0013264684f), c4_ = held(0.0096715158f), c3_ = held(0.055507340f),
               c2_ = held(0.24022242f), c1_ = held(0.69314700f), one_ = held(1);
};
#endif
} // namespace
