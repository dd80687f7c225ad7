#include "rules/cpu_use.h"

#include <algorithm>
#include <string>
#include <toml++/toml.h>
#include <vector>

#include "rules/embedded.h"

namespace concadvise {
namespace {

using Names = std::vector<std::string>;

Names names_of(const toml::table& table, const char* kind, const char* field) {
  Names out;
  for (const toml::node& item : *table[kind][field].as_array()) out.push_back(item.value_or(""));
  return out;
}

struct Machinery {
  Names importing, importing_native, python, through, native, released;
};

const Machinery& machinery() {
  static const Machinery all = [] {
    const toml::table table = toml::parse(embedded::machinery());
    return Machinery{names_of(table, "importing", "files"), names_of(table, "importing", "functions"), names_of(table, "python", "files"), names_of(table, "python", "through"),
                     names_of(table, "native", "functions"), names_of(table, "released", "libraries")};
  }();
  return all;
}

bool ends_with_any(std::string_view file, const Names& names) {
  return std::any_of(names.begin(), names.end(), [file](const std::string& name) { return file.ends_with(name); });
}

/// A soname with or without version, an extension module with its tag: "libz.so.1.2.13", "_imaging.cpython-311-x86_64-linux-gnu.so".
bool starts_with_any(std::string_view module, const Names& names) {
  return std::any_of(names.begin(), names.end(), [module](const std::string& name) {
    return module.starts_with(name) && (module.size() == name.size() || module[name.size()] == '.' || module[name.size()] == '-');
  });
}

bool has_any(const std::vector<Frame>& stack, const Names& functions) {
  return std::any_of(stack.begin(), stack.end(), [&](const Frame& frame) {
    return frame.kind == "native" && std::find(functions.begin(), functions.end(), frame.function) != functions.end();
  });
}

bool has_python(const std::vector<Frame>& stack) {
  return std::any_of(stack.begin(), stack.end(), [](const Frame& frame) { return frame.kind == "python"; });
}

enum class Kind { unknown, importing, machinery, own };

Kind kind_of_python(const std::vector<Frame>& stack) {
  const Frame* innermost = nullptr;
  for (const Frame& frame : stack) {
    if (frame.kind != "python") continue;
    if (ends_with_any(frame.file, machinery().importing)) return Kind::importing;
    if (innermost == nullptr && !ends_with_any(frame.file, machinery().through)) innermost = &frame;
  }
  return innermost == nullptr || ends_with_any(innermost->file, machinery().python) ? Kind::machinery : Kind::own;
}

Kind kind_of_native(const std::vector<Frame>& stack) {
  const Names& functions = machinery().native;
  const auto is_machinery = [&](const Frame& frame) { return std::find(functions.begin(), functions.end(), frame.function) != functions.end(); };
  // A thread's own first frame is clone3, whatever it computes: that frame counts only where nothing else of the program is above it.
  // A stripped program's frames have no function, but they are no less its own.
  const auto is_user = [](const Frame& frame) {
    const bool known = !frame.function.empty() || !frame.module.empty();
    return frame.kind == "native" && known && !frame.module.starts_with("libc.") && !frame.module.starts_with("libpthread") && !frame.module.starts_with("ld-linux");
  };
  for (const Frame& frame : stack) {
    if (is_machinery(frame)) return Kind::machinery;
    if (is_user(frame)) return Kind::own;
  }
  return Kind::unknown;
}

/// The library that a Python program computes in without the GIL; empty when it is none.
std::string released_library(const std::vector<Frame>& stack) {
  for (const Frame& frame : stack) {
    if (frame.kind == "python") return {};
    const std::string module = frame.module.substr(frame.module.rfind('/') + 1);
    if (starts_with_any(module, machinery().released)) return module.substr(0, module.find('.'));
  }
  return {};
}

}  // namespace

CpuUse cpu_use_of(const Profile& profile) {
  CpuUse use;
  const bool python = profile.target.language == "python";
  double machine_s = 0, own_s = 0, released_s = 0;
  for (const HotSpot& spot : profile.hot_spots) {
    if (spot.state != State::on_cpu || spot.stack.empty()) continue;
    const bool readable = has_python(spot.stack);
    const std::string library = python ? released_library(spot.stack) : std::string();
    const bool released = !library.empty();
    const bool starting = python && !readable && has_any(spot.stack, machinery().importing_native);
    if (python && !readable && !released && !starting) continue;
    const Kind kind = starting ? Kind::importing : readable ? kind_of_python(spot.stack) : released ? Kind::own : kind_of_native(spot.stack);
    if (kind == Kind::unknown) continue;
    use.samples += spot.count;
    (kind == Kind::importing ? use.importing_s : kind == Kind::machinery ? machine_s : own_s) += spot.seconds;
    if (!released || kind != Kind::own) continue;
    released_s += spot.seconds;
    if (use.library.empty()) use.library = library;
  }
  const double whole = machine_s + own_s;
  if (whole <= 0) return use;
  use.machinery = machine_s / whole;
  use.own = own_s / whole;
  use.released = released_s / whole;
  return use;
}

}  // namespace concadvise
