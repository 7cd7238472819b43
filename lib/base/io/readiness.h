// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// readiness: waits on a KJ event loop until a socket can be read or written, at the cost of no turn
// of the loop that is not needed.
//
// A socket that is observed for both wakes the loop each time its peer has read something, which is
// after each packet, although nearly always there is room anyway. So a socket is observed for
// reading only, and for writing while somebody waits for it.
//
//   Ownership:  borrow the loop's event port and the socket, which must outlive the promise.
//   Threading:  belong to the event loop's thread.
//   Errors:     none; without a descriptor left to wait with, a wait ends after 10 ms.
//   Blocking:   never.
//   Limits:     one descriptor more for each wait.
//
// Example:
//   tasks.add(WhenWritable(event_port, fd).then([this] { Flush(); }));

#ifndef LIB_BASE_IO_READINESS_H_
#define LIB_BASE_IO_READINESS_H_

#include <kj/async-unix.h>
#include <kj/async.h>

#include <cstddef>

namespace ctdb {

// Until the socket takes something, which may be at once. Whoever writes then and still cannot,
// waits again.
kj::Promise<void> WhenWritable(kj::UnixEventPort& event_port, int fd);

// Whether a stream socket has to be read again before whenBecomesReadable() may be waited for:
// `got` of at most `wanted` bytes were read. Never false where the end of the stream could be
// overlooked.
bool MayHaveMore(kj::UnixEventPort::FdObserver& observer, size_t got, size_t wanted);

}  // namespace ctdb

#endif  // LIB_BASE_IO_READINESS_H_
