// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// dialer: when to try to reach a peer again. Of two nodes the one with the higher number dials, so
// that there is one link and never a race of two.
//
// The first try comes at once. After a loss or a refusal the next comes after a pause that doubles
// up to a limit, with jitter, so that a cluster that comes back does not knock in step. A link that
// held for a while makes the pause short again.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     constant state.
//
// Example:
//   if (dialer.ShouldDial(now)) { dialer.OnDialling(now); Connect(); }
//   dialer.OnConnected(now);  dialer.OnLost("connection reset", now);

#ifndef LIB_TRANSPORT_DIALER_H_
#define LIB_TRANSPORT_DIALER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/base/random.h"

namespace ctdb {

class Dialer {
 public:
  struct Options {
    absl::Duration pause_min = absl::Milliseconds(50);  // Shorter: faster return, more packets.
    absl::Duration pause_max = absl::Seconds(1);        // Longer: slower return, fewer packets.
    absl::Duration attempt_limit = absl::Seconds(3);    // Connecting and greeting together.
    absl::Duration stable_after = absl::Seconds(5);  // A link this old starts anew with pause_min.
  };

  enum class State { kWaiting, kDialling, kConnected };

  Dialer(const Options& options, uint64_t seed, Instant now);

  bool ShouldDial(Instant now) const { return state_ == State::kWaiting && now >= next_try_; }
  bool IsOverdue(Instant now) const;  // The attempt takes too long: give it up with OnLost().

  void OnDialling(Instant now);
  void OnConnected(Instant now);
  void OnLost(absl::string_view why, Instant now);

  Instant NextDeadline() const;
  State state() const { return state_; }
  const std::string& last_error() const { return last_error_; }
  uint32_t failure_count() const { return failure_count_; }  // Since it last worked.

 private:
  Options options_;
  Random random_;
  State state_ = State::kWaiting;
  Instant next_try_;
  Instant since_;  // When the present state began.
  uint32_t failure_count_ = 0;
  std::string last_error_;
};

// Whether `local` dials `peer` (and not the other way round).
constexpr bool Dials(NodeNumber local, NodeNumber peer) { return local > peer; }

}  // namespace ctdb

#endif  // LIB_TRANSPORT_DIALER_H_
