// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemonize.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/daemon/child_exit.h"

namespace ctdb::daemon {
namespace {

// A report is one line: this word, or the exit code in decimal; after a code follows the text.
constexpr absl::string_view kReady = "ready\n";

// A lost report or a closed terminal must not end the daemon, and has no other remedy.
void Write(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// Up to the end, or to the readiness.
std::string ReadReport(int fd) {
  std::string report;
  char buffer[512];
  while (absl::string_view(report) != kReady &&
         report.size() < Background::kFailureBytesMax + sizeof(buffer)) {
    const ssize_t got = ::read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    report.append(buffer, static_cast<size_t>(got));
  }
  return report;
}

[[noreturn]] void EndWithoutReport(pid_t daemon) {
  int wait_status = 0;
  while (::waitpid(daemon, &wait_status, 0) < 0 && errno == EINTR) {
  }
  ChildExit how{ChildExit::Kind::kExited, WEXITSTATUS(wait_status)};
  if (WIFSIGNALED(wait_status)) how = {ChildExit::Kind::kSignalled, WTERMSIG(wait_status)};
  Write(STDERR_FILENO, absl::StrCat("the daemon ", Describe(how), " before it was ready\n"));
  const bool has_code = how.kind == ChildExit::Kind::kExited && how.value != 0;
  ::_exit(has_code ? how.value : ToInt(ExitCode::kStartFailed));
}

// The rest of the life of the process that was started.
[[noreturn]] void AwaitDaemon(int reports, pid_t daemon) {
  const std::string report = ReadReport(reports);
  if (absl::string_view(report) == kReady) ::_exit(ToInt(ExitCode::kNormal));
  const size_t line_end = report.find('\n');
  int code = 0;
  const bool is_failure = line_end != std::string::npos &&
                          absl::SimpleAtoi(absl::string_view(report).substr(0, line_end), &code);
  if (!is_failure) EndWithoutReport(daemon);
  Write(STDERR_FILENO, absl::string_view(report).substr(line_end + 1));
  ::_exit(code);
}

}  // namespace

absl::StatusOr<Background> Background::Enter() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make", "a pipe to the daemon");
  UniqueFd reader(fds[0]);
  UniqueFd writer(fds[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return ErrnoStatus(errno, "go to", "the background");
  if (pid > 0) {
    writer.Reset();
    AwaitDaemon(reader.get(), pid);
  }
  // Cannot fail: a forked process does not lead a group yet.
  ::setsid();
  ::signal(SIGPIPE, SIG_IGN);  // the starter may have been killed when we report
  return Background(std::move(writer));
}

absl::Status Background::ReportReady() {
  if (!reports_.is_open()) return absl::OkStatus();
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.is_open()) return ErrnoStatus(errno, "open", "/dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(null.get(), fd) < 0) return ErrnoStatus(errno, "redirect to", "/dev/null");
  }
  if (null.get() <= STDERR_FILENO) null.Release();
  if (::chdir("/") != 0) return ErrnoStatus(errno, "go to", "/");
  Write(reports_.get(), kReady);
  reports_.Reset();
  return absl::OkStatus();
}

int Background::ReportFailure(ExitCode code, absl::string_view text) {
  const std::string line = absl::StrCat(text.substr(0, kFailureBytesMax - 1), "\n");
  if (reports_.is_open()) {
    Write(reports_.get(), absl::StrCat(ToInt(code), "\n", line));
    reports_.Reset();
  } else {
    Write(STDERR_FILENO, line);
  }
  return ToInt(code);
}

}  // namespace ctdb::daemon
