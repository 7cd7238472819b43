// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// New views of a directory with more records than are brought up to date at once.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/database/directory.h"

namespace ctdb::database {
namespace {

using Why = Directory::Undecided::Why;

constexpr DatabaseId kDatabase(7);
constexpr int kRecords = 10;
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);

// Two records at a time. Node 1 owns all of them.
class DirectoryViewsTest : public testing::Test {
 protected:
  DirectoryViewsTest() : directory_({.local = kHome, .database = kDatabase, .sweep_pace = pace_}) {
    View({kHome, kA, kB});
    for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
    for (int i = 0; i < kRecords; ++i) {
      Ask(kA, KeyOf(i));
      const Head head{kDatabase, epoch_, RequestId(1), KeyOf(i)};
      directory_.OnMessage(kA, Confirm{head, {epoch_, 1}}, now_);
    }
    directory_.TakeOutput();
  }

  static std::string KeyOf(int i) { return absl::StrCat("key ", i); }
  void View(const std::vector<NodeNumber>& members, std::vector<NodeNumber> homes = {kHome}) {
    epoch_ = Epoch(epoch_.value() + 1);
    std::vector<Epoch> joined;
    std::erase_if(joined_, [&](const auto& entry) {
      return std::find(members.begin(), members.end(), entry.first) == members.end();
    });
    for (NodeNumber node : members) {
      joined.push_back(joined_.try_emplace(node, epoch_).first->second);
    }
    directory_.OnView(
        {.epoch = epoch_, .leader = kHome, .members = members, .homes = homes, .joined = joined},
        std::make_shared<const Placement>(homes), now_);
  }
  void Ask(NodeNumber node, const std::string& key) {
    directory_.OnMessage(node, Request{{kDatabase, epoch_, RequestId(1), key}}, now_);
  }
  std::vector<Directory::Undecided> Undecided() {
    EXPECT_EQ(directory_.CheckInvariants(), "");
    return directory_.TakeOutput().undecided;
  }
  void Pass() {
    now_ = directory_.NextDeadline();
    ASSERT_NE(now_, kNever);
    directory_.OnTick(now_);
  }

  const std::shared_ptr<SweepPace> pace_ =
      std::make_shared<SweepPace>(SweepPace::Options{.records = 2});
  Instant now_{};
  Epoch epoch_;
  std::map<NodeNumber, Epoch> joined_;
  Directory directory_;
};

TEST_F(DirectoryViewsTest, RecordsOfANodeThatIsGoneAreFoundSomeAtATime) {
  View({kHome, kB});
  EXPECT_EQ(Undecided().size(), 2u);
  size_t steps = 0;
  for (; directory_.NextDeadline() != kNever; ++steps) {
    EXPECT_FALSE(directory_.IsSettled());
    const Instant before = now_;
    Pass();
    EXPECT_GE(now_, After(before, absl::Milliseconds(1))) << "others have their turn";
    EXPECT_LE(Undecided().size(), 2u);
  }
  EXPECT_EQ(steps, 4u);
  for (int i = 0; i < kRecords; ++i) EXPECT_TRUE(directory_.IsUndecided(KeyOf(i)));
}

TEST_F(DirectoryViewsTest, DatabasesOfANodeTakeTurns) {
  ASSERT_TRUE(pace_->TakeTurn(now_)) << "another database does";
  View({kHome, kB});
  EXPECT_EQ(Undecided().size(), 0u);
  EXPECT_FALSE(directory_.IsSettled());
  EXPECT_EQ(directory_.NextDeadline(), pace_->next());
  now_ = pace_->next();
  ASSERT_TRUE(pace_->TakeTurn(now_)) << "and once more";
  directory_.OnTick(now_);
  EXPECT_EQ(Undecided().size(), 0u);
  while (directory_.NextDeadline() != kNever) Pass();
  EXPECT_EQ(Undecided().size(), static_cast<size_t>(kRecords));
}

TEST_F(DirectoryViewsTest, ADatabaseWithoutRecordsNeedsNoTurn) {
  View({kHome, kB}, {kB});  // What it knew of is another's now.
  while (directory_.NextDeadline() != kNever) Pass();
  ASSERT_EQ(directory_.records(), 0u);
  pace_->TakeTurn(now_);
  View({kHome, kA, kB}, {kB});
  EXPECT_EQ(directory_.NextDeadline(), kNever);
}

TEST_F(DirectoryViewsTest, WhoeverLooksAtARecordSeesItAsItIsInThePresentView) {
  View({kHome, kB});
  EXPECT_EQ(directory_.Find(KeyOf(9)), std::nullopt);
  EXPECT_TRUE(directory_.IsUndecided(KeyOf(9)));
  Undecided();
  Ask(kB, KeyOf(9));
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 2u);
  EXPECT_EQ(undecided[0].why, Why::kOwnerGone);
  EXPECT_EQ(undecided[1].why, Why::kWanted) << "before the others";
  EXPECT_EQ(undecided[1].key, KeyOf(9));
}

TEST_F(DirectoryViewsTest, UnaffectedRecordsStayKnown) {
  View({kHome, kA});
  for (int i = 0; i < kRecords; ++i) EXPECT_EQ(directory_.Find(KeyOf(i))->owner, kA);
  while (directory_.NextDeadline() != kNever) Pass();
  EXPECT_TRUE(Undecided().empty());
  EXPECT_TRUE(directory_.IsSettled());
}

TEST_F(DirectoryViewsTest, OwnerThatLeftAndCameBackBeforeARecordWasLookedAtOwnsNothing_Bug23) {
  View({kHome, kB});
  View({kHome, kA, kB});
  EXPECT_TRUE(directory_.IsUndecided(KeyOf(9)));
  while (directory_.NextDeadline() != kNever) Pass();
  EXPECT_EQ(Undecided().size(), static_cast<size_t>(kRecords));
}

TEST_F(DirectoryViewsTest, RecordsOfSlotsThatWentAndCameBackAreForgotten) {
  View({kHome, kA, kB}, {kB});
  View({kHome, kA, kB}, {kHome});
  EXPECT_EQ(directory_.Find(KeyOf(9)), std::nullopt);
  EXPECT_FALSE(directory_.IsUndecided(KeyOf(9)));
  EXPECT_TRUE(directory_.SlotsToRebuild().all());
  directory_.OnReported(KeyOf(9), {kB, true, OrderOf({Epoch(2), 5}, {})});
  for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
  while (directory_.NextDeadline() != kNever) Pass();
  EXPECT_EQ(directory_.records(), 1u);
  EXPECT_EQ(directory_.Find(KeyOf(9))->owner, kB);
  EXPECT_TRUE(directory_.IsSettled());
}

TEST_F(DirectoryViewsTest, TransferThatWasCutOffIsUndecidedWheneverItIsLookedAt_Bug6) {
  Ask(kB, KeyOf(9));
  View({kHome, kA, kB});
  EXPECT_EQ(directory_.Find(KeyOf(9)), std::nullopt);
  while (directory_.NextDeadline() != kNever) Pass();
  const auto undecided = Undecided();
  ASSERT_EQ(undecided.size(), 1u);
  EXPECT_EQ(undecided[0].why, Why::kTransferCutOff);
  EXPECT_EQ(undecided[0].next, kB);
}

}  // namespace
}  // namespace ctdb::database
