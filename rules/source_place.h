// Where in the user's own source something happens, read from a stack.
#pragma once

#include <string>
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

/// The file name of the first process's executable.
std::string own_module_of(const Profile& profile);

}  // namespace concadvise
