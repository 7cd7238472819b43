// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/change.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

constexpr Instant kNow{std::chrono::hours(1)};
constexpr NodeNumber kNode(1);
constexpr NodeNumber kOther(2);

class ChangeTest : public testing::Test {
 protected:
  uint64_t Add(ChangeKind kind, NodeNumber node, uint64_t cause = 0) {
    Change change;
    change.kind = kind;
    change.node = node;
    change.cause = cause;
    return log_.Add(std::move(change), kNow);
  }
  // The sequences after that one, and how many are missing: "2 3, 0 missed".
  std::string After(uint64_t sequence) {
    uint64_t missed = 77;
    std::string text;
    for (const Change& change : log_.After(sequence, &missed)) {
      absl::StrAppend(&text, change.sequence, " ");
    }
    return absl::StrCat(text, "missed ", missed);
  }
  std::string Why(NodeNumber node) {
    std::string text;
    for (const Change& change : log_.Why(node)) {
      absl::StrAppend(&text, text.empty() ? "" : " ", change.sequence);
    }
    return text;
  }

  ChangeLog log_;
};

TEST_F(ChangeTest, ChangesAreNumberedFromOneWithoutGaps) {
  EXPECT_EQ(log_.last(), 0u);
  for (uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(Add(ChangeKind::kView, kNode), i);
  EXPECT_EQ(log_.last(), 3u);
  EXPECT_EQ(log_.kept()[1].sequence, 2u);
  EXPECT_EQ(log_.kept()[1].at, kNow);
}

TEST_F(ChangeTest, WhatCameAfterASequenceIsInOrder) {
  EXPECT_EQ(After(0), "missed 0");
  for (int i = 0; i < 4; ++i) Add(ChangeKind::kView, kNode);
  EXPECT_EQ(After(0), "1 2 3 4 missed 0");
  EXPECT_EQ(After(2), "3 4 missed 0");
  EXPECT_EQ(After(4), "missed 0");
  EXPECT_EQ(After(99), "missed 0");
}

TEST_F(ChangeTest, TheOldestGoAndItIsSaidHowMany) {
  for (size_t i = 0; i < ChangeLog::kKept; ++i) Add(ChangeKind::kView, kNode);
  uint64_t missed = 77;
  EXPECT_EQ(log_.After(0, &missed).size(), ChangeLog::kKept);
  EXPECT_EQ(missed, 0u);
  for (int i = 0; i < 5; ++i) Add(ChangeKind::kView, kNode);
  EXPECT_EQ(log_.After(0, &missed).front().sequence, 6u);
  EXPECT_EQ(missed, 5u);
  EXPECT_EQ(log_.After(3, &missed).size(), ChangeLog::kKept);
  EXPECT_EQ(missed, 2u);
  log_.After(5, &missed);
  EXPECT_EQ(missed, 0u);
  EXPECT_EQ(log_.kept().size(), ChangeLog::kKept);
}

TEST_F(ChangeTest, WhyIsTheNewestChangeOfTheNodesStateAndItsCauses) {
  const uint64_t order = Add(ChangeKind::kOrder, kOther);
  Add(ChangeKind::kFlags, kNode, order);
  const uint64_t lost = Add(ChangeKind::kConnection, kOther);
  const uint64_t flags = Add(ChangeKind::kFlags, kNode, order);
  EXPECT_EQ(Why(kNode), absl::StrCat(flags, " ", order));
  EXPECT_EQ(Why(kOther), absl::StrCat(lost));
  EXPECT_EQ(Why(NodeNumber(9)), "");
}

TEST_F(ChangeTest, OnlyConnectionsFlagsAndRunStatesAreANodesState) {
  Add(ChangeKind::kRunState, kNode);
  for (const ChangeKind kind : {ChangeKind::kLeader, ChangeKind::kView, ChangeKind::kSettled,
                                ChangeKind::kNodesList, ChangeKind::kOrder, ChangeKind::kWarning}) {
    Add(kind, kNode);
  }
  EXPECT_EQ(Why(kNode), "1");
}

TEST_F(ChangeTest, ACauseThatIsNotKeptAnyMoreEndsTheChain) {
  const uint64_t order = Add(ChangeKind::kOrder, kNode);
  const uint64_t first = Add(ChangeKind::kFlags, kOther);
  for (size_t i = 0; i < ChangeLog::kKept - 1; ++i) Add(ChangeKind::kView, kNode);
  const uint64_t flags = Add(ChangeKind::kFlags, kNode, order);
  EXPECT_EQ(Why(kNode), absl::StrCat(flags));
  EXPECT_GT(log_.kept().front().sequence, first);
  EXPECT_EQ(Why(kOther), "") << "what led to its state is not known any more";
}

TEST_F(ChangeTest, AChainOfCausesHasABound) {
  uint64_t last = 0;
  for (int i = 0; i < 40; ++i) last = Add(ChangeKind::kFlags, kNode, last);
  EXPECT_EQ(log_.Why(kNode).size(), ChangeLog::kChainMax);
}

TEST_F(ChangeTest, ACauseThatIsNotInThePastEndsTheChain) {
  EXPECT_EQ(Add(ChangeKind::kFlags, kNode, 1), 1u);
  EXPECT_EQ(Why(kNode), "1");
  Add(ChangeKind::kFlags, kNode, 99);
  EXPECT_EQ(Why(kNode), "2");
}

}  // namespace
}  // namespace ctdb::cluster
