// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// guardian_process: the guardian of a daemon, as the daemon keeps it: a child that lives on when
// the daemon is killed, and carries out its will (lib/guardian). One that ends is started again.
//
// What a guardian says is only true as long as no later run of its node serves. So it holds a lock
// until it has ended, and whoever starts the next run waits for that.
//
//   Ownership:  the process: destruction kills it, and with it the will.
//   Threading:  the event loop's thread.
//   Errors:     DeadlineExceeded: the guardian of an earlier run does not end; what Spawn() says.
//               Later ones are logged, and it is tried again.
//   Blocking:   Start(), up to kFormerLimit for the guardian of an earlier run.
//   Limits:     one per node.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto guardian, GuardianProcess::Start(io, lock_path, logger));
//   guardian->SetWill(will);

#ifndef LIB_DAEMON_SERVICES_GUARDIAN_PROCESS_H_
#define LIB_DAEMON_SERVICES_GUARDIAN_PROCESS_H_

#include <kj/async-io.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/daemon/io/child_process.h"
#include "lib/guardian/will.h"
#include "lib/logging/logger.h"

namespace ctdb::daemon {

class GuardianProcess : private kj::TaskSet::ErrorHandler {
 public:
  // Longer than a guardian may live (guardian_program.h).
  static constexpr absl::Duration kFormerLimit = absl::Seconds(8);
  static constexpr kj::Duration kRestartPause = 1 * kj::SECONDS;

  // `program`: with its arguments; it is given kWillFd and what else guardian_program.h says.
  static absl::StatusOr<kj::Own<GuardianProcess>> Start(kj::AsyncIoContext& io,
                                                        std::vector<std::string> program,
                                                        std::string lock_path,
                                                        logging::Logger logger);
  // For Start().
  GuardianProcess(kj::AsyncIoContext& io, std::vector<std::string> program, std::string lock_path,
                  logging::Logger logger);
  ~GuardianProcess() noexcept;

  // Replaces the one before.
  void SetWill(guardian::Will will);
  struct Status {
    pid_t pid = 0;  // 0: it is being started again.
    absl::Time started = absl::UnixEpoch();
    uint32_t restarts = 0;
    std::string last_exit;  // "was killed by signal 9 (Killed)"; empty: none.
  };
  const Status& status() const { return status_; }

 private:
  void taskFailed(kj::Exception&& exception) override;
  absl::Status Launch();
  void OnExit(const ChildExit& how);
  void LaunchLater();
  void Send();

  kj::AsyncIoContext& io_;
  const std::vector<std::string> program_;
  const std::string lock_path_;
  logging::Logger logger_;
  guardian::Will will_;
  Status status_;
  UniqueFd pipe_;
  kj::Own<ChildProcess> child_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_GUARDIAN_PROCESS_H_
