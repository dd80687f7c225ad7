#include "profiler/stacks/frame_rules.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace concadvise {
namespace {

constexpr std::size_t kRowsMax = 65536;               // per file; then they are learned anew
constexpr std::size_t kOperationsMax = 256;           // of one expression
constexpr std::uint64_t kDebugFrameBytesMax = 64u << 20;  // .debug_* that are read for the sake of .debug_frame

std::vector<FrameOperation> copied(const Dwarf_Op* operations, std::size_t count) {
  std::vector<FrameOperation> result;
  for (std::size_t i = 0; i < std::min(count, kOperationsMax); ++i) {
    result.push_back({operations[i].atom, operations[i].number, operations[i].number2});
  }
  return result;
}

bool fits_offset(std::uint64_t value) {
  const auto offset = static_cast<std::int64_t>(value);
  return offset >= INT32_MIN && offset <= INT32_MAX;
}

bool is_two_operand(std::uint8_t atom) {
  switch (atom) {
    case DW_OP_plus: case DW_OP_minus: case DW_OP_and: case DW_OP_or: case DW_OP_xor: case DW_OP_mul: case DW_OP_shl:
    case DW_OP_shr: case DW_OP_shra: case DW_OP_eq: case DW_OP_ne: case DW_OP_lt: case DW_OP_le: case DW_OP_gt:
    case DW_OP_ge:
      return true;
    default:
      return false;
  }
}

std::uint64_t combined(std::uint8_t atom, std::uint64_t left, std::uint64_t right) {
  const auto signed_left = static_cast<std::int64_t>(left);
  const auto signed_right = static_cast<std::int64_t>(right);
  switch (atom) {
    case DW_OP_plus: return left + right;
    case DW_OP_minus: return left - right;
    case DW_OP_and: return left & right;
    case DW_OP_or: return left | right;
    case DW_OP_xor: return left ^ right;
    case DW_OP_mul: return left * right;
    case DW_OP_shl: return right < 64 ? left << right : 0;
    case DW_OP_shr: return right < 64 ? left >> right : 0;
    case DW_OP_shra: return static_cast<std::uint64_t>(signed_left >> std::min<std::uint64_t>(right, 63));
    case DW_OP_eq: return left == right ? 1 : 0;
    case DW_OP_ne: return left != right ? 1 : 0;
    case DW_OP_lt: return signed_left < signed_right ? 1 : 0;
    case DW_OP_le: return signed_left <= signed_right ? 1 : 0;
    case DW_OP_gt: return signed_left > signed_right ? 1 : 0;
    default: return signed_left >= signed_right ? 1 : 0;
  }
}

bool is_constant(std::uint8_t atom) {
  switch (atom) {
    case DW_OP_addr: case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s: case DW_OP_const4u:
    case DW_OP_const4s: case DW_OP_const8u: case DW_OP_const8s: case DW_OP_constu: case DW_OP_consts:
      return true;
    default:
      return false;
  }
}

template <typename T>
T at_offset(const std::vector<std::byte>& bytes, std::size_t offset) {
  T value{};
  if (offset + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

}  // namespace

struct FrameRules::Handles {
  Dwarf_CFI* exceptions = nullptr;  // .eh_frame
  Dwarf* dwarf = nullptr;
  Dwarf_CFI* debug = nullptr;       // .debug_frame, owned by dwarf

  ~Handles() {
    if (exceptions != nullptr) dwarf_cfi_end(exceptions);
    if (dwarf != nullptr) dwarf_end(dwarf);
  }
};

FrameRules::FrameRules(const ElfFile& file) : file_(file), handles_(std::make_unique<Handles>()) {
  handles_->exceptions = dwarf_getcfi_elf(file.handle());
  if (!file.section(".debug_frame", kDebugFrameBytesMax).empty() && file.debug_bytes() <= kDebugFrameBytesMax) {
    handles_->dwarf = dwarf_begin_elf(file.handle(), DWARF_C_READ, nullptr);
    if (handles_->dwarf != nullptr) handles_->debug = dwarf_getcfi(handles_->dwarf);
  }
  load_search_table(file);
}

FrameRules::~FrameRules() = default;

// The table that ld writes: pairs of signed 32-bit offsets from the header, first the function, then its entry.
void FrameRules::load_search_table(const ElfFile& file) {
  constexpr std::uint8_t kCountEncoding = 0x03;  // DW_EH_PE_udata4
  constexpr std::uint8_t kTableEncoding = 0x3b;  // DW_EH_PE_datarel | DW_EH_PE_sdata4
  constexpr std::size_t kTableBytesMax = 64u << 20;
  std::size_t count = 0;
  if (elf_getphdrnum(file.handle(), &count) != 0) return;
  GElf_Phdr header{};
  for (std::size_t i = 0; i < count && header.p_type != PT_GNU_EH_FRAME; ++i) {
    if (gelf_getphdr(file.handle(), static_cast<int>(i), &header) == nullptr) return;
  }
  if (header.p_type != PT_GNU_EH_FRAME || header.p_filesz > kTableBytesMax) return;
  const std::vector<std::byte> bytes = file.bytes_at(header.p_vaddr, header.p_filesz);
  if (at_offset<std::uint8_t>(bytes, 2) != kCountEncoding || at_offset<std::uint8_t>(bytes, 3) != kTableEncoding) return;
  const std::size_t functions = at_offset<std::uint32_t>(bytes, 8);
  for (std::size_t i = 0; i < functions && 12 + 8 * (i + 1) <= bytes.size(); ++i) {
    starts_.push_back(header.p_vaddr + static_cast<std::uint64_t>(std::int64_t{at_offset<std::int32_t>(bytes, 12 + 8 * i)}));
  }
  std::sort(starts_.begin(), starts_.end());
}

std::uint64_t FrameRules::function_start(std::uint64_t address) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), address);
  return next == starts_.begin() ? 0 : *std::prev(next);
}

const FrameRow* FrameRules::at(std::uint64_t address) {
  if (rows_.size() >= kRowsMax) {
    rows_.clear();
    expressions_.clear();
  }
  const auto [entry, is_new] = rows_.try_emplace(address);
  std::optional<FrameRow>& row = entry->second;
  if (!is_new) return row ? &*row : nullptr;
  Dwarf_Frame* frame = nullptr;
  const bool found = (handles_->exceptions != nullptr && dwarf_cfi_addrframe(handles_->exceptions, address, &frame) == 0) ||
                     (handles_->debug != nullptr && dwarf_cfi_addrframe(handles_->debug, address, &frame) == 0);
  if (!found || frame == nullptr) return nullptr;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_frame_cfa(frame, &operations, &count) == 0 && count > 0) {
    row.emplace();
    row->cfa = compile(copied(operations, count), true);
    dwarf_frame_info(frame, nullptr, nullptr, &row->signal_frame);
    for (std::size_t number = 0; number < Registers::kCount; ++number) {
      Dwarf_Op own[3];
      operations = nullptr;
      if (dwarf_frame_register(frame, static_cast<int>(number), own, &operations, &count) != 0) continue;
      if (count == 0) {
        row->registers[number].kind = operations == nullptr ? FrameRule::Kind::same : FrameRule::Kind::undefined;
      } else {
        row->registers[number] = compile(copied(operations, count), false);
      }
    }
  }
  free(frame);
  return row ? &*row : nullptr;
}

FrameRule FrameRules::compile(const std::vector<FrameOperation>& operations, bool is_cfa) {
  const FrameOperation& first = operations.front();
  const bool based = first.atom >= DW_OP_breg0 && first.atom <= DW_OP_breg31;
  if (is_cfa && operations.size() == 1 && (based || first.atom == DW_OP_bregx)) {
    const std::uint64_t number = based ? first.atom - DW_OP_breg0 : first.number;
    const std::uint64_t offset = based ? first.number : first.number2;
    if (number >= Registers::kCount || !fits_offset(offset)) return {};
    return {FrameRule::Kind::offset_from, static_cast<std::uint8_t>(number), static_cast<std::int32_t>(offset)};
  }
  const bool offset = operations.size() >= 2 && operations[1].atom == DW_OP_plus_uconst && fits_offset(operations[1].number);
  const std::size_t address_part = offset ? 2 : 1;
  if (first.atom == DW_OP_call_frame_cfa && operations.size() <= address_part + 1) {
    const auto by = offset ? static_cast<std::int32_t>(operations[1].number) : 0;
    if (operations.size() == address_part) return {FrameRule::Kind::saved, 0, by};
    if (operations.back().atom == DW_OP_stack_value) return {FrameRule::Kind::cfa_offset, 0, by};
  }
  const bool is_value = is_cfa || operations.back().atom == DW_OP_stack_value;
  expressions_.push_back(operations);
  return {is_value ? FrameRule::Kind::value_expression : FrameRule::Kind::expression, 0,
          static_cast<std::int32_t>(expressions_.size() - 1)};
}

std::optional<std::uint64_t> FrameRules::cfa(const FrameRow& row, const Registers& registers, const WordReader& word) const {
  if (row.cfa.kind == FrameRule::Kind::offset_from) {
    const auto& base = registers[row.cfa.register_number];
    if (!base) return {};
    return *base + static_cast<std::uint64_t>(std::int64_t{row.cfa.offset});
  }
  if (row.cfa.kind != FrameRule::Kind::value_expression) return {};
  return evaluate(expressions_[static_cast<std::size_t>(row.cfa.offset)], {}, registers, word);
}

std::optional<std::uint64_t> FrameRules::value(const FrameRule& rule, std::size_t number, std::uint64_t cfa,
                                               const Registers& registers, const WordReader& word) const {
  const std::uint64_t moved = cfa + static_cast<std::uint64_t>(std::int64_t{rule.offset});
  switch (rule.kind) {
    case FrameRule::Kind::same: return registers[number];
    case FrameRule::Kind::saved: return word(moved);
    case FrameRule::Kind::cfa_offset: return moved;
    case FrameRule::Kind::expression: {
      const auto address = evaluate(expressions_[static_cast<std::size_t>(rule.offset)], cfa, registers, word);
      return address ? word(*address) : std::nullopt;
    }
    case FrameRule::Kind::value_expression:
      return evaluate(expressions_[static_cast<std::size_t>(rule.offset)], cfa, registers, word);
    case FrameRule::Kind::undefined:
    case FrameRule::Kind::offset_from: return {};
  }
  return {};
}

// The straight-line part of DWARF expressions: what compilers and libc emit for procedure linkage tables, realigned
// stacks and signal frames. Branches and anything else end without a value.
std::optional<std::uint64_t> FrameRules::evaluate(const std::vector<FrameOperation>& operations,
                                                  std::optional<std::uint64_t> cfa, const Registers& registers,
                                                  const WordReader& word) const {
  std::vector<std::uint64_t> stack;
  for (const FrameOperation& operation : operations) {
    const std::uint8_t atom = operation.atom;
    const bool based = atom >= DW_OP_breg0 && atom <= DW_OP_breg31;
    if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31) {
      stack.push_back(atom - DW_OP_lit0);
    } else if (is_constant(atom)) {
      stack.push_back(operation.number);
    } else if (based || atom == DW_OP_bregx) {
      const std::uint64_t number = based ? atom - DW_OP_breg0 : operation.number;
      if (number >= Registers::kCount || !registers[number]) return {};
      stack.push_back(*registers[number] + (based ? operation.number : operation.number2));
    } else if (atom == DW_OP_call_frame_cfa) {
      if (!cfa) return {};
      stack.push_back(*cfa);
    } else if (atom == DW_OP_stack_value || atom == DW_OP_nop) {
      continue;
    } else if (stack.empty()) {
      return {};
    } else if (atom == DW_OP_plus_uconst) {
      stack.back() += operation.number;
    } else if (atom == DW_OP_deref) {
      const auto loaded = word(stack.back());
      if (!loaded) return {};
      stack.back() = *loaded;
    } else if (atom == DW_OP_dup) {
      stack.push_back(stack.back());
    } else if (is_two_operand(atom) && stack.size() >= 2) {
      const std::uint64_t right = stack.back();
      stack.pop_back();
      stack.back() = combined(atom, stack.back(), right);
    } else {
      return {};
    }
  }
  return stack.empty() ? std::nullopt : std::optional(stack.back());
}

}  // namespace concadvise
