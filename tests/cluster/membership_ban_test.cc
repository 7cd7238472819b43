// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Bans, who orders them, and what leads to them.

#include <gtest/gtest.h>

#include "tests/cluster/membership_fixture.h"

namespace ctdb::cluster {
namespace {

Epoch Of(uint32_t counter) { return MakeEpoch(At(1, 1), counter); }

TEST(MembershipBanTest, ABanEndsByItself) {
  MembershipWorld world(2);
  EXPECT_TRUE(world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); }));
  EXPECT_EQ(world.Flags(0), "BANNED");
  EXPECT_FALSE(world.engine().may_lead);
  world.Run(absl::Minutes(5) - kTick);
  EXPECT_EQ(world.Flags(0), "BANNED");
  world.Changes();
  EXPECT_EQ(world.membership().NextDeadline(), After(world.now(), kTick));
  world.Pass(kTick);
  EXPECT_EQ(world.Flags(0), "");
  EXPECT_TRUE(world.engine().may_lead);
  EXPECT_EQ(world.Changes(), "Node 0 is not BANNED any more: its time is over");
}

TEST(MembershipBanTest, ABanCanBeTakenBack) {
  MembershipWorld world(2);
  world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); });
  EXPECT_TRUE(world.Do([&](auto& m) { return m.Unban("test", world.now()); }));
  EXPECT_EQ(world.Flags(0), "");
  world.Changes();
  world.Run(absl::Minutes(6));
  EXPECT_EQ(world.Changes(), "");
}

TEST(MembershipBanTest, ALaterBanDecidesWhenItEnds) {
  MembershipWorld world(2);
  world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); });
  world.Run(absl::Minutes(1));
  world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); });
  world.Run(absl::Minutes(5) - kTick);
  EXPECT_EQ(world.Flags(0), "BANNED");
  world.Run(kTick);
  EXPECT_EQ(world.Flags(0), "");
}

TEST(MembershipBanTest, WhenBansAreSwitchedOffTheyAreIgnoredWithAWarning) {
  Membership::Options options;
  options.bans_are_enabled = false;
  MembershipWorld world(2, options);
  EXPECT_FALSE(world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); }));
  EXPECT_EQ(world.Flags(0), "");
  EXPECT_EQ(world.Newest(ChangeKind::kWarning).text,
            "A ban was ignored, because the tunable EnableBans is 0: test");
  world.membership().SetBans(true, absl::Minutes(1), absl::Minutes(1));
  EXPECT_TRUE(world.Do([&](auto& m) { return m.Ban(absl::Minutes(5), "test", world.now()); }));
}

class BanOrderTest : public testing::Test {
 protected:
  BanOrderTest() {
    world_.Join({1, 2});
    world_.Elect(1, 1);
    world_.ReceiveView(1, Of(2), {0, 1, 2});
  }

  MembershipWorld world_{3};
};

TEST_F(BanOrderTest, ANodeBansItselfWhenTheLeaderOrdersItAndTheOrderIsTheCause) {
  world_.Receive(1, BanOrder{Of(2), 60, "it hangs"});
  EXPECT_EQ(world_.Flags(0), "BANNED");
  const std::vector<Change> why = world_.membership().changes().Why(Node(0));
  ASSERT_EQ(why.size(), 2u);
  EXPECT_EQ(why[0].text, "Node 0 is BANNED: it hangs (for 1m)");
  EXPECT_EQ(why[1].text, "The leader, node 1, bans node 0: it hangs");
  world_.Run(absl::Seconds(60));
  EXPECT_EQ(world_.Flags(0), "");
}

TEST_F(BanOrderTest, AnOrderInTheNameOfAnOlderEpochIsRefused_Wp33) {
  world_.Receive(1, BanOrder{Of(1), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "");
  EXPECT_TRUE(
      absl::StrContains(world_.Newest(ChangeKind::kWarning).text, "which is over; refused"));
  world_.Receive(1, BanOrder{Of(3), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "BANNED") << "this node's view may be behind";
}

TEST_F(BanOrderTest, AnOrderOfSomebodyWhoDoesNotLeadIsRefused_Wp33) {
  world_.Receive(2, BanOrder{Of(2), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "");
  world_.Receive(2, BanOrder{MakeEpoch(At(9, 2), 0), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "");
}

TEST_F(BanOrderTest, AnOrderOfAFormerLeaderIsRefused_Wp33) {
  world_.Elect(2, 2);
  world_.Receive(1, BanOrder{Of(2), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "");
  world_.Elect(1, 3);
  world_.Receive(1, BanOrder{Of(2), 60, "test"});
  EXPECT_EQ(world_.Flags(0), "") << "it leads again, with another ballot";
}

TEST_F(BanOrderTest, BlameReachesTheLeader) {
  world_.Sent();
  world_.membership().Blame(Node(2), 3, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "blame 2 x3: test > 1");
  world_.membership().Blame(Node(7), 3, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "") << "there is no such node";
}

TEST_F(BanOrderTest, AnInactiveNodeBlamesNobody_Rc105) {
  world_.Do([&](auto& m) { return m.Stop("test", world_.now()); });
  world_.Sent();
  world_.membership().Blame(Node(2), 3, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "");
}

class BlameTest : public testing::Test {
 protected:
  BlameTest() { world_.LeadAll(); }

  MembershipWorld world_{3};
};

TEST_F(BlameTest, ANodeBlamedTwiceAsOftenAsThereAreNodesIsOrderedToBanItself_Rc101) {
  world_.membership().Blame(Node(2), 5, "it hangs", world_.now());
  EXPECT_EQ(world_.Sent(), "");
  world_.membership().Blame(Node(2), 1, "it hangs", world_.now());
  EXPECT_EQ(world_.Sent(), "ban 1.0/0 300s: it was blamed 6 times, last because it hangs > 2");
  EXPECT_EQ(world_.Flags(2), "") << "flags are the node's own";
  world_.membership().Blame(Node(2), 5, "it hangs", world_.now());
  EXPECT_EQ(world_.Sent(), "") << "counted anew";
}

TEST_F(BlameTest, ReportsOfOthersAndOwnOnesAreCountedTogether) {
  world_.Receive(1, BlameReport{Node(2), 3, "it hangs"});
  world_.membership().Blame(Node(2), 3, "it hangs", world_.now());
  EXPECT_TRUE(absl::StartsWith(world_.Sent(), "ban 1.0/0"));
}

TEST_F(BlameTest, EachNodeHasItsOwnCredits) {
  world_.membership().Blame(Node(1), 5, "test", world_.now());
  world_.membership().Blame(Node(2), 5, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "");
}

TEST_F(BlameTest, ALeaderThatIsToBlameBansItselfAndStepsDown) {
  world_.Receive(1, BlameReport{Node(0), 6, "it hangs"});
  EXPECT_EQ(world_.Flags(0), "BANNED");
  EXPECT_EQ(world_.engine().leader(), std::nullopt);
  const std::vector<Change> why = world_.membership().changes().Why(Node(0));
  ASSERT_EQ(why.size(), 2u);
  EXPECT_EQ(why[1].text, "Node 0 is to be banned: it was blamed 6 times, last because it hangs");
}

TEST_F(BlameTest, AnOrderToAnotherNodeIsNotWhyThisOneStepsDownLater) {
  world_.membership().Blame(Node(2), 6, "it hangs", world_.now());
  world_.Do([&](auto& m) { return m.Stop("maintenance", world_.now()); });
  EXPECT_EQ(world_.CauseOf(world_.Newest(ChangeKind::kLeader)), "Node 0 is STOPPED: maintenance");
}

TEST_F(BlameTest, BlameIsForgottenAfterThePeriodAndNotBefore_Rc103) {
  world_.membership().Blame(Node(1), 5, "test", world_.now());
  world_.membership().Blame(Node(2), 5, "test", world_.now());
  world_.Pass(world_.options().blame_period - kTick);
  world_.membership().Blame(Node(1), 1, "test", world_.now());
  EXPECT_TRUE(absl::StrContains(world_.Sent(), "ban 1.0/0"));
  world_.Pass(kTick);
  world_.membership().Blame(Node(2), 1, "test", world_.now());
  EXPECT_FALSE(absl::StrContains(world_.Sent(), "ban"));
}

TEST_F(BlameTest, BlameIsForgivenWhenAViewIsSettled_Rc104) {
  world_.membership().Blame(Node(2), 5, "test", world_.now());
  world_.membership().BeginEpoch("test", world_.now());
  world_.Confirm({1, 2});
  EXPECT_TRUE(world_.view().is_settled);
  world_.Sent();
  world_.membership().Blame(Node(2), 1, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "");
}

TEST_F(BlameTest, OneReportHoweverLargeIsOneBan) {
  world_.Receive(1, BlameReport{Node(2), 0xffffffff, "test"});
  EXPECT_TRUE(absl::StartsWith(world_.Sent(), "ban 1.0/0"));
}

TEST_F(BlameTest, TheTunablesHoldFromNowOn) {
  world_.membership().SetBans(true, absl::Seconds(7), absl::Seconds(1));
  world_.membership().Blame(Node(2), 5, "test", world_.now());
  world_.Pass(absl::Seconds(1));
  world_.Sent();
  world_.membership().Blame(Node(2), 5, "test", world_.now());
  EXPECT_EQ(world_.Sent(), "");
  world_.membership().Blame(Node(2), 1, "test", world_.now());
  EXPECT_TRUE(absl::StartsWith(world_.Sent(), "ban 1.0/0 7s"));
}

}  // namespace
}  // namespace ctdb::cluster
