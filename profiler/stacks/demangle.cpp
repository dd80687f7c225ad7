#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "profiler/stacks/symbols.h"

namespace concadvise {
namespace {

constexpr std::size_t kMangledMax = 4096;

/// Where the parameter list of a demangled name begins: its last parenthesis that isn't part of the name, as those of
/// "operator()", "(anonymous namespace)" and "{lambda(int)#1}" are. The size when there is none.
std::size_t parameters_at(std::string_view name) {
  std::size_t end = name.size();
  for (const std::string_view qualifier : {" const", " volatile", " &", " &&"}) {
    if (name.substr(0, end).ends_with(qualifier)) end -= qualifier.size();
  }
  if (end == 0 || name[end - 1] != ')') return name.size();
  int depth = 0;
  for (std::size_t at = end; at-- > 0;) {
    if (name[at] == ')') ++depth;
    if (name[at] == '(' && --depth == 0) return at;
  }
  return name.size();
}

/// Which piece or version of the function it is. Not every dot: "main.main" is Go's.
std::string_view without_suffix(std::string_view name) {
  if (const std::size_t at = name.find('@', 1); at != std::string_view::npos) name = name.substr(0, at);
  for (const std::string_view suffix : {".part.", ".cold", ".isra.", ".constprop.", ".lto_priv.", ".llvm.", ".localalias"}) {
    if (const std::size_t at = name.find(suffix, 1); at != std::string_view::npos) name = name.substr(0, at);
  }
  return name;
}

/// Rust's older mangling looks like C++ and ends in a hash: "core::ptr::drop::h0123456789abcdef".
std::string_view without_rust_hash(std::string_view name) {
  constexpr std::size_t kHash = 19;
  if (name.size() <= kHash) return name;
  const std::string_view tail = name.substr(name.size() - kHash);
  const bool hash = tail.starts_with("::h") && tail.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos;
  return hash ? name.substr(0, name.size() - kHash) : name;
}

}  // namespace

std::string demangled(std::string_view name) {
  const std::string mangled(without_suffix(name));
  if (!name.starts_with("_Z") || name.size() > kMangledMax) return mangled;
  int status = 0;
  const std::unique_ptr<char, decltype(&free)> text(abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &free);
  if (text == nullptr || status != 0) return mangled;
  std::string_view readable = without_rust_hash(text.get());
  readable = readable.substr(0, parameters_at(readable));
  // A template's return type comes first; it ends at the last space outside of brackets.
  int depth = 0;
  for (std::size_t at = readable.size(); at-- > 0;) {
    const char c = readable[at];
    if (c == '>' || c == ')' || c == '}') ++depth;
    if (c == '<' || c == '(' || c == '{') --depth;
    if (c == ' ' && depth == 0 && readable.find("operator") == std::string_view::npos) {
      return std::string(readable.substr(at + 1));
    }
  }
  return std::string(readable);
}

}  // namespace concadvise
