// What these rules look for in C and C++, where threads, pools and locks are made by other means than in Python. Each is one
// file beside its rule, and only looks at functions of that language.
#pragma once

#include "analyzer/checks/check.h"

namespace concadvise {

void blocking_under_lock_in_cpp(const Program& program, Findings& findings);
void create_then_wait_in_cpp(const Program& program, Findings& findings);
void pool_per_call_in_cpp(const Program& program, Findings& findings);
void pool_waits_on_itself_in_cpp(const Program& program, Findings& findings);
void serial_await_in_cpp(const Program& program, Findings& findings);
void sleep_polling_in_cpp(const Program& program, Findings& findings);
void tiny_tasks_in_cpp(const Program& program, Findings& findings);
void unbounded_fan_out_in_cpp(const Program& program, Findings& findings);
void thread_per_task_in_cpp(const Program& program, Findings& findings);

}  // namespace concadvise
