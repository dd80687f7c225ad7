#include "profiler/stacks/symbols.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
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

/// "start size name" a line, in hexadecimal; later lines are of newer code. `text` must outlive the symbols.
std::vector<ElfSymbol> parse_perf_map(std::string_view text) {
  std::vector<ElfSymbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ElfSymbol symbol;
    const char* stop = line.data() + line.size();
    const auto start = std::from_chars(line.data(), stop, symbol.address, 16);
    if (start.ec != std::errc{} || start.ptr == stop) continue;
    const auto size = std::from_chars(start.ptr + 1, stop, symbol.size, 16);
    if (size.ec != std::errc{} || size.ptr == stop) continue;
    symbol.name = line.substr(static_cast<std::size_t>(size.ptr - line.data()) + 1);
    symbol.function = true;
    symbols.push_back(symbol);
  }
  return symbols;
}

std::string read_perf_map(int fd) {
  constexpr std::size_t kBytesMax = 64u << 20;
  std::string text;
  char piece[65536];
  ssize_t got = 0;
  while (text.size() < kBytesMax && (got = pread(fd, piece, sizeof(piece), static_cast<off_t>(text.size()))) > 0) {
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

/// CPython's -X perf: "py::function:file".
Frame jit_frame(std::string_view name) {
  constexpr std::string_view kPython = "py::";
  Frame frame;
  const std::size_t file = name.rfind(":/");
  if (name.starts_with(kPython) && file != std::string_view::npos) {
    frame.kind = "python";
    frame.function = name.substr(kPython.size(), file - kPython.size());
    frame.file = name.substr(file + 1);
  } else {
    frame.function = name;
  }
  return frame;
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
  std::string perf_map_;                   // text, before the table that refers to it
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
  if (std::exchange(table_loaded_, true)) return;
  if (module_.perf_map >= 0) {
    perf_map_ = read_perf_map(module_.perf_map);
    table_ = parse_perf_map(perf_map_);
    std::stable_sort(table_.begin(), table_.end(), [](const ElfSymbol& a, const ElfSymbol& b) { return a.address < b.address; });
    return;
  }
  if (module_.file == nullptr) return;
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
  if (module.perf_map >= 0) {
    if (const auto name = symbols_of(where.module).symbol_at(where.address)) frames.push_back(jit_frame(*name));
  } else if (where.module != 0) {
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
