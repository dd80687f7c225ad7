// Who calls whom. Callables are followed through the flow graph, one node per variable, field and parameter; the graph
// grows while calls are resolved (arguments flow into the parameters of what a call may reach), so resolution runs until
// nothing new flows. A function that calls its own parameter in place is resolved at each of its call sites with that
// site's argument, which keeps callers of `apply(f)` apart.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analyzer/link/linked.h"

namespace concadvise {

int FlowGraph::intern(const std::string& node) {
  const auto [at, fresh] = ids_.try_emplace(node, static_cast<int>(names_.size()));
  if (fresh) {
    names_.push_back(node);
    incoming_.emplace_back();
  }
  return at->second;
}

void FlowGraph::add(const std::string& from, const std::string& to) {
  const int a = intern(from);
  const int b = intern(to);
  if (a == b) return;
  if (!known_.insert((static_cast<std::uint64_t>(a) << 32) | static_cast<std::uint32_t>(b)).second) return;
  incoming_[static_cast<std::size_t>(b)].push_back(a);
  memo_.clear();
  ++edges_;
}

const std::vector<int>& FlowGraph::upstream(int node) {
  const auto known = memo_.find(node);
  if (known != memo_.end()) return known->second;
  std::vector<int> order{node};
  std::unordered_set<int> seen{node};
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const int from : incoming_[static_cast<std::size_t>(order[i])])
      if (seen.insert(from).second) order.push_back(from);
  return memo_[node] = std::move(order);
}

std::vector<int> FlowGraph::upstream_until(const std::vector<std::string>& nodes, const std::string& stop_prefix) {
  std::vector<int> order;
  std::unordered_set<int> seen;
  for (const auto& node : nodes)
    if (const int id = intern(node); seen.insert(id).second) order.push_back(id);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!stop_prefix.empty() && name(order[i]).starts_with(stop_prefix)) continue;
    for (const int from : incoming_[static_cast<std::size_t>(order[i])])
      if (seen.insert(from).second) order.push_back(from);
  }
  return order;
}

std::vector<FunctionId> LinkedProgram::definitions(const std::string& key, std::uint32_t near_file) const {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return {};
  std::vector<FunctionId> bodies;
  for (const FunctionId id : at->second)
    if (function(id).has_body) bodies.push_back(id);
  if (bodies.size() > 1)
    for (const FunctionId id : bodies)
      if (function(id).place.file == near_file) return {id};
  if (bodies.empty()) return {at->second.front()};
  return bodies;
}

std::vector<FunctionId> LinkedProgram::functions_in(const std::vector<std::string>& nodes, bool generators) const {
  std::vector<FunctionId> out;
  for (const int id : flow_.upstream_until(nodes, {})) {
    const std::string& name = flow_.name(id);
    std::string_view key = name;
    if (!generators && key.starts_with("fn:")) key.remove_prefix(3);
    else if (generators && key.starts_with("ret:")) key.remove_prefix(4);
    else continue;
    const auto at = by_key_.find(std::string(key));
    if (at == by_key_.end()) continue;
    for (const FunctionId f : at->second) {
      if (generators && function(f).kind != facts::FunctionKind::generator) continue;
      if (std::find(out.begin(), out.end(), f) == out.end()) out.push_back(f);
    }
  }
  return out;
}

std::vector<FunctionId> LinkedProgram::callables(const facts::Value& value) const {
  return functions_in(value.sources, false);
}

std::vector<std::string> LinkedProgram::upstream(const std::vector<std::string>& nodes) const {
  std::vector<std::string> out;
  for (const int id : flow_.upstream_until(nodes, {})) out.push_back(flow_.name(id));
  return out;
}

bool LinkedProgram::has_trait(const facts::Value& value, std::string_view trait) const {
  const std::string wanted = facts::node::trait(trait);
  for (const int id : flow_.upstream_until(value.sources, {}))
    if (flow_.name(id) == wanted) return true;
  return false;
}

bool LinkedProgram::owns_threads(std::string_view name) const {
  const auto* klass = class_of(name);
  if (!klass) return false;
  for (const auto& field : klass->fields) {
    const auto is_thread = [&](const std::string& type) { return knowledge_->type(type, "thread") != nullptr; };
    if (is_thread(field.type) || std::any_of(field.of.begin(), field.of.end(), is_thread)) return true;
  }
  return std::any_of(klass->bases.begin(), klass->bases.end(),
                     [&](const std::string& base) { return base != name && owns_threads(base); });
}

// A coroutine runs apart from its call, so what it calls of its own is charged to itself.
std::string LinkedProgram::own_parameters(FunctionId caller) const {
  return function(caller).kind == facts::FunctionKind::plain ? "param:" + function(caller).key + "#" : std::string();
}

std::vector<Resolved> LinkedProgram::targets_of(FunctionId caller, const facts::Call& call,
                                                std::vector<int>* through_parameters) const {
  std::vector<FunctionId> found;
  // Of libraries that the knowledge covers the rows say what they do, also where their sources lie in the project: what
  // they do inside (one function pointer for all operations) can't be told apart.
  const auto add = [&](FunctionId id) {
    const auto& f = function(id);
    if (!f.lambda && f.parent.empty() && knowledge_->type(f.name, "library")) return;
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  };
  const std::uint32_t file = function(caller).place.file;
  std::vector<std::string> keys = call.targets;
  if (call.virtual_call)
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const auto over = overriders_.find(keys[i]); over != overriders_.end())
        for (const auto& key : over->second)
          if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  for (const auto& key : keys)
    for (const FunctionId id : definitions(key, file))
      // A pure declaration that has overriders is not itself a target.
      if (function(id).has_body || keys.size() == 1 || !call.virtual_call) add(id);
  if (!call.through.empty()) {
    const std::string own = own_parameters(caller);
    std::vector<std::string> rest;
    for (const int id : flow_.upstream_until(call.through, own)) {
      const std::string& name = flow_.name(id);
      if (!own.empty() && name.starts_with(own)) {
        if (through_parameters) through_parameters->push_back(std::stoi(name.substr(own.size())));
        continue;
      }
      rest.push_back(name);
    }
    for (const auto& name : rest) {
      std::string_view key = name;
      if (!call.iterates && key.starts_with("fn:")) key.remove_prefix(3);
      else if (call.iterates && key.starts_with("ret:")) key.remove_prefix(4);
      else continue;
      for (const FunctionId id : definitions(std::string(key), file))
        if (!call.iterates || function(id).kind == facts::FunctionKind::generator) add(id);
    }
  }
  std::vector<Resolved> out;
  for (const FunctionId id : found) {
    Resolved resolved;
    resolved.callee = id;
    resolved.iterates = call.iterates;
    resolved.confidence = 1;
    out.push_back(resolved);
  }
  return out;
}

namespace {

bool is_library_data(const std::string& type) {
  static const std::set<std::string, std::less<>> callable = {"std::function", "std::move_only_function", "std::packaged_task", "std::reference_wrapper",
                                                              "std::_Bind", "std::_Bind_result", "std::_Mem_fn", "std::_Bind_front", "std::_Not_fn"};
  return type.starts_with("__gnu_cxx::") || (type.starts_with("std::") && !callable.contains(type));
}

}  // namespace

Context::Kind LinkedProgram::kind_of(const ReceiverRow& row, const facts::Call& call, std::string& pool) const {
  static const std::map<std::string, Context::Kind, std::less<>> kinds = {
      {"loop-callback", Context::Kind::loop_callback}, {"coroutine", Context::Kind::coroutine},
      {"io-pool", Context::Kind::io_pool},             {"compute-pool", Context::Kind::compute_pool},
      {"pool", Context::Kind::pool},                   {"thread", Context::Kind::thread},
      {"process", Context::Kind::process},             {"loop", Context::Kind::loop_callback},
      {"io", Context::Kind::io_pool},                  {"compute", Context::Kind::compute_pool},
      {"mixed", Context::Kind::pool}};
  std::string word = row.context;
  if (row.executor >= -1) {
    const facts::Value* executor = nullptr;
    if (row.executor == -1) executor = call.object ? &*call.object : nullptr;
    else if (static_cast<std::size_t>(row.executor) < call.arguments.size()) executor = &call.arguments[static_cast<std::size_t>(row.executor)];
    if (executor) {
      std::vector<std::string> types{executor->type};
      for (const int id : flow_.upstream_until(executor->sources, {}))
        if (flow_.name(id).starts_with("new:")) types.push_back(flow_.name(id).substr(4));
      for (const auto& type : types)
        if (const auto* known = knowledge_->pool(type)) {
          word = known->role;
          pool = type;
        }
    }
  }
  const auto at = kinds.find(word);
  return at == kinds.end() ? Context::Kind::plain : at->second;
}

void LinkedProgram::hand_over(FunctionId caller, int index, const ReceiverRow& row) {
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  std::vector<const facts::Value*> given;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const auto& argument = call.arguments[i];
    const bool wanted = row.callables.empty() && row.keyword.empty()
                            ? true
                            : (!row.keyword.empty() && argument.keyword == row.keyword) ||
                                  (argument.keyword.empty() &&
                                   std::find(row.callables.begin(), row.callables.end(), static_cast<int>(i)) != row.callables.end());
    if (wanted) given.push_back(&argument);
  }
  if (std::find(row.callables.begin(), row.callables.end(), -1) != row.callables.end() && call.object) given.push_back(&*call.object);
  std::string pool;
  const Context::Kind kind = kind_of(row, call, pool);
  // A slot runs where its object lives: not on this loop if the object was moved to a thread.
  const auto elsewhere = [&](FunctionId f) {
    if (kind != Context::Kind::loop_callback || moved_.empty()) return false;
    const auto* owner = class_of(function(f).owner);
    return (owner && moved_.contains(owner->name)) ||
           std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& v) { return &v != &call.arguments.front() && moved_.contains(v.type); });
  };
  // An algorithm runs its function in place unless its first argument is a parallel policy.
  const bool in_place = row.context == "in-place" && kind == Context::Kind::plain;
  for (const auto* value : given) {
    // What an algorithm runs over may hold functions (threads do); it calls only what it is given to call.
    if (in_place && is_library_data(value->type)) continue;
    auto functions = functions_in(value->sources, false);
    if (row.context == "start-up") {
      for (const FunctionId f : functions) {
        auto& attributes = functions_[static_cast<std::size_t>(f)].attributes;
        if (std::find(attributes.begin(), attributes.end(), row.context) == attributes.end()) attributes.push_back(row.context);
      }
      continue;
    }
    if (in_place) {
      auto& list = callees_[call_key(caller, index)];
      const std::string own = own_parameters(caller);
      for (const int id : flow_.upstream_until(value->sources, own))
        if (!own.empty() && flow_.name(id).starts_with(own)) {
          auto& invoked = invoked_parameters_[static_cast<std::size_t>(caller)];
          const int parameter = std::stoi(flow_.name(id).substr(own.size()));
          if (std::find(invoked.begin(), invoked.end(), parameter) == invoked.end()) invoked.push_back(parameter);
        }
      for (const FunctionId f : functions)
        if (std::none_of(list.begin(), list.end(), [&](const Resolved& r) { return r.callee == f; }))
          list.push_back({f, false, 1});
      continue;
    }
    if (kind == Context::Kind::plain) continue;
    // A coroutine object handed to an executor: its body runs there.
    for (const int id : flow_.upstream_until(value->sources, {})) {
      const std::string& name = flow_.name(id);
      if (!name.starts_with("ret:")) continue;
      for (const FunctionId f : definitions(name.substr(4), function(caller).place.file))
        if (function(f).kind == facts::FunctionKind::coroutine) functions.push_back(f);
    }
    for (const FunctionId f : functions) {
      if (elsewhere(f)) handovers_.push_back({caller, index, f, Context::Kind::thread, "a slot of an object that was moved to a thread", {}});
      else handovers_.push_back({caller, index, f, kind, row.why, pool});
    }
  }
}

void LinkedProgram::hand_to_pool_class(FunctionId caller, int index) {
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  if (!call.object || call.constructs) return;
  std::string type = call.object->type;
  for (const auto& key : call.targets)
    if (const FunctionId f = find(key); f >= 0 && !function(f).owner.empty()) type = function(f).owner;
  if (!owns_threads(type)) return;
  for (const auto& argument : call.arguments)
    for (const FunctionId f : functions_in(argument.sources, false))
      handovers_.push_back({caller, index, f, Context::Kind::pool, "a task of " + call.object->type, call.object->type});
}

void LinkedProgram::resolve_call(FunctionId caller, int index) {
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  auto& invoked = invoked_parameters_[static_cast<std::size_t>(caller)];
  std::vector<int> called_parameters;
  auto targets = targets_of(caller, call, &called_parameters);
  for (const int p : called_parameters)
    if (std::find(invoked.begin(), invoked.end(), p) == invoked.end()) invoked.push_back(p);
  std::vector<Resolved> direct;
  bool body = false;
  for (const auto& target : targets) {
    const auto& f = function(target.callee);
    body = body || f.has_body;
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      for (const auto& source : call.arguments[i].sources) {
        std::size_t position = i;
        if (!call.arguments[i].keyword.empty()) {
          const auto named = std::find_if(f.parameters.begin(), f.parameters.end(),
                                          [&](const auto& p) { return p.name == call.arguments[i].keyword; });
          if (named == f.parameters.end()) continue;
          position = static_cast<std::size_t>(named - f.parameters.begin());
        }
        flow_.add(source, facts::node::parameter(f.key, position));
      }
    // A coroutine's or generator's body does not run at the call.
    if (f.kind == facts::FunctionKind::plain || f.kind == facts::FunctionKind::module || target.iterates) direct.push_back(target);
    if (f.kind != facts::FunctionKind::plain) continue;
    const std::vector<int> passed_on = invoked_parameters_[static_cast<std::size_t>(target.callee)];
    for (const int p : passed_on) {
      if (static_cast<std::size_t>(p) >= call.arguments.size()) continue;
      const auto& sources = call.arguments[static_cast<std::size_t>(p)].sources;
      const std::string own = own_parameters(caller);
      for (const int id : flow_.upstream_until(sources, own)) {
        const std::string& name = flow_.name(id);
        if (!own.empty() && name.starts_with(own)) {
          const int parameter = std::stoi(name.substr(own.size()));
          if (std::find(invoked.begin(), invoked.end(), parameter) == invoked.end()) invoked.push_back(parameter);
        } else if (name.starts_with("fn:")) {
          for (const FunctionId f2 : definitions(name.substr(3), function(caller).place.file))
            if (function(f2).kind == facts::FunctionKind::plain) direct.push_back({f2, false, 1});
        }
      }
    }
  }
  const auto rows = knowledge_->receivers(call);
  auto& list = callees_[call_key(caller, index)];
  list.clear();
  for (const auto& r : direct)
    if (std::none_of(list.begin(), list.end(), [&](const Resolved& known) { return known.callee == r.callee; })) list.push_back(r);
  if (body) return;
  for (const auto* row : rows) hand_over(caller, index, *row);
  if (rows.empty()) hand_to_pool_class(caller, index);
}

// Whether what a call reaches may depend on what flows where. Where it doesn't, once is enough.
static bool depends_on_flow(const facts::Call& call) {
  const auto flows = [](const facts::Value& value) { return !value.sources.empty(); };
  return !call.through.empty() || (call.object && flows(*call.object)) || std::any_of(call.arguments.begin(), call.arguments.end(), flows);
}

bool LinkedProgram::resolve_once(bool first) {
  const std::size_t before = flow_.edges();
  std::size_t invoked_before = 0;
  for (const auto& list : invoked_parameters_) invoked_before += list.size();
  handovers_.clear();
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < static_cast<int>(function(f).calls.size()); ++c)
      if (first || depends_on_flow(function(f).calls[static_cast<std::size_t>(c)])) resolve_call(f, c);
  std::size_t invoked_after = 0;
  for (const auto& list : invoked_parameters_) invoked_after += list.size();
  return flow_.edges() != before || invoked_before != invoked_after;
}

// Traits that functions give to what they make or touch. One that a function gives to its parameter, its callers' arguments
// have as well: a descriptor is the same one everywhere.
void LinkedProgram::give_traits() {
  std::unordered_map<std::string, std::vector<std::pair<FunctionId, int>>> callers;
  std::vector<std::pair<std::string, std::string>> given;  // trait, parameter
  const auto mark = [&](const std::string& trait, const facts::Value& value) {
    for (const auto& source : value.sources) {
      // "new:" stands for all objects of a type: what is done to one says nothing of the others.
      if (source.starts_with("new:")) continue;
      if (source.starts_with("param:")) given.emplace_back(trait, source);
      flow_.add(trait, source);
    }
  };
  for (FunctionId id = 0; id < static_cast<FunctionId>(functions_.size()); ++id)
    for (int c = 0; c < static_cast<int>(function(id).calls.size()); ++c) {
      const auto& call = function(id).calls[static_cast<std::size_t>(c)];
      for (const auto& key : call.targets) callers[key].emplace_back(id, c);
      const TraitRow* row = call.name.empty() ? nullptr : knowledge_->trait(call.name);
      if (!row) continue;
      if (row->trait == "moved-to-thread" && call.object) moved_.insert(call.object->type);
      if (!row->when.empty() &&
          std::none_of(row->when.begin(), row->when.end(), [&](const Condition& condition) { return holds(condition, call); }))
        continue;
      const std::string trait = facts::node::trait(row->trait);
      if (row->of == -2 && !call.stored_in.empty()) flow_.add(trait, call.stored_in);
      else if (row->of == -1 && call.object) mark(trait, *call.object);
      else if (row->of >= 0 && static_cast<std::size_t>(row->of) < call.arguments.size()) mark(trait, call.arguments[static_cast<std::size_t>(row->of)]);
    }
  std::unordered_set<std::string> done;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto [trait, node] = given[i];
    if (!done.insert(trait + node).second) continue;
    const auto hash = node.rfind('#');
    const auto at = callers.find(node.substr(6, hash - 6));
    if (at == callers.end()) continue;
    const auto index = static_cast<std::size_t>(std::stoi(node.substr(hash + 1)));
    for (const auto& [caller, call] : at->second) {
      const auto& arguments = function(caller).calls[static_cast<std::size_t>(call)].arguments;
      if (index < arguments.size()) mark(trait, arguments[index]);
    }
  }
}

void LinkedProgram::build_graph() {
  invoked_parameters_.resize(functions_.size());
  for (const auto& f : functions_)
    for (const auto& base : f.overrides) overriders_[base].push_back(f.key);
  give_traits();
  // The longest useful chain of handing a callable on is short; the limit only guards against pathologies.
  for (int round = 0; round < 12 && resolve_once(round == 0); ++round) {
  }
}

const std::vector<Resolved>& LinkedProgram::callees(FunctionId function, int call) const {
  static const std::vector<Resolved> none;
  const auto at = callees_.find(call_key(function, call));
  return at == callees_.end() ? none : at->second;
}

}  // namespace concadvise
