#include "profiler/stacks/unwind.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "profiler/stacks/memory.h"

namespace concadvise {
namespace {

constexpr std::uint64_t kStackSpan = 64u << 20;  // how far above SP a frame pointer may point and still be believed
constexpr std::size_t kWord = sizeof(std::uint64_t);

/// The stack's words: those copied first, and for a live thread more as they are asked for, within bounds.
class StackWords {
 public:
  StackWords(std::uint64_t start, std::span<const std::byte> bytes, Memory* more) : start_(start), bytes_(bytes), more_(more) {}

  std::optional<std::uint64_t> operator()(std::uint64_t address) {
    if (const auto value = within(start_, bytes_, address)) return value;
    if (more_ == nullptr) return {};
    if (const auto value = within(further_start_, further_, address)) return value;
    if (address < start_ || address - start_ > kStackSpan || windows_ >= kWindowsMax) return {};
    ++windows_;
    further_start_ = address & ~std::uint64_t{kWord - 1};
    further_.resize(Unwinder::kStackBytes);
    further_.resize(more_->read(further_start_, further_));
    return within(further_start_, further_, address);
  }

  std::uint64_t start() const { return start_; }

 private:
  static constexpr int kWindowsMax = 32;

  static std::optional<std::uint64_t> within(std::uint64_t start, std::span<const std::byte> bytes, std::uint64_t address) {
    if (address < start || bytes.size() < kWord || address - start > bytes.size() - kWord) return {};
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + (address - start), kWord);
    return value;
  }

  std::uint64_t start_;
  std::span<const std::byte> bytes_;
  Memory* more_;
  std::uint64_t further_start_ = 0;
  std::vector<std::byte> further_;
  int windows_ = 0;
};

/// "number arguments... sp pc", "-1 sp pc" or "running".
std::optional<BlockedAt> parse_blocked_at(std::string_view text) {
  BlockedAt at;
  const auto number = std::from_chars(text.data(), text.data() + text.size(), at.number);
  if (number.ec != std::errc{}) return {};
  std::vector<std::uint64_t> values;
  text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
  while (text.starts_with(" 0x")) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + 3, text.data() + text.size(), value, 16);
    if (error != std::errc{}) return {};
    values.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (values.size() < 2) return {};
  at.sp = values[values.size() - 2];
  at.pc = values.back();
  return at;
}

/// How well a return address fits a call of some function: not at all, a direct call of another function (a jump may have
/// led on from there), a call that can't be followed (by pointer, or through a procedure linkage table), a call of it.
enum class CallFit { none, elsewhere, open, exact };

/// `rules` are those of the file with the call, `function` is the start of the function in the same file, 0 if it's in
/// another.
CallFit call_fit(const ElfFile& file, const FrameRules* rules, std::uint64_t return_address, std::uint64_t function) {
  constexpr std::size_t kLongest = 8;
  if (return_address < kLongest) return CallFit::none;
  const std::vector<std::byte> bytes = file.bytes_at(return_address - kLongest, kLongest);
  if (bytes.size() < kLongest) return CallFit::none;
  if (bytes[3] == std::byte{0xe8}) {  // call rel32
    std::int32_t distance = 0;
    std::memcpy(&distance, bytes.data() + 4, 4);
    const std::uint64_t target = return_address + static_cast<std::uint64_t>(std::int64_t{distance});
    if (function != 0 && target == function) return CallFit::exact;
    const bool of_a_function = rules != nullptr && rules->function_start(target) == target;
    return of_a_function ? CallFit::elsewhere : CallFit::open;
  }
  for (const std::size_t length : {2u, 3u, 4u, 6u, 7u}) {  // call r/m64: ff /2
    const std::size_t at = kLongest - length;
    if (bytes[at] == std::byte{0xff} && (bytes[at + 1] & std::byte{0x38}) == std::byte{0x10}) return CallFit::open;
  }
  return CallFit::none;
}

}  // namespace

Registers registers_from_perf(std::uint64_t mask, std::span<const std::uint64_t> sampled) {
  // DWARF numbers of PERF_REG_X86_AX, BX, CX, DX, SI, DI, BP, SP, IP (16); flags and segments have none; then R8 to R15.
  constexpr std::array<int, 24> kDwarf = {0,  3,  2,  1,  4,  5, 6, 7,  16, -1, -1, -1,
                                          -1, -1, -1, -1, 8, 9, 10, 11, 12, 13, 14, 15};
  Registers registers;
  std::size_t next = 0;
  for (std::size_t bit = 0; bit < 64 && next < sampled.size(); ++bit) {
    if ((mask >> bit & 1) == 0) continue;
    if (bit < kDwarf.size() && kDwarf[bit] >= 0) registers[static_cast<std::size_t>(kDwarf[bit])] = sampled[next];
    ++next;
  }
  return registers;
}

std::vector<std::uint64_t> registers_that_calls_keep(const Registers& registers) {
  constexpr std::array<std::size_t, 6> kKept = {3, 6, 12, 13, 14, 15};  // DWARF: RBX, RBP, R12 to R15
  std::vector<std::uint64_t> values;
  for (const std::size_t number : kKept)
    if (registers[number]) values.push_back(*registers[number]);
  return values;
}

std::optional<BlockedAt> read_blocked_at(pid_t pid, pid_t tid) {
  const int fd = open(fmt::format("/proc/{}/task/{}/syscall", pid, tid).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  char text[256];
  const ssize_t got = read(fd, text, sizeof(text));
  close(fd);
  if (got <= 0) return {};
  return parse_blocked_at({text, static_cast<std::size_t>(got)});
}

/// One unwinding after another. Per frame: find the rules of its file at its address and apply them; where there are none,
/// follow the frame pointer; where that isn't known, guess it.
class Unwinder::Engine {
 public:
  explicit Engine(Modules& modules) : modules_(modules) {}

  NativeStack unwind(pid_t pid, Registers registers, StackWords& words);
  FrameRules* rules_of(std::uint32_t module);
  bool is_outermost(CodeAddress where, bool is_return_address);
  bool guessed() const { return guessed_; }

 private:
  enum class Step { on, end, stuck };
  Step by_rules(pid_t pid, Registers& registers, CodeAddress where, const FrameRow& row, FrameRules& rules, StackWords& words);
  Step by_frame_pointer(pid_t pid, Registers& registers, CodeAddress where, StackWords& words);
  Step over_trampoline(pid_t pid, Registers& registers, CodeAddress where, StackWords& words);
  std::optional<std::uint64_t> guess_frame_pointer(pid_t pid, std::uint64_t sp, CodeAddress where, StackWords& words);

  Modules& modules_;
  std::unordered_map<std::uint32_t, std::unique_ptr<FrameRules>> rules_;
  bool guessed_ = false;
};

FrameRules* Unwinder::Engine::rules_of(std::uint32_t module) {
  const auto [entry, is_new] = rules_.try_emplace(module);
  if (is_new && modules_.module(module).file != nullptr) {
    entry->second = std::make_unique<FrameRules>(*modules_.module(module).file);
  }
  return entry->second.get();
}

bool Unwinder::Engine::is_outermost(CodeAddress where, bool is_return_address) {
  FrameRules* rules = where.module == 0 ? nullptr : rules_of(where.module);
  const FrameRow* row = rules == nullptr ? nullptr : rules->at(where.address - (is_return_address ? 1 : 0));
  return row != nullptr && row->registers[Registers::kProgramCounter].kind == FrameRule::Kind::undefined;
}

NativeStack Unwinder::Engine::unwind(pid_t pid, Registers registers, StackWords& words) {
  NativeStack stack;
  guessed_ = false;
  bool exact_pc = true;  // false: a return address, the call before it is meant
  Step step = Step::on;
  while (step == Step::on && stack.frames.size() < kFramesMax) {
    const auto pc = registers[Registers::kProgramCounter];
    if (!pc || *pc == 0) {
      step = pc ? Step::end : Step::stuck;
      break;
    }
    const CodeAddress where = modules_.locate(pid, *pc);
    stack.frames.push_back(where);
    FrameRules* rules = where.module == 0 ? nullptr : rules_of(where.module);
    const FrameRow* row = rules == nullptr ? nullptr : rules->at(where.address - (exact_pc ? 0 : 1));
    if (row == nullptr) {
      step = by_frame_pointer(pid, registers, where, words);
      exact_pc = false;
    } else {
      exact_pc = row->signal_frame;
      step = by_rules(pid, registers, where, *row, *rules, words);
    }
  }
  stack.truncated = step != Step::end;
  return stack;
}

Unwinder::Engine::Step Unwinder::Engine::by_rules(pid_t pid, Registers& registers, CodeAddress where, const FrameRow& row,
                                                  FrameRules& rules, StackWords& words) {
  const WordReader word = [&words](std::uint64_t address) { return words(address); };
  if (row.registers[Registers::kProgramCounter].kind == FrameRule::Kind::undefined) return Step::end;
  const auto sp = registers[Registers::kStackPointer];
  if (!sp) return Step::stuck;
  auto& fp = registers[Registers::kFramePointer];
  if (!fp && row.cfa.kind == FrameRule::Kind::offset_from && row.cfa.register_number == Registers::kFramePointer) {
    fp = guess_frame_pointer(pid, *sp, where, words);
  }
  const auto cfa = rules.cfa(row, registers, word);
  if (!cfa || (!row.signal_frame && (*cfa <= *sp || *cfa - *sp > kStackSpan))) return Step::stuck;
  Registers caller;
  for (std::size_t number = 0; number < Registers::kCount; ++number) {
    caller[number] = rules.value(row.registers[number], number, *cfa, registers, word);
  }
  if (!caller[Registers::kStackPointer]) caller[Registers::kStackPointer] = cfa;
  registers = caller;
  return registers[Registers::kProgramCounter] ? Step::on : Step::stuck;
}

Unwinder::Engine::Step Unwinder::Engine::by_frame_pointer(pid_t pid, Registers& registers, CodeAddress where, StackWords& words) {
  const auto sp = registers[Registers::kStackPointer];
  if (!sp) return Step::stuck;
  if (where.module == 0 || modules_.module(where.module).perf_map >= 0) {
    if (const Step step = over_trampoline(pid, registers, where, words); step != Step::stuck) return step;
  }
  auto fp = registers[Registers::kFramePointer];
  if (!fp) fp = guess_frame_pointer(pid, *sp, where, words);
  if (!fp) return Step::stuck;
  if (*fp == 0) return Step::end;
  if (*fp < *sp || *fp - *sp > kStackSpan || *fp % kWord != 0) return Step::stuck;
  const auto caller_fp = words(*fp);
  const auto return_address = words(*fp + kWord);
  if (!caller_fp || !return_address) return Step::stuck;
  if (*return_address == 0) return Step::end;
  const Mapping* code = modules_.maps(pid).known(*return_address);
  if (code == nullptr || !code->executable) return Step::stuck;
  Registers caller;
  caller[Registers::kFramePointer] = caller_fp;
  caller[Registers::kStackPointer] = *fp + 2 * kWord;
  caller[Registers::kProgramCounter] = return_address;
  registers = caller;
  return Step::on;
}

// Code made at run time has no unwinding rules, but where it returns right behind the call (as CPython's trampolines of
// -X perf do) the instructions say it all: add $n, %rsp; ret.
Unwinder::Engine::Step Unwinder::Engine::over_trampoline(pid_t pid, Registers& registers, CodeAddress where, StackWords& words) {
  std::array<std::uint8_t, 5> code{};
  if (!ProcessMemory(pid).load(where.address, code)) return Step::stuck;
  if (code[0] != 0x48 || code[1] != 0x83 || code[2] != 0xc4 || code[3] % kWord != 0 || code[4] != 0xc3) return Step::stuck;
  const std::uint64_t at = *registers[Registers::kStackPointer] + code[3];
  const auto return_address = words(at);
  const Mapping* mapping = return_address ? modules_.maps(pid).known(*return_address) : nullptr;
  if (mapping == nullptr || !mapping->executable) return Step::stuck;
  registers[Registers::kProgramCounter] = return_address;
  registers[Registers::kStackPointer] = at + kWord;
  return Step::on;
}

// A function that addresses its frame by RBP has stored [caller's RBP][return address] where RBP points, above SP. Old
// records can lie between, so the return address is checked: best it follows a direct call of this very function, else a
// call that may have led here, else (a jump came between) any call; at equal fit the lowest.
std::optional<std::uint64_t> Unwinder::Engine::guess_frame_pointer(pid_t pid, std::uint64_t sp, CodeAddress where,
                                                                   StackWords& words) {
  FrameRules* own_rules = rules_of(where.module);
  const std::uint64_t function = own_rules == nullptr ? 0 : own_rules->function_start(where.address - 1);
  std::optional<std::uint64_t> best;
  int best_fit = 0;
  for (std::uint64_t at = (sp + kWord - 1) & ~(kWord - 1); at - sp < kStackBytes; at += kWord) {
    const auto caller_fp = words(at);
    const auto return_address = words(at + kWord);
    if (!caller_fp || !return_address) break;
    if (*return_address < 4096) continue;
    const Mapping* code = modules_.maps(pid).known(*return_address);
    if (code == nullptr || !code->executable) continue;
    const CodeAddress caller = modules_.locate(pid, *return_address);
    const ElfFile* file = modules_.module(caller.module).file.get();
    if (caller.module == 0 || file == nullptr) continue;
    const CallFit call = call_fit(*file, rules_of(caller.module), caller.address, caller.module == where.module ? function : 0);
    if (call == CallFit::none) continue;
    const bool chained = *caller_fp > at && *caller_fp - at < kStackSpan;
    const int fit = call == CallFit::exact ? 5 : (call == CallFit::open ? 2 : 1) + (chained ? 2 : 0);
    if (fit > best_fit) {
      best_fit = fit;
      best = at;
    }
    if (call == CallFit::exact) break;
  }
  if (best) guessed_ = true;
  return best;
}

Unwinder::Unwinder(Modules& modules) : engine_(std::make_unique<Engine>(modules)), modules_(modules) {}

Unwinder::~Unwinder() = default;

NativeStack Unwinder::blocked(pid_t pid, pid_t tid, const BlockedAt& at) {
  ProcessMemory memory(pid);
  std::array<std::byte, kStackBytes> bytes;
  const std::size_t got = memory.read(at.sp, bytes);
  StackWords words(at.sp, std::span(bytes).first(got), &memory);
  Registers registers;
  registers[Registers::kStackPointer] = at.sp;
  registers[Registers::kProgramCounter] = at.pc;
  NativeStack stack = engine_->unwind(pid, registers, words);
  stack.torn = read_blocked_at(pid, tid) != at;
  return counted(std::move(stack));
}

NativeStack Unwinder::sampled(pid_t pid, const Registers& registers, std::span<const std::byte> stack) {
  StackWords words(registers[Registers::kStackPointer].value_or(0), stack, nullptr);
  return counted(engine_->unwind(pid, registers, words));
}

NativeStack Unwinder::callchain(pid_t pid, std::span<const std::uint64_t> pcs) {
  constexpr auto kMarkers = static_cast<std::uint64_t>(-4095);  // PERF_CONTEXT_*: not addresses
  constexpr std::uint64_t kKernelHalf = 1ull << 63;
  NativeStack stack;
  for (const std::uint64_t pc : pcs.first(std::min(pcs.size(), kFramesMax))) {
    if (pc != 0 && pc < kMarkers && (pc & kKernelHalf) == 0) stack.frames.push_back(modules_.locate(pid, pc));
  }
  stack.truncated = stack.frames.empty() || !engine_->is_outermost(stack.frames.back(), stack.frames.size() > 1);
  return counted(std::move(stack));
}

NativeStack Unwinder::counted(NativeStack stack) {
  ++counts_.stacks;
  counts_.frames += stack.frames.size();
  counts_.truncated += stack.truncated ? 1 : 0;
  counts_.torn += stack.torn ? 1 : 0;
  counts_.guessed += engine_->guessed() ? 1 : 0;
  return stack;
}

}  // namespace concadvise
