// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/commit.h"

#include <gtest/gtest.h>

#include "lib/samba/plain_payloads.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

const size_t kDataOffset = 60;

std::string Stored(absl::string_view value) { return Encode(StoredRecord{{}, value}); }

TEST(CommitTest, TheCommitOfTheExamplesSetsOneKeyAndIsTheFirst) {
  const std::string bytes = FromHex(kHexTrans3Commit).substr(kDataOffset);
  const absl::StatusOr<Commit> commit = DecodeCommit(bytes);
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_EQ(commit->buffer.db_id, DbId(0x5333229E));
  EXPECT_EQ(commit->buffer.count, 2);
  EXPECT_EQ(commit->sequence_number, 1);
  RecordCursor cursor(commit->buffer);
  const std::optional<RecordData> record = cursor.Next();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->key, absl::string_view("k1\0", 3));
  EXPECT_EQ(ReadStored(record->data)->value, "v1-0");
  EXPECT_EQ(ReadStored(record->data)->header.rsn, 1);
}

TEST(CommitTest, OnlyTheLastRecordCountsCommits) {
  const std::string number = Stored(Encode(NumberPayload<uint64_t>{7}));
  const std::string value = Stored("value");
  RecordBufferBuilder builder(DbId(1));
  builder.Add({.key = kSequenceKey, .data = number});
  EXPECT_EQ(DecodeCommit(builder.bytes())->sequence_number, 7);
  builder.Add({.key = "key", .data = value});
  EXPECT_FALSE(DecodeCommit(builder.bytes())->sequence_number.has_value());
  builder.Add({.key = kSequenceKey, .data = value});
  EXPECT_FALSE(DecodeCommit(builder.bytes())->sequence_number.has_value());
}

TEST(CommitTest, ARecordWithoutHeaderIsRefused) {
  RecordBufferBuilder builder(DbId(1));
  builder.Add({.key = "key", .data = "short"});
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeCommit(builder.bytes()).status()));
}

TEST(CommitTest, AMalformedBufferIsRefused) {
  const std::string bytes = FromHex(kHexTrans3Commit).substr(kDataOffset);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(DecodeCommit(bytes.substr(0, size)).status())) << size;
  }
}

TEST(CommitTest, ASequenceNumberThatIsNoneIsZero) {
  EXPECT_EQ(SequenceNumber(Encode(NumberPayload<uint64_t>{1})), 1);
  EXPECT_EQ(SequenceNumber(""), 0);
  EXPECT_EQ(SequenceNumber("1234567"), 0);
  EXPECT_EQ(SequenceNumber("123456789"), 0);
}

TEST(CommitTest, TheLockOfATransactionIsNamedAfterItsDatabase) {
  const std::string call = FromHex(kHexCallRequest);
  EXPECT_EQ(TransactionLockKey(DbId(0x7132C184)), call.substr(56));
  EXPECT_EQ(TransactionLockKey(DbId(0x1A)), absl::string_view("transaction_db_0x0000001a\0", 26));
}

}  // namespace
}  // namespace ctdb::samba
