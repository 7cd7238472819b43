// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/nodes.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

// "number:address" of each node, with a "D" behind deleted ones.
std::string Nodes(absl::string_view text) {
  std::string result;
  for (const NodeEntry& node : ParseNodes(text, "nodes").nodes) {
    absl::StrAppend(&result, node.number.value(), ":", node.address.ToString(),
                    node.is_deleted ? "D" : "", " ");
  }
  return result;
}

std::string OnlyProblem(absl::string_view text) {
  const NodesFile file = ParseNodes(text, "nodes");
  EXPECT_FALSE(file.ok());
  EXPECT_EQ(file.problems.size(), 1u);
  return file.problems.empty() ? "" : Describe(file.problems[0]);
}

TEST(NodesTest, NumberIsTheIndexOfTheLine) {
  EXPECT_EQ(Nodes("10.0.0.1\nfd00::2\n10.0.0.3"), "0:10.0.0.1 1:fd00::2 2:10.0.0.3 ");
}

TEST(NodesTest, BlanksTabsAndBlankLinesDoNotCount) {
  EXPECT_EQ(Nodes("\n \t10.0.0.1\t \n\n  \n10.0.0.2\r\n\n\n"), "0:10.0.0.1 1:10.0.0.2 ");
}

TEST(NodesTest, LineWithHashIsADeletedNodeWhateverItSays) {
  EXPECT_EQ(Nodes("# our nodes\n10.0.0.1\n  #10.0.0.2\n#\n10.0.0.4\n"),
            "0:0.0.0.0D 1:10.0.0.1 2:0.0.0.0D 3:0.0.0.0D 4:10.0.0.4 ");
}

TEST(NodesTest, EmptyListIsNoError) { EXPECT_TRUE(ParseNodes("", "nodes").ok()); }

TEST(NodesTest, InvalidLinesAreAllReportedWithTheirLine) {
  const NodesFile file = ParseNodes("10.0.0.1\nhost\n\n10.0.0.1:4379\n", "nodes");
  ASSERT_EQ(file.problems.size(), 2u);
  EXPECT_EQ(file.problems[0].messages[0], "Invalid node address host");
  EXPECT_EQ(file.problems[0].line, 2);
  EXPECT_EQ(file.problems[1].messages[0], "Invalid node address 10.0.0.1:4379");
  EXPECT_EQ(file.problems[1].line, 4);
}

TEST(NodesTest, DuplicateAddressNamesBothLines) {
  const std::string problem = OnlyProblem("fd00::1\n10.0.0.2\nFD00:0::1\n");
  EXPECT_TRUE(absl::StartsWith(problem, "nodes:3: ")) << problem;
  EXPECT_TRUE(absl::StrContains(problem, "fd00::1, first used in line 1")) << problem;
}

TEST(NodesTest, AddressOfADeletedNodeMayBeUsedAgain) {
  EXPECT_TRUE(ParseNodes("#10.0.0.1\n10.0.0.2\n10.0.0.1\n", "nodes").ok());
}

TEST(NodesTest, NumberOfNodesIsLimited) {
  std::string text;
  for (size_t i = 0; i < kNodesMax; ++i) text += "#\n";
  EXPECT_EQ(ParseNodes(text, "nodes").nodes.size(), kNodesMax);
  EXPECT_TRUE(absl::StrContains(OnlyProblem(text + "#\n#\n"), "more than 4096 nodes"));
}

}  // namespace
}  // namespace ctdb::config
