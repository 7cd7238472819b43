// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_helper_arguments.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace ctdb::cluster {
namespace {

TEST(LockHelperArgumentsTest, TimesHaveDefaults) {
  const auto arguments = ParseLockHelperArguments({"/f"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->file, "/f");
  EXPECT_EQ(arguments->recheck_interval, absl::Seconds(1));
  EXPECT_EQ(arguments->ping_timeout, absl::Seconds(10));
}

TEST(LockHelperArgumentsTest, TimesAreSecondsAndZeroIsLegal) {
  const auto arguments = ParseLockHelperArguments({"/f", "0", "30"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->recheck_interval, absl::ZeroDuration());
  EXPECT_EQ(arguments->ping_timeout, absl::Seconds(30));
}

TEST(LockHelperArgumentsTest, HelpNeedsNothingElse) {
  EXPECT_TRUE(ParseLockHelperArguments({"--help"})->help);
  EXPECT_TRUE(ParseLockHelperArguments({"/f", "x", "-h"})->help);
}

TEST(LockHelperArgumentsTest, WrongUseSaysWhichArgumentIsWrong) {
  EXPECT_EQ(ParseLockHelperArguments({}).status().message(), "FILE is missing");
  EXPECT_EQ(ParseLockHelperArguments({""}).status().message(), "FILE is missing");
  EXPECT_EQ(ParseLockHelperArguments({"/f", "1", "2", "3"}).status().message(),
            "\"3\" is one argument too many");
  for (const char* wrong : {"", "x", "1.5", "-1", "86401", "99999999999"}) {
    EXPECT_TRUE(absl::StartsWith(ParseLockHelperArguments({"/f", wrong}).status().message(),
                                 "RECHECK_INTERVAL \""))
        << wrong;
    EXPECT_TRUE(absl::StartsWith(ParseLockHelperArguments({"/f", "1", wrong}).status().message(),
                                 "PING_TIMEOUT \""))
        << wrong;
  }
}

TEST(LockHelperArgumentsTest, UsageNamesEveryArgumentAndEveryExitCode) {
  const std::string usage = LockHelperUsage();
  for (const char* word : {"FILE", "RECHECK_INTERVAL", "PING_TIMEOUT", "0  the parent is gone",
                           "1  held by another", "2  wrong use", "3  error", "4  lost"}) {
    EXPECT_TRUE(absl::StrContains(usage, word)) << word;
  }
}

}  // namespace
}  // namespace ctdb::cluster
