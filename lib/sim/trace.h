// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// trace: the last lines of what happened. Off, it costs a comparison: a run that went wrong is
// simply repeated with its trace on.
//
//   Ownership:  owns its lines.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     keeps the last `limit` lines.
//
// Example:
//   if (trace.is_on()) trace.Add(world.now(), "node 1 crashes");

#ifndef LIB_SIM_TRACE_H_
#define LIB_SIM_TRACE_H_

#include <deque>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lib/base/instant.h"

namespace ctdb::sim {

class Trace {
 public:
  // 0: off.
  explicit Trace(size_t limit) : limit_(limit) {}

  bool is_on() const { return limit_ > 0; }
  const std::deque<std::string>& lines() const { return lines_; }
  void Add(Instant now, absl::string_view line) {
    if (!is_on()) return;
    if (lines_.size() >= limit_) lines_.pop_front();
    lines_.push_back(absl::StrFormat("%12.6f  %s", Seconds(now), line));
  }
  static double Seconds(Instant at) {
    return static_cast<double>(at.time_since_epoch().count()) / 1e9;
  }

 private:
  const size_t limit_;
  std::deque<std::string> lines_;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_TRACE_H_
