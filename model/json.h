// The public JSON of the vocabulary (DESIGN: contracts). Loading is lenient about missing keys and strict about types:
// a session cut short or a wrong file gives an Error that names the place, never a crash.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>

#include "model/advice.h"
#include "model/finding.h"
#include "model/result.h"

namespace concadvise {

enum class JsonForm {
  readable,       // one member a line; of lists one element a line, however large: of long runs they are nearly all of the text
  compact_ascii,  // one line, other characters as escapes: to be embedded in a page
};

/// Loading a session that was cut short after its measured part gives it without verdict and advice, and with a note.
/// concadvise.json: the profile's keys with `verdict` and `advice`. Bytes that are not UTF-8 become U+FFFD.
std::string session_to_json(const Session& session, JsonForm form = JsonForm::readable);
Result<Session> session_from_json(std::string_view text, const std::string& origin);
/// Parsed while it is read, so that the text is never held as a whole. An input that fails ends the text.
Result<Session> session_from_json(std::istream& in, const std::string& origin);

std::string lint_to_json(const LintResult& result, JsonForm form = JsonForm::readable);
Result<LintResult> lint_from_json(std::string_view text, const std::string& origin);

using SavedResult = std::variant<Session, LintResult>;
/// Either of both, as its schema says.
Result<SavedResult> result_from_json(std::istream& in, const std::string& origin);

}  // namespace concadvise
