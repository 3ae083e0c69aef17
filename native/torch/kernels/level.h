// The inner loops of our kernels, compiled once for every instruction set and chosen when the program runs,
// so that one build serves any processor. Plain pointers only: a file that is compiled for a newer processor
// must not hold code that the linker may share with others.
#pragma once
#include <cstdint>

namespace sigma {
// Exponentials are taken as powers of two, which are the cheapest: scores come times this.
constexpr double kLog2OfE = 1.44269504088896340736;

// One head's tokens, packed: rows padded with zeros to `padded` floats, scores in powers of two.
struct PackedHead {
  int64_t tokens;
  int64_t width;   // d, channels of a head
  int64_t padded;  // d rounded up to whole vectors
  float *queries;  // [tokens, padded], times the scale of the scores and log₂ e
  float *keys;     // [tokens, padded]; backward only
  float *values;   // [tokens, padded]; forward only
  float *keys_t;   // panels of `panel` keys: [tokens / panel, width, panel]
  float *values_t; // like keys_t; backward only
};

// What backward needs beside the packed head.
struct HeadGradients {
  const float *output;      // [tokens, padded], gradient of the mixed values
  const float *log_sums;    // [tokens], log₂ Σ exp of every query's scores
  const float *corrections; // [tokens], output · its gradient
  float *queries;           // [tokens, padded], added to
  float *keys;              // [tokens, padded], written
  float *values;            // [tokens, padded], written
};

// What one step of AdamW does to every number.
struct AdamWConstants {
  float keep; // 1 − rate · decay
  float beta1, beta2;
  float root; // √(1 − beta2ᵗ)
  float eps;
  float step; // rate / (1 − beta1ᵗ)
};

// Rows of numbers times a matrix, and what goes with it.
struct RowsProduct {
  const float *rows;   // [count, depth]
  const float *panels; // [columns / panel, depth, panel]
  int64_t depth, columns;
  const float *bias;   // [columns], added; or null
  bool gelu;           // of the rows, before the product
  const float *inputs; // [count, columns]: results are multiplied with GELU's slope there; or null
  float *output;       // [count, columns]
};

// Rows that a round of balancing takes together.
constexpr int64_t kBalanceRows = 8;

struct Level {
  const char *name;
  int64_t vector;    // floats of a vector
  int64_t panel;     // columns of a panel
  int64_t key_block; // keys that are taken at once
  int64_t query_block;
  int64_t row_block; // rows of a product that are taken at once
  int64_t tile_rows; // rows of a tile

  // Panels of `panel` columns: row r of [rows, width] becomes column r, zeros behind the last.
  void (*transpose_panels)(const float *rows, int64_t count, int64_t stride, int64_t width, float *panels);

  // The same panels of a matrix whose columns are columns already.
  void (*copy_panels)(const float *rows, int64_t count, int64_t stride, int64_t columns, float *panels);

  // Part of a product. room: row_block · (panel + depth) floats.
  void (*multiply_rows)(const RowsProduct &product, int64_t first_row, int64_t last_row, int64_t first_panel,
                        int64_t last_panel, float *room);

  // x · Φ(x), exact GELU.
  void (*gelu)(const float *x, int64_t count, float *y);

  // Mixed values [first_query, last_query) of a head into output (rows `stride` apart), and their log₂ Σ exp.
  // scratch: query_block · (key_block + padded) floats.
  void (*attention_forward)(const PackedHead &head, int64_t first_query, int64_t last_query, float *scratch,
                            float *output, int64_t stride, float *log_sums);

  // Gradients through the keys [first_key, last_key), first_key a multiple of key_block.
  // scratch: 2 · query_block · key_block floats.
  void (*attention_backward)(const PackedHead &head, const HeadGradients &gradients, int64_t first_key,
                             int64_t last_key, float *scratch);

  // First round of balancing [rows, columns]: per column the largest score of these rows, and Σ 2^((s −
  // it) · scale). Here and below scale is log₂(e)/ε, and logs are of base 2.
  void (*balance_start)(const float *scores, int64_t rows, int64_t columns, float scale, float *largest,
                        float *sums);

  // A later round: adds every row's soft-max of s/ε + log u to sums. room: kBalanceRows · columns floats, the
  // columns rounded up to whole vectors.
  void (*balance_round)(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                        float *room, float *sums);

  // The place of the largest s/ε + log u of every row, the first of equals.
  void (*balance_labels)(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                         int64_t *labels);

  // Σ over rows of −log soft-max(factor · s) at the label; scores become slope · (soft-max − one-hot).
  double (*cross_entropy)(float *scores, int64_t rows, int64_t columns, float factor, float slope,
                          const int64_t *labels);

  // Every colour of a tube (pixel-major, three bytes a pixel) minus its mean, over its unbiased deviation +
  // 1e-6 of the range.
  void (*standardise_bytes)(const uint8_t *tube, int64_t count, float *output);

  // Adam's step with decoupled decay on `count` numbers.
  void (*adamw)(int64_t count, const AdamWConstants &constants, const float *gradient, float *weight,
                float *first, float *second);
};

// The widest that this processor has.
const Level &level();

const Level &baseline_level();
#if defined(__x86_64__)
const Level &avx2_level();
const Level &avx512_level();
#endif
} // namespace sigma
