#include "reports/report.h"

namespace concadvise {

std::string render_text(const Session& session, const TextOptions& /*options*/) { return session.verdict.summary + "\n"; }

}  // namespace concadvise
