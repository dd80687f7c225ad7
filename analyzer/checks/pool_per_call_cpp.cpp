#include "analyzer/checks/cpp_forms.h"
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

bool is_pool(const Program& program, const facts::Call& call) {
  const std::string type = built_type(call);
  if (const auto* row = program.knowledge().pool(type)) return row->per_call_is_wasteful;
  const auto* klass = program.class_of(type);
  if (!klass) return false;
  // A class of the sources that keeps several threads and takes tasks.
  return std::any_of(klass->fields.begin(), klass->fields.end(), [&](const facts::Field& field) {
    return std::any_of(field.of.begin(), field.of.end(), [&](const std::string& of) { return program.knowledge().type(of, "thread") != nullptr; });
  });
}

}  // namespace

void pool_per_call_in_cpp(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    const auto& call = site.call;
    if (program.language(site.id) != facts::Language::cpp || !call.constructs || !is_pool(program, call)) return;
    const bool local = call.use != facts::Use::stored || call.stored_in.find('/') != std::string::npos;
    if (!local || site.function.kind == facts::FunctionKind::module) return;
    if (call.loop < 0) return;
    Finding finding = draft();
    finding.context = "plain";
    finding.message = fmt::format("a `{}` is built in every turn of a loop: starting and joining its threads costs more than most tasks", built_type(call));
    finding.fix = "build it once, where the program starts, and pass it in";
    findings.add(site.id, call.place, std::move(finding));
  });
}

}  // namespace concadvise
