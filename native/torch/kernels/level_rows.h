// Passes over rows of scores, one row in the cache at a time, and the optimiser's pass over the weights.
// Included like vector.h.
#pragma once
#include "level.h"
#include "vector.h"

namespace {
constexpr float kLowest = -3e38f;

// The vector at k of a row, and `rest` behind its last column.
SIGMA_INLINE Vector at(const float *row, int64_t k, int64_t columns, float rest) {
  return columns - k >= kVector ? load(row + k) : load_first(row + k, columns - k, rest);
}

SIGMA_INLINE void put(float *row, int64_t k, int64_t columns, Vector v) {
  columns - k >= kVector ? store(row + k, v) : store_first(row + k, columns - k, v);
}

// Asks for a number of the rows that come after these. A group of rows does not fit the first cache, where it
// would drive out what is at work: the second.
SIGMA_INLINE void fetch_ahead(const float *p) { __builtin_prefetch(p, 0, 2); }

// Columns [k, k + kVector) of a group of rows for balance_start.
template <int Rows>
SIGMA_INLINE void start_columns(const float *rows, int64_t columns, int64_t k, Vector scale,
                                const PowerOfTwo &power, float *most, float *sums) {
  Vector scores[Rows];
  const Vector before = at(most, k, columns, 0);
  Vector peak = before;
  for (int i = 0; i < Rows; i++) {
    scores[i] = at(rows + i * columns, k, columns, 0);
    peak = larger(peak, scores[i]);
  }
  Vector total = at(sums, k, columns, 0) * power((before - peak) * scale);
  for (int i = 0; i < Rows; i++)
    total += power((scores[i] - peak) * scale);
  put(most, k, columns, peak);
  put(sums, k, columns, total);
}

void balance_start(const float *scores, int64_t rows, int64_t columns, float scale, float *most,
                   float *sums) {
  constexpr int kGroup = 8;
  const PowerOfTwo power;
  const Vector scales = held(scale);
  for (int64_t k = 0; k < columns; k++) {
    most[k] = kLowest;
    sums[k] = 0;
  }
  int64_t i = 0;
  for (; i + kGroup <= rows; i += kGroup)
    for (int64_t k = 0; k < columns; k += kVector) {
      for (int j = 0; j < kGroup; j++)
        fetch_ahead(scores + (i + kGroup + j) * columns + k);
      start_columns<kGroup>(scores + i * columns, columns, k, scales, power, most, sums);
    }
  for (; i < rows; i++)
    for (int64_t k = 0; k < columns; k += kVector)
      start_columns<1>(scores + i * columns, columns, k, scales, power, most, sums);
}

float peak_of(const float *row, int64_t columns, float scale, const float *logs) {
  Vector most = all(kLowest);
  for (int64_t k = 0; k < columns; k += kVector)
    most = larger(most, at(row, k, columns, 0) * scale + at(logs, k, columns, kLowest));
  return largest(most);
}

// 2^(s · scale + logs − shift) of some rows into `room`, a row every `columns` floats, and every row's sum.
template <int Rows>
SIGMA_INLINE void weigh(const float *rows, int64_t columns, float scale, const float *logs, float shift,
                        const PowerOfTwo &power, float *room, float *totals) {
  const Vector scales = held(scale), shifts = held(shift);
  const int64_t whole = columns / kVector * kVector;
  Vector sums[Rows] = {};
  for (int64_t k = 0; k < whole; k += kVector) {
    const Vector offset = load(logs + k) - shifts;
    for (int i = 0; i < Rows; i++) {
      fetch_ahead(rows + (Rows + i) * columns + k);
      const Vector weight = power(load(rows + i * columns + k) * scales + offset);
      store(room + i * columns + k, weight);
      sums[i] += weight;
    }
  }
  if (whole < columns) {
    const Vector offset = load_first(logs + whole, columns - whole, kLowest) - shifts;
    for (int i = 0; i < Rows; i++) {
      const Vector weight =
          power(load_first(rows + i * columns + whole, columns - whole, 0) * scales + offset);
      store_first(room + i * columns + whole, columns - whole, weight);
      sums[i] += weight;
    }
  }
  for (int i = 0; i < Rows; i++)
    totals[i] = sum(sums[i]);
}

// Sums += every row's weights over their total.
template <int Rows>
SIGMA_INLINE void share_out(const float *room, int64_t columns, const float *totals, float *sums) {
  Vector scales[Rows];
  for (int i = 0; i < Rows; i++)
    scales[i] = all(1 / totals[i]);
  for (int64_t k = 0; k < columns; k += kVector) {
    Vector total = at(sums, k, columns, 0);
    for (int i = 0; i < Rows; i++)
      total += at(room + i * columns, k, columns, 0) * scales[i];
    put(sums, k, columns, total);
  }
}

// A soft-max needs some number near the row's largest to stay inside float32. The row before has one that
// nearly always serves, which saves a pass over the row; where it does not, the total tells, and the row is
// done again with its own. That depends on the rows alone, so the sums are the same on any number of threads.
template <int Rows>
SIGMA_INLINE void balance_rows(const float *rows, int64_t columns, float scale, const float *logs,
                               const PowerOfTwo &power, float *room, float *sums, float &shift) {
  constexpr float kMost = 1 << 30, kLeast = 1 / kMost;
  float totals[Rows];
  weigh<Rows>(rows, columns, scale, logs, shift, power, room, totals);
  for (int i = 0; i < Rows; i++)
    if (!(totals[i] > kLeast && totals[i] < kMost)) {
      shift = peak_of(rows + i * columns, columns, scale, logs);
      weigh<1>(rows + i * columns, columns, scale, logs, shift, power, room + i * columns, totals + i);
    }
  share_out<Rows>(room, columns, totals, sums);
}

void balance_round(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                   float *room, float *sums) {
  constexpr int kGroup = sigma::kBalanceRows;
  const PowerOfTwo power;
  float shift = peak_of(scores, columns, scale, logs);
  int64_t i = 0;
  for (; i + kGroup <= rows; i += kGroup)
    balance_rows<kGroup>(scores + i * columns, columns, scale, logs, power, room, sums, shift);
  for (; i < rows; i++)
    balance_rows<1>(scores + i * columns, columns, scale, logs, power, room, sums, shift);
}

void balance_labels(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                    int64_t *labels) {
  Integers first;
  for (int64_t j = 0; j < kVector; j++)
    first[j] = static_cast<int32_t>(j);
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    Vector best = all(kLowest);
    Integers place = first;
    for (int64_t k = 0; k < columns; k += kVector) {
      __builtin_prefetch(row + columns + k);
      const Vector x = at(row, k, columns, 0) * scale + at(logs, k, columns, kLowest);
      place = x > best ? first + static_cast<int32_t>(k) : place;
      best = larger(best, x);
    }
    int64_t label = place[0];
    float most = best[0];
    for (int64_t j = 1; j < kVector; j++) {
      if (best[j] > most || (best[j] == most && place[j] < label)) {
        most = best[j];
        label = place[j];
      }
    }
    labels[i] = label;
  }
}

double cross_entropy(float *scores, int64_t rows, int64_t columns, float factor, float slope,
                     const int64_t *labels) {
  const PowerOfTwo power;
  const float scale = factor * static_cast<float>(sigma::kLog2OfE);
  double loss = 0;
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * columns;
    const float wanted = row[labels[i]] * scale;
    Vector most = all(kLowest);
    for (int64_t k = 0; k < columns; k += kVector)
      most = larger(most, at(row, k, columns, row[0]) * scale);
    const float peak = largest(most);
    Vector total{};
    for (int64_t k = 0; k < columns; k += kVector) {
      __builtin_prefetch(row + columns + k);
      const bool whole = columns - k >= kVector;
      const Vector weight = power(
          (whole ? load(row + k) : load_first(row + k, columns - k, kLowest / 1e6f / scale)) * scale - peak);
      put(row, k, columns, weight);
      total += weight;
    }
    const float weights = sum(total), share = slope / weights;
    for (int64_t k = 0; k < columns; k += kVector)
      put(row, k, columns, at(row, k, columns, 0) * share);
    row[labels[i]] -= slope;
    loss += static_cast<double>(__builtin_logf(weights)) + static_cast<double>(peak - wanted) * kLn2;
  }
  return loss;
}

void adamw(int64_t count, const sigma::AdamWConstants &constants, const float *__restrict gradient,
           float *__restrict weight, float *__restrict first, float *__restrict second) {
  const sigma::AdamWConstants c = constants;
  const float rest1 = 1 - c.beta1, rest2 = 1 - c.beta2;
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float m = first[i] * c.beta1 + g * rest1;
    const float v = second[i] * c.beta2 + g * g * rest2;
    first[i] = m;
    second[i] = v;
    weight[i] = weight[i] * c.keep - c.step * m / (__builtin_sqrtf(v) / c.root + c.eps);
  }
}
} // namespace
