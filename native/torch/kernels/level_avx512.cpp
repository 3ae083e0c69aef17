// For x86-64 with AVX-512: 32 registers of 16 floats.
#if defined(__x86_64__)
#include <immintrin.h>

#define SIGMA_LEVEL_NAME "AVX-512"
#define SIGMA_VECTOR 16
#define SIGMA_VECTOR_REGISTER "v"
#define SIGMA_TILE_VECTORS 4
#define SIGMA_SCALE(p, n) _mm512_scalef_ps(p, n) // p · 2^⌊n⌋
// Of 32 floats in two registers those that the last bits of `places` name.
#define SIGMA_LOOK_UP(first, places, second)                                                                 \
  _mm512_permutex2var_ps(first, _mm512_castps_si512(places), second)
#include "level_table.h"

const sigma::Level &sigma::avx512_level() { return kTable; }
#endif
