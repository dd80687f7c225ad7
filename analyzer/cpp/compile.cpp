#include "analyzer/cpp/compile.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "analyzer/cpp/builtin_headers.h"
#include "analyzer/cpp/extractor.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Lex/LexDiagnostic.h"
#include "clang/Serialization/PCHContainerOperations.h"
#include "clang/Tooling/Tooling.h"

namespace concadvise {
namespace {

/// Counts errors and keeps the first.
class FirstError : public clang::DiagnosticConsumer {
 public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override {
    clang::DiagnosticConsumer::HandleDiagnostic(level, info);
    if (level < clang::DiagnosticsEngine::Error) return;
    if (info.getID() == clang::diag::err_pp_file_not_found) missing = true;
    if (++errors > 1) return;
    llvm::SmallString<256> message;
    info.FormatDiagnostic(message);
    text = message.str().str();
    if (!info.hasSourceManager() || info.getLocation().isInvalid()) return;
    const auto place = info.getSourceManager().getPresumedLoc(info.getSourceManager().getExpansionLoc(info.getLocation()));
    if (place.isInvalid()) return;
    file = place.getFilename();
    line = static_cast<int>(place.getLine());
    column = static_cast<int>(place.getColumn());
  }
  int errors = 0;
  bool missing = false;  // an included file
  std::string text;
  std::string file;
  int line = 0;
  int column = 0;
};

class FactConsumer : public clang::ASTConsumer {
 public:
  FactConsumer(UnitExtractor& extractor, std::set<std::string>& files, bool full) : extractor_(extractor), files_(files), full_(full) {}
  void Initialize(clang::ASTContext& context) override { context_ = &context; }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    extractor_.extract(context);
    const auto& sources = context.getSourceManager();
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) {
      // As it was opened: `..` behind a symbolic link does not lead where the text says.
      llvm::SmallString<256> path(file->first.getName());
      sources.getFileManager().makeAbsolutePath(path);
      if (!path.starts_with(kResourceDir)) files_.insert(path.str().str());
    }
  }
  bool shouldSkipFunctionBody(clang::Decl* decl) override {
    if (full_ || !context_) return false;
    return extractor_.is_system(context_->getSourceManager(), decl->getLocation());
  }

 private:
  UnitExtractor& extractor_;
  std::set<std::string>& files_;
  bool full_;
  clang::ASTContext* context_ = nullptr;
};

class FactAction : public clang::ASTFrontendAction {
 public:
  FactAction(UnitExtractor& extractor, std::set<std::string>& files, bool full) : extractor_(extractor), files_(files), full_(full) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
    compiler.getDiagnostics().setFatalsAsError(true);
    return std::make_unique<FactConsumer>(extractor_, files_, full_);
  }

 private:
  UnitExtractor& extractor_;
  std::set<std::string>& files_;
  bool full_;
};

class FactFactory : public clang::tooling::FrontendActionFactory {
 public:
  FactFactory(UnitExtractor& extractor, std::set<std::string>& files, bool full) : extractor_(extractor), files_(files), full_(full) {}
  std::unique_ptr<clang::FrontendAction> create() override { return std::make_unique<FactAction>(extractor_, files_, full_); }
  bool runInvocation(std::shared_ptr<clang::CompilerInvocation> invocation, clang::FileManager* files,
                     std::shared_ptr<clang::PCHContainerOperations> containers, clang::DiagnosticConsumer* consumer) override {
    invocation->getFrontendOpts().SkipFunctionBodies = !full_;
    invocation->getFrontendOpts().DisableFree = false;
    invocation->getDiagnosticOpts().ShowCarets = false;  // and with them "2 errors generated." on standard error
    invocation->getDependencyOutputOpts() = clang::DependencyOutputOptions();
    return clang::tooling::FrontendActionFactory::runInvocation(std::move(invocation), files, std::move(containers), consumer);
  }

 private:
  UnitExtractor& extractor_;
  std::set<std::string>& files_;
  bool full_;
};

struct Attempt {
  facts::Unit unit;
  std::set<std::string> files;
  bool missing = false;
  int errors = 0;
  bool ran = false;
};

Attempt attempt(const CompileEntry& entry, const std::vector<std::string>& more, const LintOptions& options, const Knowledge& knowledge) {
  Attempt result;
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions{entry.directory}, file_system_with_headers(entry.directory));
  UnitExtractor extractor(result.unit, entry, options, knowledge);
  FactFactory factory(extractor, result.files, options.full_parse);
  auto arguments = entry.arguments;
  arguments.insert(arguments.end() - 1, more.begin(), more.end());
  FirstError diagnostics;
  clang::tooling::ToolInvocation invocation(arguments, &factory, files.get(), std::make_shared<clang::PCHContainerOperations>());
  invocation.setDiagnosticConsumer(&diagnostics);
  result.ran = invocation.run() || extractor.extracted();
  result.errors = diagnostics.errors;
  result.missing = diagnostics.missing;
  auto& unit = result.unit;
  if (diagnostics.errors > 0 || !extractor.extracted()) {
    unit.status = extractor.extracted() ? facts::UnitStatus::partial : facts::UnitStatus::failed;
    unit.error = diagnostics.text.empty() ? "Clang could not start on it" : diagnostics.text;
    if (diagnostics.errors > 1) unit.error += fmt::format(" (and {} more errors)", diagnostics.errors - 1);
    if (!diagnostics.file.empty()) {
      unit.error_place = {extractor.file_index(diagnostics.file), diagnostics.line, diagnostics.column};
    }
  }
  return result;
}

}  // namespace

Compiled compile_unit(const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge) {
  Compiled result;
  result.unit.path = entry.file;
  if (!entry.error.empty()) {
    result.unit.status = facts::UnitStatus::failed;
    result.unit.error = entry.error;
    result.lasting = false;
    return result;
  }
  auto plain = attempt(entry, {}, options, knowledge);
  auto files = std::move(plain.files);
  result.lasting = !plain.missing;
  if (plain.errors > 0) {
    // Libraries that know gcc's coroutines but not Clang's parse when Clang claims to be gcc.
    auto masked = attempt(entry, {"-fgnuc-version=12.2.0", "-U__clang__"}, options, knowledge);
    files.merge(masked.files);
    result.lasting = result.lasting && !masked.missing;
    if (masked.unit.status != facts::UnitStatus::failed && masked.errors < plain.errors) plain = std::move(masked);
  }
  result.unit = std::move(plain.unit);
  result.unit.path = entry.file;
  result.files.assign(files.begin(), files.end());
  if (result.unit.status == facts::UnitStatus::failed) result.lasting = false;
  return result;
}

}  // namespace concadvise
