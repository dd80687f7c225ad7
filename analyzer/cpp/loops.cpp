// How often a loop runs, and whether it only waits for something to change.
#include <algorithm>

#include "analyzer/cpp/extractor.h"

namespace concadvise {
using namespace clang;
namespace {

std::optional<std::int64_t> constant(const Expr* e, ASTContext& context) {
  Expr::EvalResult result;
  if (!e || e->isValueDependent() || !e->getType()->isIntegralOrEnumerationType() || !e->EvaluateAsInt(result, context, Expr::SE_NoSideEffects)) return std::nullopt;
  return result.Val.getInt().isSigned() ? result.Val.getInt().getSExtValue() : static_cast<std::int64_t>(result.Val.getInt().getZExtValue());
}

template <typename Visit>
void each(const Stmt* s, Visit visit) {
  if (!s || isa<LambdaExpr>(s)) return;
  visit(s);
  for (const Stmt* child : s->children()) each(child, visit);
}

const ValueDecl* named(const Expr* e) {
  e = UnitExtractor::peel(e);
  if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(e)) return reference->getDecl();
  if (const auto* member = dyn_cast_or_null<MemberExpr>(e)) return member->getMemberDecl();
  return nullptr;
}

// Gives an element of a container, which is not changed by that.
bool takes_element(const CXXMethodDecl* method) {
  static const std::set<llvm::StringRef> names = {"at", "front", "back", "begin", "end", "data"};
  return method && (method->getOverloadedOperator() == OO_Subscript || (method->getIdentifier() && names.contains(method->getName())));
}

// The object that an atomic load looks at: `atomic_load(&x->done)`.
const Expr* loaded(const Stmt* s) {
  const auto* atomic = dyn_cast<AtomicExpr>(s);
  if (!atomic || !llvm::StringRef(atomic->getOpAsString()).contains("load")) return nullptr;
  return UnitExtractor::peel(atomic->getPtr());
}

// Variables that the statement may change.
void changed(const Stmt* s, std::unordered_set<const ValueDecl*>& out, bool by_element = true) {
  std::unordered_set<const Stmt*> only_read;
  each(s, [&](const Stmt* one) {
    if (const Expr* object = loaded(one)) only_read.insert(object);
    if (only_read.contains(one)) return;
    const ValueDecl* target = nullptr;
    if (const auto* op = dyn_cast<BinaryOperator>(one); op && op->isAssignmentOp()) target = named(op->getLHS());
    else if (const auto* step = dyn_cast<UnaryOperator>(one); step && (step->isIncrementDecrementOp() || step->getOpcode() == UO_AddrOf)) target = named(step->getSubExpr());
    else if (const auto* member = dyn_cast<CXXMemberCallExpr>(one)) {
      const auto* method = member->getMethodDecl();
      if (method && !method->isConst() && (by_element || !takes_element(method))) target = named(member->getImplicitObjectArgument());
    } else if (const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(one)) {
      const auto* method = dyn_cast_or_null<CXXMethodDecl>(overloaded->getDirectCallee());
      if (method && !method->isConst() && (by_element || !takes_element(method)) && overloaded->getNumArgs() > 0) target = named(overloaded->getArg(0));
    }
    if (target) out.insert(target);
    if (const auto* call = dyn_cast<CallExpr>(one))
      if (const auto* callee = call->getDirectCallee())
        for (unsigned i = 0; i < std::min(callee->getNumParams(), call->getNumArgs()); ++i) {
          const QualType type = callee->getParamDecl(i)->getType();
          if (type->isLValueReferenceType() && !type->getPointeeType().isConstQualified())
            if (const auto* given = named(call->getArg(i))) out.insert(given);
        }
  });
}

bool declares_guards(const Stmt* s, const UnitExtractor& unit) {
  const auto* declared = dyn_cast<DeclStmt>(s);
  return declared && std::all_of(declared->decl_begin(), declared->decl_end(), [&](const Decl* one) {
    const auto* v = dyn_cast<VarDecl>(one);
    const auto* row = v ? unit.knowledge().lock(unit.type_name(v->getType())) : nullptr;
    return row && row->kind == "guard";
  });
}

// A function that only gives what some state is, under a lock or not: `return atomic_load(&p->done);`.
bool is_accessor(const FunctionDecl* function, const UnitExtractor& unit) {
  const FunctionDecl* definition = nullptr;
  if (!function || !function->isDefined(definition)) return false;
  const auto* body = dyn_cast_or_null<CompoundStmt>(definition->getBody());
  const auto* result = body && !body->body_empty() ? dyn_cast<ReturnStmt>(body->body_back()) : nullptr;
  if (!result || !result->getRetValue() || !std::all_of(body->body_begin(), body->body_end() - 1, [&](const Stmt* s) { return declares_guards(s, unit); })) return false;
  std::unordered_set<const ValueDecl*> written;
  changed(result, written);
  bool looks = false;
  bool only = written.empty();
  each(result, [&](const Stmt* one) {
    if (isa<MemberExpr, AtomicExpr>(one)) looks = true;
    const auto* variable = dyn_cast<DeclRefExpr>(one);
    if (variable && isa<VarDecl>(variable->getDecl()) && cast<VarDecl>(variable->getDecl())->hasGlobalStorage()) looks = true;
    const auto* call = dyn_cast<CallExpr>(one);
    const auto* method = call ? dyn_cast_or_null<CXXMethodDecl>(call->getDirectCallee()) : nullptr;
    if (call && (!method || !method->isConst())) only = false;
  });
  return looks && only;
}

bool spins_only(const Stmt* body) {
  static const std::set<llvm::StringRef> pauses = {"yield", "sched_yield", "_mm_pause", "__builtin_ia32_pause", "pause", "cpu_relax"};
  bool only = true;
  each(body, [&](const Stmt* one) {
    if (isa<CompoundStmt, NullStmt, ImplicitCastExpr, DeclRefExpr, ParenExpr, GCCAsmStmt>(one)) return;
    const auto* call = dyn_cast<CallExpr>(one);
    const auto* callee = call ? call->getDirectCallee() : nullptr;
    if (!callee || !callee->getIdentifier() || !pauses.contains(callee->getName())) only = false;
  });
  return only;
}

}  // namespace

namespace {

// A number of eight bits ends a loop after 255 rounds, whatever it is.
bool is_byte(const Expr* e, const ASTContext& context) {
  const Expr* bare = e ? UnitExtractor::peel(e) : nullptr;
  return bare && bare->getType()->isIntegerType() && !bare->getType()->isBooleanType() && context.getTypeSize(bare->getType()) == 8;
}

constexpr std::int64_t kByteTrips = 255;

}  // namespace

void BodyWalker::bound_of(const Expr* e, facts::Loop& loop) {
  loop.bound = facts::Bound::condition;
  if (!e) {
    loop.bound = facts::Bound::endless;
    return;
  }
  const Expr* bare = UnitExtractor::peel(e);
  bool value = false;
  if (!bare->isValueDependent() && bare->EvaluateAsBooleanCondition(value, unit_.context())) {
    loop.bound = value ? facts::Bound::endless : facts::Bound::constant;
    loop.trips = value ? -1 : 1;
    return;
  }
  const auto* op = dyn_cast<BinaryOperator>(bare);
  if (op && op->isRelationalOp()) {
    loop.bound = facts::Bound::value;
    loop.over = unit_.value_of(op->getRHS());
  }
}

void BodyWalker::bound_of(const ForStmt* s, facts::Loop& loop) {
  bound_of(s->getCond(), loop);
  const auto* op = s->getCond() ? dyn_cast<BinaryOperator>(UnitExtractor::peel(s->getCond())) : nullptr;
  if (!op || !(op->isRelationalOp() || op->getOpcode() == BO_NE)) return;
  auto& context = unit_.context();
  const Expr* limit = op->getRHS();
  std::optional<std::int64_t> first;
  const ValueDecl* counter = named(op->getLHS());
  if (const auto* declared = dyn_cast_or_null<DeclStmt>(s->getInit()); declared && declared->isSingleDecl())
    if (const auto* v = dyn_cast<VarDecl>(declared->getSingleDecl()); v && v->hasInit()) {
      first = constant(v->getInit(), context);
      if (v != counter && named(op->getRHS()) == v) limit = op->getLHS();
    }
  if (counter && counter->getType()->isRecordType()) {
    loop.bound = facts::Bound::collection;  // iterators
    return;
  }
  loop.over = unit_.value_of(limit);
  if (const auto* counted = dyn_cast<CXXMemberCallExpr>(UnitExtractor::peel(limit)); counted && counted->getMethodDecl() && counted->getMethodDecl()->getIdentifier())
    loop.over.spelling = counted->getMethodDecl()->getName().str() + "()";
  loop.bound = facts::Bound::value;
  if (is_byte(limit, context)) {
    loop.bound = facts::Bound::constant;
    loop.trips = kByteTrips;
    return;
  }
  const auto last = constant(limit, context);
  if (!last || !first) return;
  loop.bound = facts::Bound::constant;
  loop.trips = std::max<std::int64_t>(1, *last > *first ? *last - *first : *first - *last);
  const Expr* increment = s->getInc() ? UnitExtractor::peel(s->getInc()) : nullptr;
  if (const auto* step = dyn_cast_or_null<CompoundAssignOperator>(increment)) {
    const auto by = constant(step->getRHS(), context);
    if (step->getOpcode() == BO_AddAssign || step->getOpcode() == BO_SubAssign) loop.trips /= std::max<std::int64_t>(1, by.value_or(1));
    else loop.trips = 64;  // multiplied or shifted: as many as bits
  }
}

void BodyWalker::bound_of_range(const Expr* range, facts::Loop& loop) {
  loop.bound = facts::Bound::collection;
  if (!range) return;
  loop.over = unit_.value_of(range);
  const Expr* bare = UnitExtractor::peel(range);
  if (loop.over.elements) {
    loop.bound = facts::Bound::constant;
    loop.trips = *loop.over.elements;
  } else if (const auto* list = dyn_cast<InitListExpr>(bare)) {
    loop.bound = facts::Bound::constant;
    loop.trips = list->getNumInits();
  } else if (const auto* std_list = dyn_cast<CXXStdInitializerListExpr>(bare)) {
    const auto* inner = dyn_cast<InitListExpr>(UnitExtractor::peel(std_list->getSubExpr()));
    loop.bound = facts::Bound::constant;
    loop.trips = inner ? inner->getNumInits() : 4;
  } else if (loop.over.type == "std::array") {
    const auto* record = dyn_cast_or_null<ClassTemplateSpecializationDecl>(range->getType().getNonReferenceType()->getAsCXXRecordDecl());
    if (record && record->getTemplateArgs().size() == 2 && record->getTemplateArgs()[1].getKind() == TemplateArgument::Integral) {
      loop.bound = facts::Bound::constant;
      loop.trips = record->getTemplateArgs()[1].getAsIntegral().getExtValue();
    }
  } else if (const auto* made = dyn_cast<CallExpr>(bare)) {
    const std::string name = made->getDirectCallee() ? unit_.name_of(made->getDirectCallee()) : std::string();
    if (loop.over.type == "std::ranges::iota_view" && made->getNumArgs() >= 2) {
      const auto from = constant(made->getArg(made->getNumArgs() - 2), unit_.context());
      const auto to = constant(made->getArg(made->getNumArgs() - 1), unit_.context());
      loop.bound = from && to ? facts::Bound::constant : facts::Bound::value;
      if (from && to) loop.trips = *to - *from;
    }
  }
}

// `std::for_each(list.begin(), list.end(), [](auto& one) { ... })`: the lambda's body is that of a loop over the list. With an
// execution policy it is a task of a pool.
void BodyWalker::give_each_item(const CallExpr* e, const facts::Call& fact) {
  if (fact.arguments.size() < 2 || std::none_of(e->arg_begin(), e->arg_end(), [](const Expr* one) { return isa<LambdaExpr>(UnitExtractor::peel(one)); })) return;
  if (!unit_.knowledge().type(fact.name, "each-item") || fact.arguments.front().type.find("execution::") != std::string::npos) return;
  const unsigned first = e->getNumArgs() - static_cast<unsigned>(fact.arguments.size());
  const Expr* range = UnitExtractor::peel(e->getArg(first));
  static const std::set<llvm::StringRef> begins = {"begin", "cbegin", "rbegin", "crbegin"};
  const auto* begin = dyn_cast<CallExpr>(range);
  const auto* callee = begin ? begin->getDirectCallee() : nullptr;
  if (callee && callee->getIdentifier() && begins.contains(callee->getName())) {
    const auto* member = dyn_cast<CXXMemberCallExpr>(begin);
    range = UnitExtractor::peel(member ? member->getImplicitObjectArgument() : begin->getArg(0));
  }
  for (unsigned i = first + 1; i < e->getNumArgs(); ++i) {
    const auto* lambda = dyn_cast<LambdaExpr>(UnitExtractor::peel(e->getArg(i)));
    if (!lambda) continue;
    facts::Loop loop;
    loop.place = fact.place;
    loop.end_line = unit_.place(lambda->getEndLoc()).line;
    bound_of_range(range, loop);
    unit_.runs_for_each(lambda, std::move(loop));
  }
}

// Whether the body counts what the condition compares: `while (i < n) { ...; ++i; }`.
bool BodyWalker::steps(const Expr* e, const Stmt* body) const {
  const auto* op = dyn_cast_or_null<BinaryOperator>(UnitExtractor::peel(e));
  const ValueDecl* counter = op ? named(op->getLHS()) : nullptr;
  bool found = false;
  each(body, [&](const Stmt* one) {
    if (const auto* step = dyn_cast<UnaryOperator>(one); step && step->isIncrementDecrementOp()) found = found || (counter && named(step->getSubExpr()) == counter);
    if (const auto* add = dyn_cast<CompoundAssignOperator>(one)) found = found || (counter && named(add->getLHS()) == counter);
  });
  return found;
}

namespace {

// Variables that the statement counts up or down, and those that it sets.
void stepped_and_set(const Stmt* s, std::unordered_set<const ValueDecl*>& stepped, std::unordered_set<const ValueDecl*>& set) {
  each(s, [&](const Stmt* one) {
    if (const auto* step = dyn_cast<UnaryOperator>(one); step && step->isIncrementDecrementOp()) stepped.insert(named(step->getSubExpr()));
    if (const auto* op = dyn_cast<BinaryOperator>(one); op && op->isAssignmentOp())
      (op->getOpcode() == BO_AddAssign || op->getOpcode() == BO_SubAssign ? stepped : set).insert(named(op->getLHS()));
    const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(one);
    if (!overloaded || overloaded->getNumArgs() == 0) return;
    const auto kind = overloaded->getOperator();
    if (kind == OO_PlusPlus || kind == OO_MinusMinus || kind == OO_PlusEqual || kind == OO_MinusEqual) stepped.insert(named(overloaded->getArg(0)));
    else if (kind == OO_Equal) set.insert(named(overloaded->getArg(0)));
  });
}

}  // namespace

// `while (at != end) { while (at != end && is_digit(*at)) ++at; ... }` goes over its range once: no loop in a loop.
bool BodyWalker::advances_outer(const Stmt* s) const {
  std::unordered_set<const ValueDecl*> stepped;
  std::unordered_set<const ValueDecl*> ignored;
  for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame) {
    const auto parts = frame->is_switch ? loop_parts_.end() : loop_parts_.find(frame->index);
    if (parts == loop_parts_.end() || !parts->second.first) continue;
    if (stepped.empty()) stepped_and_set(s, stepped, ignored);
    std::unordered_set<const ValueDecl*> outer;
    std::unordered_set<const ValueDecl*> set;
    stepped_and_set(parts->second.second, outer, set);
    bool shares = false;
    each(parts->second.first, [&](const Stmt* one) {
      const auto* e = dyn_cast<Expr>(one);
      const ValueDecl* read = e && isa<DeclRefExpr, MemberExpr>(one) ? named(e) : nullptr;
      // A flag or an error that ends an iteration is no place in a range.
      if (!read || read->getType()->isBooleanType() || read->getType()->isFloatingType()) return;
      shares = shares || (stepped.contains(read) && !set.contains(read));
    });
    if (shares) return true;
  }
  return false;
}

void BodyWalker::note_changes(const Stmt* s, int loop) {
  if (out_.kind != facts::FunctionKind::coroutine) return;
  auto& variables = loop_changes_[loop];
  changed(s, variables, false);
  // Who stores into an element changes the container.
  each(s, [&](const Stmt* one) {
    const auto* op = dyn_cast<BinaryOperator>(one);
    const auto* step = dyn_cast<UnaryOperator>(one);
    const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(one);
    const Stmt* target = op && op->isAssignmentOp() ? op->getLHS() : step && step->isIncrementDecrementOp() ? step->getSubExpr() : nullptr;
    if (overloaded && overloaded->isAssignmentOp() && overloaded->getNumArgs() > 0) target = overloaded->getArg(0);
    each(target, [&](const Stmt* part) {
      const auto* e = dyn_cast<Expr>(part);
      if (const ValueDecl* stored = e && isa<DeclRefExpr, MemberExpr>(part) ? named(e) : nullptr) variables.insert(stored);
    });
  });
  const auto& sources = unit_.context().getSourceManager();
  std::erase_if(variables, [&](const ValueDecl* v) {
    // What is declared in it is new in each round, or counts the rounds.
    return isa<VarDecl, BindingDecl>(v) && sources.isPointWithin(v->getLocation(), s->getBeginLoc(), s->getEndLoc());
  });
}

bool BodyWalker::reads_any(const Stmt* s, const std::unordered_set<const ValueDecl*>& variables) {
  bool found = false;
  each(s, [&](const Stmt* one) {
    if (const auto* e = dyn_cast<Expr>(one); e && isa<DeclRefExpr, MemberExpr>(one)) found = found || variables.contains(named(e));
  });
  return found;
}

namespace {

bool only_calls(const Stmt* s) {
  bool calls = false;
  std::unordered_set<const ValueDecl*> written;
  changed(s, written);
  each(s, [&](const Stmt* one) { calls = calls || isa<CallExpr>(one); });
  return calls && std::all_of(written.begin(), written.end(), [](const ValueDecl* v) { return isa<FieldDecl>(v) && v->getType()->isRecordType(); });  // `timer_.expires_after(...)`
}

}  // namespace

// Nothing but a look at some state that decides whether a call is made: no variable is changed, but in the other branch, where
// the looking has come to its end.
bool BodyWalker::only_rearms(const Stmt* body) const {
  bool looks = false;
  bool changes = false;
  std::unordered_set<const Stmt*> at_the_end;
  each(body, [&](const Stmt* one) {
    if (changes || at_the_end.contains(one)) return;
    if (const auto* choice = dyn_cast<IfStmt>(one); choice && choice->getElse())
      for (const auto& [again, other] : {std::pair{choice->getThen(), choice->getElse()}, std::pair{choice->getElse(), choice->getThen()}})
        if (only_calls(again)) {
          each(other, [&](const Stmt* part) { at_the_end.insert(part); });
          break;
        }
    const auto* op = dyn_cast<BinaryOperator>(one);
    const auto* step = dyn_cast<UnaryOperator>(one);
    if (isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, SwitchStmt, CXXThrowExpr>(one) || (op && op->isAssignmentOp()) || (step && step->isIncrementDecrementOp())) changes = true;
    const auto* test = dyn_cast<IfStmt>(one);
    if (test) each(test->getCond(), [&](const Stmt* part) {
      const auto* call = dyn_cast<CallExpr>(part);
      const auto* method = call ? dyn_cast_or_null<CXXMethodDecl>(call->getDirectCallee()) : nullptr;
      if (call && (!method || !method->isConst() || call->getNumArgs() > (isa<CXXOperatorCallExpr>(call) ? 1U : 0U))) changes = true;
      const auto* e = dyn_cast<Expr>(part);
      const ValueDecl* read = e && isa<DeclRefExpr, MemberExpr>(part) ? named(e) : nullptr;
      const auto* v = dyn_cast_or_null<VarDecl>(read);
      if (isa_and_nonnull<FieldDecl>(read) || (v && !isa<ParmVarDecl>(v))) looks = true;
    });
  });
  return looks && !changes;
}

// The condition reads state that nothing in the loop changes. A coroutine that counts or stores something in each round is
// not only waiting.
bool BodyWalker::polls(const Expr* e, const Stmt* body) const {
  bool awaits = false;
  bool stores = false;
  each(body, [&](const Stmt* one) {
    const auto* op = dyn_cast<BinaryOperator>(one);
    const auto* step = dyn_cast<UnaryOperator>(one);
    if (isa<CoawaitExpr, DependentCoawaitExpr>(one)) awaits = true;
    if ((op && op->isAssignmentOp()) || (step && step->isIncrementDecrementOp())) stores = true;
  });
  if (awaits && stores) return false;
  std::unordered_set<const ValueDecl*> modified;
  changed(body, modified);
  changed(e, modified);
  bool reads = false;
  bool only = true;
  each(e, [&](const Stmt* one) {
    if (const auto* call = dyn_cast<CallExpr>(one)) {
      const auto* method = dyn_cast_or_null<CXXMethodDecl>(call->getDirectCallee());
      const bool look = method && method->isConst() && call->getNumArgs() <= 1 + (isa<CXXOperatorCallExpr>(call) ? 1U : 0U);
      if (!look && !(call->getNumArgs() <= 1 && is_accessor(call->getDirectCallee(), unit_))) only = false;
      else reads = true;
      return;
    }
    if (const auto* op = dyn_cast<BinaryOperator>(one); op && op->isAssignmentOp()) only = false;
    const auto* expression = dyn_cast<Expr>(one);
    const ValueDecl* read = expression && isa<DeclRefExpr, MemberExpr>(one) ? named(expression) : nullptr;
    if (!read || isa<FunctionDecl, EnumConstantDecl>(read)) return;
    if (modified.contains(read)) only = false;
    if (read->getType().isConstQualified() && !read->getType()->isReferenceType()) return;
    reads = true;
  });
  return reads && only;
}

// An endless loop that does nothing but look whether it may leave, with pauses and locks around that.
bool BodyWalker::only_looks(const Stmt* part, const Stmt* body, bool& looks) const {
  if (const auto* block = dyn_cast<CompoundStmt>(part))
    return std::all_of(block->body_begin(), block->body_end(), [&](const Stmt* one) { return only_looks(one, body, looks); });
  if (const auto* test = dyn_cast<IfStmt>(part)) {
    const Stmt* then = test->getThen();
    if (const auto* block = dyn_cast<CompoundStmt>(then); block && block->size() == 1) then = block->body_front();
    if (test->getElse() || test->getInit() || test->hasVarStorage() || !isa<BreakStmt, ReturnStmt>(then) || !polls(test->getCond(), body)) return false;
    return looks = true;
  }
  if (isa<DeclStmt>(part)) return declares_guards(part, unit_);
  const auto* e = dyn_cast<Expr>(part);
  const auto* call = e ? dyn_cast<CallExpr>(UnitExtractor::peel(e)) : nullptr;
  const auto* callee = call ? call->getDirectCallee() : nullptr;
  if (!callee || !callee->getIdentifier()) return isa<NullStmt>(part);
  const auto* row = unit_.knowledge().effect(unit_.name_of(callee));
  return (row && (row->effect == "sleep" || row->tier == Tier::lock)) || callee->getName() == "yield" || callee->getName() == "sched_yield" || callee->getName() == "unlock";
}

bool BodyWalker::busy_waits(const Expr* e, const Stmt* body) const {
  if (!e || !spins_only(body)) return false;
  if (polls(e, body)) return true;
  // A wait with a zero timeout, over and over.
  bool zero_wait = false;
  each(e, [&](const Stmt* one) {
    const auto* call = dyn_cast<CXXMemberCallExpr>(one);
    const auto* method = call ? call->getMethodDecl() : nullptr;
    if (method && method->getIdentifier() && (method->getName() == "wait_for" || method->getName() == "valid" || method->getName() == "is_ready")) zero_wait = true;
  });
  return zero_wait;
}

}  // namespace concadvise
