// The summary on the terminal. What people need last is printed last, where the cursor stays.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/format.h"
#include "reports/inert.h"
#include "reports/report.h"
#include "reports/words.h"
#include "rules/source_place.h"
#include "rules/wording.h"
#include "rules/work.h"

namespace concadvise {
namespace {

constexpr std::size_t kNameLimit = 160;   // characters of a name that comes from the target
constexpr std::size_t kLabelWidth = 10;   // column of the labels on the left

enum class Style { plain, bold, dim, good, warn };

class Summary {
 public:
  explicit Summary(const TextOptions& options)
      : width_(static_cast<std::size_t>(std::max(options.width, 40))), color_(options.color) {}

  /// A line (or more) with a label in the left column and wrapped text in the right one.
  void line(std::string_view label, std::string_view text, Style style = Style::plain) {
    std::string lead = fmt::format("{:<{}}", label, kLabelWidth);
    for (const std::string& part : wrap(text, width_ - kLabelWidth)) {
      out_ += paint(lead, Style::dim) + paint(part, style) + "\n";
      lead.assign(kLabelWidth, ' ');
    }
  }

  /// A command to copy: never wrapped, so that it can be pasted.
  void command(std::string_view label, std::string_view text) {
    out_ += paint(fmt::format("{:<{}}", label, kLabelWidth), Style::dim) + paint(text, Style::bold) + "\n";
  }

  void gap() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

 private:
  static std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines(1);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string_view word = text.substr(at, end - at);
      const bool fits = length_of(lines.back()) + 1 + length_of(word) <= width;
      if (!lines.back().empty() && !fits) lines.emplace_back();
      if (!lines.back().empty()) lines.back() += ' ';
      lines.back() += word;
      at = end + 1;
    }
    return lines;
  }

  std::string paint(std::string_view text, Style style) const {
    if (!color_ || style == Style::plain || text.empty()) return std::string(text);
    const char* code = style == Style::bold ? "1" : style == Style::dim ? "2" : style == Style::good ? "1;32" : "1;33";
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }

  std::size_t width_;
  bool color_;
  std::string out_;
};

std::string quality_of(const Profile& profile) {
  const Measurement& m = profile.measurement;
  std::string text = fmt::format("{} at level {}, {} samples of threads", format_seconds(m.wall_s), inert(m.level, 20),
                                 format_count(static_cast<double>(m.thread_samples)));
  if (m.cpu_samples > 0) text += fmt::format(", {} stacks", format_count(static_cast<double>(m.cpu_samples)));
  text += m.lost > 0 ? fmt::format(", {} lost", format_share(m.lost)) : ", nothing lost";
  text += fmt::format("; measuring cost {} of CPU time, naming what was seen {}", format_seconds(m.own_cpu_s),
                      format_seconds(m.finishing_cpu_s));
  if (m.stopped_early) text += "; stopped before the program ended";
  return text;
}

std::string shares_of(const StateTimes& shares) {
  std::vector<State> order;
  for (State state : kAllStates)
    if (shares[state] >= 0.005) order.push_back(state);
  std::stable_sort(order.begin(), order.end(), [&](State a, State b) { return shares[a] > shares[b]; });
  std::string text;
  for (State state : order)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", label_of(state), format_share(shares[state]));
  return text;
}

// Every question that did not go the usual way (no: ask on), and the last one. The rest are named in one line.
void add_path(Summary& out, const Advice& advice) {
  std::size_t ordinary = 0;
  bool first = true;
  for (std::size_t i = 0; i < advice.path.size(); ++i) {
    const Step& step = advice.path[i];
    const bool last = i + 1 == advice.path.size();
    if (step.answer != "yes" && !last) {
      ++ordinary;
      continue;
    }
    const bool unknown = step.answer == "not-enough-data";
    const std::string answer = unknown ? "unknown" : step.answer;
    const std::string measured = unknown || step.metric.empty() ? std::string{}
                                 : fmt::format(" ({} is {}, threshold {})", words_of(step.metric), format_measured(step.measured, step.unit),
                                                   format_measured(step.threshold, step.unit));
    out.line(first ? "Path" : "", fmt::format("{}. {} {}{}", i + 1, inert(step.question, kNameLimit), inert(answer, kNameLimit), inert(measured)));
    first = false;
  }
  if (ordinary > 0) out.line(first ? "Path" : "", ordinary == 1 ? std::string("The other question: no, or not known.") : fmt::format("The other {} questions: no, or not known.", ordinary), Style::dim);
}

std::string own_places(const std::vector<Frame>& stack, const std::string& own) {
  std::string text;
  std::string_view joint = ", in ";
  for (const Frame* frame : own_frames(stack, own, 3)) {
    text += joint;
    text += inert(place_of(frame), kNameLimit);
    joint = " from ";
  }
  return text;
}

// One place at which a loop stopped, or the computing of one coroutine.
std::string text_of(const LoopStop& stop, const std::string& own) {
  const bool computes = !is_blocked(stop.state);
  std::string text = computes ? fmt::format("{} of computing", format_seconds(stop.seconds))
                              : fmt::format("{} times by {}, {} in all", format_count(stop.count), inert(stop.what, kNameLimit), format_seconds(stop.seconds));
  if (stop.longest_s > 0) text += fmt::format(", at most {} at a time", format_seconds(stop.longest_s));
  text += own_places(stop.stack, own);
  if (const std::string turn = turn_of(stop, own); !turn.empty()) text += "; " + inert(turn, 3 * kNameLimit);
  return text;
}

// What stops an event loop: only what it stands still for a share of the run worth reading about.
void add_loops(Summary& out, const Profile& profile) {
  constexpr double worth_telling = 0.02;  // of the run
  constexpr std::size_t most_stops = 5;   // of a loop
  const double enough_s = worth_telling * profile.measurement.wall_s;
  const std::string own = own_module_of(profile);
  for (const Loop& loop : profile.loops) {
    const std::string name = fmt::format("{} loop, thread {}", inert(loop.framework.empty() ? loop.kind : loop.framework, 40), loop.tid);
    std::size_t told = 0;
    for (const LoopStop& stop : loop.stops) {
      if (stop.seconds < enough_s || told == most_stops) break;
      if (told == 0) out.line("Loop", fmt::format("{}: {} {}.", name, is_blocked(stop.state) ? "stopped" : "held up by", text_of(stop, own)));
      else out.line("", fmt::format("Also {}.", text_of(stop, own)));
      ++told;
    }
    if (told == 0) {
      if (loop.stalls.empty() || loop.stalls.front().seconds < enough_s) continue;
      const Stall& worst = loop.stalls.front();
      out.line("Loop", fmt::format("{}: stopped {} times by {}, {} in all, at most {} at a time{}.", name, format_count(worst.count),
                                   inert(worst.what, kNameLimit), format_seconds(worst.seconds), format_seconds(longest_of(worst)),
                                   own_places(worst.stack, own)));
    }
    if (const std::string waiting = waiting_clients_of(loop); !waiting.empty()) out.line("", waiting);
  }
}

// Process pools that spend a share worth reading about on handing over.
void add_pools(Summary& out, const Profile& profile) {
  constexpr double worth_telling = 0.05;  // of the pool's CPU time
  for (const Pool& pool : profile.pools)
    if (pool.transfer_s >= worth_telling * pool.cpu_s && pool.cpu_s > 0)
      out.line("Pool", fmt::format("{} processes of {} hand over {}.", pool.size, inert(pool.name, 40), handed_over_of(pool)));
}

const Prediction* prediction_for(const Advice& advice) {
  for (const Prediction& prediction : advice.predictions)
    if (prediction.model == advice.model) return &prediction;
  return nullptr;
}

void add_advice(Summary& out, const Session& session) {
  const Advice& advice = session.advice;
  std::string what = inert(instruction_of(session), kNameLimit);
  if (!advice.implementation.empty() && session.verdict.klass != "idle") what += ": " + inert(advice.implementation, kNameLimit);
  out.line("Advice", what, Style::good);
  if (!advice.summary.empty()) out.line("", inert(advice.summary, 600));
  if (!advice.actions.empty()) {
    const Action& first = advice.actions.front();
    std::string text = "First: " + inert(first.title, 300);
    if (!first.where.empty()) text += " (" + inert(first.where, kNameLimit) + ")";
    out.line("", text);
  }
  if (const Prediction* prediction = prediction_for(advice)) {
    const Interval gain{prediction->gain_low, prediction->gain_high};
    out.line("Expected",
             fmt::format("{}, {}{}", format_seconds(prediction->wall_s), format_gain(gain),
                         prediction->limit.empty() ? "" : "; limit: " + inert(prediction->limit, kNameLimit)),
             Style::bold);
  }
}

// The one next command: the check of the first thing to do, else of the prediction, else what would measure better.
std::string next_command(const Session& session) {
  for (const Action& action : session.advice.actions)
    if (!action.verify.empty()) return action.verify;
  for (const Prediction& prediction : session.advice.predictions)
    if (!prediction.verify.empty()) return prediction.verify;
  for (const Rung& rung : session.profile.measurement.ladder)
    if (!rung.used && !rung.command.empty()) return rung.command;
  return {};
}

}  // namespace

std::string render_text(const Session& session, const TextOptions& options) {
  Summary out(options);
  const Verdict& verdict = session.verdict;
  const bool withheld = verdict.klass == "insufficient-data";
  out.line("Measured", quality_of(session.profile), Style::dim);
  for (const std::string& note : session.profile.measurement.notes) out.line("", inert(note, 300), Style::dim);
  if (const std::string shares = shares_of(session.profile.shares); !shares.empty()) out.line("Time", shares);
  out.gap();
  const std::string sure = withheld ? "" : fmt::format(" ({} sure of the verdict)", format_share(verdict.confidence));
  out.line("Verdict", inert(headline_of(verdict), kNameLimit) + sure, withheld ? Style::warn : Style::bold);
  if (!verdict.summary.empty()) out.line("", inert(verdict.summary, 600));
  add_loops(out, session.profile);
  add_pools(out, session.profile);
  add_path(out, session.advice);
  if (!verdict.nearest.empty()) out.line("Nearest", inert(verdict.nearest, 300), Style::dim);
  out.gap();
  if (!withheld) add_advice(out, session);
  if (!options.session_path.empty()) out.command("Data", inert(options.session_path));
  if (!options.report_path.empty()) out.command("Report", inert(options.report_path));
  if (const std::string next = next_command(session); !next.empty()) out.command("Next", inert(next, 400));
  return out.take();
}

}  // namespace concadvise
