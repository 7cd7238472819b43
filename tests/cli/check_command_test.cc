// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// "ctdb db check" finds planted faults. That it finds none where there is none:
// tests/integration/cli/check_test.sh.

#include "absl/strings/match.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;

class CheckCommandTest : public WholeCommandTest {
 protected:
  CheckCommandTest() {
    for (uint32_t node : {0, 1}) model().names[node] = {"counters.tdb"};
    model().records = {{"a", "1", 0, 5}, {"b", "2", 1, 6}};
  }
  void UseFullCopies() {
    for (uint32_t node : {0, 1}) {
      model().names[node] = {"kept.tdb"};
      model().marks[node] = {{6, 66}, {7, 77}};
    }
  }
  FakeDatabases& model() { return cluster_.databases; }
  // What it prints when something is wrong.
  std::string Wrong(const Words& words) {
    const FakeCluster::Result result = cluster_.Run(words);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "");
    return result.out;
  }
};

TEST_F(CheckCommandTest, AHealthyDatabase) {
  EXPECT_EQ(Out({"db", "check"}),
            "Database counters.tdb: 2 record(s) on 2 node(s): nothing is wrong\n");
}

// INV-1, INV-3 of database-and-cluster.
TEST_F(CheckCommandTest, TwoOwners) {
  model().claimed = {"a"};
  const std::string out = Wrong({"db", "check", "counters.tdb"});
  EXPECT_TRUE(StrContains(out,
                          "counters.tdb: key a: nodes 0, 1 all own it; the newest copy is "
                          "that of node 0\n    \"ctdb stop -n 1\""))
      << out;
  EXPECT_TRUE(StrContains(out, "2 record(s) on 2 node(s): 1 problem(s)\n")) << out;
  EXPECT_TRUE(StrContains(Wrong({"db", "check", "--json"}), "\"key\": \"a\""));
}

TEST_F(CheckCommandTest, AHomeThatDoesNotKnowTheOwner) {
  model().claimed = {"a"};  // So that it is looked at, whoever its home is.
  model().home_says = {{"a", 7}};
  EXPECT_TRUE(StrContains(Wrong({"db", "check", "counters.tdb"}),
                          "node 0 owns it, and its home, node 0, says that node 7 does"));
}

// INV-32.
TEST_F(CheckCommandTest, CopiesThatDiffer) {
  UseFullCopies();
  model().marks[1][7] = 78;
  model().copies[0] = {{"same", "1"}, {"other", "2"}};
  model().copies[1] = {{"same", "1"}, {"other", "3"}, {"more", "4"}};
  const std::string out = Wrong({"db", "check"});
  EXPECT_TRUE(StrContains(
      out,
      "kept.tdb: the copies differ at position 1:7, between nodes 0 and 1\n    \"ctdb recover"))
      << out;
  EXPECT_TRUE(StrContains(out, "kept.tdb: key more: nodes 0 and 1 have other values now")) << out;
  EXPECT_TRUE(StrContains(out, "kept.tdb: key other: ")) << out;
  EXPECT_FALSE(StrContains(out, "key same")) << out;
}

TEST_F(CheckCommandTest, ADamagedFile) {
  UseFullCopies();
  model().file_problems[1] = "page 7 has a wrong checksum";
  EXPECT_TRUE(
      StrContains(Wrong({"db", "check"}),
                  "kept.tdb: the file of node 1 is damaged: page 7 has a wrong checksum\n"));
}

TEST_F(CheckCommandTest, ACopyThatMayNotBeUsed) {
  UseFullCopies();
  model().reason = "no node has a healthy copy";
  EXPECT_TRUE(StrContains(Wrong({"db", "check"}),
                          "the copy of node 0 may not be used: no node has a healthy copy\n"));
  EXPECT_TRUE(StrContains(Out({"getdbmap"}), " PERSISTENT UNHEALTHY\n"));
  EXPECT_TRUE(
      StrContains(Out({"getdbstatus", "kept.tdb"}), "\nHEALTH: no node has a healthy copy\n"));
}

TEST_F(CheckCommandTest, WhatCannotBeCheckedIsNotWell) {
  model().failing = {"1: copies"};
  EXPECT_TRUE(StrContains(Err({"db", "check"}), "cannot check database counters.tdb: "));
  cluster_.interrupted = true;
  EXPECT_TRUE(StrContains(Err({"db", "check"}), "interrupted"));
}

}  // namespace
}  // namespace ctdb::cli
