// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stop, continue, disable, enable, ban, unban.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using Calls = std::vector<std::string>;
using MembershipCommandsTest = WholeCommandTest;

struct Row {
  const char* command;
  uint32_t flag;
  bool sets;
  const char* already;
  const char* failure;
};
constexpr Row kRows[] = {
    {"disable", 4, true, "Node 1 is already disabled\n", "Failed to disable node 1\n"},
    {"enable", 4, false, "Node 1 is not disabled\n", "Failed to enable node 1\n"},
    {"stop", 32, true, "Node 1 is already stopped\n", "Failed to stop node 1\n"},
    {"continue", 32, false, "Node 1 is not stopped\n", "Failed to continue stopped node 1\n"},
    {"ban", 8, true, "Node 1 is already banned\n", "Failed to ban node 1\n"},
    {"unban", 8, false, "Node 1 is not banned\n", "Failed to unban node 1\n"},
};

std::vector<std::string> Line(const Row& row, std::vector<std::string> more = {"-n", "1"}) {
  std::vector<std::string> line = {row.command};
  if (std::string(row.command) == "ban") line.push_back("300");
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

TEST_F(MembershipCommandsTest, EachChangesItsFlagSilentlyAndTellsTheReason) {
  for (const Row& row : kRows) {
    cluster_ = FakeCluster();
    membership().nodes[1].flags = row.sets ? 0 : row.flag;
    EXPECT_EQ(Out(Line(row, {"-n", "1", "-r", "a test"})), "") << row.command;
    EXPECT_EQ(membership().nodes[1].flags, row.sets ? row.flag : 0) << row.command;
    const char* const seconds = std::string(row.command) == "ban" ? " 300" : "";
    EXPECT_EQ(cluster_.calls, Calls{absl::StrCat("1: ", row.command, seconds, " a test")});
  }
}

TEST_F(MembershipCommandsTest, WhatIsSoAlreadyIsANoteAndNoRequest) {
  for (const Row& row : kRows) {
    cluster_ = FakeCluster();
    membership().nodes[1].flags = row.sets ? row.flag : 0;
    EXPECT_EQ(Note(Line(row)), row.already);
    EXPECT_EQ(cluster_.calls, Calls{});
  }
}

TEST_F(MembershipCommandsTest, ARefusalEndsWithTheLineThatScriptsKnow) {
  for (const Row& row : kRows) {
    cluster_ = FakeCluster();
    membership().nodes[1].flags = row.sets ? 0 : row.flag;
    membership().failing = {absl::StrCat("1: ", row.command)};
    const std::string text = Err(Line(row));
    EXPECT_TRUE(absl::EndsWith(text, absl::StrCat("it cannot\n", row.failure))) << text;
  }
}

TEST_F(MembershipCommandsTest, WithoutAClusterServiceTheyFail) {
  membership().answers = false;
  for (const Row& row : kRows) {
    EXPECT_TRUE(absl::EndsWith(Err(Line(row)), row.failure)) << row.command;
  }
}

TEST_F(MembershipCommandsTest, NodesThatCannotBeAskedAreNamed) {
  for (const Row& row : kRows) {
    EXPECT_EQ(Err(Line(row, {"-n", "2"})), "Node 2 has status DISCONNECTED\n");
    EXPECT_EQ(Err(Line(row, {"-n", "9"})), "Node 9 does not exist\n");
  }
  cluster_.absent = true;
  for (const Row& row : kRows) {
    EXPECT_EQ(Err(Line(row, {})), "Failed to connect to CTDB daemon (/s)\n");
  }
}

TEST_F(MembershipCommandsTest, TheyWaitUntilTheChangeShowsOnTheNodeAndOnTheLocalOne) {
  membership().overviews_until_visible = {{0, 2}, {1, 2}};
  EXPECT_EQ(Out({"disable", "-n", "1"}), "");
  EXPECT_LT(membership().overviews_until_visible[0], 0);
  EXPECT_LT(membership().overviews_until_visible[1], 0);
}

TEST_F(MembershipCommandsTest, WhatNeverShowsEndsWithTheRunTime) {
  membership().ignores_requests = true;
  EXPECT_EQ(Err({"disable", "-T", "1"}), "Maximum runtime exceeded - exiting\n");
  EXPECT_EQ(Err({"ban", "5", "-T", "1"}),
            "Node 0 took no notice; is its tunable EnableBans 0?\n"
            "Maximum runtime exceeded - exiting\n");
}

TEST_F(MembershipCommandsTest, TroubleWhileWaitingIsToldAndTheyTryAgain) {
  membership().failing = {"0: overview"};
  const std::string text = Err({"disable", "-n", "1", "-T", "1"});
  EXPECT_EQ(text,
            "Failed to get nodemap, trying again\n"
            "Maximum runtime exceeded - exiting\n");
}

TEST_F(MembershipCommandsTest, JsonTellsWhetherSomethingChanged) {
  EXPECT_EQ(Out({"disable", "-n", "1", "-j"}),
            "{\n  \"node\": 1,\n  \"changed\": true,\n  \"flags\": 4\n}\n");
  const FakeCluster::Result again = cluster_.Run({"disable", "-n", "1", "-j"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, "{\n  \"node\": 1,\n  \"changed\": false,\n  \"flags\": 4\n}\n");
}

TEST_F(MembershipCommandsTest, ABanNeedsATime) {
  const FakeCluster::Result zero = cluster_.Run({"ban", "0"});
  EXPECT_EQ(zero.exit_code, kExitBadNumber);
  EXPECT_EQ(zero.err, "Ban time cannot be zero\n");
  for (const char* text : {"soon", "-1", "4294967296", ""}) {
    const FakeCluster::Result result = cluster_.Run({"ban", "--", text});
    EXPECT_EQ(result.exit_code, kExitBadNumber) << text;
    EXPECT_EQ(result.err, "") << text;
  }
  EXPECT_EQ(cluster_.Run({"ban"}).exit_code, kExitFailed);
  EXPECT_EQ(cluster_.Run({"stop", "now"}).exit_code, kExitFailed);
  EXPECT_EQ(cluster_.calls, Calls{});
}

}  // namespace
}  // namespace ctdb::cli
