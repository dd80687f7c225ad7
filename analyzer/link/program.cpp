#include "analyzer/link/program.h"

#include <algorithm>

#include "analyzer/link/linked.h"

namespace concadvise {

FunctionId Program::find(std::string_view key) const {
  const auto at = by_key_.find(key);
  return at == by_key_.end() ? -1 : at->second.front();
}

FunctionId Program::find(std::string_view key, std::uint32_t near_file) const {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return -1;
  for (const FunctionId id : at->second)
    if (function(id).place.file == near_file) return id;
  return at->second.front();
}

const facts::Class* Program::class_of(std::string_view key_or_name) const {
  const auto at = class_by_name_.find(key_or_name);
  return at == class_by_name_.end() ? nullptr : &classes_[at->second];
}

bool Program::derives(std::string_view type, std::string_view base) const {
  if (type == base) return true;
  std::vector<std::string> queue{std::string(type)};
  for (std::size_t i = 0; i < queue.size() && i < 256; ++i) {
    const auto* klass = class_of(queue[i]);
    if (!klass) continue;
    if (klass->key == base || klass->name == base) return true;
    for (const auto& next : klass->bases) {
      if (next == base) return true;
      if (std::find(queue.begin(), queue.end(), next) == queue.end()) queue.push_back(next);
    }
  }
  return false;
}

std::unique_ptr<Program> Program::link(std::vector<facts::Unit> units, const Knowledge& knowledge, int jobs) {
  return std::make_unique<LinkedProgram>(std::move(units), knowledge, jobs);
}

LinkedProgram::LinkedProgram(std::vector<facts::Unit> units, const Knowledge& knowledge, int jobs) : jobs_(jobs) {
  knowledge_ = &knowledge;
  take(units);
  build_graph();
  compute_effects();
  compute_work();
  compute_contexts();
}

void LinkedProgram::remap(facts::Unit& unit, const std::vector<std::uint32_t>& files) {
  const auto fix = [&](facts::Place& place) { place.file = place.file < files.size() ? files[place.file] : 0; };
  for (auto& f : unit.functions) {
    fix(f.place);
    for (auto& p : f.parameters) fix(p.used_after_suspension);
    for (auto& c : f.captures) fix(c.used_after_suspension);
    for (auto& c : f.calls) fix(c.place);
    for (auto& s : f.suspensions) fix(s.place);
    for (auto& l : f.loops) fix(l.place);
    for (auto& l : f.locks) fix(l.place);
    for (auto& a : f.accesses) fix(a.place);
  }
  for (auto& c : unit.classes) fix(c.place);
  for (auto& s : unit.suppressions) s.file = s.file < files.size() ? files[s.file] : 0;
}

void LinkedProgram::take(std::vector<facts::Unit>& units) {
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> file_ids;
  std::size_t functions = 0;
  for (const auto& unit : units) functions += unit.functions.size();
  functions_.reserve(functions);
  by_key_.reserve(functions);
  for (auto& unit : units) {
    std::vector<std::uint32_t> ids;
    for (const auto& file : unit.files) {
      const auto [at, fresh] = file_ids.try_emplace(file, static_cast<std::uint32_t>(files_.size()));
      if (fresh) files_.push_back(file);
      ids.push_back(at->second);
    }
    if (files_.empty()) files_.emplace_back();
    remap(unit, ids);
    for (auto& f : unit.functions) {
      auto& same = by_key_[f.key];
      // The same definition seen by several units: the first one with a body stays.
      const auto twin = std::find_if(same.begin(), same.end(), [&](FunctionId id) {
        const auto& other = function(id);
        return other.place == f.place || !other.has_body || !f.has_body;
      });
      if (twin != same.end()) {
        auto& other = functions_[static_cast<std::size_t>(*twin)];
        if (other.has_body || !f.has_body) {
          for (const auto& a : f.attributes)
            if (std::find(other.attributes.begin(), other.attributes.end(), a) == other.attributes.end())
              other.attributes.push_back(a);
          continue;
        }
        for (const auto& a : other.attributes) f.attributes.push_back(a);
        other = std::move(f);
        languages_[static_cast<std::size_t>(*twin)] = unit.language;
        continue;
      }
      same.push_back(static_cast<FunctionId>(functions_.size()));
      languages_.push_back(unit.language);
      functions_.push_back(std::move(f));
    }
    for (auto& c : unit.classes) {
      const auto at = class_by_name_.find(c.key);
      if (at != class_by_name_.end()) continue;
      class_by_name_[c.key] = classes_.size();
      class_by_name_.try_emplace(c.name, classes_.size());
      classes_.push_back(std::move(c));
    }
    for (auto& one : unit.suppressions)
      if (std::none_of(suppressions_.begin(), suppressions_.end(), [&](const facts::Suppression& known) {
            return known.file == one.file && known.written_at == one.written_at && known.rules == one.rules;
          }))
        suppressions_.push_back(std::move(one));
    for (const auto& edge : unit.flows) flow_.add(edge.from, edge.to);
    unit = facts::Unit{};  // what was not taken is a copy of what was
  }
}

}  // namespace concadvise
