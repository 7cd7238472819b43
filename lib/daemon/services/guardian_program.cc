// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/guardian_program.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <iostream>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/realtime.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "lib/config/io/environment.h"
#include "lib/config/io/load.h"
#include "lib/daemon/exit_code.h"
#include "lib/daemon/io/program_logger.h"
#include "lib/guardian/io/execution.h"
#include "lib/guardian/io/will_pipe.h"
#include "lib/store/tdb/tdb_file.h"

namespace ctdb::daemon {
namespace {

// The pipe ends when the daemon's last thread does, with nothing left that takes long.
constexpr int kEndLimitMs = 2000;

bool IsPipe(int fd) {
  struct stat info;
  return ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, kEndSignal);
  return signals;
}

bool PauseUnlessAskedToEnd(absl::Duration pause) {
  const sigset_t signals = EndSignals();
  const timespec time = absl::ToTimespec(pause);
  return ::sigtimedwait(&signals, nullptr, &time) != kEndSignal;
}

// All of it, with all files that it had open. That the pipe has ended does not say so: it may have
// been broken, and a daemon that lives must not be said to be dead.
bool HasEnded(const UniqueFd& daemon) {
  pollfd wanted = {daemon.get(), POLLIN, 0};
  return daemon.is_open() && ::poll(&wanted, 1, kEndLimitMs) == 1;
}

// Before the daemon has ended: afterwards there may be no time for it.
absl::StatusOr<logging::Logger> Prepare() {
  ::prctl(PR_SET_NAME, "ctdb-guardian");
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
  const sigset_t signals = EndSignals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::dup2(kDaemonErrorFd, STDERR_FILENO);
  CTDB_ASSIGN_OR_RETURN(const config::Paths paths, config::PathsFromEnvironment());
  CTDB_ASSIGN_OR_RETURN(const config::Config config,
                        config::LoadConfig(paths, config::Strictness::kLenient));
  if (config.GetBoolean("legacy", "realtime scheduling")) UseRealtimeScheduling().IgnoreError();
  // libtdb finds it out with a process of its own.
  store::UsableVolatileFlags();
  CTDB_ASSIGN_OR_RETURN(
      logging::Logger logger,
      OpenProgramLogger("guardian",
                        IsInteractive() ? "file:" : config.GetString("logging", "location"),
                        config.GetString("logging", "log level"), paths));
  // It keeps no file system from being unmounted.
  return ::chdir("/") == 0 ? absl::StatusOr<logging::Logger>(logger)
                           : absl::InternalError("cannot leave the working directory");
}

}  // namespace

int RunGuardian() {
  if (!IsPipe(kWillFd)) {
    std::cerr << "ctdbd: --guardian is for ctdbd's own use\n";
    return ToInt(ExitCode::kStartFailed);
  }
  // By number: glibc 2.36 declares pidfd_open() as a C++ function.
  const UniqueFd daemon(static_cast<int>(::syscall(SYS_pidfd_open, ::getppid(), 0)));
  absl::StatusOr<logging::Logger> logger = Prepare();
  if (!logger.ok()) {
    std::cerr << "guardian: " << logger.status().message() << "\n";
    return ToInt(ExitCode::kStartFailed);
  }
  const std::optional<guardian::Will> will = guardian::ReadLastWill(kWillFd);
  if (!will.has_value() || will->parting_token == 0) return ToInt(ExitCode::kNormal);
  ::alarm(kLifeSeconds);
  if (!HasEnded(daemon)) {
    logger->Warning("guardian", "the pipe to ctdbd has ended, but ctdbd has not: nothing is done");
    return ToInt(ExitCode::kStartFailed);
  }
  const absl::Time begin = absl::Now();
  const guardian::Report report = guardian::Execute(*will);
  const std::string text = absl::StrCat("ctdbd has ended; ", guardian::Describe(report));
  if (report.clients.ok()) {
    logger->Notice("guardian", text);
    guardian::SpeakOn(*will, begin, PauseUnlessAskedToEnd);
  } else {
    logger->Warning("guardian", text);
  }
  return ToInt(ExitCode::kNormal);
}

}  // namespace ctdb::daemon
