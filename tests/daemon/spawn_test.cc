// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/spawn.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include "absl/strings/str_split.h"
#include "tests/daemon/process_test_support.h"

namespace ctdb::daemon {
namespace {

// Waits for the end of a process and reaps it; -1 when it does not end.
int AwaitExitCode(const Spawned& child) {
  pollfd end = {child.pidfd.get(), POLLIN, 0};
  const std::chrono::milliseconds patience = kPatience;
  if (::poll(&end, 1, static_cast<int>(patience.count())) != 1) return -1;
  int wait_status = 0;
  if (::waitpid(child.pid, &wait_status, 0) != child.pid) return -1;
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// What a pipe holds.
std::string Drain(const UniqueFd& fd) {
  char buffer[65536];
  const ssize_t got = ::read(fd.get(), buffer, sizeof(buffer));
  return got <= 0 ? "" : std::string(buffer, static_cast<size_t>(got));
}

TEST(SpawnTest, NoProgramIsAnError) {
  EXPECT_EQ(Spawn({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Spawn({.arguments = {""}}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SpawnTest, TheEndShowsOnThePidfdAndOutputOnItsPipe) {
  auto child = Spawn({.arguments = {kTestProgram, "print", "words"}});
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(AwaitExitCode(*child), 0);
  EXPECT_EQ(Drain(child->output), "words");
  EXPECT_EQ(Drain(child->errors), "to stderr");
  EXPECT_EQ(Drain(child->exec_error), "");
}

TEST(SpawnTest, AProgramThatCannotBeExecutedTellsItsErrno) {
  auto child = Spawn({.arguments = {"/nonexistent/program"}});
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(AwaitExitCode(*child), kExecFailedCode);
  int error_number = 0;
  ASSERT_EQ(::read(child->exec_error.get(), &error_number, sizeof(error_number)),
            static_cast<ssize_t>(sizeof(error_number)));
  EXPECT_EQ(error_number, ENOENT);
}

TEST(SpawnTest, TheChildInheritsNothingButWhatIsNamed) {
  int leak[2];
  ASSERT_EQ(::pipe(leak), 0);  // deliberately not close-on-exec
  ::setenv("NOTIFY_SOCKET", "/run/manager", 1);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::setenv("COLOUR", "red", 1);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto child = Spawn({.arguments = {kTestProgram, "world"},
                      .environment = {{"COLOUR", "blue"}},
                      .inherited_fds = {leak[1]}});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::vector<std::string> expected = {"fds 0 1 2 3 4",  // 3: the pipe, 4: readiness
                                             "stdin ends: 1",          "leads its group: 1",
                                             "signals are default: 1", "COLOUR=blue",
                                             "NOTIFY_SOCKET=(none)",   "WATCHDOG_USEC=(none)"};
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(AwaitExitCode(*child), 0);
  const std::vector<std::string> lines =
      absl::StrSplit(Drain(child->output), '\n', absl::SkipEmpty());
  EXPECT_EQ(lines, expected);
  ::close(leak[0]);
  ::close(leak[1]);
}

TEST(SpawnTest, ASignalRightAfterTheForkReachesTheProgramAndNotOurHandler) {
  struct sigaction before = {};
  struct sigaction ours = {};
  ours.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(SIGTERM, &ours, &before), 0);
  for (int i = 0; i < 50; ++i) {
    auto child = Spawn({.arguments = {kTestProgram, "hang"}});
    ASSERT_TRUE(child.ok()) << child.status();
    ::kill(child->pid, SIGTERM);
    ASSERT_EQ(AwaitExitCode(*child), 128 + SIGTERM) << i;
  }
  ::sigaction(SIGTERM, &before, nullptr);
}

// The parent of the processes here is a thread: that is what the kernel watches.
TEST(SpawnTest, TheEndOfTheSpawningThreadEndsTheChildWithTheSignalChosen) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    absl::StatusOr<Spawned> child = absl::UnknownError("not spawned");
    std::thread spawner([&child, signal] {
      child = Spawn({.arguments = {kTestProgram, "hang"}, .parent_death_signal = signal});
      // Once its program runs, the child has asked for the signal.
      pollfd executed = {child->exec_error.get(), POLLIN, 0};
      ::poll(&executed, 1, -1);
    });
    spawner.join();
    ASSERT_TRUE(child.ok()) << child.status();
    EXPECT_EQ(AwaitExitCode(*child), 128 + signal);
  }
}

}  // namespace
}  // namespace ctdb::daemon
