// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/child_process.h"

#include <kj/debug.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/daemon/io/ready_notice.h"

namespace ctdb::daemon {
namespace {

constexpr auto kObserveRead = kj::UnixEventPort::FdObserver::OBSERVE_READ;
// More than the word itself was never meant for us.
constexpr size_t kReadyBytesMax = 64;

// Such a task has no one who could hear of its failure, and nothing in it that throws.
kj::Promise<void> Detached(kj::Promise<void> promise) {
  return promise.eagerlyEvaluate([](kj::Exception&&) {});
}

ssize_t Read(int fd, char* buffer, size_t bytes) {
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer, bytes);
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

ChildProcess::PipeReader::PipeReader(kj::UnixEventPort& port, int fd, OnBytes on_bytes)
    : fd_(fd),
      observer_(port, fd, kObserveRead),
      on_bytes_(kj::mv(on_bytes)),
      task_(Detached(kj::evalLater([this] { return Run(); }))) {}

kj::Promise<void> ChildProcess::PipeReader::Run() {
  if (ReadSome()) return kj::evalLater([this] { return Run(); });
  if (is_at_end_) return kj::READY_NOW;
  return observer_.whenBecomesReadable().then([this] { return Run(); });
}

bool ChildProcess::PipeReader::ReadSome() {
  char buffer[4096];
  for (size_t bytes = 0; bytes < kReadBytesPerTurnMax; bytes += sizeof(buffer)) {
    const ssize_t got = Read(fd_, buffer, sizeof(buffer));
    if (got == 0) End();
    if (got <= 0) return false;
    on_bytes_({buffer, static_cast<size_t>(got)});
  }
  return true;
}

void ChildProcess::PipeReader::End() {
  if (is_at_end_) return;
  is_at_end_ = true;
  on_bytes_({});
}

void ChildProcess::PipeReader::Finish() {
  task_ = nullptr;
  if (!is_at_end_) ReadSome();
  End();
}

absl::StatusOr<kj::Own<ChildProcess>> ChildProcess::Start(kj::UnixEventPort& port,
                                                          const SpawnOptions& options,
                                                          OnLine on_line,
                                                          kj::Maybe<OnBytes> on_bytes) {
  CTDB_ASSIGN_OR_RETURN(Spawned spawned, Spawn(options));
  return kj::heap<ChildProcess>(port, std::move(spawned), kj::mv(on_line), kj::mv(on_bytes));
}

ChildProcess::ChildProcess(kj::UnixEventPort& port, Spawned spawned, OnLine on_line,
                           kj::Maybe<OnBytes> on_bytes)
    : spawned_(std::move(spawned)),
      on_line_(kj::mv(on_line)),
      ready_observer_(port, spawned_.ready.get(), kObserveRead),
      exit_observer_(port, spawned_.pidfd.get(), kObserveRead),
      output_(port, spawned_.output.get(),
              on_bytes == nullptr ? SplitIntoLines(Stream::kOutput)
                                  : kj::mv(KJ_ASSERT_NONNULL(on_bytes))),
      errors_(port, spawned_.errors.get(), SplitIntoLines(Stream::kError)),
      ready_task_(Detached(kj::evalLater([this] { return AwaitReady(); }))),
      exit_task_(Detached(kj::evalLater([this] { return AwaitExit(); }))) {}

ChildProcess::OnBytes ChildProcess::SplitIntoLines(Stream stream) {
  return [this, stream, splitter = LineSplitter()](absl::string_view bytes) mutable {
    for (const std::string& line : bytes.empty() ? splitter.OnEnd() : splitter.OnBytes(bytes)) {
      on_line_(stream, line);
    }
  };
}

ChildProcess::~ChildProcess() {
  if (is_reaped_) return;
  ::kill(-spawned_.pid, SIGKILL);
  pollfd end = {spawned_.pidfd.get(), POLLIN, 0};
  ::poll(&end, 1, kReapLimitMs);
  ::waitpid(spawned_.pid, nullptr, WNOHANG);
}

absl::Status ChildProcess::Signal(int signal) {
  // Until it is reaped, the number cannot belong to anyone else.
  if (is_reaped_ || ::kill(spawned_.pid, signal) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("send signal ", signal, " to process"),
                     absl::StrCat(spawned_.pid));
}

absl::Status ChildProcess::KillGroup() {
  if (is_reaped_ || ::kill(-spawned_.pid, SIGKILL) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "kill process group", absl::StrCat(spawned_.pid));
}

kj::Promise<void> ChildProcess::AwaitReady() {
  char buffer[kReadyBytesMax];
  ssize_t got = 0;
  while ((got = Read(spawned_.ready.get(), buffer, sizeof(buffer))) > 0) {
    ready_text_.append(buffer, static_cast<size_t>(got));
    if (ready_text_.size() > kReadyBytesMax) return kj::READY_NOW;
    if (absl::string_view(ready_text_) == kReadyText) {
      ready_.fulfiller->fulfill();
      return kj::READY_NOW;
    }
  }
  if (got == 0) return kj::READY_NOW;
  return ready_observer_.whenBecomesReadable().then([this] { return AwaitReady(); });
}

kj::Promise<void> ChildProcess::AwaitExit() {
  siginfo_t info = {};
  // Leaves it a zombie, so that the number stays taken while the rest of the group is killed.
  const int result = ::waitid(P_PIDFD, static_cast<id_t>(spawned_.pidfd.get()), &info,
                              WEXITED | WNOHANG | WNOWAIT);
  if (result == 0 && info.si_pid == 0) {
    return exit_observer_.whenBecomesReadable().then([this] { return AwaitExit(); });
  }
  ::kill(-spawned_.pid, SIGKILL);
  output_.Finish();
  errors_.Finish();
  exited_.fulfiller->fulfill(Reap());
  return kj::READY_NOW;
}

ChildExit ChildProcess::Reap() {
  int wait_status = 0;
  ::waitpid(spawned_.pid, &wait_status, WNOHANG);
  is_reaped_ = true;
  int error_number = 0;
  const ssize_t got =
      Read(spawned_.exec_error.get(), reinterpret_cast<char*>(&error_number), sizeof(error_number));
  if (got == sizeof(error_number)) return {ChildExit::Kind::kNotStarted, error_number};
  if (WIFSIGNALED(wait_status)) return {ChildExit::Kind::kSignalled, WTERMSIG(wait_status)};
  return {ChildExit::Kind::kExited, WEXITSTATUS(wait_status)};
}

}  // namespace ctdb::daemon
