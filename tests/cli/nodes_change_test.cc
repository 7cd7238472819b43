// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/nodes_change.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

using Errors = std::vector<std::string>;

NodesList List(const std::vector<std::string>& lines) {
  NodesList list;
  for (const std::string& line : lines) list.push_back({line, line == "#"});
  return list;
}

NodesChange Compare(const std::vector<std::string>& in_use, const std::vector<std::string>& file) {
  return CompareNodes(List(in_use), List(file), {0, 1});
}

TEST(NodesChangeTest, EqualListsAreNoChangeWhateverDeletedNodesWereCalled) {
  EXPECT_TRUE(Compare({"a", "b"}, {"a", "b"}).IsNothing());
  EXPECT_TRUE(
      CompareNodes({{"a", false}, {"b", true}}, {{"a", false}, {"", true}}, {}).IsNothing());
}

TEST(NodesChangeTest, NodesAreAddedDeletedAndUndeleted) {
  const NodesChange change = Compare({"a", "b", "c", "#"}, {"a", "b", "#", "d", "e"});
  EXPECT_EQ(change.errors, Errors{});
  EXPECT_EQ(change.Text(), "Node 2 is DELETED\nNode 3 is UNDELETED\nNode 4 is NEW\n");
  EXPECT_FALSE(change.IsNothing());
}

TEST(NodesChangeTest, ANewLineMayBeADeletedNode) {
  EXPECT_EQ(Compare({"a"}, {"a", "#", "c"}).Text(), "Node 1 is DELETED\nNode 2 is NEW\n");
}

TEST(NodesChangeTest, LinesMayNotGoAway) {
  EXPECT_EQ(Compare({"a", "b", "c"}, {"a"}).errors,
            (Errors{"Node 1 (b) missing from nodes file", "Node 2 (c) missing from nodes file"}));
}

TEST(NodesChangeTest, AddressesMayNotChangeButOfANodeThatComesBack) {
  EXPECT_EQ(Compare({"a", "b"}, {"a", "x"}).errors,
            Errors{"Node 1 has changed IP address (was b, now x)"});
  EXPECT_EQ(Compare({"a", "#"}, {"a", "x"}).Text(), "Node 1 is UNDELETED\n");
}

TEST(NodesChangeTest, ANodeThatRunsMayNotBeDeleted) {
  EXPECT_EQ(Compare({"a", "b"}, {"a", "#"}).errors, Errors{"ERROR: Node 1 is still connected"});
}

}  // namespace
}  // namespace ctdb::cli
