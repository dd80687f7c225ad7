// The coroutine looks innocent in this file; what blocks stands in storage.cpp. Only the link sees both.
#include <coroutine>

#include "storage.h"

struct task {
  struct promise_type {
    task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

task serve() {
  flush_to_storage();
  co_return;
}

int main() { serve(); }
