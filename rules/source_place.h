// Where in the user's own source something happens, read from a stack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"

namespace concadvise {

/// The innermost frame that belongs to the program itself: neither the C library, nor the interpreter, nor a standard or
/// site library. nullptr when there is none. `own_module` is the file name of the executable.
const Frame* own_frame(const std::vector<Frame>& stack, const std::string& own_module);

/// The program's own frames of a stack, innermost first, each function once, at most `most`.
std::vector<const Frame*> own_frames(const std::vector<Frame>& stack, const std::string& own_module, std::size_t most);

/// "handle_request (server.py:12)"; empty for nullptr or a frame without a name.
std::string place_of(const Frame* frame);

/// The innermost place of the program's own and up to two of its callers: {"fetch (http.py:7)", "report (server.py:12)"}. A
/// wrapper says little about whose request it was. Empty where place_of is.
std::vector<std::string> place_and_callers(const std::vector<Frame>& stack, const std::string& own_module);

/// What stands before each of them: "", ", called from ", ", from ".
std::string_view joint_before(std::size_t caller);

/// The same as words: "fetch (http.py:7), called from report (server.py:12)".
std::string place_with_callers(const std::vector<Frame>& stack, const std::string& own_module);

/// The file name of the first process's executable.
std::string own_module_of(const Profile& profile);

}  // namespace concadvise
