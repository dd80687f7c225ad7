// Repairs: what they write, that it parses, that they leave alone what they must, and that a second run changes nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "analyzer/analyzer.h"
#include "analyzer/python/fix.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

class PythonFix : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("concadvise_fix_" + std::to_string(::getpid()) + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& source) const {
    const std::string path = (folder_ / "app.py").string();
    std::ofstream(path) << source;
    return path;
  }

  /// The source after repairing it, which must not change when repaired once more.
  std::string fixed(const std::string& source, bool unsafe) const {
    const std::string once = run(source, unsafe);
    EXPECT_EQ(run(once, unsafe), once) << "a second run changes it again";
    return once;
  }

  std::string run(const std::string& source, bool unsafe) const {
    LintOptions options;
    options.paths = {write(source)};
    const auto result = lint(options);
    EXPECT_TRUE(result);
    EXPECT_TRUE(result->sources.failed.empty());
    const auto files = fix_python(result->findings, unsafe);
    EXPECT_TRUE(files);
    return files->empty() ? source : files->front().after;
  }

  fs::path folder_;
};

TEST_F(PythonFix, SleepsOnTheLoopAndImportsAsyncio) {
  EXPECT_EQ(fixed("\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\n\nfrom time import sleep as pause\n\n\nasync def f(x):\n    pause(x)\n", false),
            "\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\n\nimport asyncio\nfrom time import sleep as pause\n\n\nasync def f(x):\n    await asyncio.sleep(x)\n");
}

TEST_F(PythonFix, KeepsTheByteOrderMarkFirst) {
  EXPECT_EQ(fixed("\xef\xbb\xbfimport time\n\n\nasync def f():\n    time.sleep(1)\n", false),
            "\xef\xbb\xbfimport asyncio\nimport time\n\n\nasync def f():\n    await asyncio.sleep(1)\n");
}

TEST_F(PythonFix, EndsLinesAsTheFileDoes) {
  EXPECT_EQ(fixed("import time\r\n\r\n\r\nasync def f():\r\n    time.sleep(1)\r\n", false),
            "import asyncio\r\nimport time\r\n\r\n\r\nasync def f():\r\n    await asyncio.sleep(1)\r\n");
  const std::string before = "import multiprocessing as mp\r\n\r\n\r\ndef work():\r\n    pass\r\n\r\n\r\n";
  EXPECT_EQ(fixed(before + "one = mp.Process(target=work)\r\n\r\none.start()\r\n", true),
            before + "one = mp.Process(target=work)\r\n\r\nif __name__ == \"__main__\":\r\n    one.start()\r\n");
}

TEST_F(PythonFix, LeavesGeneratorsOfTheFileSystemWhereTheyAre) {
  const std::string source = "import os\n\n\nasync def f(path):\n    return next(os.walk(path))[2]\n";
  EXPECT_EQ(fixed(source, true), source);
}

TEST_F(PythonFix, GuardsAllThatFollowsTheStart) {
  const std::string before = "import multiprocessing as mp\n\n\ndef work():\n    pass\n\n\nworkers = [mp.Process(target=work) for _ in range(4)]\n";
  EXPECT_EQ(fixed(before + "for one in workers:\n    one.start()\n\nfor one in workers:\n    one.join()\n", true),
            before + "if __name__ == \"__main__\":\n    for one in workers:\n        one.start()\n\n    for one in workers:\n        one.join()\n");
}

TEST_F(PythonFix, AwaitsNothingThatOnlyCallsACoroutineFunction) {
  const std::string source =
      "import asyncio\n\n\nasync def refresh():\n    await asyncio.sleep(1)\n\n\nasync def later():\n    asyncio.get_running_loop().call_later(5, refresh)\n";
  EXPECT_EQ(fixed(source, true), source);
}

TEST_F(PythonFix, LeavesAloneWhatIsCalledAsyncioButIsNot) {
  const std::string source = "import time\n\nasyncio = None\n\n\nasync def f():\n    time.sleep(1)\n";
  EXPECT_EQ(fixed(source, true), source);
}

TEST_F(PythonFix, AwaitsWhatWasDropped) {
  EXPECT_EQ(fixed("import asyncio\n\n\nasync def save():\n    await asyncio.sleep(1)\n\n\nasync def f():\n    save()\n    if save():\n        return\n", false),
            "import asyncio\n\n\nasync def save():\n    await asyncio.sleep(1)\n\n\nasync def f():\n    await save()\n    if await save():\n        return\n");
}

TEST_F(PythonFix, OffloadsOnlyWhenAskedTo) {
  const std::string source = "import asyncio\nimport requests\n\n\nasync def f(u):\n    await asyncio.sleep(0)\n    return requests.get(u, timeout=3).json()\n";
  EXPECT_EQ(fixed(source, false), source);
  EXPECT_EQ(fixed(source, true),
            "import asyncio\nimport requests\n\n\nasync def f(u):\n    await asyncio.sleep(0)\n    return (await asyncio.to_thread(requests.get, u, timeout=3)).json()\n");
}

TEST_F(PythonFix, StaysOnTriosLoop) {
  EXPECT_EQ(fixed("import time\n\nimport requests\nimport trio\n\n\nasync def f(u):\n    time.sleep(1)\n    requests.get(u)\n    requests.get(u, timeout=3)\n", true),
            "import time\n\nimport requests\nimport trio\n\n\nasync def f(u):\n    await trio.sleep(1)\n    await trio.to_thread.run_sync(requests.get, u)\n    requests.get(u, timeout=3)\n");
}

TEST_F(PythonFix, AwaitsWhatNobodyReads) {
  EXPECT_EQ(fixed("import asyncio\n\n\nasync def load():\n    await asyncio.sleep(1)\n\n\nasync def f():\n    done = load()\n", false),
            "import asyncio\n\n\nasync def load():\n    await asyncio.sleep(1)\n\n\nasync def f():\n    done = await load()\n");
}

TEST_F(PythonFix, LeavesContextManagersAndGeneratorsAlone) {
  const std::string source =
      "import time\nimport urllib.request\n\n\nasync def f(u):\n    with urllib.request.urlopen(u) as answer:\n        return any(time.sleep(x) for x in answer)\n";
  EXPECT_EQ(fixed(source, true), source);
}

TEST_F(PythonFix, GivesTasksAChunk) {
  const std::string source =
      "from concurrent.futures import ProcessPoolExecutor\n\n\ndef double(x):\n    return x * 2\n\n\ndef main(pool: ProcessPoolExecutor, items):\n    return list(pool.map(double, items))\n";
  const std::string after = fixed(source, false);
  EXPECT_NE(after.find("pool.map(double, items, chunksize=1000)"), std::string::npos) << after;
}

TEST_F(PythonFix, GuardsTheStartOfProcesses) {
  const std::string source =
      "from multiprocessing import Pool\n\n\ndef heavy(n):\n    return sum(i * i for i in range(n))\n\n\nwith Pool(2) as pool:\n    print(pool.map(heavy, [1, 2]))\n\n    print(1)\n";
  EXPECT_EQ(fixed(source, true),
            "from multiprocessing import Pool\n\n\ndef heavy(n):\n    return sum(i * i for i in range(n))\n\n\nif __name__ == \"__main__\":\n    with Pool(2) as pool:\n        print(pool.map(heavy, [1, 2]))\n\n        print(1)\n");
}

TEST_F(PythonFix, ShowsTheChangeAsADiff) {
  const FixedFile file{"app.py", "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n", 1};
  EXPECT_EQ(unified_diff(file), "--- app.py\n+++ app.py\n@@ -1,6 +1,6 @@\n a\n b\n c\n-d\n+D\n e\n f\n");
}

/// Every annotated case, repaired with and without the repairs that need a look: what comes out parses, binds the asyncio that
/// it uses, and stays as it is when repaired once more.
class PythonFixCase : public testing::TestWithParam<fs::path> {};

std::vector<fs::path> single_files() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(CONCADVISE_PYTHON_CASES)) {
    if (entry.path().extension() == ".py") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::string repaired(const fs::path& file, bool unsafe) {
  LintOptions options;
  options.paths = {file.string()};
  const auto result = lint(options);
  if (!result) throw std::runtime_error(result.error().cause);
  EXPECT_TRUE(result->sources.failed.empty()) << "it does not parse";
  const auto files = fix_python(result->findings, unsafe);
  if (!files) throw std::runtime_error(files.error().cause);
  std::ostringstream source;
  source << std::ifstream(file).rdbuf();
  return files->empty() ? source.str() : files->front().after;
}

TEST_P(PythonFixCase, ParsesAndStays) {
  const fs::path folder = fs::path(testing::TempDir()) / ("concadvise_fix_case_" + std::to_string(::getpid()) + GetParam().stem().string());
  for (const bool unsafe : {false, true}) {
    fs::create_directories(folder);
    const fs::path copy = folder / GetParam().filename();
    fs::copy_file(GetParam(), copy, fs::copy_options::overwrite_existing);
    const std::string once = repaired(copy, unsafe);
    std::ofstream(copy) << once;
    EXPECT_EQ(repaired(copy, unsafe), once) << "a second run changes it again";
    if (once.find(" asyncio.") != std::string::npos) {
      EXPECT_NE(once.find("import asyncio"), std::string::npos) << once;
    }
    fs::remove_all(folder);
  }
}

INSTANTIATE_TEST_SUITE_P(Lint, PythonFixCase, testing::ValuesIn(single_files()), [](const auto& one) {
  std::string name = one.param.stem().string();
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace concadvise
