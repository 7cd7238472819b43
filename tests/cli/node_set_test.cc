// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/node_set.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

using Nodes = std::set<uint32_t>;
const Nodes kExisting = {0, 1, 2, 4};

std::string Error(absl::string_view text, Ranges ranges) {
  return std::string(ParseNodeSet(text, kExisting, ranges).status().message());
}

TEST(NodeSetTest, NamesAllOrSomeNodes) {
  EXPECT_EQ(*ParseNodeSet("all", kExisting, Ranges::kRefused), kExisting);
  EXPECT_EQ(*ParseNodeSet("0,2", kExisting, Ranges::kRefused), (Nodes{0, 2}));
  EXPECT_EQ(*ParseNodeSet("4", kExisting, Ranges::kRefused), (Nodes{4}));
}

TEST(NodeSetTest, RangesWhereTheyAreAllowed) {
  EXPECT_EQ(*ParseNodeSet("0-2", kExisting, Ranges::kAllowed), (Nodes{0, 1, 2}));
  EXPECT_EQ(*ParseNodeSet("1-1,4", kExisting, Ranges::kAllowed), (Nodes{1, 4}));
  EXPECT_EQ(Error("0-2", Ranges::kRefused), "Invalid node 0-2");
}

TEST(NodeSetTest, WhatIsNoNumberIsNamed) {
  EXPECT_EQ(Error("0,x", Ranges::kRefused), "Invalid node x");
  EXPECT_EQ(Error("", Ranges::kRefused), "Invalid node ");
  EXPECT_EQ(Error("0,,1", Ranges::kRefused), "Invalid node ");
  EXPECT_EQ(Error("2-1", Ranges::kAllowed), "Invalid node 2-1");
  EXPECT_EQ(Error("1-2-3", Ranges::kAllowed), "Invalid node 1-2-3");
}

TEST(NodeSetTest, NodesThatAreNotThereAreNamed) {
  EXPECT_EQ(Error("0,3", Ranges::kRefused), "Node 3 does not exist");
  EXPECT_EQ(Error("0-4294967295", Ranges::kAllowed), "Node 3 does not exist");
}

}  // namespace
}  // namespace ctdb::cli
