#include "analyzer/python/fix.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "analyzer/python/infer.h"

namespace concadvise {
namespace python {
namespace {

struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

// Elements per task when a process pool is mapped over trivial bodies: enough that sending (some 100 us) is a small part.
constexpr int chunk_size = 1000;

class Fixer {
 public:
  Fixer(const Module& module, Inference& inference, bool unsafe)
      : module_(module), tree_(module.tree), inference_(inference), unsafe_(unsafe) {}

  void fix(const Finding& finding) {
    const NodeId call = call_at(finding);
    if (finding.rule == "missing-main-guard") return guard(finding);
    if (call == no_node || !done_.insert(call).second) return;
    if (finding.rule == "dropped-awaitable") return await(call, finding);
    if (finding.rule == "tiny-tasks") {
      if (finding.fix.starts_with("chunksize")) chunk(call);  // threads take none
      return;
    }
    const bool blocks = finding.rule == "blocking-in-coroutine" || finding.rule == "file-io-in-async";
    if (!blocks || finding.chain.size() > 1) return;
    offload(call, finding);
    // One finding stands for all calls of that function in its line.
    const std::vector<std::string> same = names(call);
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      if (tree_.kind(id) != Kind::call_ || static_cast<int>(tree_.line(id)) != finding.line || done_.contains(id)) continue;
      if (same.empty() || names(id) != same) continue;
      done_.insert(id);
      offload(id, finding);
    }
  }

  int fixes() const { return fixes_; }

  /// The source with all edits, or nothing if there are none or the result does not parse.
  std::optional<std::string> result() {
    if (edits_.empty()) return std::nullopt;
    if (needs_asyncio_) import_asyncio();
    std::ranges::sort(edits_, [](const Edit& a, const Edit& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
    std::string out;
    std::size_t at = 0;
    for (const Edit& edit : edits_) {
      if (edit.begin < at) return std::nullopt;
      out += tree_.source.substr(at, edit.begin - at) + edit.text;
      at = edit.end;
    }
    out += tree_.source.substr(at);
    if (tree_.error.empty() && !parse(out).error.empty()) return std::nullopt;
    return out;
  }

 private:
  /// The outermost call that starts at the finding's place: a chain of calls starts where its first one does, so the one
  /// whose name the message gives is meant.
  NodeId call_at(const Finding& finding) const {
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      if (tree_.kind(id) != Kind::call_ || static_cast<int>(tree_.line(id)) != finding.line || static_cast<int>(tree_.column(id)) != finding.column) continue;
      // Of what another file defines only the last part of the name is known here, which is enough for a coroutine.
      std::string_view last = tree_.text(tree_.child(id, Field::function_));
      last = last.substr(last.rfind('.') + 1);
      if (finding.rule == "tiny-tasks" && (last == "map" || last == "imap" || last == "imap_unordered")) return id;
      if (finding.rule == "dropped-awaitable" && finding.message.find("." + std::string(last) + "`") != std::string::npos) return id;
      for (const std::string& name : names(id)) {
        if (finding.message.find("`" + name + "`") != std::string::npos) return id;
      }
    }
    return no_node;
  }

  std::vector<std::string> names(NodeId call) const {
    std::vector<std::string> out;
    for (const Value& value : inference_.eval(module_.id, tree_.child(call, Field::function_))) {
      if (value.is(Value::Kind::external)) out.push_back(value.name.find('.') == std::string::npos ? "builtins." + value.name : value.name);
      if (value.is(Value::Kind::function)) out.push_back(inference_.project().dotted(value.ref));
    }
    return out;
  }

  /// What gives a generator does its work where that is gone through, which a thread that only makes it does not take over.
  bool lazy(NodeId call) const {
    static const std::set<std::string, std::less<>> generators = {"os.walk", "os.fwalk", "os.scandir", "glob.iglob", "pathlib.Path.glob",
                                                                  "pathlib.Path.rglob", "pathlib.Path.iterdir", "pathlib.Path.walk"};
    const std::vector<std::string> called = names(call);
    return std::ranges::any_of(called, [](const std::string& name) { return generators.contains(name); });
  }

  /// In an `async def`, and not in a generator expression, which an await would turn into something else.
  bool may_await(NodeId node) const {
    const Scope& scope = module_.scopes.all[module_.scopes.frame_of(node)];
    if (scope.kind != Scope::Kind::function || !scope.async) return false;
    for (NodeId up = node; up != scope.node && up != no_node; up = tree_[up].parent) {
      if (tree_.kind(up) == Kind::generator_expression_ || tree_.kind(up) == Kind::await_) return false;
    }
    return true;
  }

  /// The library whose loop the file runs on, by its imports: trio or anyio where asyncio is not imported.
  std::string loop_library() const {
    std::string found = "asyncio";
    for (const Import& import : module_.scopes.imports) {
      const std::string_view top = std::string_view(import.module).substr(0, import.module.find('.'));
      if (import.level > 0) continue;
      if (top == "asyncio") return "asyncio";
      if ((top == "trio" || top == "anyio") && import.symbol.empty() && import.module == top) found = top;
    }
    return found;
  }

  /// The name that asyncio goes by at the node; empty if something else is called so there. Of a file on trio's or anyio's
  /// loop that library's name.
  std::string asyncio_name(NodeId node) {
    const std::string library = loop_library();
    if (library != "asyncio") {
      const Values found = inference_.lookup(module_.id, library, node);
      return found.size() == 1 && found.front().is(Value::Kind::external) && found.front().name == library ? library : std::string();
    }
    const Values found = inference_.lookup(module_.id, "asyncio", node);
    const bool ours = found.size() == 1 && found.front().is(Value::Kind::external) && found.front().name == "asyncio";
    if (!ours) return {};
    bool bound = false;
    for (ScopeId at = module_.scopes.of_node[node]; at != no_scope; at = module_.scopes.all[at].parent) {
      bound = bound || module_.scopes.all[at].names.contains("asyncio");
    }
    if (!bound) needs_asyncio_ = true;
    return "asyncio";
  }

  void add(std::size_t begin, std::size_t end, std::string text) { edits_.push_back({begin, end, std::move(text)}); }

  void offload(NodeId call, const Finding& finding) {
    if (!may_await(call)) return;
    const Node& node = tree_[call];
    const NodeId function = tree_.child(call, Field::function_);
    const NodeId arguments = tree_.child(call, Field::arguments_);
    const Kind parent = tree_.kind(node.parent);
    const bool inner = parent == Kind::attribute_ || parent == Kind::subscript_ || (parent == Kind::call_ && node.field == Field::function_);
    const bool sleeps = finding.message.find("`time.sleep`") != std::string::npos;
    if (sleeps) {
      const std::string name = asyncio_name(call);
      if (name.empty()) return;
      add(tree_[function].begin, tree_[function].end, (inner ? "(await " : "await ") + name + ".sleep");
      if (inner) add(node.end, node.end, ")");
      ++fixes_;
      return;
    }
    // Another thread may run it only if it does not mind which; databases and open files often do.
    const bool simple = finding.effect == "network" || finding.effect == "dns" || finding.effect == "process" || finding.effect == "stdin" ||
                        (finding.effect == "file" && finding.message.find("open`") == std::string::npos && finding.message.find("io.") == std::string::npos);
    if (!unsafe_ || !simple || parent == Kind::with_item_ || parent == Kind::as_pattern_ || parent == Kind::for_statement_ || parent == Kind::for_in_clause_) return;
    if (lazy(call)) return;
    if (finding.message.find("__") != std::string::npos || tree_.kind(arguments) != Kind::argument_list_) return;
    for (NodeId at = function; at < tree_[call].last; ++at) {
      if (tree_.kind(at) == Kind::await_ && tree_.inside(at, function)) return;
    }
    const std::string name = asyncio_name(call);
    if (name.empty()) return;
    const bool empty = tree_.first(arguments) == no_node;
    const std::string offload = name + (name == "asyncio" ? ".to_thread(" : ".to_thread.run_sync(");
    if (name != "asyncio") {
      // run_sync passes on positional arguments only.
      for (const NodeId child : tree_.children(arguments)) {
        if (tree_.kind(child) == Kind::keyword_argument_ || tree_.kind(child) == Kind::dictionary_splat_) return;
      }
    }
    add(node.begin, node.begin, (inner ? "(await " : "await ") + offload);
    add(tree_[arguments].begin, tree_[arguments].begin + 1, empty ? "" : ", ");
    if (inner) add(node.end, node.end, ")");
    ++fixes_;
  }

  void await(NodeId call, const Finding& finding) {
    if (!may_await(call) || finding.message.find("is not kept") != std::string::npos) return;
    // What is given a coroutine function gives no coroutine itself.
    if (finding.message.find("` calls `") != std::string::npos) return;
    const Kind parent = tree_.kind(tree_[call].parent);
    const bool statement = parent == Kind::expression_statement_ || parent == Kind::if_statement_ || parent == Kind::while_statement_ ||
                           parent == Kind::elif_clause_ || parent == Kind::not_operator_ || parent == Kind::assignment_;
    if (!statement) return;
    add(tree_[call].begin, tree_[call].begin, "await ");
    ++fixes_;
  }

  void chunk(NodeId call) {
    const NodeId arguments = tree_.child(call, Field::arguments_);
    const NodeId function = tree_.child(call, Field::function_);
    const std::string_view method = tree_.text(tree_.child(function, Field::attribute_));
    if ((method != "map" && method != "imap" && method != "imap_unordered") || tree_.kind(arguments) != Kind::argument_list_) return;
    NodeId last = no_node;
    for (const NodeId child : tree_.children(arguments)) last = child;
    if (last == no_node) return;
    add(tree_[last].end, tree_[last].end, fmt::format(", chunksize={}", chunk_size));
    ++fixes_;
  }

  /// Puts the statement at module level that starts processes, and all after it, behind the guard.
  void guard(const Finding& finding) {
    if (!unsafe_) return;
    NodeId statement = no_node;
    for (const NodeId child : tree_.children(0)) {
      if (static_cast<int>(tree_.line(child)) <= finding.line && static_cast<int>(tree_.end_line(child)) >= finding.line) statement = child;
    }
    if (statement == no_node || tree_.column(statement) != 1 || done_.contains(statement)) return;
    const NodeId end = tree_[0].last;
    for (NodeId id = statement; id < end; ++id) {
      // Indenting would change the text of what spans lines.
      if (tree_.kind(id) == Kind::string_ && tree_.line(id) != tree_.end_line(id)) return;
    }
    std::size_t last = tree_[statement].end;
    for (const NodeId child : tree_.children(0)) {
      if (child < statement) continue;
      // What is defined further down, the workers need as well.
      switch (tree_.kind(child)) {
        case Kind::function_definition_:
        case Kind::class_definition_:
        case Kind::decorated_definition_:
        case Kind::import_statement_:
        case Kind::import_from_statement_: return;
        default: last = tree_[child].end;
      }
      done_.insert(child);
    }
    const auto begin = tree_[statement].begin;
    const bool dos = begin > 1 && tree_.source[begin - 1] == '\n' && tree_.source[begin - 2] == '\r';
    add(begin, begin, dos ? "if __name__ == \"__main__\":\r\n    " : "if __name__ == \"__main__\":\n    ");
    for (std::size_t at = tree_[statement].begin; at < last; ++at) {
      const bool line_starts = tree_.source[at] == '\n' && at + 1 < last && tree_.source[at + 1] != '\n' && tree_.source[at + 1] != '\r';
      if (line_starts) add(at + 1, at + 1, "    ");
    }
    ++fixes_;
  }

  /// After the docstring and the __future__ imports, before everything else.
  void import_asyncio() {
    std::size_t at = 0;
    NodeId next = no_node;
    for (const NodeId child : tree_.children(0)) {
      next = child;
      const bool docstring = at == 0 && tree_.kind(child) == Kind::expression_statement_ && tree_.kind(tree_.first(child)) == Kind::string_;
      if (!docstring && tree_.kind(child) != Kind::future_import_statement_) break;
      const auto end = tree_.source.find('\n', tree_[child].end);
      at = end == std::string::npos ? tree_.source.size() : end + 1;
      next = no_node;
    }
    if (next != no_node) {
      at = tree_[next].begin;
      at = tree_.source.rfind('\n', at) == std::string::npos ? 0 : tree_.source.rfind('\n', at) + 1;
    }
    // A byte order mark stays the first thing, and lines end as the file's first one does.
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (at == 0 && tree_.source.starts_with(mark)) at = mark.size();
    const auto first = tree_.source.find('\n');
    const bool dos = first != std::string::npos && first > 0 && tree_.source[first - 1] == '\r';
    add(at, at, dos ? "import asyncio\r\n" : "import asyncio\n");
  }

  const Module& module_;
  const Tree& tree_;
  Inference& inference_;
  bool unsafe_;
  bool needs_asyncio_ = false;
  int fixes_ = 0;
  std::vector<Edit> edits_;
  std::set<NodeId> done_;
};

std::vector<std::string_view> lines_of(const std::string& text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::size_t next = end == std::string::npos ? text.size() : end + 1;
    out.push_back(std::string_view(text).substr(at, next - at));
    at = next;
  }
  return out;
}

}  // namespace
}  // namespace python

Result<std::vector<FixedFile>> fix_python(const std::vector<Finding>& findings, bool unsafe) {
  auto signatures = python::Signatures::builtin();
  if (!signatures) return tl::unexpected(signatures.error());
  std::map<std::string, std::vector<const Finding*>> by_file;
  for (const Finding& finding : findings) {
    if (!finding.suppressed && finding.file.ends_with(".py")) by_file[finding.file].push_back(&finding);
  }
  auto sources = std::make_unique<python::SourceStore>(by_file.size(), false);
  std::vector<std::string> paths;
  for (const auto& [path, list] : by_file) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Error::Kind::io, fmt::format("{} can't be read any more", path));
    sources->put(paths.size(), std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()));
    paths.push_back(path);
  }
  python::Project project(paths, {}, std::move(sources));
  std::vector<std::vector<python::CallSite>> calls;
  for (python::ModuleId id = 0; id < project.size(); ++id) calls.push_back(python::calls_of(project.module(id)));
  project.index_calls(std::move(calls));
  python::Inference inference(project, *signatures);
  std::vector<FixedFile> out;
  for (python::ModuleId id = 0; id < project.size(); ++id) {
    const python::Module& module = project.module(id);
    python::Fixer fixer(module, inference, unsafe);
    for (const Finding* finding : by_file[module.path]) fixer.fix(*finding);
    if (auto after = fixer.result()) out.push_back({module.path, module.tree.source, std::move(*after), fixer.fixes()});
  }
  return out;
}

std::string unified_diff(const FixedFile& file) {
  const auto before = python::lines_of(file.before);
  const auto after = python::lines_of(file.after);
  // Edits are few and local: lines are matched greedily, looking ahead for the nearest common one.
  struct Line {
    char mark;
    std::string_view text;
    std::size_t a, b;
  };
  std::vector<Line> script;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      script.push_back({' ', before[i], i++, j++});
      continue;
    }
    std::size_t skip = 1;
    std::size_t a = before.size() - i;
    std::size_t b = after.size() - j;
    for (bool found = false; !found && skip < before.size() + after.size(); ++skip) {
      for (std::size_t x = 0; x <= skip && !found; ++x) {
        const std::size_t y = skip - x;
        if (i + x < before.size() && j + y < after.size() && before[i + x] == after[j + y]) {
          a = x;
          b = y;
          found = true;
        }
      }
    }
    for (std::size_t x = 0; x < a; ++x, ++i) script.push_back({'-', before[i], i, j});
    for (std::size_t y = 0; y < b; ++y, ++j) script.push_back({'+', after[j], i, j});
  }
  constexpr std::size_t context = 3;
  std::string out = fmt::format("--- {}\n+++ {}\n", file.path, file.path);
  for (std::size_t k = 0; k < script.size();) {
    if (script[k].mark == ' ') {
      ++k;
      continue;
    }
    const std::size_t first = k > context ? k - context : 0;
    std::size_t last = k;
    for (std::size_t n = k; n < script.size() && n <= last + 2 * context; ++n) {
      if (script[n].mark != ' ') last = n;
    }
    last = std::min(script.size(), last + context + 1);
    const auto count = [&](char other) {
      return std::count_if(script.begin() + static_cast<std::ptrdiff_t>(first), script.begin() + static_cast<std::ptrdiff_t>(last),
                           [&](const Line& line) { return line.mark != other; });
    };
    out += fmt::format("@@ -{},{} +{},{} @@\n", script[first].a + 1, count('+'), script[first].b + 1, count('-'));
    for (std::size_t n = first; n < last; ++n) {
      out += script[n].mark;
      out += script[n].text;
      if (!script[n].text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
    }
    k = last;
  }
  return out;
}

}  // namespace concadvise
