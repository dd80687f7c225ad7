// The C++ front end: every entry of the compile database through Clang, in parallel.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "analyzer/analyzer.h"
#include "analyzer/cpp/compile.h"
#include "llvm/Support/CrashRecoveryContext.h"

namespace concadvise {
namespace {

// Clang recurses deeply on nested expressions; a thread's default stack is not enough for large sources.
constexpr unsigned kStackBytes = 64U << 20U;

Result<std::vector<facts::Unit>> extract(const std::vector<std::string>& paths, const LintOptions& options, const Knowledge& knowledge) {
  auto entries = compile_entries(paths, options);
  if (!entries) return tl::unexpected(entries.error());
  std::vector<facts::Unit> units(entries->size());
  std::atomic<std::size_t> next{0};
  std::atomic<int> done{0};
  std::mutex reporting;
  llvm::CrashRecoveryContext::Enable();
  const auto work = [&] {
    for (std::size_t i = next++; i < units.size(); i = next++) {
      llvm::CrashRecoveryContext guard;
      if (!guard.RunSafelyOnThread([&] { units[i] = compile_unit((*entries)[i], options, knowledge); }, kStackBytes)) {
        units[i] = facts::Unit{};
        units[i].path = (*entries)[i].file;
        units[i].status = facts::UnitStatus::failed;
        units[i].error = "Clang crashed on it";
      }
      const int finished = ++done;
      if (options.progress) {
        const std::lock_guard lock(reporting);
        options.progress(finished, static_cast<int>(units.size()), (*entries)[i].file);
      }
    }
  };
  const std::size_t jobs = options.jobs > 0 ? static_cast<std::size_t>(options.jobs) : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < std::min(jobs, units.size()); ++i) workers.emplace_back(work);
  work();
  for (auto& worker : workers) worker.join();
  return units;
}

}  // namespace

const FrontEnd* cpp_front_end() {
  static const FrontEnd front{facts::Language::cpp, {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cppm", ".ixx"}, extract};
  return &front;
}

}  // namespace concadvise
