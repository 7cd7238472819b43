// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// With a program that writes what it is told into a file.

#include "lib/daemon/services/guardian_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "lib/base/io/file.h"
#include "tests/daemon/process_test_support.h"
#include "tests/testing/captured_log.h"

namespace ctdb::daemon {
namespace {

class GuardianProcessTest : public testing::Test {
 protected:
  ~GuardianProcessTest() noexcept override = default;

  void SetUp() override {
    std::filesystem::remove_all(TestPath("guardian"));
    std::filesystem::create_directory(TestPath("guardian"));
  }
  absl::StatusOr<kj::Own<GuardianProcess>> Start(const std::string& script) {
    return GuardianProcess::Start(io_, {"/bin/sh", "-c", script}, TestPath("guardian/lock"),
                                  log_.logger());
  }
  static std::string Copies(const std::string& file) {
    return absl::StrCat("cat <&3 >>", TestPath("guardian/" + file));
  }
  static std::string Told(const std::string& file) {
    return ReadFile(TestPath("guardian/" + file), 100000).value_or("");
  }
  static guardian::Will WillFor(const std::string& address) {
    guardian::Will will;
    will.address = address;
    return will;
  }
  bool Await(const std::function<bool()>& condition) { return Eventually(io_, condition); }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  test::CapturedLog log_;
};

TEST_F(GuardianProcessTest, ItIsToldEachWill) {
  auto guardian = Start(Copies("told"));
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  (*guardian)->SetWill(WillFor("first place"));
  (*guardian)->SetWill(WillFor("second place"));
  EXPECT_TRUE(Await([] { return absl::StrContains(Told("told"), "second place"); }));
  EXPECT_TRUE(absl::StrContains(Told("told"), "first place"));
}

TEST_F(GuardianProcessTest, OneThatEndsIsStartedAgainAndToldTheLastWill) {
  auto guardian = Start(Copies("told"));
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  (*guardian)->SetWill(WillFor("the place"));
  EXPECT_TRUE(Await([] { return absl::StrContains(Told("told"), "the place"); }));
  std::filesystem::remove(TestPath("guardian/told"));
  const pid_t former = (*guardian)->status().pid;
  ASSERT_EQ(::kill(former, SIGKILL), 0);
  EXPECT_TRUE(Await([] { return absl::StrContains(Told("told"), "the place"); }));
  EXPECT_NE((*guardian)->status().pid, former);
  EXPECT_EQ((*guardian)->status().restarts, 1u);
  EXPECT_EQ((*guardian)->status().last_exit, "was killed by signal 9 (Killed)");
  EXPECT_TRUE(log_.Contains("was killed by signal 9")) << log_.text();
}

TEST_F(GuardianProcessTest, ItEndsWithItsOwnersConsent) {
  auto guardian =
      Start("trap '' TERM; " + Copies("told") + "; touch " + TestPath("guardian/after"));
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  const pid_t pid = (*guardian)->status().pid;
  *guardian = nullptr;
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_FALSE(std::filesystem::exists(TestPath("guardian/after"))) << "there is no will any more";
}

TEST_F(GuardianProcessTest, TheNextRunWaitsUntilTheFormerGuardianHasEnded) {
  const UniqueFd former(
      ::open(TestPath("guardian/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(former.get(), F_OFD_SETLK, &lock), 0);
  std::atomic<bool> has_ended = false;
  std::thread end([&] {
    ::usleep(50'000);
    has_ended = true;
    lock.l_type = F_UNLCK;
    ::fcntl(former.get(), F_OFD_SETLK, &lock);
  });
  const auto next = Start(Copies("told"));
  EXPECT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(has_ended);
  end.join();
}

TEST_F(GuardianProcessTest, TheNextRunAsksTheFormerGuardianToEnd) {
  // As a guardian of a daemon that was killed: nobody's child.
  const std::string lock_path = TestPath("guardian/lock");
  const pid_t former = ::fork();
  if (former == 0) {
    const int fd = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    ::fcntl(fd, F_OFD_SETLK, &lock);
    const std::string number = absl::StrCat(::getpid(), "\n");
    if (::pwrite(fd, number.data(), number.size(), 0) > 0) ::pause();
    ::_exit(1);
  }
  ASSERT_TRUE(Await([&] { return !ReadFile(lock_path, 100).value_or("").empty(); }));
  const auto next = Start(Copies("told"));
  EXPECT_TRUE(next.ok()) << next.status();
  int status = 0;
  ASSERT_EQ(::waitpid(former, &status, 0), former);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
}

// As long as the guardian lives, whatever has become of the daemon.
TEST_F(GuardianProcessTest, ItHoldsTheLock) {
  const auto guardian = Start(Copies("told"));
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  const UniqueFd other(::open(TestPath("guardian/lock").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  EXPECT_NE(::fcntl(other.get(), F_OFD_SETLK, &lock), 0);
  ASSERT_EQ(::kill((*guardian)->status().pid, SIGKILL), 0);
  EXPECT_TRUE(Await([&] { return log_.Contains("was killed by signal 9"); }));
  EXPECT_EQ(::fcntl(other.get(), F_OFD_SETLK, &lock), 0);
}

}  // namespace
}  // namespace ctdb::daemon
