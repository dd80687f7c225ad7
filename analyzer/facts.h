// The language-neutral facts of source code: what a front end extracts from one unit (a C++ translation unit, a Python
// file) and what link/ joins. Nothing here is judged: a fact says what is written, resolved as far as the one unit allows.
//
// Names. A *key* identifies a function, class or storage across units. C++: the USR, with `@path` appended where the
// entity is visible in one file only. Python: the dotted path ("pkg.mod.Class.method", nested ones with the line).
// A *name* is what knowledge rows spell: "std::this_thread::sleep_for", "asio::basic_stream_socket::read_some" (no
// template arguments, no inline namespaces, `boost::asio` as `asio`), "sleep" (C linkage; a C++ function of the global
// scope is "::sleep"), "time.sleep", "requests.Session.get" (the class where the method is known, after resolving imports).
//
// Flow graph. Callables, handles and descriptors are followed through *nodes* (strings, see node() below): a Flow says
// that what is in `from` may also be in `to`. Containers, smart pointers and std::function are transparent: what is
// pushed into a queue is in the queue's node, what comes out of it is too. Fields are one node per class, not per object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/text.h"

namespace concadvise::facts {

enum class Language { cpp, python };

/// `file` indexes Unit::files (after linking: Program::files). Line and column count from 1; line 0 is "nowhere".
struct Place {
  std::uint32_t file = 0;
  int line = 0;
  int column = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// Nodes of the flow graph.
namespace node {
inline std::string function(std::string_view key) { return "fn:" + std::string(key); }     // the function itself
inline std::string storage(std::string_view key) { return "var:" + std::string(key); }     // variable or field
inline std::string parameter(std::string_view key, std::size_t index) {                    // of a function; a method's
  return "param:" + std::string(key) + "#" + std::to_string(index);                        // object is not counted
}
inline std::string result(std::string_view key) { return "ret:" + std::string(key); }      // what a function returns
inline std::string object(std::string_view type) { return "new:" + std::string(type); }    // an object of a named type
inline std::string trait(std::string_view name) { return "trait:" + std::string(name); }   // "nonblocking"
inline std::string bit(int number) { return trait("bit" + std::to_string(number)); }       // a flag that is or-ed in
/// One of two constants, by whether this parameter of the function around is true: `block ? 0 : WNOHANG`.
inline std::string choice(unsigned parameter, std::int64_t if_true, std::int64_t if_false) {
  return "choice:" + std::to_string(parameter) + ":" + std::to_string(if_true) + ":" + std::to_string(if_false);
}
}  // namespace node

struct Flow {
  Text from;
  Text to;
};

/// Who owns the thing that a reference or pointer argument names, and so how long it lives.
enum class Lifetime { unknown, temporary, local, parameter, member, global, heap };

/// What is known of a value where it is used: an argument, the object of a method call, the bound of a loop.
struct Value {
  Texts sources;     // nodes that it may come from
  Maybe<std::int64_t> integer;  // constant; booleans are 0 and 1, flags are or-ed
  Maybe<double> seconds;        // constant duration
  Maybe<std::int64_t> elements; // constant number of elements of a literal collection or array, bytes of a text
  Maybe<std::int64_t> payload;  // elements of the largest item of a collection, or of what a partial carries along
  Maybe<std::int64_t> largest;  // largest constant number among the elements of a literal collection
  bool null = false;                    // nullptr, None
  Text text;                     // literal text
  Text type;                     // name of the type, references and pointers removed: "std::vector", "asio::io_context"
  Text keyword;                  // Python: passed by this name
  Lifetime lifetime = Lifetime::unknown;
  bool by_address = false;              // `&x`, std::ref(x), a reference or view bound to it
  bool address_taken = false;           // written as `&x` or std::ref(x)
  Text spelling;                 // short, for messages
};

/// What happens to the result of a call.
enum class Use {
  other,      // part of a larger expression
  dropped,    // an expression statement by itself
  voided,     // dropped on purpose: `(void)f()`, `_ = f()`
  awaited,    // operand of co_await / await, in the same expression
  stored,     // initializes or is assigned to something (Call::stored_in)
  returned,
  argument,   // passed to another call (Call::passed_to)
  iterated,   // range of a `for`
  condition,  // decides a branch or a loop
  context,    // `with f():`
  chained,    // object of a further method call or attribute
  unread,     // stored in a local variable that nothing reads
};

struct Call {
  Place place;
  Text name;                   // as knowledge spells it; empty: unknown
  Texts names;     // further candidates: base classes that declare the method, re-exports
  Texts targets;   // function keys; several when the unit can't decide
  Texts through;   // called by way of these nodes (pointer, std::function, parameter, attribute); of a virtual call where
                   // overriders are kept that have no key in common with it
  std::vector<Value> arguments;       // in order; Python's keyword arguments after the positional ones
  bool spread = false;                // `*args` or `**kwargs` hide some arguments
  bool virtual_call = false;          // overriders of the targets are targets as well
  bool iterates = false;              // resumes the generators found in `through` rather than calling
  bool constructs = false;            // builds an object of type `name`
  Use use = Use::other;
  int passed_to = -1;                 // index of the call that takes it as an argument
  int loop = -1;                      // innermost loop, index into Function::loops
  int end_line = 0;                   // last line of the written call
  Text stored_in;              // node, when Use::stored
  std::vector<int> held;              // locks that may be held, indexes into Function::locks
  std::vector<int> after;             // suspensions that may be the last one before it, -1 the function's entry
  Texts guards;    // dominating checks: "ready" (of the same future), "main-guard", "type-checking",
                                      // "debug", "branch" (runs on some paths only), "except",
                                      // "limited" (while a count is below a limit), "once" (initializes a
                                      // static local)
  Text implicit;               // why there is no call in the source: "destructor of x", "default argument",
                                      // "await_resume", "begin() of the range"; empty for written calls
  Text result_type;            // name of the type that it returns; Python: "awaitable" where the result must be
                                      // awaited, "maybe-awaitable" behind unknown decorators
  Text twin;                   // C++: name of the asynchronous form of what is called, when it has one
  std::optional<Value> object;        // of a method call; last, so that what is looked at most lies together
};

enum class SuspendKind { await, yield, async_for, async_with };

struct Suspension {
  Place place;
  SuspendKind kind = SuspendKind::await;
  Value operand;
  Texts hands_to;  // node of the awaiter's await_suspend handle parameter; see Program::resumes_on
  int call = -1;                      // the awaited call, index into Function::calls
  int loop = -1;
  std::vector<int> held;
  std::vector<int> after;             // suspensions that may be the last one before this one, -1 the entry
};

enum class Bound {
  constant,    // Loop::trips
  value,       // a variable, parameter or size that is not known
  collection,  // elements of a collection of unknown size
  endless,     // while (true), an iterator that never ends
  condition,   // until something becomes true
};

struct Loop {
  Place place;
  int end_line = 0;
  int parent = -1;
  Bound bound = Bound::condition;
  std::int64_t trips = -1;    // with Bound::constant
  bool cores = false;         // counts to the number of processors
  bool suspends = false;      // holds a suspension (not counting nested functions)
  bool always_suspends = false;  // every iteration suspends
  bool polls = false;         // its condition only reads state that the body does not change
  bool exits = false;         // has break, return, raise
  bool advances_outer = false;  // steps on what a loop around it counts: together they go over it once
  bool arithmetic = false;    // its body computes (operators on numbers or elements) besides calling
  bool comprehension = false;
  bool async = false;         // async for
  bool repeats = false;       // goes over the same elements, by index, in each round of the loop around it
  std::vector<int> after;     // suspensions that may be the last one before it, -1 the entry
  Value over;                 // what is iterated, or the limit
};

/// A lock taken in this function: a scope object, a `with` block or a plain lock() call.
struct Lock {
  Place place;
  Value mutex;
  Text type;           // of the mutex or guard, as knowledge spells it
  Text guard;          // node of the guard object; empty for plain lock() calls
  bool cooperative = false;   // suspends instead of blocking: asyncio.Lock, an awaited mutex
  bool shared = false;        // reader side
  int first_line = 0;
  int last_line = 0;
  bool whole_body = false;    // held from the first to the last statement of the function
};

enum class Passing { value, reference, rvalue_reference, view, pointer };

struct Parameter {
  Text name;
  Text type;
  Passing passing = Passing::value;
  Place used_after_suspension;  // line 0: not used
  bool has_default = false;
};

struct Capture {
  Text name;
  bool by_reference = false;
  bool is_this = false;
  Text node;
  Text type;
  Lifetime lifetime = Lifetime::unknown;  // of what is captured by reference
  Place used_after_suspension;
};

/// A read or write of a module-level, static or thread-local variable.
struct Access {
  Place place;
  Text node;
  Text name;
  bool write = false;
  bool thread_local_storage = false;
  std::vector<int> after;  // suspensions that may be the last one before it, -1 the entry
};

enum class FunctionKind {
  plain,
  coroutine,        // co_await / async def
  generator,        // runs on its caller's stack when iterated
  async_generator,
  module,           // code that runs at import or before main
};

struct Function {
  Text key;
  Text name;      // qualified, for people and knowledge
  Place place;           // of the name, or of the lambda's introducer
  int end_line = 0;
  FunctionKind kind = FunctionKind::plain;
  bool lambda = false;
  Text parent;    // key of the function around a nested one
  Text owner;     // key of the class of a method
  bool has_body = false;
  bool from_template = false;   // an uninstantiated pattern: its unresolved calls are guesses
  bool destructor = false;
  bool constructor = false;
  bool internal = false;        // visible in its own file only
  bool test = false;            // test code
  Texts overrides;   // keys of the methods that it overrides
  Texts attributes;  // "blocking", "nonblocking", decorators by resolved name
  Text return_type;              // name of the type
  bool returns_awaitable = false;
  bool lazy = false;                    // a coroutine that starts only when awaited
  std::vector<Parameter> parameters;
  std::vector<Capture> captures;
  std::vector<Call> calls;
  std::vector<Suspension> suspensions;
  std::vector<Loop> loops;
  std::vector<Lock> locks;
  std::vector<Access> accesses;
  std::vector<int> at_exit;             // suspensions that may be the last one before the end, -1 the entry
};

struct Field {
  Text name;
  Text type;                      // name of the type
  Texts of;           // names of the types of its template arguments: vector<thread> -> std::thread
  Text node;
};

struct Class {
  Text key;
  Text name;
  Place place;
  Texts bases;        // keys, or names when they are not in this unit
  std::vector<Field> fields;
  Texts methods;      // keys
  Texts method_names; // unqualified, declared here
  bool awaitable = false;
  bool lazy = false;                     // its coroutines start suspended
};

/// `// NOLINT(rule)` and the like. An empty list of rules means all.
struct Suppression {
  std::uint32_t file = 0;
  int first_line = 0;
  int last_line = 0;
  int written_at = 0;
  Texts rules;
  Text reason;
};

enum class UnitStatus { clean, partial, failed };

/// The facts of one unit.
struct Unit {
  std::string path;
  Language language = Language::cpp;
  std::uint64_t knowledge = 0;           // Knowledge::fingerprint() of what the front end asked; 0: not said
  UnitStatus status = UnitStatus::clean;
  std::string error;                     // the first one, when partial or failed
  Place error_place;
  std::vector<std::string> files;        // absolute, normalized
  std::vector<Function> functions;
  std::vector<Class> classes;
  std::vector<Flow> flows;
  std::vector<Suppression> suppressions;
};

}  // namespace concadvise::facts
