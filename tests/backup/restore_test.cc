// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/restore.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/backup/model_records.h"

namespace ctdb::backup {
namespace {

using absl::StrContains;
using Map = ModelRecords::Map;

constexpr size_t kStep = 2000;

Map Many(int count, const std::string& value) {
  Map map;
  for (int i = 0; i < count; ++i) map[absl::StrCat("key ", i)] = value;
  return map;
}

TEST(RestoreTest, WhatFitsIntoOneStepReplacesAll) {
  ModelRecords backup({{"a", "1"}, {"b", "2"}});
  ModelRecords database({{"a", "0"}, {"c", "3"}}, kStep);
  const auto report = Restore(backup, database, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(database.map, backup.map);
  EXPECT_TRUE(report->is_at_once);
  EXPECT_EQ(database.steps, 1);
}

TEST(RestoreTest, ASmallDifferenceOfMuchIsOneStep) {
  ModelRecords backup(Many(500, "value"));
  ModelRecords database(backup.map, kStep);
  database.map["key 7"] = "other";
  database.map["new"] = "gone";
  const auto report = Restore(backup, database, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(database.map, backup.map);
  EXPECT_TRUE(report->is_at_once);
  EXPECT_EQ(report->changes, 2u);
  EXPECT_EQ(database.steps, 1);
}

TEST(RestoreTest, MuchIsRestoredInStepsWithAMarkerUntilTheLast) {
  ModelRecords backup(Many(500, "value"));
  ModelRecords database(Many(10, "old"), kStep);
  database.map["gone"] = "x";
  uint64_t told = 0;
  int marked = 0;
  database.after_step = [&] { marked += database.map.count(std::string(kRestoreMarker)) > 0; };
  const auto report =
      Restore(backup, database, {.on_steps = [&told](uint64_t bytes) { told = bytes; }});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(database.map, backup.map);
  EXPECT_FALSE(report->is_at_once);
  EXPECT_GT(report->steps, 10u);
  EXPECT_GT(told, kStep);
  EXPECT_EQ(marked, database.steps - 1);
}

TEST(RestoreTest, OneThatWasCutOffIsFinishedByAnother) {
  ModelRecords backup(Many(500, "value"));
  ModelRecords database(Map{{"gone", "x"}}, kStep);
  database.fails_at = 5;
  const auto failed = Restore(backup, database, {});
  EXPECT_TRUE(absl::IsUnavailable(failed.status()));
  EXPECT_TRUE(StrContains(failed.status().message(), "partly restored"));
  EXPECT_TRUE(StrContains(failed.status().message(), "restore again"));
  EXPECT_EQ(database.map.count(std::string(kRestoreMarker)), 1u);
  database.fails_at = -1;
  ASSERT_TRUE(Restore(backup, database, {}).ok());
  EXPECT_EQ(database.map, backup.map);
}

TEST(RestoreTest, ASmallOneEndsTheMarker) {
  ModelRecords backup(Many(500, "value"));
  ModelRecords database(backup.map, kStep);
  database.map[std::string(kRestoreMarker)] = "restore again";
  ASSERT_TRUE(Restore(backup, database, {}).ok());
  EXPECT_EQ(database.map, backup.map);
}

TEST(RestoreTest, WhatOthersWriteMeanwhileIsWrittenOverOrTold) {
  ModelRecords backup(Many(500, "value"));
  ModelRecords database({}, kStep);
  int writes = 3;
  database.after_step = [&] {
    if (writes-- > 0) database.map["key 1"] = "a program's";
  };
  ASSERT_TRUE(Restore(backup, database, {}).ok());
  EXPECT_EQ(database.map, backup.map);
  writes = 1'000'000;
  database.map.clear();
  const auto report = Restore(backup, database, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status()));
  EXPECT_TRUE(StrContains(report.status().message(), "end the programs"));
}

TEST(RestoreTest, NothingHappensBeforeAllIsChecked) {
  Map bad = Many(500, "value");
  bad["bad"] = "x";
  ModelRecords backup(bad);
  for (const size_t step : {size_t{0}, kStep, size_t{1} << 20}) {
    ModelRecords database({{"a", "1"}}, step);
    EXPECT_TRUE(absl::IsInvalidArgument(Restore(backup, database, {}).status()));
    EXPECT_EQ(database.steps, 0);
  }
}

TEST(RestoreTest, WithoutTransactionsOnlyWhatDiffersIsWritten) {
  ModelRecords backup(Many(20, "value"));
  ModelRecords database(backup.map);
  database.map["key 3"] = "other";
  database.map["gone"] = "x";
  const auto report = Restore(backup, database, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->changes, 2u);
  EXPECT_FALSE(report->is_at_once);
  EXPECT_EQ(database.map, backup.map);
}

TEST(RestoreTest, NothingAtAllEmptiesTheDatabase) {
  for (const size_t step : {size_t{0}, kStep}) {
    ModelRecords backup;
    ModelRecords database({{"a", "1"}}, step);
    const auto report = Restore(backup, database, {});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->is_at_once, step > 0);
    EXPECT_TRUE(database.map.empty());
  }
}

TEST(RestoreTest, WhatIsNotInItMayStay) {
  ModelRecords text(Map{{"a", "1"}});
  ModelRecords database(Map{{"mine", "2"}}, kStep);
  ASSERT_TRUE(Restore(text, database, {.removes = false}).ok());
  EXPECT_EQ(database.map, (Map{{"a", "1"}, {"mine", "2"}}));
}

// samba-client-protocol: key and NUL, 23 bytes.
TEST(RestoreTest, TheSequenceNumberOfOlderBackupsIsNoRecord) {
  const std::string key("__db_sequence_number__\0", 23);
  ModelRecords backup({{"a", "1"}, {key, "12345678"}, {std::string(kRestoreMarker), "x"}});
  ModelRecords database({}, kStep);
  ASSERT_TRUE(Restore(backup, database, {}).ok());
  EXPECT_EQ(database.map, (Map{{"a", "1"}}));
}

TEST(RestoreTest, SomebodyMayEndIt) {
  ModelRecords backup(Map{{"a", "1"}});
  ModelRecords database(Map{{"b", "2"}}, kStep);
  const auto report = Restore(backup, database,
                              {.on_step = [](uint64_t) { return absl::CancelledError("Ctrl-C"); }});
  EXPECT_TRUE(absl::IsCancelled(report.status()));
  EXPECT_EQ(database.map, (Map{{"b", "2"}}));
}

}  // namespace
}  // namespace ctdb::backup
