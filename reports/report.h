// Renderings of a session: they show what was concluded and decide nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/advice.h"
#include "model/finding.h"
#include "model/result.h"
#include "rules/compare.h"
#include "rules/costs.h"

namespace concadvise {

struct TextOptions {
  bool color = false;
  int width = 100;           // columns; below 40 it is taken as 40
  std::string report_path;   // of the page; empty: none was written
  std::string session_path;  // of the JSON; empty: none was written
};

/// The summary on the terminal, most important lines last: measurement quality, verdict, way through the flowchart, first
/// advice with its expected gain, where the report is, the one next command.
std::string render_text(const Session& session, const TextOptions& options);

/// What a page shows: a measurement, a lint result, or both. What is null becomes an empty state that says what to run.
struct PageInput {
  const Session* session = nullptr;
  const LintResult* lint = nullptr;
  const Advice* unmeasured = nullptr;  // from source alone; shown where there is no session
  std::function<std::optional<std::string>(std::string_view rule)> explain_rule = {};  // documentation of a lint rule; may be empty
  std::function<std::optional<std::string>(const std::string& file)> read_source = {};  // text of a source file that is at hand; may be empty
  std::string folder = {};             // where the page is made; paths below it are shown without it
  std::shared_ptr<const Costs> costs = nullptr;  // what starting and handing over costs on this machine; null: not known
};

/// One self-contained HTML page, complete without scripts; the same input gives the same bytes.
std::string render_html(const PageInput& input);
std::string render_html(const Session& session);

/// Two measurements side by side, with what changed and whether it was predicted.
std::string render_compare_html(const Session& before, const Session& after, const Comparison& comparison);

/// The summary as Markdown, for a comment on a pull request.
std::string render_markdown(const PageInput& input);

/// The formats that `render_as` knows, by name.
const std::vector<std::string_view>& report_formats();

/// Any format by its name. An unknown name, or a format that needs a measurement where there is none, is an error.
Result<std::string> render_as(std::string_view format, const PageInput& input);

}  // namespace concadvise
