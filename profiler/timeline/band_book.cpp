#include "profiler/timeline/band_book.h"

#include <algorithm>
#include <cmath>

namespace concadvise {

void BandBook::add(std::size_t slice, double run_s, double queue_s, double blocked_s, State wait) {
  if (slice != open_) close();
  open_ = slice;
  sum_[State::on_cpu] += run_s;
  sum_[State::runnable] += queue_s;
  sum_[wait] += blocked_s;
}

BandBook::Cell BandBook::cell_of(const StateTimes& times) {
  const double total = times.sum();
  if (total <= 0) return {};
  State rest = State::runnable;
  for (const State state : kAllStates)
    if (state != State::on_cpu && times[state] > times[rest]) rest = state;
  const auto part = [total](double seconds) { return static_cast<std::uint8_t>(std::lround(std::clamp(seconds / total, 0.0, 1.0) * 255)); };
  return {part(times[State::on_cpu]), part(times[rest]), rest, true};
}

BandBook::Cell BandBook::joined(const Cell& a, const Cell& b) {
  if (!a.lived || !b.lived) return a.lived ? a : b;
  const Cell& larger = b.share > a.share ? b : a;
  const auto mean = [](std::uint8_t x, std::uint8_t y) { return static_cast<std::uint8_t>((x + y + 1) / 2); };
  return {mean(a.on_cpu, b.on_cpu), larger.share, larger.rest, true};
}

void BandBook::close() {
  const Cell cell = cell_of(sum_);
  sum_ = StateTimes{};
  if (!cell.lived) return;
  if (cells_.empty()) first_ = open_;
  cells_.resize(open_ - first_ + 1);
  cells_.back() = cell;
}

void BandBook::pair() {
  close();
  std::vector<Cell> half;
  const std::size_t first = first_ / 2;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    half.resize((first_ + i) / 2 - first + 1);
    half.back() = joined(half.back(), cells_[i]);
  }
  cells_ = std::move(half);
  first_ = first;
  open_ /= 2;
}

std::vector<Band> BandBook::bands(std::size_t slices) const {
  BandBook closed = *this;
  closed.close();
  std::vector<Band> out(slices);
  for (std::size_t i = 0; i < closed.cells_.size() && closed.first_ + i < slices; ++i) {
    const Cell& cell = closed.cells_[i];
    out[closed.first_ + i] = {cell.lived, cell.on_cpu / 255.0, cell.rest};
  }
  return out;
}

}  // namespace concadvise
