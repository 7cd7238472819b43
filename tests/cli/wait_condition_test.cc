// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/wait_condition.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

bool IsMetBy(absl::string_view condition, const WaitObservation& observation) {
  return IsMet(*ParseWaitCondition(condition), observation);
}

constexpr auto Node = [](bool running, uint32_t peers, uint32_t connected) {
  WaitObservation observation;
  observation.answers = true;
  observation.running = running;
  observation.peers = peers;
  observation.connected = connected;
  return observation;
};
const WaitObservation kSilent = [] {
  WaitObservation observation;
  observation.why = "connection refused";
  return observation;
}();

// A node that is well, in a settled cluster of three that node 0 leads.
WaitObservation WellNode() {
  WaitObservation observation = Node(true, 2, 2);
  observation.has_cluster = true;
  observation.leader = 0;
  observation.settled = true;
  observation.healthy = true;
  observation.flags = "OK";
  observation.active = 3;
  return observation;
}

TEST(WaitConditionTest, RunningIsTheRunState) {
  EXPECT_TRUE(IsMetBy("running", Node(true, 2, 0)));
  EXPECT_FALSE(IsMetBy("running", Node(false, 2, 2)));
  EXPECT_FALSE(IsMetBy("running", kSilent));
}

TEST(WaitConditionTest, ConnectedMeansAllPeers) {
  EXPECT_TRUE(IsMetBy("connected", Node(true, 2, 2)));
  EXPECT_TRUE(IsMetBy("connected", Node(true, 0, 0)));
  EXPECT_FALSE(IsMetBy("connected", Node(true, 2, 1)));
  EXPECT_FALSE(IsMetBy("connected", kSilent));
}

TEST(WaitConditionTest, GoneMeansNoAnswer) {
  EXPECT_TRUE(IsMetBy("gone", kSilent));
  EXPECT_FALSE(IsMetBy("gone", Node(false, 0, 0)));
}

TEST(WaitConditionTest, LinksCountsAtLeast) {
  EXPECT_TRUE(IsMetBy("links=1", Node(true, 3, 2)));
  EXPECT_FALSE(IsMetBy("links=3", Node(true, 3, 2)));
  EXPECT_FALSE(IsMetBy("links=0", kSilent));
}

TEST(WaitConditionTest, WhatTheClusterServiceKnowsIsNotSoWithoutIt) {
  WaitObservation node = WellNode();
  for (const char* text : {"leader", "recovered", "healthy", "active=3"}) {
    EXPECT_TRUE(IsMetBy(text, node)) << text;
  }
  node.has_cluster = false;
  for (const char* text : {"leader", "recovered", "healthy", "active=3", "active=0"}) {
    EXPECT_FALSE(IsMetBy(text, node)) << text;
  }
}

TEST(WaitConditionTest, EachConditionOfTheClusterIsItsOwn) {
  WaitObservation node = WellNode();
  node.leader = std::nullopt;
  EXPECT_FALSE(IsMetBy("leader", node));
  node.settled = false;
  EXPECT_FALSE(IsMetBy("recovered", node));
  EXPECT_TRUE(IsMetBy("healthy", node));
  node.healthy = false;
  EXPECT_FALSE(IsMetBy("healthy", node));
}

TEST(WaitConditionTest, ActiveCountsExactly) {
  EXPECT_FALSE(IsMetBy("active=2", WellNode()));
  EXPECT_FALSE(IsMetBy("active=4", WellNode()));
}

TEST(WaitConditionTest, WhatCannotBeWaitedForIsRefused) {
  for (const char* text : {"", "Running", "links", "links=", "links=x", "links=-1", "Healthy",
                           "active", "active=", "leader=1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseWaitCondition(text).status())) << text;
  }
}

TEST(WaitConditionTest, DescribesWhatWasSeen) {
  EXPECT_EQ(Describe(Node(true, 2, 1)),
            "running, linked to 1 of 2 other nodes, no cluster service");
  WaitObservation node = WellNode();
  EXPECT_EQ(Describe(node),
            "running, linked to 2 of 2 other nodes, OK, leader 0, 3 active, settled");
  node.leader = std::nullopt;
  node.settled = false;
  EXPECT_EQ(Describe(node),
            "running, linked to 2 of 2 other nodes, OK, no leader, 3 active, not settled");
  EXPECT_EQ(Describe(kSilent), "no answer: connection refused");
}

}  // namespace
}  // namespace ctdb::cli
