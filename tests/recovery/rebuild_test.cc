// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/rebuild.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace ctdb::recovery {
namespace {

using database::DatabaseId;
using database::Ignored;
using database::RecordVersion;
using database::Slot;
using database::SlotOf;
using database::SlotSet;

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);

class RebuildTest : public testing::Test {
 protected:
  RebuildTest() : rebuild_({.local = kHome, .database = kDatabase}) {
    slots_.set(SlotOf("key").value());
  }

  void View(uint64_t epoch, std::vector<NodeNumber> members = {kHome, kA, kB}) {
    epoch_ = Epoch(epoch);
    std::vector<Epoch> joined(members.size(), Epoch(1));
    rebuild_.OnView({.epoch = epoch_,
                     .leader = kHome,
                     .members = std::move(members),
                     .homes = {kHome},
                     .joined = std::move(joined)},
                    slots_, now_);
  }
  std::map<NodeNumber, Survey> Surveys() {
    std::map<NodeNumber, Survey> surveys;
    for (const Send& send : rebuild_.TakeOutput().sends) {
      surveys[send.to] = std::get<Survey>(send.message);
    }
    return surveys;
  }
  void Tell(NodeNumber from, std::vector<Report::Entry> entries, uint64_t page = 0,
            bool is_last = true) {
    rebuild_.OnReport(
        from, {kDatabase, epoch_, kSlotsRound, page, std::move(entries), "cursor", is_last}, now_);
  }
  static Report::Entry Owned(uint64_t counter, const std::string& key = "key") {
    return {key, {Epoch(1), counter}, true};
  }

  Instant now_{};
  Epoch epoch_;
  SlotSet slots_;
  Rebuild rebuild_;
};

TEST_F(RebuildTest, EachMemberIsAskedForTheSlotsThatCameAndThisNodeToo) {
  View(5);
  std::map<NodeNumber, Survey> surveys = Surveys();
  ASSERT_EQ(surveys.size(), 3u);
  EXPECT_EQ(surveys[kHome], (Survey{kDatabase, Epoch(5), kSlotsRound, 0, "", slots_}));
  EXPECT_FALSE(rebuild_.IsIdle());
}

TEST_F(RebuildTest, NobodyIsAskedWhenNothingIsToBeRebuilt) {
  slots_.reset();
  View(5);
  EXPECT_TRUE(Surveys().empty());
  EXPECT_TRUE(rebuild_.IsIdle());
  EXPECT_EQ(rebuild_.NextDeadline(), kNever);
}

TEST_F(RebuildTest, WhatAMemberHasIsSaidAtOnceAndTheSlotsAreReadyWhenAllHaveSaidAll) {
  View(5);
  Tell(kHome, {});
  Tell(kA, {Owned(3)}, 0, /*is_last=*/false);
  Rebuild::Output output = rebuild_.TakeOutput();
  ASSERT_EQ(output.reported.size(), 1u);
  EXPECT_EQ(output.reported[0].key, "key");
  EXPECT_EQ(output.reported[0].copy.node, kA);
  EXPECT_TRUE(output.reported[0].copy.is_owner);
  EXPECT_EQ(output.reported[0].copy.order.version, (RecordVersion{Epoch(1), 3}));
  Tell(kB, {});
  EXPECT_TRUE(rebuild_.TakeOutput().ready.empty()) << "node 1 has more to say";
  Tell(kA, {}, 1);
  EXPECT_EQ(rebuild_.TakeOutput().ready, std::vector<Slot>{SlotOf("key")});
  EXPECT_TRUE(rebuild_.IsIdle());
}

TEST_F(RebuildTest, RecordsOfOtherSlotsAreLeftOut) {
  View(5);
  Tell(kA, {Owned(3, "other")});
  EXPECT_TRUE(rebuild_.TakeOutput().reported.empty());
}

TEST_F(RebuildTest, NewViewBeginsAnewAndVoidsWhatWasTold) {
  View(5);
  Tell(kHome, {});
  Tell(kA, {Owned(3)});
  View(6, {kHome, kB});
  Rebuild::Output output = rebuild_.TakeOutput();
  EXPECT_EQ(output.sends.size(), 2u);
  EXPECT_TRUE(output.reported.empty()) << "node 1 is gone with what it said";
  rebuild_.OnReport(kB, {kDatabase, Epoch(5), kSlotsRound, 0, {}, "", true}, now_);
  Tell(kA, {});
  EXPECT_EQ(rebuild_.ignored().of(Ignored::kLate), 2u);
  Tell(kHome, {});
  Tell(kB, {});
  EXPECT_EQ(rebuild_.TakeOutput().ready.size(), 1u);
}

TEST_F(RebuildTest, ItSaysHowFarItIsAndWhomItWaitsFor) {
  View(2);
  const Instant began = now_;
  const auto tell = [&](NodeNumber from, uint64_t page, bool is_last, uint64_t scanned) {
    rebuild_.OnReport(from,
                      {.database = kDatabase,
                       .epoch = epoch_,
                       .round = kSlotsRound,
                       .page = page,
                       .entries = {Owned(1)},
                       .next_cursor = "",
                       .is_last = is_last,
                       .scanned = scanned,
                       .stored = 1000},
                      now_);
  };
  tell(kA, 0, false, 400);
  tell(kA, 0, false, 400);  // Once more: it does not count.
  tell(kA, 1, true, 600);
  tell(kB, 0, false, 100);
  const Rebuild::Progress progress = rebuild_.GetProgress();
  EXPECT_EQ(progress.began, began);
  EXPECT_EQ(progress.copies, 3u);
  EXPECT_EQ(progress.scanned, 1100u);
  EXPECT_EQ(progress.stored, 2000u) << "the home has said nothing yet";
  EXPECT_EQ(progress.waits_for, (std::vector<NodeNumber>{kHome, kB}));
  tell(kB, 1, true, 900);
  tell(kHome, 0, true, 1000);
  EXPECT_TRUE(rebuild_.GetProgress().waits_for.empty());
  EXPECT_EQ(rebuild_.GetProgress().scanned, rebuild_.GetProgress().stored);
}

}  // namespace
}  // namespace ctdb::recovery
