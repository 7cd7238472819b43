// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemonize.h"

#include <gtest/gtest.h>

#include "lib/base/io/file.h"
#include "lib/daemon/io/child_process.h"
#include "tests/daemon/process_test_support.h"

namespace ctdb::daemon {
namespace {

class DaemonizeTest : public ::testing::Test {
 protected:
  ~DaemonizeTest() noexcept override {}
  // How the process ended that an administrator, or the service manager, started.
  ChildExit Run(const std::string& how) {
    auto starter = ChildProcess::Start(io_.unixEventPort,
                                       {.arguments = {kTestProgram, "daemonize", how, pid_path_}},
                                       [this](ChildProcess::Stream stream, absl::string_view line) {
                                         EXPECT_EQ(stream, ChildProcess::Stream::kError);
                                         errors_.push_back(std::string(line));
                                       });
    EXPECT_TRUE(starter.ok());
    return (*starter)->WhenExited().wait(io_.waitScope);
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  const std::string pid_path_ = TestPath("daemonize.pid");
  std::vector<std::string> errors_;
};

TEST_F(DaemonizeTest, AReadyDaemonGoesOnAloneAfterItsStarterEndedWith0) {
  EXPECT_EQ(Run("ready"), (ChildExit{ChildExit::Kind::kExited, 0}));
  ASSERT_TRUE(Eventually(io_, [&] {
    const auto text = ReadFile(pid_path_, 100);
    return text.ok() && absl::EndsWith(*text, " detached\n");
  }));
  EXPECT_TRUE(errors_.empty());
}

TEST_F(DaemonizeTest, AFailedStartEndsTheStarterWithTheDaemonsCodeAndWords) {
  EXPECT_EQ(Run("fail"), (ChildExit{ChildExit::Kind::kExited, ToInt(ExitCode::kPidFile)}));
  EXPECT_EQ(errors_, std::vector<std::string>{"no pid file for you"});
}

TEST_F(DaemonizeTest, ADaemonThatDiesAtStartIsReported) {
  EXPECT_EQ(Run("crash"), (ChildExit{ChildExit::Kind::kExited, ToInt(ExitCode::kStartFailed)}));
  ASSERT_FALSE(errors_.empty());
  EXPECT_EQ(errors_.back(), "the daemon was killed by signal 6 (Aborted) before it was ready");
}

TEST_F(DaemonizeTest, ADaemonThatExitsAtStartWithoutAWordPassesOnItsCode) {
  EXPECT_EQ(Run("exit"), (ChildExit{ChildExit::Kind::kExited, 3}));
  ASSERT_FALSE(errors_.empty());
  EXPECT_EQ(errors_.back(), "the daemon exited with code 3 before it was ready");
}

TEST_F(DaemonizeTest, InTheForegroundReportsOnlyReturn) {
  Background background;
  EXPECT_TRUE(background.ReportReady().ok());
  EXPECT_EQ(background.ReportFailure(ExitCode::kStorage, "disk on fire"),
            ToInt(ExitCode::kStorage));
}

}  // namespace
}  // namespace ctdb::daemon
