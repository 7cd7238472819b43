// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// location: where log events go, as configured by `location` in section [logging] of ctdb.conf.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument that lists the valid forms.
//   Blocking:   never; whether a file's directory exists is found out by who opens it.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Location location, ParseLocation("syslog:nonblocking"));

#ifndef LIB_LOGGING_LOCATION_H_
#define LIB_LOGGING_LOCATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::logging {

enum class Destination {
  kFile,               // file:PATH
  kStderr,             // file: or file:-
  kSyslog,             // syslog; syslog(3)
  kSyslogNonblocking,  // syslog:nonblocking; datagrams to the local log socket
  kSyslogUdp,          // syslog:udp; RFC 3164 form
  kSyslogUdpRfc5424,   // syslog:udp-rfc5424
  kJournald,           // journald; the journal's own protocol, with fields
  kJsonFile,           // json:PATH; one object per line
  kJsonStderr,         // json: or json:-
};

struct Location {
  Destination destination = Destination::kStderr;
  std::string path;  // Of the file, as written; "" for the others.

  friend bool operator==(const Location&, const Location&) = default;
};

absl::StatusOr<Location> ParseLocation(absl::string_view text);

// The shortest text that ParseLocation() reads back, as daemons hand it on in CTDB_LOGGING.
std::string LocationText(const Location& location);

// The host name that log lines carry: the node's own, or in test mode, where all nodes of a cluster
// share one machine, the last component of the node's configuration directory (CTDB_BASE).
std::string LogHostName(absl::string_view node_name, bool is_test_mode, absl::string_view base);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_LOCATION_H_
