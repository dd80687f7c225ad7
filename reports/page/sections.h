// The sections of the page, one file each, and what they share. A section is complete without scripts.
#pragma once

#include <string>
#include <string_view>

#include "reports/page/html.h"
#include "reports/report.h"

namespace concadvise {

// Characters that are kept of a name from the target: enough for any name that a person wrote.
inline constexpr std::size_t kNameLimit = 160;
// ... and of a sentence or a piece of code.
inline constexpr std::size_t kTextLimit = 4000;

Html verdict_section(const Session& session);
/// The head of a page without a measurement.
Html lint_verdict_section(const PageInput& input);
Html path_section(const Session& session);
Html advice_section(const PageInput& input);
/// Advice from source alone.
Html unmeasured_section(const PageInput& input);
Html time_section(const Session& session);
Html hot_section(const PageInput& input);
Html findings_section(const PageInput& input);
/// `saved` links to the page's data; `left_out` has a sentence for each thing that is not in them.
Html method_section(const PageInput& input, const Html& saved, const std::vector<std::string>& left_out);

/// What each model costs, in Python or else in C and C++.
Html matrix_of(const Costs& costs, bool python);

/// `<section>` with a heading that can be linked to.
Html section(std::string_view id, std::string_view heading, const Html& inside);

/// A command to copy.
Html command_line(std::string_view command);

/// A link that saves the text as NAME.gz. It carries the text itself: nothing is loaded.
Html json_link(std::string_view name, std::string_view json);

/// A name from the target, in code font, its middle left out when it is very long.
Html name_of(std::string_view raw);

/// Words in which `names` in backticks are in code font.
Html prose(std::string_view raw);
/// The same, beginning with a capital letter unless its first word looks like a name of code.
Html sentence(std::string_view raw);

/// What to show where there is nothing: why, and what to run.
Html empty_state(std::string_view why, std::string_view command);

/// Function and place of a frame.
Html frame_of(const Frame& frame);

/// A call stack as a list, innermost first; long ones fold.
Html stack_of(const std::vector<Frame>& stack);

/// A table with a caption; `numeric` tells which columns hold numbers, as a string of 'n' and 't'.
struct Table {
  std::string_view id;
  std::string_view caption;
  std::vector<std::string_view> columns;
  std::string_view kinds;  // one letter a column: 't' text, 'n' number
  std::vector<std::vector<Html>> rows;
};
Html table_of(const Table& table);

/// The sentence that says what was left out, or nothing.
Html pruned_note(std::size_t shown, std::size_t total, std::string_view what);

}  // namespace concadvise
