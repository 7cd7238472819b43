// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The nodes list: how it changes while the cluster runs, and how nodes notice that theirs differ.

#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

class MembershipNodesTest : public testing::Test {
 protected:
  absl::Status Prepare(const std::vector<ListedNode>& nodes) {
    return world_.Do([&](auto& m) { return m.PrepareNodes(nodes, world_.now()); });
  }
  void Commit() {
    world_.Do([&](auto& m) {
      m.CommitNodes(world_.now());
      return 0;
    });
  }
  static std::vector<ListedNode> Without(int nodes, int deleted) {
    std::vector<ListedNode> list = ListOf(nodes);
    list[static_cast<size_t>(deleted)].is_deleted = true;
    return list;
  }

  MembershipWorld world_{3};
};

TEST_F(MembershipNodesTest, EqualListsHaveTheSameDigestAndDifferentOnesDiffer) {
  EXPECT_EQ(Digest(ListOf(3)), Digest(ListOf(3)));
  EXPECT_NE(Digest(ListOf(3)), Digest(ListOf(4)));
  EXPECT_NE(Digest(ListOf(3)), Digest(Without(3, 2)));
  std::vector<ListedNode> moved = ListOf(3);
  moved[2].address = "10.0.0.9";
  EXPECT_NE(Digest(ListOf(3)), Digest(moved));
  EXPECT_EQ(Digest({}), 0xcbf29ce484222325u) << "the same on every platform and in every version";
  EXPECT_EQ(Digest({{Node(0), "a", false}}), Digest({{Node(0), "a", false}}));
}

TEST_F(MembershipNodesTest, WhatADeletedLineOnceSaidDoesNotMatter) {
  std::vector<ListedNode> one = Without(3, 2);
  std::vector<ListedNode> other = one;
  other[2].address = "";
  EXPECT_EQ(Digest(one), Digest(other));
}

TEST_F(MembershipNodesTest, BetweenTheTwoStepsMajoritiesOfBothListsAreNeeded) {
  EXPECT_TRUE(Prepare(ListOf(5)).ok());
  EXPECT_EQ(Text(world_.engine().nodes), "[0 1 2]");
  EXPECT_EQ(Text(world_.engine().next_nodes), "[0 1 2 3 4]");
  EXPECT_EQ(world_.membership().nodes(), ListOf(3));
  Commit();
  EXPECT_EQ(Text(world_.engine().nodes), "[0 1 2 3 4]");
  EXPECT_EQ(Text(world_.engine().next_nodes), "[]");
  EXPECT_EQ(world_.membership().nodes(), ListOf(5));
}

TEST_F(MembershipNodesTest, TheSecondStepWithoutTheFirstChangesNothing) {
  world_.Changes();
  Commit();
  EXPECT_EQ(world_.membership().nodes(), ListOf(3));
  EXPECT_EQ(world_.Changes(), "");
}

TEST_F(MembershipNodesTest, ANewListIsNotedAndToldToTheOthers) {
  world_.Join({1});
  ASSERT_TRUE(Prepare(ListOf(4)).ok());
  world_.Changes();
  world_.Sent(true);
  Commit();
  EXPECT_EQ(world_.Changes(), "The nodes list was read again: 4 lines");
  EXPECT_EQ(world_.own().nodes_digest, Digest(ListOf(4)));
  EXPECT_EQ(world_.Sent(true), "state > 1");
}

TEST_F(MembershipNodesTest, AListWithoutALineIsRefusedAndNothingChanges) {
  const absl::Status status = Prepare(ListOf(2));
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(), "Node 2 (10.0.0.2) missing from nodes file");
  EXPECT_EQ(Text(world_.engine().next_nodes), "[]");
  Commit();
  EXPECT_EQ(world_.membership().nodes(), ListOf(3));
}

TEST_F(MembershipNodesTest, ANodeThatIsThereCannotChangeItsAddress) {
  std::vector<ListedNode> list = ListOf(3);
  list[1].address = "10.0.0.9";
  const absl::Status status = Prepare(list);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(), "Node 1 has changed IP address (was 10.0.0.1, now 10.0.0.9)");
}

TEST_F(MembershipNodesTest, ANodeThatIsConnectedCannotBeDeletedOneThatIsGoneCan) {
  world_.Join({1, 2});
  const absl::Status status = Prepare(Without(3, 2));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(), "ERROR: Node 2 is still connected");
  world_.Disconnect(2);
  EXPECT_TRUE(Prepare(Without(3, 2)).ok());
  Commit();
  EXPECT_EQ(world_.Flags(2), "DELETED");
  EXPECT_EQ(Text(world_.engine().nodes), "[0 1]");
}

TEST_F(MembershipNodesTest, ANodeDoesNotDeleteItself) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Prepare(Without(3, 0))));
}

TEST_F(MembershipNodesTest, ADeletedNumberStaysReservedAndMayComeBackElsewhere_Bug101) {
  ASSERT_TRUE(Prepare(Without(3, 1)).ok());
  Commit();
  EXPECT_EQ(world_.membership().nodes().size(), 3u);
  EXPECT_EQ(world_.membership().nodes()[2].number, Node(2)) << "no number has moved";
  EXPECT_FALSE(Prepare(ListOf(1)).ok()) << "not even a deleted line may go";
  std::vector<ListedNode> back = ListOf(3);
  back[1].address = "10.0.0.9";
  EXPECT_TRUE(Prepare(back).ok());
  Commit();
  EXPECT_EQ(Text(world_.engine().nodes), "[0 1 2]");
  world_.Join({1});
  EXPECT_EQ(world_.Flags(1), "");
}

TEST_F(MembershipNodesTest, ANewListDoesNotResetTheView_Bug100) {
  world_.LeadAll();
  ASSERT_TRUE(Prepare(ListOf(4)).ok());
  Commit();
  world_.Run(absl::Seconds(10));
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1 2] settled");
  EXPECT_EQ(Text(world_.engine().grants), "[1 2]");
  EXPECT_TRUE(world_.Serves());
}

TEST_F(MembershipNodesTest, ANodeThatWasAddedJoins) {
  world_.LeadAll();
  ASSERT_TRUE(Prepare(ListOf(4)).ok());
  Commit();
  NodeState& state = world_.other(3);
  state = world_.other(2);
  state.node = Node(3);
  state.connected = NodeList({0, 1, 2});
  for (int node : {1, 2}) {
    world_.other(node).connected.push_back(Node(3));
    world_.Say(node);
  }
  world_.Join({3});
  world_.Run(absl::Milliseconds(100));
  EXPECT_EQ(Text(world_.view().members), "[0 1 2 3]");
}

TEST_F(MembershipNodesTest, ADeletedNodeThatIsStillGrantedSomethingIsWaitedFor) {
  world_.LeadAll();
  world_.engine().granted_until[Node(2)] = After(world_.now(), absl::Seconds(1));
  world_.Disconnect(2);
  ASSERT_TRUE(Prepare(Without(3, 2)).ok());
  Commit();
  world_.Pass(absl::Seconds(1) - kTick);
  EXPECT_EQ(Text(world_.view().members), "[0 1 2]");
  world_.Pass(kTick);
  EXPECT_EQ(Text(world_.view().members), "[0 1]");
}

TEST_F(MembershipNodesTest, AnotherListIsComparedOncePerDigest) {
  world_.Join({1});
  EXPECT_EQ(world_.Compared(), "[]");
  world_.other(1).nodes_digest = 77;
  world_.Say(1);
  world_.Say(1);
  EXPECT_EQ(world_.Compared(), "[1]");
  world_.other(1).nodes_digest = 78;
  world_.Say(1);
  EXPECT_EQ(world_.Compared(), "[1]");
  world_.other(1).nodes_digest = world_.own().nodes_digest;
  world_.Say(1);
  world_.other(1).nodes_digest = 78;
  world_.Say(1);
  EXPECT_EQ(world_.Compared(), "[1]") << "they were equal meanwhile";
}

TEST_F(MembershipNodesTest, ListsAreComparedAgainWhenThisNodesListChanges) {
  world_.Join({1});
  ASSERT_TRUE(Prepare(ListOf(4)).ok());
  Commit();
  EXPECT_EQ(world_.Compared(), "[1]");
  EXPECT_EQ(world_.membership().Warnings().size(), 1u);
  world_.other(1).nodes_digest = Digest(ListOf(4));
  world_.Say(1);
  EXPECT_EQ(world_.Compared(), "[]");
  EXPECT_TRUE(world_.membership().Warnings().empty());
}

}  // namespace
}  // namespace ctdb::cluster
