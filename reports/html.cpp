#include "reports/report.h"

namespace concadvise {

std::string render_html(const Session& session) { return "<!doctype html><title>" + session.verdict.klass + "</title>\n"; }

}  // namespace concadvise
