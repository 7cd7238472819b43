// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tick_calibration.h"

#include <algorithm>
#include <cmath>

namespace ctdb::store {
namespace {

constexpr double kShareTrusted = 0.999;

}  // namespace

void TickCalibration::OnSample(uint64_t ticks, int64_t nanoseconds) {
  last_ = {ticks, nanoseconds};
  if (!base_.has_value() || ticks <= base_->ticks || nanoseconds <= base_->nanoseconds) {
    base_ = last_;
    rate_ = 0;
    return;
  }
  if (nanoseconds - base_->nanoseconds < kSpanNanoseconds) return;
  const double rate = static_cast<double>(ticks - base_->ticks) /
                      static_cast<double>(nanoseconds - base_->nanoseconds);
  const bool fits = rate_ == 0 || std::abs(rate / rate_ - 1) <= kDriftMax;
  rate_ = fits ? rate : 0;
  base_ = last_;
}

uint64_t TickCalibration::TicksAt(int64_t nanoseconds) const {
  if (rate_ == 0 || nanoseconds <= last_.nanoseconds) return 0;
  const double ahead = static_cast<double>(nanoseconds - last_.nanoseconds) * rate_ * kShareTrusted;
  return last_.ticks + static_cast<uint64_t>(std::min(ahead, static_cast<double>(kTicksAheadMax)));
}

}  // namespace ctdb::store
