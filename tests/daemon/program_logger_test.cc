// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/program_logger.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::daemon {
namespace {

TEST(ProgramLoggerTest, WritesWhatTheLevelLetsThroughInItsName) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/log");
  {
    auto logger = OpenProgramLogger("guardian", absl::StrCat("file:", path), "NOTICE", {});
    ASSERT_TRUE(logger.ok()) << logger.status();
    logger->Notice("test", "a notice");
    logger->Info("test", "some information");
  }
  const std::string log = ReadFile(path, 10000).value_or("");
  EXPECT_TRUE(absl::StrContains(log, "guardian[")) << log;
  EXPECT_TRUE(absl::StrContains(log, "a notice")) << log;
  EXPECT_FALSE(absl::StrContains(log, "some information")) << log;
}

TEST(ProgramLoggerTest, WhatMakesNoSenseIsAnError) {
  EXPECT_TRUE(absl::IsInvalidArgument(OpenProgramLogger("a", "nowhere", "NOTICE", {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(OpenProgramLogger("a", "file:", "LOUD", {}).status()));
}

TEST(ProgramLoggerTest, InteractiveIsPassedOnToTheDaemonsParts) {
  ::unsetenv("CTDB_INTERACTIVE");
  EXPECT_FALSE(IsInteractive());
  SetInteractive();
  EXPECT_TRUE(IsInteractive());
}

}  // namespace
}  // namespace ctdb::daemon
