// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// child_process: a program run as a child (see spawn.h), on the event loop: its readiness and its
// end as promises, its output as lines.
//
// The end is read from a pidfd: no SIGCHLD, so it works on any thread and beside other code that
// has children. When the child ends, what is left of its process group is killed: the next one
// starts on clean ground. SIGCHLD must not be set to SIG_IGN, or the kernel reaps before we do.
//
//   Ownership:  the process: destruction kills its group and reaps it.
//   Threading:  the event loop's thread.
//   Errors:     as Spawn(); a program that cannot be executed ends as ChildExit::kNotStarted.
//   Blocking:   destruction of a living child, until the kernel has ended it, at most kReapLimitMs.
//   Limits:     lines of LineSplitter::kLineBytesMax; per turn of the loop kReadBytesPerTurnMax of
//               each stream, so that a chatty child delays nobody; beyond that the pipe fills and
//               the child waits.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(kj::Own<ChildProcess> child,
//                         ChildProcess::Start(io.unixEventPort, {.arguments = {path}}, on_line));
//   child->WhenReady().then(...); child->WhenExited().then([](ChildExit how) { ... });

#ifndef LIB_DAEMON_IO_CHILD_PROCESS_H_
#define LIB_DAEMON_IO_CHILD_PROCESS_H_

#include <kj/async-unix.h>
#include <kj/function.h>
#include <kj/memory.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/daemon/child_exit.h"
#include "lib/daemon/io/spawn.h"
#include "lib/daemon/line_splitter.h"

namespace ctdb::daemon {

class ChildProcess {
 public:
  static constexpr size_t kReadBytesPerTurnMax = 65536;
  static constexpr int kReapLimitMs = 1000;

  enum class Stream { kOutput, kError };
  // Must not destroy the ChildProcess.
  using OnLine = kj::Function<void(Stream, absl::string_view line)>;
  // Standard output as it comes, for a protocol rather than a log; empty: the child closed it, or
  // ended. Must not destroy the ChildProcess.
  using OnBytes = kj::Function<void(absl::string_view bytes)>;

  // With `on_bytes`, on_line gets only what the child writes to standard error.
  static absl::StatusOr<kj::Own<ChildProcess>> Start(kj::UnixEventPort& port,
                                                     const SpawnOptions& options, OnLine on_line,
                                                     kj::Maybe<OnBytes> on_bytes = nullptr);
  // For Start().
  ChildProcess(kj::UnixEventPort& port, Spawned spawned, OnLine on_line,
               kj::Maybe<OnBytes> on_bytes);
  ~ChildProcess();

  pid_t pid() const { return spawned_.pid; }
  // Once. Broken, not fulfilled, when the object goes before the child was ready.
  kj::Promise<void> WhenReady() { return kj::mv(ready_.promise); }
  // Once; after all lines that the child wrote were handed out.
  kj::Promise<ChildExit> WhenExited() { return kj::mv(exited_.promise); }
  // To the child alone: it stops its own children in order. Nothing happens after the end.
  absl::Status Signal(int signal);
  // SIGKILL to the child and its whole process group. Nothing happens after the end.
  absl::Status KillGroup();

 private:
  class PipeReader {
   public:
    PipeReader(kj::UnixEventPort& port, int fd, OnBytes on_bytes);
    // Hands out what the pipe still holds, at most kReadBytesPerTurnMax, and its end; nothing after
    // that.
    void Finish();

   private:
    kj::Promise<void> Run();
    // False: the pipe has no more for now.
    bool ReadSome();
    // Once.
    void End();

    int fd_;
    kj::UnixEventPort::FdObserver observer_;
    OnBytes on_bytes_;
    bool is_at_end_ = false;
    kj::Promise<void> task_;
  };

  OnBytes SplitIntoLines(Stream stream);
  kj::Promise<void> AwaitReady();
  kj::Promise<void> AwaitExit();
  ChildExit Reap();

  Spawned spawned_;
  bool is_reaped_ = false;
  OnLine on_line_;
  std::string ready_text_;
  kj::PromiseFulfillerPair<void> ready_ = kj::newPromiseAndFulfiller<void>();
  kj::PromiseFulfillerPair<ChildExit> exited_ = kj::newPromiseAndFulfiller<ChildExit>();
  kj::UnixEventPort::FdObserver ready_observer_;
  kj::UnixEventPort::FdObserver exit_observer_;
  PipeReader output_;
  PipeReader errors_;
  kj::Promise<void> ready_task_;
  kj::Promise<void> exit_task_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_CHILD_PROCESS_H_
