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

// The weights of a single row's columns from `first` on, and their sum.
SIGMA_INLINE float weigh_columns(const float *row, int64_t first, int64_t columns, float scale,
                                 const float *logs, float shift, const PowerOfTwo &power, float *room,
                                 int64_t stride) {
  Vector added{};
  for (int64_t k = first; k < columns; k += kVector) {
    const Vector weight = power(at(row, k, columns, 0) * scale + at(logs, k, columns, kLowest) - shift);
    store(room + (k - first) / kVector * stride, weight);
    added += weight;
  }
  return sum(added);
}

// A round's way through rows. A group of them leaves its weights 2^(s · scale + logs − shift) in `room`
// [columns / kVector, Rows, kVector]; only then are their totals known, so they are added to the sums while
// the next group takes their place.
template <int Rows> class Balance {
public:
  SIGMA_INLINE Balance(int64_t columns, float scale, const float *logs, float *room, float *sums)
      : columns_(columns), scale_(scale), logs_(logs), room_(room), sums_(sums) {
    for (int64_t k = 0; k < columns; k += kVector)
      for (int i = 0; i < Rows; i++)
        store(place(k, i), Vector{});
  }

  // Adds every row's weights over their total to the sums. A soft-max needs some number near the row's
  // largest to stay inside float32. The row before has one that nearly always serves, which saves a pass over
  // the row; where it does not, the total tells, and the row is done again with its own. That depends on the
  // rows alone, so the sums are the same on any number of threads.
  SIGMA_INLINE void add(const float *rows, int64_t count, float &shift) {
    constexpr float kMost = 1 << 30, kLeast = 1 / kMost;
    for (int64_t first = 0; first < count; first += Rows) {
      float totals[Rows];
      weigh(rows + first * columns_, shift, totals);
      for (int i = 0; i < Rows; i++) {
        if (!(totals[i] > kLeast && totals[i] < kMost)) {
          shift = peak_of(rows + (first + i) * columns_, columns_, scale_, logs_);
          totals[i] = weigh_columns(rows + (first + i) * columns_, 0, columns_, scale_, logs_, shift, power_,
                                    place(0, i), Rows * kVector);
        }
        shares_[i] = 1 / totals[i];
      }
    }
    for (int64_t k = 0; k < columns_; k += kVector)
      put(sums_, k, columns_, shared_out(k, at(sums_, k, columns_, 0)));
  }

private:
  SIGMA_INLINE float *place(int64_t k, int i) const { return room_ + k * Rows + i * kVector; }

  SIGMA_INLINE Vector shared_out(int64_t k, Vector sum) const {
    for (int i = 0; i < Rows; i++)
      sum += load(place(k, i)) * all(shares_[i]);
    return sum;
  }

  SIGMA_INLINE void weigh(const float *rows, float shift, float *totals) {
    const Vector scale = held(scale_), shifts = held(shift);
    Vector added[Rows] = {}, shares[Rows];
    for (int i = 0; i < Rows; i++)
      shares[i] = all(shares_[i]);
    const int64_t whole = columns_ / kVector * kVector;
    for (int64_t k = 0; k < whole; k += kVector) {
      const Vector offset = load(logs_ + k) - shifts;
      Vector sum = load(sums_ + k);
      for (int i = 0; i < Rows; i++) {
        const float *score = rows + i * columns_ + k;
        fetch_ahead(score + Rows * columns_);
        sum += load(place(k, i)) * shares[i];
        const Vector weight = power_(load(score) * scale + offset);
        store(place(k, i), weight);
        added[i] += weight;
      }
      store(sums_ + k, sum);
    }
    for (int i = 0; i < Rows; i++)
      totals[i] = sum(added[i]);
    if (whole < columns_) {
      put(sums_, whole, columns_, shared_out(whole, at(sums_, whole, columns_, 0)));
      for (int i = 0; i < Rows; i++)
        totals[i] += weigh_columns(rows + i * columns_, whole, columns_, scale_, logs_, shift, power_,
                                   place(whole, i), Rows * kVector);
    }
  }

  const int64_t columns_;
  const float scale_, *const logs_;
  float *const room_, *const sums_;
  float shares_[Rows] = {};
  const PowerOfTwo power_;
};

void balance_round(const float *scores, int64_t rows, int64_t columns, float scale, const float *logs,
                   float *room, float *sums) {
  constexpr int kGroup = sigma::kBalanceRows;
  const int64_t grouped = rows / kGroup * kGroup;
  float shift = peak_of(scores, columns, scale, logs);
  Balance<kGroup>(columns, scale, logs, room, sums).add(scores, grouped, shift);
  Balance<1>(columns, scale, logs, room, sums).add(scores + grouped * columns, rows - grouped, shift);
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
