// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/life_cycle.h"

#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

using Action = LifeCycle::Action;
using Actions = std::vector<LifeCycle::Action>;
using State = LifeCycle::State;

Instant At(int64_t seconds) { return After(Instant(), absl::Seconds(seconds)); }

TEST(LifeCycleTest, ReadinessIsToldOnce) {
  LifeCycle life_cycle({}, At(0));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{});
  life_cycle.OnReady(At(1));
  life_cycle.OnReady(At(2));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{Action::kTellReady});
  EXPECT_EQ(life_cycle.Describe().since, At(1));
}

TEST(LifeCycleTest, AReloadIsToldBegunAndEndsReadyAgain) {
  LifeCycle life_cycle({}, At(0));
  life_cycle.OnReady(At(1));
  life_cycle.TakeOutput();
  life_cycle.OnReloadRequested(At(2));
  EXPECT_EQ(life_cycle.TakeOutput(), (Actions{Action::kTellReloading, Action::kBeginReload}));
  life_cycle.OnReloaded(At(3));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{Action::kTellReady});
  EXPECT_EQ(life_cycle.Describe().state, State::kReady);
}

TEST(LifeCycleTest, ReloadsAskedForDuringStartAreDoneOnceAfterwards) {
  LifeCycle life_cycle({}, At(0));
  life_cycle.OnReloadRequested(At(1));
  life_cycle.OnReloadRequested(At(2));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{});
  life_cycle.OnReady(At(3));
  EXPECT_EQ(life_cycle.TakeOutput(),
            (Actions{Action::kTellReady, Action::kTellReloading, Action::kBeginReload}));
  life_cycle.OnReloaded(At(4));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{Action::kTellReady});
}

TEST(LifeCycleTest, AReloadAskedForDuringAReloadFollowsIt) {
  // What the first one read may be older than the request.
  LifeCycle life_cycle({}, At(0));
  life_cycle.OnReady(At(1));
  life_cycle.OnReloadRequested(At(2));
  life_cycle.OnReloadRequested(At(3));
  life_cycle.TakeOutput();
  life_cycle.OnReloaded(At(4));
  EXPECT_EQ(life_cycle.TakeOutput(),
            (Actions{Action::kTellReady, Action::kTellReloading, Action::kBeginReload}));
}

TEST(LifeCycleTest, AStopIsToldBegunAndEndsWithTheExitCodeAskedFor) {
  LifeCycle life_cycle({}, At(0));
  life_cycle.OnReady(At(1));
  life_cycle.TakeOutput();
  life_cycle.OnStopRequested("part given up", ExitCode::kPartGivenUp, At(2));
  EXPECT_EQ(life_cycle.TakeOutput(), (Actions{Action::kTellStopping, Action::kBeginStop}));
  EXPECT_EQ(life_cycle.Describe().stop_cause, "part given up");
  life_cycle.OnStopped(At(3));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{Action::kExit});
  EXPECT_EQ(life_cycle.Describe().exit_code, ExitCode::kPartGivenUp);
  EXPECT_EQ(life_cycle.NextDeadline(), kNever);
}

TEST(LifeCycleTest, AStopDuringStartOrReloadEndsThem) {
  LifeCycle starting({}, At(0));
  starting.OnStopRequested("SIGTERM", ExitCode::kNormal, At(1));
  starting.TakeOutput();
  starting.OnReady(At(2));
  EXPECT_EQ(starting.TakeOutput(), Actions{});

  LifeCycle reloading({}, At(0));
  reloading.OnReady(At(1));
  reloading.OnReloadRequested(At(1));
  reloading.OnStopRequested("SIGTERM", ExitCode::kNormal, At(1));
  reloading.TakeOutput();
  reloading.OnReloaded(At(2));
  reloading.OnReloadRequested(At(2));
  EXPECT_EQ(reloading.TakeOutput(), Actions{});
  EXPECT_EQ(reloading.Describe().state, State::kStopping);
}

TEST(LifeCycleTest, AskingAgainToStopChangesNothing) {
  LifeCycle life_cycle({}, At(0));
  life_cycle.OnStopRequested("shutdown control", ExitCode::kNormal, At(1));
  life_cycle.TakeOutput();
  life_cycle.OnStopRequested("SIGTERM", ExitCode::kInternal, At(2));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{});
  EXPECT_EQ(life_cycle.Describe().stop_cause, "shutdown control");
  EXPECT_EQ(life_cycle.Describe().exit_code, ExitCode::kNormal);
}

TEST(LifeCycleTest, AStopThatExceedsItsBudgetIsForced) {
  LifeCycle life_cycle({.stop_budget = absl::Seconds(60)}, At(0));
  EXPECT_EQ(life_cycle.NextDeadline(), kNever);
  life_cycle.OnStopRequested("SIGTERM", ExitCode::kNormal, At(10));
  life_cycle.TakeOutput();
  EXPECT_EQ(life_cycle.NextDeadline(), At(70));
  life_cycle.OnTick(At(69));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{});
  life_cycle.OnTick(At(70));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{Action::kExit});
  EXPECT_EQ(life_cycle.Describe().exit_code, ExitCode::kStopForced);
  life_cycle.OnStopped(At(71));
  life_cycle.OnTick(At(72));
  EXPECT_EQ(life_cycle.TakeOutput(), Actions{});
}

}  // namespace
}  // namespace ctdb::daemon
