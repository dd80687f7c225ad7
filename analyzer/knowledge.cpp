#include "analyzer/knowledge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <toml++/toml.h>

#include "analyzer/packs.h"

namespace concadvise {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// Reads one table, remembers which keys it asked for and complains about the rest.
class RowReader {
 public:
  RowReader(const toml::table& table, std::string origin) : table_(table), origin_(std::move(origin)) {}

  void read(std::string_view key, std::string& out) {
    if (const auto* node = get(key)) scalar<std::string>(key, *node, [&](std::string v) { out = std::move(v); });
  }
  void read(std::string_view key, bool& out) {
    if (const auto* node = get(key)) scalar<bool>(key, *node, [&](bool v) { out = v; });
  }
  void read(std::string_view key, int& out) {
    if (const auto* node = get(key)) scalar<std::int64_t>(key, *node, [&](std::int64_t v) { out = static_cast<int>(v); });
  }
  void read(std::string_view key, std::optional<std::int64_t>& out) {
    const auto* node = get(key);
    if (!node) return;
    if (const auto flag = node->value_exact<bool>()) out = *flag ? 1 : 0;
    else scalar<std::int64_t>(key, *node, [&](std::int64_t v) { out = v; });
  }
  void read(std::string_view key, std::optional<double>& out) {
    if (const auto* node = get(key)) scalar<double>(key, *node, [&](double v) { out = v; });
  }
  void read(std::string_view key, std::vector<std::string>& out) { list<std::string>(key, out); }
  void read(std::string_view key, std::vector<int>& out) {
    std::vector<std::int64_t> wide;
    list<std::int64_t>(key, wide);
    for (const auto v : wide) out.push_back(static_cast<int>(v));
  }
  void read(std::string_view key, std::vector<Condition>& out) {
    const auto* node = get(key);
    if (!node) return;
    const auto* array = node->as_array();
    if (!array) return complain(key, "must be an array of tables");
    for (const auto& element : *array) condition(key, element, [&](Condition c) { out.push_back(std::move(c)); });
  }
  void read(std::string_view key, std::optional<Condition>& out) {
    if (const auto* node = get(key)) condition(key, *node, [&](Condition c) { out = std::move(c); });
  }
  void read(std::string_view key, Tier& out) {
    std::string text;
    read(key, text);
    if (text.empty() || text == "unbounded") return;
    if (text == "disk") out = Tier::disk;
    else if (text == "lock") out = Tier::lock;
    else complain(key, "must be unbounded, disk or lock");
  }

  /// The first complaint, unknown keys included.
  Result<void> finish() {
    for (const auto& [key, node] : table_) {
      if (error_ || known_.contains(std::string(key.str()))) continue;
      const auto nearest = std::min_element(known_.begin(), known_.end(), [&](const auto& a, const auto& b) {
        return distance(a, key.str()) < distance(b, key.str());
      });
      error_ = fmt::format("{}:{}: unknown key `{}`; did you mean `{}`?", origin_, node.source().begin.line,
                           std::string_view(key.str()), nearest == known_.end() ? "" : *nearest);
    }
    if (error_) return fail(Error::Kind::usage, *error_, "correct the knowledge file");
    return {};
  }

  void complain(std::string_view key, std::string_view what) {
    const auto* node = table_.get(key);
    if (!error_) error_ = fmt::format("{}:{}: `{}` {}", origin_, (node ? node->source() : table_.source()).begin.line, key, what);
  }

 private:
  const toml::node* get(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
  }
  template <typename T, typename Store>
  void scalar(std::string_view key, const toml::node& node, Store store) {
    if (auto value = node.value<T>()) store(std::move(*value));
    else complain(key, "has the wrong type");
  }
  template <typename T>
  void list(std::string_view key, std::vector<T>& out) {
    const auto* node = get(key);
    if (!node) return;
    const auto* array = node->as_array();
    if (!array) return complain(key, "must be an array");
    for (const auto& element : *array) scalar<T>(key, element, [&](T v) { out.push_back(std::move(v)); });
  }
  template <typename Store>
  void condition(std::string_view key, const toml::node& node, Store store) {
    const auto* table = node.as_table();
    if (!table) return complain(key, "must be a table");
    Condition c;
    RowReader reader(*table, origin_);
    reader.read("argument", c.argument);
    reader.read("keyword", c.keyword);
    reader.read("equals", c.equals);
    reader.read("mask", c.mask);
    reader.read("not_mask", c.not_mask);
    reader.read("at_most_seconds", c.at_most_seconds);
    reader.read("null", c.null);
    reader.read("present", c.present);
    reader.read("absent", c.absent);
    reader.read("nonblocking", c.nonblocking);
    reader.read("trait", c.trait);
    reader.read("type", c.type);
    reader.read("text_prefix", c.text_prefix);
    if (auto done = reader.finish(); !done && !error_) error_ = done.error().cause;
    store(std::move(c));
  }

  const toml::table& table_;
  std::string origin_;
  std::set<std::string> known_;
  std::optional<std::string> error_;
};

void read_row(RowReader& r, EffectRow& row) {
  r.read("effect", row.effect);
  r.read("tier", row.tier);
  r.read("bounded", row.bounded);
  r.read("only", row.only);
  r.read("what", row.what);
  r.read("replacement", row.replacement);
  r.read("rule", row.rule);
  r.read("releases_gil", row.releases_gil);
  r.read("heavy", row.heavy);
  r.read("direct_only", row.direct_only);
  r.read("small_constant_is_light", row.small_constant_is_light);
}
void read_row(RowReader& r, ReceiverRow& row) {
  r.read("callables", row.callables);
  r.read("keyword", row.keyword);
  r.read("context", row.context);
  r.read("executor", row.executor);
  r.read("passes", row.passes);
  r.read("copies_arguments", row.copies_arguments);
  r.read("joins", row.joins);
  r.read("returns_future", row.returns_future);
  r.read("further", row.further);
  r.read("why", row.why);
}
void read_row(RowReader& r, PoolRow& row) {
  r.read("role", row.role);
  r.read("elastic", row.elastic);
  r.read("per_call_is_wasteful", row.per_call_is_wasteful);
  r.read("sized_for_cores", row.sized_for_cores);
}
void read_row(RowReader& r, LockRow& row) {
  r.read("kind", row.kind);
  r.read("shared", row.shared);
}
void read_row(RowReader& r, TypeRow& row) {
  r.read("is", row.is);
  r.read("effect", row.effect);
}
void read_row(RowReader& r, SiblingRow& row) { r.read("twin", row.twin); }
void read_row(RowReader& r, TraitRow& row) {
  r.read("trait", row.trait);
  r.read("of", row.of);
  r.read("when", row.when);
}
void read_row(RowReader& r, RootRow& row) {
  r.read("context", row.context);
  r.read("why", row.why);
}

template <typename Row, typename Table>
Result<void> read_rows(const toml::table& document, std::string_view key, const std::string& origin, Table& table,
                       void (Table::*add)(Row)) {
  const auto* node = document.get(key);
  if (!node) return {};
  const auto* array = node->as_array();
  if (!array) return fail(Error::Kind::usage, fmt::format("{}: `{}` must be an array of tables", origin, key));
  for (const auto& element : *array) {
    const auto* fields = element.as_table();
    if (!fields) return fail(Error::Kind::usage, fmt::format("{}: `{}` must be an array of tables", origin, key));
    Row row;
    RowReader reader(*fields, origin);
    reader.read("names", row.names);
    reader.read("source", row.source);
    read_row(reader, row);
    if (row.names.empty()) reader.complain("names", "must name something");
    if (row.source.empty()) reader.complain("source", "must say where the claim comes from");
    if (auto done = reader.finish(); !done) return done;
    (table.*add)(std::move(row));
  }
  return {};
}

template <typename Lookup>
auto first_of(const facts::Call& call, Lookup lookup) -> decltype(lookup(call.name)) {
  if (!call.name.empty())
    if (const auto* row = lookup(call.name)) return row;
  for (const auto& name : call.names)
    if (const auto* row = lookup(name)) return row;
  return nullptr;
}

}  // namespace

// The name as the maps' key. Asked for every call of a program: without an allocation each time.
static const std::string& key_for(std::string_view name) {
  thread_local std::string key;
  key.assign(name);
  return key;
}

template <typename Row>
const Row* Knowledge::Table<Row>::find(std::string_view name) const {
  if (const auto at = exact.find(key_for(name)); at != exact.end()) return &rows[at->second.back()];
  const Row* best = nullptr;
  std::size_t length = 0;
  for (const auto& [prefix, index] : prefixes) {
    if (prefix.size() < length || !name.starts_with(prefix)) continue;
    best = &rows[index];
    length = prefix.size();
  }
  return best;
}

template <typename Row>
void Knowledge::Table<Row>::add(Row row) {
  const std::size_t index = rows.size();
  for (const auto& name : row.names) {
    if (name.ends_with('*')) prefixes.emplace_back(name.substr(0, name.size() - 1), index);
    else exact[name].push_back(index);
  }
  rows.push_back(std::move(row));
}

Result<void> Knowledge::add(std::string_view text, const std::string& origin) {
  toml::table document;
  try {
    document = toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    return fail(Error::Kind::usage,
                fmt::format("{}:{}: {}", origin, error.source().begin.line, std::string_view(error.description())));
  }
  static const std::set<std::string> known = {"effect", "receiver", "pool", "lock", "type", "sibling", "trait", "root", "language"};
  for (const auto& [key, node] : document)
    if (!known.contains(std::string(key.str())))
      return fail(Error::Kind::usage, fmt::format("{}:{}: unknown table `{}`", origin, node.source().begin.line, std::string_view(key.str())));
  for (const unsigned char byte : text) fingerprint_ = (fingerprint_ ^ byte) * 1099511628211ULL;  // FNV-1a
  using std::string_view;
  Result<void> done;
  const auto rows = [&]<typename Row>(string_view key, Table<Row>& table) {
    if (done) done = read_rows<Row, Table<Row>>(document, key, origin, table, &Table<Row>::add);
  };
  rows("effect", effects_);
  rows("receiver", receivers_);
  rows("pool", pools_);
  rows("lock", locks_);
  rows("type", types_);
  rows("sibling", siblings_);
  rows("trait", traits_);
  rows("root", roots_);
  return done;
}

Result<Knowledge> Knowledge::builtin() {
  Knowledge knowledge;
  for (const auto& pack : embedded_packs())
    if (auto done = knowledge.add(pack.text, std::string(pack.name)); !done) return tl::unexpected(done.error());
  return knowledge;
}

const EffectRow* Knowledge::effect(std::string_view name) const { return effects_.find(name); }
const ReceiverRow* Knowledge::receiver(std::string_view name) const { return receivers_.find(name); }
const PoolRow* Knowledge::pool(std::string_view name) const { return pools_.find(name); }
const LockRow* Knowledge::lock(std::string_view name) const { return locks_.find(name); }
const SiblingRow* Knowledge::sibling(std::string_view name) const { return siblings_.find(name); }
const TraitRow* Knowledge::trait(std::string_view name) const { return traits_.find(name); }
const RootRow* Knowledge::root(std::string_view name) const { return roots_.find(name); }

bool Knowledge::says(std::string_view text, std::string_view is) const {
  return std::any_of(types_.rows.begin(), types_.rows.end(), [&](const TypeRow& row) {
    return row.is == is && std::any_of(row.names.begin(), row.names.end(), [&](const std::string& word) { return text.find(word) != std::string_view::npos; });
  });
}

const TypeRow* Knowledge::type(std::string_view name, std::string_view is) const {
  if (const auto at = types_.exact.find(key_for(name)); at != types_.exact.end())
    for (const std::size_t index : at->second)
      if (types_.rows[index].is == is) return &types_.rows[index];
  for (const auto& [prefix, index] : types_.prefixes)
    if (name.starts_with(prefix) && types_.rows[index].is == is) return &types_.rows[index];
  return nullptr;
}

const EffectRow* Knowledge::effect(const facts::Call& call) const {
  return first_of(call, [&](std::string_view name) { return effects_.find(name); });
}
const ReceiverRow* Knowledge::receiver(const facts::Call& call) const {
  return first_of(call, [&](std::string_view name) { return receivers_.find(name); });
}
std::vector<const ReceiverRow*> Knowledge::receivers(const facts::Call& call) const {
  std::vector<const ReceiverRow*> out;
  const auto* last = receiver(call);
  if (!last) return out;
  out.push_back(last);
  const auto known = receivers_.exact.find(call.name);
  if (!last->further || known == receivers_.exact.end()) return out;
  for (auto index = std::next(known->second.rbegin()); index != known->second.rend() && out.back()->further; ++index)
    out.push_back(&receivers_.rows[*index]);
  return out;
}

}  // namespace concadvise
