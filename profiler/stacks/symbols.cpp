#include "profiler/stacks/symbols.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "profiler/stacks/debug_info.h"

namespace concadvise {
namespace {

constexpr std::size_t kAnswersMax = 200000;
constexpr std::string_view kDebugRoot = "/usr/lib/debug";

/// The separate file with a module's DWARF, if the system has it.
std::unique_ptr<ElfFile> debug_file_of(const Module& module) {
  const std::string id = module.file->build_id();
  if (id.size() > 2) {
    const std::string path = std::string(kDebugRoot) + "/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug";
    auto file = ElfFile::from_path(path);
    if (file != nullptr && file->build_id() == id) return file;
  }
  const std::string link = module.file->debug_link().name;
  if (link.empty() || link.find('/') != std::string::npos) return nullptr;
  const std::string folder = module.path.substr(0, module.path.rfind('/') + 1);
  for (const std::string& path : {folder + link, folder + ".debug/" + link, std::string(kDebugRoot) + folder + link}) {
    auto file = ElfFile::from_path(path);
    // A debug file of another build would name wrong lines: without a build id on both sides it is not believed.
    if (file != nullptr && !id.empty() && file->build_id() == id) return file;
  }
  return nullptr;
}

}  // namespace

/// All that names addresses in one module, loaded when first asked for.
class Symbolizer::ModuleSymbols {
 public:
  explicit ModuleSymbols(const Module& module) : module_(module) {}

  /// The symbol that contains the address; nothing when none does.
  std::optional<std::string_view> symbol_at(std::uint64_t address);
  std::vector<SourceFrame> source_at(std::uint64_t address);

 private:
  void load_files();
  void load_table();

  const Module& module_;
  bool files_loaded_ = false;
  bool table_loaded_ = false;
  std::unique_ptr<ElfFile> debug_file_;
  std::unique_ptr<DebugInfo> debug_info_;  // after the files that it reads
  std::vector<ElfSymbol> table_;           // functions by address
};

void Symbolizer::ModuleSymbols::load_files() {
  if (std::exchange(files_loaded_, true) || module_.file == nullptr) return;
  debug_info_ = DebugInfo::of(*module_.file);
  if (debug_info_ != nullptr) return;
  debug_file_ = debug_file_of(module_);
  if (debug_file_ != nullptr) debug_info_ = DebugInfo::of(*debug_file_);
}

void Symbolizer::ModuleSymbols::load_table() {
  if (std::exchange(table_loaded_, true) || module_.file == nullptr) return;
  load_files();
  if (debug_file_ != nullptr) table_ = debug_file_->symbols(ElfFile::Table::full);
  if (table_.empty()) table_ = module_.file->symbols(ElfFile::Table::full);
  if (table_.empty()) table_ = module_.file->symbols(ElfFile::Table::dynamic);
  std::erase_if(table_, [](const ElfSymbol& symbol) { return !symbol.function; });
  // Of aliases the exported one comes last and wins; among those the shortest name.
  std::sort(table_.begin(), table_.end(), [](const ElfSymbol& a, const ElfSymbol& b) {
    if (a.address != b.address) return a.address < b.address;
    if (a.global != b.global) return b.global;
    return a.name.size() != b.name.size() ? a.name.size() > b.name.size() : a.name > b.name;
  });
}

std::optional<std::string_view> Symbolizer::ModuleSymbols::symbol_at(std::uint64_t address) {
  load_table();
  auto next = std::upper_bound(table_.begin(), table_.end(), address,
                               [](std::uint64_t wanted, const ElfSymbol& symbol) { return wanted < symbol.address; });
  if (next == table_.begin()) return {};
  const ElfSymbol& symbol = *std::prev(next);
  // Hand-written assembly has no size; it reaches to the next symbol.
  if (symbol.size != 0 && address - symbol.address >= symbol.size) return {};
  return symbol.name;
}

std::vector<SourceFrame> Symbolizer::ModuleSymbols::source_at(std::uint64_t address) {
  load_files();
  return debug_info_ == nullptr ? std::vector<SourceFrame>{} : debug_info_->at(address);
}

Symbolizer::Symbolizer(Modules& modules) : modules_(modules) {}

Symbolizer::~Symbolizer() = default;

Symbolizer::ModuleSymbols& Symbolizer::symbols_of(std::uint32_t module) {
  auto& symbols = per_module_[module];
  if (symbols == nullptr) symbols = std::make_unique<ModuleSymbols>(modules_.module(module));
  return *symbols;
}

std::string Symbolizer::function(CodeAddress where) {
  if (where.module == 0) return {};
  const auto symbol = symbols_of(where.module).symbol_at(where.address);
  return symbol ? demangled(*symbol) : std::string{};
}

const std::vector<Frame>& Symbolizer::frames(CodeAddress where, bool is_return_address) {
  const std::uint64_t offset = where.address;
  if (is_return_address && where.address != 0) --where.address;
  if (answers_.size() >= kAnswersMax) answers_.clear();
  const auto [entry, is_new] = answers_.try_emplace(where);
  std::vector<Frame>& frames = entry->second;
  if (!is_new) return frames;
  const Module& module = modules_.module(where.module);
  if (where.module != 0) {
    for (SourceFrame& source : symbols_of(where.module).source_at(where.address)) {
      Frame frame;
      frame.function = demangled(source.function);
      frame.file = std::move(source.file);
      frame.line = source.line;
      frame.inlined = source.inlined;
      frames.push_back(std::move(frame));
    }
  }
  if (frames.empty()) frames.emplace_back();
  // glibc's own name for what everybody calls otherwise.
  const bool internal_alias = frames.back().function.starts_with("__GI_");
  if (frames.back().function.empty() || internal_alias) {
    if (std::string name = function(where); !name.empty()) frames.back().function = std::move(name);
  }
  for (Frame& frame : frames) {
    frame.module = module.name;
    if (frame.function.empty()) frame.offset = offset;
  }
  ++(frames.back().function.empty() ? counts_.unresolved : counts_.resolved);
  return frames;
}

std::vector<Frame> Symbolizer::frames(const NativeStack& stack) {
  std::vector<Frame> all;
  for (std::size_t i = 0; i < stack.frames.size(); ++i) {
    const std::vector<Frame>& here = frames(stack.frames[i], i > 0);
    all.insert(all.end(), here.begin(), here.end());
  }
  return all;
}

}  // namespace concadvise
