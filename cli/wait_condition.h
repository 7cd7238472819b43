// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// wait_condition: what `ctdb wait` waits for, and whether it is so.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument that lists the conditions.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(WaitCondition condition, ParseWaitCondition("links=2"));
//   if (IsMet(condition, observation)) ...

#ifndef CLI_WAIT_CONDITION_H_
#define CLI_WAIT_CONDITION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cli {

struct WaitCondition {
  enum class Kind {
    kRunning,    // The node's run state is "running".
    kConnected,  // It has a link to every other node of its nodes file.
    kGone,       // Its daemon does not answer any more.
    kLinks,      // It has links to at least `count` other nodes.
    kLeader,     // It knows who leads.
    kRecovered,  // All members, of which it is one, have settled in the newest view.
    kHealthy,    // `status` shows it as OK.
    kActive,     // The cluster has exactly `count` active nodes.
  };
  Kind kind = Kind::kRunning;
  uint32_t count = 0;
};

absl::StatusOr<WaitCondition> ParseWaitCondition(absl::string_view text);

struct WaitObservation {
  bool answers = false;
  bool running = false;
  uint32_t peers = 0;      // Other nodes, without deleted ones.
  uint32_t connected = 0;  // Those of them that there is a link to.
  std::string why;         // Why it does not answer.

  bool has_cluster = false;  // Its cluster service answers; without, what follows is not known.
  std::optional<uint32_t> leader;
  bool settled = false;
  bool healthy = false;
  std::string flags;  // "OK", "DISABLED|UNHEALTHY".
  uint32_t active = 0;
};

bool IsMet(const WaitCondition& condition, const WaitObservation& observation);

// "running, linked to 1 of 2 other nodes, OK, leader 0, 2 active, settled".
std::string Describe(const WaitObservation& observation);

}  // namespace ctdb::cli

#endif  // CLI_WAIT_CONDITION_H_
