// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/readiness.h"

#include <fcntl.h>
#include <kj/timer.h>

#include "lib/base/io/unique_fd.h"

namespace ctdb {
namespace {

// Where there is nothing to wait with, it is tried now and then.
constexpr kj::Duration kTryAgain = 10 * kj::MILLISECONDS;

// The kernel's list of what is observed has a place for each descriptor, not for each socket.
struct WriteObserver {
  WriteObserver(kj::UnixEventPort& event_port, int duplicate)
      : fd(duplicate),
        observer(event_port, duplicate, kj::UnixEventPort::FdObserver::OBSERVE_WRITE) {}

  UniqueFd fd;
  kj::UnixEventPort::FdObserver observer;
};

}  // namespace

kj::Promise<void> WhenWritable(kj::UnixEventPort& event_port, int fd) {
  const int duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return event_port.getTimer().afterDelay(kTryAgain);
  auto writer = kj::heap<WriteObserver>(event_port, duplicate);
  kj::Promise<void> writable = writer->observer.whenBecomesWritable();
  return writable.attach(kj::mv(writer));
}

bool MayHaveMore(kj::UnixEventPort::FdObserver& observer, size_t got, size_t wanted) {
  if (got >= wanted) return true;
  KJ_IF_MAYBE (is_at_end, observer.atEndHint()) {
    return *is_at_end;
  }
  return true;
}

}  // namespace ctdb
