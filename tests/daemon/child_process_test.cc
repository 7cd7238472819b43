// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/daemon/process_test_support.h"

namespace ctdb::daemon {
namespace {

class ChildProcessTest : public ::testing::Test {
 protected:
  ~ChildProcessTest() noexcept override {}
  kj::Own<ChildProcess> Start(SpawnOptions options) {
    auto child = ChildProcess::Start(
        io_.unixEventPort, options, [this](ChildProcess::Stream stream, absl::string_view line) {
          (stream == ChildProcess::Stream::kOutput ? lines_ : error_lines_)
              .push_back(std::string(line));
        });
    EXPECT_TRUE(child.ok()) << child.status();
    return *std::move(child);
  }
  ChildExit RunToEnd(SpawnOptions options) {
    auto child = Start(std::move(options));
    return child->WhenExited().wait(io_.waitScope);
  }
  bool Reaped(pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) < 0 && errno == ECHILD; }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  std::vector<std::string> lines_;
  std::vector<std::string> error_lines_;
};

TEST_F(ChildProcessTest, ExitCodeIsReportedAndTheProcessReaped) {
  auto child = Start({.arguments = {kTestProgram, "exit", "7"}});
  EXPECT_EQ(child->WhenExited().wait(io_.waitScope), (ChildExit{ChildExit::Kind::kExited, 7}));
  EXPECT_TRUE(Reaped(child->pid()));
  EXPECT_TRUE(child->Signal(SIGTERM).ok());  // nobody there any more; goes nowhere
  EXPECT_TRUE(child->KillGroup().ok());
}

TEST_F(ChildProcessTest, DeathBySignalIsReported) {
  auto child = Start({.arguments = {kTestProgram, "hang"}});
  ASSERT_TRUE(child->Signal(SIGTERM).ok());
  EXPECT_EQ(child->WhenExited().wait(io_.waitScope),
            (ChildExit{ChildExit::Kind::kSignalled, SIGTERM}));
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereOrNotExecutableIsANotStarted) {
  EXPECT_EQ(RunToEnd({.arguments = {"/nonexistent/program"}}),
            (ChildExit{ChildExit::Kind::kNotStarted, ENOENT}));
  EXPECT_EQ(RunToEnd({.arguments = {"/dev/null"}}),
            (ChildExit{ChildExit::Kind::kNotStarted, EACCES}));
}

TEST_F(ChildProcessTest, ReadinessArrivesAndOutputComesByLine) {
  auto child = Start({.arguments = {kTestProgram, "serve"}});
  child->WhenReady().wait(io_.waitScope);
  ASSERT_TRUE(child->Signal(SIGTERM).ok());
  EXPECT_EQ(child->WhenExited().wait(io_.waitScope), (ChildExit{ChildExit::Kind::kExited, 0}));
  EXPECT_EQ(lines_, (std::vector<std::string>{absl::StrCat("pid ", child->pid()), "bye"}));
}

TEST_F(ChildProcessTest, AnExitWithoutReadinessNeverCountsAsReady) {
  auto child = Start({.arguments = {kTestProgram, "exit", "0"}});
  bool is_ready = false;
  auto ready = child->WhenReady()
                   .then([&] { is_ready = true; }, [](kj::Exception&&) {})
                   .eagerlyEvaluate(nullptr);
  child->WhenExited().wait(io_.waitScope);
  child = nullptr;
  ready.wait(io_.waitScope);
  EXPECT_FALSE(is_ready);
}

TEST_F(ChildProcessTest, StreamsAreToldApartAndUnfinishedLinesComeAtTheEnd) {
  RunToEnd({.arguments = {kTestProgram, "print", "one\r\ntwo"}});
  EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(error_lines_, std::vector<std::string>{"to stderr"});
}

TEST_F(ChildProcessTest, AllOutputOfAChattyChildArrivesInOrderBeforeItsExit) {
  constexpr int kLines = 50000;  // several pipes full
  RunToEnd({.arguments = {kTestProgram, "flood", absl::StrCat(kLines)}});
  ASSERT_EQ(lines_.size(), static_cast<size_t>(kLines));
  for (int i = 0; i < kLines; ++i) {
    ASSERT_EQ(lines_[static_cast<size_t>(i)], absl::StrCat("line ", i));
  }
}

TEST_F(ChildProcessTest, BytesComeWithoutALineBreakAndThenTheEndOnce) {
  std::string bytes;
  int ends = 0;
  // The shell lives on until it is told to end: what it printed came before.
  auto child = ChildProcess::Start(
      io_.unixEventPort, {.arguments = {"/bin/sh", "-c", "printf 0; echo log >&2; exec sleep 60"}},
      [this](ChildProcess::Stream, absl::string_view line) {
        error_lines_.push_back(std::string(line));
      },
      ChildProcess::OnBytes([&](absl::string_view some) {
        if (some.empty()) ++ends;
        absl::StrAppend(&bytes, some);
      }));
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_TRUE(Eventually(io_, [&] { return bytes == "0" && !error_lines_.empty(); }));
  EXPECT_EQ(ends, 0);
  ASSERT_TRUE((*child)->Signal(SIGTERM).ok());
  (*child)->WhenExited().wait(io_.waitScope);
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(error_lines_, std::vector<std::string>{"log"});
}

TEST_F(ChildProcessTest, ClosedOutputOfALivingChildIsNoticed) {
  bool is_closed = false;
  auto child = ChildProcess::Start(
      io_.unixEventPort, {.arguments = {"/bin/sh", "-c", "exec sleep 60 >&-"}},
      [](ChildProcess::Stream, absl::string_view) {},
      ChildProcess::OnBytes([&](absl::string_view some) { is_closed |= some.empty(); }));
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_TRUE(Eventually(io_, [&] { return is_closed; }));
  EXPECT_TRUE(Runs((*child)->pid()));
}

TEST_F(ChildProcessTest, WhatIsLeftOfTheGroupDiesWithTheChild) {
  auto child = Start({.arguments = {kTestProgram, "abandon"}});
  child->WhenReady().wait(io_.waitScope);
  ASSERT_TRUE(child->Signal(SIGTERM).ok());  // the child only
  child->WhenExited().wait(io_.waitScope);
  ASSERT_EQ(Pids(lines_).size(), 1u);
  EXPECT_TRUE(Eventually(io_, [&] { return !Runs(Pids(lines_)[0]); }));
}

TEST_F(ChildProcessTest, DestructionKillsAndReaps) {
  auto child = Start({.arguments = {kTestProgram, "ignore-stop"}});
  child->WhenReady().wait(io_.waitScope);
  const pid_t pid = child->pid();
  child = nullptr;
  EXPECT_TRUE(Reaped(pid));
}

}  // namespace
}  // namespace ctdb::daemon
