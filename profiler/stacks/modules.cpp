#include "profiler/stacks/modules.h"

#include <elf.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
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

Modules::Modules() {
  modules_.push_back(std::make_unique<Module>());
}

Modules::~Modules() = default;

Modules::Space& Modules::space(pid_t pid) {
  return spaces_.try_emplace(pid, Space{Maps(pid), {}, 0}).first->second;
}

Maps& Modules::maps(pid_t pid) {
  return space(pid).maps;
}

CodeAddress Modules::locate(pid_t pid, std::uint64_t pc) {
  Space& in = space(pid);
  const Mapping* mapping = in.maps.find(pc);
  if (mapping == nullptr || !mapping->executable) return {0, pc};
  const std::uint32_t id = module_of(in, *mapping);
  if (id == 0) return {0, pc};
  const std::uint64_t offset = pc - mapping->start + mapping->offset;
  const Module& found = *modules_[id];
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
  }
  const auto index = static_cast<std::size_t>(&mapping - in.maps.all().data());
  if (in.modules[index] == kUnknown) in.modules[index] = add_module(in.maps.pid(), mapping);
  return in.modules[index];
}

std::uint32_t Modules::add_module(pid_t pid, const Mapping& mapping) {
  const bool vdso = mapping.path == kVdso;
  if (mapping.inode == 0 && !vdso) return 0;
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
