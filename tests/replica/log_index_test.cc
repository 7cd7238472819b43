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

TEST(LogIndexTest, BeyondItsBytesItKeepsTokensAndTheLastEntry) {
  LogIndex log(100);
  log.Add({At(1, 1), {1, 1}, 60});
  log.Add({At(1, 2), {2, 2}, 40});
  EXPECT_EQ(log.entries_base(), Position{});
  log.Add({At(1, 3), {3, 3}, 101});
  EXPECT_EQ(log.entries_base(), At(1, 2));
  EXPECT_FALSE(log.Continues(At(1, 1)));
  EXPECT_TRUE(log.Continues(At(1, 2)));
  EXPECT_EQ(log.tokens_base(), Position{});
  EXPECT_EQ(log.Find({1, 1}), At(1, 1));
  log.Add({At(1, 4), {4, 4}, 10});
  EXPECT_EQ(log.entries_base(), At(1, 3));
}

TEST(LogIndexTest, NothingGoesOnBehindAnEntryThatIsNotThere) {
  LogIndex log(100);
  log.Add({At(1, 1), {1, 1}, 90});
  log.Add({At(1, 2), {2, 2}, 0});
  log.Add({At(1, 3), {3, 3}, 90});
  EXPECT_EQ(log.entries_base(), At(1, 2)) << "the first one takes no bytes any more";
}

TEST(LogIndexTest, WhatItLearnsFromAnotherFitsIntoItsOwnBytes) {
  LogIndex small(100);
  small.Become(LogIndex(At(1, 1), {{At(1, 2), {2, 2}, 80}, {At(1, 3), {3, 3}, 80}}));
  EXPECT_EQ(small.tokens_base(), At(1, 1));
  EXPECT_EQ(small.entries_base(), At(1, 2));
  small.Add({At(1, 4), {4, 4}, 80});
  EXPECT_EQ(small.entries_base(), At(1, 3));
}

TEST(LogIndexTest, ForgettingTokensLeavesTheEntries) {
  LogIndex log(10);
  for (uint64_t i = 1; i <= kLogTransactionsMax + 20; ++i) log.Add({At(1, i), {i, i}, 1});
  EXPECT_EQ(log.tokens_base(), At(1, 20));
  EXPECT_EQ(log.entries_base(), At(1, kLogTransactionsMax + 10));
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
