// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/log_level.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

constexpr LogLevel kLevels[] = {LogLevel::kError, LogLevel::kWarning, LogLevel::kNotice,
                                LogLevel::kInfo, LogLevel::kDebug};

absl::Status InvalidLevel(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("Invalid debug level '", text,
                   "'. Valid levels are: ERROR | WARNING | NOTICE | INFO | DEBUG"));
}

}  // namespace

absl::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "ERROR";
    case LogLevel::kWarning:
      return "WARNING";
    case LogLevel::kNotice:
      return "NOTICE";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kDebug:
      return "DEBUG";
  }
  return "DEBUG";
}

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text) {
  if (!text.empty() && absl::ascii_isdigit(text[0])) {
    int number = 0;
    if (!absl::SimpleAtoi(text, &number) || number > 10) return InvalidLevel(text);
    if (number == 0) return LogLevel::kError;
    if (number <= 2) return LogLevel::kWarning;
    if (number <= 4) return LogLevel::kNotice;
    if (number <= 9) return LogLevel::kInfo;
    return LogLevel::kDebug;
  }
  for (LogLevel level : kLevels) {
    if (absl::StartsWithIgnoreCase(LogLevelName(level), text)) return level;
  }
  return InvalidLevel(text);
}

}  // namespace ctdb
