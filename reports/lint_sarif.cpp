// SARIF 2.1.0 (OASIS, 27 March 2020): the properties that code scanners read.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "reports/lint.h"

namespace concadvise {
namespace {

using json = nlohmann::ordered_json;

// A path as the URI of an artifact: everything but unreserved characters and slashes is percent-encoded (RFC 3986).
std::string uri(const std::string& path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const unsigned char c : path) {
    const bool open = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
    out += open ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

// One of the four words that the format has; a saved file may hold others.
std::string_view level_of(std::string_view severity) { return severity == "error" || severity == "note" ? severity : "warning"; }

json location(const std::string& file, int line, int column) {
  json region = json::object();
  if (line > 0) region["startLine"] = line;
  if (line > 0 && column > 0) region["startColumn"] = column;
  json physical = {{"artifactLocation", {{"uri", uri(file)}}}};
  if (!region.empty()) physical["region"] = region;
  return {{"physicalLocation", physical}};
}

json result_of(const Finding& finding, const std::map<std::string, std::size_t>& indexes) {
  json out = {{"ruleId", finding.rule}};
  if (const auto at = indexes.find(finding.rule); at != indexes.end()) out["ruleIndex"] = at->second;
  out["level"] = level_of(finding.severity);
  out["message"] = {{"text", finding.fix.empty() ? finding.message : finding.message + ". Instead: " + finding.fix}};
  out["locations"] = json::array({location(finding.file, finding.line, finding.column)});
  if (!finding.fingerprint.empty()) out["partialFingerprints"] = {{"concadvise/v1", finding.fingerprint}};
  out["rank"] = finding.confidence * 100;
  if (finding.chain.size() > 1) {
    json steps = json::array();
    for (const auto& link : finding.chain) {
      json place = location(link.file, link.line, 0);
      place["message"] = {{"text", link.function}};
      steps.push_back({{"location", place}});
    }
    out["codeFlows"] = json::array({{{"threadFlows", json::array({{{"locations", steps}}})}}});
  }
  if (finding.suppressed) out["suppressions"] = json::array({{{"kind", "inSource"}}});
  return out;
}

}  // namespace

std::string render_lint_sarif(const LintResult& result, const std::vector<RuleText>& rules, const std::string& version) {
  std::map<std::string, std::size_t> indexes;
  json descriptions = json::array();
  for (const auto& rule : rules) {
    indexes[rule.name] = descriptions.size();
    descriptions.push_back({{"id", rule.name},
                            {"name", rule.name},
                            {"shortDescription", {{"text", rule.summary}}},
                            {"help", {{"text", rule.documentation}, {"markdown", rule.documentation}}},
                            {"defaultConfiguration", {{"level", level_of(rule.severity)}}}});
  }
  json results = json::array();
  for (const auto& finding : result.findings) results.push_back(result_of(finding, indexes));
  json notifications = json::array();
  for (const auto& failed : result.sources.failed)
    notifications.push_back({{"level", "error"}, {"message", {{"text", failed.error}}}, {"locations", json::array({location(failed.file, 0, 0)})}});
  json run = {{"tool", {{"driver", {{"name", "concadvise"}, {"version", version}, {"rules", descriptions}}}}},
              {"invocations", json::array({{{"executionSuccessful", result.sources.failed.empty()}, {"toolExecutionNotifications", notifications}}})},
              {"results", results}};
  const json document = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", json::array({run})}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace concadvise
