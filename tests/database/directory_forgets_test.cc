// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How a home forgets records: lib/database/directory_forgets.cc.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/directory.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);

class DirectoryForgetsTest : public testing::Test {
 protected:
  DirectoryForgetsTest()
      : directory_({.local = kHome, .database = kDatabase, .lending = Directory::Lending::kOn}) {
    View(1);
    for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
    directory_.OnMessage(kA, Request{HeadOf(1)}, now_);
    directory_.OnMessage(kA, Confirm{HeadOf(1), Version(1)}, now_);
    Sends();
  }

  void View(uint64_t epoch) {
    epoch_ = Epoch(epoch);
    directory_.OnView({.epoch = epoch_,
                       .leader = kHome,
                       .members = {kHome, kA, kB},
                       .homes = {kHome},
                       .joined = {Epoch(1), Epoch(1), Epoch(1)}},
                      std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request) const { return {kDatabase, epoch_, RequestId(request), "key"}; }
  RecordVersion Version(uint64_t counter) const { return {epoch_, counter}; }
  void Ask(NodeNumber node, uint64_t request, bool is_read = false) {
    directory_.OnMessage(node, Request{HeadOf(request), is_read}, now_);
  }
  void Forget(NodeNumber node, uint64_t request, bool is_alone) {
    directory_.OnMessage(node, database::Forget{HeadOf(request), Version(1), is_alone}, now_);
  }
  void Erased(uint64_t request) {
    directory_.OnMessage(kA, database::Erased{HeadOf(request), Version(1)}, now_);
  }
  std::vector<Send> Sends() {
    EXPECT_EQ(directory_.CheckInvariants(), "");
    return directory_.TakeOutput().sends;
  }
  std::vector<Send> InUse(NodeNumber node, uint64_t request) const {
    return {{node, Refusal{HeadOf(request), RefusalReason::kInUse, {}}}};
  }
  std::vector<Send> ToErase(uint64_t request) const {
    return {{kA, Erase{HeadOf(request), Version(1)}}};
  }

  Instant now_{};
  Epoch epoch_;
  Directory directory_;
};

// INV-22.
TEST_F(DirectoryForgetsTest, RecordThatItsOwnerErasedIsForgottenLast_Bug22) {
  Forget(kA, 7, false);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kA, Allow{HeadOf(7), Version(1)}}}));
  Forget(kA, 7, true);
  EXPECT_EQ(Sends(), ToErase(7));
  EXPECT_EQ(directory_.records(), 1u);
  Erased(7);
  EXPECT_EQ(Sends(), std::vector<Send>{});
  EXPECT_EQ(directory_.records(), 0u);
  EXPECT_EQ(directory_.forgotten(), 1u);
  EXPECT_EQ(directory_.NextDeadline(), kNever);
}

// DM-69: two lives of a record are ordered.
TEST_F(DirectoryForgetsTest, NextLifeOfTheRecordHasNewerVersions_Bug30) {
  Forget(kA, 7, true);
  Erased(7);
  Sends();
  Ask(kB, 3);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Transfer{HeadOf(3), Version(2), ""}}}));
}

// SC-12.
TEST_F(DirectoryForgetsTest, WhoeverWantsItWhileItIsErasedGetsItEmptyAfterwards_Mg70) {
  Forget(kA, 7, true);
  Sends();
  Ask(kB, 3);
  EXPECT_EQ(Sends(), std::vector<Send>{}) << "nobody gets it before the owner answers";
  Erased(7);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Transfer{HeadOf(3), Version(2), ""}}}));
}

TEST_F(DirectoryForgetsTest, WhoeverWantsItWhileItIsNotErasedGetsWhatIsThere_Bug28) {
  Forget(kA, 7, true);
  Ask(kB, 3);
  Sends();
  directory_.OnMessage(kA, Refusal{HeadOf(7), RefusalReason::kNotErased, Version(1)}, now_);
  EXPECT_EQ(Sends(),
            (std::vector<Send>{{kA, Forward{HeadOf(3), kB, Version(1), absl::ZeroDuration()}}}));
}

TEST_F(DirectoryForgetsTest, ErasureIsSaidAgainUntilItIsAnswered) {
  Forget(kA, 7, true);
  Sends();
  now_ = After(now_, absl::Milliseconds(200));
  directory_.OnTick(now_);
  EXPECT_EQ(Sends(), ToErase(7));
  Forget(kA, 7, true);
  EXPECT_EQ(Sends(), ToErase(7));
  Erased(6);
  EXPECT_EQ(directory_.ignored().of(Ignored::kLate), 1u) << "of an earlier attempt";
  EXPECT_EQ(directory_.records(), 1u);
}

TEST_F(DirectoryForgetsTest, OnlyTheOwnerOfThatVersionMayForget_Inv26) {
  Forget(kB, 7, true);
  EXPECT_EQ(Sends(), InUse(kB, 7));
  directory_.OnMessage(kA, database::Forget{HeadOf(8), Version(2), true}, now_);
  EXPECT_EQ(Sends(), InUse(kA, 8));
  EXPECT_EQ(directory_.records(), 1u);
}

TEST_F(DirectoryForgetsTest, RecordThatIsOnItsWayIsNotForgotten) {
  Ask(kB, 3);
  Sends();
  Forget(kA, 7, true);
  EXPECT_EQ(Sends(), InUse(kA, 7));
}

TEST_F(DirectoryForgetsTest, ReadersLoseTheirCopiesBeforeItIsForgotten_Wp26) {
  Ask(kB, 3, /*is_read=*/true);
  Sends();
  Forget(kA, 7, false);
  std::vector<Send> sends = InUse(kA, 7);
  sends.insert(sends.begin(), {kB, Revoke{HeadOf(7), 1}});
  EXPECT_EQ(Sends(), sends);
  directory_.OnMessage(kB, Revoked{HeadOf(7), 1}, now_);
  Forget(kA, 8, false);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kA, Allow{HeadOf(8), Version(1)}}}));
}

// INV-23, SC-14.
TEST_F(DirectoryForgetsTest, NewViewWhileItIsErasedLeavesItToRecovery_Bug22) {
  Forget(kA, 7, true);
  Sends();
  View(2);
  Directory::Output output = directory_.TakeOutput();
  ASSERT_EQ(output.undecided.size(), 1u);
  EXPECT_EQ(output.undecided[0].why, Directory::Undecided::Why::kErasureCutOff);
  directory_.OnDecided("key", {{std::nullopt, {epoch_, 0}, false}, {}}, now_);
  EXPECT_EQ(directory_.records(), 0u) << "nobody had it any more";
  EXPECT_EQ(directory_.CheckInvariants(), "");
}

TEST_F(DirectoryForgetsTest, EmptyCopyOfAnOwnerThatIsGoneIsItsHoldersFirst) {
  View(2);
  directory_.OnMessage(kA, Refusal{HeadOf(0), RefusalReason::kNotOwner, {Epoch(1), 1}}, now_);
  directory_.OnDecided("key", {{kB, {Epoch(1), 1}, /*is_copy=*/true}, {}}, now_);
  Sends();
  directory_.OnMessage(kB, database::Forget{HeadOf(7), {Epoch(1), 1}, false}, now_);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Promote{HeadOf(0), {Epoch(1), 1}, {Epoch(2), 2}}}}));
}

}  // namespace
}  // namespace ctdb::database
