#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analyzer/checks/calls.h"

namespace concadvise {
namespace {

// MT-Unsafe race: in the "attributes" sections of the Linux man pages, see attributes(7).
const std::set<std::string, std::less<>>& unsafe() {
  static const std::set<std::string, std::less<>> names = {"strtok", "asctime", "ctime", "gmtime", "localtime", "getpwnam", "getpwuid", "getgrnam", "getgrgid",
                                                           "readdir", "rand", "strerror", "ttyname", "crypt", "hcreate", "hsearch", "drand48", "setenv", "putenv", "getservbyname"};
  return names;
}

void run(const Program& program, Findings& findings) {
  each_call(program, [&](const CallSite& site) {
    if (!unsafe().contains(site.call.name)) return;
    const auto& contexts = program.contexts(site.id);
    const bool threads = std::any_of(contexts.begin(), contexts.end(), [](const Context& c) {
      return c.kind == Context::Kind::thread || c.kind == Context::Kind::pool || c.kind == Context::Kind::io_pool || c.kind == Context::Kind::compute_pool;
    });
    if (!threads) return;
    Finding finding = draft();
    finding.context = contexts.front().why;
    finding.message = fmt::format("`{}` keeps its result in static storage and is reached by code that runs on several threads", site.call.name);
    finding.fix = fmt::format("`{}_r` or another reentrant function", site.call.name);
    findings.add(site.id, site.call.place, std::move(finding));
  });
}

}  // namespace

extern const Check check_mt_unsafe_libc;
const Check check_mt_unsafe_libc = {
    .name = "mt-unsafe-libc",
    .severity = "warning",
    .python = false,
    .extended = true,
    .summary = "A libc function that is not thread-safe is reached by code of several threads.",
    .documentation = R"md(
`localtime`, `strtok` and their kind keep state in static storage (attributes(7): MT-Unsafe). Two threads in them at once get each
other's results.

Instead: the reentrant forms (`localtime_r`, `strtok_r`).
)md",
    .run = run,
};

}  // namespace concadvise
