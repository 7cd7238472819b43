// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/reporter.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace ctdb::recovery {
namespace {

using database::DatabaseId;
using database::Ignored;
using database::SlotOf;
using database::SlotSet;

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kLocal(1);
const NodeNumber kOther(2);
const NodeNumber kThird(3);

class ReporterTest : public testing::Test {
 protected:
  ReporterTest() : reporter_({.local = kLocal, .database = kDatabase, .page_bytes_max = 200}) {
    all_.set();
    View(5);
  }

  // This node has been a member since epoch 3.
  void View(uint64_t epoch) {
    epoch_ = Epoch(epoch);
    reporter_.OnView({.epoch = epoch_,
                      .leader = kHome,
                      .members = {kHome, kLocal, kOther, kThird},
                      .homes = {kHome},
                      .joined = {Epoch(1), Epoch(3), Epoch(1), Epoch(1)}});
  }
  Survey Page(uint64_t page, const std::string& cursor = "") const {
    return {kDatabase, epoch_, 1, page, cursor, all_};
  }
  Reporter::Output::Scan Scan() {
    Reporter::Output output = reporter_.TakeOutput();
    EXPECT_EQ(output.scans.size(), 1u);
    EXPECT_TRUE(output.sends.empty());
    return output.scans.empty() ? Reporter::Output::Scan{} : output.scans[0];
  }
  Report Reported(NodeNumber to = kHome) {
    Reporter::Output output = reporter_.TakeOutput();
    EXPECT_EQ(output.sends.size(), 1u);
    if (output.sends.empty()) return {};
    EXPECT_EQ(output.sends[0].to, to);
    return std::get<Report>(output.sends[0].message);
  }
  static Reporter::ScannedRecord Record(const std::string& key, uint64_t epoch, NodeNumber owner) {
    return {key, {Epoch(epoch), 9}, owner};
  }
  uint64_t Ignored(database::Ignored reason) const { return reporter_.ignored().of(reason); }

  SlotSet all_;
  Epoch epoch_;
  Reporter reporter_;
};

TEST_F(ReporterTest, CopiesAreReportedWhetherOwnedOrNot_Mg72) {
  reporter_.OnSurvey(kHome, Page(0));
  reporter_.OnScanned(Scan().ticket, {Record("mine", 3, kLocal), Record("given", 4, kOther)}, "x",
                      true);
  Report report = Reported();
  EXPECT_EQ(report.entries, (std::vector<Report::Entry>{{"mine", {Epoch(3), 9}, true},
                                                        {"given", {Epoch(4), 9}, false}}));
  EXPECT_TRUE(report.is_last);
  EXPECT_EQ(report.epoch, epoch_);
}

// INV-24.
TEST_F(ReporterTest, WhatItHadBeforeItWasAwayWhileOthersStayedIsNotReported_Bug23) {
  reporter_.OnSurvey(kHome, Page(0));
  Reporter::ScannedRecord lent{"lent since", {Epoch(2), 9}, kOther, {Epoch(4), 1}};
  reporter_.OnScanned(Scan().ticket, {Record("stale", 2, kLocal), lent}, "", true);
  Report report = Reported();
  ASSERT_EQ(report.entries.size(), 1u);
  EXPECT_EQ(report.entries[0].key, "lent since");
}

TEST_F(ReporterTest, WhatAllHadBeforeAllWereAwayIsACopy_Bug23) {
  Reporter returned({.local = kLocal, .database = kDatabase});
  returned.OnView({.epoch = epoch_,
                   .leader = kHome,
                   .members = {kHome, kLocal},
                   .homes = {kHome},
                   .joined = {epoch_, epoch_}});
  returned.OnSurvey(kHome, Page(0));
  returned.OnScanned(returned.TakeOutput().scans.at(0).ticket, {Record("old", 2, kLocal)}, "",
                     true);
  Report report = std::get<Report>(returned.TakeOutput().sends.at(0).message);
  EXPECT_FALSE(report.entries.at(0).is_owner);
}

TEST_F(ReporterTest, OnlyTheSlotsThatWereAskedForAreReported) {
  Survey survey = Page(0);
  survey.slots.reset();
  survey.slots.set(SlotOf("one").value());
  reporter_.OnSurvey(kHome, survey);
  Reporter::Output::Scan scan = Scan();
  EXPECT_EQ(scan.slots, survey.slots);
  reporter_.OnScanned(scan.ticket, {Record("one", 3, kLocal), Record("two", 3, kLocal)}, "", true);
  Report report = Reported();
  ASSERT_EQ(report.entries.size(), 1u);
  EXPECT_EQ(report.entries[0].key, "one");
}

TEST_F(ReporterTest, PageIsFilledByScansAndEndsAtItsLimit) {
  reporter_.OnSurvey(kHome, Page(0));
  Reporter::Output::Scan scan = Scan();
  EXPECT_EQ(scan.cursor, "");
  reporter_.OnScanned(scan.ticket, {Record(std::string(60, 'a'), 3, kLocal)}, "a", false);
  scan = Scan();
  EXPECT_EQ(scan.cursor, "a");
  EXPECT_LT(scan.bytes_max, 150u);
  reporter_.OnScanned(scan.ticket, {Record(std::string(200, 'b'), 3, kLocal)}, "b", false);
  Report report = Reported();
  EXPECT_EQ(report.entries.size(), 2u);
  EXPECT_EQ(report.next_cursor, "b");
  EXPECT_FALSE(report.is_last);
  reporter_.OnSurvey(kHome, Page(1, "b"));
  EXPECT_EQ(Scan().cursor, "b");
}

TEST_F(ReporterTest, PageThatIsAskedForAgainIsScannedAgainUnlessThatGoesOn_Mg23) {
  reporter_.OnSurvey(kHome, Page(0));
  Reporter::Output::Scan scan = Scan();
  reporter_.OnSurvey(kHome, Page(0));
  EXPECT_EQ(Ignored(Ignored::kDuplicate), 1u);
  reporter_.OnScanned(scan.ticket, {}, "", true);
  Report first = Reported();
  reporter_.OnSurvey(kHome, Page(0));
  reporter_.OnScanned(Scan().ticket, {}, "", true);
  EXPECT_EQ(Reported(), first);
}

TEST_F(ReporterTest, LaterPageReplacesAnEarlierOneAndItsScanIsVoid) {
  reporter_.OnSurvey(kHome, Page(0));
  Reporter::Output::Scan first = Scan();
  reporter_.OnSurvey(kHome, Page(1, "b"));
  Reporter::Output::Scan second = Scan();
  reporter_.OnSurvey(kHome, Page(0));
  EXPECT_EQ(Ignored(Ignored::kLate), 1u);
  reporter_.OnScanned(first.ticket, {Record("a", 3, kLocal)}, "", true);
  EXPECT_EQ(Ignored(Ignored::kUnknownTicket), 1u);
  reporter_.OnScanned(second.ticket, {}, "", true);
  EXPECT_EQ(Reported().page, 1u);
}

TEST_F(ReporterTest, HomesThatComeDuringAPassAreReadForTogetherInTheNextOne) {
  const auto survey = [&](const std::string& key) {
    Survey survey = Page(0);
    survey.slots.reset();
    survey.slots.set(SlotOf(key).value());
    return survey;
  };
  reporter_.OnSurvey(kHome, survey("one"));
  const Reporter::Output::Scan first = Scan();
  reporter_.OnSurvey(kOther, survey("two"));
  reporter_.OnSurvey(kThird, survey("three"));
  EXPECT_TRUE(reporter_.TakeOutput().scans.empty()) << "one pass at a time";
  reporter_.OnScanned(first.ticket, {}, "", true);
  Reporter::Output output = reporter_.TakeOutput();
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_EQ(output.sends[0].to, kHome);
  ASSERT_EQ(output.scans.size(), 1u);
  EXPECT_EQ(output.scans[0].slots, survey("two").slots | survey("three").slots);
  reporter_.OnScanned(output.scans[0].ticket,
                      {Record("two", 3, kLocal), Record("three", 3, kLocal)}, "", true);
  output = reporter_.TakeOutput();
  ASSERT_EQ(output.sends.size(), 2u);
  for (const Send& send : output.sends) {
    const Report& report = std::get<Report>(send.message);
    ASSERT_EQ(report.entries.size(), 1u);
    EXPECT_EQ(report.entries[0].key, send.to == kOther ? "two" : "three");
  }
}

TEST_F(ReporterTest, AHomeWhosePageIsFullLeavesThePassToTheOthers) {
  Survey nothing = Page(0);
  nothing.slots.reset();
  reporter_.OnSurvey(kThird, Page(0));
  const Reporter::Output::Scan first = Scan();
  reporter_.OnSurvey(kOther, nothing);
  reporter_.OnSurvey(kHome, Page(0));
  reporter_.OnScanned(first.ticket, {}, "", true);
  Reporter::Output output = reporter_.TakeOutput();
  ASSERT_EQ(output.scans.size(), 1u);
  reporter_.OnScanned(output.scans[0].ticket, {Record(std::string(300, 'a'), 3, kLocal)}, "a",
                      false);
  output = reporter_.TakeOutput();
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_EQ(std::get<Report>(output.sends[0].message).next_cursor, "a");
  ASSERT_EQ(output.scans.size(), 1u);
  EXPECT_EQ(output.scans[0].cursor, "a");
  reporter_.OnScanned(output.scans[0].ticket, {}, "", true);
  EXPECT_TRUE(Reported(kOther).is_last);
}

TEST_F(ReporterTest, AScanThatFailsIsForgottenAndMayBeAskedForAgain) {
  reporter_.OnSurvey(kHome, Page(0));
  reporter_.OnScanFailed(Scan().ticket);
  EXPECT_TRUE(reporter_.TakeOutput().sends.empty());
  reporter_.OnSurvey(kHome, Page(0));
  reporter_.OnScanned(Scan().ticket, {}, "", true);
  EXPECT_TRUE(Reported().is_last);
}

// Otherwise each member that is late would cost a time limit.
TEST_F(ReporterTest, SurveyOfANewerEpochIsAnsweredWhenThatIsTakenOver_Mg64) {
  Survey survey = Page(0);
  survey.epoch = Epoch(7);
  reporter_.OnSurvey(kHome, survey);
  EXPECT_TRUE(reporter_.TakeOutput().scans.empty());
  View(6);
  EXPECT_TRUE(reporter_.TakeOutput().scans.empty());
  View(7);
  reporter_.OnScanned(Scan().ticket, {}, "", true);
  EXPECT_EQ(Reported().epoch, Epoch(7));
}

TEST_F(ReporterTest, ScanOfAnOldEpochIsNotReported_Inv12) {
  reporter_.OnSurvey(kHome, Page(0));
  Reporter::Output::Scan scan = Scan();
  Survey old = Page(0);
  View(6);
  reporter_.OnScanned(scan.ticket, {Record("a", 3, kLocal)}, "", true);
  reporter_.OnSurvey(kHome, old);
  EXPECT_TRUE(reporter_.TakeOutput().sends.empty());
  EXPECT_EQ(Ignored(Ignored::kOldEpoch), 1u);
}

TEST_F(ReporterTest, SingleRecordsAreLookedUpBesideWhatIsReadOfSlots) {
  reporter_.OnSurvey(kHome, Page(0));
  const Reporter::Output::Scan scan = Scan();
  Survey single = Page(0);
  single.round = 2;
  single.keys = {"mine", "nowhere"};
  reporter_.OnSurvey(kHome, single);
  reporter_.OnSurvey(kHome, single);
  EXPECT_EQ(Ignored(Ignored::kDuplicate), 1u);
  const Reporter::Output output = reporter_.TakeOutput();
  ASSERT_EQ(output.lookups.size(), 1u);
  EXPECT_EQ(output.lookups[0].keys, single.keys);
  reporter_.OnLookedUp(output.lookups[0].ticket, {Record("mine", 3, kLocal)});
  const Report report = Reported();
  EXPECT_EQ(report.round, 2u);
  EXPECT_TRUE(report.is_last);
  EXPECT_EQ(report.entries, (std::vector<Report::Entry>{{"mine", {Epoch(3), 9}, true}}));
  reporter_.OnScanned(scan.ticket, {}, "", true);
  EXPECT_EQ(Reported().round, 1u);
}

TEST_F(ReporterTest, LookupThatFailsOrIsOfAnOldEpochIsNotReported_Inv12) {
  Survey single = Page(0);
  single.keys = {"mine"};
  const auto look_up = [&] {
    single.epoch = epoch_;
    reporter_.OnSurvey(kHome, single);
    const Reporter::Output output = reporter_.TakeOutput();
    EXPECT_EQ(output.lookups.size(), 1u);
    return output.lookups.at(0).ticket;
  };
  reporter_.OnScanFailed(look_up());
  const ScanTicket old = look_up();
  View(6);
  reporter_.OnLookedUp(old, {Record("mine", 3, kLocal)});
  EXPECT_EQ(Ignored(Ignored::kUnknownTicket), 1u);
  EXPECT_TRUE(reporter_.TakeOutput().sends.empty());
}

TEST_F(ReporterTest, BothKindsOfEarlySurveysAreAnsweredWhenTheirEpochIsTakenOver_Mg64) {
  Survey survey = Page(0);
  survey.epoch = Epoch(6);
  Survey single = survey;
  single.keys = {"mine"};
  reporter_.OnSurvey(kHome, survey);
  reporter_.OnSurvey(kHome, single);
  View(6);
  const Reporter::Output output = reporter_.TakeOutput();
  EXPECT_EQ(output.scans.size(), 1u);
  EXPECT_EQ(output.lookups.size(), 1u);
}

TEST_F(ReporterTest, StrangersAndOtherDatabasesAreIgnored) {
  reporter_.OnSurvey(NodeNumber(9), Page(0));
  EXPECT_EQ(Ignored(Ignored::kNotMember), 1u);
  Survey survey = Page(0);
  survey.database = DatabaseId(8);
  reporter_.OnSurvey(kHome, survey);
  EXPECT_EQ(Ignored(Ignored::kOtherDatabase), 1u);
  EXPECT_TRUE(reporter_.TakeOutput().scans.empty());
}

TEST_F(ReporterTest, NodeWithoutTheDatabaseHasNothingInTheSameEpochOnly) {
  std::optional<Report> report = ReportNothing(Page(0), epoch_);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->is_last);
  EXPECT_TRUE(report->entries.empty());
  EXPECT_EQ(ReportNothing(Page(0), Epoch(4)), std::nullopt);
}

}  // namespace
}  // namespace ctdb::recovery
