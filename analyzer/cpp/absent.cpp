// Stands in for the C++ front end in a build without LLVM: lint() names each C and C++ source as not analysed.
#include "analyzer/analyzer.h"

namespace concadvise {
const FrontEnd* cpp_front_end() { return nullptr; }
}  // namespace concadvise
