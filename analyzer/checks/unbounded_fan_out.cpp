#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

// Up to here a constant number of tasks is ordinary; the guides call a thousand and more connections high concurrency.
constexpr std::int64_t kManyTasks = 1000;

bool starts(const std::string& name) {
  return name == "asyncio.create_task" || name == "asyncio.ensure_future" || name == "asyncio.TaskGroup.create_task" ||
         name == "asyncio.AbstractEventLoop.create_task" || name == "trio.Nursery.start_soon" || name == "anyio.TaskGroup.start_soon";
}

bool takes_all(const std::string& name) { return name == "asyncio.gather" || name == "asyncio.wait" || name == "asyncio.as_completed"; }

/// The coroutine, or one that it awaits, waits its turn at a semaphore.
bool limited(const Program& program, FunctionId id, int depth) {
  const auto& f = program.function(id);
  for (const auto& lock : f.locks)
    if (lock.cooperative) return true;
  for (const auto& call : f.calls) {
    if (call.name.find("imiter") != std::string::npos || call.name.ends_with("Semaphore.acquire")) return true;
    if (depth > 3) continue;
    for (const auto& key : call.targets)
      if (const FunctionId target = program.find(key); target >= 0 && target != id && limited(program, target, depth + 1)) return true;
  }
  return false;
}

/// The coroutine, or one that it awaits, uses a connection: what there may not be thousands of at once. Sleeping stands for
/// waiting in examples and tests of load.
bool connects(const Program& program, FunctionId id, int depth) {
  for (const auto& call : program.function(id).calls) {
    const bool waits = call.use == facts::Use::awaited || call.use == facts::Use::context;
    const auto known = [&](const std::string& name) {
      // Deeper down, a method of an unknown object or a pause says nothing about this coroutine.
      if (depth > 0 && (name.starts_with("?") || name == "asyncio.sleep")) return false;
      return program.knowledge().type(name, "async-read") != nullptr || program.knowledge().type(name, "async-io") != nullptr;
    };
    if (waits && (known(call.name) || std::any_of(call.names.begin(), call.names.end(), known))) return true;
    if (depth > 3) continue;
    for (const auto& key : call.targets)
      if (const FunctionId target = program.find(key); target >= 0 && target != id && connects(program, target, depth + 1)) return true;
  }
  return false;
}

std::vector<FunctionId> coroutines(const Program& program, const facts::Call& call) {
  std::vector<FunctionId> out;
  // A nursery is given the coroutine function itself and its arguments.
  if (call.name.ends_with(".start_soon") && !call.arguments.empty())
    for (const FunctionId one : program.callables(call.arguments.front()))
      if (program.function(one).lazy) out.push_back(one);
  for (const auto& argument : call.arguments)
    for (const auto& node : program.upstream(argument.sources))
      if (node.starts_with("ret:"))
        if (const FunctionId target = program.find(std::string_view(node).substr(4)); target >= 0 && program.function(target).lazy) out.push_back(target);
  return out;
}

bool unlimited(const facts::Function& f, const facts::Call& call) {
  if (takes_all(call.name)) {
    // In a loop it takes one chunk at a time. gather takes what is spread, the others a collection.
    const bool all = call.spread || call.name != "asyncio.gather";
    if (!all || call.arguments.empty() || call.loop >= 0) return false;
    const auto& spread = call.arguments.front();
    return !spread.elements || *spread.elements >= kManyTasks;
  }
  std::int64_t trips = 1;
  for (int at = call.loop; at >= 0; at = f.loops[static_cast<std::size_t>(at)].parent) {
    const auto& loop = f.loops[static_cast<std::size_t>(at)];
    if (loop.cores || loop.bound == facts::Bound::value) return false;
    if (loop.bound == facts::Bound::constant) trips *= std::max<std::int64_t>(loop.trips, 1);
    else if (loop.bound == facts::Bound::collection) return true;
    else return false;  // an accept loop starts a task when there is something to do
  }
  return trips >= kManyTasks;
}

/// A request of a client that is known, by a library's own coroutine.
bool requests(const Program& program, const facts::Call& call) {
  const auto known = [&](const std::string& name) {
    return !name.starts_with("?") && name != "asyncio.sleep" &&
           (program.knowledge().type(name, "async-read") != nullptr || program.knowledge().type(name, "async-io") != nullptr);
  };
  return known(call.name) || std::any_of(call.names.begin(), call.names.end(), known);
}

/// `create_task(client.get(url))`: the request that the task is.
std::string asks_as_argument(const Program& program, const facts::Function& f, const facts::Call& call) {
  const int index = static_cast<int>(&call - f.calls.data());
  for (const auto& inner : f.calls)
    if (inner.passed_to == index && requests(program, inner)) return inner.name;
  return {};
}

/// `*(client.get(url) for url in urls)`: a method of an unknown object whose name says that it asks a server. Its name.
std::string asks_in_comprehension(const Program& program, const facts::Function& f, const facts::Call& call) {
  for (const auto& inner : f.calls) {
    if (inner.loop < 0 || inner.loop == call.loop || !f.loops[static_cast<std::size_t>(inner.loop)].comprehension) continue;
    if (inner.place.line < call.place.line || inner.place.line > call.end_line) continue;
    if (inner.use == facts::Use::other && requests(program, inner)) return inner.name;
    if (!inner.name.starts_with("?.")) continue;
    const bool inside = inner.use == facts::Use::other;
    const std::string object = inner.object ? inner.object->spelling.str() : std::string();
    const bool client = object.ends_with("client") || object.ends_with("session") || object.ends_with("http") || object.ends_with("api");
    if (inside && client && program.knowledge().type(inner.name, "async-io")) return object + inner.name.substr(1);
  }
  return {};
}

/// A semaphore is among what the coroutine is started with.
bool given_a_limit(const Program& program, const facts::Call& call) {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& argument) {
    const LockRow* row = program.knowledge().lock(argument.type);
    return row && row->kind == "cooperative";
  });
}

/// The file sets a limit on connections itself.
bool limits_connections(const Program& program, std::uint32_t file) {
  for (const auto& f : program.functions()) {
    if (f.place.file != file) continue;
    for (const auto& call : f.calls)
      if ((call.name == "aiohttp.TCPConnector" || call.name == "httpx.Limits") && !call.arguments.empty()) return true;
  }
  return false;
}

void run(const Program& program, Findings& findings) {
  unbounded_fan_out_in_cpp(program, findings);
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::python) continue;
    for (const auto& call : f.calls) {
      if (!starts(call.name) && !takes_all(call.name)) continue;
      if (!unlimited(f, call) || given_a_limit(program, call)) continue;
      const auto made = coroutines(program, call);
      // A loop that awaits between the starts sets its own pace.
      if (call.loop >= 0 && f.loops[static_cast<std::size_t>(call.loop)].suspends) continue;
      const std::string asks = !made.empty() ? std::string() : takes_all(call.name) ? asks_in_comprehension(program, f, call) : asks_as_argument(program, f, call);
      if ((made.empty() && asks.empty()) || std::any_of(made.begin(), made.end(), [&](FunctionId one) { return limited(program, one, 0); })) continue;
      if (asks.empty() && std::none_of(made.begin(), made.end(), [&](FunctionId one) { return connects(program, one, 0); })) continue;
      if (limits_connections(program, f.place.file)) continue;
      Finding finding = draft();
      finding.context = "coroutine";
      finding.confidence = 0.7;
      finding.message = fmt::format("`{}` runs `{}` for every item at once, however many there are", call.name, asks.empty() ? program.function(made.front()).name.str() : asks);
      finding.fix = "async with asyncio.Semaphore(n) inside the coroutine, or a fixed number of workers";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_unbounded_fan_out;
const Check check_unbounded_fan_out = {
    .name = "unbounded-fan-out",
    .severity = "note",
    .summary = "As many concurrent tasks as there are items, without a limit.",
    .documentation = R"md(
A task is cheap; ten thousand connections at once are not: descriptors run out, the server refuses, memory grows. Over a list of
unknown length the number of tasks is the input's choice.

    await asyncio.gather(*(fetch(url) for url in urls))

Instead: a semaphore inside the coroutine, a fixed set of workers on a queue, or chunks.

Never flagged: constant small numbers of tasks, coroutines that are not known to use connections, coroutines that take a semaphore, connection pools with a limit given.
)md",
    .run = run,
};

}  // namespace concadvise
