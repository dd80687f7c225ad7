// The states of one thread in each slice of the run. A closed slice is kept in four bytes, because there can be thousands
// of threads; slices are joined in pairs when the sampler joins its own.
#pragma once

#include <cstdint>
#include <vector>

#include "model/bands.h"

namespace concadvise {

class BandBook {
 public:
  /// Adds seconds of the slice with that number. Numbers never fall, but by pair().
  void add(std::size_t slice, double run_s, double queue_s, double blocked_s, State wait);

  /// Slices 2n and 2n+1 become slice n.
  void pair();

  /// One band for each slice up to `slices`; where a slice has no seconds it was not lived.
  std::vector<Band> bands(std::size_t slices) const;

 private:
  struct Cell {
    std::uint8_t on_cpu = 0;  // of the lived time, in 255ths
    std::uint8_t share = 0;   // ... in `rest`
    State rest = State::other;
    bool lived = false;
  };

  static Cell joined(const Cell& a, const Cell& b);
  static Cell cell_of(const StateTimes& times);
  void close();

  std::size_t first_ = 0;    // slice of the first cell
  std::vector<Cell> cells_;
  std::size_t open_ = 0;     // the slice of `sum_`
  StateTimes sum_;           // seconds of the open slice
};

}  // namespace concadvise
