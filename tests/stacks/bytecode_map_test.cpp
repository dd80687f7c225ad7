#include "profiler/stacks/bytecode_map.h"

#include <gtest/gtest.h>

#include <vector>

namespace concadvise {
namespace {

constexpr std::uint64_t kFirst = 0x1000;   // a function of ten instructions at 0x1100
constexpr std::uint64_t kSecond = 0x2000;  // one of four at 0x2100

BytecodeMap two_functions() {
  BytecodeMap map;
  map.add(kFirst, 0x1100, 10);
  map.add(kSecond, 0x2100, 4);
  return map;
}

std::uint64_t code_in(const BytecodeMap& map, const std::vector<std::uint64_t>& registers, const std::vector<std::uint64_t>& stack,
                      std::uint64_t expected) {
  const auto place = map.found_in(registers, std::as_bytes(std::span(stack)), expected);
  return place ? place->code : 0;
}

TEST(BytecodeMap, TellsTheInstructionThatIsExecuted) {
  const BytecodeMap map = two_functions();
  const std::vector<std::uint64_t> registers{7, 0x1106, 0};
  const auto place = map.found_in(registers, {}, kFirst);
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->code, kFirst);
  EXPECT_EQ(place->offset, 4);  // the pointer is to the next one
}

TEST(BytecodeMap, KnowsTheEndsOfAFunction) {
  const BytecodeMap map = two_functions();
  EXPECT_EQ(code_in(map, {0x1100}, {}, kFirst), kFirst);  // about to begin
  EXPECT_EQ(code_in(map, {0x1100 + 20}, {}, kFirst), kFirst);  // in the last instruction
  EXPECT_EQ(code_in(map, {0x1100 + 22}, {}, kFirst), 0u);
  EXPECT_EQ(code_in(map, {0x10fe}, {}, kFirst), 0u);
  EXPECT_EQ(code_in(map, {0x1103}, {}, kFirst), 0u);  // between two instructions
}

TEST(BytecodeMap, BelievesRegistersBeforeTheStackAndWhatIsExpectedBeforeOldValues) {
  const BytecodeMap map = two_functions();
  EXPECT_EQ(code_in(map, {0x2102}, {0x1102}, kFirst), kSecond);
  EXPECT_EQ(code_in(map, {0x2102, 0x1102}, {}, kFirst), kFirst);
  EXPECT_EQ(code_in(map, {}, {5, 0x2102, 0x1102}, kFirst), kFirst);
  EXPECT_EQ(code_in(map, {}, {5, 0x2102}, kFirst), kSecond);
  EXPECT_EQ(code_in(map, {1, 2, 3}, {4, 5, 6}, kFirst), 0u);
  EXPECT_EQ(code_in(BytecodeMap(), {0x1102}, {0x1102}, kFirst), 0u);
}

TEST(BytecodeMap, ForgetsWhatLayThereBefore) {
  BytecodeMap map = two_functions();
  map.add(0x5000, 0x1108, 2);
  EXPECT_EQ(code_in(map, {0x110a}, {}, kFirst), 0x5000u);
  EXPECT_EQ(code_in(map, {0x1102}, {}, kFirst), 0u);
  map.add(0x6000, 0x9000, -1);
  map.add(0x6000, 0x9000, std::int64_t{1} << 60);
  EXPECT_EQ(code_in(map, {0x9002}, {}, kFirst), 0u);
}

}  // namespace
}  // namespace concadvise
