// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/replica/limits.h"
#include "tests/client/fake_replicas.h"

namespace ctdb {
namespace {

using testing::HasSubstr;

class TransactionTest : public test::ReplicasFixture {
 protected:
  void SetUp() override { Begin(); }
  static std::string Read(Transaction& transaction, const std::string& key) {
    const auto value = transaction.Read(key);
    return value.ok() ? value->value_or("none") : value.status().ToString();
  }
};

TEST_F(TransactionTest, ItSeesWhatItWritesAndOthersDoNot) {
  model_.Put("old", "1");
  Transaction transaction = database_->Begin();
  EXPECT_EQ(transaction.Write("new", "2"), absl::OkStatus());
  EXPECT_EQ(transaction.Delete("old"), absl::OkStatus());
  EXPECT_EQ(Read(transaction, "new"), "2");
  EXPECT_EQ(Read(transaction, "old"), "none");
  EXPECT_EQ(Value("new"), "none");
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("new"), "2");
  EXPECT_EQ(Value("old"), "none");
}

TEST_F(TransactionTest, OneThatIsNotCommittedDoesNotHappen) {
  {
    Transaction transaction = database_->Begin();
    EXPECT_EQ(transaction.Write("key", "value"), absl::OkStatus());
  }
  EXPECT_EQ(Value("key"), "none");
}

TEST_F(TransactionTest, ARecordIsReadOnceAndComparedWhenItIsCommitted) {
  model_.Put("key", "1");
  Transaction transaction = database_->Begin();
  EXPECT_EQ(Read(transaction, "key"), "1");
  model_.Put("key", "2");
  EXPECT_EQ(Read(transaction, "key"), "1");
  EXPECT_EQ(transaction.Write("other", "x"), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(transaction.Commit()));
  EXPECT_EQ(Value("other"), "none");
}

TEST_F(TransactionTest, ARecordThatWasNotThereIsComparedAsWell) {
  Transaction transaction = database_->Begin();
  EXPECT_EQ(Read(transaction, "key"), "none");
  EXPECT_TRUE(transaction.IsReadOnly());
  model_.Put("key", "2");
  EXPECT_TRUE(absl::IsAborted(transaction.Commit()));
}

TEST_F(TransactionTest, WhatIsWipedIsGoneAndWhatIsWrittenAfterwardsIsThere) {
  model_.Put("a", "1");
  model_.Put("b", "2");
  Transaction transaction = database_->Begin();
  EXPECT_EQ(transaction.Write("c", "3"), absl::OkStatus());
  EXPECT_EQ(transaction.Wipe(), absl::OkStatus());
  EXPECT_EQ(Read(transaction, "a"), "none");
  EXPECT_EQ(transaction.Write("b", "4"), absl::OkStatus());
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("a") + Value("b") + Value("c"), "none4none");
}

TEST_F(TransactionTest, OneThatIsOverRefusesEverything) {
  Transaction transaction = database_->Begin();
  EXPECT_TRUE(transaction.IsEmpty());
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_TRUE(absl::IsFailedPrecondition(transaction.Commit()));
  EXPECT_TRUE(absl::IsFailedPrecondition(transaction.Read("key").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(transaction.Write("key", "value")));
  EXPECT_TRUE(absl::IsFailedPrecondition(transaction.Wipe()));
}

TEST_F(TransactionTest, WhatWouldBeTooLargeIsRefusedAndChangesNothing) {
  const std::string value(512 * 1024, 'x');
  Transaction transaction = database_->Begin();
  EXPECT_TRUE(absl::IsInvalidArgument(transaction.Write("a", value + value))) << "no record";
  int count = 0;
  absl::Status status;
  while ((status = transaction.Write(absl::StrCat(count), value)).ok()) ++count;
  EXPECT_EQ(count, 127) << "64 MiB with a little for each";
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("(64 MiB) are possible; make several"));
  EXPECT_EQ(transaction.Write("0", value + "y"), absl::OkStatus()) << "it replaces the other one";
  EXPECT_EQ(transaction.Write("small", "small"), absl::OkStatus());
  EXPECT_TRUE(absl::IsInvalidArgument(transaction.Write("", "x")));
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("0").size(), value.size() + 1);
  EXPECT_EQ(Value("126").size(), value.size());
  EXPECT_EQ(Value("small"), "small");
}

static_assert(Transaction::kBytesMax == store::kTransactionBytesMax,
              "what a client may begin is what a coordinator takes");

TEST_F(TransactionTest, AHalfSentBodyBeginsAnew) {
  Transaction transaction = database_->Begin();
  EXPECT_EQ(transaction.Write("a", std::string(600 * 1024, 'x')), absl::OkStatus());
  EXPECT_EQ(transaction.Delete("b"), absl::OkStatus());
  model_.Put("b", "1");
  model_.parts = {absl::OkStatus(), absl::FailedPreconditionError("a part is missing"),
                  absl::ResourceExhaustedError("no room")};
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("a").size(), 600 * 1024u);
  EXPECT_EQ(Value("b"), "none");
  EXPECT_EQ(TimesSent(), 1);
}

TEST_F(TransactionTest, TheLargestOneWithoutABodyFitsIntoAPacket) {
  Transaction writes = database_->Begin();
  int count = 0;
  while (!writes.HasBody()) ASSERT_TRUE(writes.Write(absl::StrCat(++count), "x").ok());
  Transaction one_less = database_->Begin();
  for (int i = 1; i < count; ++i) ASSERT_TRUE(one_less.Write(absl::StrCat(i), "x").ok());
  EXPECT_FALSE(one_less.HasBody());
  EXPECT_EQ(one_less.Commit(), absl::OkStatus());
  EXPECT_EQ(Value(absl::StrCat(count - 1)), "x");
  EXPECT_GT(count, 8'000);
}

TEST_F(TransactionTest, ManySmallRecordsGoAsABody) {
  Transaction writes = database_->Begin();
  for (int i = 0; i < 50'000; ++i) ASSERT_TRUE(writes.Write(absl::StrCat(i), "x").ok());
  EXPECT_EQ(writes.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("49999"), "x");
}

TEST_F(TransactionTest, WhatItReadsMustFitIntoAPacket) {
  Transaction reads = database_->Begin();
  const std::string end(60'000, 'k');
  int count = 0;
  while (reads.Read(absl::StrCat(count, end)).ok()) ++count;
  EXPECT_EQ(count, 6);
  EXPECT_FALSE(reads.HasBody());
  EXPECT_EQ(reads.Commit(), absl::OkStatus());
}

}  // namespace
}  // namespace ctdb
