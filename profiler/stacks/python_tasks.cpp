#include "profiler/stacks/python_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "profiler/stacks/python_objects.h"

namespace concadvise {
namespace {

// Include/cpython/object.h and genobject.h, Objects/moduleobject.c, Modules/_asynciomodule.c of 3.7 to 3.13: the fields that
// have stood at one place ever since. Free-threaded builds have larger object headers; `head` is that of an object.
constexpr std::uint32_t kTypeName = 24;         // PyTypeObject.tp_name
constexpr std::uint32_t kModuleDict = 0;        // after the head: PyModuleObject.md_dict
constexpr std::uint32_t kFutureCallback = 8;    // ... FutureObj.fut_callback0
constexpr std::uint32_t kFunctionSelf = 8;      // ... PyCFunctionObject.m_self
constexpr std::uint32_t kWrappedTask = 0;       // ... TaskWakeupMethWrapper.ww_task, 3.7
constexpr std::uint32_t kGeneratorFrame = 0;    // ... PyGenObject.gi_frame, to 3.10
constexpr std::uint32_t kIntegerDigit = 8;      // ... PyLongObject's first digit; names not yet asked for, from 3.12 on
constexpr std::uint32_t kSetUsed = 8;           // ... PySetObject.used

constexpr std::size_t kTaskWords = 32;          // a Task is smaller
constexpr std::size_t kCoroutineWords = 10;     // names stand within
constexpr std::uint64_t kCoroutineHead = 160;   // from a coroutine to the frame that it embeds: less, from 3.11 on
constexpr std::size_t kLoopsMax = 64;
constexpr std::size_t kTypesMax = 1000;

template <std::size_t Count>
using Words = std::array<std::uint64_t, Count>;

bool may_be_object(std::uint64_t address) { return address > 0xffff && address % 8 == 0 && address >> 47 == 0; }

}  // namespace

std::string PythonTasks::type_name(std::uint64_t object) {
  std::uint64_t type = 0;
  if (!may_be_object(object) || !memory_.load(object + layout_.object.type, type) || !may_be_object(type)) return {};
  const auto known = type_names_.find(type);
  if (known != type_names_.end()) return known->second;
  std::uint64_t name = 0;
  std::array<char, 64> text{};
  // Not where the type header is larger, and of whatever is no type nothing sensible comes out.
  const std::uint32_t at = kTypeName + (layout_.object.type - 8);
  if (!memory_.load(type + at, name) || memory_.read(name, std::as_writable_bytes(std::span(text))) == 0) return {};
  text.back() = '\0';
  if (type_names_.size() >= kTypesMax) type_names_.clear();
  return type_names_[type] = text.data();
}

// A WeakSet keeps what it has in a set that is the first of its attributes. Those stand in a dictionary (to 3.10), apart from
// the object (3.11; 3.12 keeps that pointer less one, as a mark) or in it (3.13).
std::uint64_t PythonTasks::set_of(std::uint64_t weak_set) {
  constexpr std::uint64_t before = 4 * 8;
  Words<12> around{};
  if (type_name(weak_set) != "WeakSet" || !memory_.load(weak_set - before, around)) return 0;
  for (const std::uint64_t word : around) {
    const std::string type = type_name(word);
    if (type == "set") return word;
    std::uint64_t apart = word + (word & 1);
    // PyDictObject.ma_values, which stands after ma_keys: of a dictionary that shares its keys with those of its class.
    if (type == "dict" && !memory_.load(word + layout_.object.dict_keys + 8, apart)) continue;
    Words<1> values{};
    if (!may_be_object(apart) || !memory_.load(apart, values)) continue;
    if (type_name(values.front()) == "set") return values.front();
  }
  return 0;
}

// asyncio.tasks._current_tasks and _all_tasks (_scheduled_tasks from 3.12 on) are the C implementation's own, also where they
// are kept in the module's state.
bool PythonTasks::find_asyncio(std::uint64_t modules) {
  const auto entries = python_dict(memory_, layout_, modules);
  if (entries.size() == modules_seen_) return false;
  modules_seen_ = entries.size();
  const auto value_of = [this](const std::vector<std::pair<std::uint64_t, std::uint64_t>>& dict, std::string_view wanted) {
    std::vector<std::uint64_t> keys;
    for (const auto& [key, value] : dict) keys.push_back(key);
    if (keys.empty()) return std::uint64_t{0};
    const std::vector<std::string> names = python_texts(memory_, layout_, keys);
    const auto found = std::find(names.begin(), names.end(), wanted);
    return found == names.end() ? std::uint64_t{0} : dict[static_cast<std::size_t>(found - names.begin())].second;
  };
  const std::uint64_t module = value_of(entries, "asyncio.tasks");
  has_asyncio_ = module != 0;
  std::uint64_t contents = 0;
  if (module == 0 || !memory_.load(module + layout_.object.head + kModuleDict, contents)) return false;
  const auto names = python_dict(memory_, layout_, contents);
  current_tasks_ = value_of(names, "_current_tasks");
  const std::uint64_t scheduled = value_of(names, "_scheduled_tasks");
  all_tasks_ = set_of(scheduled != 0 ? scheduled : value_of(names, "_all_tasks"));
  if (type_name(current_tasks_) != "dict") current_tasks_ = 0;
  return current_tasks_ != 0;
}

bool PythonTasks::is_coroutine_of(std::uint64_t object, std::span<const std::uint64_t> frames) {
  if (!may_be_object(object)) return false;
  if (layout_.frames == PythonLayout::Frames::objects) {
    std::uint64_t frame = 0;
    if (!memory_.load(object + layout_.object.head + kGeneratorFrame, frame)) return false;
    if (std::find(frames.begin(), frames.end(), frame) == frames.end()) return false;
  } else if (std::none_of(frames.begin(), frames.end(),
                          [&](std::uint64_t frame) { return frame > object && frame - object < kCoroutineHead; })) {
    return false;
  }
  const std::string type = type_name(object);
  return type == "coroutine" || type == "generator";
}

std::string PythonTasks::task_name(std::uint64_t object) {
  const std::string type = type_name(object);
  if (type == "str") return python_text(memory_, layout_, object);
  std::uint32_t number = 0;
  if (type == "int" && memory_.load(object + layout_.object.head + kIntegerDigit, number)) return fmt::format("Task-{}", number);
  return {};
}

// __name__ and __qualname__ stand one after the other, and are the only strings there.
std::string PythonTasks::coroutine_name(std::uint64_t coroutine) {
  Words<kCoroutineWords> words{};
  if (!memory_.load(coroutine, words)) return {};
  for (std::size_t i = 2; i + 1 < words.size(); ++i)
    if (type_name(words[i]) == "str" && type_name(words[i + 1]) == "str") return python_text(memory_, layout_, words[i + 1]);
  return {};
}

// A task that awaits another is called back by it, by its method `wakeup`, and says itself for what it waits: in the word before
// its coroutine (task_fut_waiter).
void PythonTasks::add_awaiting(std::uint64_t callback, std::size_t coroutine_at, PythonTask& task) {
  const std::string type = type_name(callback);
  const bool wrapped = type == "TaskWakeupMethWrapper";
  if (!wrapped && type != "builtin_function_or_method" && type != "builtin_method") return;
  std::uint64_t awaiting = 0;
  if (!memory_.load(callback + layout_.object.head + (wrapped ? kWrappedTask : kFunctionSelf), awaiting)) return;
  if (!type_name(awaiting).ends_with("Task")) return;
  Words<3> words{};  // for what it waits, its coroutine, its name
  if (!memory_.load(awaiting + (coroutine_at - 1) * 8, words) || words[0] != task.address) return;
  const std::string name = task_name(words[2]);
  const std::string coroutine = coroutine_name(words[1]);
  // We may have lost the CPU in between, and what was there then is something else now.
  Words<3> again{};
  if (!memory_.load(awaiting + (coroutine_at - 1) * 8, again) || again != words) return;
  task.awaited_by = name;
  task.awaiting_coroutine = coroutine;
}

std::optional<PythonTask> PythonTasks::running(std::span<const std::uint64_t> frames, std::uint64_t modules) {
  if (frames.empty() || (current_tasks_ == 0 && !find_asyncio(modules))) return {};
  auto entries = python_dict(memory_, layout_, current_tasks_);
  entries.resize(std::min(entries.size(), kLoopsMax));
  for (const auto& [loop, address] : entries) {
    Words<kTaskWords> words{};
    if (memory_.read(address, std::as_writable_bytes(std::span(words))) < 16 * 8) continue;
    for (std::size_t i = layout_.object.head / 8; i + 1 < words.size(); ++i) {
      if (!is_coroutine_of(words[i], frames)) continue;
      PythonTask task;
      task.address = address;
      task.step = frames.front();
      task.name = task_name(words[i + 1]);
      add_awaiting(words[(layout_.object.head + kFutureCallback) / 8], i, task);
      Words<kTaskWords> again{};
      const bool still_there = memory_.read(address, std::as_writable_bytes(std::span(again))) >= (i + 2) * 8 && again[i] == words[i] && again[i + 1] == words[i + 1];
      return still_there ? std::optional(task) : std::nullopt;
    }
  }
  return {};
}

std::optional<std::size_t> PythonTasks::alive(std::uint64_t modules) {
  if (current_tasks_ == 0) find_asyncio(modules);
  std::uint64_t used = 0;
  // Where nothing but a task can wait on a loop, none means that they are kept elsewhere (3.14).
  if (all_tasks_ == 0 || !memory_.load(all_tasks_ + layout_.object.head + kSetUsed, used) || used == 0) return {};
  return used;
}

}  // namespace concadvise
