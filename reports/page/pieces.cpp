// The small pieces that several sections are made of.
#include <fmt/format.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/page/base64.h"
#include "reports/page/sections.h"
#include "rules/source_place.h"

namespace concadvise {

Html section(std::string_view id, std::string_view heading, const Html& inside) {
  const std::string heading_id = std::string(id) + "-heading";
  return el("section", {{"id", std::string(id)}, {"aria-labelledby", heading_id}},
            el("h2", {{"id", heading_id}}, heading, " ",
               el("a", {{"class", "anchor"}, {"href", "#" + std::string(id)}, {"aria-label", fmt::format("Link to {}", heading)}}, "#")),
            inside);
}

Html command_line(std::string_view command) {
  return el("pre", {{"class", "command"}, {"tabindex", "0"}}, el("code", {}, text(command, kTextLimit, Lines::many)));
}

Html json_link(std::string_view name, std::string_view json) {
  return el("a", {{"class", "saved"}, {"download", std::string(name) + ".gz"}, {"href", "data:application/gzip;base64," + gzip_base64(json)}}, std::string(name) + ".gz");
}

Html name_of(std::string_view raw) { return el("code", {{"class", "name"}}, text(raw, kNameLimit)); }

Html prose(std::string_view raw) {
  Html out;
  while (!raw.empty()) {
    const auto open = raw.find('`');
    const auto close = open == std::string_view::npos ? open : raw.find('`', open + 1);
    if (close == std::string_view::npos) break;
    out += join(text(raw.substr(0, open), kTextLimit), name_of(raw.substr(open + 1, close - open - 1)));
    raw.remove_prefix(close + 1);
  }
  return join(out, text(raw, kTextLimit));
}

Html sentence(std::string_view raw) {
  std::string words(raw);
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string first = words.substr(0, words.find_first_of(" ,"));
  const bool is_word = !first.empty() && std::all_of(first.begin(), first.end(), is_small);  // not clock_nanosleep, std::mutex, x.y
  if (is_word) words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return prose(words);
}

Html empty_state(std::string_view why, std::string_view command) {
  return el("div", {{"class", "empty"}}, el("p", {}, why), command.empty() ? Html{} : command_line(command));
}

Html frame_of(const Frame& frame) {
  const std::string function = !frame.function.empty() ? frame.function
                               : frame.module.empty()  ? "(unknown)"
                                                       : fmt::format("{}+0x{:x}", frame.module, frame.offset);
  Html out = name_of(function);
  if (!frame.file.empty()) {
    const std::string place = frame.line > 0 ? fmt::format("{}:{}", frame.file, frame.line) : frame.file;
    out += join(" ", el("span", {{"class", "place"}}, text(place, kNameLimit)));
  } else if (!frame.module.empty() && !frame.function.empty()) {
    out += join(" ", el("span", {{"class", "place"}}, text(frame.module, kNameLimit)));
  }
  if (frame.inlined) out += join(" ", el("span", {{"class", "tag"}}, "inlined"));
  if (frame.kind != "native") out += join(" ", el("span", {{"class", "tag"}}, text(frame.kind, 20)));
  return out;
}

Html stack_of(const std::vector<Frame>& stack) {
  constexpr std::size_t kShown = 10;  // frames; the flame graph has the deeper ones
  if (stack.empty()) return el("span", {{"class", "muted"}}, "no call stack");
  if (stack.size() == 1) return frame_of(stack.front());
  Html rest;
  for (std::size_t i = 0; i < stack.size() && i < kShown; ++i) rest += el("li", {}, frame_of(stack[i]));
  if (stack.size() > kShown) rest += el("li", {}, fmt::format("{} more frames", stack.size() - kShown));
  // Library code at the innermost end tells less than the line of the program that called it.
  const Frame* own = own_frame(stack, "");
  Html first = frame_of(stack.front());
  if (own != nullptr && own != &stack.front()) first += el("div", {}, "from ", frame_of(*own));
  return join(first, el("details", {}, el("summary", {}, fmt::format("whole stack, {} frames", stack.size())),
                                          el("ol", {{"class", "stack"}}, rest)));
}

Html table_of(const Table& table) {
  const auto kind_of = [&table](std::size_t column) {
    return Attribute{column < table.kinds.size() && table.kinds[column] == 'n' ? "class" : "", "number"};
  };
  Html head;
  for (std::size_t i = 0; i < table.columns.size(); ++i) head += el("th", {{"scope", "col"}, kind_of(i)}, table.columns[i]);
  Html body;
  for (const std::vector<Html>& row : table.rows) {
    Html cells;
    for (std::size_t i = 0; i < row.size(); ++i)
      cells += i == 0 ? el("th", {{"scope", "row"}, kind_of(i)}, row[i]) : el("td", {kind_of(i)}, row[i]);
    body += el("tr", {}, cells);
  }
  const std::string caption_id = std::string(table.id) + "-caption";
  return el("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-labelledby", caption_id}},
            el("table", {{"id", std::string(table.id)}}, el("caption", {{"id", caption_id}}, table.caption),
               el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
}

Html pruned_note(std::size_t shown, std::size_t total, std::string_view what) {
  if (shown >= total) return {};
  const double left_out = static_cast<double>(total - shown) / static_cast<double>(total);
  return el("p", {{"class", "muted"}},
            fmt::format("Pruned {} of {} {} ({}): the smallest ones.", total - shown, total, what, format_share(left_out)));
}

}  // namespace concadvise
