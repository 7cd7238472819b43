// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// notify_message: what a daemon tells its service manager, in the words of sd_notify(3), and what
// the service manager expects of it.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for watchdog variables that are not numbers.
//   Blocking:   never.
//   Limits:     kStatusBytesMax bytes of status text; the rest is cut off.
//
// Example:
//   Notify(JoinMessages({ReadyMessage(), StatusMessage("serving, 3 of 3 nodes")}));

#ifndef LIB_DAEMON_NOTIFY_MESSAGE_H_
#define LIB_DAEMON_NOTIFY_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctdb::daemon {

inline constexpr size_t kStatusBytesMax = 1024;

std::string ReadyMessage();
// `monotonic_now`: CLOCK_MONOTONIC, read after the request to reload came in; a coarse or cached
// time may lie before the request, and the service manager would take it for the answer to an older
// one.
std::string ReloadingMessage(absl::Duration monotonic_now);
std::string StoppingMessage();
std::string WatchdogMessage();
// One line for `systemctl status`; line breaks become spaces.
std::string StatusMessage(absl::string_view text);
// The process to watch from now on, when that is not the one that was started.
std::string MainPidMessage(int64_t pid);
// Several messages in one datagram.
std::string JoinMessages(const std::vector<std::string>& messages);

// How often the service manager wants to hear WATCHDOG=1, from $WATCHDOG_USEC and $WATCHDOG_PID
// ("": not set); nothing when it does not want to, or means another process. Send twice as often.
absl::StatusOr<std::optional<absl::Duration>> ParseWatchdog(absl::string_view watchdog_usec,
                                                            absl::string_view watchdog_pid,
                                                            int64_t own_pid);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_NOTIFY_MESSAGE_H_
