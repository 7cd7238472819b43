// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The C interface of databases of which each node has a copy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "lib/client/ctdbapi.h"
#include "tests/client/fake_replicas.h"

namespace ctdb {
namespace {

using testing::HasSubstr;
using Verdict = wire::TransactionVerdict;

constexpr int kPatienceMs = 10'000;

class CtdbApiTransactionsTest : public test::ReplicasFixture {
 protected:
  void SetUp() override {
    StartNodes(1);
    Serve();
    ASSERT_EQ(ctdb_open(SocketPath(0).c_str(), "test", kPatienceMs, &client_), CTDB_OK);
    ASSERT_EQ(ctdb_attach_persistent(client_, "registry", kPatienceMs, &copies_), CTDB_OK)
        << ctdb_last_error();
  }
  void TearDown() override {
    ctdb_copies_detach(copies_);
    ctdb_close(client_);
  }
  ctdb_transaction* Begin() {
    ctdb_transaction* transaction = nullptr;
    EXPECT_EQ(ctdb_transaction_begin(copies_, &transaction), CTDB_OK) << ctdb_last_error();
    return transaction;
  }
  static int Write(ctdb_transaction* transaction, const std::string& key,
                   const std::string& value) {
    return ctdb_transaction_write(transaction, key.data(), key.size(), value.data(), value.size());
  }
  // The value, or "error" and its number.
  template <typename From>
  static std::string Read(int (*read)(From*, const void*, size_t, int, void**, size_t*), From* from,
                          const std::string& key) {
    void* value = nullptr;
    size_t size = 0;
    const int error = read(from, key.data(), key.size(), kPatienceMs, &value, &size);
    if (error != CTDB_OK) return "error " + std::to_string(error);
    std::string copy(static_cast<const char*>(value), size);
    ctdb_free(value);
    return copy;
  }

  ctdb_client* client_ = nullptr;
  ctdb_copies* copies_ = nullptr;
};

TEST_F(CtdbApiTransactionsTest, ATransactionReadsWritesAndHappens) {
  model_.Put("old", "1");
  ctdb_transaction* transaction = Begin();
  EXPECT_EQ(Read(ctdb_transaction_read, transaction, "old"), "1");
  EXPECT_EQ(Write(transaction, "new", "2"), CTDB_OK);
  EXPECT_EQ(ctdb_transaction_delete(transaction, "old", 3), CTDB_OK);
  EXPECT_EQ(Read(ctdb_transaction_read, transaction, "new"), "2");
  EXPECT_EQ(Read(ctdb_transaction_read, transaction, "old"), "error 3");
  EXPECT_EQ(ctdb_transaction_commit(transaction, kPatienceMs), CTDB_OK) << ctdb_last_error();
  EXPECT_EQ(Read(ctdb_copies_read, copies_, "new"), "2");
  EXPECT_EQ(Read(ctdb_copies_read, copies_, "old"), "error 3");
  uint64_t sequence = 0;
  EXPECT_EQ(ctdb_copies_sequence(copies_, kPatienceMs, &sequence), CTDB_OK);
  EXPECT_EQ(sequence, 12u);
}

TEST_F(CtdbApiTransactionsTest, OneThatIsCancelledDoesNotHappen) {
  ctdb_transaction* transaction = Begin();
  EXPECT_EQ(Write(transaction, "key", "value"), CTDB_OK);
  ctdb_transaction_cancel(transaction);
  EXPECT_EQ(Value("key"), "none");
}

TEST_F(CtdbApiTransactionsTest, AConflictAndADoubtAreErrorsOfTheirOwn) {
  ctdb_transaction* transaction = Begin();
  EXPECT_EQ(Read(ctdb_transaction_read, transaction, "key"), "error 3");
  model_.Put("key", "other");
  EXPECT_EQ(Write(transaction, "key", "mine"), CTDB_OK);
  EXPECT_EQ(ctdb_transaction_commit(transaction, kPatienceMs), CTDB_CONFLICT);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("key \"key\" of database \"registry\" was changed"));
  transaction = Begin();
  EXPECT_EQ(Write(transaction, "key", "mine"), CTDB_OK);
  model_.Next({.verdict = std::nullopt});
  EXPECT_EQ(ctdb_transaction_commit(transaction, 50), CTDB_IN_DOUBT);
}

TEST_F(CtdbApiTransactionsTest, AWipeAndAVisit) {
  model_.Put("a", "1");
  model_.Put("b", "2");
  std::string seen;
  const auto visit = [](void* context, const void* key, size_t key_size, const void*, size_t) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(key), key_size);
    return 0;
  };
  EXPECT_EQ(ctdb_copies_visit(copies_, kPatienceMs, visit, &seen), CTDB_OK);
  EXPECT_EQ(seen, "ab");
  const auto thrower = [](void*, const void*, size_t, const void*, size_t) -> int {
    throw std::runtime_error("oh");
  };
  EXPECT_EQ(ctdb_copies_visit(copies_, kPatienceMs, thrower, nullptr), CTDB_INTERNAL);
  ctdb_transaction* transaction = Begin();
  EXPECT_EQ(ctdb_transaction_wipe(transaction), CTDB_OK);
  EXPECT_EQ(ctdb_transaction_commit(transaction, kPatienceMs), CTDB_OK);
  EXPECT_EQ(Value("a"), "none");
}

TEST_F(CtdbApiTransactionsTest, HandlesAreClosedInAnyOrder) {
  ctdb_transaction* transaction = Begin();
  ctdb_copies_detach(std::exchange(copies_, nullptr));
  ctdb_close(std::exchange(client_, nullptr));
  EXPECT_EQ(Write(transaction, "key", "value"), CTDB_OK);
  EXPECT_EQ(ctdb_transaction_commit(transaction, kPatienceMs), CTDB_OK);
  EXPECT_EQ(Value("key"), "value");
}

TEST_F(CtdbApiTransactionsTest, OneOfAnotherKindIsRefused) {
  ctdb_copies* other = nullptr;
  EXPECT_EQ(ctdb_attach_replicated(client_, "registry", kPatienceMs, &other), CTDB_INVALID);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("of another kind"));
}

TEST_F(CtdbApiTransactionsTest, WhatIsNullIsAnErrorAndNoCrash) {
  EXPECT_EQ(ctdb_attach_persistent(nullptr, "x", 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_attach_replicated(client_, nullptr, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_copies_read(nullptr, "x", 1, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_copies_read(copies_, "x", 1, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_copies_visit(nullptr, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_copies_sequence(nullptr, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_begin(nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_read(nullptr, "x", 1, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_write(nullptr, "x", 1, "y", 1), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_delete(nullptr, "x", 1), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_wipe(nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_transaction_commit(nullptr, 0), CTDB_INVALID);
  ctdb_transaction_cancel(nullptr);
  ctdb_copies_detach(nullptr);
}

}  // namespace
}  // namespace ctdb
