// The universal scalability law: how throughput grows with workers, and where it stops paying.
//
// X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), Gunther, "Guerrilla Capacity Planning" (2007), chapter 4: lambda is
// the throughput of one worker, sigma what is serial (queueing), kappa what each worker costs every other one (coherency).
// Fitted as N / X = (1 + sigma (N - 1) + kappa N (N - 1)) / lambda, which is linear in 1/lambda, sigma/lambda, kappa/lambda.
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

  double throughput(double workers) const;
};

/// Least squares with sigma and kappa held at 0 or more; points with non-positive throughput are left out.
ScaleLaw fit_scale_law(std::vector<ScalePoint> points);

}  // namespace concadvise
