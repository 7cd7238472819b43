// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/scan_store.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/store/model_store.h"

namespace ctdb::database {
namespace {

using recovery::Reporter;

TEST(ScanStoreTest, EachRecordOfTheSlotsComesOnceInPagesOfTheAskedSize) {
  store::ModelStore store([] { return 0; });
  std::map<std::string, RecordVersion> expected;
  SlotSet slots;
  for (uint32_t slot = 0; slot < kSlots; slot += 2) slots.set(slot);
  for (uint32_t i = 0; i < 1000; ++i) {
    const std::string key = absl::StrCat("key ", i);
    const RecordVersion version{Epoch(i), i + 1};
    auto record = store.Lock(key, {});
    ASSERT_TRUE(record
                    ->Store({.owner = NodeNumber(i % 3),
                             .flags = 0,
                             .epoch = version.epoch,
                             .counter = version.counter},
                            "value")
                    .ok());
    if (slots.test(SlotOf(key).value())) expected[key] = version;
  }
  std::map<std::string, RecordVersion> found;
  Reporter::Output::Scan scan{recovery::ScanTicket(1), "", slots, 500};
  int pages = 0;
  for (bool is_end = false; !is_end; ++pages) {
    const auto result = ScanStore(store, scan);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const auto& record : result->records) {
      EXPECT_TRUE(found.emplace(record.key, record.version).second) << record.key << " twice";
    }
    scan.cursor = result->next_cursor;
    is_end = result->is_end;
  }
  EXPECT_EQ(found, expected);
}

TEST(ScanStoreTest, EmptyAndVoidRecordsAreFoundStepByStep_Bug37) {
  store::ModelStore store([] { return 0; });
  size_t expected = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    auto record = store.Lock(absl::StrCat("key ", i), {});
    const bool is_empty = i % 3 == 0;
    const uint64_t epoch = i % 5 == 0 ? 1 : 9;
    expected += is_empty || epoch == 1 ? 1 : 0;
    const store::RecordHeader header{
        .owner = NodeNumber(1), .flags = 0, .epoch = Epoch(epoch), .counter = 1};
    ASSERT_TRUE(record->Store(header, is_empty ? "" : "value").ok());
  }
  std::map<std::string, RestingRecord> found;
  RestingScan scan{"", Epoch(5), 10};
  size_t scanned = 0;
  for (bool is_end = false; !is_end;) {
    const auto result = ScanResting(store, scan);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const RestingRecord& record : result->records) found[record.key] = record;
    scanned += result->scanned;
    scan.cursor = result->next_cursor;
    is_end = result->is_end;
  }
  EXPECT_EQ(scanned, 1000u);
  EXPECT_EQ(found.size(), expected);
  EXPECT_TRUE(found.at("key 3").is_empty);
  EXPECT_FALSE(found.at("key 5").is_empty) << "void";
}

TEST(ScanStoreTest, ACursorThatIsNoneIsRefused) {
  store::ModelStore store([] { return 0; });
  EXPECT_TRUE(absl::IsInvalidArgument(
      ScanStore(store, {recovery::ScanTicket(1), "short", SlotSet(), 500}).status()));
}

}  // namespace
}  // namespace ctdb::database
