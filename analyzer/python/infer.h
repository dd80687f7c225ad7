// What an expression may be: a module, function, class or object of the project, or a dotted name outside. A best effort:
// flow-sensitive within a function, through attributes, returns, annotations and arguments across files; where it knows
// nothing it says so, and nobody guesses later.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/python/node_cache.h"
#include "analyzer/python/project.h"
#include "analyzer/python/signatures.h"
#include "analyzer/text.h"

namespace concadvise::python {

struct Value;
using Values = std::vector<Value>;

struct Value {
  enum class Kind : std::uint8_t {
    unknown,
    none,        // None
    module,      // ref.module
    function,    // ref; `self` is the class it was looked up on; name: "exact" where that class alone is meant
    class_,      // ref
    instance,    // ref: of that class
    external,    // name: something outside by its dotted name: module, function or class
    object,      // name: an object of that outside class ("str", "sqlite3.Connection")
    awaitable,   // inner: what awaiting gives; ref: the coroutine function, if one
    generator,   // inner: what iterating gives; ref: the generator function
    collection,  // inner: its elements; name: "list", "dict" ...
    partial,     // inner: the callable; bound: arguments given already
  };
  Kind kind = Kind::unknown;
  Ref ref = {};
  Ref self = {};
  std::string name = {};
  std::shared_ptr<const Values> inner = {};
  int bound = 0;

  bool is(Kind k) const { return kind == k; }
  friend bool operator==(const Value& a, const Value& b);
};

/// The method that an operator between two values calls on the left one: "+" -> "__add__". Empty: none.
std::string_view operator_method(std::string_view op);

/// Where a call's callee is found.
struct Callee {
  std::vector<Value> functions;        // functions and classes of the project
  std::vector<std::string> external;   // dotted names outside
  bool unknown = false;                // may be something else, too
};

/// One per thread: caches what it finds; the project is only read.
class Inference {
 public:
  Inference(const Project& project, const Signatures& signatures);

  /// Stays valid until `forget`.
  const Values& eval(ModuleId module, NodeId expression);
  /// What `name` means at that node.
  Values lookup(ModuleId module, std::string_view name, NodeId at);
  Values attribute(const Value& object, std::string_view name);
  Values call(const Value& callee, ModuleId module, NodeId call);
  Values awaited(const Values& values);
  Values elements(const Values& values);
  Values entered(const Values& values, bool async);
  Values annotation(ModuleId module, NodeId type);
  /// What a function returns, before it is wrapped into an awaitable or generator.
  Values returned(Ref function);
  /// Values of a function's parameter: its annotation, default, `self`, or what the project's calls pass.
  Values parameter(Ref function, int index);

  /// The method or class attribute that an instance of the class has; searches the bases. Empty: none in the project.
  Values member(Ref class_, std::string_view name);
  /// Dotted names of the outside classes that it derives from, nearest first.
  std::vector<std::string> external_bases(Ref class_);
  /// The classes of the project that it derives from, itself first.
  std::vector<Ref> ancestors(Ref class_);
  /// True if the class or one of its bases has that outside name.
  bool derives(Ref class_, std::string_view external);
  /// The decorators of a function or class by dotted name ("functools.wraps", "pkg.mod.retry"); empty where not known.
  facts::Texts decorators(Ref ref);
  bool has_decorator(Ref ref, std::string_view name);

  /// Drops what was cached for single expressions once it is much: between modules, when nothing is being inferred.
  void forget();

  /// Dotted names that values go by outside: "requests.get", of objects their class.
  static std::vector<std::string> names(const Values& values);
  const Project& project() const { return project_; }
  const Signatures& signatures() const { return signatures_; }

 private:
  struct Key {
    ModuleId module;
    std::uint32_t id;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return (static_cast<std::size_t>(key.module) << 32) ^ key.id;
    }
  };
  using Cache = std::unordered_map<Key, Values, Hash>;

  Values compute(ModuleId module, NodeId expression);
  const Values& binding(ModuleId module, ScopeId scope, const Binding& binding);
  Values bound(ModuleId module, ScopeId scope, const Binding& binding);
  Values import(ModuleId module, const Import& import);
  Values module_member(ModuleId module, std::string_view name);
  Values external(std::string name, ModuleId from);
  Values external_attribute(const std::string& owner, std::string_view name, bool object);
  Values external_call(const std::string& name, ModuleId module, NodeId call, bool construct);
  Values project_call(const Value& callee);
  Values elements_of_instance(const Value& value);
  Values instance_attribute(const Value& object, std::string_view name);
  Values from_annotation_name(ModuleId module, std::string_view text, NodeId at);
  Values subscript_annotation(ModuleId module, NodeId head, const std::vector<NodeId>& arguments);
  Values from_calls(Ref function, int index);
  Values appended(ModuleId module, ScopeId scope, const Binding& binding);
  Values unpacked(const Values& values, ModuleId module, NodeId value, int index);
  std::vector<const Binding*> reaching(const Module& module, const Scope& scope, const std::vector<Binding>& all, NodeId at);

  const Project& project_;
  const Signatures& signatures_;
  NodeCache<Values> expressions_;
  NodeCache<Values> bindings_;
  Cache returns_;
  Cache parameters_;
  std::unordered_map<Key, std::vector<Ref>, Hash> ancestors_;
  const Values nothing_ = {};
  int depth_ = 0;
};

}  // namespace concadvise::python
