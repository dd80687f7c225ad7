// Renderings of a session: they show what was concluded and decide nothing.
#pragma once

#include <string>

#include "model/advice.h"
#include "model/finding.h"

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
};

/// One self-contained HTML page, complete without scripts; the same input gives the same bytes.
std::string render_html(const PageInput& input);
std::string render_html(const Session& session);

}  // namespace concadvise
