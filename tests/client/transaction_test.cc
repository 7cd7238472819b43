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
  const std::string half(Transaction::kBytesMax / 2, 'x');
  Transaction transaction = database_->Begin();
  EXPECT_EQ(transaction.Write("a", half), absl::OkStatus());
  const absl::Status status = transaction.Write("b", half);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("at most 409600; make several of it"));
  EXPECT_EQ(transaction.Write("a", half + "y"), absl::OkStatus()) << "it replaces the other one";
  EXPECT_EQ(transaction.Write("b", "small"), absl::OkStatus());
  EXPECT_TRUE(absl::IsInvalidArgument(transaction.Write("", "x")));
  EXPECT_EQ(transaction.Commit(), absl::OkStatus());
  EXPECT_EQ(Value("a").size(), half.size() + 1);
  EXPECT_EQ(Value("b"), "small");
}

static_assert(Transaction::kBytesMax == replica::kTransactionBytesMax,
              "what a client may begin is what a coordinator takes");

TEST_F(TransactionTest, TheLargestOneFitsIntoAPacket) {
  Transaction writes = database_->Begin();
  int count = 0;
  while (writes.Write(absl::StrCat(++count), "x").ok()) continue;
  EXPECT_EQ(writes.Commit(), absl::OkStatus());
  EXPECT_EQ(Value(absl::StrCat(count - 1)), "x");
  EXPECT_GT(count, 8'000);
}

}  // namespace
}  // namespace ctdb
