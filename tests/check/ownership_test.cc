// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/check/ownership.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace ctdb::check {
namespace {

const NodeNumber kA(0);
const NodeNumber kB(1);
const NodeNumber kC(2);

Copy Owned(NodeNumber node, Version version, uint64_t value = 1) {
  return {node, version, true, false, value};
}
Copy Old(NodeNumber node, Version version, uint64_t value = 1) {
  return {node, version, false, false, value};
}
Copy Lent(NodeNumber node, Version version) { return {node, version, false, true, 1}; }

std::string OneFault(const Look& look) {
  const std::vector<Fault> faults = Faults(look);
  if (faults.size() == 1) return faults[0].what;
  ADD_FAILURE() << faults.size() << " faults";
  return "";
}

TEST(OwnershipTest, HealthyRecords) {
  EXPECT_TRUE(Faults({{Owned(kA, {1, 5}), Old(kB, {1, 4}), Lent(kC, {1, 9})}, kB, kA}).empty());
  // Nobody owns it, and the home knows that.
  EXPECT_TRUE(Faults({{Old(kA, {1, 5})}, kB, std::nullopt}).empty());
  // The home has not settled.
  EXPECT_TRUE(Faults({{Owned(kA, {1, 5})}, std::nullopt, std::nullopt}).empty());
  // An older copy that became empty, with the version that it had.
  EXPECT_TRUE(Faults({{Owned(kA, {1, 5}), Old(kB, {1, 5}, 0)}, kB, kA}).empty());
}

// database-and-cluster INV-1.
TEST(OwnershipTest, TwoOwners) {
  const Look look = {{Owned(kA, {1, 5}), Owned(kC, {1, 7})}, kB, kC};
  EXPECT_EQ(OneFault(look), "nodes 0, 2 all own it; the newest copy is that of node 2");
  EXPECT_TRUE(absl::StrContains(Faults(look)[0].advice, "ctdb stop -n 0"));
}

// INV-3.
TEST(OwnershipTest, TheHomeDoesNotKnowTheOwner) {
  EXPECT_EQ(OneFault({{Owned(kA, {1, 5})}, kB, kC}),
            "node 0 owns it, and its home, node 1, says that node 2 does");
  EXPECT_EQ(OneFault({{Owned(kA, {1, 5})}, kB, std::nullopt}),
            "node 0 owns it, and its home, node 1, says that nobody does");
  EXPECT_EQ(OneFault({{Old(kA, {1, 5})}, kB, kA}),
            "its home, node 1, says that node 0 owns it, and nobody does");
}

// INV-7 and INV-9.
TEST(OwnershipTest, CopiesThatMustNotBe) {
  EXPECT_EQ(OneFault({{Owned(kA, {1, 5}), Old(kB, {2, 1})}, kA, kA}),
            "node 1 has a newer copy than its owner, node 0");
  EXPECT_EQ(OneFault({{Owned(kA, {1, 5}, 7), Old(kB, {1, 5}, 8)}, kA, kA}),
            "node 1 has another value of the same version than its owner, node 0");
}

TEST(FirstLookTest, SuspectsAreThoseThatMayHaveAFault) {
  FirstLook first;
  const auto add = [&](const char* key, std::vector<Copy> copies) {
    for (const Copy& copy : copies) first.Add(backup::HashOf(key), copy);
  };
  add("good", {Old(kA, {1, 4}), Owned(kB, {1, 5}), Lent(kC, {3, 1})});
  add("nobody's", {Old(kA, {1, 4})});
  add("two", {Owned(kA, {1, 4}), Owned(kB, {1, 5})});
  add("newer", {Old(kA, {1, 6}), Owned(kB, {1, 5})});
  add("other", {Owned(kB, {1, 5}, 7), Old(kA, {1, 5}, 8)});
  add("emptied", {Owned(kB, {1, 5}, 7), Old(kA, {1, 5}, 0)});
  EXPECT_EQ(first.records(), 6u);
  EXPECT_EQ(first.Suspects(),
            (absl::flat_hash_set<backup::KeyHash>{backup::HashOf("two"), backup::HashOf("newer"),
                                                  backup::HashOf("other")}));
}

TEST(SecondLooksTest, WhatMovesIsNeverStable) {
  SecondLooks looks;
  for (uint64_t i = 0; i < 10; ++i) {
    looks.Add({{Owned(kA, {1, i}), Owned(kB, {1, i})}, kA, kA});
    EXPECT_FALSE(looks.IsStable());
  }
}

TEST(SecondLooksTest, WhatStaysIsStableAfterSomeLooks) {
  SecondLooks looks;
  const Look look = {{Owned(kA, {1, 5}), Owned(kB, {1, 5})}, kA, kA};
  for (int i = 1; i <= SecondLooks::kSameMin; ++i) {
    EXPECT_FALSE(looks.IsStable());
    looks.Add(look);
  }
  EXPECT_TRUE(looks.IsStable());
  EXPECT_EQ(looks.last(), look);
  looks.Add({});
  EXPECT_FALSE(looks.IsStable());
}

}  // namespace
}  // namespace ctdb::check
