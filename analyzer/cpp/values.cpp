// Names, keys, places, and what is known of an expression's value.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/cpp/extractor.h"
#include "clang/AST/APValue.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Index/USRGeneration.h"
#include "llvm/Support/Path.h"

namespace concadvise {
using namespace clang;

bool UnitExtractor::is_system(const SourceManager& sources, SourceLocation location) const {
  if (location.isInvalid()) return true;
  const SourceLocation at = sources.getExpansionLoc(location);
  if (sources.isInSystemHeader(at)) return true;
  if (options_.root.empty()) return false;
  if (sources.isInMainFile(at)) return false;
  llvm::SmallString<256> path(sources.getFilename(at));
  if (llvm::sys::path::is_relative(path)) {
    llvm::SmallString<256> full(entry_.directory);
    llvm::sys::path::append(full, path);
    path = full;
  }
  llvm::sys::path::remove_dots(path, true);
  return !path.str().starts_with(options_.root);
}

std::uint32_t UnitExtractor::file_index(const std::string& raw) {
  llvm::SmallString<256> path(raw);
  if (llvm::sys::path::is_relative(path)) {
    llvm::SmallString<256> full(entry_.directory);
    llvm::sys::path::append(full, path);
    path = full;
  }
  llvm::sys::path::remove_dots(path, true);
  const auto [at, fresh] = files_.try_emplace(path.str().str(), static_cast<std::uint32_t>(unit_.files.size()));
  if (fresh) unit_.files.push_back(path.str().str());
  return at->second;
}

facts::Place UnitExtractor::place(SourceLocation location) {
  const auto& sources = context_->getSourceManager();
  const SourceLocation at = sources.getExpansionLoc(location);
  if (at.isInvalid()) return {};
  const auto [file, offset] = sources.getDecomposedLoc(at);
  const auto known = file_ids_.find(file.getHashValue());
  std::uint32_t index = 0;
  if (known != file_ids_.end()) {
    index = known->second;
  } else {
    index = file_index(sources.getFilename(at).str());
    file_ids_[file.getHashValue()] = index;
  }
  return {index, static_cast<int>(sources.getLineNumber(file, offset)), static_cast<int>(sources.getColumnNumber(file, offset))};
}

// Qualified, without template arguments, inline and anonymous namespaces; a function of C linkage by its bare name, a C++
// one of the global scope with `::`. Boost.Asio is spelled like Asio.
std::string UnitExtractor::name_of(const NamedDecl* decl) const {
  if (!decl) return {};
  const auto* function = dyn_cast<FunctionDecl>(decl);
  if (function && function->isExternC()) return function->getNameAsString();
  std::vector<std::string> parts;
  if (const auto* constructor = dyn_cast_or_null<CXXConstructorDecl>(function)) parts.push_back(constructor->getParent()->getNameAsString());
  else if (const auto* destructor = dyn_cast_or_null<CXXDestructorDecl>(function)) parts.push_back("~" + destructor->getParent()->getNameAsString());
  else parts.push_back(decl->getNameAsString());
  for (const DeclContext* scope = decl->getDeclContext(); scope && !scope->isTranslationUnit(); scope = scope->getParent()) {
    if (const auto* space = dyn_cast<NamespaceDecl>(scope)) {
      if (!space->isInline() && !space->isAnonymousNamespace()) parts.push_back(space->getNameAsString());
    } else if (const auto* record = dyn_cast<RecordDecl>(scope)) {
      if (const auto* klass = dyn_cast<CXXRecordDecl>(record); klass && klass->isLambda()) parts.push_back("lambda");
      else if (record->getIdentifier()) parts.push_back(record->getNameAsString());
    } else if (const auto* outer = dyn_cast<FunctionDecl>(scope)) {
      parts.push_back(outer->getNameAsString());
    }
  }
  std::string name;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) name += (name.empty() ? "" : "::") + *part;
  if (name.starts_with("boost::asio")) name.erase(0, 7);
  if (parts.size() == 1 && function) name = "::" + name;
  return name;
}

std::string UnitExtractor::type_name(QualType type) const {
  if (type.isNull()) return {};
  type = type.getNonReferenceType();
  while (type->isPointerType() || type->isArrayType()) type = type->isPointerType() ? type->getPointeeType() : QualType(type->getArrayElementTypeNoTypeQual(), 0);
  type = type.getCanonicalType().getUnqualifiedType();
  if (const auto* record = type->getAsRecordDecl()) {
    const auto* alias = record->getTypedefNameForAnonDecl();
    return name_of(alias ? static_cast<const NamedDecl*>(alias) : record);
  }
  if (const auto* special = type->getAs<TemplateSpecializationType>())
    if (const auto* decl = special->getTemplateName().getAsTemplateDecl()) return name_of(decl);
  if (const auto* enumeration = type->getAs<EnumType>()) return name_of(enumeration->getDecl());
  if (type->isDependentType()) return {};
  return type.getAsString(context_->getPrintingPolicy());
}

std::string UnitExtractor::path_suffix(const Decl* decl, bool everywhere) const {
  if (everywhere) return {};
  const auto& sources = context_->getSourceManager();
  const SourceLocation at = sources.getExpansionLoc(decl->getLocation());
  return "@" + (sources.isInMainFile(at) ? entry_.file : sources.getFilename(at).str());
}

const FunctionDecl* UnitExtractor::definition_of(const FunctionDecl* function) const {
  const FunctionDecl* definition = nullptr;
  if (function->isDefined(definition)) return definition;
  if (const auto* pattern = function->getTemplateInstantiationPattern(); pattern && pattern->isDefined(definition)) return definition;
  return function;
}

// Lambdas all have the same USR, so instantiations for two of them would be one function.
std::string UnitExtractor::lambdas_in(const TemplateArgumentList* arguments) {
  std::string out;
  if (!arguments) return out;
  const auto add = [&](const TemplateArgument& argument) {
    if (argument.getKind() != TemplateArgument::Type) return;
    const auto* record = argument.getAsType().getNonReferenceType()->getAsCXXRecordDecl();
    if (!record || !record->isLambda()) return;
    const facts::Place at = place(record->getBeginLoc());
    out += fmt::format("<lambda {}:{}:{}>", at.file, at.line, at.column);
  };
  for (const auto& argument : arguments->asArray()) {
    add(argument);
    if (argument.getKind() == TemplateArgument::Pack)
      for (const auto& one : argument.pack_elements()) add(one);
  }
  return out;
}

std::string UnitExtractor::key_of(const FunctionDecl* function) {
  function = function->getCanonicalDecl();
  if (const auto known = keys_.find(function); known != keys_.end()) return known->second;
  std::string key;
  const auto* method = dyn_cast<CXXMethodDecl>(function);
  if (method && method->getParent()->isLambda()) {
    const facts::Place at = place(method->getParent()->getBeginLoc());
    key = fmt::format("lambda@{}:{}:{}", unit_.files[at.file], at.line, at.column);
    // One lambda of a template is one function per instantiation around it.
    for (const DeclContext* scope = method->getParent()->getDeclContext(); scope; scope = scope->getParent())
      if (const auto* outer = dyn_cast<FunctionDecl>(scope)) {
        if (outer->isTemplateInstantiation()) key += "<" + key_of(outer) + ">";
        break;
      }
    if (const auto* arguments = function->getTemplateSpecializationArgs())
      for (const auto& argument : arguments->asArray()) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        argument.print(context_->getPrintingPolicy(), stream, true);
        key += "<" + text + ">";
      }
  } else {
    llvm::SmallString<128> usr;
    index::generateUSRForDecl(function, usr);
    key = usr.str().str() + lambdas_in(function->getTemplateSpecializationArgs());
    if (const auto* owner = method ? dyn_cast<ClassTemplateSpecializationDecl>(method->getParent()) : nullptr) key += lambdas_in(&owner->getTemplateArgs());
    key += path_suffix(function, function->isExternallyVisible() && !(method && in_main_file(method->getParent()) && !may_live_elsewhere(method)));
  }
  return keys_[function] = key;
}

bool UnitExtractor::in_main_file(const Decl* decl) const {
  const auto& sources = context_->getSourceManager();
  return sources.isInMainFile(sources.getExpansionLoc(decl->getLocation()));
}

// A class that a source file writes out for itself is taken to be that file's own: programs that share no code use the same
// names. But what it only declares, or defines outside of the class, other files can see.
bool UnitExtractor::may_live_elsewhere(const CXXMethodDecl* method) const {
  if (method->isImplicit() || method->isDefaulted() || method->isDeleted() || method->isPureVirtual() || method->getParent()->isDependentContext() ||
      method->getTemplatedKind() != FunctionDecl::TK_NonTemplate || isa<ClassTemplateSpecializationDecl>(method->getParent()))
    return false;
  const FunctionDecl* definition = nullptr;
  return !method->isDefined(definition) || !definition->isInlined();
}

// For a virtual method of a class that the source file writes out for itself: where its overriders go that are in files
// that write out the same class, word for word. Empty for others, whose key is the same everywhere.
std::string UnitExtractor::overriders_node(const CXXMethodDecl* method) const {
  const auto* klass = method->getParent()->getDefinition();
  if (!klass || !method->isVirtual() || !method->isExternallyVisible() || klass->isDependentContext() || !in_main_file(klass)) return {};
  llvm::SmallString<128> usr;
  index::generateUSRForDecl(method->getCanonicalDecl(), usr);
  return facts::node::storage(fmt::format("{}@like:{}", usr.str().str(), klass->getODRHash()));
}

std::string UnitExtractor::key_of(const CXXRecordDecl* record) {
  record = record->getCanonicalDecl();
  if (const auto known = keys_.find(record); known != keys_.end()) return known->second;
  llvm::SmallString<128> usr;
  index::generateUSRForDecl(record, usr);
  const auto& sources = context_->getSourceManager();
  const bool main = sources.isInMainFile(sources.getExpansionLoc(record->getLocation()));
  return keys_[record] = usr.str().str() + path_suffix(record, record->isExternallyVisible() && !main);
}

std::string UnitExtractor::node_of(const ValueDecl* decl) {
  if (const auto* binding = dyn_cast<BindingDecl>(decl)) {
    if (const auto* whole = dyn_cast_or_null<ValueDecl>(binding->getDecomposedDecl())) return node_of(whole);
    return {};
  }
  if (const auto* function = dyn_cast<FunctionDecl>(decl)) return facts::node::function(key_of(definition_of(function)));
  if (const auto* parameter = dyn_cast<ParmVarDecl>(decl)) {
    const auto* owner = dyn_cast_or_null<FunctionDecl>(parameter->getDeclContext());
    if (owner) return facts::node::parameter(key_of(owner), parameter->getFunctionScopeIndex());
  }
  if (const auto* field = dyn_cast<FieldDecl>(decl)) {
    const auto* record = dyn_cast<CXXRecordDecl>(field->getParent());
    return facts::node::storage((record ? key_of(record) : name_of(field->getParent())) + "::" + field->getNameAsString());
  }
  if (const auto* variable = dyn_cast<VarDecl>(decl)) {
    if (variable->isLocalVarDecl()) {
      const facts::Place at = place(variable->getLocation());
      const auto* owner = dyn_cast_or_null<FunctionDecl>(variable->getDeclContext());
      return facts::node::storage(fmt::format("{}/{}@{}:{}", owner ? key_of(owner) : unit_.files[at.file], variable->getNameAsString(), at.line, at.column));
    }
    llvm::SmallString<128> usr;
    index::generateUSRForDecl(variable, usr);
    if (name_of(variable) == "std::cin") return facts::node::trait("stdin");
    return facts::node::storage(usr.str().str() + path_suffix(variable, variable->isExternallyVisible()));
  }
  return {};
}

// A lambda without captures as a function pointer is still that lambda.
const Expr* UnitExtractor::closure_of_pointer(const Expr* e) {
  const auto* call = dyn_cast<CXXMemberCallExpr>(e);
  const auto* conversion = call ? dyn_cast_or_null<CXXConversionDecl>(call->getMethodDecl()) : nullptr;
  return conversion && conversion->getParent()->isLambda() ? call->getImplicitObjectArgument() : nullptr;
}

const Expr* UnitExtractor::peel(const Expr* e) {
  while (e) {
    e = e->IgnoreParenImpCasts();
    if (const auto* inner = dyn_cast<ExprWithCleanups>(e)) e = inner->getSubExpr();
    else if (const auto* inner2 = dyn_cast<MaterializeTemporaryExpr>(e)) e = inner2->getSubExpr();
    else if (const auto* inner3 = dyn_cast<CXXBindTemporaryExpr>(e)) e = inner3->getSubExpr();
    else if (const auto* inner4 = dyn_cast<ExplicitCastExpr>(e)) e = inner4->getSubExpr();
    else if (const auto* inner5 = dyn_cast<CXXDefaultArgExpr>(e)) e = inner5->getExpr();
    else if (const auto* inner6 = dyn_cast<ConstantExpr>(e)) e = inner6->getSubExpr();
    else if (const auto* inner7 = dyn_cast<SubstNonTypeTemplateParmExpr>(e)) e = inner7->getReplacement();
    else if (const Expr* closure = closure_of_pointer(e)) e = closure;
    else return e;
  }
  return e;
}

// Library code between a callable and where it is kept is transparent: containers, smart pointers, std::function, bind.
bool UnitExtractor::passes_through(const FunctionDecl* callee) const { return is_system(context_->getSourceManager(), callee->getLocation()) && !callee->isExternC(); }

void UnitExtractor::collect_call_sources(const CallExpr* call, facts::Texts& out, int depth) {
  const FunctionDecl* callee = call->getDirectCallee();
  if (!callee) return;
  if (const auto* row = knowledge_.trait(name_of(callee)); row && row->of == -2 && row->when.empty()) out.push_back(facts::node::trait(row->trait));
  if (!passes_through(callee)) {
    out.push_back(facts::node::result(key_of(definition_of(callee))));
    // What a generator's begin() gives resumes the generator.
    if (const auto* member = dyn_cast<CXXMemberCallExpr>(call))
      if (generator_type(member->getImplicitObjectArgument()->getType())) collect_sources(member->getImplicitObjectArgument(), out, depth);
    return;
  }
  if (const auto* member = dyn_cast<CXXMemberCallExpr>(call)) collect_sources(member->getImplicitObjectArgument(), out, depth);
  for (const Expr* argument : call->arguments()) collect_sources(argument, out, depth);
}

// An object of a class with call operators is as good as a function; one that gives a pointer to what it holds is only a short
// way to write `data()`.
void UnitExtractor::collect_call_operators(QualType type, facts::Texts& out) {
  const auto* klass = type.isNull() ? nullptr : type.getNonReferenceType()->getAsCXXRecordDecl();
  if (!klass || !klass->hasDefinition() || klass->isLambda() || klass->isDependentContext() || !is_user(klass)) return;
  const auto add = [&](const FunctionDecl* function) {
    if (function->getNumParams() == 0 && function->getReturnType()->isPointerType()) return;
    if (!function->isDeleted() && isa<CXXMethodDecl>(function)) out.push_back(facts::node::function(key_of(definition_of(function))));
  };
  for (const auto* found : klass->getDefinition()->lookup(context_->DeclarationNames.getCXXOperatorName(OO_Call))) {
    if (const auto* function = dyn_cast<FunctionDecl>(found)) add(function);
    else if (const auto* shape = dyn_cast<FunctionTemplateDecl>(found))
      for (const auto* one : shape->specializations()) add(one);
  }
}

void UnitExtractor::collect_sources(const Expr* e, facts::Texts& out, int depth) {
  if (!e || depth > 24) return;
  e = peel(e);
  ++depth;
  collect_call_operators(e->getType(), out);
  if (const auto* lambda = dyn_cast<LambdaExpr>(e)) {
    out.push_back(facts::node::function(key_of(lambda->getCallOperator())));
  } else if (const auto* reference = dyn_cast<DeclRefExpr>(e)) {
    if (auto node = node_of(reference->getDecl()); !node.empty()) out.push_back(std::move(node));
    if (const std::string type = type_name(e->getType()); knowledge_.pool(type)) out.push_back(facts::node::object(type));
  } else if (const auto* member = dyn_cast<MemberExpr>(e); member && isa<CallExpr>(peel(member->getBase())) && is_system(context_->getSourceManager(), member->getMemberDecl()->getLocation())) {
    collect_sources(member->getBase(), out, depth);  // `found->second` is in the map
  } else if (member) {
    if (auto node = node_of(member->getMemberDecl()); !node.empty()) out.push_back(std::move(node));
    if (const std::string type = type_name(e->getType()); knowledge_.pool(type)) out.push_back(facts::node::object(type));
  } else if (const auto* overload = dyn_cast<OverloadExpr>(e)) {
    for (const auto* candidate : overload->decls())
      if (const auto* function = dyn_cast<FunctionDecl>(candidate->getUnderlyingDecl())) out.push_back(facts::node::function(key_of(definition_of(function))));
  } else if (const auto* call = dyn_cast<CallExpr>(e)) {
    if (const auto* op = dyn_cast<CXXOperatorCallExpr>(call); op && op->getOperator() == OO_Call) {
      if (op->getDirectCallee() && !passes_through(op->getDirectCallee())) out.push_back(facts::node::result(key_of(definition_of(op->getDirectCallee()))));
      return;
    }
    collect_call_sources(call, out, depth);
  } else if (const auto* construct = dyn_cast<CXXConstructExpr>(e)) {
    const std::string type = type_name(construct->getType());
    if (!construct->getConstructor()->isCopyOrMoveConstructor()) out.push_back(facts::node::object(type));
    if (passes_through(construct->getConstructor()) || construct->getConstructor()->isCopyOrMoveConstructor())
      for (const Expr* argument : construct->arguments()) collect_sources(argument, out, depth);
  } else if (const auto* allocated = dyn_cast<CXXNewExpr>(e)) {
    if (allocated->getConstructExpr()) collect_sources(allocated->getConstructExpr(), out, depth);
  } else if (isa<CoawaitExpr>(e)) {
    return;
  } else if (const auto* either = dyn_cast<BinaryOperator>(e); either && either->getOpcode() == BO_Or) {
    for (const Expr* side : {either->getLHS(), either->getRHS()}) {
      collect_bits(side, out);
      collect_sources(side, out, depth);
    }
  } else if (const auto* negated = dyn_cast<UnaryOperator>(e); negated && negated->getOpcode() == UO_LNot) {
    collect_choice(negated, 1, 0, out);  // the other value, not the same one
  } else if (isa<UnaryOperator, ConditionalOperator, InitListExpr, ArraySubscriptExpr, BinaryOperator, CXXParenListInitExpr, CXXStdInitializerListExpr,
                 CXXUnresolvedConstructExpr, ParenListExpr>(e)) {
    if (const auto* op = dyn_cast<BinaryOperator>(e); op && op->isComparisonOp()) return;
    const auto* choice = dyn_cast<ConditionalOperator>(e);
    if (choice) collect_choice(choice, out);
    for (const Stmt* child : e->children())
      if (const auto* inner = dyn_cast_or_null<Expr>(child); inner && (!choice || inner != choice->getCond())) collect_sources(inner, out, depth);
  }
}

facts::Texts UnitExtractor::sources_of(const Expr* e) {
  facts::Texts out;
  collect_sources(e, out, 0);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Who owns what the expression names. A view lives as long as what it was made from.
facts::Lifetime UnitExtractor::lifetime_of(const Expr* e) const {
  const Expr* bare = peel(e);
  if (!bare) return facts::Lifetime::unknown;
  if (isa<StringLiteral>(bare)) return facts::Lifetime::global;
  if (const auto* reference = dyn_cast<DeclRefExpr>(bare)) {
    const auto* variable = dyn_cast<VarDecl>(reference->getDecl());
    if (!variable) return facts::Lifetime::unknown;
    if (variable->hasGlobalStorage()) return facts::Lifetime::global;
    if (isa<ParmVarDecl>(variable)) return facts::Lifetime::parameter;
    return variable->getType()->isReferenceType() ? facts::Lifetime::unknown : facts::Lifetime::local;
  }
  if (isa<MemberExpr>(bare)) return facts::Lifetime::member;
  if (isa<LambdaExpr>(bare)) return facts::Lifetime::temporary;
  if (!bare->getType()->isRecordType()) return bare->isPRValue() && bare->getType()->isArithmeticType() ? facts::Lifetime::temporary : facts::Lifetime::unknown;
  if (knowledge_.type(type_name(bare->getType()), "view")) {
    if (const auto* made = dyn_cast<CXXConstructExpr>(bare)) return made->getNumArgs() > 0 ? lifetime_of(made->getArg(0)) : facts::Lifetime::global;
    const auto* converted = dyn_cast<CXXMemberCallExpr>(bare);
    const bool conversion = converted && isa_and_nonnull<CXXConversionDecl>(converted->getMethodDecl());
    return conversion ? lifetime_of(converted->getImplicitObjectArgument()) : facts::Lifetime::unknown;
  }
  if (isa<CXXConstructExpr, InitListExpr>(bare) || (isa<CallExpr>(bare) && bare->isPRValue())) return facts::Lifetime::temporary;
  return facts::Lifetime::unknown;
}

facts::Value UnitExtractor::value_of(const Expr* e) {
  facts::Value value;
  if (!e) return value;
  value.sources = sources_of(e);
  evaluate(e, value);
  const Expr* bare = peel(e);
  value.type = type_name(bare->getType());
  if (const auto* address = dyn_cast<UnaryOperator>(bare); address && address->getOpcode() == UO_AddrOf) {
    value.by_address = value.address_taken = true;
    bare = peel(address->getSubExpr());
  }
  if (const auto* wrapped = dyn_cast<CallExpr>(bare); wrapped && wrapped->getDirectCallee() && wrapped->getNumArgs() == 1) {
    const std::string name = name_of(wrapped->getDirectCallee());
    if (name == "std::ref" || name == "std::cref") {
      value.by_address = value.address_taken = true;
      bare = peel(wrapped->getArg(0));
    }
  }
  if (const auto* reference = dyn_cast<DeclRefExpr>(bare)) value.spelling = reference->getDecl()->getNameAsString();
  else if (const auto* member = dyn_cast<MemberExpr>(bare)) value.spelling = member->getMemberDecl()->getNameAsString();
  else if (isa<CXXThisExpr>(bare)) value.spelling = "this";
  value.lifetime = lifetime_of(bare);
  return value;
}

}  // namespace concadvise
