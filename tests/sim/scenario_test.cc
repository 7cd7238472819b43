// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/scenario.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

ScenarioOptions Options(int nodes, Rule rule, uint64_t seed) {
  ScenarioOptions options;
  options.nodes = nodes;
  options.rule = rule;
  options.seed = seed;
  options.duration = absl::Seconds(30);
  return options;
}

void RunSeeds(int nodes, Rule rule, uint64_t seeds) {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const ScenarioReport report = RunScenario(Options(nodes, rule, seed));
    ASSERT_EQ(report.violation, "") << report.drawn << "; shown by ctdb-sim --minutes 0.5";
  }
}

TEST(ScenarioTest, ThreeNodesByMajority) { RunSeeds(3, Rule::kMajority, 50); }
TEST(ScenarioTest, FiveNodesByMajority) { RunSeeds(5, Rule::kMajority, 35); }
TEST(ScenarioTest, SevenNodesByMajority) { RunSeeds(7, Rule::kMajority, 20); }
TEST(ScenarioTest, ThreeNodesByLock) { RunSeeds(3, Rule::kLock, 50); }
TEST(ScenarioTest, FiveNodesByLock) { RunSeeds(5, Rule::kLock, 35); }
TEST(ScenarioTest, SevenNodesByLock) { RunSeeds(7, Rule::kLock, 20); }
TEST(ScenarioTest, OneNode) { RunSeeds(1, Rule::kMajority, 30); }
TEST(ScenarioTest, TwoNodesThatGoOnAlone) { RunSeeds(2, Rule::kTwoNodes, 30); }

TEST(ScenarioTest, WithoutFaultsThereIsOneElectionAndNoTimeWithoutALeaderAfterIt) {
  for (Rule rule : {Rule::kMajority, Rule::kLock}) {
    ScenarioOptions options = Options(5, rule, 1);
    options.faults = 0;
    const ScenarioReport report = RunScenario(options);
    EXPECT_EQ(report.violation, "");
    EXPECT_EQ(report.elections, 1u);
    EXPECT_EQ(report.convergence, absl::ZeroDuration());
  }
}

TEST(ScenarioTest, SameSeedIsTheSameRun) {
  for (Rule rule : {Rule::kMajority, Rule::kLock}) {
    const ScenarioReport once = RunScenario(Options(5, rule, 7));
    // A trace changes nothing either.
    ScenarioOptions options = Options(5, rule, 7);
    options.trace_lines = 50;
    const ScenarioReport again = RunScenario(options);
    EXPECT_EQ(once.hash, again.hash);
    EXPECT_EQ(once.events, again.events);
    EXPECT_EQ(once.sent, again.sent);
    EXPECT_FALSE(again.trace.empty());
    EXPECT_NE(RunScenario(Options(5, rule, 8)).hash, once.hash);
  }
}

TEST(ScenarioTest, RulesHaveNames) {
  for (Rule rule : {Rule::kMajority, Rule::kLock, Rule::kTwoNodes}) {
    EXPECT_EQ(*ParseRule(RuleName(rule)), rule);
  }
  EXPECT_FALSE(ParseRule("dictator").ok());
}

}  // namespace
}  // namespace ctdb::sim
