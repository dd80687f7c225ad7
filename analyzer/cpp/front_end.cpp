// The C++ front end: every entry of the compile database through Clang, in parallel.
#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "analyzer/analyzer.h"
#include "analyzer/cache.h"
#include "analyzer/cpp/compile.h"
#include "analyzer/cpp/shared_headers.h"
#include "analyzer/workers.h"
#include "llvm/Support/CrashRecoveryContext.h"

namespace concadvise {
namespace {

// Clang recurses deeply on nested expressions; a thread's default stack is not enough for large sources.
constexpr unsigned kStackBytes = 64U << 20U;

facts::Unit crashed(const CompileEntry& entry) {
  facts::Unit unit;
  unit.path = entry.file;
  unit.status = facts::UnitStatus::failed;
  unit.error = "Clang crashed on it";
  return unit;
}

// All that the facts of a unit depend on besides the contents of files.
std::string key_of(const CompileEntry& entry, const LintOptions& options, const Knowledge& knowledge) {
  std::vector<std::string> parts{"cpp", build_identity(), fmt::format("{:x}", knowledge.fingerprint()), options.root, options.full_parse ? "full" : "", entry.directory};
  parts.insert(parts.end(), entry.arguments.begin(), entry.arguments.end());
  return content_hash(parts);
}

/// One run over the entries: what the cache has is left for the end, where it is read in order and without the functions
/// that units before it have; the rest is parsed in parallel.
class Extraction {
 public:
  Extraction(const std::vector<CompileEntry>& entries, const LintOptions& options, const Knowledge& knowledge)
      : entries_(entries), options_(options), knowledge_(knowledge), cache_(options.cache, options.cache_bytes), units_(entries.size()), cached_(entries.size()) {}

  std::vector<facts::Unit> run() {
    llvm::CrashRecoveryContext::Enable();
    share_out(units_.size(), options_.jobs, [this](std::size_t i) {
      cached_[i] = entries_[i].error.empty() && cache_.has(key_of(entries_[i], options_, knowledge_));
      if (cached_[i]) finished(i);
    });
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < units_.size(); ++i)
      if (!cached_[i]) pending.push_back(i);
    groups_ = std::make_unique<SharedHeaderGroups>(entries_, options_.full_parse ? std::vector<std::size_t>{} : pending);
    const auto order = groups_->order(pending);
    share_out(groups_->size() + order.size(), options_.jobs, [&](std::size_t step) {
      if (step < groups_->size()) {
        llvm::CrashRecoveryContext().RunSafelyOnThread([&] { groups_->prepare(step); }, kStackBytes);
        return;
      }
      const std::size_t i = order[step - groups_->size()];
      parse(i);
      finished(i);
    });
    read_cached();
    cache_.trim();
    return std::move(units_);
  }

 private:
  void finished(std::size_t i) {
    const int count = ++done_;
    if (!options_.progress) return;
    const std::lock_guard lock(reporting_);
    options_.progress(count, static_cast<int>(units_.size()), entries_[i].file);
  }

  void parse(std::size_t i) {
    llvm::CrashRecoveryContext guard;
    Compiled compiled;
    const std::int64_t started = FactCache::now_ns();
    const SharedHeaders* shared = nullptr;
    bool sound = true;
    bool survived = guard.RunSafelyOnThread(
        [&] {
          shared = groups_->find(i);
          compiled = compile_unit(entries_[i], options_, knowledge_, shared, &sound);
        },
        kStackBytes);
    if (shared) {
      groups_->report(i, survived && sound);
      if (!survived) survived = llvm::CrashRecoveryContext().RunSafelyOnThread([&] { compiled = compile_unit(entries_[i], options_, knowledge_); }, kStackBytes);
    }
    if (survived && compiled.lasting) cache_.store(key_of(entries_[i], options_, knowledge_), compiled.files, shared ? std::min(started, shared->started_ns) : started, compiled.unit);
    if (survived && options_.files_read) {
      const std::lock_guard lock(reporting_);
      options_.files_read(compiled.files);
    }
    units_[i] = survived ? std::move(compiled.unit) : crashed(entries_[i]);
  }

  void read_cached() {
    facts::Seen seen;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      if (cached_[i]) {
        if (auto unit = cache_.find(key_of(entries_[i], options_, knowledge_), &seen)) {
          units_[i] = std::move(*unit);
          continue;
        }
        parse(i);
      }
      seen.add(units_[i]);
    }
  }

  const std::vector<CompileEntry>& entries_;
  const LintOptions& options_;
  const Knowledge& knowledge_;
  FactCache cache_;
  std::vector<facts::Unit> units_;
  std::vector<char> cached_;
  std::unique_ptr<SharedHeaderGroups> groups_;
  std::atomic<int> done_{0};
  std::mutex reporting_;
};

Result<std::vector<facts::Unit>> extract(const std::vector<std::string>& paths, const LintOptions& options, const Knowledge& knowledge) {
  auto entries = compile_entries(paths, options);
  if (!entries) return tl::unexpected(entries.error());
  return Extraction(*entries, options, knowledge).run();
}

}  // namespace

const FrontEnd* cpp_front_end() {
  static const FrontEnd front{facts::Language::cpp, {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cppm", ".ixx"}, extract};
  return &front;
}

}  // namespace concadvise
