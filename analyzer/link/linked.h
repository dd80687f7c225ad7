// The one implementation of Program, in stages that later ones build on: units joined (program.cpp), call graph and flow
// graph (graph.cpp), effects upward (effects.cpp), contexts downward (contexts.cpp).
#pragma once

#include <unordered_set>

#include "analyzer/link/program.h"

namespace concadvise {

/// What may flow where. Nodes are interned; queries are memoized until the graph grows.
class FlowGraph {
 public:
  int intern(const std::string& node);
  void add(const std::string& from, const std::string& to);
  /// All nodes from which `node` can be reached, itself included. The walk does not go past nodes of `stop`.
  const std::vector<int>& upstream(int node);
  std::vector<int> upstream_until(const std::vector<std::string>& nodes, const std::string& stop_prefix);
  const std::string& name(int node) const { return names_[static_cast<std::size_t>(node)]; }
  std::size_t edges() const { return edges_; }

 private:
  std::unordered_map<std::string, int> ids_;
  std::vector<std::string> names_;
  std::vector<std::vector<int>> incoming_;
  std::unordered_set<std::uint64_t> known_;
  std::unordered_map<int, std::vector<int>> memo_;
  std::size_t edges_ = 0;
};

class LinkedProgram final : public Program {
 public:
  LinkedProgram(std::vector<facts::Unit> units, const Knowledge& knowledge);

  const std::vector<Resolved>& callees(FunctionId function, int call) const override;
  std::vector<FunctionId> callables(const facts::Value& value) const override;
  std::vector<std::string> upstream(const std::vector<std::string>& nodes) const override;
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

 private:
  using CallKey = std::uint64_t;
  static CallKey call_key(FunctionId function, int call) {
    return (static_cast<std::uint64_t>(function) << 32) | static_cast<std::uint32_t>(call);
  }

  // program.cpp
  void take(std::vector<facts::Unit>& units);
  void remap(facts::Unit& unit, const std::vector<std::uint32_t>& files);

  // graph.cpp
  void build_graph();
  void give_traits();
  bool resolve_once(bool first);
  std::string own_parameters(FunctionId caller) const;
  std::vector<Resolved> targets_of(FunctionId caller, const facts::Call& call, std::vector<int>* through_parameters) const;
  void resolve_call(FunctionId caller, int index);
  void hand_over(FunctionId caller, int index, const ReceiverRow& row);
  void hand_to_pool_class(FunctionId caller, int index);
  Context::Kind kind_of(const ReceiverRow& row, const facts::Call& call, std::string& pool) const;
  std::vector<FunctionId> definitions(const std::string& key, std::uint32_t near_file) const;
  std::vector<FunctionId> functions_in(const std::vector<std::string>& nodes, bool generators) const;
  bool owns_threads(std::string_view class_key_or_name) const;

  // effects.cpp
  void compute_effects();
  void leaf_effects(FunctionId function, int call);
  bool add_effect(std::vector<Effect>& list, Effect effect) const;
  void compute_work();
  const Effect* loop_work(FunctionId function);

  // contexts.cpp
  void compute_contexts();
  bool add_context(FunctionId function, Context context);
  void framework_roots();
  void spread_contexts();
  std::string why_of(FunctionId coroutine) const;
  void index_resumptions();
  void solve_executors();
  bool solve_executor(FunctionId function);
  enum class Where { unknown, unreached, loop, pool };
  Where after_suspension(FunctionId function, int suspension, Where before) const;
  Where where_at(FunctionId function, const std::vector<int>& after) const;

  mutable FlowGraph flow_;
  std::unordered_map<std::string, std::vector<std::string>> overriders_;
  std::unordered_set<std::string> moved_;              // types whose objects are moved to a thread (QObject::moveToThread)
  std::unordered_map<CallKey, std::vector<Resolved>> callees_;
  std::vector<std::vector<int>> invoked_parameters_;   // per function: parameters that it calls in place
  std::vector<Handover> handovers_;
  std::vector<std::vector<Effect>> effects_;
  std::unordered_map<CallKey, std::vector<Effect>> call_effects_;
  std::vector<std::unique_ptr<Effect>> work_;
  std::unordered_map<CallKey, Effect> call_work_;
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
