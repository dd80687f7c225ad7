// What is known of a value before the program runs: constants, flags, durations, also those that pass through a variable
// that is set once.
#include <algorithm>
#include <limits>

#include "analyzer/cpp/extractor.h"
#include "clang/AST/APValue.h"

namespace concadvise {
using namespace clang;
namespace {

std::int64_t number(const APValue& value) {
  return value.getInt().isSigned() ? value.getInt().getSExtValue() : static_cast<std::int64_t>(value.getInt().getZExtValue());
}

std::optional<std::int64_t> integer_of(const Expr* e, const ASTContext& context) {
  Expr::EvalResult result;
  if (!e || e->isValueDependent() || !e->getType()->isIntegralOrEnumerationType() || !e->EvaluateAsInt(result, context, Expr::SE_NoSideEffects)) return std::nullopt;
  return number(result.Val);
}

// Seconds of a std::chrono::duration constant: its count times the ratio of its type.
std::optional<double> seconds_of(QualType type, const APValue& value) {
  const auto* record = dyn_cast_or_null<ClassTemplateSpecializationDecl>(type.getCanonicalType()->getAsCXXRecordDecl());
  if (!record || record->getName() != "duration" || !value.isStruct() || value.getStructNumFields() != 1) return std::nullopt;
  const auto& arguments = record->getTemplateArgs();
  if (arguments.size() < 2) return std::nullopt;
  const auto* ratio = dyn_cast_or_null<ClassTemplateSpecializationDecl>(arguments[1].getAsType()->getAsCXXRecordDecl());
  if (!ratio || ratio->getTemplateArgs().size() < 2) return std::nullopt;
  const auto integral = [](const TemplateArgument& a) { return a.getKind() == TemplateArgument::Integral ? static_cast<double>(a.getAsIntegral().getExtValue()) : 1.0; };
  const double scale = integral(ratio->getTemplateArgs()[0]) / integral(ratio->getTemplateArgs()[1]);
  const APValue& count = value.getStructField(0);
  if (count.isInt()) return static_cast<double>(count.getInt().getExtValue()) * scale;
  if (count.isFloat()) return count.getFloat().convertToDouble() * scale;
  return std::nullopt;
}

const CallExpr* call_to(const Expr* e, std::initializer_list<llvm::StringRef> names) {
  const auto* call = dyn_cast_or_null<CallExpr>(e ? UnitExtractor::peel(e) : nullptr);
  const auto* callee = call ? call->getDirectCallee() : nullptr;
  return callee && callee->getIdentifier() && std::find(names.begin(), names.end(), callee->getName()) != names.end() ? call : nullptr;
}

// Seconds from now to a point in time: `clock::now()` and all that has passed give 0, `clock::now() + 5ms` the duration.
std::optional<double> seconds_until(const Expr* e, const ASTContext& context) {
  if (call_to(e, {"now", "min"})) return 0.0;
  if (call_to(e, {"max"})) return std::numeric_limits<double>::infinity();
  const auto* made = dyn_cast<CXXConstructExpr>(UnitExtractor::peel(e));
  if (made && made->getNumArgs() == 0) return 0.0;
  if (made && made->getNumArgs() == 1) return seconds_until(made->getArg(0), context);
  const auto* sum = dyn_cast<CXXOperatorCallExpr>(UnitExtractor::peel(e));
  if (!sum || sum->getOperator() != OO_Plus || sum->getNumArgs() != 2 || !call_to(sum->getArg(0), {"now"})) return std::nullopt;
  Expr::EvalResult result;
  const Expr* by = UnitExtractor::peel(sum->getArg(1));
  return !by->isValueDependent() && by->EvaluateAsRValue(result, context) ? seconds_of(by->getType(), result.Val) : std::nullopt;
}

// Visits a statement and all below it, the bodies of lambdas too.
template <typename Visit>
void each(const Stmt* s, Visit visit) {
  if (!s) return;
  visit(s);
  for (const Stmt* child : s->children()) each(child, visit);
}

bool names(const Expr* e, const VarDecl* variable) {
  const auto* reference = dyn_cast_or_null<DeclRefExpr>(UnitExtractor::peel(e));
  return reference && reference->getDecl() == variable;
}

bool is_changed(const Stmt* body, const VarDecl* variable) {
  bool found = false;
  each(body, [&](const Stmt* s) {
    if (const auto* op = dyn_cast<BinaryOperator>(s); op && op->isAssignmentOp()) found = found || names(op->getLHS(), variable);
    else if (const auto* step = dyn_cast<UnaryOperator>(s); step && (step->isIncrementDecrementOp() || step->getOpcode() == UO_AddrOf)) found = found || names(step->getSubExpr(), variable);
    else if (const auto* assigned = dyn_cast<CXXOperatorCallExpr>(s); assigned && assigned->isAssignmentOp() && assigned->getNumArgs() > 0) found = found || names(assigned->getArg(0), variable);
    const auto* call = dyn_cast<CallExpr>(s);
    const auto* callee = call && !isa<CXXOperatorCallExpr>(s) ? call->getDirectCallee() : nullptr;
    for (unsigned i = 0; callee && i < std::min(callee->getNumParams(), call->getNumArgs()); ++i) {
      const QualType type = callee->getParamDecl(i)->getType();
      if (type->isLValueReferenceType() && !type->getPointeeType().isConstQualified()) found = found || names(call->getArg(i), variable);
    }
  });
  return found;
}

}  // namespace

const Stmt* UnitExtractor::body_around(const VarDecl* variable) const {
  const auto* owner = dyn_cast_or_null<FunctionDecl>(variable->getDeclContext());
  return owner ? owner->getBody() : nullptr;
}

// The initializer of a local variable; what it says holds later only where nothing changes the variable.
const Expr* UnitExtractor::initial(const Expr* e, const VarDecl*& variable) const {
  const auto* reference = dyn_cast<DeclRefExpr>(e);
  variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  if (!variable || !variable->isLocalVarDecl() || !variable->hasInit() || variable->getType()->isReferenceType()) return nullptr;
  return variable->getInit()->isValueDependent() || !body_around(variable) ? nullptr : variable->getInit();
}

// Seconds of a timeval or timespec whose fields only get constants.
std::optional<double> UnitExtractor::time_of(const VarDecl* variable) const {
  const auto* record = variable->getType()->getAsRecordDecl();
  if (!record || !record->getIdentifier() || (record->getName() != "timeval" && record->getName() != "timespec")) return std::nullopt;
  const double unit[] = {1.0, record->getName() == "timeval" ? 1e-6 : 1e-9};
  std::optional<std::int64_t> fields[2];
  bool known = true;
  if (const auto* list = dyn_cast_or_null<InitListExpr>(variable->getInit()))
    for (unsigned i = 0; i < 2; ++i) {
      if (i < list->getNumInits()) fields[i] = isa<ImplicitValueInitExpr>(list->getInit(i)) ? 0 : integer_of(list->getInit(i), *context_);
      else fields[i] = 0;
      known = known && fields[i];
    }
  each(body_around(variable), [&](const Stmt* s) {
    const auto* op = dyn_cast<BinaryOperator>(s);
    const auto* field = op && op->isAssignmentOp() ? dyn_cast<MemberExpr>(peel(op->getLHS())) : nullptr;
    if (!field || !names(field->getBase(), variable)) return;
    const auto* declared = dyn_cast<FieldDecl>(field->getMemberDecl());
    const auto value = op->getOpcode() == BO_Assign ? integer_of(op->getRHS(), *context_) : std::nullopt;
    if (!declared || declared->getFieldIndex() > 1 || !value) known = false;
    else fields[declared->getFieldIndex()] = std::max(fields[declared->getFieldIndex()].value_or(0), *value);
  });
  if (!known || !fields[0] || !fields[1]) return std::nullopt;
  return static_cast<double>(*fields[0]) * unit[0] + static_cast<double>(*fields[1]) * unit[1];
}

// A flag that is or-ed in is in the value, whatever else is.
void UnitExtractor::collect_bits(const Expr* e, facts::Texts& out) const {
  const auto value = integer_of(e, *context_);
  if (!value) return;
  for (int bit = 0; bit < 32; ++bit)
    if ((*value >> bit) & 1) out.push_back(facts::node::bit(bit));
}

// Which of two constants it is, a parameter of the function decides.
void UnitExtractor::collect_choice(const ConditionalOperator* e, facts::Texts& out) const {
  const auto yes = integer_of(e->getTrueExpr(), *context_);
  const auto no = integer_of(e->getFalseExpr(), *context_);
  if (yes && no) collect_choice(e->getCond(), *yes, *no, out);
}

void UnitExtractor::collect_choice(const Expr* condition, std::int64_t if_true, std::int64_t if_false, facts::Texts& out) const {
  const Expr* asked = peel(condition);
  bool negated = false;
  for (const auto* op = dyn_cast<UnaryOperator>(asked); op && op->getOpcode() == UO_LNot; op = dyn_cast<UnaryOperator>(asked)) {
    negated = !negated;
    asked = peel(op->getSubExpr());
  }
  const auto* reference = dyn_cast<DeclRefExpr>(asked);
  const auto* parameter = reference && !reference->refersToEnclosingVariableOrCapture() ? dyn_cast<ParmVarDecl>(reference->getDecl()) : nullptr;
  if (parameter) out.push_back(facts::node::choice(parameter->getFunctionScopeIndex(), negated ? if_false : if_true, negated ? if_true : if_false));
}

void UnitExtractor::evaluate(const Expr* e, facts::Value& value) const {
  if (e->isValueDependent() || e->isTypeDependent() || e->getType()->isVoidType()) return;
  const Expr* bare = peel(e);
  if (bare->isValueDependent() || bare->isTypeDependent()) return;
  if (isa<CXXNullPtrLiteralExpr, GNUNullExpr>(bare)) {
    value.null = true;
    return;
  }
  if (const auto* literal = dyn_cast<StringLiteral>(bare)) {
    if (literal->getCharByteWidth() == 1) value.text = literal->getString().str();
    value.elements = static_cast<std::int64_t>(literal->getLength());
    return;
  }
  // A string or path that is made of a literal.
  if (const auto* made = dyn_cast<CXXConstructExpr>(bare); made && made->getNumArgs() > 0 && type_name(made->getType()).starts_with("std::")) {
    const auto* literal = dyn_cast<StringLiteral>(peel(made->getArg(0)));
    if (literal && literal->getCharByteWidth() == 1) value.text = literal->getString().str();
    if (literal) return;
  }
  if (const auto* array = context_->getAsConstantArrayType(bare->getType())) value.elements = static_cast<std::int64_t>(array->getSize().getZExtValue());
  if (const auto* address = dyn_cast<UnaryOperator>(bare); address && address->getOpcode() == UO_AddrOf) {
    const auto* reference = dyn_cast<DeclRefExpr>(peel(address->getSubExpr()));
    if (const auto* variable = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr; variable && variable->isLocalVarDecl()) value.seconds = time_of(variable);
    return;
  }
  Expr::EvalResult result;
  if (bare->getType()->isIntegralOrEnumerationType() || bare->getType()->isBooleanType()) {
    value.integer = integer_of(e, *context_);
    if (!value.integer) value.integer = integer_of(bare, *context_);
    const VarDecl* variable = nullptr;
    if (!value.integer)
      if (const Expr* init = initial(bare, variable))
        if (const auto first = integer_of(init, *context_); first && !is_changed(body_around(variable), variable)) value.integer = first;
    if (value.integer == 0 && e->getType()->isPointerType()) value.null = true;
    return;
  }
  const auto* record = bare->getType()->getAsCXXRecordDecl();
  if (!record || !record->getIdentifier()) return;
  if (record->getName() == "time_point") value.seconds = seconds_until(bare, *context_);
  if (record->getName() != "duration") return;
  if (!bare->EvaluateAsRValue(result, *context_)) {
    const VarDecl* variable = nullptr;
    const Expr* init = initial(bare, variable);
    if (!init || !init->EvaluateAsRValue(result, *context_) || is_changed(body_around(variable), variable)) return;
  }
  value.seconds = seconds_of(bare->getType(), result.Val);
}

}  // namespace concadvise
