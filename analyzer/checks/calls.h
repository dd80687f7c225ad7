// What several checks ask of a program's calls.
#pragma once

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/checks/check.h"

namespace concadvise {

struct CallSite {
  FunctionId id;
  const facts::Function& function;
  int index;
  const facts::Call& call;
};

/// For each function the calls that name it: the caller, and which of its calls.
using Callers = std::vector<std::vector<std::pair<FunctionId, int>>>;
Callers callers_by_name(const Program& program);

/// Whether any of the functions is written in it.
bool has_language(const Program& program, facts::Language language);

/// The functions that a value may be, by where it comes from.
std::vector<FunctionId> functions_in(const Program& program, const facts::Value& value);

/// Every call outside of tests.
void each_call(const Program& program, const std::function<void(const CallSite&)>& visit);

/// The type that a constructor's name builds: "std::thread::thread" gives "std::thread", a class as a name gives itself.
std::string built_type(const facts::Call& call);

/// Whether the call makes an object of a type with this meaning ("thread", "process").
bool builds(const Program& program, const facts::Call& call, std::string_view is);

/// Whether the function runs on an event loop: a coroutine, a callback, or what one of them runs in place;
/// what only tests run there does not count.
bool on_loop(const Program& program, FunctionId id);

/// Whether the function goes on after the call, so that its locals are there meanwhile: it later runs a loop, waits or suspends.
bool stays(const Program& program, const CallSite& site);

/// Whether a call returns only when what it was given is done: sync_wait and the like.
bool waits_for_argument(const Program& program, FunctionId function, int call);

/// Whether this loop of the function, or one around it, has a round for each item of something that may grow, or no end; not one
/// that counts workers or CPUs.
bool loops_without_limit(const Program& program, FunctionId id, int loop);

/// Whether the call stands where this holds ("ready", "branch", "limited", ...: see facts::Call::guards).
bool guarded(const facts::Call& call, std::string_view guard);

/// Whether a function of that name waits for a condition, and gives the lock that belongs to it back meanwhile.
bool waits_for_condition(const Program& program, std::string_view name);

/// Whether the two lists of nodes name a common variable, field or parameter.
bool share_node(const facts::Texts& a, const facts::Texts& b);

/// Whether the node is a local variable of the function.
bool is_local(const facts::Function& f, const facts::Text& node);

/// Whether an expression, as it is written, has that identifier in it: not in its literal texts, but in the braces of Python's
/// f-strings.
bool mentions(std::string_view expression, std::string_view identifier);

/// The last part of a qualified name.
std::string_view last_part(std::string_view name);

}  // namespace concadvise
