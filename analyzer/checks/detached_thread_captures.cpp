#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

struct Danger {
  std::string what;
  double confidence = 0;
};

bool endless(const facts::Function& f, int loop) {
  for (; loop >= 0; loop = f.loops[static_cast<std::size_t>(loop)].parent) {
    const auto bound = f.loops[static_cast<std::size_t>(loop)].bound;
    if (bound == facts::Bound::endless || bound == facts::Bound::condition) return true;
  }
  return false;
}

// A variable of a function that never gets past its endless loop lives as long as the program, if it is declared before
// the loop. Nodes of locals end in `name@line:column`.
bool outlives(const facts::Function& f, int loop, const std::string& node) {
  int first = 0;
  for (; loop >= 0; loop = f.loops[static_cast<std::size_t>(loop)].parent) {
    const auto& one = f.loops[static_cast<std::size_t>(loop)];
    if (one.bound == facts::Bound::endless && !one.exits) first = one.place.line;
  }
  const auto at = node.rfind('@');
  return first > 0 && at != std::string::npos && std::atoi(node.c_str() + at + 1) < first;
}

// The address of a local of the function, which does not stay on as long as the program.
bool is_dying(const facts::Function& f, int loop, const facts::Value& argument) {
  const bool stays_on = std::any_of(argument.sources.begin(), argument.sources.end(), [&](const std::string& node) { return outlives(f, loop, node); });
  return argument.address_taken && argument.lifetime == facts::Lifetime::local && !stays_on;
}

// What the thread uses that may be gone before it ends. Shared ownership in any capture or argument is taken to cover it.
Danger danger_of(const Program& program, const CallSite& made) {
  Danger found;
  const auto shared = [](const std::string& type) { return type == "std::shared_ptr" || type == "boost::shared_ptr"; };
  const bool owns = std::any_of(made.call.arguments.begin(), made.call.arguments.end(), [&](const facts::Value& v) { return shared(v.type); });
  for (std::size_t i = 0; i < made.call.arguments.size(); ++i) {
    const auto& argument = made.call.arguments[i];
    for (const FunctionId id : program.callables(argument)) {
      const auto& f = program.function(id);
      if (!f.lambda) continue;
      if (std::any_of(f.captures.begin(), f.captures.end(), [&](const facts::Capture& c) { return shared(c.type); })) return {};
      for (const auto& capture : f.captures) {
        if (capture.is_this && capture.by_reference) found = {"`this`", 0.8};
        if (outlives(made.function, made.call.loop, capture.node)) continue;
        if (capture.by_reference && (capture.lifetime == facts::Lifetime::local || capture.lifetime == facts::Lifetime::parameter))
          return {fmt::format("the local `{}`", capture.name), 1.0};
      }
    }
    if (i == 0 || owns) continue;
    if (argument.spelling == "this") found = {"`this`", 0.8};
    // std::thread copies what it is given; only an address survives as one.
    if (is_dying(made.function, made.call.loop, argument)) return {fmt::format("the local `{}`", argument.spelling), 1.0};
  }
  if (found.confidence == 0 && !owns && endless(made.function, made.call.loop))
    for (std::size_t i = 1; i < made.call.arguments.size(); ++i) {
      const auto& argument = made.call.arguments[i];
      if (argument.type == "int" && !argument.integer && !argument.spelling.empty())
        found = {fmt::format("the descriptor or number `{}` of a loop that goes on without it", argument.spelling), 0.6};
    }
  return found;
}

void tell(FunctionId id, const facts::Place& place, const Danger& danger, Findings& findings) {
  Finding finding = draft();
  finding.context = "thread";
  finding.effect = "lifetime";
  finding.confidence = danger.confidence;
  finding.message = fmt::format("a detached thread uses {}, and nothing keeps that alive or waits for the thread", danger.what);
  finding.fix = "keep the thread and join it (std::jthread), or give it shared ownership of what it uses";
  findings.add(id, place, std::move(finding));
}

// pthread_create(&t, ..., &local) and pthread_detach(t).
void by_handle(const Program& program, const CallSite& site, Findings& findings) {
  for (const auto& made : site.function.calls) {
    if (!program.knowledge().type(made.name, "creates-thread") || made.arguments.empty() || site.call.arguments.empty()) continue;
    if (!share_node(made.arguments.front().sources, site.call.arguments.front().sources)) continue;
    for (std::size_t i = 1; i < made.arguments.size(); ++i) {
      const auto& argument = made.arguments[i];
      if (is_dying(site.function, made.loop, argument) && !stays(program, site)) return tell(site.id, made.place, {fmt::format("the local `{}`", argument.spelling), 1.0}, findings);
    }
  }
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (!site.call.object && site.call.arguments.size() == 1 && program.knowledge().type(site.call.name, "detaches-thread")) return by_handle(program, site, findings);
    if (last_part(site.call.name) != "detach" || !site.call.object || !program.knowledge().type(site.call.object->type, "thread")) return;
    // The construction of what is detached: in the same expression, or stored in the variable.
    for (int c = site.index - 1; c >= 0; --c) {
      const auto& made = site.function.calls[static_cast<std::size_t>(c)];
      if (!builds(program, made, "thread")) continue;
      const bool same = site.call.object->lifetime == facts::Lifetime::temporary ||
                        (!made.stored_in.empty() && std::find(site.call.object->sources.begin(), site.call.object->sources.end(), made.stored_in) != site.call.object->sources.end());
      if (!same) continue;
      const Danger danger = danger_of(program, {site.id, site.function, c, made});
      if (danger.confidence > 0) tell(site.id, made.place, danger, findings);
      return;
    }
  });
}

}  // namespace

extern const Check check_detached_thread_captures;
const Check check_detached_thread_captures = {
    .name = "detached-thread-captures",
    .severity = "error",
    .python = false,
    .summary = "A detached thread uses locals or `this`, which may be gone before it ends.",
    .documentation = R"md(
Nobody waits for a detached thread. References to locals dangle as soon as the function returns, `this` as soon as the object is
destroyed, and at the end of `main` it runs on while the program's statics go away. A descriptor that a server loop hands to
detached threads is nobody's: it can't be closed or counted any more.

    std::thread([&] { upload(buffer); }).detach();

Instead: keep the thread and join it (`std::jthread`), or capture a `shared_ptr` to what it uses.

Never flagged: captures by value, shared ownership.
)md",
    .run = run,
};

}  // namespace concadvise
