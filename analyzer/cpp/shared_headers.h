// System headers that many units include, parsed once. Units with the same flags form a group; a few of them are preprocessed
// to see which system headers their own code really includes (what stands in the text may be switched off), and these go
// into one precompiled header without function bodies, kept in memory.
//
// A unit that starts from it sees the headers before its first line and sees all of them. Both can change what it means:
// a macro that it defines before an include that asks for it, a question for a macro of a header that it does not include.
// HeaderCheck watches for both while the unit is parsed; such a unit, and any with an error, is parsed again without.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "analyzer/cpp/database.h"
#include "clang/Basic/FileEntry.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Lex/PPCallbacks.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

namespace concadvise {

struct SharedHeaders {
  std::string path;                           // of the precompiled header, in the file system in memory
  std::unique_ptr<llvm::MemoryBuffer> bytes;
  std::string source;                         // the file in memory that includes them, and its text
  std::string text;
  std::int64_t started_ns = 0;                // when making it began, FactCache::now_ns
  std::vector<std::string> files;             // all that it was made of, absolute
  llvm::StringSet<> identifiers;              // every name in its headers that the preprocessor looked at
  std::map<llvm::sys::fs::UniqueID, int> ids;
  std::vector<std::vector<int>> includes;     // file -> files that it includes
  std::vector<std::string> names;             // file -> its path as it was opened
};

/// Watches one unit that starts from shared headers.
class HeaderCheck : public clang::PPCallbacks {
 public:
  /// `reached` becomes true for the files that the unit includes itself, by way of others too.
  HeaderCheck(const SharedHeaders& shared, const clang::SourceManager& sources, bool& sound, std::vector<char>& reached);
  void InclusionDirective(clang::SourceLocation hash, const clang::Token& token, llvm::StringRef name, bool angled, clang::CharSourceRange range,
                          clang::OptionalFileEntryRef file, llvm::StringRef search_path, llvm::StringRef relative_path, const clang::Module* suggested,
                          bool imported, clang::SrcMgr::CharacteristicKind kind) override;
  void MacroDefined(const clang::Token& name, const clang::MacroDirective* directive) override;
  void MacroUndefined(const clang::Token& name, const clang::MacroDefinition& definition, const clang::MacroDirective* directive) override;
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition& definition, clang::SourceRange range, const clang::MacroArgs*) override;
  void Defined(const clang::Token& name, const clang::MacroDefinition& definition, clang::SourceRange range) override;
  void Ifdef(clang::SourceLocation at, const clang::Token& name, const clang::MacroDefinition& definition) override;
  void Ifndef(clang::SourceLocation at, const clang::Token& name, const clang::MacroDefinition& definition) override;

 private:
  void reach(int file);
  void asks(clang::SourceLocation at, const clang::MacroDefinition& definition);
  bool own(clang::SourceLocation at) const;
  void changes(const clang::Token& name);
  const SharedHeaders& shared_;
  const clang::SourceManager& sources_;
  bool& sound_;
  bool hazard_ = false;                       // a macro that the shared headers may ask for has changed
  std::vector<char>& reached_;
};

/// The groups of a run. Thread-safe.
class SharedHeaderGroups {
 public:
  /// `pending` are the entries that will be parsed.
  SharedHeaderGroups(const std::vector<CompileEntry>& entries, const std::vector<std::size_t>& pending);
  ~SharedHeaderGroups();

  std::size_t size() const { return groups_.size(); }
  /// Makes the headers of one group, counted from 0, unless another thread is at it. Workers that begin with a group each make
  /// them side by side, and parse fewer units without.
  void prepare(std::size_t group);
  /// The pending entries in the order in which workers should take them: those without a group first, which wait for nothing,
  /// then group by group as they are prepared, larger sources first so that no worker is left alone with one at the end.
  std::vector<std::size_t> order(std::vector<std::size_t> pending) const;
  /// What the entry may start from; nullptr: nothing, or not yet (another thread is making it).
  const SharedHeaders* find(std::size_t entry);
  /// Whether it went well. A group whose units mostly don't get along with it is not used further.
  void report(std::size_t entry, bool sound);

 private:
  struct Group;
  void make_once(Group& group);
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<Group*> by_entry_;
  const std::vector<CompileEntry>& entries_;
};

}  // namespace concadvise
