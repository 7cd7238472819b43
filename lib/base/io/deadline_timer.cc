// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/deadline_timer.h"

#include <utility>

namespace ctdb {

DeadlineTimer::DeadlineTimer(kj::Timer& timer, std::function<void()> on_due)
    : timer_(timer), on_due_(std::move(on_due)), tasks_(*this) {}

Instant DeadlineTimer::Now() const {
  return Instant(
      CoreClock::duration((timer_.now() - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS));
}

void DeadlineTimer::Set(Instant deadline) {
  if (deadline == armed_for_) return;
  armed_for_ = deadline;
  if (deadline == kNever) {
    wait_ = nullptr;
    return;
  }
  const kj::TimePoint at =
      kj::origin<kj::TimePoint>() + deadline.time_since_epoch().count() * kj::NANOSECONDS;
  // on_due_ may replace the very promise that it would run in; so it is an event of its own.
  wait_ = timer_.atTime(at)
              .then([this] {
                tasks_.add(kj::evalLater([this] {
                  armed_for_ = kNever;
                  on_due_();
                }));
              })
              .eagerlyEvaluate([](kj::Exception&&) {});
}

void DeadlineTimer::taskFailed(kj::Exception&& exception) {
  // on_due_ throws nothing of its own; what is left is an event loop that is out of order.
  kj::throwFatalException(kj::mv(exception));
}

}  // namespace ctdb
