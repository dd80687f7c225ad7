// The universal scalability law: how throughput grows with workers, and where it stops paying.
//
// X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), Gunther, "Guerrilla Capacity Planning" (2007), chapter 4: lambda is
// the throughput of one worker, sigma what is serial (queueing), kappa what each worker costs every other one (coherency).
// Fitted as N / X = (1 + sigma (N - 1) + kappa N (N - 1)) / lambda, which is linear in 1/lambda, sigma/lambda, kappa/lambda.
//
// A side with a fixed capacity (a connection limit, so many CPUs) answers otherwise: linear up to its capacity, then flat. Its bounds
// X(N) = min(X1 N, C) cross at N* = C / X1, the saturation point (Lazowska et al., "Quantitative System Performance" (1984), chapter 5).
// Both are fitted; the knee is that of the one which fits better.
#pragma once

#include <vector>

namespace concadvise {

struct ScalePoint {
  double workers = 1;
  double throughput = 0;  // of any unit; 1 / wall for a fixed piece of work
};

struct ScaleLaw {
  bool fitted = false;   // false: fewer than three different settings
  double lambda = 0;
  double sigma = 0;      // 0..1
  double kappa = 0;
  double r_squared = 0;  // of throughput
  double knee = 0;       // fitted workers of the highest throughput, sqrt((1 - sigma) / kappa); 0 when it grows without end
  double pays_up_to = 0; // the measured setting beyond which throughput grows by less than a twentieth

  double capacity = 0;            // C of the bounds; 0 when throughput never stops growing with workers
  double saturation = 0;          // N* = C / X1
  double capacity_r_squared = 0;

  double throughput(double workers) const;
  bool is_capacity() const { return saturation > 0 && capacity_r_squared > r_squared; }
  /// Workers beyond which the law that fits better promises less than a twentieth for twice as many; 0 when there is no such number. A knee
  /// beyond the largest setting that was tried is an extrapolation.
  double fitted_knee() const;
};

/// Least squares with sigma and kappa held at 0 or more; points with non-positive throughput are left out.
ScaleLaw fit_scale_law(std::vector<ScalePoint> points);

}  // namespace concadvise
