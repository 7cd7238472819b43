// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_counts: how many record locks a database's driver took, and how long it waited for them.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   counts.Taken(now - since);
//   counts.waits()[LockCounts::BucketOf(absl::Milliseconds(3))]  // At least 1.

#ifndef LIB_DATABASE_IO_LOCK_COUNTS_H_
#define LIB_DATABASE_IO_LOCK_COUNTS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace ctdb::database {

class LockCounts {
 public:
  // As administrators' tools have always shown them: below 1 ms, 10 ms, 100 ms, 1 s, then doubling
  // up to 64 s, one for what is above; the rest stays empty.
  static constexpr size_t kBuckets = 16;
  using Buckets = std::array<uint64_t, kBuckets>;

  static size_t BucketOf(absl::Duration wait) {
    constexpr int64_t kLimits[] = {1, 10, 100, 1000, 2000, 4000, 8000, 16000, 32000, 64000};
    size_t bucket = 0;
    for (const int64_t limit : kLimits) bucket += wait >= absl::Milliseconds(limit) ? 1 : 0;
    return bucket;
  }

  void Taken(absl::Duration wait) {
    min_ = taken_ == 0 ? wait : std::min(min_, wait);
    max_ = std::max(max_, wait);
    total_ += wait;
    ++taken_;
    ++waits_[BucketOf(wait)];
  }
  void Postponed() { ++postponed_; }

  uint64_t taken() const { return taken_; }
  uint64_t postponed() const { return postponed_; }
  const Buckets& waits() const { return waits_; }
  // Zero as long as none was taken.
  absl::Duration min() const { return min_; }
  absl::Duration max() const { return max_; }
  absl::Duration average() const {
    return taken_ == 0 ? absl::ZeroDuration() : total_ / static_cast<double>(taken_);
  }

 private:
  uint64_t taken_ = 0;
  uint64_t postponed_ = 0;
  Buckets waits_{};
  absl::Duration min_;
  absl::Duration max_;
  absl::Duration total_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_LOCK_COUNTS_H_
