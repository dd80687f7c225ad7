// One module's facts: every function, lambda and the module's own code, with names resolved through the whole project.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/facts.h"
#include "analyzer/knowledge.h"
#include "analyzer/python/infer.h"

namespace concadvise::python {

/// The facts of a module. Places refer to file 0, the module's own.
facts::Unit extract(ModuleId module, Inference& inference, const Knowledge& knowledge);

/// Walks the code that runs in one frame (a function, a lambda, a module) and writes down what it does.
class Frame {
 public:
  Frame(ModuleId module, ScopeId scope, Inference& inference, const Knowledge& knowledge, facts::Unit& unit);
  facts::Function run();

 private:
  /// What encloses the node that is visited.
  struct Around {
    int loop = -1;
    std::vector<int> held;
    facts::Texts guards;
  };

  // extract.cpp and extract_loop.cpp: statements
  bool is_test_function();
  void visit(NodeId node, Around& around);
  void children(NodeId node, Around& around);
  void with(NodeId node, Around& around);
  void enter(NodeId node, NodeId manager, bool async, Around& around);
  void branch(NodeId node, Around& around);
  bool leaves(NodeId block) const;
  bool first_use(NodeId condition, NodeId branch);
  void ready_after(NodeId condition, Around& around);
  void loop(NodeId node, Around& around);
  void comprehension(NodeId node, Around& around);
  int open_loop(NodeId node, NodeId iterable, const Around& around);
  void bound(facts::Loop& loop, NodeId iterable);
  void counted(facts::Loop& loop, NodeId node);
  void suspension(NodeId node, facts::SuspendKind kind, NodeId operand, const Around& around);
  void assignment(NodeId node, Around& around);
  void access(NodeId name, const Around& around);
  bool polls(NodeId node) const;
  bool arithmetic(NodeId node) const;
  bool always_suspends(NodeId body) const;
  bool skips(NodeId branch) const;
  bool repeats(NodeId iterable, NodeId loop) const;
  bool whole_body(NodeId statement) const;

  // extract_container.cpp: callables in containers
  std::string container(NodeId expression);
  bool calls_variable(std::string_view name);
  void taken_out(NodeId target, NodeId from);
  void put_in(NodeId into, NodeId callable);
  void put_in_by_method(NodeId call);
  void given_to_decorators();

  // extract_call.cpp and extract_value.cpp: calls and values
  int call(NodeId node, Around& around);
  void callees(facts::Call& call, const Values& values, NodeId function);
  void callee(facts::Call& call, const Value& value);
  void arguments(facts::Call& call, NodeId list, const Around& around);
  void use(facts::Call& call, NodeId node);
  bool read_somewhere(NodeId variable) const;
  facts::Value value(NodeId expression);
  std::optional<std::int64_t> flags(NodeId expression);
  std::optional<std::int64_t> elements_of(NodeId expression, int depth = 0);
  void sources(facts::Value& out, const Values& values, NodeId expression);
  void source(facts::Value& out, const Value& value);
  std::string type_of(const Values& values);
  std::string storage(NodeId target);
  facts::Place place(NodeId node) const;
  facts::Call blank(NodeId node, const Around& around) const;
  void implicit(NodeId node, const std::string& why, const Values& functions, bool iterates, const Around& around);
  void implicit_named(NodeId node, const std::string& why, const std::string& name, const Around& around);
  void operation(NodeId node, const Around& around);
  void property(NodeId node, const Around& around);
  void consume_all(NodeId node, NodeId expression, const Around& around);
  void consume(NodeId node, const Values& values, const Around& around);
  void manual_lock(const facts::Call& call, NodeId node);
  const LockRow* lock_row(const Values& values, std::string& type) const;
  const LockRow* held_at_yield(Ref generator, std::string& type);
  const LockRow* acquired_before_yield(Ref generator, std::string& type);

  const Project& project_;
  const Module& module_;
  const Tree& tree_;
  ScopeId scope_;
  Inference& inference_;
  const Knowledge& knowledge_;
  facts::Unit& unit_;
  facts::Function out_;
  std::unordered_map<NodeId, int> call_of_node_;
  std::optional<std::unordered_set<std::string_view>> called_names_;  // see calls_variable
  std::vector<std::pair<std::string, int>> manual_;  // object's text, lock
};

/// A method that changes its container: "append", "pop".
bool is_mutator(std::string_view method);

/// Names as knowledge rows spell them: a bare one is a builtin.
std::string knowledge_name(const std::string& name);

}  // namespace concadvise::python
