// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/log_index.h"

#include <gtest/gtest.h>

namespace ctdb::replica {
namespace {

Position At(uint64_t epoch, uint64_t sequence) { return {Epoch(epoch), sequence}; }

TEST(LogIndexTest, ANewLogBeginsAndEndsAtNothing) {
  LogIndex log;
  EXPECT_EQ(log.end(), Position{});
  EXPECT_TRUE(log.Continues({}));
  EXPECT_FALSE(log.Continues(At(1, 1)));
}

TEST(LogIndexTest, KnowsEntriesAndNotOnlySequences) {
  LogIndex log;
  log.Add({At(1, 1), {1, 1}, 10});
  log.Add({At(2, 2), {2, 2}, 10});
  EXPECT_TRUE(log.Continues(At(1, 1)));
  EXPECT_TRUE(log.Continues(At(2, 2)));
  EXPECT_FALSE(log.Continues(At(1, 2))) << "another entry with the same sequence";
  EXPECT_EQ(log.Find({2, 2}), At(2, 2));
  EXPECT_EQ(log.Find({3, 3}), std::nullopt);
}

TEST(LogIndexTest, ForgetsTheOldestEntriesFirst) {
  LogIndex log;
  for (uint64_t i = 1; i <= kLogTransactionsMax + 2; ++i) log.Add({At(1, i), {i, i}, 1});
  EXPECT_EQ(log.items().size(), kLogTransactionsMax);
  EXPECT_EQ(log.tokens_base(), At(1, 2));
  EXPECT_TRUE(log.Continues(At(1, 2))) << "all that follows is there";
  EXPECT_FALSE(log.Continues(At(1, 1)));
  EXPECT_EQ(log.Find({2, 2}), std::nullopt);
  EXPECT_EQ(log.Find({3, 3}), At(1, 3));
}

TEST(LogIndexTest, IsLimitedInBytesButKeepsTheLastEntry) {
  LogIndex log;
  log.Add({At(1, 1), {1, 1}, kLogBytesMax});
  log.Add({At(1, 2), {2, 2}, kLogBytesMax + 1});
  EXPECT_EQ(log.items().size(), 1u);
  EXPECT_EQ(log.end(), At(1, 2));
}

TEST(LogIndexTest, ACopyThatWasFilledKnowsTokensAndNoEntries) {
  LogIndex log(At(1, 4), {{At(1, 5), {5, 5}, 0}, {At(1, 6), {6, 6}, 0}});
  EXPECT_EQ(log.tokens_base(), At(1, 4));
  EXPECT_EQ(log.Find({5, 5}), At(1, 5));
  EXPECT_FALSE(log.Continues(At(1, 5)));
  EXPECT_TRUE(log.Continues(At(1, 6)));
  log.Add({At(1, 7), {7, 7}, 10});
  EXPECT_EQ(log.entries_base(), At(1, 6));
}

}  // namespace
}  // namespace ctdb::replica
