// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// notify_script: runs the administrator's notification script, `notify.sh EVENT`, one event after
// the other, in the background. Its result is only logged.
//
//   Ownership:  owns the running script: destruction kills it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     a script that is missing, not executable, fails, or takes too long: one log line.
//   Blocking:   never.
//   Limits:     kWaitingMax events wait, later ones are dropped; kTimeLimit per run.
//
// Example:
//   NotifyScript notify(io, paths.etcdir() + "/notify.sh", logger);
//   notify.Run("healthy");

#ifndef LIB_DAEMON_SERVICES_NOTIFY_SCRIPT_H_
#define LIB_DAEMON_SERVICES_NOTIFY_SCRIPT_H_

#include <kj/async-io.h>

#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/daemon/io/child_process.h"
#include "lib/logging/logger.h"

namespace ctdb::daemon {

class NotifyScript : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kWaitingMax = 100;
  static constexpr kj::Duration kTimeLimit = 30 * kj::SECONDS;

  NotifyScript(kj::AsyncIoContext& io, std::string path, logging::Logger logger);

  // Events: init, setup, startup, healthy, unhealthy.
  void Run(absl::string_view event);

 private:
  void taskFailed(kj::Exception&& exception) override;
  void RunNext();
  bool IsRunnable();

  kj::AsyncIoContext& io_;
  const std::string path_;
  logging::Logger logger_;
  std::deque<std::string> waiting_;
  kj::Own<ChildProcess> script_;
  bool missing_was_logged_ = false;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_NOTIFY_SCRIPT_H_
