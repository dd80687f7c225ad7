#include "rules/costs.h"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <sstream>
#include <toml++/toml.h>
#include <utility>

namespace concadvise {
namespace {

using Field = std::pair<const char*, double Costs::*>;
constexpr std::array kFields = {
    Field{"python_start_s", &Costs::python_start_s},
    Field{"python_threads_s", &Costs::python_threads_s},
    Field{"python_thread_each_s", &Costs::python_thread_each_s},
    Field{"python_asyncio_s", &Costs::python_asyncio_s},
    Field{"python_task_each_s", &Costs::python_task_each_s},
    Field{"python_processes_s", &Costs::python_processes_s},
    Field{"python_process_each_s", &Costs::python_process_each_s},
    Field{"python_process_call_s", &Costs::python_process_call_s},
    Field{"native_thread_s", &Costs::native_thread_s},
    Field{"native_process_s", &Costs::native_process_s},
    Field{"native_handover_s", &Costs::native_handover_s},
    Field{"pickle_bytes_per_s", &Costs::pickle_bytes_per_s},
    Field{"python_thread_bytes", &Costs::python_thread_bytes},
    Field{"python_task_bytes", &Costs::python_task_bytes},
    Field{"python_process_bytes", &Costs::python_process_bytes},
    Field{"native_thread_bytes", &Costs::native_thread_bytes},
};

}  // namespace

std::string costs_to_toml(const Costs& costs) {
  std::string out = "# Measured by `concadvise calibrate`; delete this file to measure again.\n";
  toml::table machine;
  machine.insert("machine", costs.machine);
  std::ostringstream first;
  first << machine;
  out += first.str() + "\n";
  if (costs.disturbed) out += "disturbed = true  # by other work on the machine: measured again once that is over\n";
  for (const auto& [name, member] : kFields) out += fmt::format("{} = {:.9e}\n", name, costs.*member);
  return out;
}

Result<Costs> costs_from_toml(const std::string& text, const std::string& origin) {
  Costs costs;
  try {
    const toml::table table = toml::parse(text, origin);
    costs.machine = table["machine"].value_or("");
    costs.disturbed = table["disturbed"].value_or(false);
    for (const auto& [name, member] : kFields) {
      const double value = table[name].value_or(costs.*member);
      if (!std::isfinite(value) || value <= 0)
        return fail(Error::Kind::bad_input, origin + ": " + name + " is not a positive number", "Delete the file; it is measured again.");
      costs.*member = value;
    }
  } catch (const toml::parse_error& error) {
    return fail(Error::Kind::bad_input, origin + ": " + std::string(error.description()), "Delete the file; it is measured again.");
  }
  costs.measured = true;
  return costs;
}

}  // namespace concadvise
