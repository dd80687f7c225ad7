// Who calls whom. Callables are followed through the flow graph, one node per variable, field and parameter; the graph
// grows while calls are resolved (arguments flow into the parameters of what a call may reach), so resolution runs until
// nothing new flows. A function that calls its own parameter in place is resolved at each of its call sites with that
// site's argument, which keeps callers of `apply(f)` apart.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analyzer/link/linked.h"

namespace concadvise {

std::vector<int> LinkedProgram::known_nodes(const facts::Texts& names) const {
  std::vector<int> nodes;
  for (const auto& name : names)
    if (const int node = flow_.find(name); node >= 0) nodes.push_back(node);
  return nodes;
}

std::vector<FunctionId> LinkedProgram::functions_in(std::span<const int> nodes) const {
  std::vector<FunctionId> out;
  for (const int id : flow_.upstream(nodes)) {
    if (flow_.kind(id) != FlowGraph::Kind::function || !flow_.functions(id)) continue;
    for (const FunctionId f : *flow_.functions(id))
      if (std::find(out.begin(), out.end(), f) == out.end()) out.push_back(f);
  }
  return out;
}

std::vector<FunctionId> LinkedProgram::callables(const facts::Value& value) const {
  std::vector<FunctionId> out = functions_in(known_nodes(value.sources));
  // A function that nothing flows into or out of is itself all the same.
  for (const auto& source : value.sources) {
    if (!source.starts_with("fn:") || flow_.find(source) >= 0) continue;
    if (const auto* same = by_key_.find(std::string_view(source).substr(3))) out.insert(out.end(), same->begin(), same->end());
  }
  return out;
}

facts::Texts LinkedProgram::upstream(const facts::Texts& nodes) const {
  facts::Texts out;
  for (const auto& node : nodes)
    if (std::find(out.begin(), out.end(), node) == out.end()) out.push_back(node);
  const auto known = known_nodes(out);
  const auto all = flow_.upstream(known);
  for (std::size_t i = known.size(); i < all.size(); ++i) out.push_back(flow_.name(all[i]));
  return out;
}

bool LinkedProgram::has_trait(const facts::Value& value, std::string_view trait) const {
  if (value.sources.empty()) return false;
  const int wanted = flow_.find(facts::node::trait(trait));
  if (wanted < 0) return std::find(value.sources.begin(), value.sources.end(), facts::node::trait(trait)) != value.sources.end();
  const auto nodes = flow_.upstream(known_nodes(value.sources));
  return std::find(nodes.begin(), nodes.end(), wanted) != nodes.end();
}

bool LinkedProgram::owns_threads(facts::Text name) const {
  const auto* klass = class_of(name);
  if (!klass) return false;
  if (const auto asked = owns_threads_.find(name); asked != owns_threads_.end()) return asked->second;
  bool& owns = owns_threads_[name];  // not so far, which ends a ring of bases
  for (const auto& field : klass->fields) {
    const auto is_thread = [&](const std::string& type) { return knowledge_->type(type, "thread") != nullptr; };
    if (is_thread(field.type) || std::any_of(field.of.begin(), field.of.end(), is_thread)) return owns = true;
  }
  return owns = std::any_of(klass->bases.begin(), klass->bases.end(), [&](const facts::Text& base) { return base != name && owns_threads(base); });
}

// A coroutine runs apart from its call, so what it calls of its own is charged to itself.
const std::string* LinkedProgram::own_parameters(FunctionId caller) const {
  return brief(caller).kind == facts::FunctionKind::plain ? &function(caller).key.str() : nullptr;
}

void LinkedProgram::invokes(FunctionId id, int parameter) {
  auto& invoked = invoked_parameters_[static_cast<std::size_t>(id)];
  if (std::find(invoked.parameters.begin(), invoked.parameters.end(), parameter) != invoked.parameters.end()) return;
  invoked.parameters.push_back(parameter);
  invoked.changed = ++invoked_count_;
}

int LinkedProgram::parameter_node(FunctionId id, std::size_t position) {
  const std::size_t at = first_parameter_[static_cast<std::size_t>(id)] + position;
  const bool declared = at < first_parameter_[static_cast<std::size_t>(id) + 1];
  if (declared && parameter_nodes_[at] >= 0) return parameter_nodes_[at];
  const int node = flow_.intern(declared && !parameter_names_[at].empty() ? parameter_names_[at] : facts::Text(facts::node::parameter(function(id).key, position)));
  if (declared) parameter_nodes_[at] = node;
  return node;
}

std::vector<FunctionId> LinkedProgram::targets_of(FunctionId caller, int index) {
  const auto& known = call_facts(caller, index);
  std::vector<FunctionId> found;
  // Of libraries that the knowledge covers the rows say what they do, also where their sources lie in the project: what
  // they do inside (one function pointer for all operations) can't be told apart.
  const auto add = [&](FunctionId id) {
    if (brief(id).library) return;
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  };
  const std::uint32_t file = brief(caller).file;
  const auto direct = target_functions(caller, index);
  std::vector<Same> same;
  if (!known.virtual_call) {
    for (const Same one : direct) each_definition(one, file, add);
    if (!known.has_through) return found;
  }
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  if (call.virtual_call) {
    same.assign(direct.begin(), direct.end());
    facts::Texts keys = call.targets;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const auto over = overriders_.find(keys[i]); over != overriders_.end())
        for (const auto& key : over->second)
          if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            keys.push_back(key);
            same.push_back(by_key_.find(key));
          }
  }
  for (const Same one : same)
    each_definition(one, file, [&](FunctionId id) {
      // A pure declaration that has overriders is not itself a target.
      if (brief(id).has_body || same.size() == 1) add(id);
    });
  // Of a virtual call: overriders in other files, which write out the same class. Those of its own file come first.
  if (call.through.empty() || (call.virtual_call && same.size() > direct.size())) return found;
  const std::string* own = own_parameters(caller);
  for (const int node : flow_.upstream(through_nodes(caller, index), own)) {
    if (const int parameter = flow_.parameter_of(node, own); parameter >= 0) {
      invokes(caller, parameter);
      continue;
    }
    if (flow_.kind(node) != (call.iterates ? FlowGraph::Kind::result : FlowGraph::Kind::function)) continue;
    each_definition(flow_.functions(node), file, [&](FunctionId id) {
      if (!call.iterates || brief(id).kind == facts::FunctionKind::generator) add(id);
    });
  }
  return found;
}

namespace {

void add_callee(std::vector<Resolved>& list, const Resolved& one) {
  if (std::none_of(list.begin(), list.end(), [&](const Resolved& known) { return known.callee == one.callee; })) list.push_back(one);
}

bool is_library_data(const std::string& type) {
  static const std::set<std::string, std::less<>> callable = {"std::function", "std::move_only_function", "std::packaged_task", "std::reference_wrapper",
                                                              "std::_Bind", "std::_Bind_result", "std::_Mem_fn", "std::_Bind_front", "std::_Not_fn"};
  return type.starts_with("__gnu_cxx::") || (type.starts_with("std::") && !callable.contains(type));
}

}  // namespace

Context::Kind LinkedProgram::kind_of(const ReceiverRow& row, FunctionId caller, int index, std::string& pool) const {
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
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
      for (const int id : flow_.upstream(row.executor == -1 ? object_nodes(caller, index) : argument_nodes(caller, index, static_cast<std::size_t>(row.executor))))
        if (flow_.kind(id) == FlowGraph::Kind::object) types.push_back(flow_.name(id).substr(4));
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
  std::vector<std::pair<const facts::Value*, std::span<const int>>> given;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const auto& argument = call.arguments[i];
    const bool wanted = row.callables.empty() && row.keyword.empty()
                            ? true
                            : (!row.keyword.empty() && argument.keyword == row.keyword) ||
                                  (argument.keyword.empty() &&
                                   std::find(row.callables.begin(), row.callables.end(), static_cast<int>(i)) != row.callables.end());
    if (wanted) given.emplace_back(&argument, argument_nodes(caller, index, i));
  }
  if (std::find(row.callables.begin(), row.callables.end(), -1) != row.callables.end() && call.object) given.emplace_back(&*call.object, object_nodes(caller, index));
  std::string pool;
  Context::Kind kind = kind_of(row, caller, index, pool);
  std::string why = row.why;
  if (kind == Context::Kind::loop_callback) {
    // A handler that is bound to a pool runs there.
    const auto& calls = function(caller).calls;
    for (int c = 0; c < static_cast<int>(calls.size()); ++c) {
      const ReceiverRow* binds = calls[static_cast<std::size_t>(c)].passed_to == index ? meaning(calls[static_cast<std::size_t>(c)].name).receiver : nullptr;
      if (!binds || binds->context != "bound") continue;
      if (const auto bound = kind_of(*binds, caller, c, pool); bound != Context::Kind::plain) {
        kind = bound;
        why = binds->why;
      }
    }
  }
  // A slot runs where its object lives: not on this loop if the object was moved to a thread.
  const auto elsewhere = [&](FunctionId f) {
    if (kind != Context::Kind::loop_callback || moved_.empty()) return false;
    const auto* owner = class_of(function(f).owner);
    return (owner && moved_.contains(owner->name)) ||
           std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& v) { return &v != &call.arguments.front() && moved_.contains(v.type); });
  };
  // An algorithm runs its function in place unless its first argument is a parallel policy.
  const bool in_place = row.context == "in-place" && kind == Context::Kind::plain;
  for (const auto& [value, nodes] : given) {
    // What an algorithm runs over may hold functions (threads do); it calls only what it is given to call.
    if (in_place && is_library_data(value->type)) continue;
    auto functions = functions_in(nodes);
    for (const FunctionId f : functions)
      for (std::size_t i = 0; i < row.passes.size(); ++i)
        if (const auto from = static_cast<std::size_t>(row.passes[i]); row.passes[i] >= 0 && from < call.arguments.size()) {
          const int parameter = parameter_node(f, i);
          for (const int source : argument_nodes(caller, index, from)) flow_.add(source, parameter);
        }
    if (row.context == "start-up") {
      for (const FunctionId f : functions) {
        auto& attributes = functions_[static_cast<std::size_t>(f)].attributes;
        if (std::find(attributes.begin(), attributes.end(), row.context) == attributes.end()) attributes.push_back(row.context);
      }
      continue;
    }
    if (in_place) {
      const std::string* own = own_parameters(caller);
      for (const int id : flow_.upstream(nodes, own))
        if (const int parameter = flow_.parameter_of(id, own); parameter >= 0) invokes(caller, parameter);
      for (const FunctionId f : functions) add_callee(callees_[call_key(caller, index)], {f, false, 1});
      continue;
    }
    if (kind == Context::Kind::plain) continue;
    if (row.joins)
      for (const FunctionId f : functions) add_callee(callees_[call_key(caller, index)], {f, false, 1});
    // A coroutine object handed to an executor: its body runs there.
    for (const int id : flow_.upstream(nodes))
      if (flow_.kind(id) == FlowGraph::Kind::result)
        each_definition(flow_.functions(id), function(caller).place.file, [&](FunctionId f) {
          if (function(f).kind == facts::FunctionKind::coroutine) functions.push_back(f);
        });
    auto& handovers = handovers_of_[call_key(caller, index)];
    for (const FunctionId f : functions) {
      if (elsewhere(f)) handovers.push_back({caller, index, f, Context::Kind::thread, "a slot of an object that was moved to a thread", {}});
      else handovers.push_back({caller, index, f, kind, why, pool});
    }
  }
}

// A class of the sources that can't be called.
bool LinkedProgram::is_plain_object(std::string_view type) const {
  const auto* klass = class_of(type);
  return klass && klass->bases.empty() && std::find(klass->method_names.begin(), klass->method_names.end(), "operator()") == klass->method_names.end();
}

void LinkedProgram::hand_to_pool_class(FunctionId caller, int index) {
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  if (!call.object || call.constructs || call.arguments.empty()) return;
  facts::Text type = call.object->type;
  for (const Same same : target_functions(caller, index))
    if (same && !function(same->front()).owner.empty()) type = function(same->front()).owner;
  if (!owns_threads(type)) return;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    // What is no callable itself may have come near one somewhere; it is not a task for that.
    if (is_library_data(call.arguments[i].type) || is_plain_object(call.arguments[i].type)) continue;
    for (const FunctionId f : functions_in(argument_nodes(caller, index, i)))
      handovers_of_[call_key(caller, index)].push_back({caller, index, f, Context::Kind::pool, "a task of " + call.object->type, call.object->type});
  }
}

// What the callee calls of its parameters, with this call's arguments.
void LinkedProgram::call_passed_on(FunctionId caller, int index, FunctionId target, std::vector<Resolved>& direct) {
  if (invoked_parameters_[static_cast<std::size_t>(target)].parameters.empty()) return;
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  const std::string* own = own_parameters(caller);
  const std::vector<int> passed_on = invoked_parameters_[static_cast<std::size_t>(target)].parameters;
  for (const int p : passed_on) {
    if (static_cast<std::size_t>(p) >= call.arguments.size()) continue;
    for (const int id : flow_.upstream(argument_nodes(caller, index, static_cast<std::size_t>(p)), own)) {
      if (const int parameter = flow_.parameter_of(id, own); parameter >= 0) invokes(caller, parameter);
      else if (flow_.kind(id) == FlowGraph::Kind::function)
        each_definition(flow_.functions(id), function(caller).place.file, [&](FunctionId f) {
          if (brief(f).kind == facts::FunctionKind::plain) direct.push_back({f, false, 1});
        });
    }
  }
}

// An object of a class that is a thread or process brings its own body along: the `run` of the class, or of a base.
void LinkedProgram::hand_over_own_body(FunctionId caller, int index) {
  if (!call_facts(caller, index).constructs || language(caller) != facts::Language::python) return;
  const auto& call = function(caller).calls[static_cast<std::size_t>(index)];
  if (knowledge_->type(call.name, "thread") || knowledge_->type(call.name, "process")) return;
  const auto is = [&](std::string_view what) {
    return std::any_of(call.names.begin(), call.names.end(), [&](const std::string& name) { return knowledge_->type(name, what) != nullptr; });
  };
  const bool process = is("process");
  if (!process && !is("thread")) return;
  std::vector<const facts::Class*> line{class_of(call.name)};
  for (std::size_t i = 0; i < line.size() && i < 16; ++i) {
    if (!line[i]) continue;
    if (const FunctionId body = find(line[i]->key + ".run"); body >= 0) {
      handovers_of_[call_key(caller, index)].push_back(
          {caller, index, body, process ? Context::Kind::process : Context::Kind::thread, process ? "the body of a process" : "the body of a thread", {}});
      return;
    }
    for (const auto& base : line[i]->bases) line.push_back(class_of(base));
  }
}

// The arguments flow into the parameters.
void LinkedProgram::pass_arguments(FunctionId caller, int index, FunctionId target) {
  const auto& known = call_facts(caller, index);
  const auto nodes = all_nodes(caller, index);
  const auto arguments = node_arguments_.begin() + known.first_node;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (arguments[static_cast<std::ptrdiff_t>(i)] < 0) continue;
    auto position = static_cast<std::size_t>(arguments[static_cast<std::ptrdiff_t>(i)]);
    if (known.has_keywords) {
      const auto& keyword = function(caller).calls[static_cast<std::size_t>(index)].arguments[position].keyword;
      const auto& parameters = function(target).parameters;
      const auto named = keyword.empty() ? parameters.end() : std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == keyword; });
      if (!keyword.empty() && named == parameters.end()) continue;
      if (!keyword.empty()) position = static_cast<std::size_t>(named - parameters.begin());
    }
    flow_.add(nodes[i], parameter_node(target, position));
  }
}

void LinkedProgram::resolve_call(FunctionId caller, int index) {
  const auto& known = call_facts(caller, index);
  hand_over_own_body(caller, index);
  std::vector<Resolved> direct;
  bool body = false;
  for (const FunctionId target : targets_of(caller, index)) {
    const auto kind = brief(target).kind;
    // A library's function that calls nothing has been written to stand for the real one.
    const bool stands_in = known.receivers && calls_of(target) == 0 && function(target).name.find("::") != std::string::npos;
    body = body || (brief(target).has_body && !stands_in);
    pass_arguments(caller, index, target);
    // A coroutine's or generator's body does not run at the call.
    if (kind == facts::FunctionKind::plain || kind == facts::FunctionKind::module || known.iterates) direct.push_back({target, known.iterates, 1});
    if (kind == facts::FunctionKind::plain) call_passed_on(caller, index, target, direct);
  }
  auto& list = callees_[call_key(caller, index)];
  list.clear();
  for (const auto& r : direct) add_callee(list, r);
  if (body) return;
  if (!known.receivers) return hand_to_pool_class(caller, index);
  for (const auto* row : *known.receivers) hand_over(caller, index, *row);
}

// Whether resolving the call again may give something else: something new flows into what it names, or a function that it
// calls has turned out to call a parameter.
bool LinkedProgram::outdated(FunctionId caller, int index) const {
  const auto nodes = all_nodes(caller, index);
  if (nodes.empty()) return false;
  const auto& known = call_facts(caller, index);
  const auto& list = callees(caller, index);
  if (std::any_of(list.begin(), list.end(), [&](const Resolved& r) { return invoked_parameters_[static_cast<std::size_t>(r.callee)].changed > known.resolved_invoked; }))
    return true;
  return flow_.changed_upstream(nodes, known.resolved_edges);
}

bool LinkedProgram::resolve_once(bool first) {
  const std::uint32_t edges = flow_.edges();
  const std::uint32_t invoked = invoked_count_;
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < calls_of(f); ++c) {
      if (!first && !outdated(f, c)) continue;
      auto& known = call_facts_[call_key(f, c)];
      known.resolved_edges = flow_.edges();
      known.resolved_invoked = invoked_count_;
      if (!first) handovers_of_.erase(call_key(f, c));
      resolve_call(f, c);
    }
  return flow_.edges() != edges || invoked_count_ != invoked;
}

// Traits that functions give to what they make or touch. One that a function gives to its parameter, its callers' arguments
// have as well: a descriptor is the same one everywhere.
void LinkedProgram::give_traits() {
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
      const TraitRow* row = meaning(call.name).trait;
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
  if (given.empty()) return;
  std::unordered_map<std::string_view, std::vector<std::pair<FunctionId, int>>> callers;
  for (FunctionId id = 0; id < static_cast<FunctionId>(functions_.size()); ++id)
    for (int c = 0; c < static_cast<int>(function(id).calls.size()); ++c)
      for (const auto& key : function(id).calls[static_cast<std::size_t>(c)].targets) callers[key].emplace_back(id, c);
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
  number_calls();
  callees_.resize(call_facts_.size());
  give_traits();
  look_up_names();
  intern_nodes();
  // The longest useful chain of handing a callable on is short; the limit only guards against pathologies.
  for (int round = 0; round < 12 && resolve_once(round == 0); ++round) {
  }
  std::vector<CallKey> keys;
  for (const auto& [key, list] : handovers_of_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const CallKey key : keys)
    for (auto& one : handovers_of_[key]) handovers_.push_back(std::move(one));
  handovers_of_.clear();
}

const std::vector<Resolved>& LinkedProgram::callees(FunctionId function, int call) const { return callees_[call_key(function, call)]; }

}  // namespace concadvise
