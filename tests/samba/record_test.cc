// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/record.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

constexpr absl::string_view kHexHeader = "05000000 00000000 01000000 02000000 00000002 03000000 ";
constexpr RecordHeader kHeader{5, NodeNumber(1), 2, kRecordReadOnlyCopy, 3};

TEST(RecordTest, AHeaderKeepsAlsoWhatHasNoMeaning) { ExpectFixedLayout(kHeader, kHexHeader); }

TEST(RecordTest, TheFileOfTheExamplesHoldsATombstone) {
  const std::string bytes = FromHex(kHexTombstone);
  const std::optional<StoredRecord> record = ReadStored(bytes);
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(record->header == (RecordHeader{.rsn = 5, .dmaster = NodeNumber(1)}));
  EXPECT_TRUE(record->is_tombstone());
  EXPECT_EQ(Encode(*record), bytes);
}

TEST(RecordTest, Rec1LessThanAHeaderIsNoRecord) {
  EXPECT_FALSE(ReadStored("").has_value());
  EXPECT_FALSE(ReadStored(std::string(23, 'x')).has_value());
  EXPECT_TRUE(ReadStored(std::string(24, 'x')).has_value());
  EXPECT_EQ(ReadStored(std::string(24, 'x') + "value")->value, "value");
}

TEST(RecordTest, ARecordOnItsWaySaysItsWholeLength) {
  ExpectLayout(RecordData{ReqId(4), "key", "data"},
               "17000000 04000000 03000000 04000000 6b657964 617461");
  ExpectLayout(RecordData{.reqid = ReqId(4)}, "10000000 04000000 00000000 00000000");
  EXPECT_TRUE((RecordData{.reqid = ReqId(4)}).is_end_mark());
  EXPECT_FALSE((RecordData{.key = "key"}).is_end_mark());
}

TEST(RecordTest, ARecordWhoseLengthsContradictEachOtherIsRefused) {
  for (const absl::string_view hex : {
           "18000000 04000000 03000000 04000000 6b657964 61746100",  // Padding.
           "16000000 04000000 03000000 04000000 6b657964 617461",
           "00000000 04000000 03000000 04000000 6b657964 617461",
           // The sum of the inner lengths wraps to what the record says.
           "17000000 04000000 ffffffff 08000000 6b657964 617461",
           "0f000000 04000000 00000000 ffffffff",
       }) {
    EXPECT_TRUE(absl::IsInvalidArgument(Decode<RecordData>(FromHex(hex)).status())) << hex;
  }
}

TEST(RecordTest, AMessageOfATraverseIsOneRecordWithItsHeaderOrTheEnd) {
  const std::string stored = FromHex(kHexHeader) + "value";
  const std::string record = Encode(RecordData{ReqId(4), "key", stored});
  EXPECT_EQ(Decode<TraverseRecord>(record)->record.data, stored);
  EXPECT_FALSE(Decode<TraverseRecord>(record + "x").ok());
  EXPECT_FALSE(Decode<TraverseRecord>(Encode(RecordData{ReqId(4), "key", "short"})).ok());
  EXPECT_FALSE(Decode<TraverseRecord>(Encode(RecordData{ReqId(4), "", "short"})).ok());
  EXPECT_TRUE(Decode<TraverseRecord>(Encode(RecordData{ReqId(4), "", ""}))->record.is_end_mark());
}

TEST(RecordTest, ARecordToBeDeletedHasPaddingBeforeItsHeader) {
  ExpectLayout(ScheduleForDeletion{DbId(7), kHeader, "key"},
               absl::StrCat("07000000 00000000 ", kHexHeader, "03000000 6b6579"));
}

TEST(RecordTest, APushedRecordHasNoPaddingAnywhere) {
  ExpectLayout(
      PushRecord{Generation(9), DbId(7), kHeader, "key", "value"},
      absl::StrCat("09000000 07000000 ", kHexHeader, "03000000 6b6579 05000000 76616c7565"));
}

}  // namespace
}  // namespace ctdb::samba
