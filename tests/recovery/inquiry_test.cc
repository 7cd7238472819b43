// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/inquiry.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/placement.h"
#include "lib/recovery/rebuild.h"

namespace ctdb::recovery {
namespace {

using database::DatabaseId;
using database::Directory;
using database::Ignored;
using database::RecordVersion;
using Why = Directory::Undecided::Why;

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);

class InquiryTest : public testing::Test {
 protected:
  InquiryTest() : inquiry_({.local = kHome, .database = kDatabase, .keys_max = 2}) { View(5); }

  void View(uint64_t epoch, std::vector<NodeNumber> members = {kHome, kA, kB}) {
    epoch_ = Epoch(epoch);
    std::vector<Epoch> joined(members.size(), Epoch(1));
    inquiry_.OnView({.epoch = epoch_,
                     .leader = kHome,
                     .members = std::move(members),
                     .homes = {kHome},
                     .joined = std::move(joined)});
  }
  void Undecided(const std::string& key, Why why = Why::kOwnerGone) {
    inquiry_.OnUndecided({key, why, std::nullopt, {}, std::nullopt}, now_);
  }
  std::map<NodeNumber, Survey> Surveys() {
    std::map<NodeNumber, Survey> surveys;
    for (const Send& send : inquiry_.TakeOutput(now_).sends) {
      surveys[send.to] = std::get<Survey>(send.message);
    }
    return surveys;
  }
  // Of the survey that goes on.
  void Tell(NodeNumber from, std::vector<Report::Entry> entries) {
    inquiry_.OnReport(from, {kDatabase, epoch_, inquiry_.rounds(), 0, std::move(entries), "", true},
                      now_);
  }
  void TellNothing() {
    for (NodeNumber node : {kHome, kA, kB}) Tell(node, {});
  }
  static Report::Entry Owned(uint64_t counter, const std::string& key = "key") {
    return {key, {Epoch(1), counter}, true};
  }
  static Report::Entry Copy(uint64_t counter, const std::string& key = "key") {
    return {key, {Epoch(1), counter}, false};
  }
  // What was decided about the only record.
  Directory::Decision Decision() {
    Inquiry::Output output = inquiry_.TakeOutput(now_);
    EXPECT_EQ(output.decided.size(), 1u);
    if (output.decided.empty()) return {};
    EXPECT_EQ(output.decided[0].key, "key");
    return output.decided[0].decision;
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    inquiry_.OnTick(now_);
  }

  Instant now_{};
  Epoch epoch_;
  Inquiry inquiry_;
};

TEST_F(InquiryTest, EachMemberIsAskedForTheRecordAloneAndThisNodeToo) {
  EXPECT_TRUE(inquiry_.IsIdle());
  Undecided("key");
  EXPECT_TRUE(inquiry_.IsDue());
  std::map<NodeNumber, Survey> surveys = Surveys();
  ASSERT_EQ(surveys.size(), 3u);
  EXPECT_EQ(surveys[kHome].keys, std::vector<std::string>{"key"});
  EXPECT_TRUE(surveys[kHome].slots.test(database::SlotOf("key").value()))
      << "for those who read whole slots";
  EXPECT_GT(surveys[kHome].round, kSlotsRound);
  EXPECT_FALSE(inquiry_.IsDue());
  EXPECT_FALSE(inquiry_.IsIdle());
}

TEST_F(InquiryTest, OwnerGoesOnOwningItHoweverNewACopyIs) {
  Undecided("key");
  Surveys();
  Tell(kHome, {Copy(9)});
  Tell(kA, {Owned(3)});
  EXPECT_TRUE(inquiry_.TakeOutput(now_).decided.empty()) << "node 2 may know better";
  Tell(kB, {Copy(2)});
  const Directory::Owned owned = Decision().owned;
  EXPECT_EQ(owned.owner, kA);
  EXPECT_EQ(owned.version, (RecordVersion{Epoch(1), 3}));
  EXPECT_FALSE(owned.is_copy);
  EXPECT_TRUE(inquiry_.IsIdle());
}

TEST_F(InquiryTest, NewestCopyIsLeftWhenTheOwnerIsGone) {
  Undecided("key");
  Surveys();
  Tell(kHome, {Copy(2)});
  Tell(kA, {Copy(4)});
  Tell(kB, {Copy(3)});
  const Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, kA);
  EXPECT_EQ(decision.owned.version, (RecordVersion{Epoch(1), 4}));
  EXPECT_TRUE(decision.owned.is_copy);
}

TEST_F(InquiryTest, ClaimWithTheHighestVersionWinsAndTheOthersHaveToGiveUp_Bug8) {
  Undecided("key");
  Surveys();
  Tell(kHome, {Owned(2)});
  Tell(kA, {Owned(4)});
  Tell(kB, {Owned(3)});
  const Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, kA);
  ASSERT_EQ(decision.rivals.size(), 2u);
  EXPECT_EQ(decision.rivals[0].node, kHome);
  EXPECT_EQ(decision.rivals[1].node, kB);
  EXPECT_EQ(decision.rivals[1].version, (RecordVersion{Epoch(1), 3}));
}

TEST_F(InquiryTest, RecordThatIsNowhereBelongsToNobody) {
  Undecided("key");
  Surveys();
  TellNothing();
  const Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, std::nullopt);
  EXPECT_EQ(decision.owned.version, (RecordVersion{Epoch(5), 0}));
}

TEST_F(InquiryTest, WhatAMemberSaysOfOtherRecordsOfTheSlotIsNotLookedAt) {
  Undecided("key");
  Surveys();
  Tell(kHome, {Owned(3, "other"), Copy(2)});
  Tell(kA, {});
  Tell(kB, {});
  EXPECT_TRUE(Decision().owned.is_copy);
}

TEST_F(InquiryTest, BatchesAreBoundedAndRecordsThatSomebodyWaitsForComeFirst) {
  for (const char* key : {"a", "b", "c", "d"}) Undecided(key);
  EXPECT_EQ(Surveys()[kA].keys, (std::vector<std::string>{"a", "b"}));
  Undecided("d", Why::kWanted);
  Undecided("x", Why::kWanted);
  EXPECT_TRUE(Surveys().empty()) << "one batch at a time";
  TellNothing();
  EXPECT_EQ(Surveys()[kA].keys, (std::vector<std::string>{"d", "x"}));
  TellNothing();
  EXPECT_EQ(Surveys()[kA].keys, std::vector<std::string>{"c"});
  TellNothing();
  inquiry_.TakeOutput(now_);
  EXPECT_TRUE(inquiry_.IsIdle());
}

// It is given to whoever waits when it is decided, so what is said of it then is not to be
// believed.
TEST_F(InquiryTest, RecordIsAskedForOnceHoweverOftenItIsWanted) {
  Undecided("key", Why::kWanted);
  Undecided("key", Why::kWanted);
  EXPECT_EQ(Surveys()[kA].keys.size(), 1u);
  Undecided("key", Why::kWanted);
  TellNothing();
  Decision();
  EXPECT_TRUE(inquiry_.IsIdle());
}

TEST_F(InquiryTest, ContradictionIsAskedAboutAfterAPause_Bug39) {
  Undecided("key", Why::kContradiction);
  Undecided("key", Why::kWanted);
  EXPECT_TRUE(Surveys().empty());
  EXPECT_FALSE(inquiry_.IsIdle());
  Pass(absl::Milliseconds(99));
  EXPECT_TRUE(Surveys().empty());
  EXPECT_EQ(inquiry_.NextDeadline(), After(now_, absl::Milliseconds(1)));
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(Surveys().size(), 3u);
}

TEST_F(InquiryTest, WhatDoesNotComeIsAskedForAgainAndWhatComesTwiceIsLate_Mg23) {
  Undecided("key");
  Surveys();
  Tell(kHome, {});
  Tell(kHome, {});
  EXPECT_EQ(inquiry_.ignored().of(Ignored::kLate), 1u);
  Pass(absl::Milliseconds(200));
  EXPECT_EQ(Surveys().size(), 2u);
  EXPECT_EQ(inquiry_.WaitsFor(), (std::vector<NodeNumber>{kA, kB}));
}

TEST_F(InquiryTest, NewViewVoidsWhatWasAskedAndTold) {
  Undecided("key");
  Surveys();
  Undecided("other", Why::kWanted);
  Tell(kA, {Owned(3)});
  View(6, {kHome, kB});
  EXPECT_TRUE(inquiry_.IsIdle());
  Undecided("key");
  EXPECT_EQ(Surveys().size(), 2u);
  Tell(kHome, {});
  Tell(kB, {});
  EXPECT_EQ(Decision().owned.owner, std::nullopt) << "node 1 is gone with what it said";
}

}  // namespace
}  // namespace ctdb::recovery
