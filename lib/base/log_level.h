// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// log_level: how important a log event is, and the spellings that administrators use for it.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument that lists the valid levels.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(LogLevel level, ParseLogLevel("warn"));  // kWarning

#ifndef LIB_BASE_LOG_LEVEL_H_
#define LIB_BASE_LOG_LEVEL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb {

// Values are CTDB's debug numbers; a message is emitted when its level <= the configured one.
enum class LogLevel { kError = 0, kWarning = 1, kNotice = 3, kInfo = 5, kDebug = 10 };

// "ERROR", "WARNING", "NOTICE", "INFO" or "DEBUG".
absl::string_view LogLevelName(LogLevel level);

// A number 0 to 10, or any prefix of a name in any case (also ""; the first name that fits wins).
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text);

}  // namespace ctdb

#endif  // LIB_BASE_LOG_LEVEL_H_
