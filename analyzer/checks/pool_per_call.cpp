#include "analyzer/checks/calls.h"
#include "analyzer/checks/check.h"
#include "analyzer/checks/cpp_forms.h"

#include <fmt/format.h>

#include <algorithm>

namespace concadvise {
namespace {

bool costly(const Program& program, const facts::Call& call) {
  const auto row = [&](const std::string& name) {
    const PoolRow* pool = program.knowledge().pool(name);
    return (pool && pool->per_call_is_wasteful) || program.knowledge().type(name, "session");
  };
  return call.constructs && (row(call.name) || std::any_of(call.names.begin(), call.names.end(), row));
}

/// A function that makes a new one in every call and gives it back: what is made in whoever calls it.
const facts::Call* gives_new(const Program& program, const facts::Function& f) {
  if (f.kind != facts::FunctionKind::plain || !f.attributes.empty()) return nullptr;
  const auto made = std::find_if(f.calls.begin(), f.calls.end(), [&](const facts::Call& call) { return call.use == facts::Use::returned && costly(program, call); });
  return made == f.calls.end() ? nullptr : &*made;
}

/// What a call makes that is costly to make; nullptr: nothing.
const facts::Call* makes(const Program& program, const facts::Call& call) {
  if (costly(program, call)) return &call;
  if (call.targets.size() != 1) return nullptr;
  const FunctionId target = program.find(call.targets.front());
  return target < 0 ? nullptr : gives_new(program, program.function(target));
}

bool is_handler(const Program& program, const facts::Function& f) {
  for (const auto& attribute : f.attributes)
    if (const RootRow* root = program.knowledge().root(attribute); root && root->context != "test") return true;
  // Frameworks call a coroutine whose parameter is the request once per request, whatever way it was registered.
  if (f.kind == facts::FunctionKind::coroutine && !f.parameters.empty() && f.parameters.front().name == "request") return true;
  return std::any_of(f.parameters.begin(), f.parameters.end(), [](const facts::Parameter& p) {
    return p.type == "aiohttp.web.Request" || p.type == "fastapi.Request" || p.type == "starlette.requests.Request" ||
           p.type == "sanic.Request" || p.type == "django.http.HttpRequest";
  });
}

/// Loops that the calls of a function stand in, of a few levels of callers.
bool called_in_loop(const Callers& callers, const std::vector<char>& for_each, const Program& program, FunctionId id, int depth) {
  if (for_each[static_cast<std::size_t>(id)]) return true;
  for (const auto& [caller, call] : callers[static_cast<std::size_t>(id)]) {
    if (program.function(caller).test) continue;
    const int loop = program.function(caller).calls[static_cast<std::size_t>(call)].loop;
    // A loop over items; one that goes on until something works or ends is often a retry.
    if (loop >= 0 && program.function(caller).loops[static_cast<std::size_t>(loop)].bound != facts::Bound::condition &&
        program.function(caller).loops[static_cast<std::size_t>(loop)].bound != facts::Bound::endless)
      return true;
    if (is_handler(program, program.function(caller))) return true;
    if (depth < 2 && called_in_loop(callers, for_each, program, caller, depth + 1)) return true;
  }
  return false;
}

void run(const Program& program, Findings& findings) {
  pool_per_call_in_cpp(program, findings);
  if (!has_language(program, facts::Language::python)) return;
  const Callers callers = callers_by_name(program);
  std::vector<char> for_each(program.functions().size(), 0);  // called for each element by what it was given to
  each_call(program, [&](const CallSite& site) {
    const ReceiverRow* row = program.receiver(site.id, site.index) ? program.knowledge().receiver(site.call.name) : nullptr;
    // Of a pool's `map` as of the builtin.
    const bool each = (row != nullptr && row->why == "called for each element") || last_part(site.call.name).find("map") != std::string_view::npos;
    if (!each || site.call.arguments.empty()) return;
    for (const FunctionId target : functions_in(program, site.call.arguments.front())) for_each[static_cast<std::size_t>(target)] = 1;
  });
  for (FunctionId id = 0; id < static_cast<FunctionId>(program.functions().size()); ++id) {
    const auto& f = program.function(id);
    if (f.test || f.kind == facts::FunctionKind::module || f.constructor || program.language(id) != facts::Language::python) continue;
    for (const auto& call : f.calls) {
      const facts::Call* made = makes(program, call);
      if (!made || call.use == facts::Use::returned) continue;
      // Kept in an attribute or a global: made once per object, or on first use.
      const bool kept = call.use == facts::Use::stored && call.stored_in.find(f.key) == std::string::npos;
      const bool in_loop = call.loop >= 0;
      if (kept || (!in_loop && !is_handler(program, f) && !called_in_loop(callers, for_each, program, id, 0))) continue;
      Finding finding = draft();
      finding.context = "plain";
      finding.confidence = in_loop ? 0.9 : 0.75;
      finding.message = fmt::format("`{}` is made {}: its start is paid for each time", made->name, in_loop ? "in every round of a loop" : "in every call of `" + f.name + "`, which runs once per item or request");
      finding.fix = "make it once and pass it in";
      findings.add(id, call.place, std::move(finding));
    }
  }
}

}  // namespace

extern const Check check_pool_per_call;
const Check check_pool_per_call = {
    .name = "pool-per-call",
    .severity = "warning",
    .summary = "A pool or client session is made for every call or item.",
    .documentation = R"md(
Workers cost their start (some 10 to 100 ms for a process with its imports), sessions their connections and TLS handshakes. Made
inside a request handler or a loop they are paid for again each time, and nothing is reused.

    async def fetch(url):
        async with aiohttp.ClientSession() as session: ...

    await asyncio.gather(*(fetch(url) for url in urls))

Instead: one pool or session for the life of the program, handed to whoever needs it.

Never flagged: module and static scope, functions that are seen to run once.
)md",
    .run = run,
};

}  // namespace concadvise
