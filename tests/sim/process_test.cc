// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/process.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/sim/recorder.h"

namespace ctdb::sim {
namespace {

Instant At(absl::Duration time) { return After(Instant(), time); }
LinkNotice Up(uint32_t peer) { return {NodeNumber(peer), true, ""}; }

class ProcessTest : public testing::Test {
 protected:
  World world_{1};
  Record record_;
  Process process_{world_, NodeNumber(0), Clock(), RecordTo(record_)};
};

TEST_F(ProcessTest, TickComesAtTheDeadlineOnItsOwnClock) {
  const Clock clock{absl::Seconds(100), 10000};
  Process fast(world_, NodeNumber(0), clock, RecordTo(record_));
  record_.deadline = At(absl::Seconds(201));
  fast.Start();
  world_.RunUntil(At(absl::Seconds(99)));
  EXPECT_TRUE(record_.ticks.empty());
  // One percent too fast: 101 seconds of its own are 100 of the world.
  world_.RunUntil(At(absl::Seconds(101)));
  ASSERT_EQ(record_.ticks.size(), 1u);
  EXPECT_EQ(record_.ticks[0], At(absl::Seconds(201)));
}

TEST_F(ProcessTest, PausedProcessGetsAllOfItLateAndInOrder) {
  process_.Start();
  record_.deadline = At(absl::Seconds(2));
  process_.Deliver(Up(1));
  process_.Pause();
  process_.Deliver(Up(2));
  process_.Deliver(Up(3));
  world_.RunUntil(At(absl::Seconds(5)));
  EXPECT_EQ(record_.inputs.size(), 1u);
  EXPECT_TRUE(record_.ticks.empty());
  process_.Resume();
  world_.RunUntil(At(absl::Seconds(5)));
  ASSERT_EQ(record_.inputs.size(), 3u);
  EXPECT_EQ(record_.inputs[1].first, At(absl::Seconds(5)));
  EXPECT_EQ(std::get<LinkNotice>(record_.inputs[1].second).peer, NodeNumber(2));
  EXPECT_EQ(std::get<LinkNotice>(record_.inputs[2].second).peer, NodeNumber(3));
  EXPECT_EQ(record_.ticks.size(), 1u);
}

TEST_F(ProcessTest, CrashedProcessForgetsWhatWaitedAndHearsNothing) {
  process_.Start();
  process_.Pause();
  process_.Deliver(Up(1));
  process_.Crash();
  process_.Deliver(Up(2));
  process_.Resume();
  EXPECT_FALSE(process_.is_running());
  process_.Start();
  process_.Deliver(Up(3));
  ASSERT_EQ(record_.inputs.size(), 1u);
  EXPECT_EQ(process_.starts(), 2u);
}

TEST_F(ProcessTest, TickOfAnEarlierRunDoesNotCome) {
  record_.deadline = At(absl::Seconds(1));
  process_.Start();
  process_.Crash();
  record_.deadline = kNever;
  process_.Start();
  world_.RunUntil(At(absl::Seconds(2)));
  EXPECT_TRUE(record_.ticks.empty());
}

TEST_F(ProcessTest, ObserverIsCalledAfterEachTurn) {
  int turns = 0;
  process_.SetObserver([&](NodeNumber) { ++turns; });
  process_.Start();
  process_.Deliver(Up(1));
  EXPECT_EQ(turns, 2);
}

TEST_F(ProcessTest, DeadlineThatDoesNotMoveIsNoticed) {
  class Stuck final : public Program {
   public:
    void Handle(const Input&, Instant) override {}
    void Tick(Instant) override {}
    Instant NextDeadline() const override { return Instant(); }
  };
  Process stuck(world_, NodeNumber(0), Clock(), [](Instant) { return std::make_unique<Stuck>(); });
  stuck.Start();
  world_.RunUntil(At(absl::Seconds(1)));
  EXPECT_TRUE(stuck.is_spinning());
}

TEST(ClockTest, WorldIsTheFirstMomentAtWhichTheClockShowsIt) {
  for (int64_t drift : {-10000, -1, 0, 1, 10000}) {
    const Clock clock{absl::Seconds(-3), drift};
    for (int64_t local : std::vector<int64_t>{-5000000001, 0, 1, 999999999, 7777777777}) {
      const Instant shown{CoreClock::duration(local)};
      const Instant world = clock.World(shown);
      EXPECT_GE(clock.Local(world), shown) << drift << " " << local;
      EXPECT_LT(clock.Local(world - CoreClock::duration(1)), shown) << drift << " " << local;
    }
  }
  EXPECT_EQ(Clock().World(kNever), kNever);
}

}  // namespace
}  // namespace ctdb::sim
