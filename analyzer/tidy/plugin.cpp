// The rules that look at one file only, as checks of clang-tidy: the same extractor reads clang-tidy's AST and the same
// checks judge its facts. What needs other files (who calls this, what does that call) only `concadvise lint` sees.
//
//     clang-tidy --load libconcadvise-tidy.so -checks='concadvise-*' ...
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "analyzer/analyzer.h"
#include "analyzer/cpp/extractor.h"
#include "clang-tidy/ClangTidyCheck.h"
#include "clang-tidy/ClangTidyModule.h"
#include "clang/Basic/Version.h"
#if CLANG_VERSION_MAJOR < 22
#include "clang-tidy/ClangTidyModuleRegistry.h"
#endif
#include "clang/ASTMatchers/ASTMatchFinder.h"
#include "clang/ASTMatchers/ASTMatchers.h"
#include "clang/Basic/FileManager.h"

namespace concadvise {
namespace {

using clang::ast_matchers::MatchFinder;

// Rules that judge what a function itself writes; in the order of docs/rules.
constexpr std::array<const char*, 11> kRules = {
    "coroutine-lambda-capture", "coroutine-reference-parameter", "detached-thread-captures", "discarded-async-future", "dropped-awaitable",      "lock-across-await",
    "loop-without-suspension",  "pool-per-call",                 "resume-in-await-suspend",  "thread-local-across-await", "wait-without-predicate"};

/// Findings of the unit that clang-tidy is at. Its checks run one after the other over one AST, so it is read once for all.
class UnitFindings {
 public:
  const LintResult& of(clang::ASTContext& context) {
    if (&context != context_) read(context);
    return result_;
  }
  /// The next unit's AST may lie where the last one did.
  void forget() { context_ = nullptr; }

 private:
  void read(clang::ASTContext& context) {
    context_ = &context;
    result_ = {};
    const auto knowledge = Knowledge::builtin();
    const auto& sources = context.getSourceManager();
    const auto main_file = sources.getFileEntryRefForID(sources.getMainFileID());
    if (!knowledge || !main_file) return;
    LintOptions options;
    options.jobs = 1;
    options.rules.assign(kRules.begin(), kRules.end());
    CompileEntry entry;
    if (const auto folder = sources.getFileManager().getVirtualFileSystem().getCurrentWorkingDirectory()) entry.directory = *folder;
    entry.file = main_file->getName().str();
    std::vector<facts::Unit> units(1);
    units[0].path = entry.file;
    UnitExtractor extractor(units[0], entry, options, *knowledge);
    std::vector<std::string> headers;
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) headers.push_back(file->first.getName().str());
    extractor.made_of(std::move(headers));
    extractor.extract(context);
    result_ = lint_units(std::move(units), *knowledge, options);
  }
  clang::ASTContext* context_ = nullptr;
  LintResult result_;
};

class RuleCheck : public clang::tidy::ClangTidyCheck {
 public:
  RuleCheck(llvm::StringRef name, clang::tidy::ClangTidyContext* context, std::shared_ptr<UnitFindings> findings)
      : ClangTidyCheck(name, context), rule_(name.drop_front(llvm::StringRef("concadvise-").size()).str()), findings_(std::move(findings)) {}
  bool isLanguageVersionSupported(const clang::LangOptions& options) const override { return options.CPlusPlus; }
  void registerMatchers(MatchFinder* finder) override { finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this); }
  void onStartOfTranslationUnit() override { findings_->forget(); }
  void check(const MatchFinder::MatchResult& match) override {
    auto& sources = *match.SourceManager;
    for (const auto& finding : findings_->of(*match.Context).findings) {
      if (finding.rule != rule_ || finding.suppressed) continue;
      const auto file = sources.getFileManager().getOptionalFileRef(finding.file);
      if (!file) continue;
      const auto at = sources.translateFileLineCol(&file->getFileEntry(), static_cast<unsigned>(finding.line), static_cast<unsigned>(finding.column));
      diag(at, finding.message);
      if (!finding.fix.empty()) diag(at, finding.fix, clang::DiagnosticIDs::Note);
    }
  }

 private:
  std::string rule_;
  std::shared_ptr<UnitFindings> findings_;
};

class Module : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    const auto findings = std::make_shared<UnitFindings>();
    for (const char* rule : kRules)
      factories.registerCheckFactory(std::string("concadvise-") + rule, [findings](llvm::StringRef name, clang::tidy::ClangTidyContext* context) {
        return std::make_unique<RuleCheck>(name, context, findings);
      });
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> added("concadvise", "Concurrency rules of concadvise that need one file only.");

}  // namespace
}  // namespace concadvise
