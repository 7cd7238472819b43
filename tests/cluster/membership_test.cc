// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What a node says about itself, what it believes of others, whom it follows, and when it serves.
// Leading: membership_leader_test.cc; bans: membership_ban_test.cc; the nodes list:
// membership_nodes_test.cc.

#include "lib/cluster/membership.h"

#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

const Epoch kFirst = MakeEpoch(At(1, 1), 0);

TEST(MembershipTest, AStartingNodeIsUnhealthyAndSaysWhy) {
  FakeEngine engine(Node(0));
  Membership membership(engine, {}, ListOf(3), kStart);
  EXPECT_EQ(FlagText(membership.own().flags), "UNHEALTHY");
  EXPECT_EQ(membership.own().reasons, (std::vector<FlagReason>{{kUnhealthy, "it is starting"}}));
  EXPECT_EQ(membership.own().run_state, RunState::kInit);
  EXPECT_EQ(Text(engine.nodes), "[0 1 2]");
  EXPECT_TRUE(engine.may_lead);
  EXPECT_EQ(membership.CheckInvariants(), "");
}

TEST(MembershipTest, ANodeConfiguredToStartStoppedMayNotLead) {
  Membership::Options options;
  options.flags = kStopped | kDisabled;
  MembershipWorld world(3, options);
  EXPECT_EQ(world.Flags(0), "DISABLED|STOPPED");
  EXPECT_FALSE(world.engine().may_lead);
  EXPECT_EQ(world.own().reasons.size(), 2u);
}

TEST(MembershipTest, ANewPeerIsToldTheOwnStateAtOnce) {
  MembershipWorld world(3);
  world.Sent(true);
  world.Connect({1});
  EXPECT_TRUE(absl::StartsWith(world.Sent(true), "state > 1"));
}

TEST(MembershipTest, AChangeOfTheOwnFlagsIsAnnouncedAtOnceToAllWhoAreConnected) {
  MembershipWorld world(4);
  world.Connect({1, 3});
  world.Pass(world.options().announce_pause);
  world.Sent(true);
  EXPECT_TRUE(world.Do([&](auto& m) { return m.Disable("maintenance", world.now()); }));
  EXPECT_EQ(world.Sent(true), "state > 1, state > 3");
}

TEST(MembershipTest, TheOwnStateIsAnnouncedEachIntervalAndNotBefore) {
  MembershipWorld world(2);
  world.Connect({1});
  world.Run(absl::Seconds(1));
  world.PassTo(world.membership().NextDeadline());
  world.Sent(true);
  world.Pass(world.options().announce_interval - kTick);
  EXPECT_EQ(world.Sent(true), "");
  world.Pass(kTick);
  EXPECT_EQ(world.Sent(true), "state > 1");
}

TEST(MembershipTest, ChangesOfConnectionsAreAnnouncedAtMostOncePerPause) {
  MembershipWorld world(4);
  world.Connect({1});
  world.Pass(world.options().announce_pause);
  world.Sent(true);
  const uint64_t version = world.own().version;
  world.Connect({2});
  world.Sent(true);
  world.Connect({3});
  EXPECT_EQ(world.Sent(true), "state > 3") << "the newcomer alone";
  EXPECT_EQ(world.membership().NextDeadline(), After(world.now(), world.options().announce_pause));
  world.Pass(world.options().announce_pause);
  EXPECT_EQ(world.Sent(true), "state > 1, state > 2, state > 3");
  EXPECT_EQ(world.own().version, version + 2);
  EXPECT_EQ(Text(world.own().connected), "[1 2 3]");
}

TEST(MembershipTest, EachChangeOfTheOwnStateHasANewVersion_Inv44) {
  MembershipWorld world(2);
  uint64_t version = world.own().version;
  const auto is_new = [&] {
    return world.own().version > std::exchange(version, world.own().version);
  };
  world.Do([&](auto& m) { return m.Stop("", world.now()); });
  EXPECT_TRUE(is_new());
  world.Do([&](auto& m) { return m.Continue("", world.now()); });
  EXPECT_TRUE(is_new());
  world.membership().SetRoles(false, true, world.now());
  EXPECT_TRUE(is_new());
  world.membership().SetRunState(RunState::kRunning, world.now());
  EXPECT_TRUE(is_new());
  world.Connect({1});
  EXPECT_TRUE(is_new());
}

TEST(MembershipTest, AskingForWhatIsSoAlreadyChangesNothing) {
  MembershipWorld world(2);
  world.Changes();
  const uint64_t version = world.own().version;
  EXPECT_FALSE(world.Do([&](auto& m) { return m.Continue("", world.now()); }));
  EXPECT_FALSE(world.Do([&](auto& m) { return m.Enable("", world.now()); }));
  EXPECT_FALSE(world.Do([&](auto& m) { return m.Unban("", world.now()); }));
  EXPECT_FALSE(world.Do([&](auto& m) { return m.SetHealthy(true, "", world.now()); }));
  world.membership().SetRoles(true, true, world.now());
  EXPECT_EQ(world.own().version, version);
  EXPECT_EQ(world.Changes(), "");
}

TEST(MembershipTest, AFlagKeepsItsReasonUntilItIsTakenBack) {
  MembershipWorld world(2);
  world.Do([&](auto& m) { return m.Disable("new disks", world.now()); });
  world.Do([&](auto& m) { return m.Stop("", world.now()); });
  EXPECT_EQ(world.own().reasons,
            (std::vector<FlagReason>{{kDisabled, "new disks"}, {kStopped, "no reason was given"}}));
  world.Do([&](auto& m) { return m.Enable("", world.now()); });
  EXPECT_EQ(world.own().reasons, (std::vector<FlagReason>{{kStopped, "no reason was given"}}));
}

TEST(MembershipTest, AChangeOfFlagsIsNotedOnceWithBeforeAndAfter) {
  MembershipWorld world(2);
  world.Changes();
  world.Do([&](auto& m) { return m.Disable("maintenance", world.now()); });
  const Change change = world.Newest(ChangeKind::kFlags);
  EXPECT_EQ(change.before, "OK");
  EXPECT_EQ(change.after, "DISABLED");
  EXPECT_EQ(change.at, world.now());
  EXPECT_EQ(world.Changes(), "Node 0 is DISABLED: maintenance");
  world.Do([&](auto& m) { return m.Enable("done", world.now()); });
  EXPECT_EQ(world.Changes(), "Node 0 is not DISABLED any more: done");
}

TEST(MembershipTest, RunStatesGoForwardOnly_Inv46) {
  MembershipWorld world(2);
  EXPECT_EQ(world.own().run_state, RunState::kFirstRecovery);
  world.membership().SetRunState(RunState::kRunning, world.now());
  for (const RunState earlier : {RunState::kUnknown, RunState::kInit, RunState::kStartup}) {
    world.membership().SetRunState(earlier, world.now());
    EXPECT_EQ(world.own().run_state, RunState::kRunning);
  }
  world.Changes();
  world.membership().SetRunState(RunState::kRunning, world.now());
  EXPECT_EQ(world.Changes(), "");
}

TEST(MembershipTest, ANodeInItsFirstRecoveryStartsUpOnceAViewWithItIsSettled_Bug102) {
  MembershipWorld world(3);
  world.Join({1, 2});
  world.Elect(1, 1);
  world.ReceiveView(1, kFirst, {1, 2}, /*is_settled=*/true);
  EXPECT_EQ(world.own().run_state, RunState::kFirstRecovery) << "it is no member";
  world.ReceiveView(1, MakeEpoch(At(1, 1), 1), {0, 1, 2});
  EXPECT_EQ(world.own().run_state, RunState::kFirstRecovery) << "it is not settled";
  world.ReceiveView(1, MakeEpoch(At(1, 1), 1), {0, 1, 2}, /*is_settled=*/true);
  EXPECT_EQ(world.own().run_state, RunState::kStartup);
}

TEST(MembershipTest, AnEndingNodeMayNotLead) {
  MembershipWorld world(2);
  world.membership().SetRunState(RunState::kShutdown, world.now());
  EXPECT_FALSE(world.engine().may_lead);
  EXPECT_EQ(world.engine().may_not_lead_why, "it ends");
}

TEST(MembershipTest, ANodeWithoutTheRoleMayNotLead) {
  MembershipWorld world(2);
  world.membership().SetRoles(false, true, world.now());
  EXPECT_FALSE(world.engine().may_lead);
  EXPECT_TRUE(absl::StrContains(world.Changes(), "Node 0 may not lead"));
  world.membership().SetRoles(true, true, world.now());
  EXPECT_TRUE(world.engine().may_lead);
}

TEST(MembershipTest, OfTheStatesOfANodeTheNewestCounts_Inv44_Bug98) {
  MembershipWorld world(3);
  world.Join({1});
  NodeState older = world.other(1);
  world.other(1).flags = kDisabled;
  world.Say(1);
  EXPECT_EQ(world.Flags(1), "DISABLED");
  world.Receive(1, older);
  EXPECT_EQ(world.Flags(1), "DISABLED") << "it was overtaken on its way";
  NodeState same_version = world.other(1);
  same_version.flags = kStopped;
  world.Receive(1, same_version);
  EXPECT_EQ(world.Flags(1), "DISABLED");
}

TEST(MembershipTest, NobodySpeaksForAnotherNode_Inv44) {
  MembershipWorld world(3);
  world.Join({1, 2});
  NodeState state = world.other(2);
  state.flags = kStopped;
  ++state.version;
  world.Receive(1, state);
  EXPECT_EQ(world.Flags(2), "");
  EXPECT_EQ(world.Flags(1), "") << "nor does that say anything about the sender";
  state.node = Node(0);
  world.Receive(1, state);
  EXPECT_EQ(world.Flags(0), "");
}

TEST(MembershipTest, ARestartedNodeCountsItsVersionsAnew) {
  MembershipWorld world(3);
  world.other(1).version = 50;
  world.Join({1});
  const NodeState former = world.other(1);
  world.other(1).incarnation = 7;
  world.other(1).version = 0;
  world.other(1).flags = kDisabled;
  world.Say(1);
  EXPECT_EQ(world.Flags(1), "DISABLED");
  NodeState late = former;
  late.version = 99;
  world.Receive(1, late);
  EXPECT_EQ(world.Flags(1), "DISABLED") << "a packet of the run before";
}

TEST(MembershipTest, ADisconnectedNodeIsDisconnectedAndUnhealthyWhateverItSaidLast_Ml34) {
  MembershipWorld world(3);
  EXPECT_EQ(world.Flags(1), "DISCONNECTED|UNHEALTHY");
  world.other(1).flags = kDisabled;
  world.Join({1});
  EXPECT_EQ(world.Flags(1), "DISABLED");
  world.Disconnect(1);
  EXPECT_EQ(world.Flags(1), "DISCONNECTED|UNHEALTHY");
  world.Connect({1});
  EXPECT_EQ(world.Flags(1), "DISABLED");
}

TEST(MembershipTest, NewsOfOtherNodesAreNotedOnceWithTheirReasons) {
  MembershipWorld world(3);
  world.Join({1});
  world.Changes();
  world.other(1).flags = kDisabled;
  world.other(1).reasons = {{kDisabled, "new disks"}};
  world.Say(1);
  EXPECT_EQ(world.Changes(), "Node 1 is DISABLED: new disks");
  world.Say(1);
  EXPECT_EQ(world.Changes(), "") << "nothing is new";
  world.Disconnect(1, "nothing was heard");
  EXPECT_EQ(world.Changes(), "Node 1 is DISCONNECTED: nothing was heard");
}

TEST(MembershipTest, UnknownNodesAreIgnored) {
  MembershipWorld world(2);
  world.Changes();
  world.Connect({7});
  NodeState state;
  state.node = Node(7);
  state.version = 1;
  world.Receive(7, state);
  EXPECT_EQ(world.Changes(), "");
  EXPECT_FALSE(world.membership().Describe(Node(7)).state.has_value());
}

}  // namespace
}  // namespace ctdb::cluster
