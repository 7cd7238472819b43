// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// live: what a command shows, once or again and again until somebody presses Ctrl-C.
//
//   Ownership:  borrows the context.
//   Threading:  belongs to the context's thread.
//   Errors:     those of drawing; drawing ends then.
//   Blocking:   as long as it is to be shown.
//   Limits:     none.
//
// Example:
//   return ShowLive(context, TimesToShow(context), absl::Seconds(1), [&] { return Draw(context);
//   });

#ifndef CLI_LIVE_H_
#define CLI_LIVE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/context.h"

namespace ctdb::cli {

inline constexpr uint64_t kUntilInterrupted = 0;

// Where nobody looks on: once.
uint64_t TimesToShow(const Context& context);

// False when somebody pressed Ctrl-C meanwhile.
bool PauseLive(Context& context, absl::Duration pause);

// Calls `draw`, which prints to the context, `times` times. What was drawn before is cleared when
// a person looks on.
absl::StatusOr<int> ShowLive(Context& context, uint64_t times, absl::Duration interval,
                             const std::function<absl::Status()>& draw);

}  // namespace ctdb::cli

#endif  // CLI_LIVE_H_
