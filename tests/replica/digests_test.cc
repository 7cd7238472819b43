// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/digests.h"

#include <gtest/gtest.h>

namespace ctdb::replica {
namespace {

const Position kFirst{Epoch(1), 1};
const Position kSecond{Epoch(1), 2};

TEST(DigestsTest, TheOrderOfWritesDoesNotMatter) {
  Digests one;
  one.Add("a", FingerprintOf("a", kFirst, "1"));
  one.Add("b", FingerprintOf("b", kSecond, "2"));
  Digests other;
  other.Add("b", FingerprintOf("b", kSecond, "2"));
  other.Add("a", FingerprintOf("a", kFirst, "1"));
  EXPECT_EQ(one, other);
}

TEST(DigestsTest, WhatIsRemovedLeavesNothingBehind) {
  Digests digests;
  digests.Add("a", FingerprintOf("a", kFirst, "1"));
  EXPECT_NE(digests.whole(), Digest{});
  digests.Remove("a", FingerprintOf("a", kFirst, "1"));
  EXPECT_EQ(digests, Digests());
}

TEST(DigestsTest, KeyVersionAndValueAllCount) {
  const Digest digest = FingerprintOf("ab", kFirst, "c");
  EXPECT_NE(digest, FingerprintOf("a", kFirst, "bc"));
  EXPECT_NE(digest, FingerprintOf("ab", kSecond, "c"));
  EXPECT_NE(digest, FingerprintOf("ab", {Epoch(2), 1}, "c"));
  EXPECT_NE(digest, FingerprintOf("ab", kFirst, "d"));
}

TEST(DigestsTest, TheDigestOfAllIsTheSumOfTheSlots) {
  Digests digests;
  digests.Set(5, {1, 2});
  digests.Set(6, {10, 20});
  digests.Set(5, {3, 4});
  EXPECT_EQ(digests.of(5), (Digest{3, 4}));
  EXPECT_EQ(digests.whole(), (Digest{13, 24}));
}

// Nodes of other versions and platforms compute the same.
TEST(DigestsTest, AFingerprintNeverChanges) {
  const Digest digest = FingerprintOf("key", {Epoch(3), 4}, "value");
  EXPECT_EQ(digest.high, 9349200102377955402u);
  EXPECT_EQ(digest.low, 9804506000379974736u);
}

}  // namespace
}  // namespace ctdb::replica
