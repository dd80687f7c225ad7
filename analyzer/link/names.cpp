// What the texts of calls mean here: looked up once for all later stages, in tables small enough to be gone over again and
// again. Functions and calls themselves are large: most looks at one wait for memory.
#include <algorithm>
#include <atomic>
#include <utility>

#include "analyzer/link/linked.h"
#include "analyzer/workers.h"

namespace concadvise {

// Calls, their targets and their nodes are numbered through, function by function. Each name is asked for once, however many
// calls have it.
void LinkedProgram::number_calls() {
  const std::size_t count = functions_.size();
  first_call_.resize(count + 1);
  first_parameter_.resize(count + 1);
  for (std::size_t f = 0; f < count; ++f) {
    first_call_[f + 1] = first_call_[f] + functions_[f].calls.size();
    first_parameter_[f + 1] = first_parameter_[f] + functions_[f].parameters.size();
  }
  call_facts_.resize(first_call_.back());
  std::vector<facts::Text> named(facts::Text::numbers());  // by number
  share_out_many(count, jobs_, [&](std::size_t first, std::size_t end) {
    const auto note = [&](facts::Text name) { std::atomic_ref(named[name.number()]).store(name, std::memory_order_relaxed); };
    for (std::size_t f = first; f < end; ++f)
      for (std::size_t c = 0; c < functions_[f].calls.size(); ++c) {
        const auto& call = functions_[f].calls[c];
        note(call.name);
        for (const auto& name : call.names) note(name);
        std::size_t nodes = (call.object ? call.object->sources.size() : 0) + call.through.size();
        for (const auto& argument : call.arguments) nodes += argument.sources.size();
        auto& known = call_facts_[first_call_[f] + c];
        known.first_target = static_cast<std::uint32_t>(call.targets.size());  // how many: where they begin follows
        known.first_node = static_cast<std::uint32_t>(nodes);
      }
  });
  std::uint32_t targets = 0;
  std::uint32_t nodes = 0;
  for (auto& known : call_facts_) {
    known.first_target = std::exchange(targets, targets + known.first_target);
    known.first_node = std::exchange(nodes, nodes + known.first_node);
  }
  target_functions_.resize(targets);
  call_nodes_.resize(nodes);
  node_arguments_.resize(nodes);
  meaning_of_.resize(named.size(), -1);
  meanings_.emplace_back();  // of calls without a name
  meaning_of_[0] = 0;
  for (std::size_t number = 1; number < named.size(); ++number) {
    if (named[number].empty()) continue;
    meaning_of_[number] = static_cast<int>(meanings_.size());
    meanings_.emplace_back().name = named[number];
  }
  share_out(meanings_.size(), jobs_, [&](std::size_t i) {
    auto& one = meanings_[i];
    if (one.name.empty()) return;
    one.effect = knowledge_->effect(one.name.str());
    one.receiver = knowledge_->receiver(one.name.str());
    one.trait = knowledge_->trait(one.name);
    one.event_wait = knowledge_->type(one.name, "event-wait") != nullptr;
    one.resumes = one.name == "std::coroutine_handle::resume" || one.name == "std::coroutine_handle::operator()";
  });
}

void LinkedProgram::look_up_names() {
  flow_.index(by_key_, jobs_);
  briefs_.resize(functions_.size());
  parameter_names_.resize(first_parameter_.back());
  parameter_nodes_.resize(first_parameter_.back(), -1);
  share_out_many(functions_.size(), jobs_, [this](std::size_t first, std::size_t end) {
    for (std::size_t f = first; f < end; ++f) look_up_function(static_cast<FunctionId>(f));
  });
}

void LinkedProgram::look_up_function(FunctionId id) {
  const auto& f = function(id);
  const auto at = static_cast<std::size_t>(id);
  auto& brief = briefs_[at];
  brief.file = f.place.file;
  brief.kind = f.kind;
  brief.has_body = f.has_body;
  brief.library = !f.lambda && f.parent.empty() && knowledge_->type(f.name, "library") != nullptr;
  for (const auto& attribute : f.attributes) {
    brief.blocking = brief.blocking || attribute == "blocking";
    brief.nonblocking = brief.nonblocking || attribute == "nonblocking";
  }
  // Nodes that nothing names yet are made where something flows into them, which is on one thread.
  for (std::size_t p = 0; p < f.parameters.size(); ++p)
    if (const auto known = facts::Text::known(facts::node::parameter(f.key, p))) parameter_names_[first_parameter_[at] + p] = *known;
  for (std::size_t c = 0; c < f.calls.size(); ++c) {
    const auto& call = f.calls[c];
    auto& known = call_facts_[first_call_[at] + c];
    // The name itself before the candidates, each of both questions for itself.
    const auto look_up = [&](facts::Text name) {
      const auto& means = meaning(name);
      static const std::vector<const ReceiverRow*> some;
      if (!known.effect) known.effect = means.effect;
      if (means.receiver) known.receivers = &some;  // which ones: see intern_nodes
    };
    look_up(call.name);
    for (const auto& name : call.names) look_up(name);
    for (std::size_t t = 0; t < call.targets.size(); ++t) target_functions_[known.first_target + t] = by_key_.find(call.targets[t]);
    known.constructs = call.constructs;
    known.virtual_call = call.virtual_call;
    known.has_through = !call.through.empty();
    known.in_loop = call.loop >= 0;
    known.event_wait = meaning(call.name).event_wait;
    known.resumes = call.object && meaning(call.name).resumes;
    known.has_integers = std::any_of(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return v.integer.has_value(); });
    known.has_keywords = std::any_of(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return !v.keyword.empty(); });
    known.iterates = call.iterates;
    std::size_t node = known.first_node;
    const auto look_up_nodes = [&](const facts::Texts& names, int argument) {
      for (const auto& name : names) {
        call_nodes_[node] = flow_.find(name);
        known.fresh_nodes = known.fresh_nodes || call_nodes_[node] < 0;
        node_arguments_[node++] = argument;
      }
    };
    if (call.object) look_up_nodes(call.object->sources, -1);
    look_up_nodes(call.through, -1);
    for (std::size_t i = 0; i < call.arguments.size(); ++i) look_up_nodes(call.arguments[i].sources, static_cast<int>(i));
  }
}

// The rest, on one thread: nodes that no flow has named, and which rows of receivers the calls have.
void LinkedProgram::intern_nodes() {
  std::string joined;
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < calls_of(f); ++c) {
      auto& known = call_facts_[call_key(f, c)];
      if (!known.fresh_nodes && !known.receivers) continue;
      const auto& call = function(f).calls[static_cast<std::size_t>(c)];
      std::size_t node = known.first_node;
      const auto intern = [&](const facts::Texts& names) {
        for (const auto& name : names) call_nodes_[node++] = flow_.intern(name);
      };
      if (call.object) intern(call.object->sources);
      intern(call.through);
      for (const auto& argument : call.arguments) intern(argument.sources);
      if (!known.receivers) continue;
      joined = call.name;
      for (const auto& other : call.names) joined.append("\n").append(other);
      auto rows = receivers_.find(joined);
      if (rows == receivers_.end()) rows = receivers_.try_emplace(joined, knowledge_->receivers(call)).first;
      known.receivers = &rows->second;
    }
}

std::span<const LinkedProgram::Same> LinkedProgram::target_functions(FunctionId f, int c) const {
  const CallKey key = call_key(f, c);
  const std::size_t first = call_facts_[key].first_target;
  return {target_functions_.data() + first, (key + 1 < call_facts_.size() ? call_facts_[key + 1].first_target : target_functions_.size()) - first};
}

std::span<const int> LinkedProgram::all_nodes(FunctionId f, int c) const {
  const CallKey key = call_key(f, c);
  const std::size_t first = call_facts_[key].first_node;
  return {call_nodes_.data() + first, (key + 1 < call_facts_.size() ? call_facts_[key + 1].first_node : call_nodes_.size()) - first};
}

std::span<const int> LinkedProgram::object_nodes(FunctionId f, int c) const {
  const auto& object = function(f).calls[static_cast<std::size_t>(c)].object;
  return all_nodes(f, c).first(object ? object->sources.size() : 0);
}

std::span<const int> LinkedProgram::through_nodes(FunctionId f, int c) const {
  return all_nodes(f, c).subspan(object_nodes(f, c).size(), function(f).calls[static_cast<std::size_t>(c)].through.size());
}

std::span<const int> LinkedProgram::argument_nodes(FunctionId f, int c, std::size_t argument) const {
  const auto& call = function(f).calls[static_cast<std::size_t>(c)];
  std::size_t first = object_nodes(f, c).size() + call.through.size();
  for (std::size_t i = 0; i < argument; ++i) first += call.arguments[i].sources.size();
  return all_nodes(f, c).subspan(first, call.arguments[argument].sources.size());
}

}  // namespace concadvise
