// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lease_ticks.h"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <string>

namespace ctdb::store {
namespace {

constexpr char kClockSource[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
constexpr int64_t kTrustNanoseconds = 1'000'000'000;
constexpr int kSampleAttempts = 4;
// Some microseconds, so that a pause between ticks and clock spoils the rate by little.
constexpr uint64_t kTicksApartMax = 20'000;

// The kernel stops using a count that differs between processors, or stands still now and then.
bool IsKernelsClock() {
#if defined(__x86_64__)
  std::ifstream file(kClockSource);
  std::string source;
  return std::getline(file, source) && source == "tsc";
#else
  return false;
#endif
}

struct Calibrated {
  std::mutex mutex;
  TickCalibration calibration;
  bool is_trusted = false;
  int64_t trusted_until = 0;
};

Calibrated& ThisMachine() {
  static Calibrated* const calibrated = new Calibrated;
  return *calibrated;
}

}  // namespace

uint64_t TicksAt(int64_t boottime_ns) {
  Calibrated& machine = ThisMachine();
  const std::lock_guard<std::mutex> lock(machine.mutex);
  // A pause between the two would make the rate wrong, so the closest of some pairs.
  uint64_t ticks = 0;
  int64_t now = 0;
  uint64_t apart = UINT64_MAX;
  for (int attempt = 0; attempt < kSampleAttempts; ++attempt) {
    const uint64_t before = ReadTicks();
    const int64_t between = BootTimeNanoseconds();
    const uint64_t after = ReadTicks();
    if (after - before >= apart) continue;
    apart = after - before;
    ticks = before;
    now = between;
  }
  if (now >= machine.trusted_until) {
    machine.is_trusted = IsKernelsClock();
    machine.trusted_until = now + kTrustNanoseconds;
  }
  if (!machine.is_trusted || apart > kTicksApartMax) return 0;
  machine.calibration.OnSample(ticks, now);
  return machine.calibration.TicksAt(boottime_ns);
}

}  // namespace ctdb::store
