// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tick_calibration.h"

#include <gtest/gtest.h>

namespace ctdb::store {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;

// Three ticks in a nanosecond, from a count that began at 1000.
uint64_t TicksOf(int64_t nanoseconds) { return 1000 + 3 * static_cast<uint64_t>(nanoseconds); }

TickCalibration Calibrated(int64_t now) {
  TickCalibration calibration;
  calibration.OnSample(TicksOf(now - kSecond), now - kSecond);
  calibration.OnSample(TicksOf(now), now);
  return calibration;
}

TEST(TickCalibrationTest, OneSampleTellsNothing) {
  TickCalibration calibration;
  EXPECT_EQ(calibration.TicksAt(kHour), 0u);
  calibration.OnSample(TicksOf(kHour), kHour);
  EXPECT_EQ(calibration.TicksAt(kHour + kSecond), 0u);
}

TEST(TickCalibrationTest, SamplesThatAreTooCloseTellNothing) {
  TickCalibration calibration;
  for (int64_t now = kHour; now < kHour + TickCalibration::kSpanNanoseconds;
       now += kSecond / 1000) {
    calibration.OnSample(TicksOf(now), now);
    EXPECT_EQ(calibration.TicksAt(kHour + kSecond), 0u);
  }
}

TEST(TickCalibrationTest, TheDeadlineIsNeverLateAndAThousandthEarly) {
  const TickCalibration calibration = Calibrated(kHour);
  const uint64_t deadline = calibration.TicksAt(kHour + 2 * kSecond);
  EXPECT_LT(deadline, TicksOf(kHour + 2 * kSecond));
  EXPECT_GE(deadline, TicksOf(kHour + 2 * kSecond - kSecond / 400));
}

TEST(TickCalibrationTest, ATimeThatHasPassedHasNoDeadline) {
  const TickCalibration calibration = Calibrated(kHour);
  EXPECT_EQ(calibration.TicksAt(kHour), 0u);
  EXPECT_EQ(calibration.TicksAt(0), 0u);
}

TEST(TickCalibrationTest, ADeadlineFarAwayIsToldAsTheFarthest) {
  const TickCalibration calibration = Calibrated(kHour);
  EXPECT_EQ(calibration.TicksAt(INT64_MAX), TicksOf(kHour) + kTicksAheadMax);
}

TEST(TickCalibrationTest, ACountThatBeganAnewIsMeasuredAnew) {
  TickCalibration calibration = Calibrated(kHour);
  int64_t now = 2 * kHour;  // It slept, and the count began at nothing.
  calibration.OnSample(50, now);
  EXPECT_EQ(calibration.TicksAt(now + kSecond), 0u);
  now += kSecond;
  calibration.OnSample(50 + 3 * kSecond, now);
  EXPECT_NE(calibration.TicksAt(now + kSecond), 0u);
}

TEST(TickCalibrationTest, ARateThatChangedIsNotTrustedUntilItStays) {
  TickCalibration calibration = Calibrated(kHour);
  int64_t now = kHour + kSecond;
  uint64_t ticks = TicksOf(kHour) + 2 * kSecond;
  calibration.OnSample(ticks, now);
  EXPECT_EQ(calibration.TicksAt(now + kSecond), 0u);
  now += kSecond;
  ticks += 2 * kSecond;
  calibration.OnSample(ticks, now);
  EXPECT_NE(calibration.TicksAt(now + kSecond), 0u);
}

TEST(TickCalibrationTest, AClockThatWasSlewedIsTrusted) {
  TickCalibration calibration = Calibrated(kHour);
  const int64_t now = kHour + kSecond + kSecond / 2500;
  calibration.OnSample(TicksOf(kHour + kSecond), now);
  EXPECT_NE(calibration.TicksAt(now + kSecond), 0u);
}

TEST(TickCalibrationTest, TicksAfterTheDeadlineOrFromAnotherCountAreNotBeforeIt) {
  const uint64_t deadline = uint64_t{1} << 50;
  EXPECT_TRUE(IsBefore(deadline - 1, deadline));
  EXPECT_FALSE(IsBefore(deadline, deadline));
  EXPECT_FALSE(IsBefore(deadline + 1, deadline));
  // A machine that was suspended counts from 0 again.
  EXPECT_FALSE(IsBefore(1, deadline));
  EXPECT_FALSE(IsBefore(0, 0));
}

}  // namespace
}  // namespace ctdb::store
