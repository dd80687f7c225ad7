#include "profiler/procfs/task.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace concadvise {
namespace {

TEST(Task, StatIsReadPastANameWithParentheses) {
  char old[16];
  ::prctl(PR_GET_NAME, old);
  ::prctl(PR_SET_NAME, ") R 1 ((");
  const auto stat = read_stat(fmt::format("/proc/self/task/{}/stat", ::gettid()));
  ::prctl(PR_SET_NAME, old);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'R');
  EXPECT_EQ(stat->ppid, ::getppid());
  EXPECT_EQ(stat->session, ::getsid(0));
}

TEST(Task, NothingIsSaidOfWhatDoesNotExist) {
  EXPECT_FALSE(read_status(0x3fffffff).has_value());
  EXPECT_FALSE(read_stat("/proc/0/stat").has_value());
  EXPECT_FALSE(process_cpu_ns(0x3fffffff).has_value());
  EXPECT_FALSE(TaskFiles(0x3fffffff, 0x3fffffff).schedstat().has_value());
}

TEST(Task, CpuTimeOfAProcessAgreesWithGetrusage) {
  volatile std::uint64_t sum = 0;
  for (int i = 0; i < 50'000'000; ++i) sum = sum + static_cast<std::uint64_t>(i);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const double kernel_s = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  EXPECT_NEAR(static_cast<double>(process_cpu_ns(::getpid()).value_or(0)) * 1e-9, kernel_s, 0.005 + 0.01 * kernel_s);
}

TEST(Task, WordsAndNumbers) {
  std::string_view text = "  12 0x1f\tx\n";
  EXPECT_EQ(to_number(next_word(text)), 12u);
  EXPECT_EQ(to_number(next_word(text), 16), 0x1fu);
  EXPECT_EQ(next_word(text), "x");
  EXPECT_EQ(next_word(text), "");
  EXPECT_EQ(to_number("many"), 0u);
}

}  // namespace
}  // namespace concadvise
