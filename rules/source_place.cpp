#include "rules/source_place.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace concadvise {
namespace {

std::string base_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_library_file(const std::string& file) {
  constexpr std::array<std::string_view, 7> kMarks = {"/lib/python", "/site-packages/", "/dist-packages/", "<frozen", "<string>", "/usr/include/", "/usr/lib/"};
  return file.empty() || std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) { return file.find(mark) != std::string::npos; });
}

bool is_runtime_module(const std::string& module) {
  constexpr std::array<std::string_view, 9> kRuntime = {"libc", "libpthread", "ld-linux", "libm", "libstdc++", "libgcc_s", "python", "libpython", "[vdso]"};
  const std::string base = base_of(module);
  return std::any_of(kRuntime.begin(), kRuntime.end(), [&](std::string_view name) { return base.rfind(name, 0) == 0; });
}

}  // namespace

const Frame* own_frame(const std::vector<Frame>& stack, const std::string& own_module) {
  for (const Frame& frame : stack)
    if (frame.kind == "python" && !is_library_file(frame.file)) return &frame;
  // Templates of the standard library are instantiated in the program's own module; the line that called them tells more.
  const auto is_native = [](const Frame& frame) { return frame.kind == "native" && !frame.function.empty() && !is_runtime_module(frame.module); };
  for (const Frame& frame : stack)
    if (is_native(frame) && base_of(frame.module) == own_module && !is_library_file(frame.file)) return &frame;
  for (const Frame& frame : stack)
    if (is_native(frame) && base_of(frame.module) == own_module) return &frame;
  for (const Frame& frame : stack)
    if (is_native(frame) && !is_library_file(frame.file)) return &frame;
  for (const Frame& frame : stack)
    if (is_native(frame)) return &frame;
  return nullptr;
}

std::vector<const Frame*> own_frames(const std::vector<Frame>& stack, const std::string& own_module, std::size_t most) {
  std::vector<const Frame*> found;
  const Frame* innermost = own_frame(stack, own_module);
  bool reached = false;
  for (const Frame& frame : stack) {
    reached |= &frame == innermost;
    if (!reached || found.size() >= most) continue;
    const bool own = frame.kind == innermost->kind && !is_library_file(frame.file) &&
                     (frame.kind == "python" || base_of(frame.module) == own_module);
    const bool again = std::any_of(found.begin(), found.end(), [&](const Frame* each) { return each->function == frame.function; });
    if (&frame == innermost || (own && !again)) found.push_back(&frame);
  }
  return found;
}

std::string place_of(const Frame* frame) {
  if (frame == nullptr || frame->function.empty()) return {};
  if (frame->file.empty()) return frame->module.empty() ? frame->function : fmt::format("{} ({})", frame->function, base_of(frame->module));
  return frame->line > 0 ? fmt::format("{} ({}:{})", frame->function, frame->file, frame->line) : fmt::format("{} ({})", frame->function, frame->file);
}

std::vector<std::string> place_and_callers(const std::vector<Frame>& stack, const std::string& own_module) {
  constexpr std::size_t kPlaces = 3;
  constexpr std::size_t kDeepest = 16;  // frames to look through for that many
  std::vector<std::string> out;
  for (const Frame* frame : own_frames(stack, own_module, kDeepest)) {
    if (out.size() == kPlaces) break;
    const std::string place = place_of(frame);
    const bool everybodys = frame->function == "<module>" || frame->function == "main";
    if (place.empty() || (!out.empty() && everybodys)) break;
    const bool in_between = frame->function.ends_with(">") && frame->function.find("<locals>.<") != std::string::npos;  // a generator's or a lambda's
    if (out.empty() || !in_between) out.push_back(place);
  }
  return out;
}

std::string_view joint_before(std::size_t caller) { return caller == 0 ? "" : caller == 1 ? ", called from " : ", from "; }

std::string place_with_callers(const std::vector<Frame>& stack, const std::string& own_module) {
  std::string out;
  const std::vector<std::string> places = place_and_callers(stack, own_module);
  for (std::size_t i = 0; i < places.size(); ++i) out.append(joint_before(i)).append(places[i]);
  return out;
}

std::string own_module_of(const Profile& profile) { return profile.processes.empty() ? std::string() : base_of(profile.processes.front().exe); }

}  // namespace concadvise
