// Comments that silence findings: `# noqa: rule`, `# concadvise: allow(rule) reason`.
#pragma once

#include <vector>

#include "analyzer/facts.h"
#include "analyzer/python/syntax.h"

namespace concadvise::python {

std::vector<facts::Suppression> suppressions(const Tree& tree);

}  // namespace concadvise::python
