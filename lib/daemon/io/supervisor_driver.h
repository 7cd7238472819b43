// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// supervisor_driver: connects the supervisor (what to do) with processes and time (how).
//
//   Ownership:  the processes: destruction kills those that still run.
//   Threading:  the event loop's thread, which must outlive the children (see spawn.h).
//   Errors:     a child that cannot be started counts as one that failed; NotFound and
//               FailedPrecondition from Restart().
//   Blocking:   destruction, as of ChildProcess.
//   Limits:     those of Supervisor and ChildProcess.
//
// Example:
//   SupervisorDriver driver(io.unixEventPort, table, {.seed = seed}, listener);
//   driver.Start();
//   driver.Stop();
//   driver.WhenStopped().wait(io.waitScope);

#ifndef LIB_DAEMON_IO_SUPERVISOR_DRIVER_H_
#define LIB_DAEMON_IO_SUPERVISOR_DRIVER_H_

#include <kj/async-unix.h>
#include <kj/memory.h>
#include <kj/timer.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/deadline_timer.h"
#include "lib/base/random.h"
#include "lib/daemon/io/child_process.h"
#include "lib/daemon/supervisor.h"

namespace ctdb::daemon {

class SupervisorDriver : private kj::TaskSet::ErrorHandler {
 public:
  struct Child {
    ChildSpec spec = {};
    SpawnOptions process = {};
  };
  struct Options {
    Supervisor::Options supervisor = {};
    uint64_t seed = 0;
  };
  // Called on the event loop. Must not destroy the driver; may call its methods.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnLine(absl::string_view child, ChildProcess::Stream stream,
                        absl::string_view line) = 0;
    virtual void OnAlert(const Supervisor::Alert& alert) = 0;
  };

  SupervisorDriver(kj::UnixEventPort& port, std::vector<Child> children, const Options& options,
                   Listener& listener);
  ~SupervisorDriver() noexcept(false) = default;

  void Start();
  void Stop();
  absl::Status Restart(absl::string_view child);
  // Passes a signal on to every child that is ready, such as SIGHUP to reopen logs; one that still
  // starts reads everything anyway, and may not know yet what to do with a signal.
  void SignalAll(int signal);
  // Once: when all children have become ready for the first time.
  kj::Promise<void> WhenAllReady() { return kj::mv(all_ready_.promise); }
  // Once; also after an essential child was given up, see Describe().gave_up.
  kj::Promise<void> WhenStopped() { return kj::mv(stopped_.promise); }
  Supervisor::Status Describe() const { return supervisor_.Describe(); }

 private:
  struct Slot {
    kj::Own<ChildProcess> process;  // null: none
    uint64_t generation = 0;        // tells a process from the one before it
  };

  // Does what the supervisor wants until it wants nothing, and sets the timer.
  void Pump();
  void Do(const Supervisor::StartChild& start);
  void OnExited(ChildNumber number, const ChildExit& how);
  void Do(const Supervisor::SendSignal& order);
  void Do(const Supervisor::Alert& alert);
  void Do(const Supervisor::AllStopped& stopped);
  void taskFailed(kj::Exception&& exception) override;

  kj::UnixEventPort& port_;
  Listener& listener_;
  const std::vector<Child> table_;
  Random random_;
  Supervisor supervisor_;
  kj::PromiseFulfillerPair<void> all_ready_ = kj::newPromiseAndFulfiller<void>();
  kj::PromiseFulfillerPair<void> stopped_ = kj::newPromiseAndFulfiller<void>();
  bool is_pumping_ = false;
  std::vector<Slot> slots_;
  DeadlineTimer timer_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_SUPERVISOR_DRIVER_H_
