// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What the leader decides: who is in the view, when the next one begins, and whom it lets serve.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

class MembershipLeaderTest : public testing::Test {
 protected:
  // Nothing was granted to the node any more from then on.
  void GrantUntil(int node, Instant until) { world_.engine().granted_until[Node(node)] = until; }
  absl::Duration JoinDelay() const { return world_.options().join_delay; }

  MembershipWorld world_{4};
};

TEST_F(MembershipLeaderTest, AFullClusterHasItsFirstViewAtOnce) {
  world_.Join({1, 2, 3});
  world_.Sent();
  world_.Elect(0, 1);
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1 2 3]");
  EXPECT_EQ(world_.Sent(),
            "view 1.0/0 [0 1 2 3] > 1, view 1.0/0 [0 1 2 3] > 2, view 1.0/0 [0 1 2 3] > 3");
}

TEST_F(MembershipLeaderTest, ThoseWhoAreMissingAtTheStartAreWaitedForAMoment) {
  world_.Join({1});
  world_.Pass(absl::Seconds(1));
  world_.Elect(0, 1);
  EXPECT_EQ(world_.ViewText(), "none");
  EXPECT_EQ(world_.membership().NextDeadline(), After(world_.now(), JoinDelay()));
  world_.Pass(JoinDelay() - kTick);
  EXPECT_EQ(world_.ViewText(), "none");
  world_.Pass(kTick);
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1]");
}

TEST_F(MembershipLeaderTest, NewcomersAreCollectedHoweverOldTheViewIs) {
  world_.Join({1});
  world_.Elect(0, 1);
  world_.Pass(JoinDelay());
  world_.Confirm({1});
  world_.Run(absl::Hours(1));
  world_.Join({2});
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1] settled");
  world_.Pass(JoinDelay() - kTick);
  world_.Join({3});
  EXPECT_EQ(Text(world_.view().members), "[0 1]") << "also when nobody is missing any more";
  world_.Run(JoinDelay());
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2 3]") << "one epoch for both";
}

TEST_F(MembershipLeaderTest, ANewcomerIsWaitedWithForTheJoinDelayAndNotLonger) {
  world_.Join({1});
  world_.Elect(0, 1);
  world_.Pass(JoinDelay());
  world_.Run(absl::Hours(1));
  world_.Join({2});
  world_.Run(JoinDelay() - kTick);
  EXPECT_EQ(Text(world_.view().members), "[0 1]");
  world_.Run(kTick);
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2]");
}

TEST_F(MembershipLeaderTest, NewcomersWithoutEndDelayTheViewTenTimesAtMost) {
  MembershipWorld world(5);
  world.Join({1});
  world.Elect(0, 1);
  world.Pass(JoinDelay());
  world.Run(absl::Hours(1));
  world.Join({2});
  const Instant limit = After(world.now(), 10 * JoinDelay());
  while (Text(world.view().members) == "[0 1]") {
    ASSERT_LE(world.now(), limit);
    world.Pass(JoinDelay() / 2);
    // Node 3 comes again and again.
    world.engine().BringDown(Node(3), "test");
    world.Join({3});
  }
  EXPECT_EQ(world.now(), limit);
  EXPECT_EQ(Text(world.view().members), "[0 1 2]") << "node 3 is just coming again";
}

TEST_F(MembershipLeaderTest, ADepartureIsNotWaitedWith) {
  world_.LeadAll();
  world_.Disconnect(3);
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2]");
  EXPECT_EQ(world_.Sent(), "view 1.0/1 [0 1 2] > 1, view 1.0/1 [0 1 2] > 2");
}

TEST_F(MembershipLeaderTest, AViewWithoutANodeBeginsWhenTheLastGrantToItIsOverAndNotBefore) {
  world_.LeadAll();
  GrantUntil(3, After(world_.now(), absl::Milliseconds(600)));
  world_.Disconnect(3);
  EXPECT_EQ(Text(world_.engine().grants), "[1 2]") << "nothing more for node 3";
  world_.Run(absl::Milliseconds(600) - kTick);
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1 2 3] settled");
  world_.Run(kTick);
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2]");
}

TEST_F(MembershipLeaderTest, ANodeThatHasPartedIsLeftOutAtOnceAndThatIsNotWhyItIsGone) {
  world_.LeadAll();
  GrantUntil(3, After(world_.now(), absl::Milliseconds(600)));
  world_.Disconnect(3, "reset");
  world_.Changes();
  world_.engine().Part(Node(3));
  world_.Advance();
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2]");
  EXPECT_THAT(world_.Changes(), testing::HasSubstr("its lease is not waited for"));
  const std::vector<Change> why = world_.membership().changes().Why(Node(3));
  ASSERT_EQ(why.size(), 1u);
  EXPECT_EQ(why.front().text, "Node 3 is DISCONNECTED: reset");
}

TEST_F(MembershipLeaderTest, GrantsOfAFormerLeaderAreWaitedFor) {
  world_.Join({1, 2});
  world_.Elect(3, 1);
  world_.ReceiveView(3, MakeEpoch(At(1, 3), 0), {0, 1, 2, 3});
  GrantUntil(3, After(world_.now(), absl::Milliseconds(600)));
  world_.Elect(0, 2);
  world_.Pass(absl::Milliseconds(600) - kTick);
  EXPECT_EQ(world_.ViewText(), "1.3/0 [0 1 2 3]");
  world_.Pass(kTick);
  EXPECT_EQ(world_.ViewText(), "2.0/0 [0 1 2]");
}

TEST_F(MembershipLeaderTest, EpochsOfALeaderCarryItsBallotAndCountUp) {
  world_.LeadAll();
  world_.Disconnect(3);
  world_.Disconnect(2);
  EXPECT_EQ(world_.ViewText(), "1.0/2 [0 1]");
  world_.Elect(0, 5);
  EXPECT_EQ(world_.ViewText(), "5.0/0 [0 1]");
}

std::string JoinedText(const View& view) {
  return absl::StrJoin(view.joined, " ",
                       [](std::string* out, Epoch epoch) { absl::StrAppend(out, Text(epoch)); });
}

TEST_F(MembershipLeaderTest, AViewTellsSinceWhenEachNodeIsAMemberWithoutABreak) {
  world_.LeadAll();
  EXPECT_EQ(JoinedText(world_.view()), "1.0/0 1.0/0 1.0/0 1.0/0");
  world_.Disconnect(3);
  world_.Confirm({1, 2});
  EXPECT_EQ(JoinedText(world_.view()), "1.0/0 1.0/0 1.0/0");
  world_.Join({3});
  world_.Run(JoinDelay());
  EXPECT_EQ(JoinedText(world_.view()), "1.0/0 1.0/0 1.0/0 1.0/2") << "node 3 was away";
}

class NewLeaderTest : public MembershipLeaderTest {
 protected:
  static Epoch Former(uint32_t counter) { return MakeEpoch(At(1, 3), counter); }
  // Node 3 leads, then it is elected no more.
  NewLeaderTest() {
    world_.Join({1, 2, 3});
    world_.Elect(3, 1);
    world_.ReceiveView(3, Former(4), {0, 1, 2, 3});
  }
  // The newest view that the node has, of node 3.
  void Knows(int node, const View& view) {
    world_.other(node).adopted = view.epoch;
    world_.other(node).former_view = view;
  }
  std::string Joined() {
    world_.Elect(0, 2);
    world_.Pass(JoinDelay());
    return JoinedText(world_.view());
  }
};

TEST_F(NewLeaderTest, WhoSaysThatItHasStayedIsBelievedUnlessAnotherOneKnowsBetter) {
  Knows(1, ViewOf(Former(4), 3, {0, 1, 2, 3}));
  Knows(2, ViewOf(Former(3), 3, {0, 1, 2, 3}));
  EXPECT_EQ(Joined(), "1.3/4 1.3/4 2.0/0 2.0/0")
      << "node 1 knows a view since which node 2 must have come anew; node 3 knows none";
}

TEST_F(NewLeaderTest, WhoWasLeftOutOfAViewThatAMemberKnowsComesAnew) {
  Knows(1, ViewOf(Former(5), 3, {1, 2, 3}));
  Knows(2, ViewOf(Former(5), 3, {1, 2, 3}));
  EXPECT_EQ(Joined(), "2.0/0 1.3/5 1.3/5 2.0/0") << "this leader never saw that view";
}

TEST_F(NewLeaderTest, AViewThatSomebodyBringsLaterCountsToo) {
  world_.Disconnect(2);
  Knows(1, ViewOf(Former(4), 3, {0, 1, 2, 3}));
  EXPECT_EQ(Joined(), "1.3/4 1.3/4 2.0/0");
  world_.Confirm({1, 3});
  Knows(2, ViewOf(Former(5), 3, {1, 2, 3}));
  world_.Join({2});
  world_.Run(JoinDelay());
  EXPECT_EQ(world_.ViewText(), "2.0/1 [0 1 2 3]");
  EXPECT_EQ(JoinedText(world_.view()), "2.0/1 2.0/1 2.0/1 2.0/0");
  EXPECT_EQ(Text(world_.engine().grants), "[3]") << "the others take it over first";
}

// A simulation found this: node 3 led by a list that had node 7, which this node's has not any
// more.
TEST_F(NewLeaderTest, WhoWasAMemberAndIsNotListedAnyMoreIsWaitedForToo) {
  Knows(1, ViewOf(Former(5), 3, {0, 1, 2, 3, 7}));
  GrantUntil(7, After(world_.now(), absl::Milliseconds(500)));
  world_.Elect(0, 2);
  world_.Pass(absl::Milliseconds(499));
  EXPECT_EQ(world_.ViewText(), "1.3/4 [0 1 2 3]");
  world_.Pass(absl::Milliseconds(1));
  EXPECT_EQ(world_.ViewText(), "2.0/0 [0 1 2 3]");
}

TEST_F(NewLeaderTest, NobodyIsTakenInBeforeItHasSaidWhatItKnowsAsAFollower) {
  world_.engine().Elect(Node(0), At(2, 0), "it was elected");
  world_.Advance();
  world_.Pass(JoinDelay());
  EXPECT_EQ(world_.ViewText(), "1.3/4 [0 1 2 3]") << "they may still take over views of node 3";
  for (int node : {1, 2, 3}) world_.Say(node);
  EXPECT_EQ(world_.ViewText(), "2.0/0 [0 1 2 3]");
}

TEST_F(MembershipLeaderTest, OnlyWhoSaidThatItTookOverAViewSinceItJoinedMayServe) {
  world_.Join({1, 2, 3});
  world_.Elect(0, 1);
  EXPECT_EQ(Text(world_.engine().grants), "[]");
  world_.Confirm({2});
  EXPECT_EQ(Text(world_.engine().grants), "[2]");
  world_.Confirm({1, 3});
  EXPECT_EQ(Text(world_.engine().grants), "[1 2 3]");
  world_.Disconnect(3);
  EXPECT_EQ(Text(world_.engine().grants), "[1 2]") << "members go on in the next view";
  world_.Join({3});
  world_.Pass(JoinDelay());
  EXPECT_EQ(world_.ViewText(), "1.0/2 [0 1 2 3]");
  EXPECT_EQ(Text(world_.engine().grants), "[1 2]") << "it left, and came back";
  world_.Confirm({3});
  EXPECT_EQ(Text(world_.engine().grants), "[1 2 3]");
}

// The former leader may serve for a while, so there is no view without it yet.
TEST_F(MembershipLeaderTest, UntilThereIsAViewOfItsOwnThoseWhoServeGoOn) {
  world_.Join({1, 2, 3});
  world_.Elect(1, 1);
  world_.ReceiveView(1, MakeEpoch(At(1, 1), 0), {0, 1, 2, 3});
  GrantUntil(1, After(world_.now(), absl::Milliseconds(300)));
  world_.Disconnect(1);
  world_.Elect(0, 2);
  EXPECT_EQ(world_.ViewText(), "1.1/0 [0 1 2 3]");
  EXPECT_EQ(Text(world_.engine().grants), "[2 3]");
  EXPECT_EQ(world_.engine().grants_kind, Engine::Grants::kExtend);
  EXPECT_TRUE(world_.Serves());
  world_.Pass(absl::Milliseconds(300));
  EXPECT_EQ(world_.ViewText(), "2.0/0 [0 2 3]");
  EXPECT_EQ(Text(world_.engine().grants), "[]") << "they have not taken it over";
  EXPECT_EQ(world_.engine().grants_kind, Engine::Grants::kGive);
  world_.Confirm({2, 3});
  EXPECT_EQ(Text(world_.engine().grants), "[2 3]");
}

TEST_F(MembershipLeaderTest, ARestartedMemberGetsANewEpochAndNoGrantOfItsFormerRun) {
  world_.LeadAll();
  world_.other(2).incarnation = 7;
  world_.other(2).adopted = world_.other(2).settled = Epoch(0);
  world_.Say(2);
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2 3]");
  EXPECT_EQ(Text(world_.engine().grants), "[1 3]");
  world_.Confirm({2});
  EXPECT_EQ(Text(world_.engine().grants), "[1 2 3]");
}

TEST_F(MembershipLeaderTest, InactiveNodesAreLeftOutAndComeBack) {
  for (const NodeFlag flag : {kStopped, kBanned}) {
    MembershipWorld world(3);
    world.LeadAll();
    world.other(2).flags = flag;
    world.Say(2);
    EXPECT_EQ(world.ViewText(), "1.0/1 [0 1]") << FlagText(flag);
    world.other(2).flags = kUnhealthy | kDisabled;
    world.Say(2);
    world.Run(JoinDelay());
    EXPECT_EQ(world.ViewText(), "1.0/2 [0 1 2]") << "these flags keep nobody out";
  }
}

TEST_F(MembershipLeaderTest, NodesThatStartOrEndAreNotMembers_Bug106) {
  world_.LeadAll();
  world_.other(3).run_state = RunState::kShutdown;
  world_.Say(3);
  EXPECT_EQ(Text(world_.view().members), "[0 1 2]");
  world_.other(3).incarnation = 7;
  world_.other(3).run_state = RunState::kSetup;
  world_.Say(3);
  world_.Run(absl::Seconds(1));
  EXPECT_EQ(Text(world_.view().members), "[0 1 2]");
  world_.other(3).run_state = RunState::kFirstRecovery;
  world_.Say(3);
  world_.Run(JoinDelay());
  EXPECT_EQ(Text(world_.view().members), "[0 1 2 3]");
}

TEST_F(MembershipLeaderTest, ALeaderThatIsStillStartingBeginsNoView) {
  FakeEngine engine(Node(0));
  Membership membership(engine, {}, ListOf(1), kStart);
  engine.Elect(Node(0), At(1, 0));
  membership.OnTick(After(kStart, absl::Seconds(1)));
  membership.OnTick(After(kStart, absl::Seconds(2)));
  EXPECT_FALSE(membership.view().has_value());
  membership.SetRunState(RunState::kFirstRecovery, After(kStart, absl::Seconds(3)));
  ASSERT_TRUE(membership.view().has_value());
  EXPECT_EQ(Text(*membership.view()), "1.0/0 [0] settled");
  EXPECT_EQ(membership.own().run_state, RunState::kStartup);
}

TEST_F(MembershipLeaderTest, AViewIsSettledWhenEveryMemberHasSettledInIt) {
  world_.Join({1, 2, 3});
  world_.Elect(0, 1);
  world_.Confirm({1, 2});
  EXPECT_FALSE(world_.view().is_settled);
  world_.Sent();
  world_.Confirm({3});
  EXPECT_TRUE(world_.view().is_settled);
  EXPECT_EQ(world_.membership().settled_at(), world_.now());
  EXPECT_TRUE(absl::StrContains(world_.Sent(), "view 1.0/0 [0 1 2 3] settled > 3"));
}

TEST_F(MembershipLeaderTest, WhoHasNotTakenOverTheViewIsSentItAgain) {
  world_.Join({1, 2, 3});
  world_.Elect(0, 1);
  world_.Confirm({1, 3});
  world_.Sent();
  world_.Run(absl::Milliseconds(500) - kTick);
  EXPECT_EQ(world_.Sent(), "");
  world_.Run(kTick);
  EXPECT_EQ(world_.Sent(), "view 1.0/0 [0 1 2 3] > 2");
  world_.Confirm({2});
  world_.Sent();
  world_.Run(absl::Seconds(1));
  EXPECT_EQ(world_.Sent(), "");
  world_.Run(absl::Seconds(1));
  EXPECT_TRUE(absl::StrContains(world_.Sent(), "view 1.0/0 [0 1 2 3] settled > 2"))
      << "that it is settled is said again and again: nobody confirms that";
}

TEST_F(MembershipLeaderTest, WhoWasAwayForAMomentHearsThatTheViewIsSettled) {
  world_.Join({1, 2, 3});
  world_.Elect(0, 1);
  world_.Confirm({1, 3});
  GrantUntil(3, kLongFromNow);
  world_.Disconnect(3);
  world_.Confirm({2});
  EXPECT_TRUE(world_.view().is_settled);
  world_.Sent();
  world_.Connect({3});
  EXPECT_EQ(world_.Sent(), "view 1.0/0 [0 1 2 3] settled > 3");
  world_.Run(absl::Seconds(1));
  EXPECT_EQ(world_.Sent(), "") << "once";
}

TEST_F(MembershipLeaderTest, NodesOutsideOfTheViewAreSentItToo) {
  world_.LeadAll();
  world_.other(3).flags = kStopped;
  world_.Say(3);
  EXPECT_TRUE(absl::StrContains(world_.Sent(), "view 1.0/1 [0 1 2] > 3"));
}

TEST_F(MembershipLeaderTest, HomesAreTheMembersWithTheRole) {
  world_.LeadAll();
  world_.other(1).may_be_home = false;
  world_.Say(1);
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2 3] homes [0 2 3]");
  world_.membership().SetRoles(true, false, world_.now());
  EXPECT_EQ(world_.ViewText(), "1.0/2 [0 1 2 3] homes [2 3]");
}

TEST_F(MembershipLeaderTest, IfNoMemberHasTheHomeRoleTheLeaderIsHome_Wp21) {
  MembershipWorld world(2);
  world.LeadAll();
  world.other(1).may_be_home = false;
  world.Say(1);
  world.membership().SetRoles(true, false, world.now());
  EXPECT_EQ(world.ViewText(), "1.0/1 [0 1] homes [0]");
}

TEST_F(MembershipLeaderTest, AnotherClusterLockKeepsANodeOutWithAnExplainedWarning_Bug95) {
  world_.LeadAll();
  world_.other(2).cluster_lock = "/other/lock";
  world_.Say(2);
  EXPECT_EQ(Text(world_.view().members), "[0 1 3]");
  const Change warning = world_.Newest(ChangeKind::kWarning);
  EXPECT_TRUE(absl::StrContains(warning.text, "Node 2 is left out: its cluster lock is"));
  EXPECT_TRUE(absl::StrContains(warning.text, "restart that node"));
  world_.Changes();
  world_.Say(2);
  EXPECT_EQ(world_.Changes(), "") << "once";
}

TEST_F(MembershipLeaderTest, AStoppedOrBannedLeaderStepsDownAtOnceAndTheReasonIsTheCause) {
  for (const bool is_stop : {true, false}) {
    MembershipWorld world(3);
    world.LeadAll();
    world.Do([&](auto& m) {
      return is_stop ? m.Stop("test", world.now()) : m.Ban(absl::Hours(1), "test", world.now());
    });
    EXPECT_FALSE(world.engine().Leads(world.now()));
    const Change lost = world.Newest(ChangeKind::kLeader);
    EXPECT_EQ(lost.text, is_stop ? "Node 0 does not lead any more: it is STOPPED"
                                 : "Node 0 does not lead any more: it is BANNED");
    EXPECT_EQ(world.CauseOf(lost),
              is_stop ? "Node 0 is STOPPED: test" : "Node 0 is BANNED: test (for 1h)");
  }
}

TEST_F(MembershipLeaderTest, WhatHappenedToALeaderBeforeIsNotWhyItLosesItsMajority) {
  world_.LeadAll();
  world_.Do([&](auto& m) { return m.Ban(absl::Hours(1), "test", world_.now()); });
  world_.Do([&](auto& m) { return m.Unban("test", world_.now()); });
  world_.Elect(0, 2);
  world_.engine().LoseLeader("a majority did not answer");
  world_.Advance();
  EXPECT_EQ(world_.CauseOf(world_.Newest(ChangeKind::kLeader)), "");
}

TEST_F(MembershipLeaderTest, ALeaderWithoutItsLeaseDecidesNothing) {
  world_.LeadAll();
  world_.engine().acts = false;
  world_.Disconnect(3);
  EXPECT_EQ(world_.ViewText(), "1.0/0 [0 1 2 3] settled");
  world_.engine().acts = true;
  world_.Advance();
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2]");
}

TEST_F(MembershipLeaderTest, AnEpochThatIsAskedForHasTheSameMembers) {
  EXPECT_FALSE(world_.Do([&](auto& m) { return m.BeginEpoch("test", world_.now()); }));
  world_.LeadAll();
  EXPECT_TRUE(world_.Do([&](auto& m) { return m.BeginEpoch("test", world_.now()); }));
  EXPECT_EQ(world_.ViewText(), "1.0/1 [0 1 2 3]");
  EXPECT_EQ(Text(world_.engine().grants), "[1 2 3]") << "they serve on";
  EXPECT_EQ(world_.CauseOf(world_.Newest(ChangeKind::kView)), "A new epoch was asked for: test");
}

TEST_F(MembershipLeaderTest, ALeaderWhoseEpochsAreUsedUpStepsDownAndStandsAgain) {
  world_.LeadAll();
  for (uint32_t i = 1; i < kEpochsPerBallot; ++i) world_.membership().BeginEpoch("", world_.now());
  EXPECT_EQ(world_.ViewText(), "1.0/4095 [0 1 2 3]");
  world_.Disconnect(3);
  EXPECT_EQ(world_.ViewText(), "1.0/4095 [0 1 2 3]");
  EXPECT_EQ(world_.engine().leader(), std::nullopt);
  EXPECT_EQ(world_.engine().may_not_lead_why, "the epochs of this ballot are used up");
  EXPECT_TRUE(world_.engine().may_lead);
  world_.Elect(0, 2);
  EXPECT_EQ(world_.ViewText(), "2.0/0 [0 1 2]");
}

}  // namespace
}  // namespace ctdb::cluster
