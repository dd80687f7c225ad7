// What coroutines and event-loop callbacks do that holds up their loop: the walk that the rules blocking-in-coroutine,
// blocking-in-callback, file-io-in-async, wait-in-async and sync-over-async share. Each place is given to exactly one of
// them.
#pragma once

#include <functional>
#include <string_view>

#include "analyzer/checks/check.h"

namespace concadvise {

struct AsyncEffect {
  FunctionId function = -1;
  int call = -1;
  const Effect* effect = nullptr;
  const Context* context = nullptr;
  std::string_view rule;
};

/// Where on a loop the call itself stands: in a coroutine at that point, or in a function that a loop calls. nullptr: elsewhere,
/// also in what such functions run in place.
const Context* async_context(const Program& program, FunctionId id, const facts::Call& call);

/// Calls `found` for each call in an async root that blocks and belongs to `rule`.
void each_async_effect(const Program& program, std::string_view rule, const std::function<void(const AsyncEffect&)>& found);

/// Emits the finding in the words that these rules share.
void report_async_effect(const Program& program, const AsyncEffect& found, Findings& findings);

/// "a coroutine (it suspends with co_await)"
std::string context_text(const Program& program, const Context& context);

/// What the effect does, as the end of a sentence: "sleeps", "waits for a thread".
std::string effect_text(const Effect& effect);

}  // namespace concadvise
