// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// spawn: starts a program as a child process that shares nothing with us but what is named here.
//
// The child gets a process group of its own, /dev/null as standard input, pipes as standard output
// and error, default signal handling, and no descriptor but the inherited ones. It is killed when
// the thread that spawned it ends, hence also when the whole process is killed: the kernel does
// that (PR_SET_PDEATHSIG), unless it is to live on. Three things to know about it:
//   - It watches the *thread*: spawn from one that lives as long as the children.
//   - If we die before the child has asked for it, the child sees that its parent has changed and
//     exits by itself; if we die later, the kernel acts. There is no gap between the two.
//   - It reaches the child, not the child's own children, and is lost when the program is
//   set-user-ID.
//
//   Ownership:  the caller gets the process (reap it) and the descriptors.
//   Threading:  any thread, but see above.
//   Errors:     InvalidArgument (no program), ResourceExhausted (processes, descriptors), Internal.
//               A program that cannot be executed shows up later: as exit code kExecFailedCode,
//               with the errno readable from `exec_error`.
//   Blocking:   no.
//   Limits:     Linux 5.11 or newer (pidfd_open, close_range).
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Spawned child, Spawn({.arguments = {"/usr/sbin/databased", "-f"}}));

#ifndef LIB_DAEMON_IO_SPAWN_H_
#define LIB_DAEMON_IO_SPAWN_H_

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::daemon {

struct SpawnOptions {
  // The first one is the program's path; PATH is not searched.
  std::vector<std::string> arguments = {};
  // Added to our environment, or replacing what is there. What the service manager set for us alone
  // (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID) is not passed on.
  std::map<std::string, std::string> environment = {};
  // Descriptors of ours that the child gets as 3, 4, 5, ... in this order.
  std::vector<int> inherited_fds = {};
  // What the child gets when its parent dies; 0: nothing, it lives on. SIGKILL is certain: two
  // generations of a part at the same time would be worse than an end that is not orderly. SIGTERM
  // lets it tidy up, or hang.
  int parent_death_signal = SIGKILL;
};

struct Spawned {
  pid_t pid;
  // All are close-on-exec, and non-blocking.
  UniqueFd pidfd;       // readable once the process ended
  UniqueFd output;      // what it writes to standard output
  UniqueFd errors;      // and standard error
  UniqueFd ready;       // see ready_notice.h
  UniqueFd exec_error;  // an int: errno, when the program could not be executed
};

inline constexpr int kExecFailedCode = 127;

absl::StatusOr<Spawned> Spawn(const SpawnOptions& options);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_SPAWN_H_
