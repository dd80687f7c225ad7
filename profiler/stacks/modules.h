// The files with code that the measured processes map, each opened once, and the address spaces that map them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "profiler/stacks/code_address.h"
#include "profiler/stacks/elf_file.h"
#include "profiler/stacks/maps.h"

namespace concadvise {

/// One file with code (or the vDSO). Kept open, so that it can be read after the processes that mapped it have ended.
struct Module {
  std::uint32_t id = 0;
  std::string path;               // as the process saw it
  std::string name;               // file name of it
  std::unique_ptr<ElfFile> file;  // null: can't be read
  int perf_map = -1;              // descriptor of what a JIT says of its code (/tmp/perf-PID.map); addresses are raw

  Module() = default;
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
};

/// All modules and which process has which of them where. One per measurement; not thread-safe.
class Modules {
 public:
  Modules();
  ~Modules();

  /// Where `pc` of process `pid` is; module 0 with the raw address when nothing with a file is mapped there and the process
  /// has no perf map.
  CodeAddress locate(pid_t pid, std::uint64_t pc);

  /// The mappings of a process, as last read.
  Maps& maps(pid_t pid);

  /// Opens the files with code that the process has mapped now, so that program counters seen while it lives can be
  /// located after it ended. Costs a read of its maps, and an open for each file that is new.
  void remember(pid_t pid);

  /// The process executed another program or ended and its number may be used again: its mappings are dropped, the
  /// modules stay.
  void forget(pid_t pid);

  /// The module with that number; module 0 for unknown numbers.
  const Module& module(std::uint32_t id) const;
  std::size_t size() const { return modules_.size(); }

 private:
  static constexpr std::uint32_t kUnknown = UINT32_MAX;

  /// A process's mappings with the module of each, as far as it was asked for.
  struct Space {
    Maps maps;
    std::vector<std::uint32_t> modules;  // one per mapping; kUnknown: not asked for yet
    std::uint64_t generation = 0;        // of the maps that `modules` is for
    std::uint32_t jit = kUnknown;        // the module of its perf map; 0: it has none
  };

  Space& space(pid_t pid);
  std::uint32_t module_of(Space& space, const Mapping& mapping);
  std::uint32_t add_module(pid_t pid, const Mapping& mapping);
  std::uint32_t add_perf_map(pid_t pid);

  std::vector<std::unique_ptr<Module>> modules_;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::string>, std::uint32_t> by_file_;  // device, inode, path
  std::unordered_map<pid_t, Space> spaces_;
};

}  // namespace concadvise
