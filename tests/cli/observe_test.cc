// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/observe.h"

#include <gtest/gtest.h>

#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {
namespace {

TEST(ObserveTest, ANodeThatAnswersIsSeenWithItsLinks) {
  FakeCluster cluster;
  Session session(cluster.connector(), {.socket_path = "/s"});
  const WaitObservation observation = Observe(session, kThisNode);
  EXPECT_EQ(Describe(observation),
            "running, linked to 1 of 2 other nodes, OK, leader 1, 2 active, settled");
  EXPECT_TRUE(session.is_open());
}

TEST(ObserveTest, AStoppedNodeIsNotActiveAlthoughTheViewStillHasIt) {
  FakeCluster cluster;
  cluster.membership.nodes[1].flags = 32;
  Session session(cluster.connector(), {.socket_path = "/s"});
  EXPECT_EQ(Observe(session, kThisNode).active, 1u);
}

TEST(ObserveTest, WithoutAClusterServiceNothingIsKnownOfTheCluster) {
  FakeCluster cluster;
  cluster.membership.answers = false;
  Session session(cluster.connector(), {.socket_path = "/s"});
  const WaitObservation observation = Observe(session, kThisNode);
  EXPECT_EQ(Describe(observation), "running, linked to 1 of 2 other nodes, no cluster service");
  EXPECT_TRUE(observation.answers);
}

TEST(ObserveTest, ANodeThatDoesNotAnswerIsSeenWithTheReason) {
  FakeCluster cluster;
  cluster.absent = true;
  Session session(cluster.connector(), {.socket_path = "/s"});
  const WaitObservation observation = Observe(session, kThisNode);
  EXPECT_FALSE(observation.answers);
  EXPECT_EQ(observation.why, "Failed to connect to CTDB daemon (/s)");
}

TEST(ObserveTest, APauseClosesALostConnection) {
  FakeCluster cluster;
  Session session(cluster.connector(), {.socket_path = "/s"});
  ASSERT_TRUE(session.Open().ok());
  Pause(session, absl::Milliseconds(1));
  EXPECT_TRUE(session.is_open());
  cluster.calls = {"0: shutdown"};  // From here on the connection of the test is lost.
  Pause(session, absl::Milliseconds(1));
  EXPECT_FALSE(session.is_open());
}

}  // namespace
}  // namespace ctdb::cli
