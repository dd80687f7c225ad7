// The words of the vocabulary as people read them: one label and one meaning for each state, verdict class and model.
#pragma once

#include <string>
#include <string_view>

#include "model/advice.h"
#include "model/profile.h"
#include "model/state.h"

namespace concadvise {

/// A short label: "on CPU", "waiting for a CPU", "disk" ...
std::string_view label_of(State state);

/// What the state means, one sentence.
std::string_view meaning_of(State state);

/// A headline of the verdict, such as "Waits: on the network" for io-bound/network. Unknown classes are shown as they are.
std::string headline_of(const Verdict& verdict);

/// The model as an instruction: "async" -> "Use async". Unknown models are shown as they are.
std::string instruction_of(std::string_view model);

/// The same of a measured program: one that was idle is to be measured under load, which is no praise of what it has.
std::string instruction_of(const Session& session);

/// "6.00 s of 8.00 s"; "all of 8.00 s" when the part is as much or reads the same.
std::string part_of(double part_s, double whole_s);

/// How many clients of an event loop had sent something that it had not read, or waited to be accepted, while it stood still, as a
/// sentence; empty where that is not known or nobody did.
std::string waiting_clients_of(const Loop& loop);

/// What a process pool hands over: bytes, and CPU time for packing and moving them; empty where neither is known.
std::string handed_over_of(const Pool& pool);

/// Whose turn it was at a stop of a loop: "in turns of 12 tasks, the longest Task-7, awaited by Task-2 (main): coroutine serve
/// (app.py:12)". Empty for loops without tasks.
std::string turn_of(const LoopStop& stop, const std::string& own_module);

/// The model in a word or two, for places without room: "fewer threads".
std::string short_name_of(std::string_view model);

}  // namespace concadvise
