#include "profiler/timeline/band_book.h"

#include <gtest/gtest.h>

namespace concadvise {
namespace {

TEST(BandBook, ASliceShowsItsCpuShareAndTheLargestOfTheRest) {
  BandBook book;
  book.add(3, 0.02, 0.01, 0.03, State::disk);
  book.add(3, 0.02, 0.0, 0.02, State::lock);
  book.add(5, 0.0, 0.05, 0.0, State::timer);
  const std::vector<Band> bands = book.bands(7);
  ASSERT_EQ(bands.size(), 7U);
  EXPECT_FALSE(bands[2].lived);
  EXPECT_TRUE(bands[3].lived);
  EXPECT_NEAR(bands[3].on_cpu, 0.4, 0.01);
  EXPECT_EQ(bands[3].rest, State::disk);
  EXPECT_FALSE(bands[4].lived);
  EXPECT_EQ(bands[5].rest, State::runnable);
  EXPECT_FALSE(bands[6].lived);
}

TEST(BandBook, PairsAreJoined) {
  BandBook book;
  book.add(3, 1, 0, 0, State::disk);
  book.add(4, 0, 0, 1, State::disk);
  book.add(5, 0.5, 0, 0.5, State::lock);
  book.pair();  // slices 1 (3) and 2 (4 and 5)
  book.add(3, 0, 0, 1, State::gil);
  const std::vector<Band> bands = book.bands(4);
  EXPECT_FALSE(bands[0].lived);
  EXPECT_NEAR(bands[1].on_cpu, 1, 0.01);
  EXPECT_NEAR(bands[2].on_cpu, 0.25, 0.01);
  EXPECT_EQ(bands[2].rest, State::disk);
  EXPECT_EQ(bands[3].rest, State::gil);
}

TEST(Bands, TextRoundTrips) {
  const std::vector<Band> bands = {{true, 0, State::lock}, {false, 0, State::other}, {true, 1, State::runnable}, {true, 17.0 / 35, State::other}};
  const std::string text = bands_to_text(bands);
  EXPECT_EQ(text, "05..z1hc");
  const std::vector<Band> back = bands_of(text);
  ASSERT_EQ(back.size(), bands.size());
  for (std::size_t i = 0; i < bands.size(); ++i) {
    EXPECT_EQ(back[i].lived, bands[i].lived);
    EXPECT_DOUBLE_EQ(back[i].on_cpu, bands[i].on_cpu);
    EXPECT_EQ(back[i].rest, bands[i].rest);
  }
  for (const Band& band : bands_of("<</ z\xff" "5z50")) EXPECT_FALSE(band.lived);  // no states, and state 0 is on_cpu
}

}  // namespace
}  // namespace concadvise
