#include "profiler/stacks/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

namespace concadvise {
namespace {

constexpr std::size_t kUnitsMax = 1u << 20;
constexpr std::size_t kEntriesPerUnitMax = 4u << 20;
constexpr int kDepthMax = 64;  // of nested entries

/// A range of addresses [low, high) and the entry it belongs to.
struct Range {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  Dwarf_Off entry = 0;
};

/// The smallest range with the address: functions can lie in others.
const Range* range_with(const std::vector<Range>& ranges, std::uint64_t address) {
  const Range* best = nullptr;
  auto next = std::upper_bound(ranges.begin(), ranges.end(), address,
                               [](std::uint64_t wanted, const Range& range) { return wanted < range.low; });
  for (int steps = 0; next != ranges.begin() && steps < kDepthMax; ++steps) {
    --next;
    if (address >= next->high) continue;
    if (best == nullptr || next->high - next->low < best->high - best->low) best = &*next;
  }
  return best;
}

void add_ranges(Dwarf_Die& die, Dwarf_Off entry, std::vector<Range>& ranges) {
  constexpr int kRangesMax = 65536;
  Dwarf_Addr base = 0;
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  std::ptrdiff_t offset = 0;
  for (int i = 0; i < kRangesMax && (offset = dwarf_ranges(&die, offset, &base, &low, &high)) > 0; ++i) {
    // A function that the linker dropped starts at 0.
    if (low != 0 && high > low) ranges.push_back({low, high, entry});
  }
}

void sort_by_address(std::vector<Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
}

bool can_hold_functions(int tag) {
  switch (tag) {
    case DW_TAG_namespace: case DW_TAG_class_type: case DW_TAG_structure_type: case DW_TAG_union_type:
    case DW_TAG_module: case DW_TAG_compile_unit: case DW_TAG_partial_unit: case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
      return true;
    default:
      return false;
  }
}

std::string string_of(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(&die, name, &attribute) == nullptr) return {};
  const char* text = dwarf_formstring(&attribute);
  return text == nullptr ? std::string{} : std::string(text);
}

/// The entry that declares what this one is an instance of.
Dwarf_Die declaration_of(Dwarf_Die die) {
  for (int depth = 0; depth < kDepthMax; ++depth) {
    Dwarf_Attribute attribute;
    Dwarf_Die next;
    if (dwarf_attr(&die, DW_AT_abstract_origin, &attribute) == nullptr &&
        dwarf_attr(&die, DW_AT_specification, &attribute) == nullptr) {
      break;
    }
    if (dwarf_formref_die(&attribute, &next) == nullptr) break;
    die = next;
  }
  return die;
}

/// The namespaces, classes and functions around an entry, as in "app::Server::"; a lambda is called that.
std::string qualifier_of(Dwarf_Die die) {
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes_die(&die, &scopes);
  std::string qualifier;
  for (int i = 1; i < count; ++i) {  // innermost first; the first is the entry itself
    const int tag = dwarf_tag(&scopes[i]);
    if (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) continue;
    if (!can_hold_functions(tag) || tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit) break;
    std::string name = string_of(scopes[i], DW_AT_name);
    if (name.empty() && tag == DW_TAG_namespace) name = "(anonymous namespace)";
    if (name.empty() || name.starts_with("<lambda")) name = "{lambda}";
    qualifier.insert(0, name + "::");
  }
  free(scopes);
  return qualifier;
}

std::optional<Dwarf_Word> number_of(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0) return {};
  return value;
}

}  // namespace

struct DebugInfo::State {
  Dwarf* dwarf = nullptr;
  bool units_listed = false;
  std::vector<Range> units;
  std::map<Dwarf_Off, std::vector<Range>> functions;  // by unit
  std::map<Dwarf_Off, std::string> names;             // of functions without a mangled name, by declaration

  ~State() {
    if (dwarf != nullptr) dwarf_end(dwarf);
  }

  void list_units();
  const std::vector<Range>& functions_of(Dwarf_Die& unit);
  std::string name_of(Dwarf_Die& die);
  static void collect(Dwarf_Die& die, int depth, std::size_t& budget, std::vector<Range>& functions);
  static std::vector<Dwarf_Die> inlined_at(Dwarf_Die function, std::uint64_t address);
};

std::unique_ptr<DebugInfo> DebugInfo::of(const ElfFile& file) {
  if (file.section(".debug_info", kBytesMax).empty() || file.debug_bytes() > kBytesMax) return nullptr;
  auto state = std::make_unique<State>();
  state->dwarf = dwarf_begin_elf(file.handle(), DWARF_C_READ, nullptr);
  if (state->dwarf == nullptr) return nullptr;
  return std::unique_ptr<DebugInfo>(new DebugInfo(std::move(state)));
}

DebugInfo::DebugInfo(std::unique_ptr<State> state) : state_(std::move(state)) {}

DebugInfo::~DebugInfo() = default;

// Not .debug_aranges: clang writes none, and its absence for one unit can't be told from no code there.
void DebugInfo::State::list_units() {
  units_listed = true;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die skeleton;
  Dwarf_Die split;
  std::uint8_t type = 0;
  for (std::size_t i = 0; i < kUnitsMax; ++i) {
    if (dwarf_get_units(dwarf, unit, &unit, nullptr, &type, &skeleton, &split) != 0) break;
    if (type == DW_UT_compile || type == DW_UT_skeleton) add_ranges(skeleton, dwarf_dieoffset(&skeleton), units);
  }
  sort_by_address(units);
}

const std::vector<Range>& DebugInfo::State::functions_of(Dwarf_Die& unit) {
  const auto [entry, is_new] = functions.try_emplace(dwarf_dieoffset(&unit));
  if (is_new) {
    std::size_t budget = kEntriesPerUnitMax;
    collect(unit, 0, budget, entry->second);
    sort_by_address(entry->second);
  }
  return entry->second;
}

void DebugInfo::State::collect(Dwarf_Die& die, int depth, std::size_t& budget, std::vector<Range>& functions) {
  Dwarf_Die child;
  if (depth > kDepthMax || dwarf_child(&die, &child) != 0) return;
  do {
    if (budget == 0) return;
    --budget;
    const int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram) add_ranges(child, dwarf_dieoffset(&child), functions);
    // What lies in a function is variables, inlined calls and local types: compiled functions stand beside it.
    if (can_hold_functions(tag) && tag != DW_TAG_subprogram) collect(child, depth + 1, budget, functions);
  } while (dwarf_siblingof(&child, &child) == 0);
}

std::string DebugInfo::State::name_of(Dwarf_Die& die) {
  for (const unsigned attribute : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    if (std::string name = string_of(die, attribute); !name.empty()) return name;
  }
  Dwarf_Die declaration = declaration_of(die);
  const auto [entry, is_new] = names.try_emplace(dwarf_dieoffset(&declaration));
  if (is_new) {
    entry->second = string_of(declaration, DW_AT_name);
    if (!entry->second.empty()) entry->second.insert(0, qualifier_of(declaration));
  }
  return entry->second;
}

/// The inlined calls at the address, outermost first.
std::vector<Dwarf_Die> DebugInfo::State::inlined_at(Dwarf_Die scope, std::uint64_t address) {
  std::vector<Dwarf_Die> calls;
  for (int depth = 0; depth < kDepthMax; ++depth) {
    Dwarf_Die child;
    if (dwarf_child(&scope, &child) != 0) break;
    bool found = false;
    do {
      const int tag = dwarf_tag(&child);
      if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) continue;
      if (dwarf_haspc(&child, address) != 1) continue;
      if (tag == DW_TAG_inlined_subroutine) calls.push_back(child);
      scope = child;
      found = true;
      break;
    } while (dwarf_siblingof(&child, &child) == 0);
    if (!found) break;
  }
  return calls;
}

std::vector<SourceFrame> DebugInfo::at(std::uint64_t address) {
  if (!state_->units_listed) state_->list_units();
  const Range* unit_range = range_with(state_->units, address);
  Dwarf_Die unit;
  if (unit_range == nullptr || dwarf_offdie(state_->dwarf, unit_range->entry, &unit) == nullptr) return {};
  // The functions of a unit with split DWARF are in the .dwo file.
  Dwarf_Die split;
  std::uint8_t type = 0;
  const bool has_split = dwarf_cu_info(unit.cu, nullptr, &type, nullptr, &split, nullptr, nullptr, nullptr) == 0 &&
                         type == DW_UT_skeleton && dwarf_tag(&split) == DW_TAG_compile_unit;
  Dwarf_Die& functions_unit = has_split ? split : unit;

  SourceFrame here;
  if (Dwarf_Line* line = dwarf_getsrc_die(&unit, address)) {
    if (const char* file = dwarf_linesrc(line, nullptr, nullptr)) here.file = file;
    dwarf_lineno(line, &here.line);
  }
  std::vector<SourceFrame> frames;
  const Range* function_range = has_split ? nullptr : range_with(state_->functions_of(functions_unit), address);
  Dwarf_Die function;
  if (function_range == nullptr || dwarf_offdie(state_->dwarf, function_range->entry, &function) == nullptr) {
    if (!here.file.empty()) frames.push_back(here);
    return frames;
  }
  Dwarf_Files* files = nullptr;
  std::size_t file_count = 0;
  if (dwarf_getsrcfiles(&unit, &files, &file_count) != 0) file_count = 0;
  std::vector<Dwarf_Die> calls = State::inlined_at(function, address);
  // Innermost first: each inlined call knows the place it was called from, which is its caller's position.
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    here.function = state_->name_of(*call);
    here.inlined = true;
    frames.push_back(here);
    here = {};
    const auto file = number_of(*call, DW_AT_call_file);
    if (file && *file < file_count) {
      if (const char* name = dwarf_filesrc(files, *file, nullptr, nullptr)) here.file = name;
    }
    here.line = static_cast<int>(std::min<Dwarf_Word>(number_of(*call, DW_AT_call_line).value_or(0), INT32_MAX));
  }
  here.function = state_->name_of(function);
  here.inlined = false;
  frames.push_back(here);
  return frames;
}

}  // namespace concadvise
