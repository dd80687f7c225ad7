// Functions of internal linkage have namesakes in other files.
#include "mini.h"
static void helper() {}
namespace { void anon() {} }
inline int inl() { return 1; }
mini::Task<void> one() { helper(); anon(); inl(); co_return; }
