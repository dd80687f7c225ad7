// The verdict: what the program is bound by, how sure that is, and what it is not.
#pragma once

#include "model/advice.h"
#include "rules/metrics.h"
#include "rules/thresholds.h"

namespace concadvise {

/// Decides class, resource and confidence. The order of the questions is the flowchart's: enough data, idle, locks,
/// oversubscription, then waiting against computing.
///
/// Confidence is the product of: distance of the deciding metric from its border in units of its margin, agreement of the
/// windows with the whole, samples n as n / (n + 20), and what was lost, unknown or a neighbour's doing. `confidence_why`
/// says which of these took more than a twentieth.
Verdict decide(const Profile& profile, const Metrics& metrics, const Thresholds& thresholds);

}  // namespace concadvise
