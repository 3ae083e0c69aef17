// For x86-64 with AVX2 and FMA: 16 registers of 8 floats.
#if defined(__x86_64__)
#define SIGMA_LEVEL_NAME "AVX2"
#define SIGMA_VECTOR 8
#define SIGMA_VECTOR_REGISTER "x"
#define SIGMA_TILE_VECTORS 2
#include "level_table.h"

const sigma::Level &sigma::avx2_level() { return kTable; }
#endif
