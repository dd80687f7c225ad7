// A header that is not there must not hide the coroutine.
#include <unistd.h>

#include "mini.h"
#include "made/by/the/build.h"  //~ tu-parse-error

mini::Task<void> seen_all_the_same() {
  ::sleep(1);  //~ blocking-in-coroutine
  co_return;
}
