// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// systemd_notify: one datagram to the service manager.
//
//   Ownership:  none.
//   Threading:  any thread.
//   Errors:     InvalidArgument (a path that cannot be one), NotFound, Unavailable (nobody
//               listens), ResourceExhausted (the service manager does not keep up); worth a log
//               line, never a reason to stop.
//   Blocking:   never.
//   Limits:     107 bytes of path.
//
// Example:
//   SendNotify(notify_socket, JoinMessages({ReadyMessage(), StatusMessage("serving")}));

#ifndef LIB_DAEMON_IO_SYSTEMD_NOTIFY_H_
#define LIB_DAEMON_IO_SYSTEMD_NOTIFY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::daemon {

// `path`: the value of $NOTIFY_SOCKET; '@' begins an abstract name. "" is fine and does nothing: no
// service manager started us.
absl::Status SendNotify(const std::string& path, absl::string_view message);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_SYSTEMD_NOTIFY_H_
