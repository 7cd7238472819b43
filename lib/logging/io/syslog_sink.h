// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// syslog_sink: log records through syslog(3).
//
// The C library connects, reconnects and keeps its errors to itself. It has one identity per
// process: a second use of openlog() in the same process changes the tag of our records.
//
//   Ownership:  the process's syslog(3) connection.
//   Threading:  as Sink; at most one per process.
//   Errors:     none are known.
//   Blocking:   as long as the syslog daemon likes.
//   Limits:     none.

#ifndef LIB_LOGGING_IO_SYSLOG_SINK_H_
#define LIB_LOGGING_IO_SYSLOG_SINK_H_

#include <memory>

#include "lib/logging/sink.h"

namespace ctdb::logging {

std::unique_ptr<Sink> MakeSyslogSink();

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_IO_SYSLOG_SINK_H_
