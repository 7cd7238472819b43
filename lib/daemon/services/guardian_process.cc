// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/guardian_process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/daemon/services/guardian_program.h"
#include "lib/guardian/io/will_pipe.h"

namespace ctdb::daemon {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(5);

// The guardian that has the lock; its number is in the file.
void AskToEnd(int fd) {
  char text[16] = "";
  const ssize_t got = ::pread(fd, text, sizeof(text) - 1, 0);
  int pid = 0;
  if (got > 0 && absl::SimpleAtoi(absl::string_view(text, static_cast<size_t>(got)), &pid) &&
      pid > 1) {
    ::kill(pid, kEndSignal);
  }
}

// Without it the next run only waits longer.
void WriteNumber(int fd, pid_t pid) {
  const std::string text = absl::StrCat(pid, "\n");
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
}

// Of the open file, so that it goes on with whoever else has it: the guardian.
absl::StatusOr<UniqueFd> TakeLock(const std::string& path, absl::Duration limit) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  const absl::Time deadline = absl::Now() + limit;
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  while (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return ErrnoStatus(errno, "lock", path);
    AskToEnd(fd.get());
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the guardian of this node's former run has not ended within ",
                       absl::FormatDuration(limit), ": end the process that has ", path,
                       " locked (\"fuser ", path, "\" names it)"));
    }
    absl::SleepFor(kPause);
  }
  if (::ftruncate(fd.get(), 0) != 0) return ErrnoStatus(errno, "empty", path);
  return fd;
}

}  // namespace

absl::StatusOr<kj::Own<GuardianProcess>> GuardianProcess::Start(kj::AsyncIoContext& io,
                                                                std::vector<std::string> program,
                                                                std::string lock_path,
                                                                logging::Logger logger) {
  auto process =
      kj::heap<GuardianProcess>(io, std::move(program), std::move(lock_path), std::move(logger));
  CTDB_RETURN_IF_ERROR(process->Launch());
  return kj::mv(process);
}

GuardianProcess::GuardianProcess(kj::AsyncIoContext& io, std::vector<std::string> program,
                                 std::string lock_path, logging::Logger logger)
    : io_(io),
      program_(std::move(program)),
      lock_path_(std::move(lock_path)),
      logger_(std::move(logger)),
      tasks_(*this) {}

GuardianProcess::~GuardianProcess() noexcept = default;

absl::Status GuardianProcess::Launch() {
  CTDB_ASSIGN_OR_RETURN(const UniqueFd lock, TakeLock(lock_path_, kFormerLimit));
  CTDB_ASSIGN_OR_RETURN(auto pipe, guardian::MakeWillPipe());
  SpawnOptions options;
  options.arguments = program_;
  options.inherited_fds = {pipe.first.get(), lock.get(), STDERR_FILENO};
  options.parent_death_signal = 0;
  CTDB_ASSIGN_OR_RETURN(child_,
                        ChildProcess::Start(io_.unixEventPort, options,
                                            [](ChildProcess::Stream, absl::string_view) {}));
  pipe_ = std::move(pipe.second);
  WriteNumber(lock.get(), child_->pid());
  status_.pid = child_->pid();
  status_.started = absl::Now();
  tasks_.add(child_->WhenExited().then([this](ChildExit how) { OnExit(how); }));
  return absl::OkStatus();
}

void GuardianProcess::OnExit(const ChildExit& how) {
  logger_.Warning("guardian_ended",
                  absl::StrCat("The guardian process ", Describe(how),
                               ": until there is another one, other nodes would wait for this "
                               "node's lease if it were killed"));
  pipe_ = UniqueFd();
  status_.pid = 0;
  status_.last_exit = Describe(how);
  LaunchLater();
}

void GuardianProcess::LaunchLater() {
  tasks_.add(io_.provider->getTimer().afterDelay(kRestartPause).then([this] {
    child_ = nullptr;
    if (const absl::Status status = Launch(); !status.ok()) {
      logger_.Error("guardian_failed",
                    absl::StrCat("Cannot start the guardian: ", status.message()));
      return LaunchLater();
    }
    ++status_.restarts;
    Send();
  }));
}

void GuardianProcess::SetWill(guardian::Will will) {
  will_ = std::move(will);
  Send();
}

void GuardianProcess::Send() {
  if (!pipe_.is_open()) return;
  if (const absl::Status status = guardian::SendWill(pipe_.get(), will_); !status.ok()) {
    logger_.Warning("guardian_will", status.message());
  }
}

void GuardianProcess::taskFailed(kj::Exception&& exception) {
  logger_.Error("guardian_failed", ToStatus(exception).message());
}

}  // namespace ctdb::daemon
