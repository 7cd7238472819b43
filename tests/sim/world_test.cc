// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/world.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ctdb::sim {
namespace {

Instant At(absl::Duration time) { return After(Instant(), time); }

class Recorder final : public Actor {
 public:
  explicit Recorder(World& world) : world_(world) {}
  void OnEvent(uint64_t what) override { seen.emplace_back(world_.now(), what); }
  std::vector<std::pair<Instant, uint64_t>> seen;

 private:
  World& world_;
};

TEST(WorldTest, EventsComeByTimeAndThenInTheOrderOfAsking) {
  World world(1);
  Recorder recorder(world);
  world.In(absl::Seconds(2), recorder, 1);
  world.In(absl::Seconds(1), recorder, 2);
  world.In(absl::Seconds(1), recorder, 3);
  world.RunUntil(At(absl::Seconds(3)));
  const std::vector<std::pair<Instant, uint64_t>> expected = {
      {At(absl::Seconds(1)), 2}, {At(absl::Seconds(1)), 3}, {At(absl::Seconds(2)), 1}};
  EXPECT_EQ(recorder.seen, expected);
  EXPECT_EQ(world.now(), At(absl::Seconds(3)));
  EXPECT_EQ(world.events(), 3u);
}

TEST(WorldTest, RunUntilLeavesWhatIsDueLater) {
  World world(1);
  Recorder recorder(world);
  world.In(absl::Seconds(2), recorder, 1);
  world.RunUntil(At(absl::Seconds(1)));
  EXPECT_TRUE(recorder.seen.empty());
  world.RunUntil(At(absl::Seconds(2)));
  EXPECT_EQ(recorder.seen.size(), 1u);
}

TEST(WorldTest, EventInThePastHappensNow) {
  World world(1);
  Recorder recorder(world);
  world.RunUntil(At(absl::Seconds(5)));
  world.At(At(absl::Seconds(1)), recorder, 1);
  world.RunUntil(At(absl::Seconds(5)));
  ASSERT_EQ(recorder.seen.size(), 1u);
  EXPECT_EQ(recorder.seen[0].first, At(absl::Seconds(5)));
}

TEST(WorldTest, NothingHappensAfterStop) {
  World world(1);
  Recorder recorder(world);
  world.In(absl::Seconds(1), recorder, 1);
  world.Stop();
  world.RunUntil(At(absl::Seconds(2)));
  EXPECT_TRUE(recorder.seen.empty());
  EXPECT_EQ(world.now(), Instant());
}

TEST(WorldTest, HashTellsRunsApart) {
  const auto hash = [](absl::Duration delay, uint64_t what) {
    World world(1);
    Recorder recorder(world);
    world.In(delay, recorder, what);
    world.RunUntil(At(absl::Seconds(9)));
    return world.hash();
  };
  EXPECT_EQ(hash(absl::Seconds(1), 1), hash(absl::Seconds(1), 1));
  EXPECT_NE(hash(absl::Seconds(1), 1), hash(absl::Seconds(2), 1));
  EXPECT_NE(hash(absl::Seconds(1), 1), hash(absl::Seconds(1), 2));
}

TEST(WorldTest, BetweenStaysBetween) {
  World world(3);
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration drawn = world.Between(absl::Seconds(1), absl::Seconds(2));
    ASSERT_GE(drawn, absl::Seconds(1));
    ASSERT_LE(drawn, absl::Seconds(2));
  }
  EXPECT_EQ(world.Between(absl::Seconds(1), absl::Seconds(1)), absl::Seconds(1));
}

}  // namespace
}  // namespace ctdb::sim
