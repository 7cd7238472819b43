// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// precise_timer: as deadline_timer.h, for deadlines that are less than a millisecond away, which
// the event loop's own timer cannot tell apart.
//
//   Ownership:  the event port must outlive it; owns a descriptor.
//   Threading:  belongs to the event loop's thread.
//   Errors:     throws a kj::Exception where there is no descriptor left.
//   Blocking:   never.
//   Limits:     one deadline at a time.
//
// Example:
//   PreciseTimer timer(event_port, [this] { core_.OnTick(timer_.Now()); Pump(); });
//   timer.Set(core_.NextDeadline());

#ifndef LIB_BASE_IO_PRECISE_TIMER_H_
#define LIB_BASE_IO_PRECISE_TIMER_H_

#include <kj/async-unix.h>
#include <kj/async.h>

#include <functional>

#include "lib/base/instant.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb {

class PreciseTimer : private kj::TaskSet::ErrorHandler {
 public:
  // `on_due` may call Set() and must not destroy the timer.
  PreciseTimer(kj::UnixEventPort& event_port, std::function<void()> on_due);

  // The same clock as the event loop's, read now.
  Instant Now() const;
  // Replaces the deadline before; kNever: none.
  void Set(Instant deadline);

 private:
  void taskFailed(kj::Exception&& exception) override;
  kj::Promise<void> Serve();
  void OnReadable();
  void Arm(Instant at);

  const std::function<void()> on_due_;
  UniqueFd fd_;
  kj::UnixEventPort::FdObserver observer_;
  Instant deadline_ = kNever;
  Instant armed_for_ = kNever;  // Not later than the deadline: a later one needs no call.
  kj::TaskSet tasks_;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_PRECISE_TIMER_H_
