// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How a node gets rid of empty records, and of copies that are of no use:
// lib/database/owner_forgets.cc.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/owner.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kLocal(1);
const NodeNumber kOther(2);
const InstanceNumber kClient(1);
using Refused = ForgetRefused;

class OwnerForgetsTest : public testing::Test {
 protected:
  OwnerForgetsTest() : owner_({.local = kLocal, .database = kDatabase, .forgetting_max = 2}) {
    View(1);
  }

  void View(uint64_t epoch, Epoch joined = Epoch(1)) {
    epoch_ = Epoch(epoch);
    owner_.OnView({.epoch = epoch_,
                   .leader = kHome,
                   .members = {kHome, kLocal, kOther},
                   .homes = {kHome},
                   .joined = {Epoch(1), joined, Epoch(1)}},
                  std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request, const std::string& key = "key") const {
    return {kDatabase, epoch_, RequestId(request), key};
  }
  RecordVersion Version(uint64_t counter) const { return {epoch_, counter}; }
  // Of the store.
  void Tell(const std::string& key = "key") {
    owner_.OnRestingRecord({key, stored_->version, stored_->owner, stored_->loan,
                            stored_->value.empty(), stored_->is_watched},
                           now_);
  }
  std::vector<Send> Sends() { return Output().sends; }
  Owner::Output Output() {
    EXPECT_EQ(owner_.CheckInvariants(), "");
    return owner_.TakeOutput();
  }
  Owner::Output Locked() {
    Owner::Output output = Output();
    EXPECT_EQ(output.locks.size(), 1u);
    if (output.locks.empty()) return output;
    owner_.OnLocked(output.locks[0].ticket, stored_, now_);
    output = Output();
    for (const auto& store : output.stores) stored_ = store.record;
    if (!output.removes.empty()) stored_.reset();
    return output;
  }
  void OnMessage(NodeNumber from, const Message& message) { owner_.OnMessage(from, message, now_); }
  // The home allows it; request 1.
  void BeginForgetting() {
    stored_ = StoredRecord{Version(5), kLocal, ""};
    Tell();
    OnMessage(kHome, Allow{HeadOf(1), Version(5)});
    Locked();
  }
  // As far as the home's last word.
  void OthersHaveNothing() {
    BeginForgetting();
    OnMessage(kHome, Dropped{HeadOf(1), Version(5), false});
    OnMessage(kOther, Dropped{HeadOf(1), Version(5), false});
    Sends();
  }
  uint64_t RefusedFor(Refused why) const {
    return owner_.forget_counts().refused[static_cast<size_t>(why)];
  }
  uint64_t Ignored(database::Ignored reason) const { return owner_.ignored().of(reason); }

  Instant now_{};
  Epoch epoch_;
  Owner owner_;
  std::optional<StoredRecord> stored_;
};

// INV-22: all others first, the owner then, the home last.
TEST_F(OwnerForgetsTest, EmptyRecordGoesFromAllOthersFirstThenFromItsOwner_Bug22) {
  stored_ = StoredRecord{Version(5), kLocal, ""};
  Tell();
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Forget{HeadOf(1), Version(5), false}}}));
  OnMessage(kHome, Allow{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().sends, (std::vector<Send>{{kHome, Drop{HeadOf(1), Version(5), false}},
                                               {kOther, Drop{HeadOf(1), Version(5), false}}}));
  OnMessage(kHome, Dropped{HeadOf(1), Version(5), false});
  EXPECT_EQ(Sends(), std::vector<Send>{});
  OnMessage(kOther, Dropped{HeadOf(1), Version(5), true});
  EXPECT_EQ(Sends(), (std::vector<Send>{{kOther, Drop{HeadOf(1), Version(5), true}}}));
  OnMessage(kOther, Dropped{HeadOf(1), Version(5), false});
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Forget{HeadOf(1), Version(5), true}}}));
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  Owner::Output output = Locked();
  EXPECT_EQ(output.removes, std::vector<std::string>{"key"});
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Erased{HeadOf(1), Version(5)}}}));
  EXPECT_EQ(owner_.forget_counts().forgotten, 1u);
}

// BUG-26 and BUG-27: also nodes that are no homes, and whatever their numbers.
TEST_F(OwnerForgetsTest, AllMembersAreAskedAndNobodyElse_Bug26_Bug27) {
  BeginForgetting();
  owner_.OnView({.epoch = Epoch(2),
                 .leader = kHome,
                 .members = {kLocal, NodeNumber(4000)},
                 .homes = {kLocal},
                 .joined = {Epoch(1), Epoch(2)}},
                std::make_shared<const Placement>(std::vector<NodeNumber>{kLocal}), now_);
  epoch_ = Epoch(2);
  Tell();
  EXPECT_EQ(Sends(), (std::vector<Send>{{kLocal, Forget{HeadOf(2), {Epoch(1), 5}, false}}}));
  OnMessage(kLocal, Allow{HeadOf(2), {Epoch(1), 5}});
  EXPECT_EQ(Locked().sends,
            (std::vector<Send>{{NodeNumber(4000), Drop{HeadOf(2), {Epoch(1), 5}, false}}}));
}

TEST_F(OwnerForgetsTest, OneSilentNodeKeepsTheRecordUntilItsPlaceIsGivenToAnother_Bug25) {
  BeginForgetting();
  OnMessage(kHome, Dropped{HeadOf(1), Version(5), false});
  OnMessage(kHome, Dropped{HeadOf(1), Version(5), false});
  EXPECT_EQ(Ignored(Ignored::kLate), 1u) << "an answer counts once";
  now_ = After(now_, absl::Milliseconds(200));
  owner_.OnTick(now_);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kOther, Drop{HeadOf(1), Version(5), false}}}));
  now_ = After(now_, absl::Seconds(5));
  owner_.OnTick(now_);
  EXPECT_EQ(Sends(), std::vector<Send>{});
  EXPECT_EQ(RefusedFor(Refused::kNoAnswer), 1u);
  EXPECT_EQ(owner_.NextDeadline(), kNever);
}

// SC-12, INV-25.
TEST_F(OwnerForgetsTest, WhatAClientStoredMeanwhileStays_Bug28) {
  OthersHaveNothing();
  stored_->value = "new";
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  Owner::Output output = Locked();
  EXPECT_EQ(output.removes, std::vector<std::string>{});
  EXPECT_EQ(
      output.sends,
      (std::vector<Send>{{kHome, Refusal{HeadOf(1), RefusalReason::kNotErased, Version(5)}}}));
  EXPECT_EQ(RefusedFor(Refused::kChanged), 1u);
}

// What was seen without the lock is old. Spare copies of the new value are not to become empty.
TEST_F(OwnerForgetsTest, WhatAClientStoredBeforeTheHomeAllowsItIsNotDropped) {
  stored_ = StoredRecord{Version(5), kLocal, ""};
  Tell();
  Sends();
  stored_->value = "new";
  OnMessage(kHome, Allow{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().sends, std::vector<Send>{});
  EXPECT_EQ(RefusedFor(Refused::kChanged), 1u);
  EXPECT_EQ(owner_.NextDeadline(), After(now_, absl::Milliseconds(200)));
  now_ = owner_.NextDeadline();
  owner_.OnTick(now_);
  EXPECT_EQ(Sends(), std::vector<Send>{});
}

TEST_F(OwnerForgetsTest, ARecordThatIsCopiedToOthersIsNotForgottenNow) {
  OthersHaveNothing();
  owner_.OnCopied("key");
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{});
}

TEST_F(OwnerForgetsTest, ASpareCopyThatComesIsNewerThanTheDropBeforeIt) {
  stored_ = StoredRecord{Version(4), kOther, "old"};
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  owner_.OnCopied("key");
  const Owner::Output output = Locked();
  EXPECT_EQ(output.removes, std::vector<std::string>{});
  EXPECT_EQ(output.sends, std::vector<Send>{}) << "it is said again, if it still counts";
}

TEST_F(OwnerForgetsTest, WhatIsWatchedOrWaitedForStays_Bug28) {
  OthersHaveNothing();
  owner_.OnClientRequest(kClient, RequestId(9), "key", Owner::Mode::kWrite, now_);
  Sends();
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{});
  stored_->is_watched = true;
  Tell();
  EXPECT_EQ(Sends(), std::vector<Send>{});
}

TEST_F(OwnerForgetsTest, ErasureThatWasSaidTwiceIsAnsweredTwice) {
  OthersHaveNothing();
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  Locked();
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().sends, (std::vector<Send>{{kHome, Erased{HeadOf(1), Version(5)}}}));
}

TEST_F(OwnerForgetsTest, ErasureOfAnEarlierAttemptErasesNothing_Bug28) {
  OthersHaveNothing();
  OnMessage(kHome, Erase{HeadOf(77), Version(5)});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{});
}

TEST_F(OwnerForgetsTest, RecordThatIsLentOrGivenAwayMeanwhileIsNotErased) {
  OthersHaveNothing();
  OnMessage(kHome, Share{HeadOf(30), kOther, Version(5), 8});
  Locked();
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{}) << "a copy is on its way";
}

// A read-only copy of the same version is older as well (WP-26).
TEST_F(OwnerForgetsTest, OlderCopiesBecomeEmptyAndThenGoAndNewerOnesStay_Inv26_Bug31) {
  stored_ = StoredRecord{Version(4), kOther, "old"};
  OnMessage(kOther, Drop{HeadOf(1), Version(5), false});
  Owner::Output output = Locked();
  ASSERT_EQ(output.stores.size(), 1u);
  EXPECT_EQ(stored_, (StoredRecord{Version(5), kOther, "", {epoch_, 0}}));
  EXPECT_EQ(output.sends, (std::vector<Send>{{kOther, Dropped{HeadOf(1), Version(5), true}}}));
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  output = Locked();
  EXPECT_EQ(output.removes, std::vector<std::string>{"key"});
  EXPECT_EQ(output.sends, (std::vector<Send>{{kOther, Dropped{HeadOf(1), Version(5), false}}}));
  stored_ = StoredRecord{Version(5), kOther, "newer"};
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{});
  stored_ = StoredRecord{Version(5), kOther, "lent", {epoch_, 3}, false};
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  EXPECT_EQ(Locked().removes, std::vector<std::string>{"key"});
}

TEST_F(OwnerForgetsTest, NodeThatOwnsTheRecordDropsNothingAndSaysNothing_Inv26) {
  stored_ = StoredRecord{Version(4), kLocal, "mine"};
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  Owner::Output output = Locked();
  EXPECT_EQ(output.removes, std::vector<std::string>{});
  EXPECT_EQ(output.sends, std::vector<Send>{});
}

// The copy that would have shown that it comes late is gone.
TEST_F(OwnerForgetsTest, TransferThatMayHaveBeenTakenBeforeIsAskedForAnew) {
  owner_.OnClientRequest(kClient, RequestId(9), "key", Owner::Mode::kWrite, now_);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Request{HeadOf(1)}}}));
  OnMessage(kOther, Transfer{HeadOf(1), Version(3), "old"});
  Locked();
  now_ = After(now_, absl::Seconds(1));
  owner_.OnTick(now_);
  stored_->owner = kOther;
  OnMessage(kOther, Drop{HeadOf(1), Version(5), true});
  Locked();
  OnMessage(kOther, Transfer{HeadOf(1), Version(3), "old"});
  Owner::Output output = Locked();
  EXPECT_TRUE(output.stores.empty());
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Request{HeadOf(2)}}}));
  OnMessage(kOther, Transfer{HeadOf(2), Version(7), "new"});
  EXPECT_EQ(Locked().stores.size(), 1u) << "it answers what was asked since";
}

TEST_F(OwnerForgetsTest, NewViewEndsAllOfIt_Bug33) {
  OthersHaveNothing();
  OnMessage(kHome, Erase{HeadOf(1), Version(5)});
  View(2);
  EXPECT_EQ(Locked().removes, std::vector<std::string>{});
  EXPECT_EQ(owner_.NextDeadline(), kNever);
}

TEST_F(OwnerForgetsTest, OnlySoManyAreForgottenAtOnceAndTheOthersAreCounted_Bug35_Bug37) {
  stored_ = StoredRecord{Version(5), kLocal, ""};
  for (const char* key : {"a", "b", "c"}) Tell(key);
  EXPECT_EQ(Sends().size(), 2u);
  EXPECT_EQ(RefusedFor(Refused::kTooMany), 1u);
  OnMessage(kHome, Refusal{HeadOf(1, "a"), RefusalReason::kInUse, {}});
  EXPECT_EQ(RefusedFor(Refused::kInUse), 1u);
  Tell("c");
  EXPECT_EQ(Sends().size(), 1u);
}

TEST_F(OwnerForgetsTest, WhatANodeHadBeforeItWasAwayIsRemovedWhateverItSays_Bug23_Wp23) {
  stored_ = StoredRecord{Version(1'000'000), kLocal, "before"};
  View(3, /*joined=*/Epoch(3));
  Tell();
  EXPECT_EQ(Locked().removes, std::vector<std::string>{"key"});
  EXPECT_EQ(owner_.forget_counts().voided, 1u);
  stored_ = StoredRecord{Version(1), kLocal, "since"};
  Tell();
  EXPECT_TRUE(Output().locks.empty());
}

TEST_F(OwnerForgetsTest, HomeIsAskedAboutAnEmptyCopyThatMayBeTheNewest) {
  stored_ = StoredRecord{Version(5), kOther, ""};
  Tell();
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Forget{HeadOf(1), Version(5), false}}}));
  OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kInUse, {}});
  EXPECT_EQ(Sends(), std::vector<Send>{});
}

}  // namespace
}  // namespace ctdb::database
