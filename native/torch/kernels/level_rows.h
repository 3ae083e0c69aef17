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

void balance_round(const float *scores, int64_t rows, int64_t columns, float inverse_epsilon,
                   const float *log_scales, float *room, float *sums) {
  for (int64_t i = 0; i < rows; i++) {
    const float *row = scores + i * columns;
    auto logit = [&](int64_t k) { return load(row + k) * inverse_epsilon + load(log_scales + k); };
    auto rest = [&](int64_t k, int64_t count) {
      Vector x = load_first(row + k, count, 0) * inverse_epsilon + load_first(log_scales + k, count, kLowest);
      return x;
    };
    Vector most = all(kLowest);
    over(
        columns, [&](int64_t k) { most = larger(most, logit(k)); },
        [&](int64_t k, int64_t count) { most = larger(most, rest(k, count)); });
    const float peak = largest(most);
    Vector total{};
    auto weigh = [&](Vector x) {
      Vector weight = exponential(x - peak);
      total += weight;
      return weight;
    };
    over(
        columns, [&](int64_t k) { store(room + k, weigh(logit(k))); },
        [&](int64_t k, int64_t count) { store_first(room + k, count, weigh(rest(k, count))); });
    const float scale = 1 / sum(total);
    over(
        columns, [&](int64_t k) { store(sums + k, load(sums + k) + load(room + k) * scale); },
        [&](int64_t k, int64_t count) {
          store_first(sums + k, count,
                      load_first(sums + k, count, 0) + load_first(room + k, count, 0) * scale);
        });
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
    auto take = [&](Vector x, int64_t k) {
      place = x > best ? first + static_cast<int32_t>(k) : place;
      best = larger(best, x);
    };
    over(
        columns, [&](int64_t k) { take(load(row + k) * inverse_epsilon + load(log_scales + k), k); },
        [&](int64_t k, int64_t count) {
          take(load_first(row + k, count, 0) * inverse_epsilon + load_first(log_scales + k, count, kLowest),
               k);
        });
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
  double loss = 0;
  for (int64_t i = 0; i < rows; i++) {
    float *row = scores + i * columns;
    const float wanted = row[labels[i]] * factor;
    Vector most = all(kLowest);
    over(
        columns, [&](int64_t k) { most = larger(most, load(row + k) * factor); },
        [&](int64_t k, int64_t count) { most = larger(most, load_first(row + k, count, row[0]) * factor); });
    const float peak = largest(most);
    Vector total{};
    auto weigh = [&](Vector x) {
      Vector weight = exponential(x * factor - peak);
      total += weight;
      return weight;
    };
    over(
        columns, [&](int64_t k) { store(row + k, weigh(load(row + k))); },
        [&](int64_t k, int64_t count) {
          store_first(row + k, count, weigh(load_first(row + k, count, kLowest / 1e6f / factor)));
        });
    const float whole = sum(total), scale = slope / whole;
    over(
        columns, [&](int64_t k) { store(row + k, load(row + k) * scale); },
        [&](int64_t k, int64_t count) {
          store_first(row + k, count, load_first(row + k, count, 0) * scale);
        });
    row[labels[i]] -= slope;
    loss += static_cast<double>(__builtin_logf(whole)) + peak - wanted;
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
