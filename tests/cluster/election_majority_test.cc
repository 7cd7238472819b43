// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Which nodes together are enough.

#include <gtest/gtest.h>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

Election::Options GoingOnAlone() {
  Election::Options options;
  options.continues_alone = true;
  return options;
}

TEST(ElectionMajorityTest, ASingleNodeLeadsAloneAndKeepsItsLease) {
  ElectionWorld world(1);
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "persist 1.0");
  world.Persisted(At(1, 0));
  EXPECT_TRUE(world.Leads());
  world.GrantAll();
  for (int i = 0; i < 50; ++i) {
    world.PassToDeadline();
    EXPECT_TRUE(world.Leads());
  }
  EXPECT_EQ(world.election().ServesUntil(), After(world.now(), world.options().lease));
}

TEST(ElectionMajorityTest, ANodeDoesNotElectItselfBeforeItIsConnected_Bug84) {
  ElectionWorld world(3);
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  EXPECT_EQ(world.election().NextDeadline(), kNever);
  world.Connect({2});
  EXPECT_LE(world.UntilDeadline(), world.SpreadMax());
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 2");
}

TEST(ElectionMajorityTest, ANodeWithoutAMajorityNeverStandsAndSaysWhatItWaitsFor) {
  ElectionWorld world(5);
  EXPECT_EQ(world.WaitingFor(), "a majority: 1 of 5 nodes are here, 3 are needed");
  world.Connect({1});
  EXPECT_EQ(world.WaitingFor(), "a majority: 2 of 5 nodes are here, 3 are needed");
  world.Pass(absl::Hours(1));
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  world.Connect({1, 4});
  EXPECT_EQ(world.WaitingFor(), "an election");
}

TEST(ElectionMajorityTest, TwoNodesNeedEachOther) {
  ElectionWorld world(2);
  EXPECT_EQ(world.WaitingFor(), "a majority: 1 of 2 nodes are here, 2 are needed");
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  world.Connect({1});
  world.Lead();
  world.Connect({});
  world.Pass(world.options().lease);
  EXPECT_FALSE(world.Leads());
  EXPECT_EQ(world.WaitingFor(), "a majority of the nodes to answer");
}

TEST(ElectionMajorityTest, OfTwoNodesTheOneThatLostTheOtherGoesOnAloneIfItMay) {
  ElectionWorld world(2, GoingOnAlone());
  world.Connect({1});
  world.Lead();
  world.Connect({});
  for (int i = 0; i < 50; ++i) {
    world.PassToDeadline();
    EXPECT_TRUE(world.Leads());
  }
}

TEST(ElectionMajorityTest, OfTwoNodesTheFollowerThatLostItsLeaderLeadsAloneAfterItsPromise) {
  ElectionWorld world(2, GoingOnAlone());
  world.Connect({1});
  world.Beat(1, At(1, 1));
  world.TakeAll();
  world.Connect({});
  EXPECT_GE(world.UntilDeadline(), world.Promise()) << "the other one may still lead";
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "persist 2.0");
  world.Persisted(At(2, 0));
  EXPECT_TRUE(world.Leads());
}

TEST(ElectionMajorityTest, OfTwoNodesNeitherLeadsWithoutTheOtherWhileItIsThere) {
  ElectionWorld world(2, GoingOnAlone());
  world.Connect({1});
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 1");
  world.TrialReply(1, At(1, 0), true);
  world.Persisted(At(1, 0));
  EXPECT_EQ(world.Output(), "persist 1.0, ask 1.0 > 1");
  EXPECT_FALSE(world.election().leader().has_value());
  world.Vote(1, At(1, 0), true);
  EXPECT_FALSE(world.Leads()) << "it acts from the first answer on";
}

TEST(ElectionMajorityTest, GoingOnAloneIsForTwoNodesOnly) {
  ElectionWorld world(3, GoingOnAlone());
  world.Connect({1, 2});
  world.Lead();
  world.Connect({});
  world.Pass(world.options().lease);
  EXPECT_FALSE(world.Leads());
}

TEST(ElectionMajorityTest, WhileTheListIsChangedVotesOfBothListsAreNeeded) {
  ElectionWorld world(3);
  world.SetNodes({0, 1, 2}, {0, 3, 4});
  world.Connect({1, 2, 3});
  world.PassToDeadline();
  world.TakeAll();
  world.TrialReply(1, At(1, 0), true);
  world.TrialReply(2, At(1, 0), true);
  EXPECT_EQ(world.Output(), "") << "nobody of the new list";
  world.TrialReply(3, At(1, 0), true);
  world.Persisted(At(1, 0));
  world.TakeAll();
  world.Vote(3, At(1, 0), true);
  EXPECT_EQ(world.Events(), "") << "nobody of the old list";
  world.Vote(1, At(1, 0), true);
  EXPECT_EQ(world.Events(), "leader 0 1.0: it was elected");
}

TEST(ElectionMajorityTest, WhileTheListIsChangedALeaseNeedsAnswersOfBothLists) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.Lead();
  world.SetNodes({0, 1, 2}, {0, 3, 4});
  world.Connect({1, 2, 3});
  world.Pass(absl::Milliseconds(100));
  world.Answer(1, At(1, 0), world.now(), 2000);
  EXPECT_EQ(world.election().ServesUntil(), After(world.since(), world.options().lease));
  world.Answer(3, At(1, 0), world.now(), 2000);
  EXPECT_EQ(world.election().ServesUntil(), After(world.now(), world.options().lease));
}

TEST(ElectionMajorityTest, WhileTheListIsChangedItSaysWhichOfTheListsLacksNodes) {
  ElectionWorld world(3);
  world.SetNodes({0, 1, 2}, {0, 3, 4, 5});
  world.Connect({1, 2});
  EXPECT_EQ(world.WaitingFor(), "a majority: 1 of 4 nodes are here, 3 are needed");
  world.Connect({3, 4});
  EXPECT_EQ(world.WaitingFor(), "a majority: 1 of 3 nodes are here, 2 are needed");
}

TEST(ElectionMajorityTest, AChangedListThatMakesAMajorityStartsAnElection) {
  ElectionWorld world(5);
  world.Connect({1});
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.election().NextDeadline(), kNever);
  world.SetNodes({0, 1, 2});
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 1");
}

TEST(ElectionMajorityTest, ANodeThatIsNotInTheListDoesNotStand) {
  ElectionWorld world(3);
  world.SetNodes({1, 2, 3});
  world.Connect({1, 2, 3});
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
}

TEST(ElectionMajorityTest, HowManyAreConnectedDecidesNothingBeyondTheMajority_Bug82) {
  ElectionWorld world(5);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TakeAll();
  // Node 1 is connected to everybody, this one to two: whoever asked first gets the votes.
  world.TrialReply(1, At(1, 0), true);
  world.TrialReply(2, At(1, 0), true);
  world.Persisted(At(1, 0));
  world.Vote(1, At(1, 0), true);
  world.Vote(2, At(1, 0), true);
  EXPECT_EQ(world.election().leader(), Node(0));
  world.Answer(1, At(1, 0), world.now(), 1000);
  world.Answer(2, At(1, 0), world.now(), 1000);
  world.TakeAll();
  world.Connect({1, 2, 3, 4});
  world.Connect({1, 2});
  EXPECT_EQ(world.Events(), "");
}

TEST(ElectionMajorityTest, WhoeverWinsKnowsItselfAsTheLeader_Bug85) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.BeElected();
  EXPECT_EQ(world.election().leader(), Node(0));
  EXPECT_EQ(world.election().ballot(), At(1, 0));
}

}  // namespace
}  // namespace ctdb::cluster
