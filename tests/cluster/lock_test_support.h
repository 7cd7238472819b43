// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_test_support: a lock driver on an event loop with what it said, and helpers as processes of
// their own, for tests with real ones.
//
//   Ownership:  DriverTest owns its driver and folder, Process its process: destruction kills it.
//   Threading:  the test's thread.
//   Errors:     a wait that exceeds kPatience returns false.
//   Blocking:   waits up to kPatience.
//   Limits:     none.

#ifndef TESTS_CLUSTER_LOCK_TEST_SUPPORT_H_
#define TESTS_CLUSTER_LOCK_TEST_SUPPORT_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/cluster/io/lock_driver.h"
#include "lib/daemon/io/spawn.h"
#include "tests/daemon/process_test_support.h"

namespace ctdb::cluster {

inline constexpr char kOurHelper[] = "daemon/ctdb_mutex_fcntl_helper";

// A folder of its own for each test.
inline std::string TestFolder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string folder = daemon::TestPath(absl::StrCat(test->test_suite_name(), test->name()));
  EXPECT_TRUE(MakeDirectories(folder).ok());
  return folder;
}

inline std::string WorkingDirectory() {
  char path[4096];
  return ::getcwd(path, sizeof(path)) == nullptr ? "" : path;
}

// A helper without the driver: what it prints, and how it ends.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    auto spawned = daemon::Spawn({.arguments = std::move(arguments)});
    EXPECT_TRUE(spawned.ok()) << spawned.status();
    spawned_ = *std::move(spawned);
  }
  ~Process() {
    ::kill(-spawned_.pid, SIGKILL);
    if (!is_reaped_) ::waitpid(spawned_.pid, nullptr, 0);
  }

  pid_t pid() const { return spawned_.pid; }
  void Signal(int signal) const { ::kill(spawned_.pid, signal); }
  // Waits until it has printed something or has closed its output.
  std::string Output() { return Wait(spawned_.output.get()); }
  std::string Errors() {
    std::string all;
    for (std::string more = "x"; !more.empty(); all += more) more = Wait(spawned_.errors.get());
    return all;
  }
  // As waitpid() reports it; -1: it runs on.
  int End() {
    int status = -1;
    is_reaped_ = daemon::Eventually(
        [&] { return ::waitpid(spawned_.pid, &status, WNOHANG) == spawned_.pid; });
    return status;
  }
  int ExitCode() {
    const int status = End();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static std::string Wait(int fd) {
    pollfd readable = {fd, POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(daemon::kPatience.count()) * 1000);
    char buffer[4096];
    const ssize_t got = ::read(fd, buffer, sizeof(buffer));
    return got < 0 ? "(nothing)" : std::string(buffer, static_cast<size_t>(got));
  }

  daemon::Spawned spawned_ = {};
  bool is_reaped_ = false;
};

class DriverTest : public testing::Test {
 protected:
  ~DriverTest() noexcept override {}

  void MakeDriver(std::vector<std::string> arguments, LockClient::Options options = {}) {
    driver_ = kj::heap<LockDriver>(
        io_.unixEventPort, LockCommand{std::move(arguments)}, options,
        [this](const LockClient::Answer& answer) { answers_.push_back(answer); },
        [this](absl::string_view line) { lines_.push_back(std::string(line)); });
  }
  std::string WriteScript(absl::string_view body, unsigned int mode = 0755) {
    const std::string path = folder_ + "/helper";
    EXPECT_TRUE(WriteFileAtomically(path, absl::StrCat("#!/bin/sh\n", body, "\n"), mode).ok());
    return path;
  }
  void MakeScriptDriver(absl::string_view body, LockClient::Options options = {}) {
    MakeDriver({WriteScript(body)}, options);
  }
  bool Await(const std::function<bool()>& condition) { return daemon::Eventually(io_, condition); }
  // The answer after all that came before; fails the test when none comes.
  LockClient::Answer NextAnswer() {
    EXPECT_TRUE(Await([this] { return answers_.size() > taken_; })) << "no answer";
    return answers_.size() > taken_ ? answers_[taken_++]
                                    : LockClient::Answer{LockAnswer::kFailed, "no answer"};
  }
  LockAnswer Take() {
    driver_->Take();
    return NextAnswer().answer;
  }
  // False: a helper still runs.
  bool AwaitFree() {
    bool is_free = false;
    auto task = driver_->WhenFree().then([&] { is_free = true; }).eagerlyEvaluate(nullptr);
    return Await([&] { return is_free; });
  }
  LockClient::State state() const { return driver_->Describe().client.state; }

  const std::string folder_ = TestFolder();
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  std::vector<LockClient::Answer> answers_;
  std::vector<std::string> lines_;
  size_t taken_ = 0;
  kj::Own<LockDriver> driver_;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_LOCK_TEST_SUPPORT_H_
