// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/lock_holder.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"

namespace ctdb::cluster {
namespace {

using Clock = std::chrono::steady_clock;

// Should the kernel tell us of the parent's end in neither of its two ways.
constexpr std::chrono::seconds kParentPoll(1);
// A look that found nothing wrong; anything else is the reason of the loss.
constexpr char kPing = '.';

// The process that looks, and our end of its pipe.
class Checker {
 public:
  Checker() = default;
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  ~Checker() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    // Not waited for: it may hang beyond SIGKILL.
    ::waitpid(pid_, nullptr, WNOHANG);
  }

  absl::Status Start(absl::Duration interval, const std::function<absl::Status()>& check);
  // Takes in what the process says. OK: all is well until the next word.
  absl::Status Listen();
  // -1 unless it was started; poll() leaves that out.
  int fd() const { return pipe_.get(); }

 private:
  pid_t pid_ = 0;
  UniqueFd pipe_;
};

void WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// In the child. It keeps neither the lock file nor our standard output open: that one's end is how
// the daemon learns of ours.
[[noreturn]] void RunChecker(pid_t holder, int pipe, absl::Duration interval,
                             const std::function<absl::Status()>& check) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != holder) ::_exit(0);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  const int kept = STDERR_FILENO + 1;
  if (pipe != kept) ::dup2(pipe, kept);
  ::close_range(kept + 1, UINT_MAX, 0);
  while (true) {
    const absl::Status status = check();
    if (!status.ok()) {
      WriteAll(kept, status.message());
      ::_exit(0);
    }
    WriteAll(kept, absl::string_view(&kPing, 1));
    // Returns early when the holder has gone.
    pollfd holder_gone = {kept, 0, 0};
    ::poll(&holder_gone, 1, static_cast<int>(absl::ToInt64Milliseconds(interval)));
    if (::getppid() != holder) ::_exit(0);
  }
}

absl::Status Checker::Start(absl::Duration interval, const std::function<absl::Status()>& check) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make", "a pipe to the lock check");
  pipe_.Reset(fds[0]);
  const UniqueFd writer(fds[1]);
  const pid_t holder = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) return ErrnoStatus(errno, "start", "the lock check");
  if (pid_ == 0) RunChecker(holder, writer.get(), interval, check);
  return absl::OkStatus();
}

absl::Status Checker::Listen() {
  char buffer[kReasonBytesMax];
  const ssize_t got = ::read(pipe_.get(), buffer, sizeof(buffer));
  if (got < 0) return errno == EINTR ? absl::OkStatus() : ErrnoStatus(errno, "hear", "the check");
  if (got == 0) {
    return absl::UnavailableError("the process that looks at the lock file has ended unexpectedly");
  }
  absl::string_view text(buffer, static_cast<size_t>(got));
  while (!text.empty() && text[0] == kPing) text.remove_prefix(1);
  if (text.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(text);
}

int PollTime(Clock::time_point deadline, bool has_deadline) {
  auto time = std::chrono::duration_cast<std::chrono::milliseconds>(kParentPoll);
  if (has_deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    time = std::clamp(left, std::chrono::milliseconds(0), time);
  }
  return static_cast<int>(time.count());
}

}  // namespace

bool PrepareLockHelper(pid_t parent) {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  // A reader that has gone is an answer, not a reason to die without a word.
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return ::getppid() == parent;
}

absl::Status HoldLock(const HoldOptions& options, const std::function<absl::Status()>& check) {
  Checker checker;
  if (options.recheck_interval > absl::ZeroDuration()) {
    CTDB_RETURN_IF_ERROR(checker.Start(options.recheck_interval, check));
  }
  const bool is_timed = checker.fd() >= 0 && options.ping_timeout > absl::ZeroDuration();
  const auto patience = absl::ToChronoMilliseconds(options.recheck_interval + options.ping_timeout);
  Clock::time_point deadline = Clock::now() + patience;
  const UniqueFd parent(static_cast<int>(::syscall(SYS_pidfd_open, options.parent, 0)));
  while (true) {
    // One that has gone before its pidfd was opened shows here.
    if (::getppid() != options.parent) return absl::OkStatus();
    pollfd fds[] = {
        {parent.get(), POLLIN, 0}, {options.output_fd, 0, 0}, {checker.fd(), POLLIN, 0}};
    if (::poll(fds, 3, PollTime(deadline, is_timed)) < 0 && errno != EINTR) {
      return ErrnoStatus(errno, "wait", "while the lock is held");
    }
    const bool is_over = fds[0].revents != 0 || (fds[1].revents & POLLERR) != 0;
    if (is_over) return absl::OkStatus();
    if (fds[2].revents != 0) {
      CTDB_RETURN_IF_ERROR(checker.Listen());
      deadline = Clock::now() + patience;
    } else if (is_timed && Clock::now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          "looking at the lock file takes longer than ", absl::FormatDuration(options.ping_timeout),
          ": its file system does not answer; repair it, or allow more time"));
    }
  }
}

}  // namespace ctdb::cluster
