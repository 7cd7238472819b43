// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/config.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/config/fake_probe.h"

namespace ctdb::config {
namespace {

Config Parse(absl::string_view text, Strictness strictness = Strictness::kStrict) {
  return Config::Parse(text, "F", Paths(), FakeProbe({{"/d", FileKind::kDirectory}}), strictness);
}

std::string OnlyProblem(absl::string_view text) {
  const Config config = Parse(text);
  EXPECT_EQ(config.problems().size(), 1u);
  return config.problems().empty() ? "" : Describe(config.problems()[0]);
}

TEST(ConfigTest, WithoutFileEverythingIsAtItsDefault) {
  const Config config{Paths()};
  EXPECT_TRUE(config.ok());
  EXPECT_EQ(config.GetString("logging", "location"), "file:/var/log/ctdb/log.ctdb");
  EXPECT_EQ(config.GetString("logging", "log level"), "NOTICE");
  EXPECT_EQ(config.GetInteger("failover", "shutdown failover timeout"), 10);
  EXPECT_TRUE(config.GetBoolean("legacy", "realtime scheduling"));
  EXPECT_EQ(config.GetString("cluster", "nodes list"), "");
  EXPECT_EQ(config.GetOrigin("cluster", "transport").ToString(), "default");
}

TEST(ConfigTest, ValuesHaveTheirTypeAndOrigin) {
  const Config config =
      Parse("[Cluster]\nleader timeout = 0x10\nleader capability = NO\ncluster lock = !a b\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config.GetInteger("cluster", "leader timeout"), 16);
  EXPECT_FALSE(config.GetBoolean("cluster", "leader capability"));
  EXPECT_EQ(config.GetString("cluster", "cluster lock"), "!a b");
  EXPECT_EQ(config.GetText("cluster", "leader timeout"), "16");
  EXPECT_EQ(config.GetText("cluster", "leader capability"), "false");
  EXPECT_EQ(config.GetOrigin("cluster", "leader timeout").ToString(), "F:2");
  EXPECT_EQ(config.GetOrigin("CLUSTER", "cluster lock").line, 4);
}

TEST(ConfigTest, LastAssignmentCountsEvenWhenItIsTheDefault) {
  const Config config =
      Parse("[cluster]\nleader timeout = 7\n[event]\n[cluster]\nleader timeout = 5\n");
  EXPECT_EQ(config.GetInteger("cluster", "leader timeout"), 5);
  EXPECT_TRUE(config.IsDefault("cluster", "leader timeout"));
  EXPECT_EQ(config.GetOrigin("cluster", "leader timeout").line, 5);
}

TEST(ConfigTest, DefaultValueInTheFileIsNotValidated) {
  // No directory exists here, so the same text would be refused for another option.
  EXPECT_TRUE(Parse("[database]\nstate database directory = /var/lib/ctdb/state\n").ok());
  EXPECT_FALSE(Parse("[database]\nstate database directory = /var/lib/ctdb/volatile\n").ok());
}

TEST(ConfigTest, LenientLoadingIgnoresUnknownItemsAndRemembersThem) {
  const Config config =
      Parse("x = 1\n[foo]\ny = 1\n[cluster]\nz = 1\ntransport = tcp\n", Strictness::kLenient);
  EXPECT_TRUE(config.ok());
  ASSERT_EQ(config.problems().size(), 4u);
  for (const Problem& problem : config.problems()) EXPECT_EQ(problem.severity, Severity::kNote);
}

TEST(ConfigTest, LenientLoadingRefusesWrongValues) {
  EXPECT_FALSE(Parse("[cluster]\nleader timeout = x\n", Strictness::kLenient).ok());
  EXPECT_FALSE(Parse("[cluster]\ncluster lock =\n", Strictness::kLenient).ok());
  EXPECT_FALSE(Parse("[cluster]\ntransport = ib\n", Strictness::kLenient).ok());
  EXPECT_FALSE(Parse("[cluster\n", Strictness::kLenient).ok());
}

TEST(ConfigTest, AllProblemsAreReportedInTheOrderOfTheFile) {
  const Config config =
      Parse("a = 1\n[foo]\nb = 1\n[cluster]\ntransport = ib\nc\n= d\nleader timeout = 1 # x\n");
  EXPECT_FALSE(config.ok());
  std::string lines;
  for (const Problem& problem : config.problems()) lines += std::to_string(problem.line) + " ";
  EXPECT_EQ(lines, "1 2 3 5 6 7 8 ");
}

TEST(ConfigTest, UnknownNamesGetTheNearestKnownOne) {
  EXPECT_EQ(OnlyProblem("[clutser]\n"),
            "F:1: conf: unknown section [clutser]; did you mean \"cluster\"?");
  EXPECT_EQ(OnlyProblem("[cluster]\nleader timout = 1\n"),
            "F:2: conf: unknown option [cluster] -> \"leader timout\"; did you mean \"leader "
            "timeout\"?");
  EXPECT_EQ(OnlyProblem("[Cluster]\nLeader Timeout = 1\n"),
            "F:2: conf: unknown option [cluster] -> \"Leader Timeout\"; did you mean \"leader "
            "timeout\"?");
}

TEST(ConfigTest, OptionInTheWrongSectionIsToldWhereItBelongs) {
  EXPECT_EQ(OnlyProblem("[legacy]\nleader capability = no\n"),
            "F:2: conf: unknown option [legacy] -> \"leader capability\"; it belongs to section "
            "[cluster]");
}

TEST(ConfigTest, ErrorsContainCtdbsTexts) {
  EXPECT_EQ(OnlyProblem("x = 1\n"), "F:1: conf: unknown section for option \"x\"");
  EXPECT_EQ(OnlyProblem("[cluster]\ntransport = \n"),
            "F:2: conf: empty value [cluster] -> \"transport\"; give it a value or delete the line "
            "to get the default");
  EXPECT_EQ(OnlyProblem("[failover]\ndisabled = on\n"),
            "F:2: conf: invalid value [failover] -> \"disabled\" = \"on\"; use true, yes, false or "
            "no");
  EXPECT_EQ(OnlyProblem("[cluster]\ntransport = ib\n"),
            "F:2: Invalid value for [cluster] -> transport = ib; conf: validation for option "
            "\"transport\" failed; the only transport is \"tcp\"");
}

TEST(ConfigTest, RecoveryLockIsAWarningAndUsedWithoutClusterLock) {
  const Config old_name = Parse("[cluster]\nrecovery lock = /old\n");
  EXPECT_TRUE(old_name.ok());
  ASSERT_EQ(old_name.problems().size(), 1u);
  EXPECT_EQ(old_name.problems()[0].severity, Severity::kWarning);
  EXPECT_EQ(old_name.problems()[0].messages[0],
            "Configuration option [cluster] -> recovery lock is deprecated");
  EXPECT_EQ(old_name.ClusterLock(), "/old");
  EXPECT_EQ(Parse("[cluster]\nrecovery lock = /old\ncluster lock = /new\n").ClusterLock(), "/new");
  EXPECT_EQ(Config(Paths()).ClusterLock(), "");
}

TEST(ConfigTest, StatusListsEveryError) {
  const absl::Status status = Parse("x = 1\n[cluster]\ny = 2\nz\n").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()),
            "F:1: conf: unknown section for option \"x\"\n"
            "F:3: conf: unknown option [cluster] -> \"y\"");
}

TEST(ConfigTest, ProblemsAreLimited) {
  std::string text;
  for (size_t i = 0; i < 2 * kProblemsMax; ++i) text += "x=1\n";
  EXPECT_EQ(Parse(text).problems().size(), kProblemsMax);
  EXPECT_TRUE(Parse(text, Strictness::kLenient).ok());
  EXPECT_FALSE(Parse(text + "[cluster]\ntransport=ib\n", Strictness::kLenient).ok());
}

TEST(ConfigDeathTest, AskingForWhatDoesNotExistIsABug) {
  const Config config{Paths()};
  EXPECT_DEATH(config.GetString("cluster", "nonsense"), "\"nonsense\" does not exist");
  EXPECT_DEATH(config.GetInteger("cluster", "transport"), "\"transport\" is not an integer");
  EXPECT_DEATH(config.GetBoolean("cluster", "transport"), "\"transport\" is not a boolean");
  EXPECT_DEATH(config.GetString("failover", "disabled"), "\"disabled\" is not a string");
}

}  // namespace
}  // namespace ctdb::config
