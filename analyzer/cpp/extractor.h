// From Clang's AST to facts. UnitExtractor walks the declarations of a unit and owns names, keys and files; BodyWalker
// walks one function's statements in the order in which they run, with the locks that may be held and the suspensions
// that may lie behind as its state.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/analyzer.h"
#include "analyzer/cpp/database.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

namespace clang {
class OMPExecutableDirective;
}

namespace concadvise {

class UnitExtractor {
 public:
  UnitExtractor(facts::Unit& unit, const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge)
      : unit_(unit), entry_(entry), options_(options), knowledge_(knowledge) {}

  void extract(clang::ASTContext& context);
  bool extracted() const { return extracted_; }
  /// The paths of the files that the unit is made of. To be given before extract().
  void made_of(std::vector<std::string> headers) { headers_ = std::move(headers); }

  // values.cpp: names and places
  bool is_system(const clang::SourceManager& sources, clang::SourceLocation location) const;
  bool is_user(const clang::Decl* decl) const { return !is_system(context_->getSourceManager(), decl->getLocation()); }
  std::uint32_t file_index(const std::string& path);
  facts::Place place(clang::SourceLocation location);
  std::string name_of(const clang::NamedDecl* decl) const;
  std::string type_name(clang::QualType type) const;
  std::string key_of(const clang::FunctionDecl* function);
  std::string key_of(const clang::CXXRecordDecl* record);
  std::string overriders_node(const clang::CXXMethodDecl* method) const;
  std::string node_of(const clang::ValueDecl* variable);
  const clang::FunctionDecl* definition_of(const clang::FunctionDecl* function) const;

  // values.cpp: values
  facts::Texts sources_of(const clang::Expr* expr);
  facts::Value value_of(const clang::Expr* expr);
  static const clang::Expr* peel(const clang::Expr* expr);
  /// The lambda whose conversion to a function pointer this is, or nullptr.
  static const clang::Expr* closure_of_pointer(const clang::Expr* expr);
  bool passes_through(const clang::FunctionDecl* callee) const;

  // siblings.cpp
  /// Whether a call that gives the type can be awaited.
  bool awaitable_type(clang::QualType type) const;
  /// The asynchronous twin of a function of the project: declared in the object's class or its bases, or in the function's
  /// namespace, and awaited with as many parameters or given a handler after them. Empty: none.
  std::string twin_of(const clang::FunctionDecl* callee, const clang::Expr* object);

  // constants.cpp
  void collect_bits(const clang::Expr* expr, facts::Texts& out) const;
  void collect_choice(const clang::ConditionalOperator* expr, facts::Texts& out) const;
  void collect_choice(const clang::Expr* condition, std::int64_t if_true, std::int64_t if_false, facts::Texts& out) const;

  // declarations.cpp
  void add_function(const clang::FunctionDecl* function, const std::string& parent);
  void add_lambda(const clang::LambdaExpr* lambda, const std::string& parent);
  /// The lambda is what an algorithm runs once for each element: its body is the loop's.
  void runs_for_each(const clang::LambdaExpr* lambda, facts::Loop loop) { item_loops_.try_emplace(lambda, std::move(loop)); }
  void add_class(const clang::CXXRecordDecl* record);
  /// openmp.cpp: what an OpenMP directive gives to its threads, in a function that stands around it.
  void add_region(const clang::Stmt* body, const std::string& key, const facts::Function& around, const clang::FunctionDecl* function);
  void flow(const std::string& from, const std::string& to);
  void flow(const facts::Texts& from, facts::Text to);
  /// The promise_type that coroutines which return the class have; a private one is the class's own business. nullptr: none.
  const clang::NamedDecl* promise_type(const clang::CXXRecordDecl* record) const;
  bool lazy_coroutine_type(clang::QualType type) const;
  bool generator_type(clang::QualType type) const;
  bool locks_by_awaiting(clang::QualType mutex) const;

  clang::ASTContext& context() const { return *context_; }
  const Knowledge& knowledge() const { return knowledge_; }

 private:
  void walk(const clang::DeclContext* scope);
  void walk_decl(const clang::Decl* decl);
  void walk_template(const clang::FunctionTemplateDecl* function);
  void walk_class_template(const clang::ClassTemplateDecl* klass);
  void describe(const clang::FunctionDecl* function, facts::Function& out);
  void read_suppressions();
  bool is_test_unit() const;
  void collect_sources(const clang::Expr* expr, facts::Texts& out, int depth);
  void collect_call_sources(const clang::CallExpr* call, facts::Texts& out, int depth);
  void collect_call_operators(clang::QualType type, facts::Texts& out);
  facts::Lifetime lifetime_of(const clang::Expr* expr) const;
  void evaluate(const clang::Expr* expr, facts::Value& value) const;
  std::optional<double> time_of(const clang::VarDecl* variable) const;
  const clang::Expr* initial(const clang::Expr* expr, const clang::VarDecl*& variable) const;
  const clang::Stmt* body_around(const clang::VarDecl* variable) const;
  std::string lambdas_in(const clang::TemplateArgumentList* arguments);
  std::string path_suffix(const clang::Decl* decl, bool visible_everywhere) const;
  bool in_main_file(const clang::Decl* decl) const;
  bool may_live_elsewhere(const clang::CXXMethodDecl* method) const;
  std::string twin_in(const clang::DeclContext* scope, const clang::FunctionDecl* callee) const;

  facts::Unit& unit_;
  const CompileEntry& entry_;
  const LintOptions& options_;
  const Knowledge& knowledge_;
  clang::ASTContext* context_ = nullptr;
  bool extracted_ = false;
  std::vector<std::string> headers_;
  bool test_unit_ = false;  // uses a test framework
  std::unordered_map<std::string, std::uint32_t> files_;
  std::unordered_map<unsigned, std::uint32_t> file_ids_;
  std::unordered_set<const clang::Decl*> done_;
  std::unordered_set<const clang::Stmt*> regions_;
  std::unordered_map<const clang::LambdaExpr*, facts::Loop> item_loops_;
  std::unordered_map<const clang::Decl*, std::string> keys_;
  std::unordered_map<const clang::FunctionDecl*, std::string> lambda_parents_;
  std::set<std::pair<std::string, std::string>> flows_;
  std::map<std::pair<const clang::FunctionDecl*, const clang::CXXRecordDecl*>, std::string> twins_;
};

/// What holds at a point of a function: merged where ways meet.
struct FlowState {
  std::set<int> held;
  std::set<int> after{-1};
  std::set<std::string> ready;  // futures that were checked on every way here
  std::set<const clang::VarDecl*> emptied;  // owners that own nothing on every way here
  std::set<int> unsuspended;    // loops whose round may have come here without a suspension
  bool reachable = true;
  void join(const FlowState& other);
};

class BodyWalker {
 public:
  BodyWalker(UnitExtractor& unit, facts::Function& out, const clang::FunctionDecl* function)
      : unit_(unit), out_(out), function_(function) {}
  void walk();
  void walk_region(const clang::Stmt* body);
  /// The function's body is a round of this loop, which some algorithm runs.
  void inside(facts::Loop loop) { out_.loops.push_back(std::move(loop)), item_loop_ = 0; }
  void initializer(const clang::VarDecl* variable);

 private:
  struct LoopFrame {
    int index = -1;
    std::vector<FlowState> breaks;
    std::vector<FlowState> continues;
    bool is_switch = false;
    std::size_t depth = 0;  // scopes around it
  };
  struct ScopeVariable {
    const clang::VarDecl* variable = nullptr;
    int lock = -1;
  };
  struct Branches {
    FlowState yes;
    FlowState no;
  };

  // statements.cpp
  void statement(const clang::Stmt* s);
  void compound(const clang::CompoundStmt* s);
  void declaration(const clang::DeclStmt* s);
  void variable(const clang::VarDecl* v);
  void branch(const clang::IfStmt* s);
  void switch_statement(const clang::SwitchStmt* s);
  void try_statement(const clang::CXXTryStmt* s);
  void for_loop(const clang::ForStmt* s);
  void while_loop(const clang::WhileStmt* s);
  void do_loop(const clang::DoStmt* s);
  void range_loop(const clang::CXXForRangeStmt* s);
  template <typename Body>
  void loop(int index, bool at_least_once, const clang::Expr* condition, const clang::Expr* increment, Body body);
  int new_loop(const clang::Stmt* s, const clang::Expr* condition, const clang::Stmt* body);
  void leave(const clang::Expr* result, const clang::CoreturnStmt* s = nullptr);
  Branches condition(const clang::Expr* e);
  /// Futures that the condition finds ready, and on which of its ways.
  struct Polled {
    facts::Texts futures;
    bool ready_when_true = true;
  };
  Polled polled(const clang::Expr* e) const;
  void close_scope();
  FlowState outside(const LoopFrame& frame) const;
  void enter_parameters();
  void initializers();
  void member_destructors();

  // awaits.cpp
  void note_use_after_hand_over();

  // openmp.cpp
  void directive(const clang::OMPExecutableDirective* d);

  // loops.cpp
  void bound_of(const clang::ForStmt* s, facts::Loop& loop);
  void bound_of(const clang::Expr* condition, facts::Loop& loop);
  void bound_of_range(const clang::Expr* range, facts::Loop& loop);
  void give_each_item(const clang::CallExpr* e, const facts::Call& fact);
  bool steps(const clang::Expr* condition, const clang::Stmt* body) const;
  bool polls(const clang::Expr* condition, const clang::Stmt* body) const;
  bool only_looks(const clang::Stmt* part, const clang::Stmt* body, bool& looks) const;
  bool only_rearms(const clang::Stmt* body) const;
  static bool reads_any(const clang::Stmt* s, const std::unordered_set<const clang::ValueDecl*>& variables);
  bool advances_outer(const clang::Stmt* s) const;
  void note_changes(const clang::Stmt* s, int loop);
  void record_busy_wait(const clang::Stmt* s, int loop);
  bool busy_waits(const clang::Expr* condition, const clang::Stmt* body) const;

  // expressions.cpp
  void expression(const clang::Expr* e, facts::Use use = facts::Use::other, int passed_to = -1, const std::string& stored_in = {});
  void children(const clang::Expr* e);
  int call(const clang::CallExpr* e, facts::Use use, int passed_to, const std::string& stored_in);
  void construct(const clang::CXXConstructExpr* e, facts::Use use, int passed_to, const std::string& stored_in);
  void builds(const clang::CallExpr* e, int index);
  void note_promise(const facts::Call& fact);
  int record_call(const clang::CallExpr* e, facts::Call fact);
  void after_call(const clang::CallExpr* e, int index);
  void suspended(int index);
  void note_awaited(const clang::Expr* operand, facts::Use use);
  void await_here(const clang::Expr* e, const clang::Expr* operand, facts::SuspendKind kind, facts::Texts hands_to);
  void await(const clang::CoroutineSuspendExpr* e, facts::Use use, const std::string& stored_in);
  void implicit_call(const clang::CallExpr* e, const std::string& why, clang::SourceLocation at);
  void lambda(const clang::LambdaExpr* e);
  int record(const void* where, int part, facts::Call fact);
  int lookup(const void* where, int part) const;
  void name_callee(const clang::CallExpr* e, facts::Call& fact);
  void resumes_generator(const clang::CallExpr* e, const facts::Call& fact);
  void note_use(const clang::DeclRefExpr* e);
  void note_error_number(const clang::IntegerLiteral* e);
  void expects_would_block();

  // scopes.cpp
  int new_lock(const clang::Stmt* where, clang::SourceLocation at, const clang::Expr* mutex, const std::string& type);
  void lock_variable(const clang::VarDecl* v);
  void lock_operation(const clang::CallExpr* e, const facts::Call& fact);
  int lock_named(const clang::Expr* object) const;
  int lock_tried(const clang::Expr* condition, bool& negated) const;
  std::set<int> guards_in(const clang::Stmt* s) const;
  void empties(const clang::CallExpr* e);
  void ends_owned(const clang::CallExpr* e, const clang::Expr* owner, const std::string& how, bool all);
  bool locks_by_hand(const clang::VarDecl* v);
  bool wraps_guard(const clang::VarDecl* v) const;
  void destroys(clang::QualType type, const void* where, clang::SourceLocation at, const std::string& why, const std::string& node, int depth = 0, bool derived = false);
  bool finished(const clang::VarDecl* v) const;
  bool moved_away(const clang::VarDecl* v) const;
  void scan_moves(const clang::Stmt* s);

  UnitExtractor& unit_;
  facts::Function& out_;
  const clang::FunctionDecl* function_;
  FlowState state_;
  std::vector<LoopFrame> loops_;
  std::vector<std::vector<ScopeVariable>> scopes_;
  std::map<std::pair<const void*, int>, int> calls_;
  std::map<const void*, int> suspensions_;
  std::map<const void*, int> loop_ids_;
  std::map<int, std::pair<const clang::Expr*, const clang::Stmt*>> loop_parts_;  // condition and body
  std::map<const void*, int> lock_ids_;
  std::map<const clang::VarDecl*, int> guard_locks_;
  std::map<std::string, int> mutex_locks_;
  std::map<const clang::VarDecl*, int> tried_;  // bool ok = m.try_lock()
  std::map<std::string, std::string> promised_;   // futures, by the promise or task that they came from
  std::map<const clang::VarDecl*, Polled> polled_;  // auto status = f.wait_for(0s)
  std::unordered_set<const clang::VarDecl*> moved_;
  std::map<const clang::VarDecl*, const clang::VarDecl*> thread_local_aliases_;           // references and pointers to thread_local variables
  std::map<int, std::unordered_set<const clang::ValueDecl*>> loop_changes_;  // what lives longer than a round and a round changes
  int item_loop_ = -1;                          // of an algorithm, whose rounds are this function
  const clang::Expr* awaited_ = nullptr;        // operand of the co_await being walked
  std::string implicit_;                        // why calls that are met now have no call in the source
  clang::SourceLocation implicit_at_;
  std::set<int> exits_;
  int unconditional_ = 0;                       // depth of branches
  bool rearms_ = false;                         // nothing but a look that decides whether to look again
  std::vector<std::string> ways_;               // then: the branches taken, "LINE:then" or "LINE:else"
  int limited_ = 0;                             // depth of branches taken while a count is below a limit
  int once_ = 0;                                // in the initializer of a static local
  bool in_condition_ = false;
  bool lazy_ = false;
};

}  // namespace concadvise
