// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process_test_support: what tests with real processes share.
//
//   Ownership:  values.
//   Threading:  the test's thread.
//   Errors:     a wait that exceeds kPatience returns false.
//   Blocking:   Eventually() polls up to kPatience.
//   Limits:     none.

#ifndef TESTS_DAEMON_PROCESS_TEST_SUPPORT_H_
#define TESTS_DAEMON_PROCESS_TEST_SUPPORT_H_

#include <kj/async-io.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ctdb::daemon {

inline constexpr std::chrono::seconds kPatience(30);
inline constexpr char kTestProgram[] = "tests/daemon/test_program";

inline std::string TestPath(const std::string& name) {
  const char* directory = std::getenv("TEST_TMPDIR");
  return absl::StrCat(directory ? directory : "/tmp", "/", name);
}

// Whether a process runs; one that ended and was not reaped does not.
inline bool Runs(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end, 3) != ") Z" &&
         stat.substr(name_end, 3) != ") X";
}

// Polls; turns the event loop meanwhile.
inline bool Eventually(kj::AsyncIoContext& io, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io.provider->getTimer().afterDelay(5 * kj::MILLISECONDS).wait(io.waitScope);
  }
  return true;
}

// Polls without an event loop.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// The numbers in lines "pid N", in order.
inline std::vector<pid_t> Pids(const std::vector<std::string>& lines) {
  std::vector<pid_t> pids;
  for (const std::string& line : lines) {
    int pid = 0;
    const bool is_pid = absl::StartsWith(line, "pid ") && absl::SimpleAtoi(line.substr(4), &pid);
    if (is_pid) pids.push_back(pid);
  }
  return pids;
}

}  // namespace ctdb::daemon

#endif  // TESTS_DAEMON_PROCESS_TEST_SUPPORT_H_
