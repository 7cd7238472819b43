// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// deadline_timer: wakes the driver of a core when the core's next deadline has come.
//
//   Ownership:  the event loop's timer must outlive it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one deadline at a time.
//
// Example:
//   DeadlineTimer timer(port.getTimer(), [this] { core_.OnTick(timer_.Now()); Pump(); });
//   timer.Set(core_.NextDeadline());

#ifndef LIB_BASE_IO_DEADLINE_TIMER_H_
#define LIB_BASE_IO_DEADLINE_TIMER_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <functional>

#include "lib/base/instant.h"

namespace ctdb {

class DeadlineTimer : private kj::TaskSet::ErrorHandler {
 public:
  // `on_due` may call Set() and must not destroy the timer.
  DeadlineTimer(kj::Timer& timer, std::function<void()> on_due);

  // The time of the event loop.
  Instant Now() const;
  // Replaces the deadline before; kNever: none.
  void Set(Instant deadline);

 private:
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  const std::function<void()> on_due_;
  Instant armed_for_ = kNever;
  kj::Promise<void> wait_ = nullptr;
  kj::TaskSet tasks_;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_DEADLINE_TIMER_H_
