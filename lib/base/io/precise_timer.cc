// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/precise_timer.h"

#include <kj/debug.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace ctdb {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

UniqueFd MakeTimer() {
  int fd = -1;
  KJ_SYSCALL(fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  return UniqueFd(fd);
}

}  // namespace

PreciseTimer::PreciseTimer(kj::UnixEventPort& event_port, std::function<void()> on_due)
    : on_due_(std::move(on_due)),
      fd_(MakeTimer()),
      observer_(event_port, fd_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      tasks_(*this) {
  tasks_.add(Serve());
}

Instant PreciseTimer::Now() const {
  return Instant(std::chrono::duration_cast<CoreClock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

void PreciseTimer::Set(Instant deadline) {
  deadline_ = deadline;
  if (deadline < armed_for_) Arm(deadline);
}

void PreciseTimer::Arm(Instant at) {
  armed_for_ = at;
  // Zero would switch it off.
  const int64_t nanoseconds = std::max<int64_t>(at.time_since_epoch().count(), 1);
  const itimerspec time = {.it_interval = {},
                           .it_value = {nanoseconds / kSecond, nanoseconds % kSecond}};
  KJ_SYSCALL(::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &time, nullptr));
}

kj::Promise<void> PreciseTimer::Serve() {
  return observer_.whenBecomesReadable().then([this] {
    OnReadable();
    return Serve();
  });
}

void PreciseTimer::OnReadable() {
  uint64_t times;
  // What was armed anew meanwhile comes again.
  if (::read(fd_.get(), &times, sizeof(times)) != sizeof(times)) return;
  armed_for_ = kNever;
  if (deadline_ > Now()) return Set(deadline_);
  deadline_ = kNever;
  on_due_();
}

void PreciseTimer::taskFailed(kj::Exception&& exception) {
  // on_due_ throws nothing of its own; what is left is an event loop that is out of order.
  kj::throwFatalException(kj::mv(exception));
}

}  // namespace ctdb
