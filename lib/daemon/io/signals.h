// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// signals: what the outside asks of a daemon by signal: SIGTERM and SIGINT to stop, SIGHUP to
// reload and reopen logs. SIGPIPE and SIGUSR1 are ignored.
//
// The signals are blocked and read from a descriptor, so no handler ever interrupts anything. A
// signal goes to any thread that does not block it: block them first thing in main, since every
// thread starts with its creator's mask. Child processes inherit the mask, too; ChildProcess undoes
// that.
//
//   Ownership:  the signal descriptor.
//   Threading:  BlockSignals() before there are threads; SignalSource on its event loop's thread,
//               one per process.
//   Errors:     Internal, when the system refuses.
//   Blocking:   never.
//   Limits:     a signal that comes again before it was read counts once (as signals do).
//
// Example:
//   CTDB_RETURN_IF_ERROR(BlockSignals());
//   CTDB_ASSIGN_OR_RETURN(auto signals, SignalSource::Create(io.unixEventPort, on_request));

#ifndef LIB_DAEMON_IO_SIGNALS_H_
#define LIB_DAEMON_IO_SIGNALS_H_

#include <kj/async-unix.h>
#include <kj/function.h>
#include <kj/memory.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::daemon {

struct SignalRequest {
  enum class Kind { kStop, kReload };
  Kind kind;
  absl::string_view cause;  // "SIGTERM"
  int sender_pid;           // 0: the kernel (a terminal)
};

absl::Status BlockSignals();

class SignalSource {
 public:
  // `on_request` runs on the event loop, until destruction. It must not destroy the source.
  static absl::StatusOr<kj::Own<SignalSource>> Create(kj::UnixEventPort& port,
                                                      kj::Function<void(SignalRequest)> on_request);

  // For Create().
  SignalSource(kj::UnixEventPort& port, UniqueFd fd, kj::Function<void(SignalRequest)> on_request);

 private:
  kj::Promise<void> ReadAll();

  UniqueFd fd_;
  kj::UnixEventPort::FdObserver observer_;
  kj::Function<void(SignalRequest)> on_request_;
  kj::Promise<void> task_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_SIGNALS_H_
