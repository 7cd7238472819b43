// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// guardian_program: the main program of a guardian (guardian_process.h). It reads its daemon's will
// and does nothing until the daemon has ended.
//
// It is a process group of its own, and no signal that ends others ends it: whoever ends a service
// ends what the service has left as well, and that is when it is needed. It ends by itself.
//
//   Ownership:  the process.
//   Threading:  one thread.
//   Errors:     logged; the exit code tells whether it was started rightly.
//   Blocking:   until the daemon has ended, and kLifeSeconds at most from then on.
//   Limits:     none.
//
// Example:
//   if (FLAGS_guardian) return ctdb::daemon::RunGuardian();

#ifndef LIB_DAEMON_SERVICES_GUARDIAN_PROGRAM_H_
#define LIB_DAEMON_SERVICES_GUARDIAN_PROGRAM_H_

#include <signal.h>

namespace ctdb::daemon {

// What it finds open: its will, the lock that it holds until it ends, and where to write what it
// has to say to whoever started the daemon.
inline constexpr int kWillFd = 3;
inline constexpr int kGuardianLockFd = 4;
inline constexpr int kDaemonErrorFd = 5;

inline constexpr unsigned kLifeSeconds = 5;

// From whoever starts the next run of the node: not to speak any longer.
inline constexpr int kEndSignal = SIGUSR1;

int RunGuardian();

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_GUARDIAN_PROGRAM_H_
