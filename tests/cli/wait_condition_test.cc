// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/wait_condition.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

bool IsMetBy(absl::string_view condition, const WaitObservation& observation) {
  return IsMet(*ParseWaitCondition(condition), observation);
}

constexpr auto Node = [](bool running, uint32_t peers, uint32_t connected) {
  return WaitObservation{true, running, peers, connected, ""};
};
const WaitObservation kSilent = {false, false, 0, 0, "connection refused"};

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

TEST(WaitConditionTest, WhatCannotBeWaitedForIsRefused) {
  for (const char* text : {"", "Running", "links", "links=", "links=x", "links=-1", "healthy"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseWaitCondition(text).status())) << text;
  }
}

TEST(WaitConditionTest, DescribesWhatWasSeen) {
  EXPECT_EQ(Describe(Node(true, 2, 1)), "running, linked to 1 of 2 other nodes");
  EXPECT_EQ(Describe(kSilent), "no answer: connection refused");
}

}  // namespace
}  // namespace ctdb::cli
