#include "analyzer/checks/calls.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// A read over the network by knowledge: repeating or reordering it changes nothing but the time it takes.
bool reads(const Program& program, const facts::Call& call) {
  const auto row = [&](const std::string& name) { return program.knowledge().type(name, "async-read") != nullptr; };
  return row(call.name) || std::any_of(call.names.begin(), call.names.end(), row);
}

/// A method of an object that nothing is known of, but what both are called.
bool gets_from_a_client(const facts::Call& call) {
  if (!call.name.starts_with("?.") || !call.object) return false;
  const std::string_view method = std::string_view(call.name).substr(2);
  const bool reads = method == "get" || method == "fetch" || method == "query" || method.starts_with("get_") || method.starts_with("fetch_") ||
                     method.starts_with("load_") || method.starts_with("list_") || method.starts_with("search");
  const std::string& called = call.object->spelling;
  return reads && (called.ends_with("client") || called.ends_with("session") || called.ends_with("http") || called.ends_with("api"));
}

/// The same of a request that holds its thread until the answer is there.
bool blocks_to_read(const Program& program, const facts::Call& call) {
  const auto row = [&](const std::string& name) { return program.knowledge().type(name, "blocking-read") != nullptr; };
  return row(call.name) || std::any_of(call.names.begin(), call.names.end(), row);
}

/// A plain function of the project that waits for nothing else than such a request, once.
bool only_blocks_to_read(const Program& program, FunctionId id, int depth) {
  const auto& f = program.function(id);
  if (f.kind != facts::FunctionKind::plain || depth > 3 || !f.locks.empty()) return false;
  int reads = 0;
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& effects = program.effects_of_call(id, c);
    if (std::none_of(effects.begin(), effects.end(), [](const Effect& e) { return e.tier != Tier::lock; })) continue;
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    const auto& callees = program.callees(id, c);
    const bool inner = callees.size() == 1 && only_blocks_to_read(program, callees.front().callee, depth + 1);
    if (call.loop >= 0 || (!blocks_to_read(program, call) && !inner)) return false;
    ++reads;
  }
  return reads == 1;
}

/// A coroutine of the project whose only waits are such reads.
bool only_reads(const Program& program, FunctionId id, int depth) {
  const auto& f = program.function(id);
  if (f.kind != facts::FunctionKind::coroutine || f.suspensions.empty() || depth > 4 || !f.locks.empty()) return false;
  bool any = false;
  for (std::size_t c = 0; c < f.calls.size(); ++c) {
    const auto& call = f.calls[c];
    if (call.use != facts::Use::awaited && call.use != facts::Use::context) continue;
    if (reads(program, call) || gets_from_a_client(call)) {
      any = true;
      continue;
    }
    if (call.use == facts::Use::context) continue;
    bool known = false;
    for (const auto& key : call.targets)
      if (const FunctionId target = program.find(key); target >= 0 && only_reads(program, target, depth + 1)) known = true;
    // What a response's own body still waits for (json, text) belongs to the read.
    if (!known && call.name.find("Response.") == std::string::npos) return false;
    any = any || known;
  }
  return any;
}

/// A coroutine that sleeps and does nothing else that anyone could see, but for its result: examples and tests let it stand
/// for a request.
bool pretends_to_read(const Program& program, FunctionId id) {
  const auto& f = program.function(id);
  if (f.kind != facts::FunctionKind::coroutine || f.suspensions.empty() || !f.locks.empty()) return false;
  if (std::any_of(f.accesses.begin(), f.accesses.end(), [](const facts::Access& access) { return access.write; })) return false;
  if (std::any_of(f.suspensions.begin(), f.suspensions.end(), [](const facts::Suspension& s) { return s.call < 0 || s.loop >= 0; })) return false;
  return std::all_of(f.calls.begin(), f.calls.end(), [](const facts::Call& call) {
    if (call.use == facts::Use::awaited) return call.name == "asyncio.sleep" || call.name == "anyio.sleep" || call.name == "trio.sleep";
    return call.name.starts_with("builtins.") || call.name.starts_with("random.") || call.name.starts_with("str.") || call.name.starts_with("time.");
  });
}

bool waits_to_read(const Program& program, FunctionId id, int index) {
  const auto& call = program.function(id).calls[static_cast<std::size_t>(index)];
  if (program.function(id).kind == facts::FunctionKind::plain) {
    if (call.use == facts::Use::awaited || !call.implicit.empty()) return false;
    const auto& callees = program.callees(id, index);
    return blocks_to_read(program, call) || (callees.size() == 1 && only_blocks_to_read(program, callees.front().callee, 0));
  }
  if (call.use != facts::Use::awaited) return false;
  if (reads(program, call) || gets_from_a_client(call)) return true;
  const bool used = !call.stored_in.empty() || call.passed_to >= 0;
  return !call.targets.empty() && std::all_of(call.targets.begin(), call.targets.end(), [&](const std::string& key) {
    const FunctionId target = program.find(key);
    return target >= 0 && (only_reads(program, target, 0) || (used && pretends_to_read(program, target)));
  });
}

bool uses(const Program& program, const facts::Call& call, const std::string& node) {
  const std::string_view name = std::string_view(node).substr(node.find_last_of('.') + 1);
  const auto from = [&](const facts::Value& value) {
    const auto upstream = program.upstream(value.sources);
    return std::find(upstream.begin(), upstream.end(), node) != upstream.end() || mentions(value.spelling, name);
  };
  return std::any_of(call.arguments.begin(), call.arguments.end(), from) || (call.object && from(*call.object));
}

void tell(const Program& program, FunctionId id, const facts::Call& call, std::string message, Findings& findings) {
  Finding finding = draft();
  finding.effect = "network";
  const bool plain = program.function(id).kind == facts::FunctionKind::plain;
  finding.context = plain ? "plain" : "coroutine";
  finding.confidence = 0.7;
  finding.message = std::move(message);
  if (plain) finding.fix = "ThreadPoolExecutor.map, or an asynchronous client with asyncio.gather";
  else finding.fix = "await asyncio.gather(...), or an asyncio.TaskGroup";
  findings.add(id, call.place, std::move(finding));
}

/// A row of statements in one block, each an awaited read into a variable of its own that no later one uses.
void in_a_row(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  std::vector<const facts::Call*> row;
  const auto close = [&] {
    if (row.size() >= 2)
      tell(program, id, *row.front(), fmt::format("{} independent requests wait one after the other (the next at line {}): together they take as long as the slowest", row.size(), row[1]->place.line), findings);
    row.clear();
  };
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (f.kind == facts::FunctionKind::coroutine ? call.use != facts::Use::awaited : program.effects_of_call(id, c).empty()) continue;
    const bool joins = waits_to_read(program, id, c) && !call.stored_in.empty() && call.held.empty();
    const bool independent = std::none_of(row.begin(), row.end(), [&](const facts::Call* earlier) {
      return uses(program, call, earlier->stored_in) || earlier->stored_in == call.stored_in;
    });
    const bool together = row.empty() || (row.back()->loop == call.loop && row.back()->guards == call.guards &&
                                          row.back()->end_line + 1 >= call.place.line);
    if (!joins || !independent || !together) close();
    if (joins) row.push_back(&call);
  }
  close();
}

void in_a_loop(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  for (std::size_t i = 0; i < f.loops.size(); ++i) {
    const auto& loop = f.loops[i];
    if (loop.async || loop.exits || (loop.bound != facts::Bound::collection && loop.bound != facts::Bound::constant)) continue;
    if (loop.bound == facts::Bound::constant && loop.trips < 2) continue;
    const facts::Call* read = nullptr;
    bool ordered = false;
    // A limiter, a transaction: `async with` something else than the request itself.
    for (const auto& suspension : f.suspensions)
      if (suspension.loop == static_cast<int>(i) && suspension.kind == facts::SuspendKind::async_with &&
          (suspension.call < 0 || !reads(program, f.calls[static_cast<std::size_t>(suspension.call)])))
        ordered = true;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      if (call.loop != static_cast<int>(i)) continue;
      const bool pause = call.name.ends_with(".sleep") || call.name.find("limit") != std::string::npos;
      if (pause || !call.held.empty() || guarded(call, "branch")) ordered = true;
      // `async with session.get(url) as answer:` waits as `await` does.
      if (waits_to_read(program, id, c) || (call.use == facts::Use::context && reads(program, call))) {
        if (read && uses(program, call, read->stored_in)) ordered = true;
        if (!read) read = &call;
        // The result of one round is what the next one asks for.
        if (!call.stored_in.empty() && uses(program, call, call.stored_in)) ordered = true;
      } else if (call.use == facts::Use::awaited && call.name.find("Response.") == std::string::npos) {
        ordered = true;
      }
    }
    if (read && !ordered)
      tell(program, id, *read, fmt::format("`{}` waits for each item before it asks for the next: the waits add up", read->name), findings);
  }
}

void run(const Program& program, Findings& findings) {
  serial_await_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python || (f.kind != facts::FunctionKind::coroutine && f.kind != facts::FunctionKind::plain)) continue;
    // What runs in a pool or a thread of its own, or holds up a loop, is judged there.
    if (f.kind == facts::FunctionKind::plain && !program.contexts(id).empty()) continue;
    in_a_row(program, id, findings);
    in_a_loop(program, id, findings);
  }
}

}  // namespace

extern const Check check_serial_await;
const Check check_serial_await = {
    .name = "serial-await",
    .severity = "note",
    .summary = "Independent waits one after the other: together they would take as long as the longest.",
    .documentation = R"md(
Each `await` waits for its own answer before the next request is sent, so the times add up: three calls of half a second take a
second and a half.

    prices = await client.get("/prices")
    stock = await client.get("/inventory")

So do blocking requests in plain code, in a row or one per item of a loop:

    for url in urls:
        pages.append(requests.get(url).text)

Instead: `prices, stock = await asyncio.gather(client.get("/prices"), client.get("/inventory"))`, or a TaskGroup; in a loop,
gather over the items with a limit. In C++ `when_all` or Asio's awaitable operators (`co_await (get(a) && get(b))`). In plain code `ThreadPoolExecutor(8).map(fetch, urls)`.

Never flagged: waits that use an earlier one's result, loops that may stop early, loops that pause on purpose, operations on one and the
same connection or other object, coroutines that give no result (unless each item of the loop does it for itself).
)md",
    .run = run,
};

}  // namespace concadvise
