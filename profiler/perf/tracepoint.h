// The kernel's tracepoints: their numbers and where their records keep what.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/procfs/file.h"

namespace concadvise {

/// One tracepoint as its `format` file describes it.
class Tracepoint {
 public:
  /// Reads the text of a `format` file; nothing when it makes no sense.
  static std::optional<Tracepoint> parse(std::string_view format);

  std::uint64_t id() const { return id_; }

  /// The value of an integer field in a record's raw bytes, sign-extended where the field is signed; 0 when there is no such
  /// field or the bytes end before it.
  std::int64_t value(std::span<const std::byte> raw, std::string_view field) const;

 private:
  struct Field {
    std::string name;
    std::size_t offset = 0;
    std::size_t size = 0;
    bool is_signed = false;
  };
  std::uint64_t id_ = 0;
  std::vector<Field> fields_;
};

/// The file system that describes tracepoints. Where it is mounted nowhere an instance of our own is used that is never
/// attached to a folder, so that it is gone when this is.
class Tracefs {
 public:
  /// Nothing when it can't be had; errno says why.
  static std::optional<Tracefs> open();

  /// "sched", "sched_switch". Nothing when there is none.
  std::optional<Tracepoint> find(const std::string& system, const std::string& event) const;

 private:
  explicit Tracefs(Descriptor root) : root_(std::move(root)) {}
  Descriptor root_;
};

}  // namespace concadvise
