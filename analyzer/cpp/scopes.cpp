// Locks and destructors: what a scope holds and what its end runs.
#include <algorithm>
#include <array>
#include <string_view>

#include "analyzer/cpp/extractor.h"
#include "clang/AST/Attr.h"

namespace concadvise {
using namespace clang;

namespace {

// "pthread_mutex_lock" gives "lock".
std::string c_lock_operation(const std::string& name) {
  static const std::set<std::string, std::less<>> operations = {"lock", "unlock", "trylock", "timedlock", "rdlock", "wrlock", "tryrdlock", "trywrlock"};
  for (const std::string_view prefix : {"pthread_mutex_", "pthread_rwlock_", "pthread_spin_", "mtx_"})
    if (name.starts_with(prefix) && operations.contains(name.substr(prefix.size()))) return name.substr(prefix.size());
  return {};
}

}  // namespace

int BodyWalker::new_lock(const Stmt* where, SourceLocation at, const Expr* mutex, const std::string& type) {
  const auto known = lock_ids_.find(where);
  if (known != lock_ids_.end()) return known->second;
  facts::Lock lock;
  lock.place = unit_.place(at);
  lock.first_line = lock.place.line;
  lock.last_line = out_.end_line;
  if (mutex) lock.mutex = unit_.value_of(mutex);
  lock.type = type;
  if (const auto* row = unit_.knowledge().lock(type)) {
    lock.shared = row->shared;
    lock.cooperative = row->kind == "cooperative";
  }
  // Taken by the first statement of the function: index of the scopes below the parameters' own.
  lock.whole_body = scopes_.size() == 2 && out_.calls.size() <= 2 && out_.loops.empty();
  if (mutex && unit_.locks_by_awaiting(mutex->getType())) lock.cooperative = true;
  const int index = static_cast<int>(out_.locks.size());
  out_.locks.push_back(std::move(lock));
  return lock_ids_[where] = index;
}

void BodyWalker::lock_variable(const VarDecl* v) {
  const std::string type = unit_.type_name(v->getType());
  const Expr* init = v->getInit() ? UnitExtractor::peel(v->getInit()) : nullptr;
  const auto* construct = dyn_cast_or_null<CXXConstructExpr>(init);
  bool held = true;
  const Expr* mutex = nullptr;
  if (construct) {
    if (construct->getNumArgs() == 0 && type != "std::scoped_lock") held = false;
    for (const Expr* argument : construct->arguments()) {
      const std::string tag = unit_.type_name(argument->getType());
      if (tag == "std::defer_lock_t" || tag == "std::try_to_lock_t" || tag.ends_with("::defer_lock_t")) held = false;
      else if (!mutex) mutex = argument;
    }
    // A timed try: held where the guard says so.
    if (construct->getNumArgs() == 2 && held && unit_.type_name(construct->getArg(1)->getType()).starts_with("std::chrono")) held = false;
  }
  const int index = new_lock(reinterpret_cast<const Stmt*>(v), v->getLocation(), mutex, type);
  auto& lock = out_.locks[static_cast<std::size_t>(index)];
  lock.guard = unit_.node_of(v);
  // A guard that was awaited, or one for a mutex that is, does not block anybody.
  const auto* special = dyn_cast_or_null<ClassTemplateSpecializationDecl>(v->getType()->getAsCXXRecordDecl());
  const bool of_type = special && special->getTemplateArgs().size() > 0 && special->getTemplateArgs()[0].getKind() == TemplateArgument::Type;
  if (isa_and_nonnull<CoawaitExpr>(init) || (of_type && unit_.locks_by_awaiting(special->getTemplateArgs()[0].getAsType()))) lock.cooperative = true;
  guard_locks_[v] = index;
  if (held) state_.held.insert(index);
  scopes_.back().push_back({v, index});
}

namespace {

using Names = std::array<std::string_view, 5>;
constexpr Names kTaking = {"lock", "lock_shared", "Lock", "ReaderLock", "WriterLock"};
constexpr Names kGivingBack = {"unlock", "unlock_shared", "Unlock", "ReaderUnlock", "WriterUnlock"};

bool is_one_of(const NamedDecl* decl, const Names& names) {
  return decl->getIdentifier() && std::find(names.begin(), names.end(), std::string_view(decl->getName())) != names.end();
}

// Whether a body takes (or gives back) a mutex: its own calls, or those of a mutex of the sources around the real one.
bool calls_on_mutex(const Stmt* s, const Names& methods, llvm::StringRef c_form, const UnitExtractor& unit, int depth = 0) {
  if (!s || isa<LambdaExpr>(s)) return false;
  if (const auto* call = dyn_cast<CXXMemberCallExpr>(s)) {
    const auto* method = call->getMethodDecl();
    if (method && is_one_of(method, methods)) {
      const auto* row = unit.knowledge().lock(unit.type_name(call->getImplicitObjectArgument()->getType()));
      if (row && row->kind == "mutex") return true;
      if (!row && depth < 2 && unit.is_user(method) && calls_on_mutex(unit.definition_of(method)->getBody(), methods, c_form, unit, depth + 1)) return true;
    }
  } else if (const auto* plain = dyn_cast<CallExpr>(s)) {
    const auto* callee = plain->getDirectCallee();
    if (callee && callee->getIdentifier() && callee->getName() == c_form) return true;
  }
  return std::any_of(s->child_begin(), s->child_end(), [&](const Stmt* child) { return calls_on_mutex(child, methods, c_form, unit, depth); });
}

// `mutex_.Lock()` of a class of the sources whose method does nothing but take the real one.
bool wraps_mutex(const CallExpr* e, const UnitExtractor& unit) {
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(e->getDirectCallee());
  const bool takes = method && is_one_of(method, kTaking);
  if (!takes && !(method && is_one_of(method, kGivingBack))) return false;
  const auto* body = unit.is_user(method) ? dyn_cast_or_null<CompoundStmt>(unit.definition_of(method)->getBody()) : nullptr;
  if (!body || body->size() != 1) return false;
  return takes ? calls_on_mutex(body, kTaking, "pthread_mutex_lock", unit) : calls_on_mutex(body, kGivingBack, "pthread_mutex_unlock", unit);
}

}  // namespace

// A class of the sources with a guard inside, made with something that may be a mutex or by a function that hands it out.
bool BodyWalker::wraps_guard(const VarDecl* v) const {
  const auto* klass = v->getType()->getAsCXXRecordDecl();
  const Expr* init = v->getInit() ? UnitExtractor::peel(v->getInit()) : nullptr;
  if (!klass || !klass->hasDefinition() || !unit_.is_user(klass)) return false;
  const auto* made = dyn_cast_or_null<CXXConstructExpr>(init);
  const auto* list = dyn_cast_or_null<InitListExpr>(init);
  const auto* call = dyn_cast_or_null<CallExpr>(init);
  const auto* callee = call ? call->getDirectCallee() : nullptr;
  const bool handed_out = callee && callee->getIdentifier() && !callee->getName().contains("try") && !v->getType()->isReferenceType();
  if (!handed_out && !(made && made->getNumArgs() > 0 && !made->getConstructor()->isCopyOrMoveConstructor()) && !(list && list->getNumInits() > 0)) return false;
  return std::any_of(klass->getDefinition()->field_begin(), klass->getDefinition()->field_end(), [&](const FieldDecl* field) {
    const auto* row = unit_.knowledge().lock(unit_.type_name(field->getType()));
    return row && row->kind == "guard" && !field->getType()->isReferenceType() && !field->getType()->isPointerType();
  });
}

// A class of the sources that takes a mutex in the constructor used and gives it back in its destructor.
bool BodyWalker::locks_by_hand(const VarDecl* v) {
  if (wraps_guard(v)) return true;
  const auto* klass = v->getType()->getAsCXXRecordDecl();
  const auto* made = v->getInit() ? dyn_cast<CXXConstructExpr>(UnitExtractor::peel(v->getInit())) : nullptr;
  if (!klass || !klass->hasDefinition() || !made || !unit_.is_user(klass)) return false;
  if (klass->hasAttr<ScopedLockableAttr>()) return made->getNumArgs() > 0;
  const auto* destructor = klass->getDestructor();
  const auto* constructor = unit_.definition_of(made->getConstructor());
  if (!destructor || !destructor->isUserProvided()) return false;
  return calls_on_mutex(constructor->getBody(), kTaking, "pthread_mutex_lock", unit_) &&
         calls_on_mutex(unit_.definition_of(destructor)->getBody(), kGivingBack, "pthread_mutex_unlock", unit_);
}

int BodyWalker::lock_named(const Expr* object) const {
  const Expr* bare = UnitExtractor::peel(object);
  if (const auto* address = dyn_cast_or_null<UnaryOperator>(bare); address && (address->getOpcode() == UO_AddrOf || address->getOpcode() == UO_Deref))
    bare = UnitExtractor::peel(address->getSubExpr());
  if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(bare))
    if (const auto* v = dyn_cast<VarDecl>(reference->getDecl()))
      if (const auto at = guard_locks_.find(v); at != guard_locks_.end()) return at->second;
  for (const auto& source : unit_.sources_of(bare))
    if (const auto at = mutex_locks_.find(source); at != mutex_locks_.end()) return at->second;
  return -1;
}

// The lock whose try the condition asks for: `m.try_lock()`, `g.owns_lock()`, `if (g)`, a bool that holds one of them.
int BodyWalker::lock_tried(const Expr* e, bool& negated) const {
  const Expr* bare = UnitExtractor::peel(e);
  while (const auto* op = dyn_cast_or_null<UnaryOperator>(bare)) {
    if (op->getOpcode() != UO_LNot) break;
    negated = !negated;
    bare = UnitExtractor::peel(op->getSubExpr());
  }
  if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(bare)) {
    const auto* v = dyn_cast<VarDecl>(reference->getDecl());
    const auto at = v ? tried_.find(v) : tried_.end();
    return at == tried_.end() ? -1 : at->second;
  }
  if (const auto* op = dyn_cast_or_null<BinaryOperator>(bare); op && op->isEqualityOp()) {
    // pthread_mutex_trylock(&m) == 0
    const auto* call = dyn_cast<CallExpr>(UnitExtractor::peel(op->getLHS()));
    if (call && call->getDirectCallee() && call->getNumArgs() == 1 && c_lock_operation(unit_.name_of(call->getDirectCallee())) == "trylock") {
      if (op->getOpcode() == BO_NE) negated = !negated;
      return lock_named(call->getArg(0));
    }
    return -1;
  }
  const auto* call = dyn_cast_or_null<CXXMemberCallExpr>(bare);
  const auto* method = call ? call->getMethodDecl() : nullptr;
  if (!method) return -1;
  const bool asks = isa<CXXConversionDecl>(method) ||
                    (method->getIdentifier() && (method->getName().starts_with("try_lock") || method->getName() == "owns_lock" || method->getName().starts_with("tryLock")));
  return asks ? lock_named(call->getImplicitObjectArgument()) : -1;
}

std::set<int> BodyWalker::guards_in(const Stmt* s) const {
  std::set<int> out;
  if (!s) return out;
  if (const auto* reference = dyn_cast<DeclRefExpr>(s))
    if (const auto* v = dyn_cast<VarDecl>(reference->getDecl()))
      if (const auto at = guard_locks_.find(v); at != guard_locks_.end()) out.insert(at->second);
  for (const Stmt* child : s->children()) out.merge(guards_in(child));
  return out;
}

// lock() and unlock() of mutexes and guards, and their C forms.
void BodyWalker::lock_operation(const CallExpr* e, const facts::Call& fact) {
  const Expr* object = nullptr;
  std::string operation;
  if (const auto* member = dyn_cast<CXXMemberCallExpr>(e)) {
    object = member->getImplicitObjectArgument();
    if (const auto* method = member->getMethodDecl(); method && method->getIdentifier()) operation = method->getName().str();
  } else if (const auto form = c_lock_operation(fact.name); !form.empty() && e->getNumArgs() >= 1) {
    object = e->getArg(0);
    operation = form;
  } else if (fact.name == "std::move" && e->getNumArgs() == 1) {
    // The guard that it is moved to holds the lock from here on.
    if (const int index = lock_named(e->getArg(0)); index >= 0 && e->getArg(0)->getType()->isRecordType() && guard_locks_.size()) {
      const auto* reference = dyn_cast<DeclRefExpr>(UnitExtractor::peel(e->getArg(0)));
      const auto* v = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
      if (v && guard_locks_.contains(v)) state_.held.erase(index);
    }
    return;
  }
  if (!object || operation.empty()) return;
  const std::string type = unit_.type_name(object->getType());
  const auto* row = unit_.knowledge().lock(type);
  if (!row && c_lock_operation(fact.name).empty() && !wraps_mutex(e, unit_)) return;
  if (row && row->kind == "cooperative") return;
  int index = lock_named(object);
  const bool takes = operation == "lock" || operation == "lock_shared" || operation == "rdlock" || operation == "wrlock" || operation == "Lock" || operation == "ReaderLock" || operation == "WriterLock";
  const bool tries = operation.starts_with("try_lock") || operation.starts_with("tryLock") || operation == "trylock" || operation == "TryLock";
  const bool drops = operation == "unlock" || operation == "unlock_shared" || operation == "Unlock" || operation == "release" || operation == "ReaderUnlock";
  if (index < 0 && (takes || tries)) {
    index = new_lock(e, e->getBeginLoc(), object, type);
    for (const auto& source : unit_.sources_of(object)) mutex_locks_[source] = index;
    if (auto named = unit_.sources_of(object); named.empty()) mutex_locks_[fact.object ? fact.object->spelling : "?"] = index;
  }
  if (index < 0) return;
  if (takes) state_.held.insert(index);
  else if (drops) state_.held.erase(index);
}

void BodyWalker::scan_moves(const Stmt* s) {
  if (!s) return;
  if (const auto* call = dyn_cast<CallExpr>(s); call && call->getNumArgs() == 1 && call->getDirectCallee()) {
    const auto* callee = call->getDirectCallee();
    if (callee->getIdentifier() && callee->isInStdNamespace() && (callee->getName() == "move" || callee->getName() == "exchange"))
      if (const auto* reference = dyn_cast<DeclRefExpr>(UnitExtractor::peel(call->getArg(0))))
        if (const auto* v = dyn_cast<VarDecl>(reference->getDecl())) moved_.insert(v);
  } else if (isa<ReturnStmt, CoreturnStmt>(s)) {
    const Expr* value = isa<ReturnStmt>(s) ? cast<ReturnStmt>(s)->getRetValue() : cast<CoreturnStmt>(s)->getOperand();
    const Expr* bare = value ? UnitExtractor::peel(value) : nullptr;
    if (const auto* copied = dyn_cast_or_null<CXXConstructExpr>(bare); copied && copied->getNumArgs() == 1) bare = UnitExtractor::peel(copied->getArg(0));
    if (const auto* reference = dyn_cast_or_null<DeclRefExpr>(bare))
      if (const auto* v = dyn_cast<VarDecl>(reference->getDecl())) moved_.insert(v);
  }
  if (const auto* inner = dyn_cast<LambdaExpr>(s)) {
    for (const Expr* init : inner->capture_inits()) scan_moves(init);
    return;
  }
  for (const Stmt* child : s->children()) scan_moves(child);
}

// A future that was got or a thread that was joined before: its destructor has nothing left to wait for.
bool BodyWalker::finished(const VarDecl* v) const {
  static const std::set<std::string, std::less<>> ends = {"get", "wait", "join", "detach", "share"};
  const std::string node = unit_.node_of(v);
  return std::any_of(out_.calls.begin(), out_.calls.end(), [&](const facts::Call& call) {
    const auto at = call.name.find_last_of(':');
    if (!call.object || at == std::string::npos || !ends.contains(call.name.substr(at + 1))) return false;
    return std::find(call.object->sources.begin(), call.object->sources.end(), node) != call.object->sources.end();
  });
}

bool BodyWalker::moved_away(const VarDecl* v) const { return moved_.contains(v); }

// reset(), clear() and the like of owning types end what they own.
void BodyWalker::empties(const CallExpr* e) {
  static const std::set<std::string, std::less<>> ends = {"reset", "clear", "pop_back", "pop_front", "pop", "erase"};
  const auto* member = dyn_cast<CXXMemberCallExpr>(e);
  const auto* method = member ? member->getMethodDecl() : nullptr;
  if (!method || !method->getIdentifier() || !unit_.passes_through(method) || !ends.contains(method->getName().str())) return;
  const bool all = e->getNumArgs() == 0 && !method->getName().starts_with("pop");
  ends_owned(e, member->getImplicitObjectArgument(), method->getName().str(), all);
}

// `all`: the owner has nothing left afterwards, so that its own end is free.
void BodyWalker::ends_owned(const CallExpr* e, const Expr* owner, const std::string& how, bool all) {
  QualType type = owner->getType();
  if (type->isPointerType()) type = type->getPointeeType();
  const auto* reference = dyn_cast<DeclRefExpr>(UnitExtractor::peel(owner));
  const auto* v = reference ? dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  if (v && moved_away(v)) return;
  const auto sources = unit_.sources_of(owner);
  if (!v || !state_.emptied.contains(v)) destroys(type, e, e->getBeginLoc(), "destructor run by " + how, sources.empty() ? facts::Text() : sources.front());
  if (v && all && !v->getType()->isReferenceType()) state_.emptied.insert(v);
}

// Calls that the end of an object of the type makes. Types of libraries that own others pass it on to what they own. `derived`:
// it is known by a pointer, and may be of a class that is derived from the type.
void BodyWalker::destroys(QualType type, const void* where, SourceLocation at, const std::string& why, const std::string& node, int depth, bool derived) {
  if (depth > 5 || type.isNull() || type->isDependentType()) return;
  if (const auto* array = unit_.context().getAsArrayType(type)) return destroys(array->getElementType(), where, at, why, node, depth + 1, derived);
  if (type->isReferenceType() || type->isPointerType()) return;
  const auto* klass = type->getAsCXXRecordDecl();
  if (!klass || !klass->hasDefinition()) return;
  klass = klass->getDefinition();
  const std::string name = unit_.name_of(klass);
  facts::Call fact;
  fact.place = unit_.place(at);
  fact.implicit = why;
  const bool user = unit_.is_user(klass);
  const auto* destructor = klass->getDestructor();
  if (unit_.knowledge().type(name, "blocking-destructor")) {
    if (state_.ready.contains(node)) return;
    fact.name = name + "::~" + (klass->getIdentifier() ? klass->getNameAsString() : std::string());
    fact.object = facts::Value{};
    fact.object->type = name;
    if (!node.empty()) fact.object->sources = {node};
    record(where, 16 + depth, std::move(fact));
    return;
  }
  if (user) {
    if (destructor && destructor->isUserProvided()) {
      fact.targets = {unit_.key_of(unit_.definition_of(destructor))};
      fact.name = unit_.name_of(destructor);
      fact.virtual_call = destructor->isVirtual() && derived && !klass->isEffectivelyFinal();
      record(where, 16 + depth, std::move(fact));
      return;
    }
    for (const auto* field : klass->fields()) destroys(field->getType(), field, at, why, unit_.node_of(field), depth + 1);
    for (const auto& base : klass->bases()) destroys(base.getType(), &base, at, why, {}, depth + 1);
    return;
  }
  static const std::set<std::string, std::less<>> owners = {
      "std::unique_ptr", "std::vector", "std::optional", "std::array", "std::pair", "std::tuple", "std::deque", "std::list", "std::map",
      "std::unordered_map", "std::set", "std::unordered_set", "std::variant", "std::queue", "std::stack", "std::forward_list"};
  const auto* special = dyn_cast<ClassTemplateSpecializationDecl>(klass);
  if (!special || !owners.contains(name)) return;
  const auto& arguments = special->getTemplateArgs();
  if (name == "std::unique_ptr" && arguments.size() >= 2 && arguments[1].getKind() == TemplateArgument::Type) {
    const auto* deleter = arguments[1].getAsType()->getAsCXXRecordDecl();
    if (deleter && unit_.is_user(deleter) && deleter->hasDefinition()) {
      for (const auto* method : deleter->methods())
        if (method->getOverloadedOperator() == OO_Call) {
          fact.targets = {unit_.key_of(unit_.definition_of(method))};
          fact.name = unit_.name_of(method);
          record(where, 24 + depth, fact);
        }
      return;
    }
    destroys(arguments[0].getAsType(), where, at, why, {}, depth + 1, true);
    return;
  }
  for (const auto& argument : arguments.asArray()) {
    if (argument.getKind() == TemplateArgument::Type) destroys(argument.getAsType(), where, at, why, name == "std::vector" ? node : std::string(), depth + 1);
    else if (argument.getKind() == TemplateArgument::Pack)
      for (const auto& one : argument.pack_elements())
        if (one.getKind() == TemplateArgument::Type) destroys(one.getAsType(), where, at, why, {}, depth + 1);
  }
}

}  // namespace concadvise
