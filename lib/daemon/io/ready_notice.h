// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ready_notice: how a child tells the process that supervises it that it is ready: it writes
// "READY\n" on a descriptor that it inherited, whose number the environment names.
//
//   Ownership:  the descriptor.
//   Threading:  not thread-safe.
//   Errors:     InvalidArgument for a value that is no open descriptor; Unavailable when the
//               supervisor is gone (with SIGPIPE ignored, as BlockSignals() does).
//   Blocking:   never in practice: the pipe is empty.
//   Limits:     none.
//
// Example (in the child's main):
//   const char* fd_text = getenv(kReadyFdVariable);
//   CTDB_ASSIGN_OR_RETURN(ReadyNotice notice, ReadyNotice::Adopt(fd_text ? fd_text : ""));
//   ...
//   CTDB_RETURN_IF_ERROR(notice.Send());

#ifndef LIB_DAEMON_IO_READY_NOTICE_H_
#define LIB_DAEMON_IO_READY_NOTICE_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::daemon {

inline constexpr char kReadyFdVariable[] = "CTDB_READY_FD";
inline constexpr absl::string_view kReadyText = "READY\n";

class ReadyNotice {
 public:
  // Takes over the descriptor; early in main, so that no grandchild inherits it. "": nobody
  // supervises us, Send() does nothing.
  static absl::StatusOr<ReadyNotice> Adopt(absl::string_view fd_text);

  // Once; later calls do nothing.
  absl::Status Send();

 private:
  explicit ReadyNotice(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_READY_NOTICE_H_
