// Passes over rows of scores, one row in the cache at a time, and the optimiser's pass over the weights.
// Included like vector.h.
#pragma once
#include "level.h"
#include "vector.h"

namespace {
constexpr float kLowest = -3e38f;

// Calls body(first, count) for whole vectors, and last with what is left over.
template <typename Whole, typename Rest> SIGMA_INLINE void over(int64_t columns, Whole &&whole, Rest &&rest) {
  int64_t k = 0;
  for (; k + kVector <= columns; k += kVector)
    whole(k);
  if (k < columns)
    rest(k, columns - k);
}

void balance_start(const float *scores, int64_t rows, int64_t columns, float inverse_epsilon, float *most,
                   float *sums) {
  for (int64_t k = 0; k < columns; k++) {
    most[k] = kLowest;
    sums[k] = 0;
  }
  // These rows stay in the cache between the two passes.
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    over(
        columns, [&](int64_t k) { store(most + k, larger(load(most + k), load(row + k))); },
        [&](int64_t k, int64_t count) {
          store_first(most + k, count, larger(load_first(most + k, count, 0), load_first(row + k, count, 0)));
        });
  }
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    over(
        columns,
        [&](int64_t k) {
          store(sums + k, load(sums + k) + exponential((load(row + k) - load(most + k)) * inverse_epsilon));
        },
        [&](int64_t k, int64_t count) {
          Vector below = load_first(row + k, count, 0) - load_first(most + k, count, 0);
          store_first(sums + k, count, load_first(sums + k, count, 0) + exponential(below * inverse_epsilon));
        });
  }
}

// Accumulators are plain local variables here: captured by a lambda they would live in memory.
void balance_round(const float *scores, int64_t rows, int64_t columns, float inverse_epsilon,
                   const float *log_scales, float *room, float *sums) {
  const int64_t whole = columns / kVector * kVector, rest = columns - whole;
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    Vector last = all(kLowest);
    if (rest)
      last =
          load_first(row + whole, rest, 0) * inverse_epsilon + load_first(log_scales + whole, rest, kLowest);
    Vector most = last;
    for (int64_t k = 0; k < whole; k += kVector)
      most = larger(most, load(row + k) * inverse_epsilon + load(log_scales + k));
    const float peak = largest(most);
    Vector total = rest ? exponential(last - peak) : Vector{};
    if (rest)
      store_first(room + whole, rest, total);
    for (int64_t k = 0; k < whole; k += kVector) {
      __builtin_prefetch(row + columns + k); // the next row, while this one is in the cache
      Vector weight = exponential(load(row + k) * inverse_epsilon + load(log_scales + k) - peak);
      store(room + k, weight);
      total += weight;
    }
    const float scale = 1 / sum(total);
    for (int64_t k = 0; k < whole; k += kVector)
      store(sums + k, load(sums + k) + load(room + k) * scale);
    for (int64_t k = whole; k < columns; k++)
      sums[k] += room[k] * scale;
  }
}

void balance_labels(const float *scores, int64_t rows, int64_t columns, float inverse_epsilon,
                    const float *log_scales, int64_t *labels) {
  Integers first;
  for (int64_t j = 0; j < kVector; j++)
    first[j] = static_cast<int32_t>(j);
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    Vector best = all(kLowest);
    Integers place = first;
    for (int64_t k = 0; k < columns; k += kVector) {
      Vector x = columns - k >= kVector ? load(row + k) * inverse_epsilon + load(log_scales + k)
                                        : load_first(row + k, columns - k, 0) * inverse_epsilon +
                                              load_first(log_scales + k, columns - k, kLowest);
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
  const int64_t whole = columns / kVector * kVector, rest = columns - whole;
  double loss = 0;
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * columns;
    const float wanted = row[labels[i]] * factor;
    Vector last = all(kLowest);
    if (rest)
      last = load_first(row + whole, rest, kLowest / 1e6f / factor) * factor;
    Vector most = last;
    for (int64_t k = 0; k < whole; k += kVector)
      most = larger(most, load(row + k) * factor);
    const float peak = largest(most);
    Vector total = rest ? exponential(last - peak) : Vector{};
    if (rest)
      store_first(row + whole, rest, total);
    for (int64_t k = 0; k < whole; k += kVector) {
      __builtin_prefetch(row + columns + k);
      Vector weight = exponential(load(row + k) * factor - peak);
      store(row + k, weight);
      total += weight;
    }
    const float weights = sum(total), scale = slope / weights;
    for (int64_t k = 0; k < whole; k += kVector)
      store(row + k, load(row + k) * scale);
    for (int64_t k = whole; k < columns; k++)
      row[k] *= scale;
    row[labels[i]] -= slope;
    loss += static_cast<double>(__builtin_logf(weights)) + peak - wanted;
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
