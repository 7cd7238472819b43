// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/message.h"

#include <gtest/gtest.h>

namespace ctdb::sim {
namespace {

TEST(MessageTest, KindsHaveTheOrderOfTheVariants) {
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::Alive())), MessageKind::kAlive);
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::VoteRequest())), MessageKind::kVoteRequest);
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::VoteReply())), MessageKind::kVoteReply);
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::Beat())), MessageKind::kBeat);
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::BeatReply())), MessageKind::kBeatReply);
  EXPECT_EQ(KindOf(cluster::EngineMessage(cluster::Resign())), MessageKind::kResign);
  EXPECT_EQ(KindOf(cluster::MembershipMessage(cluster::NodeState())), MessageKind::kNodeState);
  EXPECT_EQ(KindOf(cluster::MembershipMessage(cluster::View())), MessageKind::kView);
  EXPECT_EQ(KindOf(cluster::MembershipMessage(cluster::BanOrder())), MessageKind::kBanOrder);
  EXPECT_EQ(KindOf(cluster::MembershipMessage(cluster::BlameReport())), MessageKind::kBlameReport);
  EXPECT_EQ(MessageKindName(MessageKind::kBlameReport), "blame report");
}

TEST(MessageTest, DescribeKeepsQuietAboutWhatComesAllTheTime) {
  EXPECT_EQ(Describe(cluster::EngineMessage(cluster::Alive())), "");
  EXPECT_EQ(Describe(cluster::EngineMessage(cluster::Beat())), "");
  cluster::BeatReply reply;
  reply.is_accepted = true;
  EXPECT_EQ(Describe(cluster::EngineMessage(reply)), "");
  reply.is_accepted = false;
  reply.ballot = cluster::MakeBallot(3, NodeNumber(1));
  EXPECT_EQ(Describe(cluster::EngineMessage(reply)), "refused beat 3.1, highest 0.0");
  const cluster::VoteRequest request{true, cluster::MakeBallot(4, NodeNumber(2)), 0};
  EXPECT_EQ(Describe(cluster::EngineMessage(request)), "trial 4.2");
  EXPECT_EQ(Describe(cluster::MembershipMessage(cluster::NodeState())), "");
  cluster::View view;
  view.epoch = Epoch(7);
  EXPECT_EQ(Describe(cluster::MembershipMessage(view)), "view 7");
  view.is_settled = true;
  EXPECT_EQ(Describe(cluster::MembershipMessage(view)), "view 7, settled");
  EXPECT_EQ(Describe(cluster::MembershipMessage(cluster::BlameReport{NodeNumber(2), 3, ""})),
            "blames node 2 3 times");
}

}  // namespace
}  // namespace ctdb::sim
