// The declarations of a unit: which functions and classes there are. Instantiations stand for their template; the pattern
// is only read where nothing instantiates it.
#include <algorithm>

#include "analyzer/cpp/extractor.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Basic/Version.h"
#include "clang/AST/Attr.h"
#include "clang/AST/DeclFriend.h"
#include "llvm/Support/Path.h"

namespace concadvise {
using namespace clang;

void UnitExtractor::flow(const std::string& from, const std::string& to) {
  if (from.empty() || to.empty() || from == to) return;
  if (flows_.emplace(from, to).second) unit_.flows.push_back({from, to});
}

void UnitExtractor::flow(const facts::Texts& from, facts::Text to) {
  for (const auto& one : from) flow(one, to);
}

void UnitExtractor::extract(ASTContext& context) {
  context_ = &context;
  extracted_ = true;
  file_index(entry_.file);
  test_unit_ = is_test_unit();
  // Only what this unit has itself: the rest of a precompiled header is never loaded.
  for (const Decl* decl : context.getTranslationUnitDecl()->noload_decls()) walk_decl(decl);
  read_suppressions();
}

void UnitExtractor::walk(const DeclContext* scope) {
  for (const Decl* decl : scope->decls()) walk_decl(decl);
}

namespace {

// A pointer to a function, or a table or record of such.
bool holds_functions(QualType type, int depth = 0) {
  while (const auto* array = type->getAsArrayTypeUnsafe()) type = array->getElementType();
  if (type->isFunctionPointerType() || type->isMemberFunctionPointerType()) return true;
  const auto* record = depth < 3 ? type->getAsCXXRecordDecl() : nullptr;
  if (!record || !record->hasDefinition()) return false;
  return std::any_of(record->getDefinition()->field_begin(), record->getDefinition()->field_end(), [&](const FieldDecl* field) { return holds_functions(field->getType(), depth + 1); });
}

}  // namespace

void UnitExtractor::walk_decl(const Decl* decl) {
  if (isa<TranslationUnitDecl>(decl)) return;
  if (const auto* space = dyn_cast<NamespaceDecl>(decl)) {
    // `namespace std` of a user's file may specialize templates; a library's own parts are skipped one by one.
    if (is_user(space)) walk(space);
    return;
  }
  if (const auto* linkage = dyn_cast<LinkageSpecDecl>(decl)) return walk(linkage);
  if (const auto* exported = dyn_cast<ExportDecl>(decl)) return walk(exported);
  if (decl->isInvalidDecl() && !isa<FunctionDecl, CXXRecordDecl>(decl)) return;
  if (!is_user(decl)) return;
  if (const auto* function = dyn_cast<FunctionDecl>(decl)) return add_function(function, {});
  if (const auto* shape = dyn_cast<FunctionTemplateDecl>(decl)) return walk_template(shape);
  if (const auto* shape = dyn_cast<ClassTemplateDecl>(decl)) return walk_class_template(shape);
  if (const auto* record = dyn_cast<CXXRecordDecl>(decl)) {
    if (isa<ClassTemplatePartialSpecializationDecl>(record)) return;
    return add_class(record);
  }
  if (const auto* friends = dyn_cast<FriendDecl>(decl)) {
    if (const auto* befriended = friends->getFriendDecl()) walk_decl(befriended);
    return;
  }
  const auto* variable = dyn_cast<VarDecl>(decl);
  if (!variable || !variable->hasInit() || variable->getType()->isDependentType()) return;
  if (variable->isConstexpr() && !holds_functions(variable->getType())) return;
  flow(sources_of(variable->getInit()), node_of(variable));
  // The initializer runs before main: one function of its own per variable.
  facts::Function out;
  out.key = node_of(variable) + "/initializer";
  out.name = "initializer of " + variable->getNameAsString();
  out.place = place(variable->getLocation());
  out.kind = facts::FunctionKind::module;
  out.has_body = true;
  BodyWalker walker(*this, out, nullptr);
  walker.initializer(variable);
  if (!out.calls.empty()) unit_.functions.push_back(std::move(out));
}

void UnitExtractor::walk_template(const FunctionTemplateDecl* shape) {
  if (!shape->isThisDeclarationADefinition() && shape->getCanonicalDecl() != shape) return;
  bool instantiated = false;
  for (const auto* one : shape->specializations())
    if (one->isTemplateInstantiation() && one->hasBody()) {
      instantiated = true;
      add_function(one, {});
    }
  if (!instantiated) add_function(shape->getTemplatedDecl(), {});
}

void UnitExtractor::walk_class_template(const ClassTemplateDecl* shape) {
  if (shape->getCanonicalDecl() != shape) return;
  bool instantiated = false;
  for (const auto* one : shape->specializations())
    if (one->isCompleteDefinition() && one->getTemplateSpecializationKind() != TSK_ExplicitSpecialization) {
      instantiated = true;
      add_class(one);
    }
  if (const auto* pattern = shape->getTemplatedDecl()->getDefinition()) {
    // Members that no instantiation needed are read from the pattern.
    if (!instantiated) add_class(pattern);
    else
      for (const auto* method : pattern->methods()) {
        bool used = false;
        for (const auto* one : shape->specializations())
          for (const auto* instance : one->methods())
            used = used || (instance->getInstantiatedFromMemberFunction() == method && instance->isDefined());
        if (!used && method->isDefined()) add_function(method, {});
      }
  }
}

void UnitExtractor::add_class(const CXXRecordDecl* record) {
  if (!record->isThisDeclarationADefinition() || !done_.insert(record).second) return;
  if (record->isLambda()) return;
  facts::Class out;
  out.key = key_of(record);
  out.name = name_of(record);
  out.place = place(record->getLocation());
  for (const auto& base : record->bases())
    if (const auto* type = base.getType()->getAsCXXRecordDecl()) out.bases.push_back(is_user(type) ? key_of(type) : name_of(type));
    else if (!base.getType()->isDependentType()) out.bases.push_back(type_name(base.getType()));
  const auto arguments_of = [&](QualType type, auto&& self, int depth, facts::Texts& names) -> void {
    const auto* special = dyn_cast_or_null<ClassTemplateSpecializationDecl>(type.getNonReferenceType()->getAsCXXRecordDecl());
    if (!special || depth > 2) return;
    for (const auto& argument : special->getTemplateArgs().asArray())
      if (argument.getKind() == TemplateArgument::Type) {
        names.push_back(type_name(argument.getAsType()));
        self(argument.getAsType(), self, depth + 1, names);
      }
  };
  for (const auto* field : record->fields()) {
    facts::Field one;
    one.name = field->getNameAsString();
    one.type = type_name(field->getType());
    arguments_of(field->getType(), arguments_of, 0, one.of);
    one.node = node_of(field);
    if (field->hasInClassInitializer() && field->getInClassInitializer()) flow(sources_of(field->getInClassInitializer()), one.node);
    out.fields.push_back(std::move(one));
  }
  for (const auto* method : record->methods())
    if (!method->isImplicit()) out.method_names.push_back(method->getNameAsString());
#if CLANG_VERSION_MAJOR >= 22
  out.lazy = lazy_coroutine_type(context_->getCanonicalTagType(record));
#else
  out.lazy = lazy_coroutine_type(context_->getRecordType(record));
#endif
  out.awaitable = out.lazy || std::find(out.method_names.begin(), out.method_names.end(), "await_ready") != out.method_names.end();
  unit_.classes.push_back(std::move(out));
  for (const auto* decl : record->decls()) {
    if (const auto* nested = dyn_cast<CXXRecordDecl>(decl); nested && nested->isInjectedClassName()) continue;
    walk_decl(decl);
  }
}

const NamedDecl* UnitExtractor::promise_type(const CXXRecordDecl* record) const {
  for (const auto* found : record->lookup(&context_->Idents.get("promise_type")))
    if (found->getAccess() != AS_private && found->getAccess() != AS_protected) return found;
  return nullptr;
}

namespace {

const CXXRecordDecl* record_of(const NamedDecl* type) {
  if (const auto* alias = dyn_cast_or_null<TypedefNameDecl>(type)) return alias->getUnderlyingType()->getAsCXXRecordDecl();
  return dyn_cast_or_null<CXXRecordDecl>(type);
}

}  // namespace

// Whether coroutines that return the type start suspended: initial_suspend gives std::suspend_always, or an awaiter that
// is never ready.
bool UnitExtractor::lazy_coroutine_type(QualType type) const {
  if (type.isNull()) return false;
  if (knowledge_.type(type_name(type), "lazy-awaitable")) return true;
  if (knowledge_.type(type_name(type), "eager-awaitable")) return false;
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  if (!record || !record->hasDefinition()) return false;
  const CXXRecordDecl* promise = record_of(promise_type(record));
  for (int depth = 0; promise && depth < 8; ++depth) {
    promise = promise->getDefinition();
    if (!promise) break;
    for (const auto* method : promise->methods())
      if (method->getIdentifier() && method->getName() == "initial_suspend") return type_name(method->getReturnType()) == "std::suspend_always";
    if (promise->getNumBases() == 0) break;
    promise = promise->bases_begin()->getType()->getAsCXXRecordDecl();
  }
  return false;
}

// A mutex whose lock is awaited: knowledge says so, or it has a method for it that gives something awaitable.
bool UnitExtractor::locks_by_awaiting(QualType type) const {
  type = type.getNonReferenceType();
  if (type->isPointerType()) type = type->getPointeeType();
  if (const auto* row = knowledge_.lock(type_name(type))) return row->kind == "cooperative";
  const auto* record = type->getAsCXXRecordDecl();
  if (!record || !record->hasDefinition()) return false;
  for (const auto* method : record->getDefinition()->methods()) {
    if (!method->getIdentifier() || !(method->getName().contains("lock") || method->getName().contains("Lock"))) continue;
    const auto* result = method->getReturnType().getNonReferenceType()->getAsCXXRecordDecl();
    if (!result || !result->hasDefinition()) continue;
    const auto has = [&](DeclarationName name) { return !result->getDefinition()->lookup(name).empty(); };
    if (has(&context_->Idents.get("await_ready")) || has(context_->DeclarationNames.getCXXOperatorName(OO_Coawait)) || has(&context_->Idents.get("promise_type"))) return true;
  }
  return false;
}

bool UnitExtractor::generator_type(QualType type) const {
  const auto* record = type.isNull() ? nullptr : type.getNonReferenceType()->getAsCXXRecordDecl();
  if (!record || !record->hasDefinition()) return false;
  if (record->getIdentifier() && record->getName() == "generator" && is_system(context_->getSourceManager(), record->getLocation())) return true;
  const CXXRecordDecl* promise = record_of(promise_type(record));
  if (!promise || !promise->hasDefinition()) return false;
  const auto methods = promise->getDefinition()->methods();
  return std::any_of(methods.begin(), methods.end(), [](const CXXMethodDecl* method) { return method->getIdentifier() && method->getName() == "yield_value"; });
}

// Whether the unit includes a header of a test framework, or is named as tests are: what its own file defines is test code.
bool UnitExtractor::is_test_unit() const {
  const auto is_row_of_tests = [&](const std::string& row_name) {
    const auto* row = knowledge_.root(row_name);
    return row && row->context == "test";
  };
  const llvm::StringRef stem = llvm::sys::path::stem(entry_.file);
  const auto first = stem.find('_');
  const auto last = stem.rfind('_');
  if (first != llvm::StringRef::npos && (is_row_of_tests("source " + stem.take_front(first + 1).str() + "*") || is_row_of_tests("source *" + stem.substr(last).str()))) return true;
  for (const llvm::StringRef path : headers_) {
    const llvm::StringRef name = llvm::sys::path::filename(path);
    const llvm::StringRef folder = llvm::sys::path::filename(llvm::sys::path::parent_path(path));
    for (const std::string& spelled : {name.str(), (folder + "/" + name).str(), (folder + "/*").str()})
      if (is_row_of_tests("#include <" + spelled + ">")) return true;
  }
  return false;
}

namespace {

// Views and other types that borrow what they are made from.
facts::Passing passing_of(QualType type, const std::string& name, const Knowledge& knowledge) {
  if (type->isLValueReferenceType()) return facts::Passing::reference;
  if (type->isRValueReferenceType()) return facts::Passing::rvalue_reference;
  if (type->isPointerType()) return facts::Passing::pointer;
  if (knowledge.type(name, "view")) return facts::Passing::view;
  return facts::Passing::value;
}

}  // namespace

void UnitExtractor::describe(const FunctionDecl* function, facts::Function& out) {
  const FunctionDecl* definition = definition_of(function);
  out.key = key_of(definition);
  out.name = name_of(definition);
  out.place = place(definition->getLocation());
  out.end_line = place(definition->getEndLoc()).line;
  out.has_body = definition->doesThisDeclarationHaveABody() || definition->isDefaulted();
  out.destructor = isa<CXXDestructorDecl>(definition);
  out.constructor = isa<CXXConstructorDecl>(definition);
  out.test = test_unit_ && context_->getSourceManager().isInMainFile(context_->getSourceManager().getExpansionLoc(definition->getLocation()));
  out.internal = !definition->isExternallyVisible();
  out.from_template = definition->isDependentContext();
  out.return_type = type_name(definition->getReturnType());
  out.lazy = !definition->getReturnType()->isReferenceType() && lazy_coroutine_type(definition->getReturnType());
  out.returns_awaitable = out.lazy;
  if (const auto* method = dyn_cast<CXXMethodDecl>(definition)) {
    if (!method->getParent()->isLambda()) out.owner = key_of(method->getParent());
    for (const auto* base : method->overridden_methods()) out.overrides.push_back(key_of(definition_of(base)));
    // What a library calls is known by the name of the library's own method.
    std::vector<const CXXMethodDecl*> bases(method->begin_overridden_methods(), method->end_overridden_methods());
    for (std::size_t i = 0; i < bases.size(); ++i) {
      if (!is_user(bases[i])) out.attributes.push_back(name_of(bases[i]));
      else flow(facts::node::function(out.key), overriders_node(bases[i]));
      for (const auto* further : bases[i]->overridden_methods())
        if (std::find(bases.begin(), bases.end(), further) == bases.end()) bases.push_back(further);
    }
  }
  for (const auto* redeclared : function->redecls())
    for (const auto* attribute : redeclared->attrs()) {
      std::string text;
      if (const auto* annotated = dyn_cast<AnnotateAttr>(attribute)) text = annotated->getAnnotation().str();
      if (text == "blocking" || text == "nonblocking") out.attributes.push_back(text);
    }
  if (const auto* type = function->getType()->getAs<FunctionProtoType>())
    for (const auto& effect : type->getFunctionEffects().effects()) {
      const auto kind = effect.kind();
      if (kind == FunctionEffect::Kind::Blocking) out.attributes.emplace_back("blocking");
      if (kind == FunctionEffect::Kind::NonBlocking) out.attributes.emplace_back("nonblocking");
    }
  for (const auto* parameter : definition->parameters()) {
    facts::Parameter one;
    one.name = parameter->getNameAsString();
    one.type = type_name(parameter->getType());
    one.passing = passing_of(parameter->getType(), one.type, knowledge_);
    one.has_default = parameter->hasDefaultArg();
    // What a constructor is given where nobody gives it anything: a pool's number of threads.
    if (out.constructor && one.has_default && !parameter->hasUninstantiatedDefaultArg() && !parameter->hasUnparsedDefaultArg())
      flow(sources_of(parameter->getDefaultArg()), node_of(parameter));
    out.parameters.push_back(std::move(one));
  }
}

void UnitExtractor::add_function(const FunctionDecl* function, const std::string& parent) {
  if (function->isDeleted() || isa<CXXDeductionGuideDecl>(function)) return;
  const FunctionDecl* definition = definition_of(function);
  const bool body = definition->doesThisDeclarationHaveABody() && !definition->isDeleted();
  if (!body) {
    facts::Function out;
    describe(function, out);
    out.has_body = false;
    const bool contract = std::any_of(out.attributes.begin(), out.attributes.end(), [](const auto& a) { return a == "blocking" || a == "nonblocking"; });
    if (contract && done_.insert(function->getCanonicalDecl()).second) unit_.functions.push_back(std::move(out));
    return;
  }
  if (!is_user(definition) || !done_.insert(definition).second) return;
  facts::Function out;
  describe(function, out);
  out.parent = parent;
  BodyWalker walker(*this, out, definition);
  walker.walk();
  unit_.functions.push_back(std::move(out));
}

void UnitExtractor::add_lambda(const LambdaExpr* lambda, const std::string& parent) {
  std::vector<const CXXMethodDecl*> bodies;
  if (const auto* shape = lambda->getDependentCallOperator()) {
    for (const auto* one : shape->specializations())
      if (one->hasBody()) bodies.push_back(cast<CXXMethodDecl>(one));
    if (bodies.empty()) bodies.push_back(lambda->getCallOperator());
    else
      for (const auto* body : bodies) flow(facts::node::function(key_of(body)), facts::node::function(key_of(lambda->getCallOperator())));
  } else {
    bodies.push_back(lambda->getCallOperator());
  }
  for (const auto* body : bodies) {
    if (!done_.insert(body).second) continue;
    facts::Function out;
    describe(body, out);
    out.name = "lambda";
    out.lambda = true;
    out.parent = parent;
    out.has_body = true;
    out.internal = true;
    out.place = place(lambda->getBeginLoc());
    for (const auto& capture : lambda->captures()) {
      facts::Capture one;
      if (capture.capturesThis()) {
        one.name = capture.getCaptureKind() == LCK_StarThis ? "*this" : "this";
        one.is_this = true;
        one.by_reference = capture.getCaptureKind() != LCK_StarThis;
        one.lifetime = facts::Lifetime::unknown;
      } else if (capture.capturesVariable()) {
        const auto* variable = capture.getCapturedVar();
        one.name = variable->getNameAsString();
        one.by_reference = capture.getCaptureKind() == LCK_ByRef;
        one.node = node_of(variable);
        one.type = type_name(variable->getType());
        const auto* storage = dyn_cast<VarDecl>(variable);
        if (!storage || variable->getType()->isReferenceType()) one.lifetime = facts::Lifetime::unknown;
        else if (storage->hasGlobalStorage()) one.lifetime = facts::Lifetime::global;
        else one.lifetime = isa<ParmVarDecl>(storage) ? facts::Lifetime::parameter : facts::Lifetime::local;
      }
      out.captures.push_back(std::move(one));
    }
    BodyWalker walker(*this, out, body);
    if (const auto each = item_loops_.find(lambda); each != item_loops_.end()) {
      for (const auto* item : body->parameters()) flow(each->second.over.sources, node_of(item));
      walker.inside(each->second);
    }
    walker.walk();
    unit_.functions.push_back(std::move(out));
  }
}

namespace {

facts::Texts rules_in(llvm::StringRef text) {
  facts::Texts rules;
  if (!text.consume_front("(")) return rules;
  llvm::SmallVector<llvm::StringRef, 4> names;
  text.take_until([](char c) { return c == ')'; }).split(names, ',');
  for (const auto name : names) rules.push_back(name.trim().str());
  return rules;
}

}  // namespace

// NOLINT, NOLINTNEXTLINE, NOLINTBEGIN and NOLINTEND, with rule names or for all.
void UnitExtractor::read_suppressions() {
  const auto& sources = context_->getSourceManager();
  // The text first: to find a file's FileID is a search through all of them, and may load more files.
  std::vector<std::pair<FileEntryRef, llvm::StringRef>> candidates;
  for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) {
    const auto buffer = file->second ? file->second->getBufferIfLoaded() : std::nullopt;
    if (buffer && buffer->getBuffer().contains("NOLINT")) candidates.emplace_back(file->first, buffer->getBuffer());
  }
  for (auto [file, text] : candidates) {
    const FileID id = sources.translateFile(file);
    if (id.isInvalid() || is_system(sources, sources.getLocForStartOfFile(id))) continue;
    std::vector<facts::Suppression> open;
    const std::uint32_t index = file_index(file.getName().str());
    for (int line = 1; !text.empty(); ++line) {
      const auto [here, rest] = text.split('\n');
      text = rest;
      const std::size_t at = here.find("NOLINT");
      if (at == llvm::StringRef::npos) continue;
      llvm::StringRef after = here.drop_front(at + 6);
      facts::Suppression one;
      one.file = index;
      one.written_at = line;
      if (after.consume_front("END")) {
        if (!open.empty()) {
          open.back().last_line = line;
          unit_.suppressions.push_back(open.back());
          open.pop_back();
        }
        continue;
      }
      const bool begin = after.consume_front("BEGIN");
      const bool next = !begin && after.consume_front("NEXTLINE");
      one.rules = rules_in(after);
      one.first_line = one.last_line = next ? line + 1 : line;
      if (begin) open.push_back(one);
      else unit_.suppressions.push_back(std::move(one));
    }
  }
}

}  // namespace concadvise
