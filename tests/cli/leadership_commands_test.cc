// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// leader, getcapabilities, setleaderrole, setlmasterrole, getreclock, recover.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::EndsWith;
using absl::StrContains;
using Calls = std::vector<std::string>;
using LeadershipCommandsTest = WholeCommandTest;

TEST_F(LeadershipCommandsTest, TheLeaderIsANumberUnderBothNames) {
  EXPECT_EQ(Out({"leader"}), "1\n");
  EXPECT_EQ(Out({"recmaster", "-n", "1"}), "1\n");
  EXPECT_EQ(Out({"leader", "-j"}),
            "{\n  \"node\": 0,\n  \"leaderKnown\": true,\n  \"leader\": 1\n}\n");
}

TEST_F(LeadershipCommandsTest, ALeaderThatIsNotKnownInTimeIsUnknownAndNoFailure) {
  membership().leader = std::nullopt;
  EXPECT_EQ(Out({"leader", "-t", "1"}), "UNKNOWN\n");
  EXPECT_TRUE(StrContains(Out({"leader", "-t", "1", "-j"}), "\"leaderKnown\": false"));
}

TEST_F(LeadershipCommandsTest, WithoutAClusterServiceTheyFailWithTheReason) {
  membership().answers = false;
  for (const char* command : {"leader", "getcapabilities", "getreclock"}) {
    EXPECT_EQ(Err({command}), "cannot ask the cluster service of node 0: no such service\n");
  }
  for (const char* command : {"setleaderrole", "setlmasterrole"}) {
    EXPECT_TRUE(StrContains(Err({command, "on"}), "cannot change the roles of node 0: "));
  }
  EXPECT_TRUE(EndsWith(Err({"recover"}), "\nFailed to find leader\n"));
}

TEST_F(LeadershipCommandsTest, NodesThatCannotBeAskedAreNamed) {
  for (const char* command : {"leader", "getcapabilities", "getreclock", "recover"}) {
    EXPECT_EQ(Err({command, "-n", "2"}), "Node 2 has status DISCONNECTED\n");
  }
  cluster_.absent = true;
  for (const char* command : {"leader", "getcapabilities", "getreclock", "recover"}) {
    EXPECT_EQ(Err({command}), "Failed to connect to CTDB daemon (/s)\n");
  }
}

TEST_F(LeadershipCommandsTest, CapabilitiesInAllForms) {
  membership().nodes[1].may_be_home = false;
  EXPECT_EQ(Out({"getcapabilities"}), "LEADER: YES\nLMASTER: YES\n");
  EXPECT_EQ(Out({"getcapabilities", "-n", "1"}), "LEADER: YES\nLMASTER: NO\n");
  EXPECT_EQ(Out({"getcapabilities", "-n", "1", "-X"}), "|LEADER|LMASTER|\n|1|0|\n");
  EXPECT_EQ(Out({"getcapabilities", "-n", "1", "-j"}),
            "{\n  \"node\": 1,\n  \"leader\": true,\n  \"lmaster\": false\n}\n");
}

TEST_F(LeadershipCommandsTest, EachRoleIsSetAlone) {
  EXPECT_EQ(Out({"setleaderrole", "off", "-n", "1"}), "");
  EXPECT_FALSE(membership().nodes[1].may_lead);
  EXPECT_TRUE(membership().nodes[1].may_be_home);
  EXPECT_EQ(Out({"setlmasterrole", "off"}), "");
  EXPECT_TRUE(membership().nodes[0].may_lead);
  EXPECT_FALSE(membership().nodes[0].may_be_home);
  EXPECT_EQ(Out({"setlmasterrole", "on", "-j"}), "{}\n");
  EXPECT_TRUE(membership().nodes[0].may_be_home);
}

TEST_F(LeadershipCommandsTest, ARoleIsOnOrOff) {
  for (const char* command : {"setleaderrole", "setlmasterrole"}) {
    for (const char* text : {"yes", "", "ON"}) {
      const FakeCluster::Result result = cluster_.Run({command, text});
      EXPECT_EQ(result.exit_code, kExitFailed) << text;
      EXPECT_TRUE(StrContains(result.out, "on|off")) << result.out;
    }
    membership().failing = {"0: setRoles"};
    EXPECT_EQ(Err({command, "on"}), "cannot change the roles of node 0: it cannot\n");
  }
}

TEST_F(LeadershipCommandsTest, TheClusterLockIsPrintedAsConfiguredOrNotAtAll) {
  EXPECT_EQ(Out({"getreclock"}), "");
  membership().cluster_lock = "!/bin/helper a";
  EXPECT_EQ(Out({"getreclock"}), "!/bin/helper a\n");
  EXPECT_EQ(Out({"getreclock", "-j"}),
            "{\n  \"node\": 0,\n  \"clusterLock\": \"!/bin/helper a\"\n}\n");
}

TEST_F(LeadershipCommandsTest, RecoverAsksTheLeaderAndWaitsForTheNewGeneration) {
  EXPECT_EQ(Out({"recover", "--reason", "a test"}), "");
  EXPECT_EQ(cluster_.calls, Calls{"1: recover a test"});
  EXPECT_EQ(Out({"recover", "-j"}),
            "{\n  \"node\": 0,\n  \"leader\": 1,\n  \"generationBefore\": \"16781314\",\n"
            "  \"generation\": \"16781315\"\n}\n");
}

TEST_F(LeadershipCommandsTest, RecoverTellsWhichStepFailed) {
  membership().ignores_requests = true;
  EXPECT_EQ(Err({"recover", "-T", "1"}),
            "node 0 has not settled in a new epoch within 1s\nFailed to confirm end of recovery\n");
  membership().ignores_requests = false;
  membership().settled = false;
  EXPECT_TRUE(EndsWith(Err({"recover", "-T", "1"}), "\nFailed to confirm end of recovery\n"));
  membership().failing = {"1: recover"};
  EXPECT_EQ(Err({"recover"}),
            "cannot ask the leader, node 1: it cannot\nFailed to set recovery mode active\n");
  membership().leader = std::nullopt;
  EXPECT_EQ(Err({"recover", "-t", "1"}), "Failed to find leader\n");
}

}  // namespace
}  // namespace ctdb::cli
