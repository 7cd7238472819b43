// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/context.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "cli/command_table.h"
#include "cli/help.h"
#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {
namespace {

TEST(ContextTest, WithoutACommandEverythingIsListedAndTheExitCodeIs1) {
  const FakeCluster::Result result = FakeCluster().Run({});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, FullUsage(CommandTable()));
}

TEST(ContextTest, HelpAndUsageAreNoFailures) {
  EXPECT_EQ(FakeCluster().Run({"--help"}).exit_code, 0);
  EXPECT_EQ(FakeCluster().Run({"--help"}).out, FullUsage(CommandTable()));
  EXPECT_EQ(FakeCluster().Run({"ping", "--usage"}).exit_code, 0);
}

TEST(ContextTest, WrongArgumentsShowOnlyTheCommandsLine) {
  const FakeCluster::Result result = FakeCluster().Run({"getvar"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, CommandUsage(*FindCommand(CommandTable(), {"getvar"})));
  EXPECT_EQ(FakeCluster().Run({"pnn", "extra"}).exit_code, 1);
}

TEST(ContextTest, AGroupAloneShowsItsCommands) {
  const FakeCluster::Result result = FakeCluster().Run({"message"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, GroupUsage(CommandTable(), "message"));
}

TEST(ContextTest, ColourOnTerminalsUnlessUnwanted) {
  FakeCluster cluster;
  EXPECT_FALSE(absl::StrContains(cluster.Run({"status"}).out, "\x1b"));
  cluster.environment.is_terminal = true;
  EXPECT_TRUE(absl::StrContains(cluster.Run({"status"}).out, "\x1b[32mOK\x1b[0m"));
  EXPECT_FALSE(absl::StrContains(cluster.Run({"status", "-X"}).out, "\x1b"));
  cluster.environment.no_colour = true;
  EXPECT_FALSE(absl::StrContains(cluster.Run({"status"}).out, "\x1b"));
}

}  // namespace
}  // namespace ctdb::cli
