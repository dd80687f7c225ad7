// Functions of internal linkage have namesakes in other files.
#include "mini.h"
#include <unistd.h>
static void helper() { ::sleep(1); }
namespace { void anon() { ::sleep(1); } }
mini::Task<void> two() { helper(); co_return; }  //~ blocking-in-coroutine
mini::Task<void> three() { anon(); co_return; }  //~ blocking-in-coroutine
