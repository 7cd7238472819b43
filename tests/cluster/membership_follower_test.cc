// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Which views a node takes over, when it serves, and how it tells why things are as they are.

#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

// Of the leader, node 1.
Epoch Of(uint32_t counter) { return MakeEpoch(At(1, 1), counter); }

class MembershipFollowerTest : public testing::Test {
 protected:
  MembershipFollowerTest() {
    world_.Join({1, 2});
    world_.Elect(1, 1);
    world_.Sent();
    world_.Changes();
  }

  MembershipWorld world_{3};
};

TEST_F(MembershipFollowerTest, ANewerViewOfTheLeaderIsTakenOverAndConfirmedToAll) {
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  EXPECT_EQ(world_.ViewText(), "1.1/0 [0 1 2]");
  EXPECT_EQ(world_.own().adopted, Of(0));
  EXPECT_EQ(world_.own().settled, Of(0));
  EXPECT_EQ(world_.membership().view_since(), world_.now());
  EXPECT_EQ(world_.Sent(true), "state > 1, state > 2");
}

TEST_F(MembershipFollowerTest, AViewThatIsNotNewerIsNotTakenOver) {
  world_.ReceiveView(1, Of(1), {0, 1, 2});
  world_.Changes();
  world_.ReceiveView(1, Of(1), {0, 1});
  world_.ReceiveView(1, Of(0), {0, 1});
  EXPECT_EQ(world_.ViewText(), "1.1/1 [0 1 2]");
  EXPECT_EQ(world_.Changes(), "");
}

TEST_F(MembershipFollowerTest, OnlyThePresentLeaderDecidesTheView) {
  world_.ReceiveView(2, MakeEpoch(At(9, 2), 0), {0, 2});
  EXPECT_EQ(world_.ViewText(), "none") << "node 2 does not lead";
  world_.Receive(1, ViewOf(MakeEpoch(At(9, 2), 0), 2, {0}));
  EXPECT_EQ(world_.ViewText(), "none") << "nobody passes on views";
  world_.ReceiveView(1, MakeEpoch(At(9, 1), 0), {0, 1});
  EXPECT_EQ(world_.ViewText(), "none") << "that ballot has not been heard of";
  world_.engine().LoseLeader("test");
  world_.Advance();
  world_.ReceiveView(1, Of(0), {0, 1});
  EXPECT_EQ(world_.ViewText(), "none") << "nobody leads";
}

TEST_F(MembershipFollowerTest, ServicesThatAdaptMustSayThatTheyHave) {
  Membership::Options options;
  options.settles_at_once = false;
  MembershipWorld world(2, options);
  world.Join({1});
  world.Elect(1, 1);
  world.ReceiveView(1, Of(3), {0, 1});
  EXPECT_EQ(world.own().settled, Epoch(0));
  world.membership().OnSettled(Of(4), world.now());
  EXPECT_EQ(world.own().settled, Epoch(0)) << "a view that is not there yet";
  world.membership().OnSettled(Of(3), world.now());
  EXPECT_EQ(world.own().settled, Of(3));
  const uint64_t version = world.own().version;
  world.membership().OnSettled(Of(2), world.now());
  EXPECT_EQ(world.own().settled, Of(3));
  EXPECT_EQ(world.own().version, version);
  EXPECT_EQ(world.membership().CheckInvariants(), "");
}

TEST_F(MembershipFollowerTest, TheLeaderSaysWhenAViewIsSettledAndThatIsNotedOnce) {
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  EXPECT_EQ(world_.membership().settled_at(), std::nullopt);
  world_.Pass(absl::Milliseconds(30));
  world_.Changes();
  world_.ReceiveView(1, Of(0), {0, 1, 2}, /*is_settled=*/true);
  EXPECT_EQ(world_.membership().settled_at(), world_.now());
  const std::string settled = absl::StrCat("All nodes have settled in epoch ", Of(0).value());
  EXPECT_TRUE(absl::StartsWith(world_.Changes(), settled));
  world_.ReceiveView(1, Of(0), {0, 1, 2}, /*is_settled=*/true);
  EXPECT_EQ(world_.Changes(), "");
  world_.ReceiveView(1, Of(1), {0, 1});
  EXPECT_EQ(world_.membership().settled_at(), std::nullopt) << "a new view begins unsettled";
}

TEST_F(MembershipFollowerTest, AMemberServesWhileItIsGrantedAndNotLonger) {
  EXPECT_FALSE(world_.Serves()) << "there is no view";
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  EXPECT_TRUE(world_.Serves());
  world_.engine().serves_until = After(world_.now(), absl::Milliseconds(600));
  world_.Pass(absl::Milliseconds(600) - kTick);
  EXPECT_TRUE(world_.Serves());
  world_.Pass(kTick);
  EXPECT_FALSE(world_.Serves());
}

TEST_F(MembershipFollowerTest, WhoIsLeftOutOfTheViewDoesNotServe) {
  world_.ReceiveView(1, Of(0), {1, 2});
  EXPECT_FALSE(world_.Serves());
}

TEST_F(MembershipFollowerTest, AnInactiveNodeDoesNotServeADisabledOneDoes) {
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  world_.Do([&](auto& m) { return m.Disable("", world_.now()); });
  EXPECT_TRUE(world_.Serves());
  world_.Do([&](auto& m) { return m.Stop("", world_.now()); });
  EXPECT_FALSE(world_.Serves());
  world_.Do([&](auto& m) { return m.Continue("", world_.now()); });
  EXPECT_TRUE(world_.Serves());
  world_.Do([&](auto& m) { return m.Ban(absl::Seconds(1), "", world_.now()); });
  EXPECT_FALSE(world_.Serves());
}

TEST_F(MembershipFollowerTest, WhoServesByTheViewOfAFormerLeaderGoesOnAsLongAsItsGrant) {
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  world_.Elect(2, 2);
  EXPECT_TRUE(world_.Serves());
  world_.engine().serves_until = world_.now();
  EXPECT_FALSE(world_.Serves());
  world_.engine().serves_until = kLongFromNow;
  world_.ReceiveView(2, MakeEpoch(At(2, 2), 0), {0, 1, 2});
  EXPECT_TRUE(world_.Serves());
}

TEST_F(MembershipFollowerTest, ANewLeaderIsNotedWithTheLossOfTheFormerAsItsCause) {
  world_.engine().BringDown(Node(1), "connection reset");
  world_.engine().LoseLeader("node 1 is not connected any more");
  world_.Advance();
  world_.Elect(2, 2);
  EXPECT_EQ(world_.Changes(),
            "Node 1 is DISCONNECTED: connection reset\n"
            "Node 1 does not lead any more: node 1 is not connected any more\n"
            "Node 2 leads: it was elected");
  const Change leads = world_.Newest(ChangeKind::kLeader);
  EXPECT_EQ(world_.CauseOf(leads),
            "Node 1 does not lead any more: node 1 is not connected any more");
  for (const Change& change : world_.membership().changes().kept()) {
    if (change.sequence != leads.cause) continue;
    EXPECT_EQ(world_.CauseOf(change), "Node 1 is DISCONNECTED: connection reset");
  }
}

TEST_F(MembershipFollowerTest, AViewIsNotedWithWhatLedToIt) {
  world_.ReceiveView(1, Of(0), {0, 1, 2});
  EXPECT_TRUE(absl::StrContains(world_.Changes(), "nodes 0, 1, 2 join (members now 0, 1, 2)"));
  world_.Disconnect(2, "connection reset");
  world_.ReceiveView(1, Of(1), {0, 1});
  const Change view = world_.Newest(ChangeKind::kView);
  EXPECT_EQ(view.before, absl::StrCat("epoch ", Of(0).value()));
  EXPECT_EQ(view.after, absl::StrCat("epoch ", Of(1).value()));
  EXPECT_TRUE(
      absl::EndsWith(view.text, "begins: node 2 is gone: connection reset (members now 0, 1)"))
      << view.text;
  EXPECT_EQ(world_.CauseOf(view), "Node 2 is DISCONNECTED: connection reset");
}

TEST_F(MembershipFollowerTest, AnotherClusterLockIsAWarningWhileThatNodeIsConnected_Bug95) {
  EXPECT_TRUE(world_.membership().Warnings().empty());
  world_.other(2).cluster_lock = "/other/lock";
  world_.Say(2);
  ASSERT_EQ(world_.membership().Warnings().size(), 1u);
  EXPECT_TRUE(absl::StrContains(world_.membership().Warnings()[0], "\"/other/lock\""));
  EXPECT_TRUE(absl::StrContains(world_.membership().Warnings()[0], "ctdb.conf"));
  world_.Disconnect(2);
  EXPECT_TRUE(world_.membership().Warnings().empty());
}

}  // namespace
}  // namespace ctdb::cluster
