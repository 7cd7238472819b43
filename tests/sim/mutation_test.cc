// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// An engine or a membership that is broken on purpose must be caught: otherwise no run of the
// others proves a thing.

#include <gtest/gtest.h>

#include <string>

#include "tests/sim/scenario.h"

namespace ctdb::sim {
namespace {

constexpr uint64_t kSeeds = 200;

ScenarioOptions Options(Mutation mutation) {
  ScenarioOptions options;
  options.nodes = 5;
  options.duration = absl::Minutes(1);
  options.mutation = mutation;
  // Without those that have nothing to do with it, more happens.
  options.faults = kCutLinks | kPartition | kCrash | kPause | kDelay;
  return options;
}

ScenarioOptions WithOrders(Mutation mutation) {
  ScenarioOptions options = Options(mutation);
  options.faults |= kAdmin;
  return options;
}

// The first violation within kSeeds runs whose text has `sign`; "" if there is none.
std::string FirstViolation(ScenarioOptions options, const std::string& sign) {
  for (options.seed = 1; options.seed <= kSeeds; ++options.seed) {
    const std::string violation = RunScenario(options).violation;
    if (violation.find(sign) != std::string::npos) return violation;
  }
  return "";
}

TEST(MutationTest, PromiseThatEndsBeforeTheLeaseGivesTwoLeaders) {
  ScenarioOptions options = Options(Mutation::kShortPromise);
  options.checks_grants = false;  // They are broken as well, and sooner.
  EXPECT_NE(FirstViolation(options, "lead both"), "");
}

TEST(MutationTest, VoterThatGrantsEverythingGivesTwoLeaders) {
  EXPECT_NE(FirstViolation(Options(Mutation::kAlwaysGrants), "lead both"), "");
}

TEST(MutationTest, VoterThatForgetsItsBallotsLetsThemFallBack) {
  EXPECT_NE(FirstViolation(Options(Mutation::kForgetsBallots), "ballot"), "");
}

TEST(MutationTest, GrantBeyondTheLeaseIsServiceWithoutOne) {
  EXPECT_NE(FirstViolation(Options(Mutation::kLongGrants), "serves until"), "");
}

TEST(MutationTest, LeaderThatDoesNotWaitForGrantsLeavesOutNodesThatServe) {
  EXPECT_NE(FirstViolation(Options(Mutation::kImpatient), "was formed without it"), "");
}

TEST(MutationTest, LeaderThatGrantsToOldViewsLetsNodesServeThatWereLeftOut) {
  EXPECT_NE(FirstViolation(WithOrders(Mutation::kGenerous), "was formed without it"), "");
}

TEST(MutationTest, FollowerThatNeedsNoGrantServesAfterItWasLeftOut) {
  EXPECT_NE(FirstViolation(Options(Mutation::kEntitled), "was formed without it"), "");
}

TEST(MutationTest, GuardianThatSpeaksTooEarlyLetsClientsServeThatWereLeftOut) {
  EXPECT_NE(FirstViolation(Options(Mutation::kEarlyParting), "its clients serve on"), "");
}

TEST(MutationTest, LeaderThatActsAfterItsTimeFormsOldEpochs) {
  EXPECT_NE(FirstViolation(WithOrders(Mutation::kStale), "forms epoch"), "");
}

TEST(MutationTest, ViewsThatAreNotTheSameForAllAreNoticed) {
  EXPECT_NE(FirstViolation(Options(Mutation::kTwoLists), "is not as it was formed"), "");
}

TEST(MutationTest, FlagsThatNobodyIsToldOfDoNotConverge) {
  EXPECT_NE(FirstViolation(WithOrders(Mutation::kSilentFlags), "does not know that"), "");
}

TEST(MutationTest, BanThatNobodyWantedIsNoticed) {
  EXPECT_NE(FirstViolation(Options(Mutation::kBansForNothing), "nobody wanted that"), "");
}

}  // namespace
}  // namespace ctdb::sim
