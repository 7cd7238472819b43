// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stream_sink: log lines in a file or on standard error.
//
// A file is only appended to, one write() per line, so several processes can share it and it may be
// rotated by renaming (then Reopen()) or by truncation. A full disk refuses lines until there is
// room again. A line that was cut by that is completed, unless the file was opened anew.
//
//   Ownership:  owns its descriptor.
//   Threading:  as Sink.
//   Errors:     those of the system, naming the file; DeadlineExceeded if nobody reads a pipe.
//   Blocking:   a pipe for kSinkWait; a regular file as long as its file system does.
//   Limits:     one line.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto sink, OpenFileSink("/var/log/ctdb/log.ctdb", format));

#ifndef LIB_LOGGING_IO_STREAM_SINK_H_
#define LIB_LOGGING_IO_STREAM_SINK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

// Creates the file if it does not exist; its directory must.
absl::StatusOr<std::unique_ptr<Sink>> OpenFileSink(const std::string& path, Sink::Format format);

absl::StatusOr<std::unique_ptr<Sink>> OpenStderrSink(Sink::Format format);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_IO_STREAM_SINK_H_
