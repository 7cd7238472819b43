// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/log_level.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(LogLevelTest, NumbersAreGroupedAsAdministratorsKnowThem) {
  const LogLevel expected[] = {LogLevel::kError,  LogLevel::kWarning, LogLevel::kWarning,
                               LogLevel::kNotice, LogLevel::kNotice,  LogLevel::kInfo,
                               LogLevel::kInfo,   LogLevel::kInfo,    LogLevel::kInfo,
                               LogLevel::kInfo,   LogLevel::kDebug};
  for (int number = 0; number <= 10; ++number) {
    EXPECT_EQ(*ParseLogLevel(std::to_string(number)), expected[number]) << number;
  }
}

TEST(LogLevelTest, AnyPrefixInAnyCaseIsAName) {
  EXPECT_EQ(*ParseLogLevel("ERR"), LogLevel::kError);
  EXPECT_EQ(*ParseLogLevel("warn"), LogLevel::kWarning);
  EXPECT_EQ(*ParseLogLevel("n"), LogLevel::kNotice);
  EXPECT_EQ(*ParseLogLevel("Info"), LogLevel::kInfo);
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(*ParseLogLevel(""), LogLevel::kError);
}

TEST(LogLevelTest, OtherTextIsRefusedAndTheLevelsNamed) {
  for (const char* text : {"42", "11", "1x", "-1", "verbose", "errors"}) {
    const auto level = ParseLogLevel(text);
    ASSERT_TRUE(absl::IsInvalidArgument(level.status())) << text;
    EXPECT_NE(level.status().message().find("NOTICE | INFO"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace ctdb
