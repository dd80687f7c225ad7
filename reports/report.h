// Renderings of a session: they show what was concluded and decide nothing.
#pragma once

#include <string>

#include "model/advice.h"

namespace concadvise {

struct TextOptions {
  bool color = false;
  int width = 100;
};

/// The summary on the terminal, most important lines last.
std::string render_text(const Session& session, const TextOptions& options);

/// One self-contained HTML page, complete without scripts.
std::string render_html(const Session& session);

}  // namespace concadvise
