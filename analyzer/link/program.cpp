#include "analyzer/link/program.h"

#include <algorithm>

#include "analyzer/link/linked.h"
#include "analyzer/workers.h"

namespace concadvise {

FunctionsByKey::Functions& FunctionsByKey::operator[](facts::Text key) {
  if (at_.size() <= key.number()) at_.resize(std::max(at_.size() * 2, facts::Text::numbers()), -1);
  int& at = at_[key.number()];
  if (at < 0) {
    at = static_cast<int>(lists_.size());
    lists_.emplace_back();
  }
  return lists_[static_cast<std::size_t>(at)];
}

FunctionId Program::find(facts::Text key) const {
  const auto* same = by_key_.find(key);
  return same ? same->front() : -1;
}

FunctionId Program::find(facts::Text key, std::uint32_t near_file) const {
  const auto* same = by_key_.find(key);
  if (!same) return -1;
  for (const FunctionId id : *same)
    if (function(id).place.file == near_file) return id;
  return same->front();
}

const facts::Class* Program::class_of(facts::Text key_or_name) const {
  const std::size_t number = key_or_name.number();
  return number < class_by_name_.size() && class_by_name_[number] >= 0 ? &classes_[static_cast<std::size_t>(class_by_name_[number])] : nullptr;
}

bool Program::derives(std::string_view type, std::string_view base) const {
  if (type == base) return true;
  const auto* first = class_of(type);
  if (!first) return false;
  facts::Texts queue{first->key};
  for (std::size_t i = 0; i < queue.size() && i < 256; ++i) {
    const auto* klass = i == 0 ? first : class_of(queue[i]);
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
  // Neither half reads what the other writes.
  share_out(2, jobs_, [this](std::size_t half) {
    if (half == 0) return compute_contexts();
    compute_effects();
    compute_work();
  });
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
  std::vector<std::vector<std::uint32_t>> ids(units.size());
  std::size_t functions = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    functions += units[i].functions.size();
    for (const auto& file : units[i].files) {
      const auto [at, fresh] = file_ids.try_emplace(file, static_cast<std::uint32_t>(files_.size()));
      if (fresh) files_.push_back(file);
      ids[i].push_back(at->second);
    }
    if (files_.empty()) files_.emplace_back();
  }
  share_out(units.size(), jobs_, [&](std::size_t i) { remap(units[i], ids[i]); });
  share_out(2, jobs_, [&](std::size_t half) {
    if (half == 0) return join(units, functions);
    for (auto& unit : units) {
      for (const auto& edge : unit.flows) flow_.add(edge.from, edge.to);
      unit.flows = {};
    }
  });
  units.clear();
}

// Functions, classes and suppressions of all units; `count` functions at most.
void LinkedProgram::join(std::vector<facts::Unit>& units, std::size_t count) {
  functions_.reserve(count);
  for (auto& unit : units) {
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
      if (class_of(c.key)) continue;
      const auto id = static_cast<int>(classes_.size());
      if (const std::size_t last = std::max(c.key.number(), c.name.number()); class_by_name_.size() <= last)
        class_by_name_.resize(std::max(class_by_name_.size() * 2, facts::Text::numbers()), -1);
      class_by_name_[c.key.number()] = id;
      if (int& named = class_by_name_[c.name.number()]; named < 0) named = id;
      classes_.push_back(std::move(c));
    }
    for (auto& one : unit.suppressions)
      if (std::none_of(suppressions_.begin(), suppressions_.end(), [&](const facts::Suppression& known) {
            return known.file == one.file && known.written_at == one.written_at && known.rules == one.rules;
          }))
        suppressions_.push_back(std::move(one));
    unit.functions = {};  // what was not taken is a copy of what was
    unit.classes = {};
  }
}

}  // namespace concadvise
