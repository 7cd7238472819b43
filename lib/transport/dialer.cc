// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/dialer.h"

#include <algorithm>

namespace ctdb {

Dialer::Dialer(const Options& options, uint64_t seed, Instant now)
    : options_(options), random_(seed), next_try_(now), since_(now) {}

bool Dialer::IsOverdue(Instant now) const {
  return state_ == State::kDialling && now >= After(since_, options_.attempt_limit);
}

void Dialer::OnDialling(Instant now) {
  state_ = State::kDialling;
  since_ = now;
}

void Dialer::OnConnected(Instant now) {
  state_ = State::kConnected;
  since_ = now;
  last_error_.clear();
}

void Dialer::OnLost(absl::string_view why, Instant now) {
  const bool was_stable =
      state_ == State::kConnected && now >= After(since_, options_.stable_after);
  failure_count_ = was_stable ? 1 : failure_count_ + 1;
  last_error_ = std::string(why);
  state_ = State::kWaiting;
  since_ = now;
  const uint32_t doublings = std::min(failure_count_ - 1, 20u);
  const absl::Duration pause =
      std::min(options_.pause_max, options_.pause_min * (int64_t{1} << doublings));
  next_try_ = After(now, pause * (0.5 + random_.Fraction() / 2));
}

Instant Dialer::NextDeadline() const {
  switch (state_) {
    case State::kWaiting:
      return next_try_;
    case State::kDialling:
      return After(since_, options_.attempt_limit);
    case State::kConnected:
      break;
  }
  return kNever;
}

}  // namespace ctdb
