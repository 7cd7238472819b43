// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/io/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "lib/base/io/file.h"

namespace ctdb::cli::local {
namespace {

std::string TestPath(const std::string& name) {
  return std::string(std::getenv("TEST_TMPDIR")) + "/" + name;
}

// Waits until a child of this test has ended.
int WaitFor(int pid) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (absl::Now() < deadline) {
    if (const auto status = CollectChild(pid)) return *status;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return -1;
}

TEST(ProcessTest, AStartedProgramHasTheVariablesAndWritesToTheFile) {
  const std::string path = TestPath("out");
  const auto pid =
      StartProgram({"sh", "-c", "echo $COLOUR; echo err >&2; exit 7"}, {{"COLOUR", "blue"}}, path);
  ASSERT_TRUE(pid.ok()) << pid.status();
  EXPECT_EQ(WaitFor(*pid), 7);
  EXPECT_EQ(*ReadFile(path, 100), "blue\nerr\n");
}

TEST(ProcessTest, VariablesOfAnotherDaemonAreNotPassedOn) {
  ::setenv("CTDB_SOCKET", "/other", 1);
  const std::string path = TestPath("foreign");
  const auto pid = StartProgram({"sh", "-c", "echo \"<$CTDB_SOCKET>\""}, {}, path);
  ASSERT_TRUE(pid.ok());
  WaitFor(*pid);
  EXPECT_EQ(*ReadFile(path, 100), "<>\n");
}

TEST(ProcessTest, AProgramThatIsNotThereIsAnErrorThatNamesIt) {
  const auto pid = StartProgram({"/no/such/program"}, {}, TestPath("none"));
  EXPECT_NE(pid.status().message().find("/no/such/program"), absl::string_view::npos);
}

TEST(ProcessTest, RunProgramGivesTheExitStatusOrTheSignal) {
  EXPECT_EQ(*RunProgram({"sh", "-c", "exit 3"}, {}), 3);
  EXPECT_EQ(*RunProgram({"sh", "-c", "kill -9 $$"}, {}), 128 + 9);
}

TEST(ProcessTest, AnotherStartTimeIsAnotherProcess) {
  const auto self = StatProcess(::getpid());
  ASSERT_TRUE(self.has_value());
  EXPECT_TRUE(IsRunning(self->identity));
  EXPECT_FALSE(IsRunning({self->identity.pid, self->identity.start_ticks + 1}));
  EXPECT_FALSE(IsRunning({1 << 30, 0}));
}

TEST(ProcessTest, SignalsNeverReachAProcessThatGotThePidLater) {
  const auto pid = StartProgram({"sleep", "60"}, {}, TestPath("sleep"));
  ASSERT_TRUE(pid.ok());
  const auto stat = StatProcess(*pid);
  ASSERT_TRUE(stat.has_value());
  SignalProcess({*pid, stat->identity.start_ticks + 1}, SIGKILL, Receiver::kGroup);
  EXPECT_TRUE(IsRunning(stat->identity));
  SignalProcess(stat->identity, SIGKILL, Receiver::kGroup);
  EXPECT_EQ(WaitFor(*pid), 128 + 9);
  EXPECT_FALSE(IsRunning(stat->identity));
}

}  // namespace
}  // namespace ctdb::cli::local
