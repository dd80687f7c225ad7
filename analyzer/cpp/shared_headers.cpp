#include "analyzer/cpp/shared_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "analyzer/cache.h"
#include "analyzer/cpp/builtin_headers.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/MacroInfo.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "clang/Serialization/PCHContainerOperations.h"
#include "clang/Tooling/Tooling.h"

namespace concadvise {
namespace {

// Below this many units what is gained does not pay for making it (it costs about as much as two units).
constexpr std::size_t kSmallestGroup = 5;
// Units that are preprocessed to see what they include; each costs about a twentieth of a parse.
constexpr std::size_t kSamples = 6;

/// Runs an action over arguments; `prepare` may change the invocation.
class Factory : public clang::tooling::FrontendActionFactory {
 public:
  Factory(std::function<std::unique_ptr<clang::FrontendAction>()> make, std::function<void(clang::CompilerInvocation&)> prepare)
      : make_(std::move(make)), prepare_(std::move(prepare)) {}
  std::unique_ptr<clang::FrontendAction> create() override { return make_(); }
  bool runInvocation(std::shared_ptr<clang::CompilerInvocation> invocation, clang::FileManager* files,
                     std::shared_ptr<clang::PCHContainerOperations> containers, clang::DiagnosticConsumer* consumer) override {
    invocation->getDependencyOutputOpts() = clang::DependencyOutputOptions();
    invocation->getDiagnosticOpts().ShowCarets = false;
    prepare_(*invocation);
    return clang::tooling::FrontendActionFactory::runInvocation(std::move(invocation), files, std::move(containers), consumer);
  }

 private:
  std::function<std::unique_ptr<clang::FrontendAction>()> make_;
  std::function<void(clang::CompilerInvocation&)> prepare_;
};

struct Wanted {
  int units = 0;
  std::size_t order = 0;
};

/// System headers that a unit's own code includes, in order.
class IncludeScan : public clang::PPCallbacks {
 public:
  IncludeScan(const clang::SourceManager& sources, std::vector<std::string>& names) : sources_(sources), names_(names) {}
  void InclusionDirective(clang::SourceLocation hash, const clang::Token&, llvm::StringRef name, bool, clang::CharSourceRange, clang::OptionalFileEntryRef file,
                          llvm::StringRef, llvm::StringRef, const clang::Module*, bool, clang::SrcMgr::CharacteristicKind kind) override {
    if (!file || kind == clang::SrcMgr::C_User || sources_.isInSystemHeader(hash)) return;
    // Headers that are made to be included many times, with another meaning each time.
    if (!name.contains('.') || name.ends_with(".h") || name.ends_with(".hpp") || name.ends_with(".hh") || name.ends_with(".hxx")) names_.push_back(name.str());
  }

 private:
  const clang::SourceManager& sources_;
  std::vector<std::string>& names_;
};

class ScanAction : public clang::PreprocessOnlyAction {
 public:
  explicit ScanAction(std::vector<std::string>& names) : names_(names) {}
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<IncludeScan>(compiler.getSourceManager(), names_));
    return PreprocessOnlyAction::BeginSourceFileAction(compiler);
  }

 private:
  std::vector<std::string>& names_;
};

/// Which file includes which.
class IncludeGraph : public clang::PPCallbacks {
 public:
  IncludeGraph(const clang::SourceManager& sources, SharedHeaders& out) : sources_(sources), out_(out) {}
  void InclusionDirective(clang::SourceLocation hash, const clang::Token&, llvm::StringRef, bool, clang::CharSourceRange, clang::OptionalFileEntryRef file,
                          llvm::StringRef, llvm::StringRef, const clang::Module*, bool, clang::SrcMgr::CharacteristicKind) override {
    if (!file) return;
    const int included = id_of(*file);
    if (const auto from = sources_.getFileEntryRefForID(sources_.getFileID(sources_.getExpansionLoc(hash)))) out_.includes[static_cast<std::size_t>(id_of(*from))].push_back(included);
  }

 private:
  int id_of(clang::FileEntryRef file) {
    const auto [at, fresh] = out_.ids.try_emplace(file.getUniqueID(), static_cast<int>(out_.includes.size()));
    if (fresh) {
      out_.includes.emplace_back();
      out_.names.push_back(file.getName().str());
    }
    return at->second;
  }
  const clang::SourceManager& sources_;
  SharedHeaders& out_;
};

class SharedAction : public clang::GeneratePCHAction {
 public:
  explicit SharedAction(SharedHeaders& out) : out_(out) {}
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<IncludeGraph>(compiler.getSourceManager(), out_));
    return GeneratePCHAction::BeginSourceFileAction(compiler);
  }
  void EndSourceFileAction() override {
    auto& compiler = getCompilerInstance();
    for (const auto& entry : compiler.getPreprocessor().getIdentifierTable()) out_.identifiers.insert(entry.getKey());
    auto& sources = compiler.getSourceManager();
    for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) {
      llvm::SmallString<256> path(file->first.getName());
      sources.getFileManager().makeAbsolutePath(path);
      if (!path.starts_with(kResourceDir)) out_.files.push_back(path.str().str());
    }
    std::sort(out_.files.begin(), out_.files.end());
    GeneratePCHAction::EndSourceFileAction();
  }

 private:
  SharedHeaders& out_;
};

bool run(std::vector<std::string> arguments, const std::string& directory, const std::vector<MemoryFile>& more, Factory& factory, clang::DiagnosticConsumer& diagnostics) {
  const auto files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions{directory}, file_system_with_headers(directory, more));
  clang::tooling::ToolInvocation invocation(std::move(arguments), &factory, files.get(), std::make_shared<clang::PCHContainerOperations>());
  invocation.setDiagnosticConsumer(&diagnostics);
  return invocation.run();
}

std::vector<std::string> includes_of(const CompileEntry& entry) {
  std::vector<std::string> names;
  Factory factory([&] { return std::make_unique<ScanAction>(names); }, [](clang::CompilerInvocation&) {});
  clang::IgnoringDiagConsumer quiet;
  run(entry.arguments, entry.directory, {}, factory, quiet);
  return names;
}

// Headers that a good part of the samples include, in the order in which they do.
std::string umbrella(const std::vector<CompileEntry>& entries, const std::vector<std::size_t>& members) {
  std::map<std::string, Wanted> wanted;
  std::size_t samples = 0;
  const std::size_t step = std::max<std::size_t>(1, members.size() / kSamples);
  for (std::size_t i = 0; i < members.size() && samples < kSamples; i += step, ++samples) {
    std::set<std::string> once;
    for (const auto& name : includes_of(entries[members[i]])) {
      auto& one = wanted.try_emplace(name, Wanted{0, wanted.size()}).first->second;
      if (once.insert(name).second) ++one.units;
    }
  }
  std::vector<std::pair<std::size_t, std::string>> chosen;
  for (const auto& [name, one] : wanted)
    if (static_cast<std::size_t>(one.units) * 3 >= samples) chosen.emplace_back(one.order, name);
  std::sort(chosen.begin(), chosen.end());
  std::string text;
  for (const auto& [order, name] : chosen) text += fmt::format("#include <{}>\n", name);
  return text;
}

std::unique_ptr<SharedHeaders> make(const std::vector<CompileEntry>& entries, const std::vector<std::size_t>& members, std::size_t number) {
  const auto& first = entries[members.front()];
  auto out = std::make_unique<SharedHeaders>();
  out->text = umbrella(entries, members);
  if (out->text.empty()) return nullptr;
  out->started_ns = FactCache::now_ns();
  out->path = fmt::format("/concadvise-shared/{}.pch", number);
  out->source = fmt::format("/concadvise-shared/{}.h", number);
  auto arguments = first.arguments;
  arguments.back() = out->source;
  arguments.insert(arguments.end() - 1, {"-x", "c++-header"});
  std::error_code error;
  std::string folder = (std::filesystem::temp_directory_path(error) / "concadvise-XXXXXX").string();
  if (error || !::mkdtemp(folder.data())) return nullptr;
  const std::string file = folder + "/shared.pch";
  Factory factory([&] { return std::make_unique<SharedAction>(*out); },
                  [&](clang::CompilerInvocation& invocation) {
                    invocation.getFrontendOpts().ProgramAction = clang::frontend::GeneratePCH;
                    invocation.getFrontendOpts().OutputFile = file;
                    invocation.getFrontendOpts().SkipFunctionBodies = true;
                  });
  clang::IgnoringDiagConsumer quiet;
  const bool good = run(std::move(arguments), first.directory, {{out->source, out->text}}, factory, quiet) && quiet.getNumErrors() == 0;
  // Read whole, so that the file can go at once and a crash leaves nothing behind.
  if (auto bytes = llvm::MemoryBuffer::getFile(file, false, false, true); good && bytes) out->bytes = std::move(*bytes);
  std::filesystem::remove_all(folder, error);
  std::erase(out->files, out->source);
  if (!out->bytes) return nullptr;
  return out;
}

// Flags that decide what a system header means: all but where the project's own headers are.
std::vector<std::string> group_key(const CompileEntry& entry) {
  std::vector<std::string> key{entry.directory.empty() ? "" : "."};
  for (std::size_t i = 0; i + 1 < entry.arguments.size(); ++i) {
    const auto& flag = entry.arguments[i];
    if (flag == "-I" || flag == "-iquote") ++i;
    else if (!flag.starts_with("-I") && !flag.starts_with("-iquote")) key.push_back(flag);
  }
  return key;
}

bool is_c(const std::string& file) { return file.ends_with(".c"); }

}  // namespace

HeaderCheck::HeaderCheck(const SharedHeaders& shared, const clang::SourceManager& sources, bool& sound, std::vector<char>& reached)
    : shared_(shared), sources_(sources), sound_(sound), reached_(reached) {
  reached_.assign(shared.includes.size(), 0);
}

bool HeaderCheck::own(clang::SourceLocation at) const { return at.isValid() && !sources_.isLoadedSourceLocation(at) && !sources_.isInSystemHeader(sources_.getExpansionLoc(at)); }

void HeaderCheck::reach(int file) {
  std::vector<int> queue{file};
  while (!queue.empty()) {
    const auto at = static_cast<std::size_t>(queue.back());
    queue.pop_back();
    if (std::exchange(reached_[at], 1)) continue;
    queue.insert(queue.end(), shared_.includes[at].begin(), shared_.includes[at].end());
  }
}

void HeaderCheck::InclusionDirective(clang::SourceLocation, const clang::Token&, llvm::StringRef, bool, clang::CharSourceRange, clang::OptionalFileEntryRef file,
                                     llvm::StringRef, llvm::StringRef, const clang::Module*, bool, clang::SrcMgr::CharacteristicKind) {
  if (!file) return;
  const auto at = shared_.ids.find(file->getUniqueID());
  if (at == shared_.ids.end() || reached_[static_cast<std::size_t>(at->second)]) return;
  if (hazard_) sound_ = false;
  reach(at->second);
}

namespace {

// Macros that ask for more declarations. On 64-bit Linux they add nothing in C++: compilers predefine _GNU_SOURCE there,
// which stands for all of them (feature_test_macros(7)), and offsets have 64 bits anyway.
bool asks_for_what_is_there(llvm::StringRef name) {
  static const llvm::StringSet<> names = {"_GNU_SOURCE",    "_DEFAULT_SOURCE",      "_BSD_SOURCE",          "_SVID_SOURCE",         "_POSIX_SOURCE",
                                          "_POSIX_C_SOURCE", "_XOPEN_SOURCE",       "_XOPEN_SOURCE_EXTENDED", "_FILE_OFFSET_BITS",  "_LARGEFILE_SOURCE",
                                          "_LARGEFILE64_SOURCE", "_LARGE_FILES",    "_REENTRANT",           "_THREAD_SAFE",         "__STDC_FORMAT_MACROS",
                                          "__STDC_LIMIT_MACROS", "__STDC_CONSTANT_MACROS"};
  return names.contains(name);
}

// Headers that every standard header includes and that only say which library this is: code that asks them first means the
// library that it is built with.
bool names_the_library(llvm::StringRef path) { return path.ends_with("/bits/c++config.h") || path.ends_with("/features.h"); }

}  // namespace

void HeaderCheck::changes(const clang::Token& name) {
  if (asks_for_what_is_there(name.getIdentifierInfo()->getName())) return;
  if (own(name.getLocation()) && shared_.identifiers.contains(name.getIdentifierInfo()->getName())) hazard_ = true;
}

void HeaderCheck::MacroDefined(const clang::Token& name, const clang::MacroDirective*) { changes(name); }
void HeaderCheck::MacroUndefined(const clang::Token& name, const clang::MacroDefinition&, const clang::MacroDirective*) { changes(name); }

void HeaderCheck::asks(clang::SourceLocation at, const clang::MacroDefinition& definition) {
  const auto* info = definition.getMacroInfo();
  if (!info || !sources_.isLoadedSourceLocation(info->getDefinitionLoc()) || !own(at)) return;
  const auto file = sources_.getFileEntryRefForID(sources_.getFileID(info->getDefinitionLoc()));
  if (!file || names_the_library(file->getName())) return;  // without a file: predefined
  const auto known = shared_.ids.find(file->getUniqueID());
  if (known != shared_.ids.end() && !reached_[static_cast<std::size_t>(known->second)]) sound_ = false;
}

void HeaderCheck::MacroExpands(const clang::Token& name, const clang::MacroDefinition& definition, clang::SourceRange, const clang::MacroArgs*) { asks(name.getLocation(), definition); }
void HeaderCheck::Defined(const clang::Token& name, const clang::MacroDefinition& definition, clang::SourceRange) { asks(name.getLocation(), definition); }
void HeaderCheck::Ifdef(clang::SourceLocation at, const clang::Token&, const clang::MacroDefinition& definition) { asks(at, definition); }
void HeaderCheck::Ifndef(clang::SourceLocation at, const clang::Token&, const clang::MacroDefinition& definition) { asks(at, definition); }

struct SharedHeaderGroups::Group {
  std::vector<std::size_t> members;
  std::size_t number = 0;
  std::mutex making;
  std::atomic<bool> made{false};
  std::unique_ptr<SharedHeaders> shared;
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
};

SharedHeaderGroups::SharedHeaderGroups(const std::vector<CompileEntry>& entries, const std::vector<std::size_t>& pending)
    : by_entry_(entries.size()), entries_(entries) {
  std::map<std::vector<std::string>, std::vector<std::size_t>> members;
  for (const std::size_t i : pending)
    if (entries[i].error.empty() && !is_c(entries[i].file)) members[group_key(entries[i])].push_back(i);
  for (auto& [key, list] : members) {
    if (list.size() < kSmallestGroup) continue;
    auto& group = *groups_.emplace_back(std::make_unique<Group>());
    group.number = groups_.size();
    group.members = std::move(list);
    for (const std::size_t i : group.members) by_entry_[i] = &group;
  }
}

SharedHeaderGroups::~SharedHeaderGroups() = default;

void SharedHeaderGroups::make_once(Group& group) {
  if (group.made) return;
  const std::unique_lock lock(group.making, std::try_to_lock);
  if (!lock || group.made) return;
  group.shared = make(entries_, group.members, group.number);
  group.made = true;
}

void SharedHeaderGroups::prepare(std::size_t group) { make_once(*groups_[group]); }

std::vector<std::size_t> SharedHeaderGroups::order(std::vector<std::size_t> pending) const {
  struct Rank {
    std::size_t group = 0;  // 0: none
    std::uintmax_t bytes = 0;
  };
  std::vector<Rank> ranks(entries_.size());
  for (const std::size_t i : pending) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(entries_[i].file, error);
    ranks[i] = {by_entry_[i] ? by_entry_[i]->number : 0, error ? 0 : bytes};
  }
  std::stable_sort(pending.begin(), pending.end(), [&](std::size_t a, std::size_t b) {
    return ranks[a].group != ranks[b].group ? ranks[a].group < ranks[b].group : ranks[a].bytes > ranks[b].bytes;
  });
  return pending;
}

const SharedHeaders* SharedHeaderGroups::find(std::size_t entry) {
  auto* group = by_entry_[entry];
  if (!group) return nullptr;
  make_once(*group);
  if (!group->made || group->bad > group->good + 2) return nullptr;
  return group->shared.get();
}

void SharedHeaderGroups::report(std::size_t entry, bool sound) {
  if (auto* group = by_entry_[entry]) ++(sound ? group->good : group->bad);
}

}  // namespace concadvise
