// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Whom the leader leaves out when some nodes cannot reach each other.

#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

class MembershipMeshTest : public testing::Test {
 protected:
  MembershipMeshTest() { world_.LeadAll(); }

  void Cut(int one, int other) {
    std::erase(world_.other(one).connected, Node(other));
    std::erase(world_.other(other).connected, Node(one));
    world_.Say(one);
    world_.Say(other);
  }
  void Mend(int one, int other) {
    for (const auto& [node, peer] : {std::pair(one, other), std::pair(other, one)}) {
      std::vector<NodeNumber>& connected = world_.other(node).connected;
      connected.push_back(Node(peer));
      std::sort(connected.begin(), connected.end());
      world_.Say(node);
    }
  }
  // Of the view when the patience is over.
  std::string MembersAfterPatience() {
    world_.Run(world_.options().mesh_patience);
    return Text(world_.view().members);
  }

  MembershipWorld world_{6};
};

TEST_F(MembershipMeshTest, MembersThatDoNotHearEachOtherStayForThePatienceAndNotLonger_Wp22) {
  Cut(1, 2);
  world_.Run(world_.options().mesh_patience - kTick);
  EXPECT_EQ(Text(world_.view().members), "[0 1 2 3 4 5]");
  world_.Run(kTick);
  EXPECT_EQ(Text(world_.view().members), "[0 1 3 4 5]");
  EXPECT_TRUE(absl::StrContains(world_.Newest(ChangeKind::kView).text,
                                "node 2 and others cannot reach each other"));
}

TEST_F(MembershipMeshTest, OneDirectionAloneIsNoConnection_Wp22) {
  std::erase(world_.other(3).connected, Node(4));
  world_.Say(3);
  EXPECT_EQ(MembersAfterPatience(), "[0 1 2 3 5]");
}

TEST_F(MembershipMeshTest, WhoeverLacksMostConnectionsIsLeftOut_Wp22) {
  Cut(1, 4);
  Cut(1, 5);
  EXPECT_EQ(MembersAfterPatience(), "[0 2 3 4 5]");
}

TEST_F(MembershipMeshTest, OfEqualsTheHighestNumberIsLeftOut_Wp22) {
  Cut(1, 4);
  Cut(2, 3);
  EXPECT_EQ(MembersAfterPatience(), "[0 1 2 5]");
}

TEST_F(MembershipMeshTest, NobodyIsLeftOutForSomebodyWhoIsLeftOut_Wp22) {
  Cut(1, 5);
  Cut(2, 5);
  Cut(3, 5);
  EXPECT_EQ(MembersAfterPatience(), "[0 1 2 3 4]");
}

TEST_F(MembershipMeshTest, TheLeaderStaysHoweverManySayThatTheyDoNotHearIt_Wp22) {
  for (int node : {4, 5}) {
    std::erase(world_.other(node).connected, Node(0));
    world_.Say(node);
  }
  EXPECT_EQ(MembersAfterPatience(), "[0 1 2 3]");
}

TEST_F(MembershipMeshTest, AConnectionThatComesBackInTimeCostsNobodyAnything) {
  Cut(1, 2);
  world_.Run(world_.options().mesh_patience - kTick);
  Mend(1, 2);
  Cut(1, 2);
  world_.Run(world_.options().mesh_patience - kTick);
  Mend(1, 2);
  world_.Run(absl::Seconds(10));
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1 2 3 4 5] settled");
}

TEST_F(MembershipMeshTest, WhoeverWasLeftOutComesBackWhenItReachesAllAgain) {
  Cut(1, 2);
  EXPECT_EQ(MembersAfterPatience(), "[0 1 3 4 5]");
  world_.Run(absl::Minutes(1));
  EXPECT_EQ(world_.view().epoch, MakeEpoch(At(1, 0), 1)) << "one epoch, not one after the other";
  Mend(1, 2);
  world_.Run(absl::Seconds(1));
  EXPECT_EQ(Text(world_.view().members), "[0 1 2 3 4 5]");
}

}  // namespace
}  // namespace ctdb::cluster
