#include "reports/page/local_paths.h"

#include <string_view>

namespace concadvise {
namespace {

// A path starts a text, or stands after one of these.
bool may_start_after(char before) { return std::string_view(" (\"'`=:\n").find(before) != std::string_view::npos; }

void drop(std::string& words, const std::string& prefix) {
  for (std::size_t at = words.find(prefix); at != std::string::npos; at = words.find(prefix, at)) {
    const bool starts = at == 0 || may_start_after(words[at - 1]);
    if (starts) words.erase(at, prefix.size());
    else at += prefix.size();
  }
}

class Shortener {
 public:
  explicit Shortener(const std::vector<std::string>& folders) {
    for (const std::string& folder : folders)
      if (folder.size() > 1 && folder.front() == '/') prefixes_.push_back(folder + "/");
  }

  void operator()(std::string& words) const {
    for (const std::string& prefix : prefixes_) drop(words, prefix);
  }

  void operator()(std::vector<std::string>& all) const {
    for (std::string& words : all) (*this)(words);
  }

  void operator()(std::vector<Frame>& stack) const {
    for (Frame& frame : stack) (*this)(frame.file);
  }

 private:
  std::vector<std::string> prefixes_;
};

}  // namespace

std::string without_folders(const std::string& words, const std::vector<std::string>& folders) {
  std::string out = words;
  Shortener{folders}(out);
  return out;
}

void shorten_paths(Session& session, const std::vector<std::string>& folders) {
  const Shortener shorten(folders);
  Profile& profile = session.profile;
  shorten(profile.target.command);
  for (HotSpot& spot : profile.hot_spots) shorten(spot.stack);
  for (Wait& wait : profile.waits) shorten(wait.stack);
  for (Loop& loop : profile.loops) {
    for (Stall& stall : loop.stalls) shorten(stall.stack);
    for (LoopStop& stop : loop.stops) shorten(stop.stack), shorten(stop.chain);
  }
  shorten(session.verdict.summary);
  shorten(session.advice.summary);
  for (Step& step : session.advice.path) shorten(step.evidence);
  for (Action& action : session.advice.actions)
    for (std::string* words : {&action.title, &action.why, &action.where, &action.verify}) shorten(*words);
}

void shorten_paths(LintResult& lint, const std::vector<std::string>& folders) {
  const Shortener shorten(folders);
  for (Finding& finding : lint.findings) {
    shorten(finding.file);
    shorten(finding.message);
    for (ChainLink& link : finding.chain) shorten(link.file);
  }
  for (FailedSource& failed : lint.sources.failed) shorten(failed.file);
}

}  // namespace concadvise
