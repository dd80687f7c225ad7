#include "profiler/programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "profiler/machine.h"
#include "profiler/procfs/file.h"

namespace concadvise {
namespace {

std::string file_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// The file's name; for a Python package's extension module with the package it belongs to: "psycopg2/_psycopg...so".
std::string library_name(const std::string& path) {
  constexpr std::string_view packages = "-packages/";
  const std::size_t at = path.find(packages);
  return at == std::string::npos ? file_name(path) : path.substr(at + packages.size());
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

bool maps(const std::vector<std::string>& libraries, std::string_view start) {
  return std::any_of(libraries.begin(), libraries.end(), [&](const std::string& name) { return name.starts_with(start); });
}

bool runs_scripts_of_commands(const Process& process) {
  for (const char* shell : {"sh", "bash", "dash", "zsh", "fish", "ksh", "busybox"})
    if (file_name(process.exe) == shell) return true;
  return false;
}

bool is_shell(const Process& process) {
  for (const char* shell : {"sh", "bash", "dash", "zsh", "fish", "ksh", "busybox", "env", "timeout", "nice", "setpriv", "sudo", "su"})
    if (file_name(process.exe) == shell || process.name == shell) return true;
  return false;
}

double kilobytes(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  return at == std::string::npos ? 0 : static_cast<double>(to_number([&] {
    std::string_view rest = std::string_view(text).substr(at + key.size());
    return next_word(rest);
  }())) * 1024;
}

}  // namespace

void Programs::describe(ProcessRecord& process) {
  Process& out = process.described;
  const std::string folder = fmt::format("/proc/{}/", process.pid);
  out.name = trimmed(read_file(folder + "comm"));
  out.command = read_command(process.pid);
  out.libraries.clear();
  for (const std::string& path : mapped_objects(process.pid)) out.libraries.push_back(library_name(path));
  const auto python = python_.recognise(process.pid);
  if (python) {
    out.language = "python";
    out.runtime = python->name();
    out.gil = !python->free_threaded;
    classifier_.set_gil(process.pid, out.gil ? GilRange{python->runtime_address, python->runtime_address + python->runtime_size}
                                             : GilRange{});
  } else {
    out.modules.clear();
    classifier_.set_gil(process.pid, GilRange{});
    out.gil = false;
    out.runtime.clear();
    if (maps(out.libraries, "libjvm.so")) {
      out.language = "java";
    } else if (file_name(out.exe).starts_with("node")) {
      out.language = "node";
    } else if (file_name(out.exe).starts_with("python")) {
      out.language = "python";
    } else {
      out.language = runs_scripts_of_commands(out) ? "shell" : "native";
    }
  }
  if (on_python) on_python(process, python ? &*python : nullptr);
}

void Programs::look_up(ProcessRecord& process) {
  const std::string exe = read_link(fmt::format("/proc/{}/exe", process.pid));
  const bool new_program = exe != process.described.exe && !exe.empty();
  if (new_program) {
    ++process.execs;
    for (ThreadRecord* thread : process.threads) thread->forget_loop();
    process.described.exe = exe;
    process.lookups = 0;
    if (on_program) on_program(process.pid);
  }
  // Looked at again after 1, 2, 4, 8 ... calls: libraries are loaded as a program goes on.
  const unsigned count = process.lookups++;
  if ((count & (count - 1)) != 0) return;
  process.looked_up = !process.described.exe.empty();
  describe(process);
  process.has_loop_descriptor |= classifier_.descriptors().has_loop_descriptor(process.pid);
  int connected = 0;
  int inbound = 0;
  classifier_.descriptors().count_connections(process.pid, connected, inbound);
  Process& out = process.described;
  out.connections_peak = std::max(out.connections_peak, static_cast<double>(connected));
  out.connections_inbound_peak = std::max(out.connections_inbound_peak, static_cast<double>(inbound));
  const std::string status = read_file(fmt::format("/proc/{}/status", process.pid));
  process.affinity = affinity_of(process.pid);
  out.rss_bytes = std::max(out.rss_bytes, kilobytes(status, "VmHWM:"));
}

void describe_target_language(Profile& profile) {
  const Process* best = nullptr;
  const auto rank = [](const Process& process) {
    return process.cpu_s + (is_shell(process) ? 0 : 1e-3 * (process.end_s - process.start_s));
  };
  for (const Process& process : profile.processes)
    if (best == nullptr || rank(process) > rank(*best)) best = &process;
  if (best == nullptr) return;
  profile.target.language = best->language;
  profile.target.runtime = best->runtime;
}

}  // namespace concadvise
