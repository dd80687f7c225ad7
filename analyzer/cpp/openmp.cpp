// OpenMP: what stands under a directive that starts threads or tasks is a function of its own, given to the team.
#include <fmt/format.h>

#include "analyzer/cpp/extractor.h"
#include "clang/AST/StmtOpenMP.h"
#include "clang/Basic/OpenMPKinds.h"

namespace concadvise {
using namespace clang;
namespace {

bool starts_tasks(OpenMPDirectiveKind kind) { return isOpenMPTaskingDirective(kind); }
bool starts_team(OpenMPDirectiveKind kind) { return isOpenMPParallelDirective(kind) || isOpenMPTeamsDirective(kind); }

}  // namespace

void UnitExtractor::add_region(const Stmt* body, const std::string& key, const facts::Function& around, const FunctionDecl* function) {
  if (!regions_.insert(body).second) return;
  facts::Function out;
  out.key = key;
  out.name = "OpenMP region";
  out.lambda = true;
  out.parent = around.key;
  out.has_body = true;
  out.internal = true;
  out.test = around.test;
  out.from_template = around.from_template;
  out.place = place(body->getBeginLoc());
  out.end_line = place(body->getEndLoc()).line;
  BodyWalker walker(*this, out, function);
  walker.walk_region(body);
  unit_.functions.push_back(std::move(out));
}

void BodyWalker::walk_region(const Stmt* body) {
  scopes_.emplace_back();
  scan_moves(body);
  statement(body);
  close_scope();
}

void BodyWalker::directive(const OMPExecutableDirective* d) {
  if (!d->hasAssociatedStmt()) return;
  const Stmt* body = d->getRawStmt();
  const bool team = starts_team(d->getDirectiveKind());
  if (!team && !starts_tasks(d->getDirectiveKind())) return statement(body);
  const facts::Place at = unit_.place(d->getBeginLoc());
  const std::string key = fmt::format("{}/omp@{}:{}", out_.key, at.line, at.column);
  unit_.add_region(body, key, out_, function_);
  facts::Call fact;
  fact.name = team ? "omp parallel" : "omp task";
  fact.use = facts::Use::dropped;
  fact.place = at;
  fact.end_line = unit_.place(d->getEndLoc()).line;
  facts::Value region;
  region.sources = {facts::node::function(key)};
  fact.arguments.push_back(std::move(region));
  record(d, 0, std::move(fact));
}

}  // namespace concadvise
