// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/run_command.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "absl/strings/match.h"

namespace ctdb::config {
namespace {

CommandOptions ShortLimit() {
  CommandOptions options;
  options.time_limit = absl::Milliseconds(100);
  return options;
}

TEST(RunCommandTest, OutputIsReturnedWhateverTheExitStatus) {
  const auto output = RunCommand({"/bin/sh", "-c", "echo one; echo two; exit 3"}, {});
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(*output, "one\ntwo\n");
}

TEST(RunCommandTest, WordsArePassedAsTheyAre) {
  EXPECT_EQ(*RunCommand({"/bin/echo", "a  b", "$HOME", "*"}, {}), "a  b $HOME *\n");
}

TEST(RunCommandTest, StandardInputIsEmpty) { EXPECT_EQ(*RunCommand({"/bin/cat"}, {}), ""); }

TEST(RunCommandTest, ProgramThatCannotBeStartedIsAnErrorThatNamesIt) {
  const absl::Status status = RunCommand({"/nonexistent/program"}, {}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "/nonexistent/program")) << status;
  EXPECT_TRUE(absl::IsPermissionDenied(RunCommand({"/etc/passwd"}, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(RunCommand({}, {}).status()));
}

TEST(RunCommandTest, ProgramThatHangsIsKilledInTime) {
  const auto start = std::chrono::steady_clock::now();
  const absl::Status status = RunCommand({"/bin/sleep", "1000"}, ShortLimit()).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(RunCommandTest, ProgramThatTricklesIsKilledInTime) {
  const auto output =
      RunCommand({"/bin/sh", "-c", "while :; do echo x; sleep 0.01; done"}, ShortLimit());
  EXPECT_TRUE(absl::IsDeadlineExceeded(output.status())) << output.status();
}

TEST(RunCommandTest, GrandchildThatKeepsTheOutputOpenIsKilledInTime) {
  const auto output =
      RunCommand({"/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo x"}, ShortLimit());
  EXPECT_TRUE(absl::IsDeadlineExceeded(output.status())) << output.status();
}

TEST(RunCommandTest, EndlessOutputIsCutOff) {
  CommandOptions options;
  options.output_bytes_max = 1000;
  const auto output = RunCommand({"/bin/sh", "-c", "while :; do echo x; done"}, options);
  EXPECT_TRUE(absl::IsResourceExhausted(output.status())) << output.status();
}

TEST(RunCommandTest, NoChildIsLeftBehind) {
  (void)RunCommand({"/bin/true"}, {});
  (void)RunCommand({"/bin/sleep", "1000"}, ShortLimit());
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace ctdb::config
