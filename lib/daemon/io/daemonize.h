// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// daemonize: going to the background so that whoever started the daemon learns how the start went.
//
// The process that was started stays until the daemon (its child) is ready, then ends with 0; or,
// when the start fails, ends with the daemon's exit code and the daemon's words on standard error.
// So a service unit of type forking and a start by hand both know. The daemon keeps standard error
// until it is ready, leads a session of its own, and its directory becomes / with readiness.
//
//   Ownership:  the pipe between the two.
//   Threading:  Enter() before there are threads (only the calling one continues in the child), and
//               before anything that a fork does not pass on: pid file, locks, event loop.
//   Errors:     ResourceExhausted or Internal, when the system refuses to fork.
//   Blocking:   the starting process waits, as it should; the daemon does not.
//   Limits:     kFailureBytesMax bytes of failure text.
//
// Example:
//   Background background;  // in the foreground nobody waits; reports cost nothing
//   if (!interactive) { CTDB_ASSIGN_OR_RETURN(background, Background::Enter()); }
//   ...
//   if (!status.ok()) return background.ReportFailure(ExitCode::kPidFile, status.message());
//   CTDB_RETURN_IF_ERROR(background.ReportReady());

#ifndef LIB_DAEMON_IO_DAEMONIZE_H_
#define LIB_DAEMON_IO_DAEMONIZE_H_

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {

class Background {
 public:
  static constexpr size_t kFailureBytesMax = 4096;

  // Nobody waits for us.
  Background() = default;
  // Returns in the daemon only; the process that called it ends as described above.
  static absl::StatusOr<Background> Enter();

  // Lets the starting process go, and lets go of its terminal and directory.
  absl::Status ReportReady();
  // Prints the text where the starter sees it; returns the number for main to return.
  int ReportFailure(ExitCode code, absl::string_view text);

 private:
  explicit Background(UniqueFd reports) : reports_(std::move(reports)) {}

  UniqueFd reports_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_DAEMONIZE_H_
