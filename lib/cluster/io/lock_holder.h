// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_holder: what a lock helper does once it has its lock: it waits for the end of its parent,
// and has another process look again and again whether the lock is still worth anything.
//
// The look is at a file system that may be dead, where any call may hang for ever, even beyond
// SIGKILL. So it happens in a child that nobody waits for: its silence is as good as bad news.
//
//   Ownership:  the child that looks: it is killed when HoldLock() returns, or this process ends.
//   Threading:  HoldLock() forks: no other thread may run.
//   Errors:     why the lock is lost, one line.
//   Blocking:   YES: until the end. Never for the child.
//   Limits:     a reason is cut off at kReasonBytesMax.
//
// Example:
//   PrepareLockHelper(parent);
//   absl::Status why = HoldLock({.parent = parent}, [&lock] { return lock.Check(); });

#ifndef LIB_CLUSTER_IO_LOCK_HOLDER_H_
#define LIB_CLUSTER_IO_LOCK_HOLDER_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ctdb::cluster {

inline constexpr size_t kReasonBytesMax = 1024;

// Makes this process one that SIGTERM ends, whatever signals its parent had blocked or ignored, and
// that the kernel kills when its parent ends, even while it hangs. False: `parent`, which was the
// parent when this process began, has gone already.
bool PrepareLockHelper(pid_t parent);

struct HoldOptions {
  pid_t parent = 0;
  // Who reads from it wants to know of the lock; when nobody does any more, it is of no use.
  int output_fd = STDOUT_FILENO;
  // 0: no looks.
  absl::Duration recheck_interval = absl::Seconds(1);
  // 0: a look may take for ever.
  absl::Duration ping_timeout = absl::Seconds(10);
};

// OK: the parent or the reader is gone. `check` runs in another process.
absl::Status HoldLock(const HoldOptions& options, const std::function<absl::Status()>& check);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_IO_LOCK_HOLDER_H_
