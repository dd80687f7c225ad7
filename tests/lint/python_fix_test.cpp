// Repairs: what they write, that it parses, that they leave alone what they must, and that a second run changes nothing.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "analyzer/analyzer.h"
#include "analyzer/python/fix.h"

namespace concadvise {
namespace {

namespace fs = std::filesystem;

class PythonFix : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("concadvise_fix_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
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

}  // namespace
}  // namespace concadvise
