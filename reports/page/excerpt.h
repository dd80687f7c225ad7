// A few lines of source around a place, where the file is at hand.
#pragma once

#include <string>
#include <string_view>

#include "reports/page/html.h"
#include "reports/report.h"

namespace concadvise {

/// The line with its neighbours, the line itself marked; nothing where the file is not at hand or has no such line.
Html excerpt_of(const PageInput& input, const std::string& file, int line);

}  // namespace concadvise
