// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What a leader by majority does: its lease, its beats, and how it ends.

#include <gtest/gtest.h>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

class ElectionLeaderTest : public testing::Test {
 protected:
  ElectionLeaderTest() { world_.Connect({1, 2}); }

  Instant LeaseEnd() const { return world_.election().ServesUntil(); }

  const Ballot ballot_ = At(1, 0);
  ElectionWorld world_{3};
  const absl::Duration lease_ = world_.options().lease;
};

TEST_F(ElectionLeaderTest, ALeaderActsFromTheFirstAnswerThatMakesAMajority) {
  world_.BeElected();
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.WaitingFor(), "a majority of the nodes to answer");
  world_.Answer(1, ballot_, world_.now(), 1000);
  EXPECT_TRUE(world_.Leads());
  EXPECT_EQ(world_.WaitingFor(), "");
}

TEST_F(ElectionLeaderTest, OfFiveNodesTwoMustAnswer) {
  ElectionWorld world(5);
  world.Connect({1, 2, 3, 4});
  world.PassToDeadline();
  for (int node : {1, 2}) world.TrialReply(node, ballot_, true);
  world.Persisted(ballot_);
  for (int node : {1, 2}) world.Vote(node, ballot_, true);
  world.Answer(3, ballot_, world.now(), 1000);
  world.Answer(3, ballot_, world.now(), 1001);
  EXPECT_FALSE(world.Leads());
  world.Answer(4, ballot_, world.now(), 1000);
  EXPECT_TRUE(world.Leads());
}

TEST_F(ElectionLeaderTest, TheLeaseCountsFromWhenTheAnsweredBeatWasSent) {
  world_.BeElected();
  const Instant sent = world_.now();
  world_.Sleep(absl::Milliseconds(250));
  world_.Answer(1, ballot_, sent, 1000);
  EXPECT_EQ(LeaseEnd(), After(sent, lease_));
  world_.Sleep(lease_ - absl::Milliseconds(250) - kTick);
  EXPECT_TRUE(world_.Leads());
  world_.Sleep(kTick);
  EXPECT_FALSE(world_.Leads());
}

TEST_F(ElectionLeaderTest, AnAnswerThatComesAfterTheLeaseItWouldGiveGivesNone) {
  world_.BeElected();
  const Instant sent = world_.now();
  world_.Sleep(lease_);
  world_.Answer(1, ballot_, sent, 1000);
  EXPECT_FALSE(world_.Leads());
}

TEST_F(ElectionLeaderTest, LateRepeatedAndForeignAnswersDoNotChangeTheLease) {
  world_.Lead();
  world_.Pass(absl::Milliseconds(200));
  world_.Answer(1, ballot_, world_.now(), 3000);
  const Instant end = LeaseEnd();
  world_.Sleep(absl::Milliseconds(10));
  world_.Answer(1, ballot_, world_.since(), 2000);
  world_.Answer(1, At(9, 0), world_.now(), 4000);
  world_.Answer(7, ballot_, world_.now(), 4000);
  world_.Answer(2, ballot_, After(world_.now(), kTick), 4000);
  world_.Answer(2, ballot_, After(world_.since(), -kTick), 4000);
  EXPECT_EQ(LeaseEnd(), end);
  world_.Vote(2, ballot_, true);
  world_.TrialReply(2, ballot_, true);
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionLeaderTest, AnAnswerToABeatOfBeforeItsElectionGivesNoLease) {
  world_.BeElected();
  world_.Answer(1, ballot_, After(world_.since(), -kTick), 1000);
  EXPECT_FALSE(world_.Leads());
}

TEST_F(ElectionLeaderTest, AnAnswerOvertakenByANewerOneOfTheSameNodeTakesNothingBack) {
  world_.Lead();
  world_.SetNodes({0, 1, 2, 3, 4});
  world_.Pass(absl::Milliseconds(200));
  world_.Answer(1, ballot_, world_.now(), 3000);
  world_.Answer(1, ballot_, world_.since(), 2000);
  world_.Answer(2, ballot_, world_.now(), 3000);
  EXPECT_EQ(LeaseEnd(), After(world_.now(), lease_));
}

TEST_F(ElectionLeaderTest, BeatsComeEachIntervalAndNotBefore) {
  world_.Lead();
  world_.Pass(world_.options().beat_interval - kTick);
  EXPECT_EQ(world_.Output(), "");
  EXPECT_EQ(world_.UntilDeadline(), kTick);
  world_.Pass(kTick);
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1, beat 1.0 > 2");
}

TEST_F(ElectionLeaderTest, WhoeverConnectsGetsABeatAtOnce_Bug83) {
  world_.Lead();
  world_.Connect({1});
  EXPECT_EQ(world_.Output(), "");
  world_.Connect({1, 2});
  EXPECT_EQ(world_.Output(), "beat 1.0 > 2");
}

TEST_F(ElectionLeaderTest, AGrantOutlastsTheLeaseCountedFromTheFollowersReply) {
  world_.BeElected();
  const Instant sent = world_.now();
  world_.Sleep(absl::Milliseconds(50));
  world_.Answer(1, ballot_, sent, 777);
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1") << "it need not wait for the next interval";
  const Beat beat = world_.SentBeat(1);
  EXPECT_EQ(beat.echo, 777);
  EXPECT_EQ(absl::Nanoseconds(beat.grant_nanoseconds),
            lease_ - absl::Milliseconds(50) + world_.options().overhang);
  EXPECT_GE(world_.election().GrantedUntil(Node(1)), After(LeaseEnd(), world_.options().overhang));
  world_.Pass(world_.options().beat_interval);
  world_.Output();
  EXPECT_EQ(world_.SentBeat(2).echo, 0) << "it has not replied yet";
}

// Until it has a view of its own.
TEST_F(ElectionLeaderTest, ANewLeaderOnlyExtendsWhatFormerOnesGranted) {
  world_.BeElected();
  world_.election().SetGrants({Node(1)}, Engine::Grants::kExtend, world_.now());
  world_.Answer(1, ballot_, world_.now(), 777);
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1") << "it need not wait for the next interval";
  EXPECT_TRUE(world_.SentBeat(1).only_extends);
  EXPECT_GT(world_.election().GrantedUntil(Node(1)), LeaseEnd()) << "it may have served";
  EXPECT_TRUE(world_.Leads());
  EXPECT_LE(LeaseEnd(), world_.now()) << "nobody granted this node anything";
  world_.GrantAll();
  world_.Answer(1, ballot_, world_.now(), 778);
  world_.Pass(world_.options().beat_interval);
  world_.Output();
  EXPECT_FALSE(world_.SentBeat(1).only_extends);
  EXPECT_GT(LeaseEnd(), world_.now());
}

// As a follower it was granted something; elected, it need not stop.
TEST_F(ElectionLeaderTest, ALeaderThatServedGoesOnAsLongAsItsLeaseTakesOverInTime) {
  for (const bool in_time : {true, false}) {
    ElectionWorld world(3);
    world.Connect({1, 2});
    world.PassAbstention();
    world.Beat(2, At(1, 2));
    world.Beat(2, At(1, 2), world.Clock(world.now()), world.Promise() + absl::Milliseconds(250));
    world.TakeAll();
    world.Connect({1});
    world.set_highest(At(1, 2));
    world.BeElected();
    world.election().SetGrants({Node(1)}, Engine::Grants::kExtend, world.now());
    EXPECT_GT(world.election().ServesUntil(), world.now());
    const Instant granted = world.election().ServesUntil();
    if (!in_time) world.Sleep(ToAbsl(granted - world.now()));
    world.Answer(1, world.election().ballot(), world.now(), 777);
    EXPECT_TRUE(world.Leads());
    if (in_time) {
      EXPECT_GT(world.election().ServesUntil(), granted);
    } else {
      EXPECT_EQ(world.election().ServesUntil(), granted) << "others may have gone on without it";
    }
  }
}

TEST_F(ElectionLeaderTest, WhoResignsServesNoMore) {
  world_.Lead();
  EXPECT_GT(LeaseEnd(), world_.now());
  world_.MayLead(false);
  EXPECT_FALSE(world_.Leads());
  EXPECT_LE(world_.election().ServesUntil(), world_.now());
}

TEST_F(ElectionLeaderTest, ARepeatedReplyGrantsNothingMore) {
  world_.Lead();
  const Instant granted = world_.election().GrantedUntil(Node(1));
  world_.Sleep(absl::Milliseconds(100));
  world_.Answer(1, ballot_, world_.now(), 1000);
  world_.Answer(1, ballot_, world_.now(), 999);
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), granted);
  world_.Answer(1, ballot_, world_.now(), 1001);
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), granted) << "it has not been told yet";
  world_.PassToDeadline();
  EXPECT_GT(world_.election().GrantedUntil(Node(1)), granted);
}

TEST_F(ElectionLeaderTest, ANodeThatReconnectsIsGrantedByItsNewClockOnly) {
  world_.Lead();
  world_.Connect({2});
  world_.Connect({1, 2});
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1");
  EXPECT_EQ(world_.SentBeat(1).echo, 0) << "its host may have a new clock";
  world_.Answer(1, ballot_, world_.now(), 3);
  world_.Pass(world_.options().beat_interval);
  world_.Output();
  EXPECT_EQ(world_.SentBeat(1).echo, 3);
}

TEST_F(ElectionLeaderTest, WhatANodeWasGrantedIsRememberedWhenItIsGoneOrTakenOut) {
  world_.Lead();
  world_.Pass(absl::Milliseconds(300));
  world_.Answer(1, ballot_, world_.now(), 2000);
  world_.PassToDeadline();
  const Instant granted = world_.election().GrantedUntil(Node(1));
  world_.Connect({2});
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), granted);
  world_.SetNodes({0, 2});
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), granted);
  world_.Pass(absl::Seconds(1));
  world_.SetNodes({0, 2, 3});
  EXPECT_LE(world_.election().GrantedUntil(Node(1)), world_.now());
}

TEST_F(ElectionLeaderTest, ANewLeaderCountsWithWhatTheFormerOneMayHaveGrantedBeforeItResigned) {
  world_.Pass(absl::Seconds(1));
  world_.Beat(1, At(1, 1));
  world_.Resigned(1, At(1, 1));
  world_.set_highest(At(1, 1));
  world_.Lead();
  EXPECT_LT(world_.since(), After(kStart, absl::Milliseconds(1200)));
  EXPECT_GE(world_.election().GrantedUntil(Node(2)), After(kStart, absl::Seconds(1) + lease_));
}

TEST_F(ElectionLeaderTest, WhoDoesNotLeadKnowsNothingOfGrants) {
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), kNever);
}

TEST_F(ElectionLeaderTest, AfterAPauseShorterThanItsLeaseItLeadsOn) {
  world_.Lead();
  world_.Sleep(lease_ - kTick);
  EXPECT_TRUE(world_.Leads());
  world_.Answer(1, ballot_, world_.since(), 2000);
  world_.Pass(absl::ZeroDuration());
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionLeaderTest, AfterALongerPauseItActsAgainWithTheSameBallotOnceAMajorityAnswers) {
  world_.Lead();
  world_.Pass(lease_ + absl::Seconds(1));
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1, beat 1.0 > 2");
  world_.Answer(2, ballot_, world_.now(), 2000);
  EXPECT_TRUE(world_.Leads());
  EXPECT_EQ(world_.election().ballot(), ballot_);
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionLeaderTest, WithoutAnswersItGivesUpAtItsLimitAndNotBefore) {
  world_.Lead();
  world_.Pass(lease_ + world_.options().leader_timeout - kTick);
  EXPECT_EQ(world_.Events(), "");
  world_.Pass(kTick);
  EXPECT_EQ(world_.Events(), "no leader 1.0: a majority of the nodes does not answer");
}

TEST_F(ElectionLeaderTest, ALeaderRefusesOthersWhileItsLeaseRuns) {
  world_.Lead();
  world_.Trial(1, At(2, 1));
  world_.Ask(1, At(2, 1));
  EXPECT_EQ(world_.Output(), "would no 2.1 > 1, vote no 2.1 > 1");
  EXPECT_TRUE(world_.Leads());
}

TEST_F(ElectionLeaderTest, ALeaderWhoseLeaseIsOverVotesForAnotherAndStepsDown) {
  world_.Lead();
  world_.Sleep(lease_);
  world_.Trial(1, At(2, 1));
  EXPECT_EQ(world_.Output(), "would yes 2.1 > 1");
  world_.Ask(1, At(2, 1));
  EXPECT_EQ(world_.Output(), "persist 2.1, resign 1.0 > 1, resign 1.0 > 2");
  EXPECT_EQ(world_.Events(), "no leader 1.0: another node stands for election");
}

TEST_F(ElectionLeaderTest, AnOldLeaderStepsDownWhenItIsToldOfALaterElection) {
  world_.Lead();
  world_.Refuse(2, At(9, 0), At(10, 1));
  EXPECT_EQ(world_.Events(), "") << "that was about another ballot";
  world_.Refuse(2, ballot_, At(5, 1));
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Events(), "no leader 1.0: node 2 knows of a later election");
  world_.Answer(1, ballot_, world_.now(), 5000);
  EXPECT_FALSE(world_.Leads()) << "too late";
}

TEST_F(ElectionLeaderTest, AnOldLeaderFollowsALaterOne) {
  world_.Lead();
  world_.Beat(1, At(2, 1));
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.election().leader(), Node(1));
  EXPECT_EQ(world_.Output(), "resign 1.0 > 1, resign 1.0 > 2, follow 2.1 > 1");
}

TEST_F(ElectionLeaderTest, ALeaderRefusesTheBeatsOfAnOlderOne) {
  world_.set_highest(At(3, 2));
  world_.TrialReply(1, Ballot(), false, At(3, 2));
  world_.Lead();
  world_.Beat(1, At(2, 1));
  EXPECT_EQ(world_.Output(), "refuse 2.1 for 4.0 > 1");
  EXPECT_TRUE(world_.Leads());
}

TEST_F(ElectionLeaderTest, TakingAwayTheRightToLeadEndsItAtOnceAndTellsTheOthers) {
  world_.Lead();
  world_.MayLead(false);
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "resign 1.0 > 1, resign 1.0 > 2");
  EXPECT_EQ(world_.Events(), "no leader 1.0: it was told so");
  world_.MayLead(false);
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(world_.Output(), "");
}

TEST_F(ElectionLeaderTest, ALeaderThatLeavesTellsTheOthers) {
  world_.Lead();
  world_.Leave();
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "resign 1.0 > 1, resign 1.0 > 2");
  EXPECT_EQ(world_.Events(), "no leader 1.0: this node ends");
}

TEST_F(ElectionLeaderTest, HavingSteppedDownItVotesForAnotherAtOnce) {
  world_.Lead();
  world_.MayLead(false);
  world_.TakeAll();
  world_.Ask(1, At(2, 1));
  EXPECT_EQ(world_.Output(), "persist 2.1");
}

}  // namespace
}  // namespace ctdb::cluster
