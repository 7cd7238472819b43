// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// format_journal: an event as a datagram of systemd's "Native Journal Protocol".
//
// Fields: MESSAGE, PRIORITY, SYSLOG_FACILITY, SYSLOG_IDENTIFIER, SYSLOG_PID, CTDB_EVENT (if the
// event has a name), and CTDB_<KEY> for each field. So `journalctl CTDB_EVENT=link_lost` finds
// them.
//
//   Ownership:  results own their data.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     those of event.h. Text is passed on as it is: values with newlines or other control
//               characters go in the protocol's length-prefixed form.
//
// Example:
//   FormatJournal(event)  // "MESSAGE=Start election\nPRIORITY=5\n..."

#ifndef LIB_LOGGING_FORMAT_JOURNAL_H_
#define LIB_LOGGING_FORMAT_JOURNAL_H_

#include <string>

#include "lib/logging/event.h"

namespace ctdb::logging {

std::string FormatJournal(const Event& event);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_FORMAT_JOURNAL_H_
