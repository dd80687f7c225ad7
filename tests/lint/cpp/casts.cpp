// Virtual calls on what a cast makes of something else.
#include <unistd.h>

#include "mini.h"

struct Plug {
  virtual ~Plug() = default;
  virtual void fit() { ::sleep(1); }
};
mini::Task<void> through_void(void* opaque, unsigned long number) {
  static_cast<Plug*>(opaque)->fit();  //~ blocking-in-coroutine
  reinterpret_cast<Plug*>(number)->fit();  //~ blocking-in-coroutine
  co_await mini::soon();
}
void pauses(std::mutex& mutex, std::condition_variable& changed, bool over) {
  std::unique_lock lock(mutex);
  if (!over) changed.wait_for(lock, std::chrono::seconds(1));
}
