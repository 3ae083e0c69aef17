// The kernels of native/torch/kernels/rows.cu on a CPU, beside what they should give in double. Prints what
// is wrong; the exit status is 1 then.
#include "on_cpu.h"
// The kernels see CUDA's names from here on.
#include "../../native/torch/kernels/rows.cu"
#include <cstdio>
#include <random>

namespace {
constexpr double kBinary = 1.44269504088896340736;
int failures = 0;

void expect(bool right, const char *what, int64_t rows, int64_t columns, double seen, double wanted) {
  if (right)
    return;
  failures++;
  std::printf("%s of [%lld, %lld]: %.9g instead of %.9g\n", what, static_cast<long long>(rows),
              static_cast<long long>(columns), seen, wanted);
}

bool near(double a, double b, double most) { return std::fabs(a - b) <= most * (1 + std::fabs(b)); }

// Memory of exactly the size, so that a sanitizer sees a step beyond it.
template <typename T> std::unique_ptr<T[]> room(int64_t count) { return std::make_unique<T[]>(count); }

struct Case {
  int64_t rows, columns;
  double epsilon;
  std::unique_ptr<float[]> scores, logs;

  Case(int64_t rows, int64_t columns, double epsilon, unsigned seed)
      : rows(rows), columns(columns), epsilon(epsilon), scores(room<float>(rows * columns)),
        logs(room<float>(columns)) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> cosine(-1, 1), log(-20, 20);
    for (int64_t i = 0; i < rows * columns; i++)
      scores[i] = cosine(random);
    for (int64_t k = 0; k < columns; k++)
      logs[k] = log(random);
  }

  float scale() const { return static_cast<float>(kBinary / epsilon); }
  double exponent(int64_t r, int64_t k) const {
    return static_cast<double>(scores[r * columns + k]) * static_cast<double>(scale()) + logs[k];
  }
};

void start(const Case &c) {
  const int64_t groups = sigma::cuda::groups(c.rows);
  auto largest = room<float>(groups * c.columns), sums = room<float>(groups * c.columns);
  sigma::cuda::balance_start(c.scores.get(), c.rows, c.columns, c.scale(), largest.get(), sums.get(),
                             nullptr);
  for (int64_t k = 0; k < c.columns; k++) {
    double seen = 0, wanted = 0;
    for (int64_t g = 0; g < groups; g++)
      seen += std::exp2((largest[g * c.columns + k] - 1.0) * c.scale()) * sums[g * c.columns + k];
    for (int64_t r = 0; r < c.rows; r++)
      wanted += std::exp2((c.scores[r * c.columns + k] - 1.0) * c.scale());
    expect(std::fabs(seen - wanted) <= 1e-5 * wanted, "first sums", c.rows, c.columns, seen, wanted);
  }
}

void round(const Case &c) {
  const int64_t groups = sigma::cuda::groups(c.rows);
  auto sums = room<float>(groups * c.columns);
  sigma::cuda::balance_round(c.scores.get(), c.rows, c.columns, c.scale(), c.logs.get(), sums.get(), nullptr);
  std::vector<double> wanted(c.columns);
  for (int64_t r = 0; r < c.rows; r++) {
    double peak = -1e300, total = 0;
    for (int64_t k = 0; k < c.columns; k++)
      peak = std::max(peak, c.exponent(r, k));
    for (int64_t k = 0; k < c.columns; k++)
      total += std::exp2(c.exponent(r, k) - peak);
    for (int64_t k = 0; k < c.columns; k++)
      wanted[k] += std::exp2(c.exponent(r, k) - peak) / total;
  }
  for (int64_t k = 0; k < c.columns; k++) {
    double seen = 0;
    for (int64_t g = 0; g < groups; g++)
      seen += sums[g * c.columns + k];
    expect(near(seen, wanted[k], 1e-5), "sums of a round", c.rows, c.columns, seen, wanted[k]);
  }
}

void labels(Case &c) {
  // Two equals in every row, of which the first counts.
  for (int64_t r = 0; r < c.rows; r++) {
    const int64_t first = r * 7919 % c.columns, second = r * 104729 % c.columns;
    c.logs[first] = c.logs[second] = 0;
    c.scores[r * c.columns + first] = c.scores[r * c.columns + second] = 3;
  }
  auto seen = room<int64_t>(c.rows);
  sigma::cuda::balance_labels(c.scores.get(), c.rows, c.columns, c.scale(), c.logs.get(), seen.get(),
                              nullptr);
  for (int64_t r = 0; r < c.rows; r++) {
    int64_t best = 0;
    auto value = [&](int64_t k) { return std::fma(c.scores[r * c.columns + k], c.scale(), c.logs[k]); };
    for (int64_t k = 1; k < c.columns; k++)
      if (value(k) > value(best))
        best = k;
    expect(seen[r] == best, "label", c.rows, c.columns, static_cast<double>(seen[r]),
           static_cast<double>(best));
  }
}

void cross_entropy(Case &c) {
  auto own = room<int64_t>(c.rows);
  for (int64_t r = 0; r < c.rows; r++)
    own[r] = (r * 31 + c.columns - 1) % c.columns;
  auto scores = room<float>(c.rows * c.columns), losses = room<float>(c.rows);
  std::copy_n(c.scores.get(), c.rows * c.columns, scores.get());
  const double factor = 1 / 0.06, slope = factor / static_cast<double>(c.rows);
  sigma::cuda::cross_entropy(scores.get(), c.rows, c.columns, static_cast<float>(factor),
                             static_cast<float>(slope), own.get(), losses.get(), nullptr);
  for (int64_t r = 0; r < c.rows; r++) {
    double total = 0;
    auto logit = [&](int64_t k) { return c.scores[r * c.columns + k] * factor; };
    for (int64_t k = 0; k < c.columns; k++)
      total += std::exp(logit(k) - 50);
    const double wanted = std::log(total) + 50 - logit(own[r]);
    expect(near(losses[r], wanted, 1e-5), "loss", c.rows, c.columns, losses[r], wanted);
    for (int64_t k = 0; k < c.columns; k++) {
      const double gradient = slope * (std::exp(logit(k) - 50) / total - (k == own[r]));
      const double seen = scores[r * c.columns + k];
      expect(std::fabs(seen - gradient) <= 1e-5 * slope, "slope", c.rows, c.columns, seen, gradient);
    }
  }
}
float bf16(uint16_t bits) { return __uint_as_float(static_cast<unsigned>(bits) << 16); }

void add_norm(const Case &c) {
  const int64_t count = c.rows * c.columns;
  auto branch = room<uint16_t>(count), normed = room<uint16_t>(count);
  auto sum = room<float>(count), weight = room<float>(c.columns), bias = room<float>(c.columns);
  for (int64_t i = 0; i < count; i++)
    branch[i] = static_cast<uint16_t>(__float_as_uint(c.scores[count - 1 - i] * 5) >> 16);
  for (int64_t k = 0; k < c.columns; k++) {
    weight[k] = 1 + c.logs[k] / 40;
    bias[k] = c.logs[c.columns - 1 - k] / 20;
  }
  sigma::cuda::add_norm(c.scores.get(), branch.get(), c.rows, c.columns, weight.get(), bias.get(), 1e-6f,
                        sum.get(), normed.get(), nullptr);
  for (int64_t r = 0; r < c.rows; r++) {
    double mean = 0, variance = 0;
    auto x = [&](int64_t k) {
      return static_cast<double>(c.scores[r * c.columns + k]) +
             static_cast<double>(bf16(branch[r * c.columns + k]));
    };
    for (int64_t k = 0; k < c.columns; k++)
      mean += x(k) / static_cast<double>(c.columns);
    for (int64_t k = 0; k < c.columns; k++)
      variance += (x(k) - mean) * (x(k) - mean) / static_cast<double>(c.columns);
    for (int64_t k = 0; k < c.columns; k++) {
      const double wanted = (x(k) - mean) / std::sqrt(variance + 1e-6) * weight[k] + bias[k];
      expect(near(sum[r * c.columns + k], x(k), 1e-6), "sum", c.rows, c.columns, sum[r * c.columns + k],
             x(k));
      // bf16 keeps 8 bits.
      expect(std::fabs(bf16(normed[r * c.columns + k]) - wanted) <= 1e-4 + std::fabs(wanted) / 250, "norm",
             c.rows, c.columns, bf16(normed[r * c.columns + k]), wanted);
    }
  }
}
} // namespace

int main() {
  // The last widths are those around a change of how many columns a thread keeps, and the widest.
  const std::pair<int64_t, int64_t> sizes[] = {{1, 1},    {5, 7},    {20, 33},  {3, 256},  {2, 1024},
                                               {2, 1025}, {2, 2049}, {9, 3000}, {2, 3073}, {2, 8192}};
  unsigned seed = 0;
  for (auto [rows, columns] : sizes)
    for (double epsilon : {0.05, 0.012}) {
      Case c(rows, columns, epsilon, ++seed);
      start(c);
      round(c);
      cross_entropy(c);
      add_norm(c);
      labels(c);
    }
  return failures > 0;
}
