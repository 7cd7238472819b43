// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/record_buffer.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

constexpr absl::string_view kHexTwo =
    "07000000 02000000 "
    "17000000 04000000 03000000 04000000 6b657964 617461 "
    "11000000 05000000 01000000 00000000 78";

TEST(RecordBufferTest, RecordsFollowEachOtherWithoutPadding) {
  RecordBufferBuilder builder(DbId(7));
  builder.Add({ReqId(4), "key", "data"});
  builder.Add({ReqId(5), "x", ""});
  EXPECT_EQ(builder.count(), 2);
  EXPECT_EQ(ToHex(builder.bytes()), ToHex(FromHex(kHexTwo)));
}

TEST(RecordBufferTest, ADecodedBufferIsWrittenAsItWas) {
  const std::string bytes = FromHex(kHexTwo);
  const absl::StatusOr<RecordBuffer> buffer = Decode<RecordBuffer>(bytes);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  ExpectLayout(*buffer, kHexTwo);
}

TEST(RecordBufferTest, ACursorGivesEachRecordOnce) {
  const std::string bytes = FromHex(kHexTwo);
  RecordCursor cursor(*Decode<RecordBuffer>(bytes));
  EXPECT_TRUE(cursor.Next() == (RecordData{ReqId(4), "key", "data"}));
  EXPECT_TRUE(cursor.Next() == (RecordData{ReqId(5), "x", ""}));
  EXPECT_FALSE(cursor.Next().has_value());
  EXPECT_FALSE(cursor.Next().has_value());
}

TEST(RecordBufferTest, ABufferWithoutRecordsIsItsHeader) {
  ExpectLayout(RecordBuffer{DbId(7), 0, ""}, "07000000 00000000");
  EXPECT_EQ(ToHex(RecordBufferBuilder(DbId(7)).bytes()), "0700000000000000");
}

TEST(RecordBufferTest, BytesBehindTheLastRecordAreNotOfTheBuffer) {
  const std::string bytes = FromHex(kHexTwo) + "behind";
  const absl::StatusOr<RecordBuffer> buffer = Decode<RecordBuffer>(bytes);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  EXPECT_EQ(ToHex(Encode(*buffer)), ToHex(FromHex(kHexTwo)));
}

TEST(RecordBufferTest, ANumberOfRecordsThatAreNotThereIsRefused) {
  std::string bytes = FromHex(kHexTwo);
  bytes[4] = 3;
  EXPECT_TRUE(absl::IsInvalidArgument(Decode<RecordBuffer>(bytes).status()));
  bytes[7] = '\xff';
  EXPECT_TRUE(absl::IsInvalidArgument(Decode<RecordBuffer>(bytes).status()));
}

TEST(RecordBufferTest, ACursorOverABufferThatNobodyCheckedEndsAtItsFault) {
  const std::string bytes = FromHex(kHexTwo);
  RecordCursor cursor(RecordBuffer{DbId(7), 1000, absl::string_view(bytes).substr(8, 30)});
  EXPECT_TRUE(cursor.Next().has_value());
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(cursor.Next().has_value());
}

}  // namespace
}  // namespace ctdb::samba
