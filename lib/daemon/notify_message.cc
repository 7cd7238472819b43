// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/notify_message.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::daemon {
namespace {

// Cuts after a whole UTF-8 character: the service manager drops a status that is not valid UTF-8.
absl::string_view CutTo(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  const auto is_continuation = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (end > 0 && is_continuation(end)) --end;
  return text.substr(0, end);
}

}  // namespace

std::string ReadyMessage() { return "READY=1\n"; }

std::string ReloadingMessage(absl::Duration monotonic_now) {
  return absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", absl::ToInt64Microseconds(monotonic_now),
                      "\n");
}

std::string StoppingMessage() { return "STOPPING=1\n"; }

std::string WatchdogMessage() { return "WATCHDOG=1\n"; }

std::string StatusMessage(absl::string_view text) {
  std::string line(CutTo(text, kStatusBytesMax));
  for (char& c : line) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) c = ' ';  // a line break would begin another assignment
  }
  return absl::StrCat("STATUS=", line, "\n");
}

std::string MainPidMessage(int64_t pid) { return absl::StrCat("MAINPID=", pid, "\n"); }

std::string JoinMessages(const std::vector<std::string>& messages) {
  return absl::StrJoin(messages, "");
}

absl::StatusOr<std::optional<absl::Duration>> ParseWatchdog(absl::string_view watchdog_usec,
                                                            absl::string_view watchdog_pid,
                                                            int64_t own_pid) {
  if (watchdog_usec.empty()) return std::optional<absl::Duration>();
  int64_t usec = 0;
  if (!absl::SimpleAtoi(watchdog_usec, &usec) || usec <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("WATCHDOG_USEC is not a number of microseconds: \"", watchdog_usec,
                     "\"; it is set by the service manager (WatchdogSec= of the unit)"));
  }
  int64_t pid = own_pid;
  if (!watchdog_pid.empty() && (!absl::SimpleAtoi(watchdog_pid, &pid) || pid <= 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("WATCHDOG_PID is not a process number: \"", watchdog_pid, "\""));
  }
  if (pid != own_pid) return std::optional<absl::Duration>();
  return std::optional<absl::Duration>(absl::Microseconds(usec));
}

}  // namespace ctdb::daemon
