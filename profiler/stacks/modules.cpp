#include "profiler/stacks/modules.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <span>

namespace concadvise {
namespace {

constexpr std::string_view kVdso = "[vdso]";
constexpr std::size_t kFilesOpenMax = 512;  // file descriptors that modules may hold; further files stay unread

/// The kernel gives all 64-bit processes the same vDSO, so our own will do.
std::unique_ptr<ElfFile> own_vdso() {
  const std::uint64_t address = getauxval(AT_SYSINFO_EHDR);
  if (address == 0) return nullptr;
  Maps maps(getpid());
  const Mapping* mapping = maps.find(address);
  if (mapping == nullptr) return nullptr;
  return ElfFile::from_bytes({reinterpret_cast<const std::byte*>(address), mapping->end - mapping->start});
}

}  // namespace

Module::~Module() {
  if (perf_map >= 0) close(perf_map);
}

Modules::Modules() {
  modules_.push_back(std::make_unique<Module>());
}

Modules::~Modules() = default;

Modules::Space& Modules::space(pid_t pid) {
  return spaces_.try_emplace(pid, Space{Maps(pid), {}, 0, kUnknown}).first->second;
}

Maps& Modules::maps(pid_t pid) {
  return space(pid).maps;
}

CodeAddress Modules::locate(pid_t pid, std::uint64_t pc) {
  Space& in = space(pid);
  const Mapping* mapping = in.maps.find(pc);
  if (mapping == nullptr || !mapping->executable) return {0, pc};
  const std::uint32_t id = module_of(in, *mapping);
  const Module& found = *modules_[id];
  if (id == 0 || found.perf_map >= 0) return {id, pc};
  const std::uint64_t offset = pc - mapping->start + mapping->offset;
  if (found.file == nullptr) return {id, offset};
  const auto address = found.file->address_at_offset(offset);
  return address ? CodeAddress{id, *address} : CodeAddress{0, pc};
}

void Modules::remember(pid_t pid) {
  Space& in = space(pid);
  in.maps.refresh();
  for (const Mapping& mapping : in.maps.all()) {
    if (mapping.executable) module_of(in, mapping);
  }
}

void Modules::forget(pid_t pid) {
  spaces_.erase(pid);
}

const Module& Modules::module(std::uint32_t id) const {
  return *modules_[id < modules_.size() ? id : 0];
}

std::uint32_t Modules::module_of(Space& in, const Mapping& mapping) {
  if (in.generation != in.maps.generation()) {
    in.generation = in.maps.generation();
    in.modules.assign(in.maps.all().size(), kUnknown);
    if (in.jit == 0) in.jit = kUnknown;
  }
  const auto index = static_cast<std::size_t>(&mapping - in.maps.all().data());
  if (in.modules[index] != kUnknown) return in.modules[index];
  const bool anonymous = mapping.inode == 0 && mapping.path != kVdso;
  if (anonymous && in.jit == kUnknown) in.jit = add_perf_map(in.maps.pid());
  return in.modules[index] = anonymous ? in.jit : add_module(in.maps.pid(), mapping);
}

// Named after the number that the process has in its own PID namespace, the last in the line.
std::uint32_t Modules::add_perf_map(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::string line;
  while (std::getline(status, line) && !line.starts_with("NSpid:")) {
  }
  if (line.find_last_of("\t ") == std::string::npos) return 0;
  const std::string name = "perf-" + line.substr(line.find_last_of("\t ") + 1) + ".map";
  const std::string path = "/tmp/" + name;
  const int fd = open(fmt::format("/proc/{}/root{}", pid, path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return 0;
  auto added = std::make_unique<Module>();
  added->id = static_cast<std::uint32_t>(modules_.size());
  added->path = path;
  added->name = name;
  added->perf_map = fd;
  modules_.push_back(std::move(added));
  return modules_.back()->id;
}

std::uint32_t Modules::add_module(pid_t pid, const Mapping& mapping) {
  const bool vdso = mapping.path == kVdso;
  const auto id = static_cast<std::uint32_t>(modules_.size());
  const auto [entry, is_new] = by_file_.try_emplace({mapping.device, mapping.inode, mapping.path}, id);
  if (!is_new) return entry->second;
  auto added = std::make_unique<Module>();
  added->id = id;
  added->path = mapping.path;
  added->name = mapping.path.substr(mapping.path.rfind('/') + 1);
  if (vdso) {
    added->file = own_vdso();
  } else if (modules_.size() < kFilesOpenMax) {
    added->file = ElfFile::from_descriptor(open_mapped_file(pid, mapping));
  }
  modules_.push_back(std::move(added));
  return id;
}

}  // namespace concadvise
