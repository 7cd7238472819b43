// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// Slots that came to this node: what members tell of them, and who wants a record meanwhile.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/directory.h"

namespace ctdb::database {
namespace {

using Why = Directory::Undecided::Why;

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);

// Node 0 is the only home, and no slot is ready.
class DirectoryReportsTest : public testing::Test {
 protected:
  DirectoryReportsTest() : directory_({.local = kHome, .database = kDatabase}) {
    directory_.OnView({.epoch = epoch_,
                       .leader = kHome,
                       .members = {kHome, kA, kB},
                       .homes = {kHome},
                       .joined = {Epoch(1), Epoch(1), Epoch(1)}},
                      std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }

  Head HeadOf(uint64_t request) const { return {kDatabase, epoch_, RequestId(request), "key"}; }
  void Ask(NodeNumber node, uint64_t request, bool is_read = false) {
    directory_.OnMessage(node, Request{HeadOf(request), is_read}, now_);
  }
  void Report(NodeNumber node, uint64_t counter, bool is_owner, Loan loan = {}) {
    directory_.OnReported("key", {node, is_owner, OrderOf({Epoch(2), counter}, loan)});
  }
  void Ready() { directory_.OnSlotReady(SlotOf("key"), now_); }
  void Decide(std::optional<NodeNumber> owner, bool is_copy = false) {
    const RecordVersion version = owner ? RecordVersion{Epoch(2), 4} : RecordVersion{epoch_, 0};
    directory_.OnDecided("key", {{owner, version, is_copy}, {}}, now_);
  }
  std::vector<Send> Sends() { return Take().sends; }
  std::vector<Directory::Undecided> Undecided() { return Take().undecided; }
  Directory::Output Take() {
    EXPECT_EQ(directory_.CheckInvariants(), "");
    return directory_.TakeOutput();
  }

  Instant now_{};
  const Epoch epoch_{3};
  Directory directory_;
};

TEST_F(DirectoryReportsTest, BestCopyCountsWhenTheSlotIsReadyAndNotBefore) {
  Report(kHome, 9, /*is_owner=*/false);
  Report(kA, 4, /*is_owner=*/true);
  Report(kB, 5, /*is_owner=*/false);
  EXPECT_TRUE(directory_.IsUndecided("key"));
  EXPECT_EQ(directory_.Find("key"), std::nullopt);
  Ready();
  const auto owned = directory_.Find("key");
  ASSERT_TRUE(owned.has_value());
  EXPECT_EQ(owned->owner, kA) << "who owns it goes on, however new a copy is";
  EXPECT_FALSE(owned->is_copy);
  Ask(kB, 1);
  const std::vector<Send> sends = Sends();
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].to, kA);
}

TEST_F(DirectoryReportsTest, NewestCopyIsLeftWhenNobodyOwnsTheRecord) {
  Report(kHome, 2, false, {Epoch(2), 3});
  Report(kB, 2, false, {Epoch(2), 1});
  Report(kA, 1, false);
  Ready();
  EXPECT_EQ(directory_.Find("key")->owner, kHome) << "what was lent last";
  EXPECT_TRUE(directory_.Find("key")->is_copy);
}

TEST_F(DirectoryReportsTest, CopyOfTheFormerOwnerIsBetterThanOneThatItLent) {
  Report(kHome, 2, false, {Epoch(2), 3});
  Report(kB, 2, false);
  Report(kA, 2, false, {Epoch(2), 9});
  Ready();
  EXPECT_EQ(directory_.Find("key")->owner, kB);
}

TEST_F(DirectoryReportsTest, RecordThatIsFoundTwiceOnANodeIsNoContradiction) {
  Report(kA, 4, true);
  Report(kA, 4, true);
  EXPECT_TRUE(Undecided().empty());
}

TEST_F(DirectoryReportsTest, TwoClaimsAreAMatterForRecovery_Bug8) {
  Report(kA, 4, true);
  Report(kB, 3, true);
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 1u);
  EXPECT_EQ(undecided[0].why, Why::kContradiction);
  Report(kHome, 9, false);
  Ready();
  EXPECT_TRUE(directory_.IsUndecided("key"));
}

TEST_F(DirectoryReportsTest, WhatSomebodyWantsIsAskedForAloneBeforeTheSlotIsReady) {
  Report(kA, 1, false);
  Ask(kB, 1);
  Ask(kHome, 2);
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 1u) << "once";
  EXPECT_EQ(undecided[0].key, "key");
  EXPECT_EQ(undecided[0].why, Why::kWanted);
  Decide(kA);
  const std::vector<Send> sends = Sends();
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(
      sends[0],
      (Send{kA, Forward{HeadOf(1), kB, {Epoch(2), 4}, std::get<Forward>(sends[0].message).stay}}));
}

// It may have moved since: then the copy that was read before is over.
TEST_F(DirectoryReportsTest, WhatIsReportedOfARecordThatIsDecidedAlreadyIsNotLookedAt) {
  Ask(kB, 1);
  Report(kHome, 9, true);
  Decide(kA);
  directory_.OnMessage(kB, Confirm{HeadOf(1), {epoch_, 5}}, now_);
  Report(kA, 4, true);
  Report(kHome, 9, false);
  Ready();
  EXPECT_EQ(directory_.Find("key")->owner, kB);
  EXPECT_EQ(directory_.Find("key")->version, (RecordVersion{epoch_, 5}));
}

TEST_F(DirectoryReportsTest, RecordThatNobodyHasIsEmptyForWhoWantsToWriteAndAbsentForReaders) {
  Ask(kB, 1, /*is_read=*/true);
  Ask(kA, 2);
  Decide(std::nullopt);
  const std::vector<Send> sends = Sends();
  ASSERT_EQ(sends.size(), 2u);
  EXPECT_EQ(sends[0], (Send{kB, Refusal{HeadOf(1), RefusalReason::kAbsent, {}}}));
  EXPECT_EQ(sends[1], (Send{kA, Transfer{HeadOf(2), {epoch_, 1}, ""}}));
}

TEST_F(DirectoryReportsTest, ReaderOfARecordThatNobodyHasLeavesNoTrace) {
  Ask(kB, 1, /*is_read=*/true);
  EXPECT_EQ(directory_.records(), 1u);
  Decide(std::nullopt);
  Sends();
  EXPECT_EQ(directory_.records(), 0u);
}

TEST_F(DirectoryReportsTest, WaiterOfARecordThatIsUndecidedAnywaySaysThatItIsWanted) {
  Ask(kB, 1);
  Undecided();
  directory_.OnMessage(kB, Abandon{HeadOf(1)}, now_);
  Ask(kA, 2);
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 1u);
  EXPECT_EQ(undecided[0].why, Why::kWanted);
}

// What was read of it before would bring it back.
TEST_F(DirectoryReportsTest, NothingIsForgottenBeforeTheSlotIsReady_Bug22) {
  Ask(kB, 1);
  Decide(kB);
  Sends();
  const Forget forget{HeadOf(5), {Epoch(2), 4}, /*is_alone=*/true};
  directory_.OnMessage(kB, forget, now_);
  EXPECT_EQ(std::get<Refusal>(Sends().at(0).message).reason, RefusalReason::kInUse);
  Ready();
  directory_.OnMessage(kB, forget, now_);
  EXPECT_TRUE(std::holds_alternative<Erase>(Sends().at(0).message));
}

TEST_F(DirectoryReportsTest, EpochIsSettledWhenAllSlotsAreReadyAndNothingIsWanted) {
  Report(kA, 4, true);
  for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
  EXPECT_TRUE(directory_.IsSettled());
}

TEST_F(DirectoryReportsTest, WhatIsReportedOfAReadySlotIsLate) {
  Ready();
  Report(kA, 4, true);
  EXPECT_EQ(directory_.ignored().of(Ignored::kLate), 1u);
  EXPECT_EQ(directory_.Find("key"), std::nullopt);
}

TEST_F(DirectoryReportsTest, NewViewForgetsWhatWasReportedOfSlotsThatAreNotReady) {
  Report(kA, 4, true);
  Ask(kB, 1);
  directory_.OnView({.epoch = Epoch(4),
                     .leader = kHome,
                     .members = {kHome, kB},
                     .homes = {kHome},
                     .joined = {Epoch(1), Epoch(1)}},
                    std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  EXPECT_EQ(directory_.records(), 0u);
  EXPECT_TRUE(Undecided().empty());
}

TEST_F(DirectoryReportsTest, OwnerThatWasReportedAndIsGoneInTheNextViewLeavesTheRecordUndecided) {
  Report(kA, 4, true);
  for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
  directory_.OnView({.epoch = Epoch(4),
                     .leader = kHome,
                     .members = {kHome, kB},
                     .homes = {kHome},
                     .joined = {Epoch(1), Epoch(1)}},
                    std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 1u);
  EXPECT_EQ(undecided[0].why, Why::kOwnerGone);
}

}  // namespace
}  // namespace ctdb::database
