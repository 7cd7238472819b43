// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "absl/strings/match.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;
using Calls = std::vector<std::string>;

constexpr char kTrailer[] = "ERROR: Nodes will not be reloaded due to previous error\n";
constexpr char kLost[] = "WARNING: Node 2 is disconnected. You MUST fix this node manually!\n";

class ReloadNodesCommandTest : public WholeCommandTest {
 protected:
  void SetFiles(const FakeMembership::NodesFile& file) {
    membership().files = {{0, file}, {1, file}};
  }
};

TEST_F(ReloadNodesCommandTest, WithoutAChangeNobodyIsTold) {
  EXPECT_EQ(Note({"reloadnodes"}), "No change in nodes file, skipping unnecessary reload\n");
  EXPECT_EQ(cluster_.calls, Calls{});
}

TEST_F(ReloadNodesCommandTest, AllPrepareBeforeAnyCommits) {
  SetFiles({"10.7.0.1", "10.7.0.2", "10.7.0.3", "10.7.0.4"});
  const FakeCluster::Result result = cluster_.Run({"reloadnodes"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "Node 3 is NEW\n");
  EXPECT_EQ(result.err, kLost);
  EXPECT_EQ(cluster_.calls,
            (Calls{"0: prepareNodes", "1: prepareNodes", "1: commitNodes", "0: commitNodes"}))
      << "the leader, node 1, commits first";
}

TEST_F(ReloadNodesCommandTest, ANodeThatIsDownMayBeDeletedAndIsNoneToBeFixed) {
  SetFiles({"10.7.0.1", "10.7.0.2", "#"});
  EXPECT_EQ(Out({"reloadnodes"}), "Node 2 is DELETED\n");
  membership().in_use = membership().files;
  SetFiles({"10.7.0.1", "10.7.0.2", "10.7.0.9"});
  membership().nodes[2].flags = 16;
  EXPECT_EQ(Out({"reloadnodes"}), "Node 2 is UNDELETED\n");
}

TEST_F(ReloadNodesCommandTest, WhatMayNotChangeIsRefused) {
  SetFiles({"10.7.0.1", "10.7.0.2"});
  EXPECT_EQ(Err({"reloadnodes"}),
            std::string("Node 2 (10.7.0.3) missing from nodes file\n") + kTrailer);
  SetFiles({"10.7.0.1", "10.7.0.9", "10.7.0.3"});
  EXPECT_EQ(Err({"reloadnodes"}),
            std::string("Node 1 has changed IP address (was 10.7.0.2, now 10.7.0.9)\n") + kTrailer);
  SetFiles({"10.7.0.1", "#", "10.7.0.3"});
  EXPECT_EQ(Err({"reloadnodes"}), std::string("ERROR: Node 1 is still connected\n") + kTrailer);
  SetFiles({"#", "10.7.0.2", "10.7.0.3"});
  EXPECT_EQ(Err({"reloadnodes"}), std::string("ERROR: Node 0 is still connected\n") + kTrailer);
  EXPECT_EQ(cluster_.calls, Calls{});
}

TEST_F(ReloadNodesCommandTest, FilesMustBeEqualEverywhere) {
  membership().files[1] = {"10.7.0.1", "10.7.0.2", "10.7.0.3", "10.7.0.4"};
  EXPECT_EQ(Err({"reloadnodes"}), "ERROR: Nodes file on node 1 differs from current node (0)\n");
}

TEST_F(ReloadNodesCommandTest, AFileThatCannotBeReadNamesItsNode) {
  membership().failing = {"1: nodesFile"};
  EXPECT_EQ(Err({"reloadnodes"}),
            "cannot get the nodes list of node 1: it cannot\n"
            "ERROR: Failed to get nodes file from node 1\n");
}

TEST_F(ReloadNodesCommandTest, WhenOneCannotPrepareNobodyCommits) {
  SetFiles({"10.7.0.1", "10.7.0.2", "#"});
  membership().failing = {"1: prepareNodes"};
  const FakeCluster::Result result = cluster_.Run({"reloadnodes"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, std::string("cannot reload the nodes list on node 1: it cannot\n"
                                    "Node 1 failed to reload nodes\n") +
                            kTrailer);
  EXPECT_EQ(cluster_.calls, Calls{"0: prepareNodes"});
}

TEST_F(ReloadNodesCommandTest, WhoCannotCommitIsNamedAndTheOthersDo) {
  SetFiles({"10.7.0.1", "10.7.0.2", "#"});
  membership().failing = {"0: commitNodes"};
  const FakeCluster::Result result = cluster_.Run({"reloadnodes", "-j"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            "cannot reload the nodes list on node 0: it cannot\n"
            "Node 0 failed to reload nodes\nYou MUST fix failed nodes manually!\n");
  EXPECT_EQ(cluster_.calls.back(), "1: commitNodes");
  EXPECT_TRUE(StrContains(result.out, "\"changed\": true,\n")) << result.out;
  EXPECT_TRUE(StrContains(result.out, "\"failed\": [\n    0\n  ]")) << result.out;
}

TEST_F(ReloadNodesCommandTest, WhatAnEarlierReloadLeftBehindIsDone) {
  SetFiles({"10.7.0.1", "10.7.0.2", "#"});
  membership().in_use[0] = membership().files[0];
  EXPECT_EQ(Note({"reloadnodes"}),
            std::string("Node 1 does not work with its nodes file yet\n") + kLost);
  EXPECT_EQ(cluster_.calls.size(), 4u);
}

TEST_F(ReloadNodesCommandTest, OnlyTheLocalNodeIsAsked) {
  EXPECT_EQ(Err({"reloadnodes", "-n", "1"}), "Node cannot be specified for command reloadnodes\n");
  membership().answers = false;
  EXPECT_EQ(Err({"reloadnodes"}), "cannot ask the cluster service of node 0: no such service\n");
  cluster_.absent = true;
  EXPECT_EQ(Err({"reloadnodes"}), "Failed to connect to CTDB daemon (/s)\n");
}

}  // namespace
}  // namespace ctdb::cli
