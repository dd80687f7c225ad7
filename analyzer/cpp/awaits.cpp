// Suspensions: what is awaited, with the calls that the compiler writes around it.
#include <algorithm>
#include <set>

#include "analyzer/cpp/extractor.h"

namespace concadvise {
using namespace clang;

namespace {

const CallExpr* call_named(const Stmt* s, llvm::StringRef name) {
  if (!s) return nullptr;
  if (const auto* call = dyn_cast<CallExpr>(s))
    if (const auto* callee = call->getDirectCallee(); callee && callee->getIdentifier() && callee->getName() == name) return call;
  for (const Stmt* child : s->children())
    if (const auto* found = call_named(child, name)) return found;
  return nullptr;
}

}  // namespace

void BodyWalker::implicit_call(const CallExpr* e, const std::string& why, SourceLocation at) {
  if (!e || !e->getDirectCallee() || !unit_.is_user(e->getDirectCallee())) return;
  facts::Call fact;
  name_callee(e, fact);
  fact.place = unit_.place(at);
  fact.implicit = why;
  record(e, 3, std::move(fact));
}

void BodyWalker::suspended(int index) {
  state_.after = {index};
  state_.unsuspended.clear();
}

// What a round of a loop awaits depends on the round before it when it is given something that the loop changes. What an
// operation only sends is not changed by it, though its buffer may be taken as one that could be written.
void BodyWalker::note_awaited(const Expr* operand, facts::Use use) {
  const auto* awaited = operand ? dyn_cast<CallExpr>(UnitExtractor::peel(operand)) : nullptr;
  const int index = lookup(awaited, 0);
  if (index < 0) return;
  auto& guards = out_.calls[static_cast<std::size_t>(index)].guards;
  const auto add = [&](const char* guard) {
    if (std::find(guards.begin(), guards.end(), guard) == guards.end()) guards.emplace_back(guard);
  };
  if (use == facts::Use::dropped || use == facts::Use::voided) add("unused");
  for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame)
    if (!frame->is_switch) {
      const auto changes = loop_changes_.find(frame->index);
      if (changes == loop_changes_.end()) return;
      const std::string_view name = out_.calls[static_cast<std::size_t>(index)].name;
      const bool sends = name.ends_with("::async_write") || name.ends_with("::async_write_some") || name.ends_with("::async_send");
      const auto* member = dyn_cast<CXXMemberCallExpr>(awaited);
      const auto changed = [&](const Stmt* part) { return reads_any(part, changes->second); };
      // An object that takes any number of requests at a time is not what orders them.
      const bool shared = member && unit_.knowledge().type(name, "async-read");
      const auto arguments = awaited->arguments();
      const bool object = member ? !shared && changed(member->getImplicitObjectArgument()) : sends && awaited->getNumArgs() > 0 && changed(awaited->getArg(0));
      if (object || (!sends && std::any_of(arguments.begin(), arguments.end(), changed))) add("carried");
      return;
    }
}

void BodyWalker::await_here(const Expr* e, const Expr* operand, facts::SuspendKind kind, facts::Texts hands_to) {
  const auto known = suspensions_.find(e);
  if (known != suspensions_.end()) {
    auto& old = out_.suspensions[static_cast<std::size_t>(known->second)];
    std::set<int> held(old.held.begin(), old.held.end());
    const std::set<int> given = guards_in(operand);
    for (const int lock : state_.held)
      if (!given.contains(lock)) held.insert(lock);
    old.held.assign(held.begin(), held.end());
    std::set<int> after(old.after.begin(), old.after.end());
    after.insert(state_.after.begin(), state_.after.end());
    old.after.assign(after.begin(), after.end());
    suspended(known->second);
    return;
  }
  facts::Suspension fact;
  fact.place = unit_.place(e->getBeginLoc());
  fact.kind = kind;
  fact.operand = unit_.value_of(operand);
  fact.hands_to = std::move(hands_to);
  if (const auto* awaited = operand ? dyn_cast<CallExpr>(UnitExtractor::peel(operand)) : nullptr) fact.call = lookup(awaited, 0);
  // An awaiter that is given the guard gives the lock back itself.
  const std::set<int> given = guards_in(operand);
  for (const int lock : state_.held)
    if (!given.contains(lock)) fact.held.push_back(lock);
  fact.after.assign(state_.after.begin(), state_.after.end());
  for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame)
    if (!frame->is_switch) {
      fact.loop = frame->index;
      break;
    }
  for (const auto& frame : loops_)
    if (frame.index >= 0) out_.loops[static_cast<std::size_t>(frame.index)].suspends = true;
  const int index = static_cast<int>(out_.suspensions.size());
  out_.suspensions.push_back(std::move(fact));
  suspensions_[e] = index;
  suspended(index);
}

void BodyWalker::await(const CoroutineSuspendExpr* e, facts::Use use, const std::string& stored_in) {
  const bool yields = isa<CoyieldExpr>(e);
  const Expr* operand = e->getOperand();
  const Expr* outer = awaited_;
  awaited_ = yields ? nullptr : UnitExtractor::peel(operand);
  const Expr* common = e->getCommonExpr();
  if (common) expression(common, yields ? facts::Use::other : facts::Use::awaited, -1, yields ? std::string() : stored_in);
  else expression(operand, facts::Use::awaited, -1, stored_in);
  awaited_ = outer;
  if (!yields) note_awaited(operand, use);
  const SourceLocation at = e->getKeywordLoc();
  implicit_call(call_named(e->getReadyExpr(), "await_ready"), "await_ready of the awaited object", at);
  const CallExpr* suspend = call_named(e->getSuspendExpr(), "await_suspend");
  facts::Texts hands_to;
  if (suspend) {
    implicit_call(suspend, "await_suspend of the awaited object", at);
    if (const auto* callee = suspend->getDirectCallee(); callee && unit_.is_user(callee)) hands_to.push_back(facts::node::parameter(unit_.key_of(unit_.definition_of(callee)), 0));
  }
  await_here(e, operand, yields ? facts::SuspendKind::yield : facts::SuspendKind::await, std::move(hands_to));
  out_.suspensions[static_cast<std::size_t>(suspensions_[e])].place = unit_.place(at);
  implicit_call(call_named(e->getResumeExpr(), "await_resume"), "await_resume of the awaited object", at);
}

namespace {

// Whether the expression is one of the variables, or a lambda that captures one.
bool carries(const Expr* e, const std::set<const ValueDecl*>& carriers) {
  e = UnitExtractor::peel(e);
  while (const auto* made = dyn_cast_or_null<CXXConstructExpr>(e)) e = made->getNumArgs() == 1 ? UnitExtractor::peel(made->getArg(0)) : nullptr;
  if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(e)) return carriers.contains(reference->getDecl());
  const auto* lambda = dyn_cast_or_null<LambdaExpr>(e);
  return lambda && std::any_of(lambda->capture_begin(), lambda->capture_end(), [&](const LambdaCapture& one) { return one.capturesVariable() && carriers.contains(one.getCapturedVar()); });
}

const CXXThisExpr* this_in(const Stmt* s) {
  if (!s) return nullptr;
  if (const auto* self = dyn_cast<CXXThisExpr>(s)) return self;
  for (const Stmt* child : s->children())
    if (const auto* found = this_in(child)) return found;
  return nullptr;
}

}  // namespace

// await_suspend(h): once something else has the handle, that may resume the coroutine, and the awaiter is gone with its frame.
// Putting it into a container of the library gives it to nobody yet.
void BodyWalker::note_use_after_hand_over() {
  const auto* body = dyn_cast_or_null<CompoundStmt>(function_->getBody());
  if (!body || !function_->getIdentifier() || function_->getName() != "await_suspend" || function_->getNumParams() == 0) return;
  std::set<const ValueDecl*> carriers{function_->getParamDecl(0)};
  bool given = false;
  for (const Stmt* s : body->body()) {
    // Giving back the handle to go on with is how a coroutine is left for another.
    if (given && this_in(s) && !isa<ReturnStmt>(s)) {
      facts::Access access;
      access.place = unit_.place(s->getBeginLoc());
      access.name = "this";
      access.node = facts::node::trait("handed-over");
      out_.accesses.push_back(std::move(access));
      return;
    }
    if (const auto* declared = dyn_cast<DeclStmt>(s); declared && declared->isSingleDecl())
      if (const auto* v = dyn_cast<VarDecl>(declared->getSingleDecl()); v && v->hasInit() && carries(v->getInit(), carriers)) carriers.insert(v);
    const auto* e = dyn_cast<Expr>(s);
    const auto* call = e ? dyn_cast<CallExpr>(UnitExtractor::peel(e)) : nullptr;
    const auto* callee = call ? call->getDirectCallee() : nullptr;
    given = given || (callee && unit_.is_user(callee) && std::any_of(call->arg_begin(), call->arg_end(), [&](const Expr* one) { return carries(one, carriers); }));
  }
}

}  // namespace concadvise
