#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool knows(const Program& program, const facts::Call& call, std::string_view is) {
  const auto row = [&](const std::string& name) { return program.knowledge().type(name, is) != nullptr; };
  return row(call.name) || std::any_of(call.names.begin(), call.names.end(), row);
}

// A call that the source awaits, not one that the compiler writes around the await.
bool awaits(const facts::Call& call) {
  const auto last = last_part(call.name);
  return call.use == facts::Use::awaited && call.implicit.empty() && last != "await_transform" && last != "operator co_await";
}

// Waits on purpose, or for a turn: apart from the others it would not do what it is there for.
bool paces(const Program& program, const facts::Call& call) { return program.knowledge().says(last_part(call.name), "pacing-word"); }

// Whether the coroutine has something to wait for besides other coroutines that have not.
bool waits_itself(const Program& program, FunctionId id, int depth) {
  const auto& f = program.function(id);
  if (depth > 6 || !f.locks.empty()) return false;
  return std::any_of(f.suspensions.begin(), f.suspensions.end(), [&](const facts::Suspension& one) {
    if (one.kind != facts::SuspendKind::await || one.operand.type.starts_with("asio::this_coro::")) return false;
    if (one.call < 0) return true;
    const auto& call = f.calls[static_cast<std::size_t>(one.call)];
    return std::none_of(call.targets.begin(), call.targets.end(), [&](const facts::Text& key) {
      const FunctionId target = program.find(key, f.place.file);
      return target >= 0 && (target == id || (program.function(target).kind == facts::FunctionKind::coroutine && !waits_itself(program, target, depth + 1)));
    });
  });
}

// A method that only pauses and gives a result: it stands for an operation that needs nothing of its object meanwhile.
bool only_pauses(const facts::Function& f) {
  return !f.suspensions.empty() && f.locks.empty() && std::all_of(f.suspensions.begin(), f.suspensions.end(), [&](const facts::Suspension& one) {
    return one.call >= 0 && last_part(f.calls[static_cast<std::size_t>(one.call)].name).find("sleep") != std::string_view::npos;
  });
}

bool pausing_method(const Program& program, const facts::Function& from, const facts::Call& call) {
  if (!call.object || call.constructs || call.targets.size() != 1 || paces(program, call) || from.from_template) return false;
  const FunctionId target = program.find(call.targets.front(), from.place.file);
  return target >= 0 && program.function(target).has_body && program.function(target).kind == facts::FunctionKind::coroutine && only_pauses(program.function(target));
}

// A coroutine of the project that belongs to no object: what it works on is what it is given.
bool free_coroutine(const Program& program, const facts::Function& from, const facts::Call& call) {
  if (call.object || call.constructs || call.targets.size() != 1 || paces(program, call) || from.from_template) return false;
  const FunctionId target = program.find(call.targets.front(), from.place.file);
  if (target >= 0 && program.function(target).has_body)
    return program.function(target).kind == facts::FunctionKind::coroutine && program.function(target).owner.empty() && waits_itself(program, target, 0);
  // Declared only: a function that makes a task. Libraries' own are known by name or not at all.
  const auto* made = program.class_of(call.result_type);
  return (made && made->lazy) || (program.knowledge().type(call.result_type, "lazy-awaitable") != nullptr && !call.name.starts_with("asio::") && !call.name.starts_with("boost::"));
}

// A coroutine that gives nothing, but uses all that it waits for: it looks at something. One that waits for what gives nothing
// in turn is there for its effect, whose order may matter.
bool only_asks(const Program& program, const facts::Function& from, const facts::Call& call) {
  const FunctionId target = call.targets.size() == 1 ? program.find(call.targets.front(), from.place.file) : -1;
  if (target < 0) return false;
  const auto& calls = program.function(target).calls;
  return std::any_of(calls.begin(), calls.end(), awaits) && std::none_of(calls.begin(), calls.end(), [](const facts::Call& one) { return awaits(one) && guarded(one, "unused"); });
}

// What runs everybody's operations is nobody's connection. Hand-written loops are known by their names only.
bool runs_operations(const Program& program, const std::string& type) {
  if (program.knowledge().pool(type) != nullptr && !program.class_of(type)) return true;
  return program.knowledge().says(last_part(type), "loop-word");
}

// Data that two operations may both be given without getting into each other's way.
bool plain_data(const Program& program, const facts::Call& call, std::size_t index) {
  const auto& value = call.arguments[index];
  if (runs_operations(program, value.type)) return true;
  if (value.address_taken) return false;
  static const std::vector<std::string_view> texts = {"std::basic_string", "std::basic_string_view", "char", "std::chrono::duration", "std::chrono::time_point"};
  const std::string& type = value.type;
  if (value.integer || value.seconds || !value.text.empty()) return true;
  if (std::find(texts.begin(), texts.end(), type) != texts.end()) return true;
  if (type == "int" || type == "bool" || type == "long" || type == "double" || type == "float" || type.starts_with("unsigned ") || type == "long long" || type == "short") return !value.by_address;
  return type.starts_with("asio::") && type.ends_with("_t");  // completion tokens
}

// What the call is given, with the arguments of calls inside its arguments.
void given_to(const facts::Function& f, int index, std::vector<const facts::Value*>& out, int depth = 0) {
  const auto& call = f.calls[static_cast<std::size_t>(index)];
  for (const auto& argument : call.arguments) out.push_back(&argument);
  if (call.object) out.push_back(&*call.object);
  for (int c = 0; c < static_cast<int>(f.calls.size()) && depth < 4; ++c)
    if (f.calls[static_cast<std::size_t>(c)].passed_to == index && c != index) given_to(f, c, out, depth + 1);
}

bool uses(const Program& program, const facts::Function& f, int index, const std::string& node) {
  std::vector<const facts::Value*> given;
  given_to(f, index, given);
  return std::any_of(given.begin(), given.end(), [&](const facts::Value* value) {
    const auto upstream = program.upstream(value->sources);
    return std::find(upstream.begin(), upstream.end(), node) != upstream.end();
  });
}

// The same connection, client or other object given to both.
bool share_object(const Program& program, const facts::Function& f, const facts::Call& a, const facts::Call& b) {
  const auto by_itself = [&](const facts::Call& call) { return pausing_method(program, f, call); };
  const auto objects = [&](const facts::Call& call) {
    facts::Texts nodes;
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      if (!plain_data(program, call, i)) nodes.insert(nodes.end(), call.arguments[i].sources.begin(), call.arguments[i].sources.end());
    if (call.object && !knows(program, call, "async-read") && !by_itself(call)) nodes.insert(nodes.end(), call.object->sources.begin(), call.object->sources.end());
    return program.upstream(nodes);
  };
  return share_node(objects(a), objects(b));
}

// Nothing tells two such calls apart: items of one stream, taken in turn.
bool same_question(const facts::Call& a, const facts::Call& b) { return a.name == b.name && a.arguments.empty(); }

void tell(FunctionId id, const facts::Call& call, std::string context, double confidence, std::string message, std::string fix, Findings& findings) {
  Finding finding = draft();
  finding.effect = "network";
  finding.context = std::move(context);
  finding.confidence = confidence;
  finding.message = std::move(message);
  finding.fix = std::move(fix);
  findings.add(id, call.place, std::move(finding));
}

void tell_awaits(FunctionId id, const facts::Call& call, double confidence, std::string message, Findings& findings) {
  tell(id, call, "coroutine", confidence, std::move(message), "start them together and await them all (when_all, asio's awaitable operators, or a task for each), with a limit on how many run at once", findings);
}

void in_a_row(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  std::vector<int> row;
  const auto at = [&](int index) -> const facts::Call& { return f.calls[static_cast<std::size_t>(index)]; };
  const auto close = [&] {
    if (row.size() >= 2)
      tell_awaits(id, at(row.front()), 0.7, fmt::format("{} independent operations are awaited one after the other (the next at line {}): together they take as long as the slowest", row.size(), at(row[1]).place.line), findings);
    row.clear();
  };
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = at(c);
    if (!awaits(call)) continue;
    // Results that are not stored are used where they stand: together only within one line, `co_await a() + co_await b()`.
    const bool in_line = call.stored_in.empty() && !guarded(call, "branch");
    const bool joins = (!call.stored_in.empty() || in_line) && call.held.empty() && !guarded(call, "unused") && (knows(program, call, "async-read") || free_coroutine(program, f, call) || pausing_method(program, f, call));
    const bool independent = std::none_of(row.begin(), row.end(), [&](int earlier) {
      const auto& kept = at(earlier).stored_in;
      if (kept.empty() != call.stored_in.empty() || (kept.empty() && at(earlier).place.line != call.place.line)) return true;
      return (!kept.empty() && (uses(program, f, c, kept) || kept == call.stored_in)) || share_object(program, f, at(earlier), call) || same_question(at(earlier), call);
    });
    const bool together = row.empty() || (at(row.back()).loop == call.loop && at(row.back()).guards == call.guards && at(row.back()).end_line + 1 >= call.place.line);
    if (!joins || !independent || !together) close();
    if (joins) row.push_back(c);
  }
  close();
}

bool contains(const facts::Function& f, int outer, int loop) {
  for (; loop >= 0; loop = f.loops[static_cast<std::size_t>(loop)].parent)
    if (loop == outer) return true;
  return false;
}

// A round for each item of something, and no way out before the last.
bool over_items(const facts::Loop& loop) {
  if (loop.async || loop.exits || loop.over.sources.empty()) return false;
  if (loop.bound == facts::Bound::constant) return loop.trips >= 2;
  return loop.bound == facts::Bound::collection || (loop.bound == facts::Bound::value && loop.over.spelling == "size()");
}

bool from_item(const Program& program, const facts::Loop& loop, const facts::Value& value) {
  const auto item = program.upstream(loop.over.sources);
  return share_node(program.upstream(value.sources), item);
}

// What the call works on is the round's item, or made of it; anything else that it is given is data.
bool per_item(const Program& program, const facts::Function& f, const facts::Loop& loop, int index) {
  const auto& call = f.calls[static_cast<std::size_t>(index)];
  if (knows(program, call, "async-on-object")) {
    const facts::Value* object = call.object ? &*call.object : call.arguments.empty() ? nullptr : &call.arguments.front();
    return object && from_item(program, loop, *object);
  }
  // An operation of the item itself: each has its own object.
  if (call.object && !call.constructs && from_item(program, loop, *call.object) && !paces(program, call)) {
    const auto* made = program.class_of(call.result_type);
    if (made && made->lazy && std::all_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) { return !value.by_address || from_item(program, loop, value); })) return true;
  }
  if (guarded(call, "unused") && !only_asks(program, f, call)) return false;
  if (!knows(program, call, "async-read") && !free_coroutine(program, f, call) && !pausing_method(program, f, call)) return false;
  std::vector<const facts::Value*> given;
  given_to(f, index, given);
  if (std::none_of(given.begin(), given.end(), [&](const facts::Value* value) { return from_item(program, loop, *value); })) return false;
  for (std::size_t i = 0; i < call.arguments.size(); ++i)
    if (!plain_data(program, call, i) && !from_item(program, loop, call.arguments[i])) return false;
  return true;
}

// A request of its own for each item, which a thread waits for.
void blocking_in_a_loop(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  if (on_loop(program, id)) return;  // there the call itself is the finding
  const auto& contexts = program.contexts(id);
  if (std::any_of(contexts.begin(), contexts.end(), [](const Context& one) { return one.kind == Context::Kind::compute_pool || one.kind == Context::Kind::pool || one.kind == Context::Kind::io_pool; })) return;  // others run beside it
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (call.loop < 0 || !knows(program, call, "separate-request") || !call.held.empty() || guarded(call, "carried")) continue;
    const auto& loop = f.loops[static_cast<std::size_t>(call.loop)];
    if (!over_items(loop)) continue;
    // What is set up in the round for the request, or given to it, is the item.
    const bool item = std::any_of(f.calls.begin(), f.calls.end(), [&](const facts::Call& one) {
      return one.loop == call.loop && (&one == &call || (!one.arguments.empty() && !call.arguments.empty() && share_node(one.arguments.front().sources, call.arguments.front().sources))) &&
             std::any_of(one.arguments.begin(), one.arguments.end(), [&](const facts::Value& value) { return from_item(program, loop, value); });
    });
    if (!item) continue;
    tell(id, call, "plain", 0.6, fmt::format("`{}` waits for each item before the next one is begun: the waits add up", call.name),
         "have several under way at once: the library's multi or asynchronous interface, or a few threads that share the items", findings);
  }
}

void in_a_loop(const Program& program, FunctionId id, Findings& findings) {
  const auto& f = program.function(id);
  for (int i = 0; i < static_cast<int>(f.loops.size()); ++i) {
    const auto& loop = f.loops[static_cast<std::size_t>(i)];
    const auto inside = std::count_if(f.suspensions.begin(), f.suspensions.end(), [&](const facts::Suspension& one) { return contains(f, i, one.loop); });
    if (inside != 1 || !over_items(loop)) continue;
    for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
      const auto& call = f.calls[static_cast<std::size_t>(c)];
      if (call.loop != i || !awaits(call) || !call.held.empty() || guarded(call, "carried") || !per_item(program, f, loop, c)) continue;
      tell_awaits(id, call, 0.65, fmt::format("`{}` is awaited for each item before the next one is begun: the waits add up", call.name), findings);
      break;
    }
  }
}

}  // namespace

void serial_await_in_cpp(const Program& program, Findings& findings) {
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || program.language(id) != facts::Language::cpp) continue;
    if (f.kind == facts::FunctionKind::plain) blocking_in_a_loop(program, id, findings);
    if (f.kind != facts::FunctionKind::coroutine) continue;
    in_a_row(program, id, findings);
    in_a_loop(program, id, findings);
  }
}

}  // namespace concadvise
