// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/scan_store.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/protocol/limits.h"
#include "lib/recovery/codec.h"
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

// A page of keys alone was more than a packet takes: homes of many small records waited for ever.
TEST(ScanStoreTest, APageOfManySmallRecordsFitsAPacket) {
  store::ModelStore store([] { return 0; });
  for (uint32_t i = 0; i < 20'000; ++i) {
    auto record = store.Lock(absl::StrCat("key ", i), {});
    ASSERT_TRUE(
        record->Store({.owner = NodeNumber(1), .flags = 0, .epoch = Epoch(1), .counter = 1}, "")
            .ok());
  }
  Reporter reporter({.local = NodeNumber(1), .database = DatabaseId(7)});
  reporter.OnView({.epoch = Epoch(2),
                   .leader = NodeNumber(0),
                   .members = {NodeNumber(0), NodeNumber(1)},
                   .homes = {NodeNumber(0)},
                   .joined = {Epoch(1), Epoch(1)}});
  recovery::Survey survey{.database = DatabaseId(7), .epoch = Epoch(2), .cursor = "", .slots = {}};
  survey.slots.set();
  reporter.OnSurvey(NodeNumber(0), survey);
  Reporter::Output output = reporter.TakeOutput();
  while (output.sends.empty()) {
    ASSERT_EQ(output.scans.size(), 1u);
    const auto result = ScanStore(store, output.scans[0]);
    ASSERT_TRUE(result.ok()) << result.status();
    reporter.OnScanned(output.scans[0].ticket, result->records, result->next_cursor,
                       result->is_end);
    output = reporter.TakeOutput();
  }
  capnp::MallocMessageBuilder message;
  recovery::EncodeReport(std::get<recovery::Report>(output.sends[0].message),
                         message.initRoot<wire::Report>());
  EXPECT_LT(message.sizeInWords() * sizeof(capnp::word), kFrameBytesMax);
}

TEST(ScanStoreTest, SingleRecordsAreLookedUpAndThoseThatAreNotThereLeftOut) {
  store::ModelStore store([] { return 0; });
  const store::RecordHeader header{
      .owner = NodeNumber(2), .flags = 0, .epoch = Epoch(5), .counter = 9};
  for (const char* key : {"a", "b", "c"}) {
    ASSERT_TRUE(store.Lock(key, {})->Store(header, "value").ok());
  }
  const auto found = LookUpInStore(store, {"c", "nowhere", "a"});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].key, "c");
  EXPECT_EQ((*found)[0].version, (RecordVersion{Epoch(5), 9}));
  EXPECT_EQ((*found)[0].owner, NodeNumber(2));
  EXPECT_EQ((*found)[1].key, "a");
}

TEST(ScanStoreTest, WhoMustNotWaitIsToldNothingOfALockedRecord) {
  store::ModelStore store([] { return 0; });
  auto locked = store.Lock("a", {});
  ASSERT_TRUE(locked->Store({}, "value").ok());
  EXPECT_FALSE(TryLookUpInStore(store, {"b", "a"}).has_value());
  locked->Unlock();
  const auto found = TryLookUpInStore(store, {"b", "a"});
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at(0).key, "a");
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
