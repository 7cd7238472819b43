// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"

namespace ctdb::config {
namespace {

using Clock = std::chrono::steady_clock;

// The attributes and file actions of posix_spawn, which want to be destroyed.
struct SpawnPlan {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;

  explicit SpawnPlan(int output) {
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    // The caller's thread may block signals that the program relies on.
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

// A running program; ends and reaps it, whatever happens.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() {
    // What still runs has closed its output or exceeded a limit; nobody waits for it any more. The
    // leader is not reaped yet, so the number of the group cannot belong to anyone else.
    ::kill(-pid_, SIGKILL);
    const auto deadline = Clock::now() + absl::ToChronoMilliseconds(kReapLimit);
    while (::waitpid(pid_, nullptr, WNOHANG) == 0 && Clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  const pid_t pid_;
};

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  SpawnPlan plan(output);
  pid_t pid = -1;
  const int error_number = ::posix_spawn(&pid, words[0].c_str(), &plan.actions, &plan.attributes,
                                         arguments.data(), environ);
  if (error_number != 0) return ErrnoStatus(error_number, "run", words[0]);
  return pid;
}

absl::StatusOr<std::string> ReadUntilEnd(int fd, const std::string& program,
                                         const CommandOptions& options) {
  const auto deadline = Clock::now() + absl::ToChronoMilliseconds(options.time_limit);
  std::string output;
  char buffer[16384];
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return absl::DeadlineExceededError(absl::StrCat("killed ", program,
                                                      ": it did not finish within ",
                                                      absl::FormatDuration(options.time_limit)));
    }
    pollfd entry = {fd, POLLIN, 0};
    const int wait_ms = static_cast<int>(std::min<decltype(left)>(left, 1000));
    const int ready = ::poll(&entry, 1, wait_ms);
    if (ready < 0 && errno != EINTR) return ErrnoStatus(errno, "wait for", program);
    if (ready <= 0) continue;
    const ssize_t got = ::read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno != EINTR) return ErrnoStatus(errno, "read the output of", program);
    if (got == 0) return output;
    if (got > 0) output.append(buffer, static_cast<size_t>(got));
    if (output.size() > options.output_bytes_max) {
      return absl::ResourceExhaustedError(absl::StrCat("killed ", program,
                                                       ": it printed more than the limit of ",
                                                       options.output_bytes_max, " bytes"));
    }
  }
}

}  // namespace

absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& words,
                                       const CommandOptions& options) {
  if (words.empty()) return absl::InvalidArgumentError("cannot run a command without words");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make a pipe for", words[0]);
  UniqueFd output(ends[0]);
  UniqueFd input(ends[1]);
  CTDB_ASSIGN_OR_RETURN(const pid_t pid, Spawn(words, input.get()));
  const Child child(pid);
  input.Reset();
  return ReadUntilEnd(output.get(), words[0], options);
}

}  // namespace ctdb::config
