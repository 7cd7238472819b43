// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// format: an event as a line of a log file, of standard error, or of JSON.
//
// One event is always exactly one line: control characters of the text are escaped (text.h).
// Lines of the first two kinds carry the text alone, as CTDB's did; JSON has name and fields as
// well.
//
//   Ownership:  results own their data.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     those of event.h.
//
// Example:
//   FormatFileLine(event, {"nas1", zone})
//   // 2031-05-04T10:11:12.000345+02:00 nas1 ctdb-recoverd[4711]: Start election

#ifndef LIB_LOGGING_FORMAT_H_
#define LIB_LOGGING_FORMAT_H_

#include <string>

#include "absl/time/time.h"
#include "lib/logging/event.h"

namespace ctdb::logging {

// What records say about the place they come from.
struct Presentation {
  std::string host;     // See LogHostName().
  absl::TimeZone zone;  // Of the time stamps; UTC unless set.
};

// YYYY-MM-DDTHH:MM:SS.uuuuuu±HH:MM, as RFC 5424 wants it.
std::string FormatTimestamp(absl::Time time, const absl::TimeZone& zone);

// `TIMESTAMP HOST TAG[PID]: text` and a newline.
std::string FormatFileLine(const Event& event, const Presentation& presentation);

// The text and a newline.
std::string FormatBareLine(const Event& event);

// One JSON object and a newline. All keys are always there, in this order: time, level, host, tag,
// pid, event ("" if it has no name), text, fields (an object). Numbers that JSON cannot express
// (infinities, not a number) become null.
std::string FormatJsonLine(const Event& event, const Presentation& presentation);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_FORMAT_H_
