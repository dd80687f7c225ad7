// Effects upward: breadth first from the calls that block, so that the first witness of an effect is a shortest one.
// Strongly connected components need no special care: a function takes an effect once.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <set>

#include "analyzer/link/linked.h"

namespace concadvise {
namespace {

const facts::Value* value_for(const Condition& c, const facts::Call& call) {
  if (!c.keyword.empty())
    for (const auto& argument : call.arguments)
      if (argument.keyword == c.keyword) return &argument;
  if (c.argument == -1) return c.keyword.empty() && call.object ? &*call.object : nullptr;
  if (c.argument >= 0 && static_cast<std::size_t>(c.argument) < call.arguments.size()) {
    const auto& argument = call.arguments[static_cast<std::size_t>(c.argument)];
    if (argument.keyword.empty()) return &argument;
  }
  return nullptr;
}

// Iterations that take a noticeable part of a loop's turn: about a millisecond of compiled arithmetic (1 ns each), ten of
// CPython's (50 ns each and more; measured with `python3 -m timeit` on `t += i * i`).
constexpr std::int64_t kManyTripsCpp = 1'000'000;
constexpr std::int64_t kManyTripsPython = 200'000;

// A destructor that calls by a pointer which may be more functions than this is that of a type-erased wrapper.
constexpr std::size_t kErasedTargets = 3;

}  // namespace

bool LinkedProgram::holds(const Condition& c, const facts::Call& call) const {
  const facts::Value* value = value_for(c, call);
  if (c.absent) return value == nullptr && !call.spread;
  return value && holds_for(c, *value);
}

bool LinkedProgram::holds_for(const Condition& c, const facts::Value& value) const {
  if (c.null && !value.null) return false;
  if (c.equals && value.integer != c.equals) return false;
  if (c.mask) {
    bool set = value.integer && (*value.integer & *c.mask) != 0;
    for (int bit = 0; bit < 32 && !set && !value.integer; ++bit) set = ((*c.mask >> bit) & 1) && has_trait(value, "bit" + std::to_string(bit));
    if (!set) return false;
  }
  if (c.not_mask && (!value.integer || (*value.integer & *c.not_mask) != 0)) return false;
  if (c.at_most_seconds) {
    if (value.null) return false;
    if (value.seconds ? *value.seconds > *c.at_most_seconds
                       : !value.integer || static_cast<double>(*value.integer) > *c.at_most_seconds)
      return false;
  }
  if (c.nonblocking && !has_trait(value, "nonblocking")) return false;
  if (!c.trait.empty() && !has_trait(value, c.trait)) return false;
  if (!c.type.empty() && value.type != c.type && !derives(value.type, c.type)) return false;
  if (!c.text_prefix.empty() && !value.text.starts_with(c.text_prefix)) return false;
  return true;
}

bool LinkedProgram::blocks(const EffectRow& row, const facts::Call& call) const {
  const auto any = [&](const std::vector<Condition>& conditions) {
    return std::any_of(conditions.begin(), conditions.end(), [&](const Condition& c) { return holds(c, call); });
  };
  if (any(row.bounded)) return false;
  if (!row.only.empty() && !any(row.only)) return false;
  if ((row.effect == "wait" || row.effect == "network") && std::find(call.guards.begin(), call.guards.end(), "ready") != call.guards.end()) return false;
  return true;
}

namespace {

bool has(const facts::Texts& attributes, std::string_view wanted) {
  return std::find(attributes.begin(), attributes.end(), wanted) != attributes.end();
}

// Whether the descriptor decides, and so the code around that expects EAGAIN from it.
bool depends_on_descriptor(const EffectRow& row) {
  return std::any_of(row.bounded.begin(), row.bounded.end(), [](const Condition& c) { return c.nonblocking; });
}

// What reads a file at the first use only belongs to the start of the program: a global that is made when it is not there
// yet, a function without parameters whose result is kept.
bool at_first_use(const facts::Call& call) { return has(call.guards, "once"); }
bool kept(const facts::Function& f) {
  return f.parameters.empty() && f.owner.empty() && (has(f.attributes, "functools.lru_cache") || has(f.attributes, "functools.cache"));
}

}  // namespace

bool LinkedProgram::add_effect(std::vector<Effect>& list, Effect effect) const {
  for (auto& known : list)
    if (known.effect == effect.effect && known.tier == effect.tier) {
      // One that a caller's argument may bound makes room for one that nothing bounds.
      if (known.bounding_parameter < 0 || effect.bounding_parameter >= 0) return false;
      known = std::move(effect);
      return true;
    }
  list.push_back(std::move(effect));
  return true;
}

// Which of the function's own parameters the value is, as it was given; -1: none, or more than that.
int LinkedProgram::parameter_given(FunctionId id, const facts::Value& value) const {
  const int node = value.sources.size() == 1 ? flow_.find(value.sources.front()) : -1;
  return node < 0 ? -1 : flow_.parameter_of(node, &function(id).key.str());
}

namespace {

// `block ? 0 : WNOHANG`: the two values, and the parameter that decides between them.
std::optional<std::pair<std::int64_t, std::int64_t>> choice_of(const facts::Value& value, int& parameter) {
  for (const std::string& node : value.sources) {
    long long yes = 0;
    long long no = 0;
    if (std::sscanf(node.c_str(), "choice:%d:%lld:%lld", &parameter, &yes, &no) == 3) return std::pair<std::int64_t, std::int64_t>(yes, no);
  }
  return std::nullopt;
}

}  // namespace

// A timeout or flag that the function passes on as it was given it: whoever calls it decides.
void LinkedProgram::bound_by_parameter(FunctionId id, const facts::Call& call, Effect& effect) const {
  for (const auto& condition : effect.row->bounded) {
    const facts::Value* value = value_for(condition, call);
    if (!value || condition.argument < 0 || !(condition.equals || condition.at_most_seconds || condition.mask)) continue;
    effect.choice = choice_of(*value, effect.bounding_parameter);
    if (!effect.choice) effect.bounding_parameter = parameter_given(id, *value);
    if (effect.bounding_parameter < 0) continue;
    effect.bounded = &condition;
    return;
  }
  // `read_all(std::istream&)` waits for input where it is given std::cin.
  if (effect.row->only.size() != 1 || effect.row->only.front().trait.empty()) return;
  const facts::Value* value = value_for(effect.row->only.front(), call);
  effect.bounding_parameter = value ? parameter_given(id, *value) : -1;
  effect.bounded = &effect.row->only.front();
  effect.required = effect.bounding_parameter >= 0;
}

// Whether this call bounds the effect of what it calls. If it passes on a parameter of its own in turn, its callers decide.
bool LinkedProgram::bounds(FunctionId caller, const facts::Call& call, Effect& effect) const {
  if (effect.bounding_parameter < 0) return false;
  Condition here = *effect.bounded;
  here.argument = effect.bounding_parameter;
  effect.bounding_parameter = -1;
  if (effect.choice) {
    const facts::Value* decides = value_for(here, call);
    if (!decides || !decides->integer) {
      // A flag that is handed down, or its opposite, decides further up.
      const auto of = [&](std::int64_t flag) { return flag != 0 ? effect.choice->first : effect.choice->second; };
      if (!decides) return false;
      if (const auto turned = choice_of(*decides, effect.bounding_parameter)) effect.choice = std::pair(of(turned->first), of(turned->second));
      else effect.bounding_parameter = parameter_given(caller, *decides);
      return false;
    }
    facts::Value chosen;
    chosen.integer = *decides->integer != 0 ? effect.choice->first : effect.choice->second;
    effect.choice.reset();
    return holds_for(here, chosen);
  }
  if (holds(here, call) != effect.required) return true;
  if (const facts::Value* value = value_for(here, call)) effect.bounding_parameter = parameter_given(caller, *value);
  return false;
}

void LinkedProgram::leaf_effects(FunctionId id, int index) {
  const std::string* blocking = nullptr;
  for (const auto* same : target_functions(id, index)) {
    if (!same) continue;
    const auto& target = brief(same->front());
    if (target.blocking) blocking = &function(same->front()).name.str();
    if (target.nonblocking) return;
  }
  if (blocking) {
    Effect effect;
    effect.effect = "wait";
    effect.chain = {{id, index, -1}};
    effect.leaf = *blocking;
    add_effect(call_effects_[call_key(id, index)], std::move(effect));
    return;
  }
  const EffectRow* row = call_facts(id, index).effect;
  if (!row || row->effect == "compute") return;
  const auto& call = function(id).calls[static_cast<std::size_t>(index)];
  if (call.use == facts::Use::awaited) return;
  const auto& reached = callees(id, index);
  const bool body = std::any_of(reached.begin(), reached.end(), [&](const Resolved& resolved) { return function(resolved.callee).has_body; });
  // A body at hand says more than a bare name does.
  if (body && call.name.find_first_of(":.") == std::string::npos) return;
  if (!blocks(*row, call)) return;
  if (row->effect == "file" && language(id) == facts::Language::python && at_first_use(call)) return;
  if (depends_on_descriptor(*row) && has(function(id).attributes, "expects-would-block")) return;
  Effect effect;
  effect.effect = row->effect;
  effect.tier = row->tier;
  effect.row = row;
  effect.chain = {{id, index, -1}};
  effect.leaf = call.name;
  bound_by_parameter(id, call, effect);
  add_effect(call_effects_[call_key(id, index)], std::move(effect));
}

// The other direction of callees().
void LinkedProgram::index_callers() {
  first_caller_.assign(functions_.size() + 1, 0);
  for (const auto& list : callees_)
    for (const auto& resolved : list) ++first_caller_[static_cast<std::size_t>(resolved.callee) + 1];
  for (std::size_t f = 0; f < functions_.size(); ++f) first_caller_[f + 1] += first_caller_[f];
  callers_.resize(first_caller_.back());
  std::vector<std::size_t> next(first_caller_.begin(), first_caller_.end() - 1);
  for (FunctionId f = 0; f < static_cast<FunctionId>(functions_.size()); ++f)
    for (int c = 0; c < calls_of(f); ++c)
      for (const auto& resolved : callees(f, c)) callers_[next[static_cast<std::size_t>(resolved.callee)]++] = {f, c};
}

void LinkedProgram::compute_effects() {
  const auto count = static_cast<FunctionId>(functions_.size());
  effects_.resize(functions_.size());
  call_effects_.resize(call_facts_.size());
  index_callers();
  std::deque<std::pair<FunctionId, Effect>> queue;
  for (FunctionId f = 0; f < count; ++f)
    for (int c = 0; c < calls_of(f); ++c) {
      leaf_effects(f, c);
      for (const auto& effect : call_effects_[call_key(f, c)]) queue.emplace_back(f, effect);
    }
  while (!queue.empty()) {
    auto [f, effect] = std::move(queue.front());
    queue.pop_front();
    const auto& attributes = function(f).attributes;
    if (std::find(attributes.begin(), attributes.end(), "nonblocking") != attributes.end()) continue;
    if (!add_effect(effects_[static_cast<std::size_t>(f)], effect)) continue;
    if (effect.tier == Tier::lock || (effect.row && effect.row->direct_only)) continue;
    const bool python_file = effect.effect == "file" && language(f) == facts::Language::python;
    if (python_file && kept(function(f))) continue;
    for (const auto& [caller, call] : callers(f)) {
      const auto& upward = function(caller).calls[static_cast<std::size_t>(call)];
      if (python_file && at_first_use(upward)) continue;
      // What a type-erased wrapper destroys is one of all that such wrappers hold anywhere.
      if (function(caller).destructor && !upward.through.empty() && !upward.virtual_call && callees(caller, call).size() > kErasedTargets) continue;
      if (effect.effect == "wait" && has(upward.guards, "ready")) continue;
      if (effect.row && depends_on_descriptor(*effect.row) && has(function(caller).attributes, "expects-would-block")) continue;
      Effect up = effect;
      if (bounds(caller, upward, up)) continue;
      up.chain.insert(up.chain.begin(), ChainStep{caller, call, f});
      if (add_effect(call_effects_[call_key(caller, call)], up)) queue.emplace_back(caller, std::move(up));
    }
  }
  // Where a call has several targets, the share of those that block is the confidence.
  const auto share = [&](const ChainStep& step, const Effect& effect) {
    const auto& targets = callees(step.function, step.call);
    if (step.callee < 0 || targets.size() < 2) return 1.0;
    const auto hit = std::count_if(targets.begin(), targets.end(), [&](const Resolved& r) {
      const auto& own = effects_[static_cast<std::size_t>(r.callee)];
      return std::any_of(own.begin(), own.end(), [&](const Effect& e) { return e.effect == effect.effect; });
    });
    return static_cast<double>(hit) / static_cast<double>(targets.size());
  };
  const auto settle = [&](Effect& effect) {
    for (const auto& step : effect.chain) effect.confidence *= share(step, effect);
  };
  for (auto& list : call_effects_)
    for (auto& effect : list) settle(effect);
  for (auto& list : effects_)
    for (auto& effect : list) settle(effect);
}

const std::vector<Effect>& LinkedProgram::effects_of_call(FunctionId function, int call) const {
  return call_effects_[call_key(function, call)];
}

const std::vector<Effect>& LinkedProgram::effects(FunctionId function) const {
  return effects_[static_cast<std::size_t>(function)];
}

// A loop that computes for long: many constant trips, or a nest of two whose trips are not known, at least one of them
// counted by a value or over indexes. One loop over a collection is ordinary code.
const Effect* LinkedProgram::loop_work(FunctionId id) {
  const auto& f = function(id);
  const std::int64_t many = language(id) == facts::Language::python ? kManyTripsPython : kManyTripsCpp;
  const auto suspends = [&](const facts::Loop& loop) { return loop.suspends; };
  for (std::size_t i = 0; i < f.loops.size(); ++i) {
    // A million rounds of whatever it is take a while in Python; not of making things that run later.
    const bool long_anyway = language(id) == facts::Language::python && f.loops[i].bound == facts::Bound::constant && f.loops[i].trips >= 5 * many &&
                             !f.loops[i].exits && !f.loops[i].comprehension;
    if ((!f.loops[i].arithmetic && !long_anyway) || suspends(f.loops[i])) continue;
    std::int64_t trips = 1;
    int unknown = 0;
    int counted = 0;
    int pairs = 0;
    for (int at = static_cast<int>(i); at >= 0; at = f.loops[static_cast<std::size_t>(at)].parent) {
      const auto& loop = f.loops[static_cast<std::size_t>(at)];
      if (suspends(loop)) break;
      if (loop.advances_outer) continue;
      if (loop.bound == facts::Bound::constant) trips = std::min<std::int64_t>(trips * std::max<std::int64_t>(loop.trips, 1), many);
      else if (!loop.polls) ++unknown;
      // Every element with every other.
      for (int up = loop.parent; up >= 0 && language(id) == facts::Language::python; up = f.loops[static_cast<std::size_t>(up)].parent) {
        const auto& outer = f.loops[static_cast<std::size_t>(up)];
        if (loop.bound != facts::Bound::collection || outer.bound != facts::Bound::collection || loop.over.spelling.empty()) continue;
        const bool same = loop.over.spelling == outer.over.spelling;
        if (same || loop.repeats) ++(same || loop.over.spelling.starts_with("enumerate") ? counted : pairs);
      }
      const bool indexes = loop.bound == facts::Bound::collection && loop.over.type == "int";  // for i in range(len(x))
      if ((loop.bound == facts::Bound::value || indexes) && !loop.cores) ++counted;
    }
    if (trips < many && !(unknown >= 2 && counted + pairs >= 1)) continue;
    auto effect = std::make_unique<Effect>();
    effect->near = trips < many && counted == 0;
    effect->effect = "compute";
    effect->chain = {{id, -1, -1}};
    effect->leaf = f.name;
    effect->leaf_place = f.loops[i].place;
    for (int at = f.loops[i].parent; at >= 0 && !suspends(f.loops[static_cast<std::size_t>(at)]); at = f.loops[static_cast<std::size_t>(at)].parent)
      effect->leaf_place = f.loops[static_cast<std::size_t>(at)].place;
    work_[static_cast<std::size_t>(id)] = std::move(effect);
    return work_[static_cast<std::size_t>(id)].get();
  }
  // A function that calls itself twice grows exponentially.
  int self = 0;
  if (f.kind == facts::FunctionKind::plain && f.loops.empty() && f.calls.size() >= 2 && f.calls.size() <= 4) {
    const Same own = by_key_.find(f.key);
    for (int c = 0; c < calls_of(id); ++c) {
      const auto targets = target_functions(id, c);
      self += std::find(targets.begin(), targets.end(), own) != targets.end() ? 1 : 0;
    }
  }
  if (self >= 2) {
    auto effect = std::make_unique<Effect>();
    effect->effect = "compute";
    effect->chain = {{id, -1, -1}};
    effect->leaf = f.name;
    effect->leaf_place = f.place;
    work_[static_cast<std::size_t>(id)] = std::move(effect);
    return work_[static_cast<std::size_t>(id)].get();
  }
  return nullptr;
}

// C++: the deepest nest of loops that ends in arithmetic, through functions that are called in place: how many loops of an
// unknown number of rounds, and how many of these are counted.
std::pair<int, int> LinkedProgram::nest(FunctionId id, int depth) const {
  const auto& f = function(id);
  std::pair<int, int> deepest{0, 0};
  if (f.kind != facts::FunctionKind::plain || depth > 3) return deepest;
  const auto around = [&](int loop) {
    std::pair<int, int> out{0, 0};
    for (; loop >= 0 && !f.loops[static_cast<std::size_t>(loop)].suspends; loop = f.loops[static_cast<std::size_t>(loop)].parent) {
      const auto& one = f.loops[static_cast<std::size_t>(loop)];
      if (one.bound == facts::Bound::constant || one.polls || one.cores || one.advances_outer) continue;
      ++out.first;
      if (one.bound == facts::Bound::value) ++out.second;
    }
    return out;
  };
  for (std::size_t i = 0; i < f.loops.size(); ++i)
    if (f.loops[i].arithmetic) deepest = std::max(deepest, around(static_cast<int>(i)));
  for (int c = 0; c < static_cast<int>(f.calls.size()); ++c) {
    const auto& call = f.calls[static_cast<std::size_t>(c)];
    if (call.loop < 0 || callees(id, c).size() != 1 || callees(id, c).front().callee == id) continue;
    const auto inner = nest(callees(id, c).front().callee, depth + 1);
    const auto outer = around(call.loop);
    if (inner.first > 0) deepest = std::max(deepest, {outer.first + inner.first, outer.second + inner.second});
  }
  return deepest;
}

// An argument comes from a member that grows: a string or a container.
bool LinkedProgram::takes_gathered(const facts::Call& call) const {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const facts::Value& value) {
    return std::any_of(value.sources.begin(), value.sources.end(), [&](const facts::Text& node) { return gathering_fields_.contains(node); });
  });
}

void LinkedProgram::compute_work() {
  const auto count = static_cast<FunctionId>(functions_.size());
  static const std::set<std::string_view> growing = {"std::basic_string", "std::vector", "std::deque", "std::list", "std::basic_stringstream", "std::basic_ostringstream"};
  for (const auto& klass : classes_)
    for (const auto& field : klass.fields)
      if (growing.contains(field.type.str())) gathering_fields_.insert(field.node);
  work_.resize(functions_.size());
  std::deque<std::pair<FunctionId, Effect>> queue;
  for (FunctionId f = 0; f < count; ++f) {
    if (const Effect* own = loop_work(f)) queue.emplace_back(f, *own);
    const std::int64_t many = language(f) == facts::Language::python ? kManyTripsPython : kManyTripsCpp;
    for (int c = 0; c < calls_of(f); ++c) {
      const auto& known = call_facts(f, c);
      const bool computes = known.effect && known.effect->effect == "compute";
      if (!computes && !known.has_integers && !known.in_loop) continue;
      const auto& call = function(f).calls[static_cast<std::size_t>(c)];
      Effect effect;
      effect.effect = "compute";
      effect.leaf = call.name;
      effect.leaf_place = call.place;
      bool heavy = false;
      if (const EffectRow* row = known.effect; computes && blocks(*row, call) && (!row->heavy || holds(*row->heavy, call))) {
        const bool small = row->small_constant_is_light && !call.arguments.empty() &&
                           std::any_of(call.arguments.begin(), call.arguments.end(), [](const facts::Value& v) { return v.elements && *v.elements < 4096; });
        effect.row = row;
        effect.chain = {{f, c, -1}};
        effect.gathered = takes_gathered(call);
        heavy = !small;
      }
      for (const auto& resolved : callees(f, c)) {
        // The callee's loop counts to an argument that is a large constant here.
        const auto& callee = function(resolved.callee);
        for (std::size_t a = 0; a < call.arguments.size() && !heavy; ++a) {
          if (!call.arguments[a].integer || *call.arguments[a].integer < many) continue;
          const std::string parameter = facts::node::parameter(callee.key, a);
          for (const auto& loop : callee.loops)
            if (loop.bound == facts::Bound::value && loop.arithmetic && !loop.suspends &&
                std::find(loop.over.sources.begin(), loop.over.sources.end(), parameter) != loop.over.sources.end()) {
              effect.leaf = callee.name;
              effect.leaf_place = loop.place;
              effect.chain = {{f, c, resolved.callee}, {resolved.callee, -1, -1}};
              heavy = true;
            }
        }
        // A loop that counts, around a call of a function with a loop that counts: a nest of two all the same.
        const auto* around = call.loop >= 0 ? &function(f).loops[static_cast<std::size_t>(call.loop)] : nullptr;
        const bool many_calls = around && !around->suspends && !around->cores &&
                                (around->bound == facts::Bound::value || (around->bound == facts::Bound::constant && around->trips >= 1000));
        if (heavy || !many_calls || language(f) != facts::Language::python || callee.kind != facts::FunctionKind::plain) continue;
        for (const auto& loop : callee.loops)
          if (loop.bound == facts::Bound::value && loop.arithmetic && !loop.suspends && !loop.cores) {
            effect.leaf = callee.name;
            effect.leaf_place = loop.place;
            effect.chain = {{f, c, resolved.callee}, {resolved.callee, -1, -1}};
            heavy = true;
          }
      }
      // Three loops inside each other over what is given, two of them counted.
      if (!heavy && call.loop >= 0 && language(f) == facts::Language::cpp && callees(f, c).size() == 1) {
        const FunctionId callee = callees(f, c).front().callee;
        const auto& around = function(f).loops[static_cast<std::size_t>(call.loop)];
        const auto inner = nest(callee, 0);
        if (around.bound == facts::Bound::value && !around.cores && !around.suspends && inner.first >= 2 && inner.second >= 1) {
          effect.leaf = function(callee).name;
          effect.leaf_place = around.place;
          effect.chain = {{f, c, callee}, {callee, -1, -1}};
          heavy = true;
        }
      }
      if (heavy && call_work_.try_emplace(call_key(f, c), effect).second) queue.emplace_back(f, effect);
    }
  }
  std::vector<char> done(functions_.size(), 0);
  while (!queue.empty()) {
    auto [f, effect] = std::move(queue.front());
    queue.pop_front();
    const auto at = static_cast<std::size_t>(f);
    if (done[at]) continue;
    done[at] = 1;
    if (!work_[at]) work_[at] = std::make_unique<Effect>(effect);
    // What a data-dependent call costs is the less sure the farther away its data is.
    // Not so where it is what an object has gathered.
    if (effect.row && effect.row->small_constant_is_light && language(f) == facts::Language::cpp && effect.chain.size() > (effect.gathered ? 3 : 2)) continue;
    if (effect.near && effect.chain.size() > 1) continue;
    for (const auto& [caller, call] : callers(f)) {
      Effect up = effect;
      up.chain.insert(up.chain.begin(), ChainStep{caller, call, f});
      if (call_work_.try_emplace(call_key(caller, call), up).second) queue.emplace_back(caller, std::move(up));
    }
  }
}

const Effect* LinkedProgram::compute(FunctionId function) const { return work_[static_cast<std::size_t>(function)].get(); }

const Effect* LinkedProgram::compute_of_call(FunctionId function, int call) const {
  const auto at = call_work_.find(call_key(function, call));
  return at == call_work_.end() ? nullptr : &at->second;
}

}  // namespace concadvise
