// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// format_syslog: an event as a datagram for a syslog daemon.
//
// Formats: RFC 3164 in the short form that CTDB sends (neither time nor host: the daemon adds
// both), and RFC 5424, where the event's name is the MSGID and its fields are one SD-ELEMENT.
//
//   Ownership:  results own their data.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kDatagramBytesMax; longer ones are cut, never inside a UTF-8 sequence. Fields
//               beyond kStructuredDataBytesMax are left out, so that text always has room.
//
// Example:
//   FormatRfc3164(event)                // <29>ctdbd[812]: CTDB starting on node
//   FormatRfc5424(event, presentation)  // <28>1 2031-05-04T10:11:12.000345+02:00 nas1 ctdbd 812 -
//   - text

#ifndef LIB_LOGGING_FORMAT_SYSLOG_H_
#define LIB_LOGGING_FORMAT_SYSLOG_H_

#include <cstddef>
#include <string>

#include "lib/logging/event.h"
#include "lib/logging/format.h"

namespace ctdb::logging {

inline constexpr size_t kDatagramBytesMax = 1024;
inline constexpr size_t kStructuredDataBytesMax = 512;

// "daemon" of RFC 5424, table 1.
inline constexpr int kSyslogFacility = 3;

// The name of our SD-ELEMENT. RFC 5424 wants a private enterprise number after the "@". This
// project has none; 32473 is the number that RFC 5612 reserves for documentation, so it is nobody
// else's.
inline constexpr absl::string_view kStructuredDataId = "ctdb@32473";

// 3 (error) to 7 (debug). INFO is a notice, as it has always been in CTDB's logs.
int SyslogSeverity(LogLevel level);

std::string FormatRfc3164(const Event& event);
std::string FormatRfc5424(const Event& event, const Presentation& presentation);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_FORMAT_SYSLOG_H_
