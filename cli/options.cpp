#include "cli/options.h"

namespace concadvise::cli {

std::optional<int> read_options(CLI::App& app, const Arguments& arguments) {
  try {
    app.parse(Arguments(arguments.rbegin(), arguments.rend()));  // last one first, as CLI11 wants them
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return std::nullopt;
}

}  // namespace concadvise::cli
