// Strings, bytes and dictionaries of a CPython process. Lengths are bounded, whatever the memory says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "profiler/stacks/memory.h"
#include "profiler/stacks/python_layout.h"

namespace concadvise {

constexpr std::size_t kPythonTextMax = 1024;       // characters; the rest is left out
constexpr std::size_t kPythonBytesMax = 1u << 20;  // larger objects read as empty
constexpr std::size_t kPythonEntriesMax = 20000;   // of a dictionary

/// A str as UTF-8; empty when there is none.
std::string python_text(Memory& memory, const PythonLayout& layout, std::uint64_t address);

/// Many at once: one result per address.
std::vector<std::string> python_texts(Memory& memory, const PythonLayout& layout, const std::vector<std::uint64_t>& addresses);

/// The contents of a bytes object.
std::vector<std::byte> python_bytes(Memory& memory, const PythonLayout& layout, std::uint64_t address);

/// Addresses of keys and values, in the order of insertion.
std::vector<std::pair<std::uint64_t, std::uint64_t>> python_dict(Memory& memory, const PythonLayout& layout,
                                                                 std::uint64_t address);

}  // namespace concadvise
