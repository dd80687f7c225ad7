#include "analyzer/analyzer.h"

namespace concadvise {
const FrontEnd* python_front_end() { return nullptr; }
}  // namespace concadvise
