// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// open_sink: the sink for a configured location.
//
//   Ownership:  gives the sink away.
//   Threading:  any thread.
//   Errors:     of files and standard error: those of the system, with what to do. A syslog daemon
//               or journal that does not run yet is not an error: records wait for it.
//   Blocking:   opening a file may.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Location location, ParseLocation(config.location));
//   CTDB_ASSIGN_OR_RETURN(auto sink, OpenSink(location, {{LogHostName(...),
//   absl::LocalTimeZone()}}));

#ifndef LIB_LOGGING_IO_OPEN_SINK_H_
#define LIB_LOGGING_IO_OPEN_SINK_H_

#include <syslog.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/logging/format.h"
#include "lib/logging/location.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

struct SinkOptions {
  Presentation presentation;
  std::string syslog_socket = _PATH_LOG;  // The system's own: /dev/log, /var/run/log, ...
  std::string journal_socket = "/run/systemd/journal/socket";
  std::string udp_address = "127.0.0.1";
  uint16_t udp_port = 514;
};

// A relative path is taken from the directory that is current now, also when it is opened again.
absl::StatusOr<std::unique_ptr<Sink>> OpenSink(const Location& location,
                                               const SinkOptions& options);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_IO_OPEN_SINK_H_
