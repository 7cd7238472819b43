// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_driver: connects lock_client (what to do) with the helper's process and time (how).
//
// The helper is killed with SIGKILL when we die: two holders of one node would be worse than a lock
// that is not handed back in order, and a helper that could not be killed would keep the cluster
// without a leader. A lock service must let go of a dead holder's lock anyway: nodes lose power.
// What a helper starts itself is in its process group, and killed with it as long as we live.
//
//   Ownership:  the helper's process: destruction kills it. To release in order, call Release() and
//               await WhenFree().
//   Threading:  the event loop's thread, which must outlive the helper (see spawn.h).
//   Errors:     as answers.
//   Blocking:   destruction, as of ChildProcess.
//   Limits:     those of LockClient and ChildProcess.
//
// Example:
//   LockDriver lock(io.unixEventPort, command, {}, on_answer, on_line);
//   lock.Take();

#ifndef LIB_CLUSTER_IO_LOCK_DRIVER_H_
#define LIB_CLUSTER_IO_LOCK_DRIVER_H_

#include <kj/async-unix.h>
#include <kj/function.h>
#include <kj/memory.h>
#include <kj/timer.h>
#include <kj/vector.h>

#include "absl/strings/string_view.h"
#include "lib/base/instant.h"
#include "lib/base/io/deadline_timer.h"
#include "lib/cluster/lock_client.h"
#include "lib/cluster/lock_setting.h"
#include "lib/daemon/io/child_process.h"

namespace ctdb::cluster {

class LockDriver : private kj::TaskSet::ErrorHandler {
 public:
  // Answers and losses. Must not destroy the driver; may call its methods.
  using OnAnswer = kj::Function<void(const LockClient::Answer&)>;
  // For the log: what the helper writes to standard error, and how it ended if that was violent.
  // As OnAnswer.
  using OnLine = kj::Function<void(absl::string_view line)>;

  struct Status {
    LockClient::Status client;
    std::string helper;  // its command
    pid_t pid = 0;       // 0: no process
  };

  // `options.helper` is set from the command.
  LockDriver(kj::UnixEventPort& port, LockCommand command, LockClient::Options options,
             OnAnswer on_answer, OnLine on_line);
  ~LockDriver() noexcept(false) = default;

  // Both as LockClient.
  void Take();
  void Release();
  bool is_held() const { return client_.is_held(); }
  // When no helper runs: nothing of ours holds the lock.
  kj::Promise<void> WhenFree();
  Status Describe() const;

 private:
  // Does what the client wants until it wants nothing, and sets the timer.
  void Pump();
  void Do(const LockClient::StartHelper& start);
  void Do(const LockClient::Terminate& order);
  void Do(const LockClient::Kill& order);
  void Do(const LockClient::Answer& answer);
  void OnExited(uint64_t generation, const daemon::ChildExit& how);
  void taskFailed(kj::Exception&& exception) override;

  kj::UnixEventPort& port_;
  const LockCommand command_;
  LockClient client_;
  OnAnswer on_answer_;
  OnLine on_line_;
  bool is_pumping_ = false;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> awaiting_free_;
  kj::Own<daemon::ChildProcess> process_;  // null: none
  DeadlineTimer timer_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_IO_LOCK_DRIVER_H_
