// All units' facts joined: the call graph with virtual and indirect edges, what flows where, effects upward and contexts
// downward through it. Checks ask it; it decides nothing about rules.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analyzer/facts.h"
#include "analyzer/knowledge.h"
#include "analyzer/text_hash.h"

namespace concadvise {

using FunctionId = int;  // index into Program::functions()

/// Where code runs, and why.
struct Context {
  enum class Kind {
    coroutine,      // on an event loop
    loop_callback,
    io_pool,
    compute_pool,
    pool,           // a pool whose role is not known
    thread,
    process,
    plain,
  };
  Kind kind = Kind::plain;
  FunctionId root = -1;          // the function that gets the context first
  facts::Place given_at;         // where it was handed over; the root's own place for coroutines
  FunctionId given_by = -1;      // the function that handed it over; -1 for coroutines and framework roots
  int given_by_call = -1;        // index of the call in given_by
  std::string why;               // "a handler posted to asio::io_context"
  std::string pool;              // type or node of the pool
  double confidence = 1;
};

/// A step down: function, the call in it, and where that leads (-1: to the effect itself).
struct ChainStep {
  FunctionId function = -1;
  int call = -1;
  FunctionId callee = -1;
};

/// That a function, run in place, holds up the thread that runs it.
struct Effect {
  std::string effect;            // sleep, wait, dns ...
  Tier tier = Tier::unbounded;
  const EffectRow* row = nullptr;
  std::vector<ChainStep> chain;       // from the function asked about to the leaf; shortest witness
  std::string leaf;              // name of the function that blocks
  facts::Place leaf_place;       // of the loop, for compute
  double confidence = 1;         // less than 1 when only some targets of a call block
  const Condition* bounded = nullptr;  // what would bound it, asked of a parameter of the function that has the effect
  int bounding_parameter = -1;         // which one
  std::optional<std::pair<std::int64_t, std::int64_t>> choice;  // what it is asked of where the parameter is true, and where it is false
  bool required = false;               // the condition has to hold for the effect, instead
  bool gathered = false;         // compute over what a member has gathered: how much that is depends on the run
  bool near = false;             // compute over two collections of unknown size: believed of the function and its direct callers
};

/// A call as it was resolved over all units.
struct Resolved {
  FunctionId callee = -1;
  bool iterates = false;         // a generator's body runs here
  double confidence = 1;
};

/// A callable that a call hands over, to be run elsewhere or later.
struct Handover {
  FunctionId caller = -1;
  int call = -1;
  FunctionId callee = -1;
  Context::Kind kind = Context::Kind::plain;
  std::string why;
  std::string pool;
};

/// The definitions of each key, by the number of its text.
class FunctionsByKey {
 public:
  using Functions = std::vector<FunctionId>;
  /// nullptr: none. What it points to keeps its place.
  const Functions* find(facts::Text key) const {
    const std::size_t number = key.number();
    return number < at_.size() && at_[number] >= 0 ? &lists_[static_cast<std::size_t>(at_[number])] : nullptr;
  }
  template <facts::OtherText T> const Functions* find(const T& key) const {
    const auto known = facts::Text::known(key);
    return known ? find(*known) : nullptr;
  }
  Functions& operator[](facts::Text key);

 private:
  std::vector<int> at_;
  std::deque<Functions> lists_;
};

class Program {
 public:

  /// Takes the units over. Equal functions of several units (headers, instantiations) become one. `jobs`: see workers.h; the
  /// result does not depend on it.
  static std::unique_ptr<Program> link(std::vector<facts::Unit> units, const Knowledge& knowledge, int jobs);
  virtual ~Program() = default;

  const std::vector<std::string>& files() const { return files_; }
  const std::vector<facts::Function>& functions() const { return functions_; }
  const facts::Function& function(FunctionId id) const { return functions_[static_cast<std::size_t>(id)]; }
  facts::Language language(FunctionId id) const { return languages_[static_cast<std::size_t>(id)]; }
  const Knowledge& knowledge() const { return *knowledge_; }

  FunctionId find(facts::Text key) const;                             // -1: no such function
  template <facts::OtherText T> FunctionId find(const T& key) const {
    const auto known = facts::Text::known(key);
    return known ? find(*known) : -1;
  }
  /// Of several definitions (of programs that share no code) the one in `near_file`, else the first.
  FunctionId find(facts::Text key, std::uint32_t near_file) const;
  const facts::Class* class_of(facts::Text key_or_name) const;        // nullptr: not in the sources
  template <facts::OtherText T> const facts::Class* class_of(const T& key_or_name) const {
    const auto known = facts::Text::known(key_or_name);
    return known ? class_of(*known) : nullptr;
  }
  const std::vector<facts::Suppression>& suppressions() const { return suppressions_; }
  bool derives(std::string_view type, std::string_view base) const;   // by key or name, reflexive

  /// The functions that the call runs in place before it returns (not what it hands to other threads or stores).
  virtual const std::vector<Resolved>& callees(FunctionId function, int call) const = 0;

  /// Functions that a value may be.
  virtual std::vector<FunctionId> callables(const facts::Value& value) const = 0;
  /// All nodes that the value may come from, itself included.
  virtual facts::Texts upstream(const facts::Texts& nodes) const = 0;
  virtual bool has_trait(const facts::Value& value, std::string_view trait) const = 0;

  /// What calling `call` does to the thread, knowledge and chains together; `tier` unbounded, disk or lock. Empty: nothing known.
  virtual const std::vector<Effect>& effects_of_call(FunctionId function, int call) const = 0;
  /// What running the function does, the worst witness per effect first.
  virtual const std::vector<Effect>& effects(FunctionId function) const = 0;
  /// That the function computes for long: the chain ends at a loop nest or a heavy call. nullptr: not known to.
  virtual const Effect* compute(FunctionId function) const = 0;
  virtual const Effect* compute_of_call(FunctionId function, int call) const = 0;

  /// Contexts that the function runs in; empty where nothing is known.
  virtual const std::vector<Context>& contexts(FunctionId function) const = 0;
  /// Everything that is given to a pool, thread, process or loop, in the order of the calls that give it.
  virtual const std::vector<Handover>& handovers() const = 0;
  /// Context at a call inside a coroutine that may have hopped to another executor; nullptr: unknown there.
  virtual const Context* context_at(FunctionId function, const std::vector<int>& after) const = 0;

  /// Whether the row's conditions make this call one that blocks.
  virtual bool blocks(const EffectRow& row, const facts::Call& call) const = 0;
  /// Knowledge::receiver of the call, looked up once for each name.
  virtual const ReceiverRow* receiver(FunctionId function, int call) const = 0;
  virtual bool holds(const Condition& condition, const facts::Call& call) const = 0;

 protected:
  std::vector<std::string> files_;
  std::vector<facts::Function> functions_;
  std::vector<facts::Language> languages_;
  std::vector<facts::Class> classes_;
  std::vector<facts::Suppression> suppressions_;
  FunctionsByKey by_key_;
  std::vector<int> class_by_name_;  // by the number of the key's or name's text; -1: none
  const Knowledge* knowledge_ = nullptr;
};

}  // namespace concadvise
