// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// wait_writable: waits a bounded time until a descriptor takes data.
//
//   Ownership:  none.
//   Threading:  as the descriptor.
//   Errors:     DeadlineExceeded that names the receiver.
//   Blocking:   kSinkWait.
//   Limits:     none.

#ifndef LIB_LOGGING_IO_WAIT_WRITABLE_H_
#define LIB_LOGGING_IO_WAIT_WRITABLE_H_

#include <poll.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

// OK as well if the descriptor has an error: writing will tell which.
inline absl::Status WaitWritable(int fd, const std::string& name) {
  pollfd request = {fd, POLLOUT, 0};
  const int ready = ::poll(&request, 1, static_cast<int>(absl::ToInt64Milliseconds(kSinkWait)));
  if (ready > 0) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat(name, " does not take log messages"));
}

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_IO_WAIT_WRITABLE_H_
