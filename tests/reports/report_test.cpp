#include "reports/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/json.h"
#include "reports/exports.h"
#include "reports/format.h"
#include "reports/inert.h"
#include "reports/links.h"
#include "reports/page/html.h"
#include "reports/page/local_paths.h"
#include "reports/page/sha256.h"
#include "reports/stack_tree.h"
#include "reports/words.h"
#include "tests/reports/samples.h"

namespace concadvise {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Pages are too long to print when a match fails.
bool contains(const std::string& whole, std::string_view part) { return whole.find(part) != std::string::npos; }

Frame called(std::string function) {
  Frame out;
  out.function = std::move(function);
  return out;
}

TEST(StackTree, PruningKeepsTheLargestNodesAndAllTheTime) {
  std::vector<HotSpot> spots;
  for (int i = 0; i < 50; ++i) {
    HotSpot spot;
    spot.seconds = i + 1;
    for (int depth = 0; depth < 6; ++depth) spot.stack.insert(spot.stack.begin(), called(fmt::format("f{}", depth < 2 ? depth : (i * 7 + depth) % 13)));
    spot.stack.insert(spot.stack.begin(), spot.stack.front());  // direct recursion
    spots.push_back(spot);
    spot.state = State::lock;
    spots.push_back(spot);
  }
  const StackTree whole = stack_tree(spots, true, 100000);
  EXPECT_EQ(whole.pruned, 0U);
  for (const std::size_t limit : {std::size_t{1}, std::size_t{7}, whole.nodes.size() - 1, whole.nodes.size()}) {
    const StackTree tree = stack_tree(spots, true, limit);
    EXPECT_EQ(tree.nodes.size(), limit);
    EXPECT_EQ(tree.nodes.size() + tree.pruned, whole.nodes.size());
    double sum = 0;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      const StackTree::Node& node = tree.nodes[i];
      sum += node.self_s;
      EXPECT_TRUE(i == 0 || node.parent < i);
      EXPECT_LE(node.total_s, tree.nodes[node.parent].total_s);
      EXPECT_TRUE(i == 0 || node.parent == 0 || node.name != tree.nodes[node.parent].name) << "recursion is joined";
    }
    EXPECT_DOUBLE_EQ(sum, 50 * 51 / 2.0);
    EXPECT_DOUBLE_EQ(tree.nodes[0].total_s, sum);
    EXPECT_EQ(tree.pruned_s > 0, limit < whole.nodes.size());
  }
}

TEST(Inert, MakesControlDirectionAndBrokenBytesVisible) {
  EXPECT_EQ(inert("plain"), "plain");
  EXPECT_EQ(inert("a\x1b[31m\n\x7f"), "a␛[31m␊␡");
  EXPECT_EQ(inert("\xe2\x80\xae" "abc"), "‹U+202E›abc");
  EXPECT_EQ(inert("\xff" "a\xc0\xaf\xed\xa0\x80"), "\uFFFDa\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(inert("größe 木"), "größe 木");
  EXPECT_EQ(inert("a\n\tb\r", kNoLimit, Lines::many), "a\n\tb␍");
}

TEST(Inert, CutsTheMiddleOutOfLongNames) {
  const std::string cut = inert(std::string(10000, 'x') + "end", 30);
  EXPECT_EQ(cut, std::string(20, 'x') + "…(9973 more)…" + std::string(7, 'x') + "end");
  EXPECT_EQ(inert("12345", 5), "12345");
}

TEST(Format, KeepsThreeDigits) {
  EXPECT_EQ(format_seconds(0), "0 s");
  EXPECT_EQ(format_seconds(0.000000012), "12 ns");
  EXPECT_EQ(format_seconds(0.00085), "850 µs");
  EXPECT_EQ(format_seconds(0.0123), "12.3 ms");
  EXPECT_EQ(format_seconds(1.524), "1.52 s");
  EXPECT_EQ(format_seconds(200), "3 min 20 s");
  EXPECT_EQ(format_seconds(3600 * 2 + 300), "2 h 5 min");
  EXPECT_EQ(format_share(0.0004), "<0.1 %");
  EXPECT_EQ(format_share(0.042), "4.2 %");
  EXPECT_EQ(format_share(0.999), ">99.5 %");
  EXPECT_EQ(format_share(1), "100 %");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_bytes(16384), "16.0 KiB");
}

TEST(Sha256, KnownDigests) {
  EXPECT_EQ(sha256_base64(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(sha256_base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(sha256_base64(std::string(1000, 'a')), "Qe3s5C1j6Nm/UVqbppMuHCDLyfWl0TRkWttdsblzfqM=");
}

TEST(Html, StringsCantBecomeMarkup) {
  EXPECT_EQ(el("p", {{"title", "\"><script>"}}, "<b>&", el("b", {}, "x")).markup(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp;<b>x</b></p>");
  EXPECT_EQ(id_of("node-", "a b/<"), "node-a_20b_2f_3c");
}

TEST(Text, EndsWithWhatToDoNext) {
  const std::string out = render_text(samples::blocked_server(), {false, 100, "concadvise.html", "concadvise.json"});
  const std::vector<std::string> order = {"Measured", "Verdict", "Path", "Advice", "Expected", "concadvise.json", "concadvise.html", "Next"};
  std::size_t at = 0;
  for (const std::string& part : order) {
    const std::size_t found = out.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " after " << at << " in\n" << out;
    at = found;
  }
  EXPECT_FALSE(contains(out, "\x1b"));
}

TEST(Text, FitsNarrowTerminals) {
  for (int width : {40, 60, 100, 200}) {
    const std::string out = render_text(samples::blocked_server(), {false, width, "", ""});
    std::size_t start = 0;
    while (start < out.size()) {
      const std::size_t end = out.find('\n', start);
      const std::string line = out.substr(start, end - start);
      // A command stays whole so that it can be pasted; a word can be longer than the terminal.
      if (line.rfind("Next", 0) != 0) {
        EXPECT_LE(length_of(line), static_cast<std::size_t>(width)) << line;
      }
      start = end + 1;
    }
  }
}

TEST(Text, GivesNoAdviceWithoutData) {
  const std::string out = render_text(samples::too_short(), {});
  EXPECT_THAT(out, HasSubstr("Not enough data"));
  EXPECT_THAT(out, Not(HasSubstr("Advice")));
  EXPECT_THAT(out, HasSubstr("concadvise profile -- sh"));
}

TEST(Text, HostileNamesStayInert) {
  const std::string out = render_text(samples::hostile(), {});
  EXPECT_FALSE(contains(out, "\x1b"));
  EXPECT_FALSE(contains(out, "\xe2\x80\xae"));
  EXPECT_FALSE(contains(out, "\r"));
}

TEST(Exports, FoldedStacksAddUpAndKeepOneLineAStack) {
  Profile profile = samples::blocked_server().profile;
  profile.hot_spots[1].stack[0].function = "operator new(unsigned long); \n evil 5";
  const std::string folded = to_folded(profile);
  long long sum = 0;
  std::size_t lines = 0;
  for (std::size_t start = 0, end = 0; start < folded.size(); start = end + 1, ++lines) {
    end = folded.find('\n', start);
    const std::string line = folded.substr(start, end - start);
    EXPECT_EQ(std::count(line.begin(), line.end(), ' '), 1) << line;
    sum += std::stoll(line.substr(line.rfind(' ')));
  }
  EXPECT_EQ(lines, profile.hot_spots.size());
  EXPECT_EQ(sum, 7700000);
}

TEST(Exports, UnknownFormatsAndMissingMeasurementsAreErrors) {
  const Session session = samples::blocked_server();
  EXPECT_FALSE(render_as("pdf", PageInput{&session, nullptr}).has_value());
  EXPECT_FALSE(render_as("folded", PageInput{}).has_value());
  for (std::string_view format : report_formats()) EXPECT_TRUE(render_as(format, PageInput{&session, nullptr}).has_value()) << format;
}

TEST(Markdown, HostileNamesCantLeaveTheirCells) {
  const Session session = samples::hostile();
  const LintResult lint = samples::hostile_findings();
  const std::string out = render_markdown(PageInput{&session, &lint});
  EXPECT_FALSE(contains(out, "\x1b"));
  // Outside of the block with the command no line is longer than its row or starts as HTML.
  std::string outside = out;
  const std::size_t open = outside.find("```");
  ASSERT_NE(open, std::string::npos);
  outside.erase(open, outside.rfind("```") - open);
  EXPECT_FALSE(contains(outside, "\n<"));
  EXPECT_EQ(std::count(outside.begin(), outside.end(), '\r'), 0);
}

TEST(Page, HasAllSections) {
  const Session session = samples::blocked_server();
  const LintResult lint = samples::findings();
  const std::string page = render_html(PageInput{&session, &lint});
  for (const char* id : {"verdict", "path", "advice", "time", "hot-spots", "findings", "method"})
    EXPECT_TRUE(contains(page, std::string("<section id=\"") + id + "\"")) << id;
  EXPECT_TRUE(contains(page, "src/upstream.cpp:88"));
  EXPECT_TRUE(contains(page, "Content-Security-Policy"));
  EXPECT_FALSE(contains(page, "http://"));
  EXPECT_FALSE(contains(page, "https://"));
}

TEST(Page, FindingsAndCallStacksLinkToEachOther) {
  const Session session = samples::blocked_server();
  const LintResult lint = samples::findings();
  const std::string page = render_html(PageInput{&session, &lint});
  EXPECT_TRUE(contains(page, "Seen at run time: </strong>142 times, 7.10 s in all, the longest 51.0 ms."));
  for (const char* part : {"href=\"#spot-0\"", "id=\"spot-0\"", "href=\"#finding-0\"", "id=\"finding-0\"", "Not seen at run time"})
    EXPECT_TRUE(contains(page, part)) << part;
}

TEST(Links, NamesOfFilesMustEndAlike) {
  Finding finding = samples::findings().findings[0];
  const Profile profile = samples::blocked_server().profile;
  EXPECT_TRUE(spot_of(finding, profile).has_value());
  finding.file = "/opt/project/src/upstream.cpp";
  EXPECT_TRUE(spot_of(finding, profile).has_value());
  finding.file = "other/upstream.cpp";
  EXPECT_FALSE(spot_of(finding, profile).has_value());
  finding.file = "src/upstream.cpp";
  finding.line = 200;
  EXPECT_FALSE(spot_of(finding, profile).has_value());
}

TEST(LocalPaths, AreRelativeToTheFoldersOfTheReader) {
  const std::vector<std::string> folders = {"/srv/app", "/", "", "relative"};
  EXPECT_EQ(without_folders("work (/srv/app/src/a.cpp:3), /srv/app/b.py", folders), "work (src/a.cpp:3), b.py");
  for (const char* same : {"/srv/app2/a.cpp", "x/srv/app/a.cpp", "/usr/lib/x", "/srv/app", "relative/a"}) EXPECT_EQ(without_folders(same, folders), same);
}

TEST(Links, PlacesEndWords) {
  EXPECT_EQ(place_in("work (src/a b.cpp:12)")->file, "src/a b.cpp");
  EXPECT_EQ(place_in("work (src/a.cpp:12)")->line, 12);
  EXPECT_EQ(place_in("src/a.cpp:7")->file, "src/a.cpp");
  for (const char* none : {"", "work", "work (libc.so.6)", "a:b", "x:0", ":12", "x:-3", "x:99999999999999999999"}) EXPECT_FALSE(place_in(none).has_value()) << none;
}

TEST(Page, AdviceShowsTheLinesOfItsPlace) {
  const Session session = samples::blocked_server();
  PageInput input{&session, nullptr};
  EXPECT_FALSE(contains(render_html(input), "class=\"source\""));
  input.read_source = [](const std::string& file) { return file == "src/upstream.cpp" ? std::optional(std::string(85, '\n') + "86\n87\n<b>88\n89") : std::nullopt; };
  const std::string page = render_html(input);
  EXPECT_TRUE(contains(page, "<mark>&gt;   88  &lt;b&gt;88</mark>\n"));
  EXPECT_TRUE(contains(page, "   86  86\n"));
  input.read_source = [](const std::string&) { return std::optional(std::string("too short\n")); };
  EXPECT_FALSE(contains(render_html(input), "class=\"source\""));
}

TEST(ComparePage, ShowsOutcomePredictionAndDoubts) {
  const Session before = samples::python_fetches();
  Session after = before;
  after.profile.measurement.wall_s = 1.3;
  const std::string page = render_compare_html(before, after, compare(before, after));
  EXPECT_TRUE(contains(page, "It got faster"));
  EXPECT_TRUE(contains(page, "The prediction held"));
  const Session evil = samples::hostile();
  EXPECT_FALSE(contains(render_compare_html(evil, evil, compare(evil, evil)), "<script>window.pwned"));
}

TEST(Page, SameInputSameBytes) {
  const LintResult lint = samples::findings();
  const Session a = samples::mixed_pipeline();
  const Session b = samples::mixed_pipeline();
  EXPECT_EQ(render_html(PageInput{&a, &lint}), render_html(PageInput{&b, &lint}));
  const auto loaded = session_from_json(session_to_json(a), "saved");
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(render_html(*loaded), render_html(a));
}

TEST(Page, HostileNamesStayInert) {
  const Session session = samples::hostile();
  const LintResult lint = samples::hostile_findings();
  const std::string page = render_html(PageInput{&session, &lint});
  for (const char* evil : {"<script>window.pwned", "<img", "\x1b", "\xe2\x80\xae", "\xff"}) EXPECT_FALSE(contains(page, evil)) << evil;
  EXPECT_EQ(page.find("</title>", page.find("</title>") + 1), std::string::npos);
}

TEST(Words, AnIdleProgramIsNotPraised) {
  Session session = samples::healthy_service();
  EXPECT_EQ(instruction_of(session), "Keep what you have");
  session.verdict.klass = "idle";
  EXPECT_THAT(instruction_of(session), HasSubstr("under load"));
  EXPECT_THAT(render_html(session), HasSubstr("recommended open"));
}

TEST(Words, APartIsNeverMoreThanItsWhole) {
  EXPECT_EQ(part_of(6.01, 6.0), "all of 6.00 s");
  EXPECT_EQ(part_of(5.999, 6.0), "all of 6.00 s");
  EXPECT_EQ(part_of(3, 6), "3.00 s of 6.00 s");
}

TEST(Page, ASourceCheckAdvisesInNoOneLanguage) {
  LintResult lint = samples::findings();
  lint.findings[0].file = "server.cpp", lint.findings[0].fix = "timer_.async_wait(handler)";
  lint.findings[1].file = "service.py", lint.findings[1].fix = "await asyncio.sleep(1)", lint.findings[1].severity = "error";
  Advice unmeasured;
  unmeasured.model = "unblock-loop";
  PageInput input{nullptr, &lint};
  input.unmeasured = &unmeasured;
  const std::string page = render_html(input);
  const std::string verdict = page.substr(page.find("id=\"verdict\""), page.find("id=\"findings\"") - page.find("id=\"verdict\""));
  EXPECT_THAT(verdict, HasSubstr("unblock the event loop"));
  EXPECT_THAT(verdict, HasSubstr("async_wait"));
  EXPECT_THAT(verdict, HasSubstr("asyncio.sleep"));
}

TEST(Page, EmptyStatesSayWhatToRun) {
  const Session nothing;
  EXPECT_THAT(render_html(nothing), HasSubstr("Not enough data"));
  EXPECT_THAT(render_html(nothing), HasSubstr("concadvise lint"));
  const LintResult lint = samples::findings();
  EXPECT_THAT(render_html(PageInput{nullptr, &lint}), HasSubstr("concadvise profile -o run -- ./your-program"));
  EXPECT_FALSE(render_html(PageInput{}).empty());
}

}  // namespace
}  // namespace concadvise
