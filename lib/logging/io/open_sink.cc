// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/open_sink.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/logging/format_journal.h"
#include "lib/logging/format_syslog.h"
#include "lib/logging/io/datagram_sink.h"
#include "lib/logging/io/stream_sink.h"
#include "lib/logging/io/syslog_sink.h"

namespace ctdb::logging {
namespace {

absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (!error) return absolute.string();
  return absl::FailedPreconditionError(absl::StrCat("cannot find the directory of log file ", path,
                                                    ": ", error.message(),
                                                    "; use an absolute path"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> OpenSink(const Location& location,
                                               const SinkOptions& options) {
  const auto file_line = [presentation = options.presentation](const Event& event) {
    return FormatFileLine(event, presentation);
  };
  const auto json_line = [presentation = options.presentation](const Event& event) {
    return FormatJsonLine(event, presentation);
  };
  const auto rfc5424 = [presentation = options.presentation](const Event& event) {
    return FormatRfc5424(event, presentation);
  };
  switch (location.destination) {
    case Destination::kFile:
    case Destination::kJsonFile: {
      CTDB_ASSIGN_OR_RETURN(const std::string path, AbsolutePath(location.path));
      if (location.destination == Destination::kFile) return OpenFileSink(path, file_line);
      return OpenFileSink(path, json_line);
    }
    case Destination::kStderr:
      return OpenStderrSink(FormatBareLine);
    case Destination::kJsonStderr:
      return OpenStderrSink(json_line);
    case Destination::kSyslog:
      return MakeSyslogSink();
    case Destination::kSyslogNonblocking:
      return MakeUnixDatagramSink(options.syslog_socket, FormatRfc3164);
    case Destination::kSyslogUdp:
      return MakeUdpSink(options.udp_address, options.udp_port, FormatRfc3164);
    case Destination::kSyslogUdpRfc5424:
      return MakeUdpSink(options.udp_address, options.udp_port, rfc5424);
    case Destination::kJournald:
      return MakeUnixDatagramSink(options.journal_socket, FormatJournal);
  }
  return absl::InternalError("unknown log destination");
}

}  // namespace ctdb::logging
