// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_fence.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace ctdb::store {
namespace {

// For the first lock: a client of an earlier run may hold a record.
constexpr absl::Duration kBeginWait = absl::Seconds(2);
// After what did not succeed: much less than the margin, and for what is not urgent.
constexpr absl::Duration kFreezePause = absl::Milliseconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(100);

}  // namespace

TdbFence::TdbFence(Options options, File& file) : options_(std::move(options)), file_(file) {
  thread_ = std::thread([this] { Loop(); });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(kBeginWait), [this] { return has_begun_; });
}

TdbFence::~TdbFence() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void TdbFence::SetServeUntil(int64_t boottime_ns) {
  const std::lock_guard lock(mutex_);
  const bool is_shorter = boottime_ns < serve_until_;
  serve_until_ = boottime_ns;
  // Mostly it is prolonged, and the thread finds out when it looks next.
  if (is_frozen_ || is_shorter) changed_.notify_all();
}

int64_t TdbFence::serve_until() const {
  const std::lock_guard lock(mutex_);
  return serve_until_;
}

void TdbFence::SetOwnedSince(Epoch epoch) {
  const std::lock_guard lock(mutex_);
  if (owned_since_ == epoch) return;
  owned_since_ = epoch;
  changed_.notify_all();
}

Epoch TdbFence::owned_since() const {
  const std::lock_guard lock(mutex_);
  return owned_since_;
}

bool TdbFence::IsFrozen() const {
  const std::lock_guard lock(mutex_);
  return is_frozen_;
}

absl::Duration TdbFence::UntilFreeze() const {
  return absl::Nanoseconds(serve_until_ - options_.boottime_ns()) - options_.margin;
}

bool TdbFence::MayServe() const {
  return owned_since_ == disowned_ && UntilFreeze() > absl::ZeroDuration();
}

void TdbFence::Loop() {
  if (options_.at_start) options_.at_start();
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    if (!is_frozen_ && !MayServe()) {
      Freeze(lock);
    } else if (is_frozen_ && owned_since_ != disowned_) {
      Disown(lock);
    } else if (is_frozen_ && MayServe()) {
      Thaw(lock);
    } else {
      WaitForChange(lock);
    }
    if (!std::exchange(has_begun_, true)) changed_.notify_all();
  }
  if (is_frozen_) file_.Thaw([] { return true; });
}

// A thread that was kept from running here may find that the lease has passed.
void TdbFence::Thaw(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const bool is_thawed = file_.Thaw([this] {
    const std::lock_guard still(mutex_);
    return MayServe();
  });
  lock.lock();
  is_frozen_ = !is_thawed;
}

void TdbFence::WaitForChange(std::unique_lock<std::mutex>& lock) {
  if (is_frozen_) {
    changed_.wait(lock);
    return;
  }
  // At least a moment: another clock tells how long this is.
  const absl::Duration wait = std::max(UntilFreeze(), absl::Milliseconds(1));
  changed_.wait_for(lock, absl::ToChronoNanoseconds(std::min(wait, absl::Seconds(60))));
}

void TdbFence::Freeze(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const int64_t begin = options_.boottime_ns();
  int64_t waits_for = 0;
  const absl::Status frozen = file_.Freeze([&](int64_t holder) {
    waits_for = holder;
    options_.report(absl::UnavailableError(
        absl::StrCat("this node may not serve now, and ", options_.path,
                     " is being locked: ", "process or thread ", holder,
                     " holds a record of it, and all wait for it; "
                     "it goes on with that record alone until it lets go or is ended")));
  });
  const int64_t end = options_.boottime_ns();
  lock.lock();
  is_frozen_ = frozen.ok();
  if (!frozen.ok()) {
    options_.report(frozen);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(kFreezePause));
    return;
  }
  const bool is_late = serve_until_ > 0 && end > serve_until_;
  if (waits_for == 0 && !is_late) return;
  options_.report(absl::UnavailableError(absl::StrCat(
      options_.path, " is locked after ", absl::FormatDuration(absl::Nanoseconds(end - begin)),
      is_late ? absl::StrCat(", ", absl::FormatDuration(absl::Nanoseconds(end - serve_until_)),
                             " later than this node might serve: what its programs have changed "
                             "meanwhile others may have changed, too")
              : "")));
}

void TdbFence::Disown(std::unique_lock<std::mutex>& lock) {
  const Epoch since = owned_since_;
  lock.unlock();
  const absl::Status done = file_.Disown(since);
  lock.lock();
  if (done.ok()) {
    disowned_ = since;
    return;
  }
  options_.report(done);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(kPause));
}

}  // namespace ctdb::store
