// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// program_logger: the log of a program, as the node's configuration wants it.
//
//   Ownership:  the logger owns its sink.
//   Threading:  any thread.
//   Errors:     InvalidArgument for a location or a level that makes no sense; what the sink says.
//   Blocking:   as opening a file or a socket does.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(logging::Logger logger,
//                         OpenProgramLogger("ctdbd", "file:/var/log/log.ctdb", "NOTICE", paths));

#ifndef LIB_DAEMON_IO_PROGRAM_LOGGER_H_
#define LIB_DAEMON_IO_PROGRAM_LOGGER_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/config/paths.h"
#include "lib/logging/logger.h"

namespace ctdb::daemon {

// `name`: who writes it.
absl::StatusOr<logging::Logger> OpenProgramLogger(const std::string& name,
                                                  const std::string& location,
                                                  const std::string& level,
                                                  const config::Paths& paths);

// Whether daemons of this node log to standard error, as whoever started them wants.
bool IsInteractive();
void SetInteractive();

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_PROGRAM_LOGGER_H_
