#include "rules/scalability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace concadvise {
namespace {

constexpr double kPays = 1.05;  // run-to-run spread is a twentieth: less growth is none

using Row = std::array<double, 3>;

/// The features of N / X: 1, N - 1, N (N - 1).
Row features(double n) { return {1, n - 1, n * (n - 1)}; }

/// Solves the normal equations for the features that `used` selects; nothing when they are singular. Points are weighted by
/// X so that errors are relative.
std::optional<Row> solve(const std::vector<ScalePoint>& points, const std::array<bool, 3>& used) {
  std::array<std::array<double, 4>, 3> m{};
  for (const ScalePoint& point : points) {
    const Row f = features(point.workers);
    const double y = point.workers / point.throughput;
    const double weight = 1 / (y * y);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) m[i][j] += weight * f[i] * f[j];
      m[i][3] += weight * f[i] * y;
    }
  }
  for (std::size_t i = 0; i < 3; ++i)
    if (!used[i])
      for (std::size_t j = 0; j < 4; ++j) m[i][j] = i == j ? 1 : 0;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      if (i != j && !used[j]) m[i][j] = 0;
  for (std::size_t column = 0; column < 3; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < 3; ++row)
      if (std::abs(m[row][column]) > std::abs(m[pivot][column])) pivot = row;
    if (std::abs(m[pivot][column]) < 1e-12) return std::nullopt;
    std::swap(m[column], m[pivot]);
    for (std::size_t row = 0; row < 3; ++row) {
      if (row == column) continue;
      const double factor = m[row][column] / m[column][column];
      for (std::size_t j = column; j < 4; ++j) m[row][j] -= factor * m[column][j];
    }
  }
  return Row{m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
}

double squared_error(const std::vector<ScalePoint>& points, const Row& c) {
  double sum = 0;
  for (const ScalePoint& point : points) {
    const Row f = features(point.workers);
    const double y = point.workers / point.throughput;
    const double error = (c[0] * f[0] + c[1] * f[1] + c[2] * f[2]) / y - 1;
    sum += error * error;
  }
  return sum;
}

/// Of the fits without negative coefficients the one with the least error.
std::optional<Row> best_fit(const std::vector<ScalePoint>& points) {
  std::optional<Row> best;
  for (const std::array<bool, 3>& used : {std::array{true, true, true}, std::array{true, true, false}, std::array{true, false, true}, std::array{true, false, false}}) {
    const std::optional<Row> fit = solve(points, used);
    if (!fit || (*fit)[0] <= 0 || (*fit)[1] < 0 || (*fit)[2] < 0) continue;
    if (!best || squared_error(points, *fit) < squared_error(points, *best)) best = fit;
  }
  return best;
}

template <typename Curve>
double explained(const std::vector<ScalePoint>& points, const Curve& curve) {
  double mean = 0, residual = 0, total = 0;
  for (const ScalePoint& point : points) mean += point.throughput / static_cast<double>(points.size());
  for (const ScalePoint& point : points) {
    residual += std::pow(point.throughput - curve(point.workers), 2);
    total += std::pow(point.throughput - mean, 2);
  }
  return total > 0 ? 1 - residual / total : 1;
}

/// The bounds that fit best, over where the slope ends and the ceiling begins. Points are sorted by workers.
void fit_capacity(const std::vector<ScalePoint>& points, ScaleLaw& law) {
  for (std::size_t first = 1; first < points.size(); ++first) {
    double slope = 0, ceiling = 0;
    for (std::size_t i = 0; i < first; ++i) slope += points[i].throughput / points[i].workers / static_cast<double>(first);
    for (std::size_t i = first; i < points.size(); ++i) ceiling += points[i].throughput / static_cast<double>(points.size() - first);
    const double fit = explained(points, [&](double n) { return std::min(slope * n, ceiling); });
    // The ceiling needs two settings to be one, and must be below the slope there.
    if (points.size() - first < 2 || ceiling >= slope * points.back().workers || (law.saturation > 0 && fit <= law.capacity_r_squared)) continue;
    law.capacity = ceiling;
    law.saturation = ceiling / slope;
    law.capacity_r_squared = fit;
  }
}

}  // namespace

double ScaleLaw::fitted_knee() const {
  if (is_capacity()) return saturation;
  if (!fitted) return 0;
  // The law flattens long before its peak: the knee is where twice the workers no longer pay.
  constexpr double kMostWorkers = 1e5;
  for (double n = 1; n < kMostWorkers; n *= 1.05)
    if (throughput(2 * n) < kPays * throughput(n)) return n;
  return 0;
}

double ScaleLaw::throughput(double workers) const {
  return lambda * workers / (1 + sigma * (workers - 1) + kappa * workers * (workers - 1));
}

ScaleLaw fit_scale_law(std::vector<ScalePoint> points) {
  ScaleLaw law;
  std::erase_if(points, [](const ScalePoint& point) { return !(point.throughput > 0) || !(point.workers > 0); });
  std::sort(points.begin(), points.end(), [](const ScalePoint& a, const ScalePoint& b) { return a.workers < b.workers; });
  if (points.empty()) return law;
  law.pays_up_to = points.front().workers;
  double reached = points.front().throughput;
  for (const ScalePoint& point : points)
    if (point.throughput > kPays * reached) reached = point.throughput, law.pays_up_to = point.workers;
  std::size_t settings = 1;
  for (std::size_t i = 1; i < points.size(); ++i) settings += points[i].workers > points[i - 1].workers ? 1 : 0;
  if (settings < 3) return law;
  fit_capacity(points, law);
  const std::optional<Row> fit = best_fit(points);
  if (!fit) return law;
  law.fitted = true;
  law.lambda = 1 / (*fit)[0];
  law.sigma = (*fit)[1] * law.lambda;
  law.kappa = (*fit)[2] * law.lambda;
  if (law.kappa > 1e-12) law.knee = std::sqrt(std::max(0.0, 1 - law.sigma) / law.kappa);
  law.r_squared = explained(points, [&law](double n) { return law.throughput(n); });
  return law;
}

}  // namespace concadvise
