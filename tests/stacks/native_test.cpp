#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "profiler/stacks/debug_info.h"
#include "profiler/stacks/frame_rules.h"
#include "profiler/stacks/memory.h"
#include "profiler/stacks/symbols.h"
#include "profiler/stacks/unwind.h"
#include "tests/stacks/child.h"
#include "tests/reachable.h"

namespace concadvise {
namespace {

using ::testing::Contains;
using ::testing::Field;

std::string target(const std::string& variant) { return std::string(STACKS_TARGETS) + "/stacks_target_" + variant; }

std::vector<std::string> functions(const std::vector<Frame>& frames) {
  std::vector<std::string> names;
  for (const Frame& frame : frames) names.push_back(frame.function);
  return names;
}

/// True when the names stand in that order, others between them or not.
bool in_order(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  auto at = names.begin();
  for (const std::string& name : wanted) {
    at = std::find(at, names.end(), name);
    if (at == names.end()) return false;
    ++at;
  }
  return true;
}

std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Where the target's source says so.
int line_with(const std::string& marker) {
  std::ifstream source(STACKS_SOURCE);
  std::string text;
  for (int line = 1; std::getline(source, text); ++line) {
    if (text.find(marker) != std::string::npos) return line;
  }
  return -1;
}

struct Case {
  const char* variant;
  const char* mode;
  const char* function;
  bool thread;
  bool other_user;
};

class BlockedThread : public ::testing::TestWithParam<Case> {};

TEST_P(BlockedThread, HasTheWholeStackWithNames) {
  const Case& c = GetParam();
  if (c.other_user && getuid() != 0) GTEST_SKIP() << "only root can start a program as another user";
  if (c.other_user && !test::others_may_run(target(c.variant))) GTEST_SKIP() << "other users may not go where the target is";
  std::vector<std::string> command{target(c.variant), c.mode};
  if (c.thread) command.push_back("thread");
  const Child child(command, c.other_user ? 65534 : 0);
  ASSERT_EQ(child.line(), "ready");
  Modules modules;
  Unwinder unwinder(modules);
  Symbolizer symbolizer(modules);
  const bool stripped = std::string_view(c.variant) == "stripped";
  std::vector<Frame> frames;
  NativeStack stack;
  const bool found = eventually([&] {
    for (const pid_t tid : child.threads()) {
      const auto at = read_blocked_at(child.pid(), tid);
      if (!at || (c.thread && tid == child.pid())) continue;
      stack = unwinder.blocked(child.pid(), tid, *at);
      frames = symbolizer.frames(stack);
      if (!stack.torn && !stack.truncated && (stripped || in_order(functions(frames), {c.function}))) return true;
    }
    return false;
  });
  ASSERT_TRUE(found) << fmt::format("truncated {} torn {} {}", stack.truncated, stack.torn, fmt::join(functions(frames), " < "));
  if (stripped) {
    EXPECT_GE(frames.size(), 8u);
    EXPECT_THAT(frames, Contains(Field(&Frame::offset, ::testing::Gt(0u))));
    return;
  }
  EXPECT_TRUE(in_order(functions(frames), {c.function, "waiting::with_alloca", "waiting::deep", "waiting::deep"}))
      << fmt::format("{}", fmt::join(functions(frames), " < "));
  if (std::string_view(c.variant) == "plain") return;
  EXPECT_THAT(functions(frames), Contains("waiting::inlined"));
  if (std::string_view(c.mode) == "sleep") {
    const auto wait = std::find_if(frames.begin(), frames.end(), [&](const Frame& f) { return f.function == c.function; });
    EXPECT_EQ(wait->line, line_with("// the sleep"));
    EXPECT_TRUE(wait->file.ends_with("target.cpp")) << wait->file;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stacks, BlockedThread,
    ::testing::Values(Case{"debug", "sleep", "waiting::in_sleep", false, false},
                      Case{"debug", "read", "waiting::in_read", false, false},
                      Case{"debug", "futex", "waiting::in_futex", true, false},
                      Case{"debug", "deep", "waiting::in_sleep", true, false},
                      Case{"debug", "sleep", "waiting::in_sleep", true, true},
                      Case{"frame_pointers", "sleep", "waiting::in_sleep", false, false},
                      Case{"frame_pointers", "futex", "waiting::in_futex", true, false},
                      Case{"unoptimized", "read", "waiting::in_read", true, false},
                      Case{"plain", "sleep", "waiting::in_sleep", true, false},
                      Case{"stripped", "read", "", false, false}),
    [](const auto& tested) {
      return fmt::format("{}_{}{}{}", tested.param.variant, tested.param.mode, tested.param.thread ? "_thread" : "",
                         tested.param.other_user ? "_other_user" : "");
    });

TEST(Unwinder, ARunningThreadIsNotBlockedAndAGoneOneIsTorn) {
  Child child({target("debug"), "spin"});
  ASSERT_EQ(child.line(), "ready");
  EXPECT_TRUE(eventually([&] { return !read_blocked_at(child.pid(), child.pid()).has_value(); }));
  Modules modules;
  Unwinder unwinder(modules);
  const NativeStack wrong = unwinder.blocked(child.pid(), child.pid(), BlockedAt{0, 0x1000, 0x2000});
  EXPECT_TRUE(wrong.torn);
  EXPECT_TRUE(wrong.truncated);
  const pid_t pid = child.pid();
  child.end();
  EXPECT_FALSE(read_blocked_at(pid, pid).has_value());
  EXPECT_TRUE(unwinder.blocked(pid, pid, BlockedAt{35, 0x7fff0000, 0x7fff8000}).torn);
}

TEST(Symbolizer, NamesStayKnownAfterTheProcessEnded) {
  Child child({target("debug"), "sleep"});
  ASSERT_EQ(child.line(), "ready");
  Modules modules;
  Unwinder unwinder(modules);
  NativeStack stack;
  ASSERT_TRUE(eventually([&] {
    const auto at = read_blocked_at(child.pid(), child.pid());
    if (at) stack = unwinder.blocked(child.pid(), child.pid(), *at);
    return at && at->number == SYS_clock_nanosleep && !stack.torn;
  }));
  child.end();
  modules.forget(child.pid());
  Symbolizer symbolizer(modules);
  EXPECT_THAT(functions(symbolizer.frames(stack)), Contains("waiting::in_sleep"));
  EXPECT_GT(symbolizer.counts().resolved, 0u);
}

TEST(Unwinder, UnwindsCopiedRegistersAndStackAsSamplesHaveThem) {
  const Child child({target("debug"), "sleep"});
  ASSERT_EQ(child.line(), "ready");
  Modules modules;
  Unwinder unwinder(modules);
  NativeStack live;
  std::optional<BlockedAt> at;
  ASSERT_TRUE(eventually([&] {
    at = read_blocked_at(child.pid(), child.pid());
    if (at) live = unwinder.blocked(child.pid(), child.pid(), *at);
    return at && at->number == SYS_clock_nanosleep && !live.torn;
  }));
  std::vector<std::byte> bytes(8192);
  bytes.resize(ProcessMemory(child.pid()).read(at->sp, bytes));
  constexpr std::uint64_t kSpAndIp = 1u << 7 | 1u << 8;
  const std::array<std::uint64_t, 2> sampled{at->sp, at->pc};
  const NativeStack copied = unwinder.sampled(child.pid(), registers_from_perf(kSpAndIp, sampled), bytes);
  EXPECT_EQ(copied.frames, live.frames);
  EXPECT_FALSE(copied.truncated);

  bytes.resize(128);
  EXPECT_TRUE(unwinder.sampled(child.pid(), registers_from_perf(kSpAndIp, sampled), bytes).truncated);
}

TEST(Registers, FollowPerfsOrder) {
  const std::array<std::uint64_t, 4> sampled{10, 20, 30, 40};
  const Registers registers = registers_from_perf(1u << 1 | 1u << 6 | 1u << 9 | 1u << 16, sampled);  // BX BP FLAGS R8
  EXPECT_EQ(registers[3], 10u);
  EXPECT_EQ(registers[Registers::kFramePointer], 20u);
  EXPECT_EQ(registers[8], 40u);
  EXPECT_FALSE(registers[0].has_value());
}

TEST(Demangled, IsReadableWithoutParametersAndReturnTypes) {
  EXPECT_EQ(demangled("_ZN7waiting5innerEi"), "waiting::inner");
  EXPECT_EQ(demangled("_ZNK3FooclEi"), "Foo::operator()");
  EXPECT_EQ(demangled("_ZN3app7Sleeper4dozeIdEEvT_"), "app::Sleeper::doze<double>");
  EXPECT_EQ(demangled("_ZZ4mainENKUlvE_clEv"), "main::{lambda()#1}::operator()");
  EXPECT_EQ(demangled("_ZN12_GLOBAL__N_13runEv"), "(anonymous namespace)::run");
  EXPECT_EQ(demangled("_ZN4core3ptr4drop17h0123456789abcdefE"), "core::ptr::drop");
  EXPECT_EQ(demangled("_ZN7waiting5innerEi.part.0"), "waiting::inner");
  EXPECT_EQ(demangled("main"), "main");
  EXPECT_EQ(demangled("main.main"), "main.main");
  EXPECT_EQ(demangled("list_sort.constprop.0"), "list_sort");
  EXPECT_EQ(demangled("memcpy@@GLIBC_2.14"), "memcpy");
  EXPECT_EQ(demangled("_Znonsense"), "_Znonsense");
  EXPECT_EQ(demangled(""), "");
}

TEST(Maps, AreParsedAndNonsenseIsLeftOut) {
  const auto mappings = parse_maps(
      "7f0000001000-7f0000003000 r-xp 00002000 fe:01 1234                       /usr/lib/lib x.so (deleted)\n"
      "55d000000000-55d000001000 rw-p 00000000 00:00 0                          [heap]\n"
      "nonsense\n"
      "7f0000004000-7f0000003000 r-xp 00000000 00:00 0\n"
      "7f0000005000-7f0000006000 r--p 00000000 00:00 0\n"
      "7f0000007000-7f0000008000 r--p 00000000 fe:01 77 /a\\012b");
  ASSERT_EQ(mappings.size(), 4u);
  EXPECT_EQ(mappings[0].path, "[heap]");
  EXPECT_EQ(mappings[1].path, "/usr/lib/lib x.so");
  EXPECT_TRUE(mappings[1].deleted);
  EXPECT_TRUE(mappings[1].executable);
  EXPECT_FALSE(mappings[1].writable);
  EXPECT_EQ(mappings[1].inode, 1234u);
  EXPECT_EQ(mappings[1].offset, 0x2000u);
  EXPECT_EQ(mappings[3].path, "/a\nb");
}

TEST(Maps, SurviveMutations) {
  std::ifstream file("/proc/self/maps");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string mutated = text.substr(0, random() % text.size());
    for (int i = 0; i < 20 && !mutated.empty(); ++i) mutated[random() % mutated.size()] = static_cast<char>(random());
    for (const Mapping& mapping : parse_maps(mutated)) EXPECT_LT(mapping.start, mapping.end);
  }
}

TEST(ProcessMemory, ReadsWhatIsThereAndCountsTheRest) {
  ProcessMemory memory(getpid());
  const std::uint64_t value = 0x0123456789abcdef;
  std::uint64_t read = 0;
  EXPECT_TRUE(memory.load(reinterpret_cast<std::uint64_t>(&value), read));
  EXPECT_EQ(read, value);
  std::array<std::byte, 8> a{};
  std::array<std::byte, 8> b{};
  std::array<std::byte, 8> c{};
  std::array<MemoryRequest, 3> requests{MemoryRequest{reinterpret_cast<std::uint64_t>(&value), a}, MemoryRequest{8, b},
                                        MemoryRequest{reinterpret_cast<std::uint64_t>(&value), c}};
  memory.read_many(requests);
  EXPECT_EQ(requests[0].got, 8u);
  EXPECT_EQ(requests[1].got, 0u);
  EXPECT_EQ(requests[2].got, 8u);
  EXPECT_EQ(c, a);
  EXPECT_EQ(memory.failures(), 1u);
  EXPECT_EQ(ProcessMemory(0).read(reinterpret_cast<std::uint64_t>(&value), a), 0u);
}

/// Asks everything of a file that a profile would.
void ask_everything(std::span<const std::byte> bytes) {
  const auto file = ElfFile::from_bytes(bytes);
  if (file == nullptr) return;
  const auto symbols = file->symbols(ElfFile::Table::full);
  file->symbol_named("_PyRuntime");
  file->build_id();
  file->debug_link();
  FrameRules rules(*file);
  const auto debug_info = DebugInfo::of(*file);
  const WordReader word = [](std::uint64_t address) { return std::optional(address); };
  Registers registers;
  for (auto& value : registers.values) value = 4096;
  for (std::size_t i = 0; i < std::min<std::size_t>(symbols.size(), 200); ++i) {
    const std::uint64_t address = symbols[i].address + 1;
    demangled(symbols[i].name);
    if (const FrameRow* row = rules.at(address)) {
      const auto cfa = rules.cfa(*row, registers, word);
      for (std::size_t n = 0; cfa && n < Registers::kCount; ++n) rules.value(row->registers[n], n, *cfa, registers, word);
    }
    if (debug_info != nullptr) debug_info->at(address);
  }
}

TEST(ElfFile, DamagedFilesGiveNothingOrSomethingButNoCrash) {
  const std::vector<std::byte> whole = bytes_of(target("debug"));
  ASSERT_GT(whole.size(), 1000u);
  ask_everything(whole);
  constexpr int kRounds = 1000;
  std::mt19937 random(2);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::byte> mutated = whole;
    if (round % 4 == 0) mutated.resize(random() % whole.size());
    for (int i = 0; i < 1 << round % 10 && !mutated.empty(); ++i) mutated[random() % mutated.size()] = std::byte(random());
    ask_everything(mutated);
  }
}

TEST(ElfFile, WhatIsNoFileIsNothing) {
  EXPECT_EQ(ElfFile::from_descriptor(-1), nullptr);
  EXPECT_EQ(ElfFile::from_path("/dev/null"), nullptr);
  EXPECT_EQ(ElfFile::from_path("/nowhere"), nullptr);
  EXPECT_EQ(ElfFile::from_bytes({}), nullptr);
}

}  // namespace
}  // namespace concadvise
