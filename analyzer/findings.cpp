#include "analyzer/findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

std::string hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037ULL;  // FNV-1a
  for (const unsigned char byte : text) value = (value ^ byte) * 1099511628211ULL;
  return fmt::format("{:016x}", value);
}

}  // namespace

bool FindingList::suppress(const Finding& finding, const facts::Place& place) {
  const auto& all = program_.suppressions();
  bool hit = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& one = all[i];
    if (one.file != place.file || place.line < one.first_line || place.line > one.last_line) continue;
    if (!one.rules.empty() && std::find(one.rules.begin(), one.rules.end(), finding.rule) == one.rules.end()) continue;
    used_.insert(i);
    hit = true;
  }
  return hit;
}

void FindingList::add(FunctionId function, const facts::Place& place, Finding finding) {
  const auto& f = program_.function(function);
  if (finding.rule.empty()) finding.rule = check_->name;
  if (finding.severity.empty()) finding.severity = check_->severity;
  const bool allowed = program_.language(function) == facts::Language::cpp ? check_->cpp : check_->python;
  if (!allowed || f.test) return;
  if (!seen_.insert({finding.rule, place.file, place.line}).second) return;
  finding.file = program_.files()[place.file];
  finding.line = place.line;
  finding.column = place.column;
  if (finding.function.empty()) finding.function = f.name;
  const std::string leaf = finding.chain.empty() ? std::string() : finding.chain.back().function;
  std::string identity = fmt::format("{}|{}|{}|{}", finding.rule, finding.function, finding.effect, leaf);
  finding.fingerprint = hash(fmt::format("{}|{}", identity, ordinals_[identity]++));
  finding.suppressed = suppress(finding, place);
  list_.push_back(std::move(finding));
}

std::vector<Finding> FindingList::take() {
  // Only suppressions that name our rules can be said to be unused; a bare NOLINT may be meant for another tool.
  const auto& all = program_.suppressions();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (used_.contains(i)) continue;
    for (const auto& rule : all[i].rules) {
      if (!find_check(rule)) continue;
      Finding finding;
      finding.rule = "unused-suppression";
      finding.severity = "note";
      finding.file = program_.files()[all[i].file];
      finding.line = all[i].written_at;
      finding.column = 1;
      finding.message = fmt::format("nothing here breaks `{}`; the suppression can go", rule);
      finding.fingerprint = hash(fmt::format("unused-suppression|{}|{}", finding.file, rule));
      list_.push_back(std::move(finding));
    }
  }
  return std::move(list_);
}

Finding parse_failure(const facts::Unit& unit) {
  Finding finding;
  finding.rule = "tu-parse-error";
  finding.severity = "error";
  finding.file = unit.error_place.file < unit.files.size() ? unit.files[unit.error_place.file] : unit.path;
  finding.line = unit.error_place.line;
  finding.column = unit.error_place.column;
  finding.message = unit.status == facts::UnitStatus::failed ? fmt::format("{} was not analysed: {}", unit.path, unit.error)
                                                             : fmt::format("{} was analysed in part: {}", unit.path, unit.error);
  finding.fix = "make it parse (generate missing headers, correct the flags) and run again";
  finding.fingerprint = hash("tu-parse-error|" + unit.path);
  return finding;
}

}  // namespace concadvise
