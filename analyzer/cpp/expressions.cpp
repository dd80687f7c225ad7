// Expressions in the order in which they run, and the calls that they make, written or implied.
#include <algorithm>
#include <cerrno>

#include "analyzer/cpp/extractor.h"
#include "clang/Lex/Lexer.h"

namespace concadvise {
using namespace clang;

int BodyWalker::lookup(const void* where, int part) const {
  const auto known = calls_.find({where, part});
  return known == calls_.end() ? -1 : known->second;
}

// A call that was met before (in a loop's first walk) only learns of further ways that lead to it.
int BodyWalker::record(const void* where, int part, facts::Call fact) {
  std::vector<int> held(state_.held.begin(), state_.held.end());
  std::vector<int> after(state_.after.begin(), state_.after.end());
  if (const int known = lookup(where, part); known >= 0) {
    auto& old = out_.calls[static_cast<std::size_t>(known)];
    const auto merge = [](std::vector<int>& into, const std::vector<int>& more) {
      std::vector<int> both;
      std::set_union(into.begin(), into.end(), more.begin(), more.end(), std::back_inserter(both));
      into = std::move(both);
    };
    merge(old.held, held);
    merge(old.after, after);
    return known;
  }
  fact.held = std::move(held);
  fact.after = std::move(after);
  for (auto frame = loops_.rbegin(); frame != loops_.rend(); ++frame)
    if (!frame->is_switch) {
      fact.loop = frame->index;
      break;
    }
  if (!implicit_.empty() && fact.implicit.empty()) {
    fact.implicit = implicit_;
    fact.place = unit_.place(implicit_at_);
  }
  if (unconditional_ > 0) fact.guards.emplace_back("branch");
  for (const auto& way : ways_) fact.guards.emplace_back(way);
  if (limited_ > 0) fact.guards.emplace_back("limited");
  if (once_ > 0) fact.guards.emplace_back("once");
  if (fact.end_line == 0) fact.end_line = fact.place.line;
  const int index = static_cast<int>(out_.calls.size());
  out_.calls.push_back(std::move(fact));
  calls_[{where, part}] = index;
  return index;
}

void BodyWalker::children(const Expr* e) {
  for (const Stmt* child : e->children())
    if (const auto* inner = dyn_cast_or_null<Expr>(child)) expression(inner);
    else if (child) statement(child);
}

namespace {

constexpr const char* kExpectsWouldBlock = "expects-would-block";

}  // namespace

// Code that asks for EAGAIN and the like works with descriptors that do not block.
void BodyWalker::expects_would_block() {
  if (std::find(out_.attributes.begin(), out_.attributes.end(), kExpectsWouldBlock) == out_.attributes.end()) out_.attributes.emplace_back(kExpectsWouldBlock);
}

void BodyWalker::note_error_number(const IntegerLiteral* e) {
  if (!e->getLocation().isMacroID() || (e->getValue() != EAGAIN && e->getValue() != EINPROGRESS)) return;
  const auto& context = unit_.context();
  SourceLocation at = e->getLocation();
  for (int depth = 0; depth < 3 && at.isMacroID(); ++depth) {
    const llvm::StringRef name = Lexer::getImmediateMacroName(at, context.getSourceManager(), context.getLangOpts());
    if (name == "EAGAIN" || name == "EWOULDBLOCK" || name == "EINPROGRESS") return expects_would_block();
    at = context.getSourceManager().getImmediateMacroCallerLoc(at);
  }
}

void BodyWalker::note_use(const DeclRefExpr* e) {
  if (const auto* named = dyn_cast<EnumConstantDecl>(e->getDecl())) {
    static const std::set<llvm::StringRef> codes = {"would_block", "try_again", "in_progress", "operation_would_block", "resource_unavailable_try_again", "operation_in_progress"};
    if (codes.contains(named->getName())) expects_would_block();
    return;
  }
  const auto* v = dyn_cast<VarDecl>(e->getDecl());
  if (!v) return;
  state_.emptied.erase(v);
  const bool suspended = std::any_of(state_.after.begin(), state_.after.end(), [](int s) { return s >= 0; });
  if (const auto* parameter = dyn_cast<ParmVarDecl>(v); parameter && parameter->getDeclContext() == function_) {
    auto& fact = out_.parameters[std::min<std::size_t>(parameter->getFunctionScopeIndex(), out_.parameters.size() - 1)];
    if (suspended && fact.used_after_suspension.line == 0) fact.used_after_suspension = unit_.place(e->getBeginLoc());
  } else if (e->refersToEnclosingVariableOrCapture() && suspended) {
    for (auto& capture : out_.captures)
      if (capture.used_after_suspension.line == 0 && capture.name == v->getNameAsString()) capture.used_after_suspension = unit_.place(e->getBeginLoc());
  }
  const auto alias = thread_local_aliases_.find(v);
  const VarDecl* accessed = alias == thread_local_aliases_.end() ? v : alias->second;
  if (accessed->getTLSKind() != VarDecl::TLS_None) {
    facts::Access access;
    access.place = unit_.place(e->getBeginLoc());
    access.node = unit_.node_of(accessed);
    access.name = accessed->getNameAsString();
    access.thread_local_storage = true;
    access.after.assign(state_.after.begin(), state_.after.end());
    out_.accesses.push_back(std::move(access));
  }
}

namespace {

// What is known of a temporary where no variable has it.
facts::Text trait_among(const facts::Texts& sources) {
  const auto at = std::find_if(sources.begin(), sources.end(), [](const facts::Text& source) { return source.starts_with("trait:"); });
  return at == sources.end() ? facts::Text() : *at;
}

}  // namespace

namespace {

bool is_element(const Expr* e) {
  e = UnitExtractor::peel(e);
  const auto* op = dyn_cast_or_null<CXXOperatorCallExpr>(e);
  return isa_and_nonnull<ArraySubscriptExpr>(e) || (op && op->getOperator() == OO_Subscript);
}

// Elements compared with each other, the work of a loop over pairs; and arithmetic by overloaded operators.
bool computes(const Expr* e) {
  if (const auto* op = dyn_cast<BinaryOperator>(e)) return op->isComparisonOp() && is_element(op->getLHS()) && is_element(op->getRHS());
  const auto* op = dyn_cast<CXXOperatorCallExpr>(e);
  if (op && op->getOperator() == OO_Star && op->getNumArgs() == 2) return true;  // products of numbers that are classes
  return op && op->isComparisonOp() && op->getNumArgs() == 2 && is_element(op->getArg(0)) && is_element(op->getArg(1));
}

}  // namespace

void BodyWalker::expression(const Expr* e, facts::Use use, int passed_to, const std::string& stored_in) {
  if (!e) return;
  if (const Expr* closure = UnitExtractor::closure_of_pointer(e)) return expression(closure, use, passed_to, stored_in);
  switch (e->getStmtClass()) {
    case Stmt::UnaryExprOrTypeTraitExprClass:
    case Stmt::CXXNoexceptExprClass:
    case Stmt::RequiresExprClass:
    case Stmt::ConceptSpecializationExprClass:
    case Stmt::TypeTraitExprClass:
    case Stmt::CXXTypeidExprClass:
    case Stmt::OpaqueValueExprClass:
    case Stmt::SizeOfPackExprClass: return;
    case Stmt::LambdaExprClass: return lambda(cast<LambdaExpr>(e));
    case Stmt::DeclRefExprClass: return note_use(cast<DeclRefExpr>(e));
    case Stmt::IntegerLiteralClass: return note_error_number(cast<IntegerLiteral>(e));
    case Stmt::CXXThisExprClass: {
      const bool suspended = std::any_of(state_.after.begin(), state_.after.end(), [](int s) { return s >= 0; });
      for (auto& capture : out_.captures)
        if (capture.is_this && suspended && capture.used_after_suspension.line == 0) capture.used_after_suspension = unit_.place(e->getBeginLoc());
      return;
    }
    case Stmt::CXXDefaultArgExprClass: {
      const std::string outer = implicit_;
      const SourceLocation at = implicit_at_;
      if (implicit_.empty()) {
        implicit_ = "a default argument";
        implicit_at_ = cast<CXXDefaultArgExpr>(e)->getUsedLocation();
      }
      expression(cast<CXXDefaultArgExpr>(e)->getExpr(), use, passed_to, stored_in);
      implicit_ = outer;
      implicit_at_ = at;
      return;
    }
    case Stmt::CXXDefaultInitExprClass: {
      const std::string outer = implicit_;
      const SourceLocation at = implicit_at_;
      if (implicit_.empty()) {
        implicit_ = "a default member initializer";
        implicit_at_ = cast<CXXDefaultInitExpr>(e)->getUsedLocation();
      }
      expression(cast<CXXDefaultInitExpr>(e)->getExpr(), facts::Use::stored);
      implicit_ = outer;
      implicit_at_ = at;
      return;
    }
    case Stmt::CoawaitExprClass:
    case Stmt::CoyieldExprClass: return await(cast<CoroutineSuspendExpr>(e), use, stored_in);
    case Stmt::DependentCoawaitExprClass: {
      const auto* wait = cast<DependentCoawaitExpr>(e);
      awaited_ = UnitExtractor::peel(wait->getOperand());
      expression(wait->getOperand(), facts::Use::awaited);
      return await_here(e, wait->getOperand(), facts::SuspendKind::await, {});
    }
    case Stmt::ParenExprClass: return expression(cast<ParenExpr>(e)->getSubExpr(), use, passed_to, stored_in);
    case Stmt::ExprWithCleanupsClass: return expression(cast<ExprWithCleanups>(e)->getSubExpr(), use, passed_to, stored_in);
    case Stmt::ConstantExprClass: return;
    case Stmt::MaterializeTemporaryExprClass: {
      const auto* made = cast<MaterializeTemporaryExpr>(e);
      expression(made->getSubExpr(), use, passed_to, stored_in);
      if (made->getStorageDuration() == SD_FullExpression && isa<CXXBindTemporaryExpr>(made->getSubExpr()->IgnoreImpCasts()) && use != facts::Use::awaited)
        destroys(made->getType(), made, made->getBeginLoc(), "destructor of a temporary", {});
      return;
    }
    case Stmt::CXXBindTemporaryExprClass:
      expression(cast<CXXBindTemporaryExpr>(e)->getSubExpr(), use, passed_to, stored_in);
      if (use == facts::Use::dropped || use == facts::Use::voided) destroys(e->getType(), e, e->getBeginLoc(), "destructor of the dropped result", trait_among(unit_.sources_of(e)));
      return;
    case Stmt::ConditionalOperatorClass: {
      const auto* choice = cast<ConditionalOperator>(e);
      const Branches ways = condition(choice->getCond());
      ++unconditional_;
      state_ = ways.yes;
      expression(choice->getTrueExpr(), use, passed_to, stored_in);
      FlowState after = state_;
      state_ = ways.no;
      expression(choice->getFalseExpr(), use, passed_to, stored_in);
      --unconditional_;
      after.join(state_);
      state_ = after;
      return;
    }
    default: break;
  }
  if (const auto* cast_expr = dyn_cast<CastExpr>(e)) {
    const bool dropped = cast_expr->getCastKind() == CK_ToVoid;
    if (const auto* converted = dyn_cast<ExplicitCastExpr>(e); converted && converted->getSubExpr() && !dropped) return expression(converted->getSubExpr(), use == facts::Use::dropped ? facts::Use::voided : use, passed_to, stored_in);
    return expression(cast_expr->getSubExpr(), dropped ? facts::Use::voided : use, passed_to, stored_in);
  }
  if (computes(e))
    for (auto& frame : loops_)
      if (frame.index >= 0) out_.loops[static_cast<std::size_t>(frame.index)].arithmetic = true;
  if (const auto* made = dyn_cast<CallExpr>(e)) {
    call(made, use, passed_to, stored_in);
    return;
  }
  if (const auto* built = dyn_cast<CXXConstructExpr>(e)) return construct(built, use, passed_to, stored_in);
  if (const auto* op = dyn_cast<BinaryOperator>(e)) {
    if (op->isLogicalOp()) {
      const Branches ways = condition(e);
      state_ = ways.yes;
      state_.join(ways.no);
      return;
    }
    for (auto& frame : loops_)
      if (frame.index >= 0 && op->getType()->isArithmeticType() && (op->isAdditiveOp() || op->isMultiplicativeOp() || op->isShiftOp() || op->isBitwiseOp() || op->isCompoundAssignmentOp()))
        out_.loops[static_cast<std::size_t>(frame.index)].arithmetic = true;
    if (op->isAssignmentOp()) {
      const Expr* target = UnitExtractor::peel(op->getLHS());
      expression(op->getLHS());
      std::string node;
      if (const auto* reference = dyn_cast<DeclRefExpr>(target)) node = unit_.node_of(reference->getDecl());
      else if (const auto* member = dyn_cast<MemberExpr>(target)) node = unit_.node_of(member->getMemberDecl());
      else if (auto sources = unit_.sources_of(target); !sources.empty()) node = sources.front();
      expression(op->getRHS(), facts::Use::stored, -1, node);
      unit_.flow(unit_.sources_of(op->getRHS()), node);
      if (op->getOpcode() == BO_OrAssign) {
        facts::Texts bits;
        unit_.collect_bits(op->getRHS(), bits);
        unit_.flow(bits, node);
      }
      return;
    }
    if (op->getOpcode() == BO_Comma) {
      expression(op->getLHS(), facts::Use::dropped);
      return expression(op->getRHS(), use, passed_to, stored_in);
    }
  }
  if (const auto* member = dyn_cast<MemberExpr>(e)) return expression(member->getBase(), facts::Use::chained);
  if (const auto* allocated = dyn_cast<CXXNewExpr>(e)) {
    for (const Stmt* child : e->children())
      if (const auto* inner = dyn_cast_or_null<Expr>(child)) expression(inner, inner == allocated->getInitializer() ? use : facts::Use::other, passed_to, stored_in);
    return;
  }
  if (const auto* released = dyn_cast<CXXDeleteExpr>(e)) {
    children(e);
    if (!released->getDestroyedType().isNull()) destroys(released->getDestroyedType(), e, e->getBeginLoc(), "destructor run by delete", {}, 1, true);
    return;
  }
  if (const auto* list = dyn_cast<InitListExpr>(e)) {
    for (const Expr* one : (list->isSemanticForm() || !list->getSemanticForm() ? list : list->getSemanticForm())->inits()) expression(one, use == facts::Use::awaited ? facts::Use::stored : use, passed_to, stored_in);
    // Fields of an aggregate get what initializes them.
    if (const auto* record = list->getType()->getAsCXXRecordDecl(); record && record->hasDefinition() && unit_.is_user(record)) {
      unsigned i = record->getDefinition()->getNumBases();
      for (const auto* field : record->getDefinition()->fields()) {
        if (i >= list->getNumInits()) break;
        unit_.flow(unit_.sources_of(list->getInit(i++)), unit_.node_of(field));
      }
    }
    return;
  }
  children(e);
}

void BodyWalker::lambda(const LambdaExpr* e) {
  for (unsigned i = 0; i < e->capture_size(); ++i) {
    const auto& capture = *(e->capture_begin() + i);
    const Expr* init = *(e->capture_init_begin() + i);
    if (!init) continue;
    if (e->isInitCapture(&capture)) {
      const auto* v = cast<VarDecl>(capture.getCapturedVar());
      expression(init, facts::Use::stored, -1, unit_.node_of(v));
      unit_.flow(unit_.sources_of(init), unit_.node_of(v));
    } else {
      expression(init);
    }
  }
  unit_.add_lambda(e, out_.key);
}

namespace {

// The function that a pointer is, which gets it where it is declared and keeps it: `constexpr auto pause = &::usleep`.
const FunctionDecl* fixed_target(const Expr* callee) {
  const auto* reference = dyn_cast_or_null<DeclRefExpr>(UnitExtractor::peel(callee));
  const auto* variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  if (!variable || !variable->getType().isConstQualified() || !variable->getType()->isFunctionPointerType()) return nullptr;
  const Expr* value = variable->getAnyInitializer() ? UnitExtractor::peel(variable->getAnyInitializer()) : nullptr;
  if (const auto* address = dyn_cast_or_null<UnaryOperator>(value); address && address->getOpcode() == UO_AddrOf) value = UnitExtractor::peel(address->getSubExpr());
  const auto* named = dyn_cast_or_null<DeclRefExpr>(value);
  return named ? dyn_cast<FunctionDecl>(named->getDecl()) : nullptr;
}

}  // namespace

void BodyWalker::name_callee(const CallExpr* e, facts::Call& fact) {
  const Expr* callee = e->getCallee() ? e->getCallee()->IgnoreParenImpCasts() : nullptr;
  const FunctionDecl* direct = e->getDirectCallee();
  if (const FunctionDecl* function = direct ? direct : fixed_target(callee)) {
    fact.name = unit_.name_of(function);
    fact.targets.push_back(unit_.key_of(unit_.definition_of(function)));
    const auto* method = dyn_cast<CXXMethodDecl>(function);
    if (method && method->isVirtual()) {
      const auto* member = dyn_cast_or_null<MemberExpr>(callee);
      const Expr* object = member ? UnitExtractor::peel(member->getBase()) : nullptr;
      const auto* variable = dyn_cast_or_null<DeclRefExpr>(object);
      const bool by_value = variable && !variable->getDecl()->getType()->isReferenceType() && variable->getDecl()->getType()->isRecordType();
      const bool exact = member && (member->hasQualifier() || by_value || (object && isa<CXXConstructExpr>(object)));
      // A cast may hide a type that is no class at all (`static_cast<Base*>(void_pointer)->f()`), which Clang does not expect.
      QualType known = object ? object->getType() : QualType();
      if (!known.isNull() && known->isPointerType()) known = known->getPointeeType();
      const auto* final_method = !known.isNull() && known->isRecordType() && !member->hasQualifier() ? method->getDevirtualizedMethod(object, false) : nullptr;
      if (final_method) fact.targets = {unit_.key_of(unit_.definition_of(final_method))};
      fact.virtual_call = !exact && !final_method;
      if (fact.virtual_call)
        if (auto node = unit_.overriders_node(method); !node.empty()) fact.through.push_back(std::move(node));
    }
    // The class that the call names, when a base declares the method.
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(e); member && function->getIdentifier()) {
      const std::string type = unit_.type_name(member->getImplicitObjectArgument()->IgnoreImpCasts()->getType());
      const std::string other = type + "::" + function->getNameAsString();
      if (!type.empty() && other != fact.name) fact.names.push_back(other);
    }
    if (method && unit_.passes_through(function) && function->getOverloadedOperator() == OO_Call && !method->getParent()->isLambda())
      fact.through = unit_.sources_of(e->getArg(0));
    return;
  }
  if (const auto* overload = dyn_cast_or_null<OverloadExpr>(callee)) {
    for (const auto* candidate : overload->decls())
      if (const auto* shape = dyn_cast<FunctionTemplateDecl>(candidate->getUnderlyingDecl())) {
        fact.targets.push_back(unit_.key_of(unit_.definition_of(shape->getTemplatedDecl())));
        fact.name = unit_.name_of(shape->getTemplatedDecl());
      } else if (const auto* function = dyn_cast<FunctionDecl>(candidate->getUnderlyingDecl())) {
        if (function->getMinRequiredArguments() <= e->getNumArgs() && (e->getNumArgs() <= function->getNumParams() || function->isVariadic()))
          fact.targets.push_back(unit_.key_of(unit_.definition_of(function)));
        fact.name = unit_.name_of(function);
      }
    return;
  }
  if (const auto* op = dyn_cast_or_null<BinaryOperator>(callee); op && op->isPtrMemOp()) {
    fact.through = unit_.sources_of(op->getRHS());
    return;
  }
  if (callee && !isa<CXXPseudoDestructorExpr, CXXDependentScopeMemberExpr>(callee)) fact.through = unit_.sources_of(callee);
}

int BodyWalker::call(const CallExpr* e, facts::Use use, int passed_to, const std::string& stored_in) {
  facts::Call fact;
  const auto* member = dyn_cast<CXXMemberCallExpr>(e);
  const auto* op = dyn_cast<CXXOperatorCallExpr>(e);
  name_callee(e, fact);
  if (fact.name == "SSL_get_error") expects_would_block();
  const FunctionDecl* function = e->getDirectCallee();
  const bool method_operator = op && isa_and_nonnull<CXXMethodDecl>(function);
  unsigned first = method_operator ? 1 : 0;
  const Expr* object = member ? member->getImplicitObjectArgument() : method_operator ? e->getArg(0) : nullptr;
  // std::move and the like neither call nor hand over.
  const bool transparent = fact.name == "std::move" || fact.name == "std::forward" || fact.name == "std::ref" || fact.name == "std::cref" || fact.name == "std::as_const";
  if (transparent) {
    expression(e->getArg(0), use, passed_to, stored_in);
    lock_operation(e, fact);
    return -1;
  }
  const bool is_await_glue = function && ((function->getIdentifier() && function->getName() == "await_transform") || function->getOverloadedOperator() == OO_Coawait);
  if (is_await_glue) {
    if (object) expression(object, function->getOverloadedOperator() == OO_Coawait ? facts::Use::awaited : facts::Use::other, -1, stored_in);
    for (unsigned i = first; i < e->getNumArgs(); ++i) expression(e->getArg(i), facts::Use::awaited, -1, stored_in);
  }
  if (awaited_ == e) use = facts::Use::awaited;
  fact.use = use;
  fact.passed_to = passed_to;
  fact.stored_in = stored_in;
  fact.place = unit_.place(e->getBeginLoc());
  if (member) {
    // A chain of calls over several lines: the line of the method's name.
    const auto* named = dyn_cast<MemberExpr>(e->getCallee()->IgnoreParens());
    if (named && named->getMemberLoc().isValid()) fact.place = unit_.place(named->getMemberLoc());
  }
  fact.end_line = unit_.place(e->getEndLoc()).line;
  fact.result_type = e->getType()->isVoidType() || !e->isPRValue() ? std::string() : unit_.type_name(e->getType());
  if (object) {
    fact.object = unit_.value_of(object);
    if (!is_await_glue) expression(object, facts::Use::chained);
  }
  if (use != facts::Use::awaited && !op) fact.twin = unit_.twin_of(function, object);
  if (!function && !object) expression(e->getCallee(), facts::Use::chained);
  for (unsigned i = first; i < e->getNumArgs(); ++i) {
    auto value = unit_.value_of(e->getArg(i));
    if (function && i - first < function->getNumParams()) {
      const QualType type = function->getParamDecl(i - first)->getType();
      if (type->isReferenceType() || unit_.knowledge().type(unit_.type_name(type), "view")) value.by_address = true;
    }
    fact.arguments.push_back(std::move(value));
  }
  give_each_item(e, fact);
  if (!is_await_glue) {
    // Arguments run before the call; they refer to it by the index that it gets.
    const std::size_t before = out_.calls.size();
    for (unsigned i = first; i < e->getNumArgs(); ++i) expression(e->getArg(i), facts::Use::argument, -2);
    const int index = record_call(e, std::move(fact));
    for (std::size_t i = before; i < out_.calls.size(); ++i)
      if (out_.calls[i].passed_to == -2 && static_cast<int>(i) != index) out_.calls[i].passed_to = index;
    after_call(e, index);
    return index;
  }
  const int index = record_call(e, std::move(fact));
  after_call(e, index);
  return index;
}

// What a promise of this function has been given is there for its future.
void BodyWalker::note_promise(const facts::Call& fact) {
  if (!fact.object || fact.object->sources.size() != 1 || !(fact.name.starts_with("std::promise::") || fact.name.starts_with("std::packaged_task::"))) return;
  const facts::Text& promise = fact.object->sources.front();
  if (fact.name.ends_with("::get_future") && !fact.stored_in.empty()) promised_[promise] = fact.stored_in;
  if (fact.name.ends_with("::set_value") || fact.name.ends_with("::set_exception") || fact.name.ends_with("::operator()"))
    if (const auto future = promised_.find(promise); future != promised_.end()) state_.ready.insert(future->second);
}

int BodyWalker::record_call(const CallExpr* e, facts::Call fact) {
  const facts::Value* subject = fact.object ? &*fact.object : !fact.arguments.empty() ? &fact.arguments.front() : nullptr;
  if (subject && std::any_of(subject->sources.begin(), subject->sources.end(), [&](const std::string& source) { return state_.ready.contains(source); }))
    fact.guards.emplace_back("ready");
  if (in_condition_ && fact.object && (fact.name.ends_with("::wait_for") || fact.name.ends_with("::wait_until") || fact.name.ends_with("::is_ready") || fact.name.ends_with("::ready")))
    for (const auto& source : fact.object->sources) state_.ready.insert(source);
  note_promise(fact);
  // Who asks how much there is to read reads no more than that.
  if (fact.object && fact.name.ends_with("::available"))
    for (const auto& source : fact.object->sources) state_.ready.insert(source);
  return record(e, 0, std::move(fact));
}

void BodyWalker::after_call(const CallExpr* e, int index) {
  const facts::Call& fact = out_.calls[static_cast<std::size_t>(index)];
  lock_operation(e, fact);
  builds(e, index);
  empties(e);
  resumes_generator(e, out_.calls[static_cast<std::size_t>(index)]);
  const FunctionDecl* function = e->getDirectCallee();
  if (function && function->isNoReturn()) state_.reachable = false;
  // What is put into a library's container or wrapper is in it.
  if (const auto* member = dyn_cast<CXXMemberCallExpr>(e); member && function && unit_.passes_through(function)) {
    const auto into = unit_.sources_of(member->getImplicitObjectArgument());
    if (!into.empty())
      for (const Expr* argument : e->arguments())
        for (const auto& target : into)
          if (target.starts_with("var:") || target.starts_with("param:")) unit_.flow(unit_.sources_of(argument), target);
  } else if (const auto* op = dyn_cast<CXXOperatorCallExpr>(e); op && op->isAssignmentOp() && op->getNumArgs() == 2) {
    // `lock = {}` gives back what the guard holds.
    const Expr* value = UnitExtractor::peel(op->getArg(1));
    while (const auto* made = dyn_cast<CXXConstructExpr>(value)) {
      if (made->getNumArgs() == 0) {
        if (const int lock = lock_named(op->getArg(0)); lock >= 0) state_.held.erase(lock);
        break;
      }
      value = UnitExtractor::peel(made->getArg(0));
    }
    if (unit_.type_name(value->getType()) == "std::nullopt_t" || isa<CXXNullPtrLiteralExpr>(value)) ends_owned(e, op->getArg(0), "assignment of nothing", true);
    for (const auto& target : unit_.sources_of(op->getArg(0)))
      if (target.starts_with("var:") || target.starts_with("param:")) unit_.flow(unit_.sources_of(op->getArg(1)), target);
  }
}

// make_shared<T>(...), emplace_back(...) and the like construct a T: its constructor runs here.
void BodyWalker::builds(const CallExpr* e, int index) {
  static const std::set<std::string, std::less<>> makers = {"make_shared", "make_unique", "allocate_shared", "make_optional", "emplace", "emplace_back", "emplace_front", "try_emplace", "construct_at", "push_back", "insert_or_assign"};
  const FunctionDecl* function = e->getDirectCallee();
  if (!function || !function->getIdentifier() || !makers.contains(function->getName().str()) || !unit_.passes_through(function)) return;
  if (function->getName() == "push_back") return;
  QualType built;
  unsigned given = e->getNumArgs();
  if (const auto* arguments = function->getTemplateSpecializationArgs(); arguments && arguments->size() > 0 && function->getName().starts_with("make_") && arguments->get(0).getKind() == TemplateArgument::Type)
    built = arguments->get(0).getAsType();
  if (built.isNull())
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(e)) {
      const auto* container = dyn_cast_or_null<ClassTemplateSpecializationDecl>(member->getImplicitObjectArgument()->getType()->getPointeeOrArrayElementType()->getAsCXXRecordDecl());
      if (!container) container = dyn_cast_or_null<ClassTemplateSpecializationDecl>(member->getRecordDecl());
      if (container && container->getTemplateArgs().size() > 0) {
        const auto& arguments2 = container->getTemplateArgs();
        const bool mapped = container->getName().ends_with("map") && arguments2.size() > 1;
        const auto& chosen = arguments2[mapped ? 1 : 0];
        if (chosen.getKind() == TemplateArgument::Type) built = chosen.getAsType();
        if (mapped && given > 0) --given;  // the key
      }
    }
  const auto* record_type = built.isNull() ? nullptr : built->getAsCXXRecordDecl();
  if (!record_type || !record_type->hasDefinition()) return;
  record_type = record_type->getDefinition();
  facts::Call fact;
  const auto& maker = out_.calls[static_cast<std::size_t>(index)];
  fact.place = maker.place;
  fact.end_line = maker.end_line;
  fact.constructs = true;
  fact.arguments = maker.arguments;
  fact.use = facts::Use::stored;
  if (maker.object && !maker.object->sources.empty()) fact.stored_in = maker.object->sources.front();
  else if (!maker.object && maker.use == facts::Use::stored) fact.stored_in = maker.stored_in;
  fact.result_type = unit_.name_of(record_type);
  fact.name = fact.result_type + "::" + record_type->getNameAsString();
  fact.implicit = "the constructor that " + function->getNameAsString() + " runs";
  if (unit_.is_user(record_type)) {
    for (const auto* constructor : record_type->ctors())
      if (!constructor->isCopyOrMoveConstructor() && constructor->getMinRequiredArguments() <= given && given <= constructor->getNumParams())
        fact.targets.push_back(unit_.key_of(unit_.definition_of(constructor)));
    if (fact.targets.size() > 1) fact.targets.resize(1);
  }
  record(e, 1, std::move(fact));
}

// A method of a generator, or ++ on what its begin() gave, runs the generator's body.
void BodyWalker::resumes_generator(const CallExpr* e, const facts::Call& fact) {
  if (!fact.object || fact.object->sources.empty() || !implicit_.empty()) return;
  const auto* member = dyn_cast<CXXMemberCallExpr>(e);
  const auto* op = dyn_cast<CXXOperatorCallExpr>(e);
  const bool method = member && unit_.generator_type(member->getImplicitObjectArgument()->getType());
  const bool step = op && op->getOperator() == OO_PlusPlus && op->getDirectCallee() && unit_.is_user(op->getDirectCallee());
  if (!method && !step) return;
  facts::Call resumes;
  resumes.place = fact.place;
  resumes.through = fact.object->sources;
  resumes.iterates = true;
  resumes.implicit = "resuming a generator";
  record(e, 2, std::move(resumes));
}

void BodyWalker::construct(const CXXConstructExpr* e, facts::Use use, int passed_to, const std::string& stored_in) {
  const auto* constructor = e->getConstructor();
  if (constructor->isCopyOrMoveConstructor() && e->getNumArgs() >= 1) {
    expression(e->getArg(0), use, passed_to, stored_in);
    if (!unit_.is_user(constructor) || !constructor->isUserProvided()) return;
  }
  const bool copied = constructor->isCopyOrMoveConstructor();
  facts::Call fact;
  fact.place = unit_.place(e->getBeginLoc());
  fact.end_line = unit_.place(e->getEndLoc()).line;
  fact.name = unit_.name_of(constructor);
  fact.targets.push_back(unit_.key_of(unit_.definition_of(constructor)));
  fact.constructs = true;
  fact.use = use;
  fact.passed_to = passed_to;
  fact.stored_in = stored_in;
  fact.result_type = unit_.type_name(e->getType());
  const std::size_t before = out_.calls.size();
  for (unsigned i = 0; i < e->getNumArgs(); ++i) {
    auto value = unit_.value_of(e->getArg(i));
    if (i < constructor->getNumParams() && constructor->getParamDecl(i)->getType()->isReferenceType()) value.by_address = true;
    fact.arguments.push_back(std::move(value));
    if (!copied) expression(e->getArg(i), facts::Use::argument, -2);
  }
  const int index = record(e, 0, std::move(fact));
  for (std::size_t i = before; i < out_.calls.size(); ++i)
    if (out_.calls[i].passed_to == -2 && static_cast<int>(i) != index) out_.calls[i].passed_to = index;
  // The compiler writes constructors that run their fields' initializers; they are functions like others.
  if (unit_.is_user(constructor) && !constructor->isUserProvided()) unit_.add_function(constructor, {});
}

}  // namespace concadvise
