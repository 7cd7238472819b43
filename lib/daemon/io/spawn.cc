// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/daemon/io/ready_notice.h"

namespace ctdb::daemon {
namespace {

constexpr int kFirstInheritedFd = STDERR_FILENO + 1;

struct Pipe {
  UniqueFd reader;  // non-blocking
  UniqueFd writer;
};

absl::StatusOr<Pipe> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make", "a pipe to a child process");
  Pipe pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  if (::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoStatus(errno, "set up", "a pipe to a child process");
  }
  return pipe;
}

std::vector<std::string> MakeEnvironment(std::map<std::string, std::string> additions,
                                         int ready_fd) {
  additions[kReadyFdVariable] = absl::StrCat(ready_fd);
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    const bool is_for_us =
        name == "NOTIFY_SOCKET" || name == "WATCHDOG_USEC" || name == "WATCHDOG_PID";
    if (!is_for_us && additions.count(name) == 0) environment.push_back(text);
  }
  for (const auto& [name, value] : additions) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, made before the fork: after it, memory may not be allocated.
struct ChildPlan {
  char** arguments;
  char** environment;
  pid_t parent;
  int parent_death_signal;
  int exec_error_fd;
  std::vector<int> sources;  // what becomes descriptor 0, 1, 2, ...
};

[[noreturn]] void FailInChild(int exec_error_fd, int error_number) {
  [[maybe_unused]] const ssize_t written =
      ::write(exec_error_fd, &error_number, sizeof(error_number));
  ::_exit(kExecFailedCode);
}

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Between fork and exec: async-signal-safe calls only, no allocation.
[[noreturn]] void RunChild(ChildPlan& plan) {
  ::setpgid(0, 0);
  if (::prctl(PR_SET_PDEATHSIG, plan.parent_death_signal) != 0) {
    FailInChild(plan.exec_error_fd, errno);
  }
  const bool must_end = plan.parent_death_signal != 0;
  if (must_end && ::getppid() != plan.parent) ::_exit(kExecFailedCode);  // died before the prctl
  ResetSignals();
  // First out of the way of the numbers to be taken, then each to its own.
  const int first_free = static_cast<int>(plan.sources.size());
  const int exec_error_fd = ::fcntl(plan.exec_error_fd, F_DUPFD_CLOEXEC, first_free);
  if (exec_error_fd < 0) FailInChild(plan.exec_error_fd, errno);
  for (int& source : plan.sources) {
    source = ::fcntl(source, F_DUPFD_CLOEXEC, first_free);
    if (source < 0) FailInChild(exec_error_fd, errno);
  }
  if (::close_range(0, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) FailInChild(exec_error_fd, errno);
  for (int target = 0; target < first_free; ++target) {
    if (::dup2(plan.sources[static_cast<size_t>(target)], target) < 0) {
      FailInChild(exec_error_fd, errno);
    }
  }
  ::execve(plan.arguments[0], plan.arguments, plan.environment);
  FailInChild(exec_error_fd, errno);
}

}  // namespace

absl::StatusOr<Spawned> Spawn(const SpawnOptions& options) {
  if (options.arguments.empty() || options.arguments[0].empty()) {
    return absl::InvalidArgumentError("cannot start a child process: no program is named");
  }
  const std::string& program = options.arguments[0];
  UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.is_open()) return ErrnoStatus(errno, "open", "/dev/null");
  CTDB_ASSIGN_OR_RETURN(Pipe output, MakePipe());
  CTDB_ASSIGN_OR_RETURN(Pipe errors, MakePipe());
  CTDB_ASSIGN_OR_RETURN(Pipe ready, MakePipe());
  CTDB_ASSIGN_OR_RETURN(Pipe exec_error, MakePipe());

  std::vector<std::string> arguments = options.arguments;
  const int ready_fd = kFirstInheritedFd + static_cast<int>(options.inherited_fds.size());
  std::vector<std::string> environment = MakeEnvironment(options.environment, ready_fd);
  std::vector<char*> argument_pointers = Pointers(arguments);
  std::vector<char*> environment_pointers = Pointers(environment);
  ChildPlan plan{argument_pointers.data(),
                 environment_pointers.data(),
                 ::getpid(),
                 options.parent_death_signal,
                 exec_error.writer.get(),
                 {null.get(), output.writer.get(), errors.writer.get()}};
  plan.sources.insert(plan.sources.end(), options.inherited_fds.begin(),
                      options.inherited_fds.end());
  plan.sources.push_back(ready.writer.get());

  // A signal to the child before it has its own handling would be lost in a handler of ours. So it
  // stays pending until ResetSignals(), and does there what it does to a program.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) RunChild(plan);
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return ErrnoStatus(fork_error, "start", program);
  // Both sides do it, so that it is done whoever runs first.
  ::setpgid(pid, pid);
  // By number: glibc 2.36 declares pidfd_open() as a C++ function. Close-on-exec by itself.
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.is_open()) {
    const int error_number = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return ErrnoStatus(error_number, "watch the process of", program);
  }
  return Spawned{pid,
                 std::move(pidfd),
                 std::move(output.reader),
                 std::move(errors.reader),
                 std::move(ready.reader),
                 std::move(exec_error.reader)};
}

}  // namespace ctdb::daemon
