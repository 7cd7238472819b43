// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The rule that whoever holds the cluster lock leads.

#include <gtest/gtest.h>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

Election::Options ByLock() {
  Election::Options options;
  options.rule = Election::Rule::kLock;
  return options;
}

class ElectionLockTest : public testing::Test {
 protected:
  ElectionLockTest() { world_.Connect({1, 2}); }

  void AskForTheLock() {
    world_.PassToDeadline();
    EXPECT_EQ(world_.Output(), "take lock");
  }
  void LeadByLock() {
    AskForTheLock();
    world_.Lock(LockAnswer::kTaken);
    world_.Persisted(At(1, 0));
    EXPECT_TRUE(world_.Leads());
    world_.GrantAll();
    world_.TakeAll();
  }

  ElectionWorld world_{3, ByLock()};
};

TEST_F(ElectionLockTest, WhoeverGetsTheLockWritesItsBallotAndLeads) {
  AskForTheLock();
  EXPECT_EQ(world_.WaitingFor(), "the cluster lock");
  world_.Lock(LockAnswer::kTaken);
  EXPECT_EQ(world_.Output(), "persist 1.0");
  EXPECT_FALSE(world_.Leads());
  world_.Persisted(At(1, 0));
  EXPECT_TRUE(world_.Leads());
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1, beat 1.0 > 2");
  EXPECT_EQ(world_.Events(), "leader 0 1.0: it holds the cluster lock");
}

TEST_F(ElectionLockTest, AStartedNodeAsksForTheLockOnlyAfterOneLease) {
  EXPECT_GE(world_.UntilDeadline(), world_.Promise());
  world_.Sleep(world_.UntilDeadline() - kTick);
  world_.Pass(absl::ZeroDuration());
  EXPECT_EQ(world_.Output(), "");
}

TEST_F(ElectionLockTest, TheLockIsEnoughForANodeWithoutAnyOther_Bug82) {
  world_.Connect({});
  LeadByLock();
  world_.Pass(absl::Hours(1));
  EXPECT_TRUE(world_.Leads());
  world_.Connect({1, 2});
  EXPECT_TRUE(world_.Leads());
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionLockTest, ALeaderServesOnlyAWhileBeyondItsLastBeatSoItsClientsStopWhenItIsKilled) {
  LeadByLock();
  const Instant until = world_.election().ServesUntil();
  EXPECT_GT(until, world_.now());
  // Whoever takes the lock next waits for that long before it leaves this node out.
  const Election::Options options = ByLock();
  EXPECT_LE(until, After(world_.now(), options.lease + options.overhang));
  world_.Pass(absl::Minutes(1));
  EXPECT_GT(world_.election().ServesUntil(), world_.now());
  EXPECT_LE(world_.election().ServesUntil(), After(world_.now(), options.lease + options.overhang));
}

TEST_F(ElectionLockTest, ALockThatOthersHoldIsAskedForAgainAfterAPause_Bug88) {
  struct Case {
    LockAnswer answer;
    const char* why;
  };
  for (const Case& c :
       {Case{LockAnswer::kContended, "node 2 holds it"}, Case{LockAnswer::kTimedOut, "no answer"},
        Case{LockAnswer::kFailed, "no such file"}}) {
    ElectionWorld world(3, ByLock());
    world.PassToDeadline();
    world.TakeAll();
    world.Lock(c.answer, c.why);
    EXPECT_EQ(world.WaitingFor(), absl::StrCat("the cluster lock: ", c.why));
    EXPECT_EQ(world.Events(), "");
    EXPECT_GE(world.UntilDeadline(), world.options().lock_retry);
    EXPECT_LE(world.UntilDeadline(), world.options().lock_retry + world.SpreadMax());
    world.PassToDeadline();
    EXPECT_EQ(world.Output(), "take lock");
    world.Lock(LockAnswer::kTaken);
    EXPECT_EQ(world.Output(), "persist 1.0");
    world.Persisted(At(1, 0));
    EXPECT_EQ(world.WaitingFor(), "");
  }
}

TEST_F(ElectionLockTest, WhileTheLockIsBeingAskedForNothingElseIsDone) {
  AskForTheLock();
  EXPECT_EQ(world_.election().NextDeadline(), kNever);
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(world_.Output(), "");
}

TEST_F(ElectionLockTest, ALostLockEndsLeadingAtOnce_Bug90) {
  LeadByLock();
  world_.Lock(LockAnswer::kLost, "the helper ended");
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "resign 1.0 > 1, resign 1.0 > 2") << "there is nothing to release";
  EXPECT_EQ(world_.Events(), "no leader 1.0: the cluster lock was lost: the helper ended");
  EXPECT_GE(world_.UntilDeadline(), world_.options().lock_retry);
}

TEST_F(ElectionLockTest, ALockLostBeforeTheBallotIsOnDiskLeadsToNothing_Bug90) {
  AskForTheLock();
  world_.Lock(LockAnswer::kTaken);
  world_.Lock(LockAnswer::kLost, "the helper ended");
  world_.TakeAll();
  world_.Persisted(At(1, 0));
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "");
}

TEST_F(ElectionLockTest, ALockThatIsLostWithoutHavingBeenHeldChangesNothing) {
  world_.Beat(1, At(1, 1));
  world_.TakeAll();
  world_.Lock(LockAnswer::kLost, "late");
  EXPECT_EQ(world_.Output(), "");
  EXPECT_EQ(world_.election().leader(), Node(1));
}

TEST_F(ElectionLockTest, AnAnswerThatIsNotWantedAnyMoreIsReleased) {
  AskForTheLock();
  world_.Beat(1, At(1, 1));
  EXPECT_EQ(world_.Output(), "persist 1.1, release lock, follow 1.1 > 1");
  world_.Lock(LockAnswer::kTaken);
  EXPECT_EQ(world_.Output(), "release lock");
  EXPECT_FALSE(world_.Leads());
  world_.Lock(LockAnswer::kContended, "late");
  EXPECT_EQ(world_.Output(), "");
  EXPECT_EQ(world_.election().leader(), Node(1));
}

TEST_F(ElectionLockTest, ARepeatedAnswerDoesNotReleaseALockThatIsHeld) {
  LeadByLock();
  world_.Lock(LockAnswer::kTaken);
  world_.Lock(LockAnswer::kContended, "late");
  world_.Lock(LockAnswer::kTimedOut, "late");
  EXPECT_EQ(world_.Output(), "");
  EXPECT_TRUE(world_.Leads());
}

TEST_F(ElectionLockTest, ARequestForTheLockThatIsStillHereIsTakenBack) {
  world_.PassToDeadline();
  world_.MayLead(false);
  EXPECT_EQ(world_.Output(), "");
}

TEST_F(ElectionLockTest, AReleaseIsNotForgottenWhenTheNextRequestIsTakenBack) {
  LeadByLock();
  world_.MayLead(false);
  world_.MayLead(true);
  world_.Pass(absl::Hours(1));
  world_.MayLead(false);
  EXPECT_EQ(world_.Output(), "release lock, resign 1.0 > 1, resign 1.0 > 2");
}

TEST_F(ElectionLockTest, TakingAwayTheRightToLeadReleasesTheLock) {
  LeadByLock();
  world_.MayLead(false);
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(), "release lock, resign 1.0 > 1, resign 1.0 > 2");
  EXPECT_EQ(world_.WaitingFor(), "another node to take the cluster lock: this one may not lead");
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(world_.Output(), "");
  world_.MayLead(true);
  world_.PassToDeadline();
  EXPECT_EQ(world_.Output(), "take lock");
}

TEST_F(ElectionLockTest, TakingAwayTheRightToLeadWhileTheBallotIsWrittenReleasesTheLock) {
  AskForTheLock();
  world_.Lock(LockAnswer::kTaken);
  world_.MayLead(false);
  EXPECT_EQ(world_.Output(), "persist 1.0, release lock");
  world_.Persisted(At(1, 0));
  EXPECT_FALSE(world_.Leads());
}

TEST_F(ElectionLockTest, ALeaderThatLeavesReleasesTheLock) {
  LeadByLock();
  world_.Leave();
  EXPECT_EQ(world_.Output(), "release lock, resign 1.0 > 1, resign 1.0 > 2");
}

TEST_F(ElectionLockTest, TheHolderTakesABallotAboveALaterOne_Bug86) {
  LeadByLock();
  world_.Refuse(2, At(1, 0), At(7, 2));
  EXPECT_FALSE(world_.Leads()) << "not with that ballot";
  EXPECT_EQ(world_.Output(), "persist 8.0") << "and it keeps the lock";
  world_.Refuse(1, At(1, 0), At(7, 2));
  EXPECT_EQ(world_.Output(), "");
  world_.Persisted(At(8, 0));
  EXPECT_TRUE(world_.Leads());
  EXPECT_EQ(world_.Output(), "beat 8.0 > 1, beat 8.0 > 2");
}

TEST_F(ElectionLockTest, AHolderThatHearsALaterLeaderGivesUpTheLock) {
  LeadByLock();
  world_.Beat(2, At(7, 2));
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.Output(),
            "persist 7.2, release lock, resign 1.0 > 1, resign 1.0 > 2, follow 7.2 > 2");
}

TEST_F(ElectionLockTest, AHolderRefusesTheBeatsOfAnOlderLeader) {
  ElectionWorld world(3, ByLock(), At(5, 1));
  world.Connect({1, 2});
  world.PassToDeadline();
  world.Lock(LockAnswer::kTaken);
  world.Persisted(At(6, 0));
  world.TakeAll();
  world.Beat(1, At(5, 1));
  EXPECT_EQ(world.Output(), "refuse 5.1 for 6.0 > 1");
  EXPECT_TRUE(world.Leads());
}

TEST_F(ElectionLockTest, AFollowerWritesItsLeadersBallotOnceSoThatItIsAboveItAfterARestart) {
  world_.Beat(1, At(3, 1));
  EXPECT_EQ(world_.Output(), "persist 3.1, follow 3.1 > 1");
  world_.Beat(1, At(3, 1));
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1") << "it is being written";
  world_.Persisted(At(3, 1));
  world_.Beat(1, At(3, 1));
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1") << "it is written";
  world_.Beat(2, At(4, 2));
  EXPECT_EQ(world_.Output(), "persist 4.2, follow 4.2 > 2");
}

TEST_F(ElectionLockTest, ABallotThatIsNewWhileAnotherIsWrittenIsWrittenAfterIt) {
  world_.Beat(1, At(3, 1));
  world_.Beat(1, At(4, 1));
  world_.Persisted(At(3, 1));
  EXPECT_EQ(world_.Output(), "persist 3.1, follow 3.1 > 1, follow 4.1 > 1");
  world_.Beat(1, At(4, 1));
  EXPECT_EQ(world_.Output(), "persist 4.1, follow 4.1 > 1");
}

TEST_F(ElectionLockTest, AReturningNodeFollowsAndDoesNotAskForTheLock_Bug83) {
  world_.Beat(1, At(1, 1));
  world_.Persisted(At(1, 1));
  world_.TakeAll();
  for (int i = 0; i < 50; ++i) {
    world_.Pass(absl::Milliseconds(100));
    world_.Beat(1, At(1, 1));
    EXPECT_EQ(world_.Output(), "follow 1.1 > 1");
  }
}

TEST_F(ElectionLockTest, AFollowerThatLostItsLeaderAsksForTheLockAtOnce) {
  world_.PassAbstention();
  world_.Beat(1, At(1, 1));
  world_.Persisted(At(1, 1));
  world_.TakeAll();
  world_.Connect({2});
  EXPECT_LE(world_.UntilDeadline(), world_.SpreadMax());
  world_.PassToDeadline();
  EXPECT_EQ(world_.Output(), "take lock");
}

TEST_F(ElectionLockTest, ANewHolderKnowsWhatTheFormerOneMayHaveGranted) {
  LeadByLock();
  EXPECT_GE(world_.election().GrantedUntil(Node(2)), After(world_.now(), world_.options().lease));
}

TEST_F(ElectionLockTest, AFollowerIsGrantedTheWholeTimeForEachReply) {
  LeadByLock();
  world_.Answer(1, At(1, 0), world_.now(), 777);
  EXPECT_EQ(world_.Output(), "beat 1.0 > 1") << "it need not wait for the next interval";
  EXPECT_EQ(world_.SentBeat(1).echo, 777);
  EXPECT_EQ(absl::Nanoseconds(world_.SentBeat(1).grant_nanoseconds),
            world_.options().lease + world_.options().overhang);
}

TEST_F(ElectionLockTest, AnAttemptUnderWayIsNotBegunAgain_Bug87) {
  AskForTheLock();
  world_.Connect({1});
  world_.Pass(absl::Minutes(5));
  world_.Connect({1, 2});
  EXPECT_EQ(world_.Output(), "");
  world_.Lock(LockAnswer::kTaken);
  EXPECT_EQ(world_.Output(), "persist 1.0");
  world_.Pass(absl::Minutes(5));
  EXPECT_EQ(world_.Output(), "") << "one ballot at a time";
}

TEST_F(ElectionLockTest, WhatIsToldAfterALostLockIsWholeBeforeAnybodyHearsOfIt_Bug99) {
  LeadByLock();
  world_.Lock(LockAnswer::kLost, "the file is another one");
  EXPECT_FALSE(world_.Leads());
  EXPECT_EQ(world_.election().leader(), std::nullopt);
  EXPECT_EQ(world_.election().GrantedUntil(Node(1)), kNever);
}

TEST(ElectionLockOfMajorityTest, ByMajorityNobodyAsksForALockAndAnswersAreIgnored) {
  ElectionWorld world(1);
  world.Lock(LockAnswer::kTaken);
  world.Lock(LockAnswer::kLost, "late");
  EXPECT_EQ(world.Output(), "");
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "persist 1.0");
}

}  // namespace
}  // namespace ctdb::cluster
