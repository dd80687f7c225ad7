// Asynchronous twins: `async_get` beside `get`, in one class or namespace.
#include <cctype>

#include "analyzer/cpp/extractor.h"

namespace concadvise {
using namespace clang;
namespace {

std::vector<std::string> twin_names(const std::string& name) {
  std::string capital = name;
  capital[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(capital[0])));
  std::vector<std::string> names = {"async_" + name, name + "_async", "co_" + name, name + "_co", name + "_coro", "async" + capital, name + "Async", "co" + capital, name + "Coro"};
  if (capital == name) names.push_back("Async" + name);
  names.push_back("a" + name);
  return names;
}

bool is_callable(QualType type) {
  type = type.getNonReferenceType();
  if (type->isFunctionPointerType() || type->isDependentType()) return true;
  const auto* record = type->getAsCXXRecordDecl();
  return record && record->getIdentifier() && record->isInStdNamespace() && record->getName().contains("function");
}

}  // namespace

bool UnitExtractor::awaitable_type(QualType type) const {
  if (type.isNull()) return false;
  if (type->isDependentType() || type->getContainedAutoType()) return true;
  const std::string name = type_name(type);
  if (knowledge_.type(name, "lazy-awaitable") || knowledge_.type(name, "eager-awaitable")) return true;
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  if (!record) return false;
  // What nobody uses is not instantiated: then its template tells.
  const auto* special = record->hasDefinition() ? nullptr : dyn_cast<ClassTemplateSpecializationDecl>(record);
  record = special ? special->getSpecializedTemplate()->getTemplatedDecl()->getDefinition() : record->getDefinition();
  if (!record) return false;
  return promise_type(record) || !record->lookup(&context_->Idents.get("await_ready")).empty() || !record->lookup(context_->DeclarationNames.getCXXOperatorName(OO_Coawait)).empty();
}

std::string UnitExtractor::twin_in(const DeclContext* scope, const FunctionDecl* callee) const {
  const std::string name = callee->getNameAsString();
  const unsigned given = callee->getNumParams();
  // It is awaited, with as many parameters, or takes a handler as one more.
  const auto fits = [&](const NamedDecl* found, bool short_name) {
    const auto* shape = dyn_cast<FunctionTemplateDecl>(found);
    const auto* twin = shape ? shape->getTemplatedDecl() : dyn_cast<FunctionDecl>(found);
    if (!twin || twin->isDeleted()) return false;
    const QualType gives = twin->getReturnType();
    if (twin->getNumParams() == given && !gives->isReferenceType() && awaitable_type(gives)) return true;
    return !short_name && twin->getNumParams() == given + 1 && is_callable(twin->getParamDecl(given)->getType());
  };
  for (const auto& candidate : twin_names(name))
    for (const auto* found : scope->lookup(&context_->Idents.get(candidate)))
      if (fits(found->getUnderlyingDecl(), candidate == "a" + name)) return name_of(found->getUnderlyingDecl());
  return {};
}

std::string UnitExtractor::twin_of(const FunctionDecl* callee, const Expr* object) {
  if (!callee || !callee->getIdentifier() || !is_user(callee)) return {};
  const auto* method = dyn_cast<CXXMethodDecl>(callee);
  if (method && (!object || method->getParent()->isLambda())) return {};
  const CXXRecordDecl* klass = method ? method->getParent() : nullptr;
  if (method) {
    const QualType type = object->getType()->isPointerType() ? object->getType()->getPointeeType() : object->getType();
    if (const auto* record = type->getAsCXXRecordDecl()) klass = record;  // a derived class may add the twin
  }
  const auto [at, fresh] = twins_.try_emplace({callee->getCanonicalDecl(), klass});
  if (!fresh || awaitable_type(callee->getReturnType())) return at->second;
  std::string twin;
  if (!klass) {
    const auto* scope = callee->getDeclContext()->getRedeclContext();
    if (scope->isFileContext()) twin = twin_in(scope, callee);
  } else {
    std::vector<const CXXRecordDecl*> line{klass};
    for (std::size_t i = 0; i < line.size() && i < 16 && twin.empty(); ++i) {
      const auto* one = line[i]->getDefinition();
      if (!one) continue;
      twin = twin_in(one, callee);
      for (const auto& base : one->bases())
        if (const auto* above = base.getType()->getAsCXXRecordDecl()) line.push_back(above);
    }
  }
  return at->second = twin;
}

}  // namespace concadvise
