// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// event_fd: a descriptor of eventfd(2) that is readable while something is to be seen to.
//
//   Ownership:  the descriptor stays the caller's; it does not block.
//   Threading:  thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   RaiseEventFd(event.get());
//   ... readable ...
//   ClearEventFd(event.get());

#ifndef LIB_BASE_IO_EVENT_FD_H_
#define LIB_BASE_IO_EVENT_FD_H_

#include <unistd.h>

#include <cstdint>

namespace ctdb {

inline void RaiseEventFd(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof(one));
}

// Of a timerfd(2) as well.
inline void ClearEventFd(int fd) {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof(count));
}

}  // namespace ctdb

#endif  // LIB_BASE_IO_EVENT_FD_H_
