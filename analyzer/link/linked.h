// The one implementation of Program, in stages that later ones build on: units joined (program.cpp), names looked up
// (names.cpp), call graph and flow graph (graph.cpp), effects upward (effects.cpp), contexts downward (contexts.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>

#include "analyzer/link/program.h"

namespace concadvise {

/// What may flow where. Nodes are interned; what their names say is taken apart once.
class FlowGraph {
 public:
  enum class Kind : std::uint8_t { other, function, result, parameter, object };
  using Functions = FunctionsByKey::Functions;

  int intern(facts::Text node);
  /// -1: no flow and no call names it.
  int find(facts::Text node) const;
  void add(int from, int to);
  void add(facts::Text from, facts::Text to) { add(intern(from), intern(to)); }
  /// All nodes from which one of `nodes` can be reached, themselves included. The walk does not go past parameters of `own`.
  std::vector<int> upstream(std::span<const int> nodes, const std::string* own = nullptr) const;
  /// Whether something new began to flow into one of these after that many edges.
  bool changed_upstream(std::span<const int> nodes, std::uint32_t edges) const;
  /// From here on nodes know their functions.
  void index(const FunctionsByKey& functions, int jobs);

  facts::Text name(int node) const { return nodes_[static_cast<std::size_t>(node)].name; }
  Kind kind(int node) const { return nodes_[static_cast<std::size_t>(node)].kind; }
  /// Of function and result nodes: the functions with that key; nullptr: none in the sources.
  const Functions* functions(int node) const { return nodes_[static_cast<std::size_t>(node)].functions; }
  /// Of a parameter's node: its number when it is one of `own`, else -1.
  int parameter_of(int node, const std::string* own) const;
  std::uint32_t edges() const { return static_cast<std::uint32_t>(edges_.size()); }

 private:
  struct Node {
    facts::Text name;
    const Functions* functions = nullptr;
    std::uint32_t changed = 0;       // when something new began to flow into it last, in edges
    std::uint32_t owner_length = 0;  // of a parameter: its function's key is that long
    int number = -1;
    int first = -1;                  // edges into it, in the order in which they came
    int last = -1;
    int count = 0;
    Kind kind = Kind::other;
  };
  struct Edge {
    int from = -1;
    int next = -1;
  };
  void set_functions(Node& node) const;
  template <typename Visit> void each_incoming(int node, const Visit& visit) const {
    for (int edge = nodes_[static_cast<std::size_t>(node)].first; edge >= 0; edge = edges_[static_cast<std::size_t>(edge)].next)
      visit(edges_[static_cast<std::size_t>(edge)].from);
  }
  template <typename Stop> void walk(std::span<const int> nodes, std::vector<int>& order, const Stop& stop) const;
  std::vector<int> ids_;  // by the number of the name
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::unordered_set<std::uint64_t> known_;  // edges into nodes that have many
  const FunctionsByKey* by_key_ = nullptr;
};

class LinkedProgram final : public Program {
 public:
  LinkedProgram(std::vector<facts::Unit> units, const Knowledge& knowledge, int jobs);

  const std::vector<Resolved>& callees(FunctionId function, int call) const override;
  std::vector<FunctionId> callables(const facts::Value& value) const override;
  facts::Texts upstream(const facts::Texts& nodes) const override;
  bool has_trait(const facts::Value& value, std::string_view trait) const override;
  const std::vector<Effect>& effects_of_call(FunctionId function, int call) const override;
  const std::vector<Effect>& effects(FunctionId function) const override;
  const Effect* compute(FunctionId function) const override;
  const Effect* compute_of_call(FunctionId function, int call) const override;
  const std::vector<Context>& contexts(FunctionId function) const override;
  const Context* context_at(FunctionId function, const std::vector<int>& after) const override;
  const std::vector<Handover>& handovers() const override { return handovers_; }
  bool blocks(const EffectRow& row, const facts::Call& call) const override;
  bool holds(const Condition& condition, const facts::Call& call) const override;
  bool holds_for(const Condition& condition, const facts::Value& value) const;
  const ReceiverRow* receiver(FunctionId function, int call) const override {
    const auto* rows = call_facts(function, call).receivers;
    return rows ? rows->front() : nullptr;
  }

 private:
  using CallKey = std::size_t;  // calls are numbered through, function by function
  int calls_of(FunctionId function) const { return static_cast<int>(call_key(function + 1, 0) - call_key(function, 0)); }
  CallKey call_key(FunctionId function, int call) const { return first_call_[static_cast<std::size_t>(function)] + static_cast<std::size_t>(call); }

  /// What the texts of a call mean here, looked up once.
  struct CallFacts {
    const EffectRow* effect = nullptr;
    const std::vector<const ReceiverRow*>* receivers = nullptr;  // nullptr: none
    std::uint32_t first_target = 0;     // in target_functions_, one for each of Call::targets
    std::uint32_t first_node = 0;       // in call_nodes_: of the object's sources, `through` and each argument's sources, in that order
    std::uint32_t resolved_edges = 0;   // when it was resolved last, in edges of the flow graph
    std::uint32_t resolved_invoked = 0; // and in invoked parameters
    bool fresh_nodes : 1 = false;       // some of its nodes are not known yet
    bool constructs : 1 = false;        // what the call says of itself
    bool virtual_call : 1 = false;
    bool has_through : 1 = false;
    bool has_keywords : 1 = false;
    bool has_integers : 1 = false;
    bool iterates : 1 = false;
    bool in_loop : 1 = false;
    bool event_wait : 1 = false;        // see Meaning
    bool resumes : 1 = false;
  };
  /// What is asked most of a function.
  struct Brief {
    std::uint32_t file = 0;
    facts::FunctionKind kind = facts::FunctionKind::plain;
    bool has_body = false;
    bool library = false;      // the knowledge covers its library
    bool blocking = false;     // attributes
    bool nonblocking = false;
  };
  const Brief& brief(FunctionId function) const { return briefs_[static_cast<std::size_t>(function)]; }
  using Same = const std::vector<FunctionId>*;  // all functions of one key; nullptr: none in the sources
  const CallFacts& call_facts(FunctionId function, int call) const { return call_facts_[call_key(function, call)]; }
  std::span<const Same> target_functions(FunctionId function, int call) const;
  std::span<const int> object_nodes(FunctionId function, int call) const;
  std::span<const int> through_nodes(FunctionId function, int call) const;
  std::span<const int> argument_nodes(FunctionId function, int call, std::size_t argument) const;
  std::span<const int> all_nodes(FunctionId function, int call) const;
  std::vector<int> known_nodes(const facts::Texts& names) const;

  // program.cpp
  void take(std::vector<facts::Unit>& units);
  void join(std::vector<facts::Unit>& units, std::size_t count);
  void remap(facts::Unit& unit, const std::vector<std::uint32_t>& files);

  // names.cpp
  void number_calls();
  void look_up_names();
  void look_up_function(FunctionId id);
  void intern_nodes();

  // graph.cpp
  void build_graph();
  void give_traits();
  bool resolve_once(bool first);
  bool outdated(FunctionId caller, int index) const;
  int parameter_node(FunctionId function, std::size_t position);
  void invokes(FunctionId function, int parameter);
  const std::string* own_parameters(FunctionId caller) const;
  std::vector<FunctionId> targets_of(FunctionId caller, int index);
  void pass_arguments(FunctionId caller, int index, FunctionId target);
  void resolve_call(FunctionId caller, int index);
  void call_passed_on(FunctionId caller, int index, FunctionId target, std::vector<Resolved>& direct);
  void hand_over(FunctionId caller, int index, const ReceiverRow& row);
  void hand_over_own_body(FunctionId caller, int index);
  void hand_to_pool_class(FunctionId caller, int index);
  Context::Kind kind_of(const ReceiverRow& row, FunctionId caller, int index, std::string& pool) const;
  template <typename Visit> void each_definition(Same same, std::uint32_t near_file, const Visit& visit) const {
    if (!same) return;
    FunctionId near = -1;
    int bodies = 0;
    for (const FunctionId id : *same) {
      if (!brief(id).has_body) continue;
      ++bodies;
      if (near < 0 && brief(id).file == near_file) near = id;
    }
    if (bodies == 0) return visit(same->front());
    if (bodies > 1 && near >= 0) return visit(near);
    for (const FunctionId id : *same)
      if (brief(id).has_body) visit(id);
  }
  std::vector<FunctionId> functions_in(std::span<const int> nodes) const;
  bool owns_threads(facts::Text class_key_or_name) const;
  bool is_plain_object(std::string_view class_key_or_name) const;

  // effects.cpp
  void index_callers();
  std::span<const std::pair<FunctionId, int>> callers(FunctionId function) const {
    const auto at = static_cast<std::size_t>(function);
    return {callers_.data() + first_caller_[at], first_caller_[at + 1] - first_caller_[at]};
  }
  void compute_effects();
  void leaf_effects(FunctionId function, int call);
  bool add_effect(std::vector<Effect>& list, Effect effect) const;
  void compute_work();
  const Effect* loop_work(FunctionId function);
  void find_loop_classes();
  bool is_loop_class(facts::Text type) const;
  int parameter_given(FunctionId function, const facts::Value& value) const;
  void bound_by_parameter(FunctionId id, const facts::Call& call, Effect& effect) const;
  bool bounds(FunctionId caller, const facts::Call& call, Effect& effect) const;
  bool takes_gathered(const facts::Call& call) const;
  std::pair<int, int> nest(FunctionId function, int depth) const;

  // contexts.cpp
  void compute_contexts();
  bool add_context(FunctionId function, const Context& context);
  void framework_roots();
  bool from_event_loop(FunctionId function, int call) const;
  void spread_contexts();
  std::string why_of(FunctionId coroutine) const;
  void index_resumptions();
  void solve_executors();
  bool solve_executor(FunctionId function);
  // `waiter`: on the thread that waits synchronously for the coroutine and does nothing else meanwhile.
  enum class Where { unknown, unreached, loop, pool, waiter };
  bool waited_for(FunctionId caller, const facts::Call& start) const;
  Where after_suspension(FunctionId function, int suspension, Where before) const;
  Where where_at(FunctionId function, const std::vector<int>& after) const;

  int jobs_ = 0;
  FlowGraph flow_;
  std::vector<std::size_t> first_call_;                // per function, and the number of all calls
  std::vector<CallFacts> call_facts_;
  std::vector<Same> target_functions_;
  std::vector<int> call_nodes_;
  std::vector<int> node_arguments_;                    // of each of them: which argument's, -1 of the object or `through`
  /// What the knowledge says of a name that a call has.
  struct Meaning {
    facts::Text name;
    const EffectRow* effect = nullptr;
    const ReceiverRow* receiver = nullptr;
    const TraitRow* trait = nullptr;
    bool event_wait = false;
    bool resumes = false;  // a coroutine, by its handle
  };
  const Meaning& meaning(facts::Text name) const { return meanings_[static_cast<std::size_t>(meaning_of_[name.number()])]; }
  std::vector<int> meaning_of_;                        // by the number of the name
  std::vector<Meaning> meanings_;
  std::unordered_map<std::string, std::vector<const ReceiverRow*>, TextHash, std::equal_to<>> receivers_;  // by name
  std::vector<std::size_t> first_parameter_;           // per function, and the number of all parameters
  std::vector<facts::Text> parameter_names_;           // of their nodes; empty: no node has that name yet
  std::vector<int> parameter_nodes_;                   // -1: not asked for yet
  std::vector<Brief> briefs_;
  std::unordered_map<facts::Text, facts::Texts> overriders_;
  mutable std::unordered_map<facts::Text, bool> owns_threads_;  // what was asked already
  std::unordered_set<std::string> moved_;              // types whose objects are moved to a thread (QObject::moveToThread)
  std::vector<std::vector<Resolved>> callees_;         // per call
  struct Invoked {
    std::vector<int> parameters;
    std::uint32_t changed = 0;
  };
  std::vector<Invoked> invoked_parameters_;            // per function: parameters that it calls in place
  std::uint32_t invoked_count_ = 0;
  std::unordered_map<CallKey, std::vector<Handover>> handovers_of_;
  std::vector<Handover> handovers_;
  std::vector<std::size_t> first_caller_;              // per function, and the number of all
  std::vector<std::pair<FunctionId, int>> callers_;    // and which of its calls
  std::vector<std::vector<Effect>> effects_;
  std::vector<std::vector<Effect>> call_effects_;      // per call
  std::vector<std::unique_ptr<Effect>> work_;
  std::unordered_map<CallKey, Effect> call_work_;
  std::unordered_set<facts::Text> loop_classes_;  // whose threads run coroutines between events
  std::unordered_set<facts::Text> gathering_fields_;  // members that are strings or containers
  std::vector<std::vector<Context>> contexts_;
  // Executor of a coroutine at its entry, after each suspension and at its end; see contexts.cpp.
  struct Executors {
    Where entry = Where::unreached;
    std::vector<Where> after;
    Where exit = Where::unreached;
  };
  std::vector<Executors> executors_;
  std::unordered_map<std::string, Where> resumed_on_;  // handle node -> where it is resumed
  Context loop_context_, pool_context_;
};

}  // namespace concadvise
