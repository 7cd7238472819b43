// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/live.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "cli/exit_code.h"
#include "cli/observe.h"

namespace ctdb::cli {
namespace {

// Soon enough for whoever presses Ctrl-C.
constexpr absl::Duration kStep = absl::Milliseconds(100);

bool IsForPeople(const Context& context) {
  const Invocation& invocation = context.invocation();
  return context.environment().is_terminal && !invocation.json && !invocation.machine;
}

}  // namespace

uint64_t TimesToShow(const Context& context) {
  return context.environment().is_terminal ? kUntilInterrupted : 1;
}

bool PauseLive(Context& context, absl::Duration pause) {
  const absl::Time until = absl::Now() + pause;
  for (absl::Time now = absl::Now(); now < until && !context.interrupted(); now = absl::Now()) {
    Pause(context.session(), std::min(kStep, until - now));
  }
  return !context.interrupted();
}

absl::StatusOr<int> ShowLive(Context& context, uint64_t times, absl::Duration interval,
                             const std::function<absl::Status()>& draw) {
  const bool clears = IsForPeople(context) && times != 1;
  if (times != 1) context.CatchInterrupt();
  for (uint64_t i = 0; times == kUntilInterrupted || i < times; ++i) {
    if (i > 0 && !PauseLive(context, interval)) break;
    // Home, and clear what is below: less flicker than clearing everything first.
    if (clears) context.Out("\x1b[H\x1b[J");
    const absl::Status status = draw();
    if (context.interrupted()) break;
    if (!status.ok()) return status;
  }
  return kExitOk;
}

}  // namespace ctdb::cli
