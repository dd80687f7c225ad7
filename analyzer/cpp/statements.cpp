// Statements in the order in which they run. A loop's body is walked twice, which is enough for sets that only grow; what
// is recorded for a place is merged, not repeated.
#include <algorithm>

#include "analyzer/cpp/extractor.h"
#include "clang/AST/Decl.h"
#include "clang/AST/StmtOpenMP.h"

namespace concadvise {
using namespace clang;

void FlowState::join(const FlowState& other) {
  if (!other.reachable) return;
  if (!reachable) {
    *this = other;
    return;
  }
  held.insert(other.held.begin(), other.held.end());
  after.insert(other.after.begin(), other.after.end());
  unsuspended.insert(other.unsuspended.begin(), other.unsuspended.end());
  std::erase_if(ready, [&](const std::string& one) { return !other.ready.contains(one); });
  std::erase_if(emptied, [&](const VarDecl* one) { return !other.emptied.contains(one); });
}

void BodyWalker::initializer(const VarDecl* v) {
  expression(v->getInit(), facts::Use::stored, -1, unit_.node_of(v));
}

void BodyWalker::walk() {
  const Stmt* body = function_->getBody();
  const Stmt* user = body;
  if (const auto* coroutine = dyn_cast_or_null<CoroutineBodyStmt>(body)) {
    out_.kind = facts::FunctionKind::coroutine;
    lazy_ = out_.lazy;
    user = coroutine->getBody();
  }
  rearms_ = only_rearms(user);
  if (rearms_) out_.attributes.emplace_back("only-rearms");
  note_use_after_hand_over();
  scopes_.emplace_back();
  enter_parameters();
  scan_moves(user);
  initializers();
  if (item_loop_ >= 0) loop(item_loop_, false, nullptr, nullptr, [&] { statement(user); });
  else if (user) statement(user);
  if (state_.reachable) exits_.insert(state_.after.begin(), state_.after.end());
  if (out_.destructor) member_destructors();
  close_scope();
  out_.at_exit.assign(exits_.begin(), exits_.end());
  if (out_.kind == facts::FunctionKind::coroutine) {
    const bool awaits = std::any_of(out_.suspensions.begin(), out_.suspensions.end(), [](const auto& s) { return s.kind == facts::SuspendKind::await; });
    const bool yields = std::any_of(out_.suspensions.begin(), out_.suspensions.end(), [](const auto& s) { return s.kind == facts::SuspendKind::yield; });
    if (yields) out_.kind = awaits ? facts::FunctionKind::async_generator : facts::FunctionKind::generator;
    else if (!awaits && unit_.generator_type(function_->getReturnType())) out_.kind = facts::FunctionKind::generator;
  }
}

void BodyWalker::enter_parameters() {
  for (const auto* parameter : function_->parameters()) {
    const auto* row = unit_.knowledge().lock(unit_.type_name(parameter->getType()));
    if (!row || row->kind != "guard" || parameter->getType()->isLValueReferenceType() || parameter->getType()->isPointerType()) continue;
    lock_variable(parameter);
  }
}

void BodyWalker::initializers() {
  const auto* constructor = dyn_cast<CXXConstructorDecl>(function_);
  if (!constructor) return;
  for (const auto* one : constructor->inits()) {
    if (!one->getInit()) continue;
    const std::string node = one->isAnyMemberInitializer() ? unit_.node_of(one->getAnyMember()) : std::string();
    expression(one->getInit(), facts::Use::stored, -1, node);
    if (!node.empty()) unit_.flow(unit_.sources_of(one->getInit()), node);
  }
}

// The members of a class and its bases are destroyed after the body of its destructor.
void BodyWalker::member_destructors() {
  const auto* method = dyn_cast<CXXDestructorDecl>(function_);
  if (!method) return;
  for (const auto* field : method->getParent()->fields())
    destroys(field->getType(), field, method->getLocation(), "destructor of member `" + field->getNameAsString() + "`", unit_.node_of(field));
  for (const auto& base : method->getParent()->bases())
    destroys(base.getType(), &base, method->getLocation(), "destructor of a base", {});
}

namespace {

bool has_label(const Stmt* s) {
  if (!s || isa<Expr>(s)) return false;
  return isa<LabelStmt, SwitchCase>(s) || std::any_of(s->child_begin(), s->child_end(), has_label);
}

}  // namespace

void BodyWalker::statement(const Stmt* s) {
  if (!s || (!state_.reachable && !has_label(s))) return;
  if (const auto* e = dyn_cast<Expr>(s)) return expression(e, facts::Use::dropped);
  switch (s->getStmtClass()) {
    case Stmt::CompoundStmtClass: return compound(cast<CompoundStmt>(s));
    case Stmt::DeclStmtClass: return declaration(cast<DeclStmt>(s));
    case Stmt::IfStmtClass: return branch(cast<IfStmt>(s));
    case Stmt::ForStmtClass: return for_loop(cast<ForStmt>(s));
    case Stmt::WhileStmtClass: return while_loop(cast<WhileStmt>(s));
    case Stmt::DoStmtClass: return do_loop(cast<DoStmt>(s));
    case Stmt::CXXForRangeStmtClass: return range_loop(cast<CXXForRangeStmt>(s));
    case Stmt::SwitchStmtClass: return switch_statement(cast<SwitchStmt>(s));
    case Stmt::CXXTryStmtClass: return try_statement(cast<CXXTryStmt>(s));
    case Stmt::ReturnStmtClass: return leave(cast<ReturnStmt>(s)->getRetValue());
    case Stmt::CoreturnStmtClass: return leave(cast<CoreturnStmt>(s)->getOperand(), cast<CoreturnStmt>(s));
    case Stmt::AttributedStmtClass: return statement(cast<AttributedStmt>(s)->getSubStmt());
    case Stmt::LabelStmtClass:
      state_.reachable = true;
      return statement(cast<LabelStmt>(s)->getSubStmt());
    case Stmt::BreakStmtClass:
      for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame) {
        frame->breaks.push_back(outside(*frame));
        if (!frame->is_switch) out_.loops[static_cast<std::size_t>(frame->index)].exits = true;
        break;
      }
      state_.reachable = false;
      return;
    case Stmt::ContinueStmtClass:
      for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame)
        if (!frame->is_switch) {
          frame->continues.push_back(outside(*frame));
          break;
        }
      state_.reachable = false;
      return;
    default:
      if (const auto* d = dyn_cast<OMPExecutableDirective>(s)) return directive(d);
      for (const Stmt* child : s->children()) statement(child);
  }
}

void BodyWalker::compound(const CompoundStmt* s) {
  scopes_.emplace_back();
  for (const Stmt* child : s->body()) statement(child);
  close_scope();
}

void BodyWalker::close_scope() {
  auto& scope = scopes_.back();
  for (auto one = scope.rbegin(); one != scope.rend(); ++one) {
    if (one->lock >= 0) {
      auto& lock = out_.locks[static_cast<std::size_t>(one->lock)];
      lock.whole_body = lock.whole_body && scopes_.size() == 2 && (state_.held.contains(one->lock) || !state_.reachable);
      state_.held.erase(one->lock);
      continue;
    }
    const auto* v = one->variable;
    if (!v || moved_away(v) || finished(v) || state_.emptied.contains(v)) continue;
    destroys(v->getType(), v, v->getLocation(), "destructor of `" + v->getNameAsString() + "`", unit_.node_of(v));
  }
  scopes_.pop_back();
}

// What holds after a jump out of the scopes inside the loop or switch: their guards have let go.
FlowState BodyWalker::outside(const LoopFrame& frame) const {
  FlowState out = state_;
  for (std::size_t depth = frame.depth; depth < scopes_.size(); ++depth)
    for (const auto& one : scopes_[depth])
      if (one.lock >= 0) out.held.erase(one.lock);
  return out;
}

void BodyWalker::declaration(const DeclStmt* s) {
  for (const Decl* decl : s->decls()) {
    if (const auto* v = dyn_cast<VarDecl>(decl)) variable(v);
    else if (const auto* record = dyn_cast<CXXRecordDecl>(decl)) unit_.add_class(record);
  }
}

namespace {

// The thread_local variable that a reference or pointer is bound to.
const VarDecl* thread_local_named(const VarDecl* v) {
  const Expr* init = UnitExtractor::peel(v->getInit());
  if (v->getType()->isPointerType()) {
    const auto* address = dyn_cast_or_null<UnaryOperator>(init);
    if (!address || address->getOpcode() != UO_AddrOf) return nullptr;
    init = UnitExtractor::peel(address->getSubExpr());
  } else if (!v->getType()->isLValueReferenceType()) {
    return nullptr;
  }
  while (const auto* member = dyn_cast_or_null<MemberExpr>(init)) init = member->isArrow() ? nullptr : UnitExtractor::peel(member->getBase());
  const auto* reference = dyn_cast_or_null<DeclRefExpr>(init);
  const auto* named = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  return named && named->getTLSKind() != VarDecl::TLS_None ? named : nullptr;
}

}  // namespace

void BodyWalker::variable(const VarDecl* v) {
  const std::string node = unit_.node_of(v);
  if (const Expr* init = v->getInit()) {
    const bool unread = v->isLocalVarDecl() && !v->isReferenced() && !v->getType()->isReferenceType() && unit_.lazy_coroutine_type(v->getType());
    once_ += v->isStaticLocal();
    expression(init, unread ? facts::Use::unread : facts::Use::stored, -1, node);
    once_ -= v->isStaticLocal();
    unit_.flow(unit_.sources_of(init), node);
    // A reference is another name: what is done to it is done to what it names.
    if (v->getType()->isLValueReferenceType() && !v->getType().getNonReferenceType().isConstQualified())
      for (const auto& source : unit_.sources_of(init))
        if (source.starts_with("var:") || source.starts_with("param:")) unit_.flow(node, source);
    if (const auto* named = thread_local_named(v)) thread_local_aliases_[v] = named;
    bool negated = false;
    if (v->getType()->isBooleanType()) {
      // `a && m.try_lock()`: tried last, so that it is held exactly if all is true.
      const auto* both = dyn_cast_or_null<BinaryOperator>(UnitExtractor::peel(init));
      if (const int lock = lock_tried(both && both->getOpcode() == BO_LAnd ? both->getRHS() : init, negated); lock >= 0 && !negated) tried_[v] = lock;
    }
  }
  if (Polled found = v->getInit() ? polled(v->getInit()) : Polled{}; !found.futures.empty()) polled_[v] = std::move(found);
  if (v->isStaticLocal()) return;
  const auto* row = unit_.knowledge().lock(unit_.type_name(v->getType()));
  if ((row && row->kind == "guard" && !v->getType()->isReferenceType()) || (!row && locks_by_hand(v))) return lock_variable(v);
  if (v->getType()->isReferenceType() && !(v->getInit() && isa<MaterializeTemporaryExpr>(v->getInit()->IgnoreImplicit()))) return;
  if (v->needsDestruction(unit_.context()) != QualType::DK_none || v->getType()->isRecordType()) scopes_.back().push_back({v, -1});
}

// `f.wait_for(0s) == std::future_status::ready`, by way of a variable or not; `is_ready(f)`.
BodyWalker::Polled BodyWalker::polled(const Expr* e) const {
  const Expr* bare = UnitExtractor::peel(e);
  if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(bare)) {
    const auto* v = dyn_cast<VarDecl>(reference->getDecl());
    const auto known = v ? polled_.find(v) : polled_.end();
    return known == polled_.end() ? Polled{} : known->second;
  }
  if (const auto* call = dyn_cast_or_null<CallExpr>(bare)) {
    const auto* callee = call->getDirectCallee();
    if (!callee || !callee->getIdentifier()) return {};
    const auto* member = dyn_cast<CXXMemberCallExpr>(call);
    if (member && (callee->getName() == "wait_for" || callee->getName() == "wait_until" || callee->getName() == "is_ready"))
      return {unit_.sources_of(member->getImplicitObjectArgument()), true};
    if (!member && callee->getName().contains("ready") && call->getNumArgs() == 1 && unit_.knowledge().type(unit_.type_name(call->getArg(0)->getType()), "future"))
      return {unit_.sources_of(call->getArg(0)), true};
    return {};
  }
  const auto* op = dyn_cast_or_null<BinaryOperator>(bare);
  if (!op || !op->isEqualityOp()) return {};
  for (const bool swapped : {false, true}) {
    const auto* state = dyn_cast<DeclRefExpr>(UnitExtractor::peel(swapped ? op->getLHS() : op->getRHS()));
    const auto* named = state ? dyn_cast<EnumConstantDecl>(state->getDecl()) : nullptr;
    if (!named || (named->getName() != "ready" && named->getName() != "timeout")) continue;
    Polled found = polled(swapped ? op->getRHS() : op->getLHS());
    found.ready_when_true = (named->getName() == "ready") == (op->getOpcode() == BO_EQ);
    return found;
  }
  return {};
}

BodyWalker::Branches BodyWalker::condition(const Expr* e) {
  const bool outer = in_condition_;
  in_condition_ = true;
  const Expr* bare = UnitExtractor::peel(e);
  if (const auto* op = dyn_cast_or_null<BinaryOperator>(bare); op && op->isLogicalOp()) {
    Branches left = condition(op->getLHS());
    const bool conjunction = op->getOpcode() == BO_LAnd;
    state_ = conjunction ? left.yes : left.no;
    ++unconditional_;
    Branches right = condition(op->getRHS());
    --unconditional_;
    in_condition_ = outer;
    if (conjunction) right.no.join(left.no);
    else right.yes.join(left.yes);
    return right;
  }
  if (const auto* op = dyn_cast_or_null<UnaryOperator>(bare); op && op->getOpcode() == UO_LNot) {
    Branches inner = condition(op->getSubExpr());
    in_condition_ = outer;
    return {inner.no, inner.yes};
  }
  const std::set<std::string> ready_before = state_.ready;
  expression(e, facts::Use::condition);
  in_condition_ = outer;
  Branches out{state_, state_};
  if (const Polled found = polled(e); !found.futures.empty()) {
    auto& [yes, no] = out;
    (found.ready_when_true ? yes : no).ready.insert(found.futures.begin(), found.futures.end());
    std::erase_if((found.ready_when_true ? no : yes).ready, [&](const std::string& one) {
      return !ready_before.contains(one) && std::find(found.futures.begin(), found.futures.end(), one) != found.futures.end();
    });
  }
  bool negated = false;
  if (const int lock = lock_tried(e, negated); lock >= 0) {
    (negated ? out.no : out.yes).held.insert(lock);
    (negated ? out.yes : out.no).held.erase(lock);
  }
  bool value = false;
  if (bare && !bare->isValueDependent() && bare->EvaluateAsBooleanCondition(value, unit_.context())) (value ? out.no : out.yes).reachable = false;
  return out;
}

namespace {

// `threads.size() < limit`, `count < limit`: what follows happens no more often than the limit says.
bool below_limit(const Expr* e) {
  const auto* op = dyn_cast_or_null<BinaryOperator>(UnitExtractor::peel(e));
  if (!op) return false;
  if (op->getOpcode() == BO_LAnd) return below_limit(op->getLHS()) || below_limit(op->getRHS());
  const bool less = op->getOpcode() == BO_LT || op->getOpcode() == BO_LE;
  const bool more = op->getOpcode() == BO_GT || op->getOpcode() == BO_GE;
  if (!less && !more) return false;
  const Expr* count = UnitExtractor::peel(less ? op->getLHS() : op->getRHS());
  const auto* call = dyn_cast<CXXMemberCallExpr>(count);
  const auto* method = call ? call->getMethodDecl() : nullptr;
  if (method) return method->getIdentifier() && (method->getName() == "size" || method->getName() == "load" || method->getName().contains("ount"));
  return isa<DeclRefExpr, MemberExpr>(count) && count->getType()->isIntegerType() && !count->getType().isConstQualified();
}

}  // namespace

void BodyWalker::branch(const IfStmt* s) {
  scopes_.emplace_back();
  if (s->getInit()) statement(s->getInit());
  if (const auto* v = s->getConditionVariable()) variable(v);
  if (s->isConsteval()) {
    statement(s->isNonNegatedConsteval() ? s->getElse() : s->getThen());
    return close_scope();
  }
  const Branches ways = condition(s->getCond());
  if (s->isConstexpr() && !s->getCond()->isValueDependent()) {
    if (const auto taken = s->getNondiscardedCase(unit_.context())) statement(*taken);
    return close_scope();
  }
  ++unconditional_;
  state_ = ways.yes;
  const bool then_lives = state_.reachable;
  const bool limited = below_limit(s->getCond());
  limited_ += limited;
  const std::string way = rearms_ ? fmt::format("{}:", unit_.place(s->getBeginLoc()).line) : std::string();
  if (rearms_) ways_.push_back(way + "then");
  if (then_lives || !ways.no.reachable) statement(s->getThen());
  limited_ -= limited;
  FlowState after = state_;
  state_ = ways.no;
  // What follows a branch that has left is the other one.
  if (rearms_) ways_.back() = way + "else";
  if (s->getElse() && (state_.reachable || !then_lives)) statement(s->getElse());
  if (rearms_ && after.reachable) std::erase(ways_, way + "else");
  --unconditional_;
  after.join(state_);
  state_ = after;
  close_scope();
}

void BodyWalker::switch_statement(const SwitchStmt* s) {
  scopes_.emplace_back();
  if (s->getInit()) statement(s->getInit());
  if (const auto* v = s->getConditionVariable()) variable(v);
  expression(s->getCond(), facts::Use::condition);
  const FlowState before = state_;
  FlowState after = before;
  for (const SwitchCase* one = s->getSwitchCaseList(); one; one = one->getNextSwitchCase())
    if (isa<DefaultStmt>(one)) after.reachable = false;  // some case is always taken
  if (s->isAllEnumCasesCovered()) after.reachable = false;
  loops_.push_back({-1, {}, {}, true, scopes_.size()});
  ++unconditional_;
  const auto walk_case = [&](const Stmt* one) {
    while (const auto* label = dyn_cast_or_null<SwitchCase>(one)) {
      state_.join(before);
      one = label->getSubStmt();
    }
    statement(one);
  };
  state_.reachable = false;
  scopes_.emplace_back();
  if (const auto* body = dyn_cast<CompoundStmt>(s->getBody()))
    for (const Stmt* one : body->body()) walk_case(one);
  else walk_case(s->getBody());
  close_scope();
  --unconditional_;
  after.join(state_);
  for (const auto& way : loops_.back().breaks) after.join(way);
  loops_.pop_back();
  state_ = after;
  close_scope();
}

void BodyWalker::try_statement(const CXXTryStmt* s) {
  const FlowState before = state_;
  statement(s->getTryBlock());
  FlowState after = state_;
  FlowState thrown = before;
  thrown.after.insert(state_.after.begin(), state_.after.end());
  ++unconditional_;
  for (unsigned i = 0; i < s->getNumHandlers(); ++i) {
    state_ = thrown;
    statement(s->getHandler(i)->getHandlerBlock());
    after.join(state_);
  }
  --unconditional_;
  state_ = after;
}

void BodyWalker::leave(const Expr* result, const CoreturnStmt* s) {
  if (result) {
    const std::string node = facts::node::result(out_.key);
    unit_.flow(unit_.sources_of(result), node);
    expression(result, facts::Use::returned);
  }
  if (s && s->getPromiseCall()) implicit_call(dyn_cast<CallExpr>(UnitExtractor::peel(s->getPromiseCall())), "the promise at `co_return`", s->getBeginLoc());
  exits_.insert(state_.after.begin(), state_.after.end());
  for (auto& frame : loops_)
    if (frame.index >= 0 && frame.index != item_loop_) out_.loops[static_cast<std::size_t>(frame.index)].exits = true;
  state_.reachable = false;
}

int BodyWalker::new_loop(const Stmt* s, const Expr* e, const Stmt* body) {
  const auto known = loop_ids_.find(s);
  if (known != loop_ids_.end()) return known->second;
  facts::Loop loop;
  loop.place = unit_.place(s->getBeginLoc());
  loop.end_line = unit_.place(s->getEndLoc()).line;
  for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame)
    if (!frame->is_switch) {
      loop.parent = frame->index;
      break;
    }
  if (const auto* counted = dyn_cast<ForStmt>(s)) bound_of(counted, loop);
  else if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) bound_of_range(range->getRangeInit(), loop);
  else bound_of(e, loop);
  if (isa<WhileStmt>(s) && loop.bound == facts::Bound::value && !steps(e, body)) loop.bound = facts::Bound::condition;
  const auto* stepped = dyn_cast<ForStmt>(s);
  if (bool looks = false; loop.bound == facts::Bound::endless && body && only_looks(body, body, looks)) loop.polls = looks;
  else if (e && !(stepped && stepped->getInc())) loop.polls = polls(e, body);
  loop.after.assign(state_.after.begin(), state_.after.end());
  loop.advances_outer = advances_outer(s);
  const int index = static_cast<int>(out_.loops.size());
  loop_parts_[index] = {e, body};
  out_.loops.push_back(std::move(loop));
  note_changes(s, index);
  return loop_ids_[s] = index;
}

template <typename Body>
void BodyWalker::loop(int index, bool at_least_once, const Expr* e, const Expr* increment, Body body) {
  FlowState exits;
  exits.reachable = false;
  bool suspends = true;
  ++unconditional_;
  for (int round = 0; round < 2; ++round) {
    loops_.push_back({index, {}, {}, false, scopes_.size()});
    const FlowState entry = state_;
    FlowState leaving;
    leaving.reachable = false;
    state_.unsuspended.insert(index);
    if (e && !(at_least_once && round == 0)) {
      const Branches ways = condition(e);
      leaving = ways.no;
      state_ = ways.yes;
    } else if (e == nullptr && !at_least_once) {
      leaving = entry;  // a range may be empty
    }
    body();
    for (const auto& way : loops_.back().continues) state_.join(way);
    if (increment) expression(increment, facts::Use::dropped);
    if (at_least_once && e) {
      const Branches ways = condition(e);
      leaving.join(ways.no);
      state_ = ways.yes;
    }
    if (state_.reachable && state_.unsuspended.contains(index)) suspends = false;
    exits.join(leaving);
    for (const auto& way : loops_.back().breaks) exits.join(way);
    loops_.pop_back();
    state_.join(entry);
  }
  --unconditional_;
  out_.loops[static_cast<std::size_t>(index)].always_suspends = suspends;
  state_ = exits;
  state_.unsuspended.erase(index);
}

void BodyWalker::record_busy_wait(const Stmt* s, int loop) {
  facts::Call fact;
  fact.place = out_.loops[static_cast<std::size_t>(loop)].place;
  fact.name = "busy-wait";
  fact.implicit = "the loop";
  record(s, 9, std::move(fact));
}

void BodyWalker::for_loop(const ForStmt* s) {
  scopes_.emplace_back();
  if (s->getInit()) statement(s->getInit());
  const int index = new_loop(s, s->getCond(), s->getBody());
  if (s->getCond()) loop(index, false, s->getCond(), s->getInc(), [&] { statement(s->getBody()); });
  else loop(index, true, nullptr, s->getInc(), [&] { statement(s->getBody()); });
  if (s->getCond() && !s->getInc() && busy_waits(s->getCond(), s->getBody())) record_busy_wait(s, index);
  close_scope();
}

void BodyWalker::while_loop(const WhileStmt* s) {
  scopes_.emplace_back();
  const int index = new_loop(s, s->getCond(), s->getBody());
  loop(index, false, s->getCond(), nullptr, [&] {
    if (const auto* v = s->getConditionVariable()) variable(v);
    statement(s->getBody());
  });
  if (busy_waits(s->getCond(), s->getBody())) record_busy_wait(s, index);
  close_scope();
}

void BodyWalker::do_loop(const DoStmt* s) {
  const int index = new_loop(s, s->getCond(), s->getBody());
  loop(index, true, s->getCond(), nullptr, [&] { statement(s->getBody()); });
}

void BodyWalker::range_loop(const CXXForRangeStmt* s) {
  scopes_.emplace_back();
  if (s->getInit()) statement(s->getInit());
  const int index = new_loop(s, nullptr, s->getBody());
  const std::string why = implicit_;
  const SourceLocation where = implicit_at_;
  if (const Expr* range = s->getRangeInit()) {
    expression(range, facts::Use::iterated);
    if (const auto* holder = s->getRangeStmt() ? dyn_cast<VarDecl>(s->getRangeStmt()->getSingleDecl()) : nullptr) {
      unit_.flow(unit_.sources_of(range), unit_.node_of(holder));
      if (range->isPRValue() || isa<ExprWithCleanups>(range)) scopes_.back().push_back({holder, -1});
    }
    if (unit_.generator_type(range->getType())) {
      facts::Call fact;
      fact.place = unit_.place(s->getForLoc());
      fact.through = unit_.sources_of(range);
      fact.iterates = true;
      fact.implicit = "the loop over a generator";
      record(s, 8, std::move(fact));
    }
  }
  implicit_ = "the loop's range";
  implicit_at_ = s->getForLoc();
  if (s->getBeginStmt()) statement(s->getBeginStmt());
  if (s->getEndStmt()) statement(s->getEndStmt());
  loop(index, false, nullptr, nullptr, [&] {
    implicit_ = "the loop's range";
    implicit_at_ = s->getForLoc();
    if (s->getCond()) expression(s->getCond());
    if (s->getInc()) expression(s->getInc());
    if (s->getLoopVarStmt() && !s->getLoopVariable()->getType()->isDependentType()) {
      const auto* v = s->getLoopVariable();
      if (v->getInit()) expression(v->getInit(), facts::Use::stored, -1, unit_.node_of(v));
      if (s->getRangeInit()) unit_.flow(unit_.sources_of(s->getRangeInit()), unit_.node_of(v));
    }
    implicit_ = why;
    implicit_at_ = where;
    statement(s->getBody());
  });
  implicit_ = why;
  implicit_at_ = where;
  close_scope();
}

}  // namespace concadvise
