// What is known about code that is not in the sources at hand: rows of rules/packs/*.toml, embedded in the program, and
// of the project's own packs. A row names functions or types (facts.h says how names are spelled; a trailing `*` matches
// any rest) and says what they do. Every row carries the source of what it claims.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/facts.h"
#include "model/result.h"

namespace concadvise {

/// How sure a call is to hold its thread up (RULES.md, semantics 4).
enum class Tier {
  unbounded,   // can wait without limit, or for a time that the caller sets: warned about
  disk,        // file systems and descriptors of unknown kind: a note
  lock,        // taking a lock: nothing by itself
};

/// A condition on a call. All parts that are given must hold. Arguments count from 0; `keyword` finds Python's by name.
struct Condition {
  int argument = -1;
  std::string keyword;
  std::optional<std::int64_t> equals;      // constant integer, boolean
  std::optional<std::int64_t> mask;        // constant with any of these bits set
  std::optional<std::int64_t> not_mask;    // constant without these bits
  std::optional<double> at_most_seconds;   // constant duration or number of seconds
  bool null = false;                       // nullptr or None
  bool present = false;                    // passed at all
  bool absent = false;                     // not passed
  bool nonblocking = false;                // a descriptor known not to block (-1: the object)
  std::string trait;                       // a value that a TraitRow has marked so
  std::string type;                        // the argument's type (-1: the object's)
  std::string text_prefix;                 // literal text starts so
};

/// What a function does to its caller's thread.
struct EffectRow {
  std::vector<std::string> names;
  std::string effect;                // sleep, wait, dns, network, file, process, database, stdin, lock, compute
  Tier tier = Tier::unbounded;
  std::vector<Condition> bounded;    // any of these holds: it does not block
  std::vector<Condition> only;       // given: it blocks only where one of these holds
  std::string what;                  // "sleeps", "waits for a thread" ...: follows the function's name
  std::string replacement;           // what to write in an async context
  std::string rule;                  // a more specific rule than blocking-in-...: wait-in-async, sync-over-async, file-io-in-async
  bool releases_gil = false;         // Python: other threads run meanwhile
  std::optional<Condition> heavy;    // compute: only then worth a finding
  bool direct_only = false;          // what it does depends on its descriptor: through other functions only a guess
  bool small_constant_is_light = true;
  std::string source;
};

/// Where a function runs what it is given.
struct ReceiverRow {
  std::vector<std::string> names;
  std::vector<int> callables;        // arguments that are run; empty: every callable argument
  std::string keyword;               // Python: by name (target=)
  std::string context;               // in-place, loop-callback, coroutine, io-pool, compute-pool, pool, thread, process, stored, start-up
  int executor = -2;                 // argument whose type decides the context (-1: the object, -2: none) through `pools`
  std::vector<int> passes;           // for each of the callable's parameters the argument that it gets; -1: none of them
  bool copies_arguments = false;     // the rest of the arguments is passed on to the callable
  bool joins = false;                // returns when the callable is done
  bool returns_future = false;
  bool further = false;              // beside the rows that the name has already, not instead of them
  std::string why;                   // "a handler of the io_context": follows "runs as"
  std::string source;
};

/// A type that runs tasks.
struct PoolRow {
  std::vector<std::string> names;    // of types, or of functions that make one
  std::string role;                  // loop, io, compute, process, mixed, fiber
  bool elastic = false;              // grows with its tasks
  bool per_call_is_wasteful = true;
  std::optional<Condition> sized_for_cores;
  std::string source;
};

/// Locks: guards, mutexes and their methods.
struct LockRow {
  std::vector<std::string> names;    // of types, Python: also of functions that make one
  std::string kind;                  // guard, mutex, cooperative
  bool shared = false;
  std::string source;
};

/// A type with meaning to the checks.
struct TypeRow {
  std::vector<std::string> names;
  std::string is;                    // lazy-awaitable, eager-awaitable, future, thread, blocking-destructor, session,
                                     // condition-variable, view, container-of-borrowed, fiber, process, temporary-file, library
  std::string effect;                // blocking-destructor: what its end does
  std::string source;
};

/// A synchronous function and its asynchronous twin.
struct SiblingRow {
  std::vector<std::string> names;
  std::string twin;                  // empty: never offer a twin for these
  std::string source;
};

/// A function that makes or sets something that other rows ask for.
struct TraitRow {
  std::vector<std::string> names;
  std::string trait;                 // nonblocking, cores, bounded
  int of = -2;                       // argument that gets it (-1: the object, -2: the result)
  std::vector<Condition> when;       // empty: always
  std::string source;
};

/// Roots: functions, decorators and base classes whose functions a framework calls.
struct RootRow {
  std::vector<std::string> names;    // decorators, or "Base::method" / "Base.method" that is overridden
  std::string context;               // loop-callback, coroutine, thread, io-pool, compute-pool, process, test
  std::string why;
  std::string source;
};

/// The rows, by name. Lookup takes exact names first, then the longest matching `prefix*`.
class Knowledge {
 public:
  /// The embedded packs of a language ("cpp", "python"); both when empty. They are checked by a test, so failing to read one is internal.
  static Result<Knowledge> builtin();

  /// Adds the rows of a pack. An unknown key is an error that names file, line and nearest known key.
  Result<void> add(std::string_view toml, const std::string& origin);

  const EffectRow* effect(std::string_view name) const;
  const ReceiverRow* receiver(std::string_view name) const;
  const PoolRow* pool(std::string_view name) const;
  const LockRow* lock(std::string_view name) const;
  const TypeRow* type(std::string_view name, std::string_view is) const;
  /// Whether a word of the rows that mean `is` stands in the text: parts of names that say what a thing is for.
  bool says(std::string_view text, std::string_view is) const;
  const SiblingRow* sibling(std::string_view name) const;
  const TraitRow* trait(std::string_view name) const;
  const RootRow* root(std::string_view name) const;

  /// First row found for the call's name or candidate names.
  const EffectRow* effect(const facts::Call& call) const;
  const ReceiverRow* receiver(const facts::Call& call) const;
  /// All rows of the call's name: a function may run one argument here and another there.
  std::vector<const ReceiverRow*> receivers(const facts::Call& call) const;

  /// Changes when any row does: part of the key of cached facts.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  template <typename Row>
  struct Table {
    std::vector<Row> rows;
    std::unordered_map<std::string, std::vector<std::size_t>> exact;
    std::vector<std::pair<std::string, std::size_t>> prefixes;
    const Row* find(std::string_view name) const;
    void add(Row row);
  };
  Table<EffectRow> effects_;
  Table<ReceiverRow> receivers_;
  Table<PoolRow> pools_;
  Table<LockRow> locks_;
  Table<TypeRow> types_;
  Table<SiblingRow> siblings_;
  Table<TraitRow> traits_;
  Table<RootRow> roots_;
  std::uint64_t fingerprint_ = 14695981039346656037ULL;
};

}  // namespace concadvise
