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
    rebuild_.OnTick(now_);
  }
  void Undecided(const std::string& key) { rebuild_.OnUndecided(key, now_); }
  std::map<NodeNumber, Survey> Surveys() {
    std::map<NodeNumber, Survey> surveys;
    for (const Send& send : rebuild_.TakeOutput().sends) {
      surveys[send.to] = std::get<Survey>(send.message);
    }
    return surveys;
  }
  void Tell(NodeNumber from, std::vector<Report::Entry> entries, uint64_t page = 0,
            bool is_last = true, uint64_t round = 1) {
    rebuild_.OnReport(from, {kDatabase, epoch_, round, page, std::move(entries), "cursor", is_last},
                      now_);
  }
  static Report::Entry Owned(uint64_t counter, const std::string& key = "key") {
    return {key, {Epoch(1), counter}, true};
  }
  static Report::Entry Copy(uint64_t counter, const std::string& key = "key") {
    return {key, {Epoch(1), counter}, false};
  }
  // What was decided about the only record.
  database::Directory::Decision Decision() {
    Rebuild::Output output = rebuild_.TakeOutput();
    EXPECT_EQ(output.decided.size(), 1u);
    if (output.decided.empty()) return {};
    EXPECT_EQ(output.decided[0].key, "key");
    return output.decided[0].decision;
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    rebuild_.OnTick(now_);
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
  EXPECT_EQ(surveys[kHome], (Survey{kDatabase, Epoch(5), 1, 0, "", slots_}));
  EXPECT_FALSE(rebuild_.IsIdle());
}

TEST_F(RebuildTest, NobodyIsAskedWhenNothingIsToBeRebuilt) {
  slots_.reset();
  View(5);
  EXPECT_TRUE(Surveys().empty());
  EXPECT_TRUE(rebuild_.IsIdle());
  EXPECT_EQ(rebuild_.NextDeadline(), kNever);
}

TEST_F(RebuildTest, OwnerGoesOnOwningItHoweverNewACopyIs) {
  View(5);
  Tell(kHome, {Copy(9)});
  Tell(kA, {Owned(3)});
  EXPECT_TRUE(rebuild_.TakeOutput().decided.empty()) << "node 2 may know better";
  Tell(kB, {Copy(2)});
  Rebuild::Output output = rebuild_.TakeOutput();
  ASSERT_EQ(output.decided.size(), 1u);
  const database::Directory::Owned& owned = output.decided[0].decision.owned;
  EXPECT_EQ(owned.owner, kA);
  EXPECT_EQ(owned.version, (RecordVersion{Epoch(1), 3}));
  EXPECT_FALSE(owned.is_copy);
  EXPECT_EQ(output.ready, std::vector<Slot>{SlotOf("key")});
  EXPECT_TRUE(rebuild_.IsIdle());
}

TEST_F(RebuildTest, NewestCopyIsLeftWhenTheOwnerIsGone) {
  View(5);
  Tell(kHome, {Copy(2)});
  Tell(kA, {Copy(4)});
  Tell(kB, {Copy(3)});
  database::Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, kA);
  EXPECT_EQ(decision.owned.version, (RecordVersion{Epoch(1), 4}));
  EXPECT_TRUE(decision.owned.is_copy);
}

TEST_F(RebuildTest, ClaimWithTheHighestVersionWinsAndTheOthersHaveToGiveUp_Bug8) {
  View(5);
  Tell(kHome, {Owned(2)});
  Tell(kA, {Owned(4)});
  Tell(kB, {Owned(3)});
  database::Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, kA);
  ASSERT_EQ(decision.rivals.size(), 2u);
  EXPECT_EQ(decision.rivals[0].node, kHome);
  EXPECT_EQ(decision.rivals[1].node, kB);
  EXPECT_EQ(decision.rivals[1].version, (RecordVersion{Epoch(1), 3}));
}

TEST_F(RebuildTest, PagesAreAskedForOneByOneAndTheNextOnlyWhereTheLastEnded) {
  View(5);
  Surveys();
  Tell(kA, {}, 0, /*is_last=*/false);
  std::map<NodeNumber, Survey> surveys = Surveys();
  ASSERT_EQ(surveys.size(), 1u);
  EXPECT_EQ(surveys[kA].page, 1u);
  EXPECT_EQ(surveys[kA].cursor, "cursor");
  Tell(kA, {Owned(3)}, 0, /*is_last=*/false);
  EXPECT_TRUE(Surveys().empty()) << "it came twice";
  EXPECT_EQ(rebuild_.ignored().of(Ignored::kLate), 1u);
  Tell(kHome, {});
  Tell(kB, {});
  Tell(kA, {Owned(3)}, 1);
  EXPECT_EQ(Decision().owned.owner, kA);
}

TEST_F(RebuildTest, PageThatDoesNotComeIsAskedForAgainWithoutEnd_Mg23) {
  View(5);
  Surveys();
  Tell(kHome, {});
  for (int i = 0; i < 3; ++i) {
    Pass(absl::Milliseconds(200));
    std::map<NodeNumber, Survey> surveys = Surveys();
    EXPECT_EQ(surveys.size(), 2u);
    EXPECT_FALSE(surveys.contains(kHome));
  }
}

TEST_F(RebuildTest, SlotsWithUndecidedRecordsAreAskedForAndOnlyThoseRecordsDecided) {
  slots_.reset();
  epoch_ = Epoch(5);
  rebuild_.OnView({.epoch = epoch_,
                   .leader = kHome,
                   .members = {kHome, kA},
                   .homes = {kHome},
                   .joined = {Epoch(1), Epoch(1)}},
                  slots_, now_);
  Undecided("key");
  EXPECT_EQ(rebuild_.NextDeadline(), now_);
  rebuild_.OnTick(now_);
  EXPECT_TRUE(Surveys()[kA].slots.test(SlotOf("key").value()));
  Tell(kHome, {Owned(3, "other"), Copy(2)});
  Tell(kA, {});
  EXPECT_TRUE(Decision().owned.is_copy);
  EXPECT_TRUE(rebuild_.TakeOutput().ready.empty());
}

TEST_F(RebuildTest, UndecidedRecordThatIsNowhereBelongsToNobody) {
  slots_.reset();
  View(5);
  Undecided("key");
  rebuild_.OnTick(now_);
  for (NodeNumber node : {kHome, kA, kB}) Tell(node, {});
  database::Directory::Decision decision = Decision();
  EXPECT_EQ(decision.owned.owner, std::nullopt);
  EXPECT_EQ(decision.owned.version, (RecordVersion{Epoch(5), 0}));
}

TEST_F(RebuildTest, ContradictionMeanwhileIsTheNextRoundAfterAPause_Bug39) {
  View(5);
  Undecided("other");
  for (NodeNumber node : {kHome, kA, kB}) Tell(node, {});
  EXPECT_EQ(rebuild_.TakeOutput().ready.size(), 1u);
  EXPECT_FALSE(rebuild_.IsIdle());
  Pass(absl::Milliseconds(99));
  EXPECT_TRUE(Surveys().empty());
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(Surveys()[kA].round, 2u);
  Tell(kA, {}, 0, true, /*round=*/1);
  EXPECT_EQ(rebuild_.ignored().of(Ignored::kLate), 1u) << "of the round before";
}

TEST_F(RebuildTest, NewViewBeginsAnewAndVoidsWhatWasTold) {
  View(5);
  Tell(kHome, {});
  Tell(kA, {Owned(3)});
  View(6, {kHome, kB});
  EXPECT_EQ(Surveys().size(), 2u);
  rebuild_.OnReport(kB, {kDatabase, Epoch(5), 1, 0, {}, "", true}, now_);
  Tell(kA, {});
  EXPECT_EQ(rebuild_.ignored().of(Ignored::kLate), 2u);
  Tell(kHome, {});
  Tell(kB, {});
  Rebuild::Output output = rebuild_.TakeOutput();
  EXPECT_TRUE(output.decided.empty()) << "node 1 is gone with what it said";
  EXPECT_EQ(output.ready.size(), 1u);
}

TEST_F(RebuildTest, ItSaysHowFarItIsAndWhomItWaitsFor) {
  View(2);
  const Instant began = now_;
  const auto tell = [&](NodeNumber from, uint64_t page, bool is_last, uint64_t scanned) {
    rebuild_.OnReport(from,
                      {.database = kDatabase,
                       .epoch = epoch_,
                       .round = 1,
                       .page = page,
                       .entries = {Copy(1)},
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
