// What is known of a loop: how often it goes round, whether it suspends, polls or computes.
#include <algorithm>
#include <cmath>

#include "analyzer/python/constants.h"
#include "analyzer/python/extract.h"

namespace concadvise::python {

int Frame::open_loop(NodeId node, NodeId iterable, const Around& around) {
  facts::Loop loop;
  loop.place = place(node);
  loop.end_line = static_cast<int>(tree_.end_line(node));
  loop.parent = around.loop;
  loop.async = tree_[node].async;
  const NodeId whole = tree_.kind(node) == Kind::for_in_clause_ ? tree_[node].parent : node;
  loop.comprehension = whole != node;
  for (const NodeId await : module_.scopes.all[scope_].awaits) {
    if (tree_.inside(await, whole) && await != whole) loop.suspends = true;
  }
  loop.suspends = loop.suspends || loop.async;
  loop.arithmetic = arithmetic(whole);
  for (NodeId inner = whole; inner < tree_[whole].last; ++inner) {
    const Kind kind = tree_.kind(inner);
    if ((kind == Kind::break_statement_ || kind == Kind::return_statement_ || kind == Kind::raise_statement_) &&
        module_.scopes.frame_of(inner) == scope_) {
      loop.exits = true;
    }
  }
  if (iterable != no_node) {
    bound(loop, iterable);
    loop.repeats = around.loop >= 0 && repeats(iterable, whole);
  }
  out_.loops.push_back(std::move(loop));
  return static_cast<int>(out_.loops.size()) - 1;
}

/// Whether what a loop counts through with `enumerate` is the same in each round of the `for` statement around it: nothing in it is given a value there.
bool Frame::repeats(NodeId iterable, NodeId loop) const {
  NodeId outer = tree_[loop].parent;
  while (outer != no_node && tree_.kind(outer) != Kind::for_statement_ && tree_.kind(outer) != Kind::function_definition_) outer = tree_[outer].parent;
  if (outer == no_node || tree_.kind(outer) != Kind::for_statement_) return false;
  const auto given = [&](std::string_view name) {
    for (NodeId at = outer; at < tree_[outer].last; ++at) {
      NodeId target = no_node;
      switch (tree_.kind(at)) {
        case Kind::for_statement_:
        case Kind::for_in_clause_:
        case Kind::assignment_:
        case Kind::augmented_assignment_: target = tree_.child(at, Field::left_); break;
        case Kind::named_expression_: target = tree_.child(at, Field::name_); break;
        case Kind::as_pattern_target_: target = at; break;
        default: break;
      }
      if (target == no_node) continue;
      for (NodeId part = target; part < tree_[target].last; ++part)
        if (tree_.kind(part) == Kind::identifier_ && tree_.text(part) == name) return true;
    }
    return false;
  };
  // Without the indexes it is mostly a search in two short lists, unless both come from a caller and each pair is computed with.
  const auto parameter = [&](NodeId name) {
    const Scope& scope = module_.scopes.all[scope_];
    const auto found = tree_.kind(name) == Kind::identifier_ ? scope.names.find(tree_.text(name)) : scope.names.end();
    return found != scope.names.end() && found->second.size() == 1 && found->second.front().kind == Binding::Kind::parameter;
  };
  const bool pairs = parameter(iterable) && parameter(tree_.child(outer, Field::right_)) && arithmetic(loop);
  if (pairs) return !given(tree_.text(iterable));
  if (tree_.kind(iterable) != Kind::call_ || tree_.text(tree_.child(iterable, Field::function_)) != "enumerate") return false;
  bool any = false;
  for (NodeId at = iterable; at < tree_[iterable].last; ++at) {
    if (tree_.kind(at) != Kind::identifier_ || tree_[at].field == Field::attribute_ || tree_[at].field == Field::function_) continue;
    if (given(tree_.text(at))) return false;
    any = true;
  }
  return any;
}

/// How often a `for` goes round.
void Frame::bound(facts::Loop& loop, NodeId iterable) {
  iterable = tree_.bare(iterable);
  if (const auto trips = elements_of(iterable); trips && tree_.kind(iterable) != Kind::string_) {
    loop.bound = facts::Bound::constant;
    loop.trips = *trips;
    return;
  }
  loop.bound = facts::Bound::collection;
  loop.over = value(iterable);
  if (tree_.kind(iterable) != Kind::call_) return;
  const std::string_view name = tree_.text(tree_.child(iterable, Field::function_));
  const NodeId arguments = tree_.child(iterable, Field::arguments_);
  if (name == "range" || name == "xrange") {
    NodeId limit = tree_.at(arguments, 1);
    if (limit == no_node) limit = tree_.at(arguments, 0);
    const std::string_view text = tree_.text(limit);
    loop.over = value(limit);
    loop.cores = text.find("cpu_count") != std::string_view::npos;
    // range(len(x)) goes over a collection; everything else counts.
    const bool whole = text.starts_with("len(") && text.find(')') == text.size() - 1;
    loop.bound = whole ? facts::Bound::collection : facts::Bound::value;
    for (NodeId inner = limit; limit != no_node && inner < tree_[limit].last; ++inner) {
      if (tree_.kind(inner) != Kind::identifier_) continue;
      const facts::Value part = value(inner);
      loop.over.sources.insert(loop.over.sources.end(), part.sources.begin(), part.sources.end());
    }
  } else if (name == "iter" && tree_.at(arguments, 1) != no_node) {
    loop.bound = facts::Bound::condition;
  } else if (name.ends_with("count") || name.ends_with("cycle") || name.ends_with("repeat")) {
    for (const std::string& one : Inference::names(inference_.eval(module_.id, tree_.child(iterable, Field::function_)))) {
      if (one == "itertools.count" || one == "itertools.cycle" || (one == "itertools.repeat" && tree_.at(arguments, 1) == no_node)) {
        loop.bound = facts::Bound::endless;
      }
    }
  }
}

/// A `while` that counts: it compares a variable that its body moves by a constant, as `while n > 0: n -= 1`.
void Frame::counted(facts::Loop& loop, NodeId node) {
  const NodeId condition = tree_.bare(tree_.child(node, Field::condition_));
  if (tree_.kind(condition) != Kind::comparison_operator_) return;
  const NodeId left = tree_.at(condition, 0);
  NodeId right = no_node;
  for (const NodeId child : tree_.children(condition)) right = child;
  const NodeId body = tree_.child(node, Field::body_);
  for (NodeId at = body; at < tree_[body].last; ++at) {
    if (tree_.kind(at) != Kind::augmented_assignment_) continue;
    const std::string_view moved = tree_.text(tree_.child(at, Field::left_));
    const auto step = constant(module_, tree_.child(at, Field::right_));
    const bool from_left = moved == tree_.text(left);
    if ((!from_left && moved != tree_.text(right)) || !step || *step == 0) continue;
    const NodeId limit = from_left ? right : left;
    const bool down = tree_.text(tree_.child(at, Field::operator_)) == "-=";
    loop.polls = false;
    loop.bound = facts::Bound::value;
    loop.over = value(down ? (from_left ? left : right) : limit);
    if (const auto last = constant(module_, limit); last && !down && *last > 0) {
      loop.bound = facts::Bound::constant;
      loop.trips = static_cast<std::int64_t>(*last / std::abs(*step));
    }
    return;
  }
}

/// A `while` whose condition asks for a state that the loop itself does not change.
bool Frame::polls(NodeId node) const {
  const NodeId condition = tree_.child(node, Field::condition_);
  const NodeId body = tree_.child(node, Field::body_);
  bool asks = false;
  std::vector<std::string_view> asked;
  for (NodeId at = condition; at < tree_[condition].last; ++at) {
    const Kind kind = tree_.kind(at);
    if (kind == Kind::await_ || kind == Kind::named_expression_) return false;
    if (kind == Kind::attribute_) {
      asks = true;
      asked.push_back(tree_.text(at));
    }
    if (kind == Kind::identifier_ && tree_[at].field != Field::attribute_) {
      asks = true;
      asked.push_back(tree_.text(at));
    }
  }
  if (!asks) return false;
  for (NodeId at = body; at < tree_[body].last; ++at) {
    const Kind kind = tree_.kind(at);
    if (kind == Kind::assignment_ || kind == Kind::augmented_assignment_ || kind == Kind::named_expression_) {
      NodeId left = tree_.child(at, Field::left_);
      if (left == no_node) left = tree_.child(at, Field::name_);
      for (NodeId target = left; target < tree_[left].last; ++target) {
        if (std::ranges::find(asked, tree_.text(target)) != asked.end()) return false;
      }
    }
    if (kind == Kind::call_) {
      // A method of what is asked may change it, unless it only asks too.
      const NodeId function = tree_.child(at, Field::function_);
      if (tree_.kind(function) != Kind::attribute_) continue;
      const std::string_view object = tree_.text(tree_.child(function, Field::object_));
      if (is_mutator(tree_.text(tree_.child(function, Field::attribute_))) && std::ranges::find(asked, object) != asked.end()) {
        return false;
      }
    }
  }
  return true;
}

bool Frame::arithmetic(NodeId node) const {
  for (NodeId at = node; at < tree_[node].last; ++at) {
    const Kind kind = tree_.kind(at);
    if (kind == Kind::augmented_assignment_) {
      if (tree_.kind(tree_.child(at, Field::right_)) != Kind::string_) return true;
    } else if (kind == Kind::binary_operator_) {
      const Kind left = tree_.kind(tree_.child(at, Field::left_));
      const Kind right = tree_.kind(tree_.child(at, Field::right_));
      const bool text = left == Kind::string_ || right == Kind::string_ || left == Kind::concatenated_string_;
      if (!text) return true;
    }
  }
  return false;
}

/// Whether a branch goes on with the next round of its loop.
bool Frame::skips(NodeId branch) const {
  for (NodeId at = branch; at < tree_[branch].last; ++at)
    if (tree_.kind(at) == Kind::continue_statement_) return true;
  return false;
}

bool Frame::always_suspends(NodeId body) const {
  const auto& awaits = module_.scopes.all[scope_].awaits;
  const auto has_await = [&](NodeId node) {
    return std::ranges::any_of(awaits, [&](NodeId await) { return tree_.inside(await, node); });
  };
  for (const NodeId child : tree_.children(body)) {
    switch (tree_.kind(child)) {
      case Kind::expression_statement_:
      case Kind::return_statement_:
        if (has_await(child)) return true;
        break;
      case Kind::with_statement_:
        if (tree_[child].async || always_suspends(tree_.child(child, Field::body_))) return true;
        break;
      case Kind::try_statement_:
        if (always_suspends(tree_.child(child, Field::body_))) return true;
        for (const NodeId clause : tree_.children(child)) {
          if (tree_.kind(clause) == Kind::finally_clause_ && always_suspends(tree_.at(clause, 0))) return true;
        }
        break;
      case Kind::for_statement_:
        if (tree_[child].async) return true;
        break;
      case Kind::if_statement_: {
        if (has_await(tree_.child(child, Field::condition_))) return true;
        bool all = true;
        bool otherwise = false;
        for (const NodeId way : tree_.children(child)) {
          const bool first = tree_[way].field == Field::consequence_;
          if (!first && tree_[way].field != Field::alternative_) continue;
          otherwise = otherwise || tree_.kind(way) == Kind::else_clause_;
          NodeId block = way;
          if (tree_.kind(way) == Kind::else_clause_) block = tree_.child(way, Field::body_);
          if (tree_.kind(way) == Kind::elif_clause_) block = tree_.child(way, Field::consequence_);
          all = all && always_suspends(block);
        }
        if (all && otherwise) return true;
        if (skips(child)) return false;  // `if ...: continue` before the first suspension
        break;
      }
      default: break;
    }
  }
  return false;
}

}  // namespace concadvise::python
