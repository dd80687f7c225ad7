#include "analyzer/cpp/compile.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>

#include "analyzer/cpp/builtin_headers.h"
#include "analyzer/cpp/extractor.h"
#include "analyzer/cpp/shared_headers.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Lex/LexDiagnostic.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "clang/Serialization/PCHContainerOperations.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/MemoryBuffer.h"

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

/// What an attempt passes down to where Clang calls back.
struct Parsing {
  UnitExtractor& extractor;
  std::set<std::string>& files;
  bool full = false;
  const SharedHeaders* shared = nullptr;
  bool sound = true;  // of the shared headers
  std::vector<char> reached;
};

class FactConsumer : public clang::ASTConsumer {
 public:
  explicit FactConsumer(Parsing& parsing) : parsing_(parsing) {}
  void Initialize(clang::ASTContext& context) override { context_ = &context; }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    const auto& sources = context.getSourceManager();
    parsing_.extractor.made_of(headers(sources));
    parsing_.extractor.extract(context);
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) {
      // As it was opened: `..` behind a symbolic link does not lead where the text says.
      llvm::SmallString<256> path(file->first.getName());
      sources.getFileManager().makeAbsolutePath(path);
      if (!path.starts_with(kResourceDir) && !path.starts_with("/concadvise-shared/")) parsing_.files.insert(path.str().str());
    }
  }
  bool shouldSkipFunctionBody(clang::Decl* decl) override {
    if (parsing_.full || !context_) return false;
    return parsing_.extractor.is_system(context_->getSourceManager(), decl->getLocation());
  }

 private:
  // Of shared headers only those that the unit includes.
  std::vector<std::string> headers(const clang::SourceManager& sources) const {
    std::vector<std::string> paths;
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file)
      if (!parsing_.shared || !parsing_.shared->ids.contains(file->first.getUniqueID())) paths.push_back(file->first.getName().str());
    for (std::size_t i = 0; i < parsing_.reached.size(); ++i)
      if (parsing_.reached[i]) paths.push_back(parsing_.shared->names[i]);
    return paths;
  }
  Parsing& parsing_;
  clang::ASTContext* context_ = nullptr;
};

class FactAction : public clang::ASTFrontendAction {
 public:
  explicit FactAction(Parsing& parsing) : parsing_(parsing) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
    compiler.getDiagnostics().setFatalsAsError(true);
    if (parsing_.shared) compiler.getPreprocessor().addPPCallbacks(std::make_unique<HeaderCheck>(*parsing_.shared, compiler.getSourceManager(), parsing_.sound, parsing_.reached));
    return std::make_unique<FactConsumer>(parsing_);
  }

 private:
  Parsing& parsing_;
};

class FactFactory : public clang::tooling::FrontendActionFactory {
 public:
  explicit FactFactory(Parsing& parsing) : parsing_(parsing) {}
  std::unique_ptr<clang::FrontendAction> create() override { return std::make_unique<FactAction>(parsing_); }
  bool runInvocation(std::shared_ptr<clang::CompilerInvocation> invocation, clang::FileManager* files,
                     std::shared_ptr<clang::PCHContainerOperations> containers, clang::DiagnosticConsumer* consumer) override {
    invocation->getFrontendOpts().SkipFunctionBodies = !parsing_.full;
    if (parsing_.shared) invocation->getPreprocessorOpts().ImplicitPCHInclude = parsing_.shared->path;
    invocation->getFrontendOpts().DisableFree = false;
    invocation->getDiagnosticOpts().ShowCarets = false;  // and with them "2 errors generated." on standard error
    invocation->getDependencyOutputOpts() = clang::DependencyOutputOptions();
    return clang::tooling::FrontendActionFactory::runInvocation(std::move(invocation), files, std::move(containers), consumer);
  }

 private:
  Parsing& parsing_;
};

struct Attempt {
  facts::Unit unit;
  std::set<std::string> files;
  bool missing = false;
  bool sound = true;
  int errors = 0;
  bool ran = false;
};

Attempt attempt(const CompileEntry& entry, const std::vector<std::string>& more, const LintOptions& options, const Knowledge& knowledge,
                const SharedHeaders* shared = nullptr) {
  Attempt result;
  std::vector<MemoryFile> more_files;
  if (shared) more_files = {{shared->path, shared->bytes->getBuffer()}, {shared->source, shared->text}};
  auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions{entry.directory}, file_system_with_headers(entry.directory, more_files));
  UnitExtractor extractor(result.unit, entry, options, knowledge);
  Parsing parsing{extractor, result.files, options.full_parse, shared, true, {}};
  FactFactory factory(parsing);
  auto arguments = entry.arguments;
  arguments.insert(arguments.end() - 1, more.begin(), more.end());
  FirstError diagnostics;
  clang::tooling::ToolInvocation invocation(arguments, &factory, files.get(), std::make_shared<clang::PCHContainerOperations>());
  invocation.setDiagnosticConsumer(&diagnostics);
  result.ran = invocation.run() || extractor.extracted();
  result.errors = diagnostics.errors;
  result.missing = diagnostics.missing;
  result.sound = parsing.sound && diagnostics.errors == 0;
  if (shared) result.files.insert(shared->files.begin(), shared->files.end());
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

// The encoding that the file's first bytes announce, when it is none that Clang reads: Clang 22 and older crash on such a main file.
const char* other_encoding(const CompileEntry& entry) {
  const std::filesystem::path path = std::filesystem::path(entry.directory) / entry.file;  // the file alone when it is absolute
  const auto bytes = llvm::MemoryBuffer::getFileSlice(path.string(), 8, 0);
  return bytes ? clang::SrcMgr::ContentCache::getInvalidBOM((*bytes)->getBuffer()) : nullptr;
}

}  // namespace

Compiled compile_unit(const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge, const SharedHeaders* shared, bool* shared_sound) {
  Compiled result;
  result.unit.path = entry.file;
  if (!entry.error.empty()) {
    result.unit.status = facts::UnitStatus::failed;
    result.unit.error = entry.error;
    result.lasting = false;
    return result;
  }
  if (const char* encoding = other_encoding(entry)) {
    result.unit.status = facts::UnitStatus::failed;
    result.unit.error = fmt::format("it begins with the byte order mark of {}, and Clang reads UTF-8 only", encoding);
    result.lasting = false;
    return result;
  }
  auto plain = attempt(entry, {}, options, knowledge, shared);
  if (shared) {
    *shared_sound = plain.sound;
    if (!plain.sound) plain = attempt(entry, {}, options, knowledge);
  }
  auto files = std::move(plain.files);
  result.lasting = !plain.missing;
  if (plain.errors > 0) {
    // Libraries that know gcc's coroutines but not Clang's parse when Clang claims to be gcc: the first that had them, since for
    // later ones glibc writes attributes that Clang 19 does not know.
    auto masked = attempt(entry, {"-fgnuc-version=10.2.0", "-U__clang__"}, options, knowledge);
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
