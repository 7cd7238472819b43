// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tick_calibration: at which count of a processor's ticks will it be a given time? From samples of
// both, and only as long as they agree.
//
// What it says is never late: 0.1 % of the way is left out, twice what a clock may be slewed by.
//
//   Ownership:  owns nothing outside itself.
//   Threading:  not thread-safe.
//   Errors:     none; what is not known is 0.
//   Blocking:   never.
//   Limits:     kTicksAheadMax.
//
// Example:
//   calibration.OnSample(ticks, nanoseconds);
//   const uint64_t deadline = calibration.TicksAt(nanoseconds + 1'000'000'000);

#ifndef LIB_STORE_TICK_CALIBRATION_H_
#define LIB_STORE_TICK_CALIBRATION_H_

#include <cstdint>
#include <optional>

namespace ctdb::store {

// Some seconds. What is later is told as this.
inline constexpr uint64_t kTicksAheadMax = uint64_t{1} << 35;

// Whether a count of ticks is before the deadline, and not so long before it that the count must
// have begun anew, as it does when the machine was suspended. A deadline of 0 is never ahead of
// ticks of 0.
constexpr bool IsBefore(uint64_t ticks, uint64_t deadline) {
  return deadline - ticks - 1 < kTicksAheadMax;
}

class TickCalibration {
 public:
  // How far apart two samples must be to tell the rate, and how little it may differ from what it
  // was.
  static constexpr int64_t kSpanNanoseconds = 50'000'000;
  static constexpr double kDriftMax = 5e-4;

  // The ticks are read before the clock, and right before it.
  void OnSample(uint64_t ticks, int64_t nanoseconds);

  // 0: not known, as before the second sample, or after samples that do not fit together. As of
  // the last sample.
  uint64_t TicksAt(int64_t nanoseconds) const;

 private:
  struct Sample {
    uint64_t ticks = 0;
    int64_t nanoseconds = 0;
  };

  std::optional<Sample> base_;  // What the rate is measured from.
  Sample last_;
  double rate_ = 0;  // Ticks in a nanosecond; 0: not known.
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TICK_CALIBRATION_H_
