// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// scenario: one simulated run under all checkers: trouble in phases, then none, and all must be
// well again soon.

#ifndef TESTS_SIM_SCENARIO_H_
#define TESTS_SIM_SCENARIO_H_

#include <deque>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/sim/cluster.h"
#include "lib/sim/faults.h"

namespace ctdb::sim {

enum class Rule { kMajority, kLock, kTwoNodes };
absl::StatusOr<Rule> ParseRule(absl::string_view name);
absl::string_view RuleName(Rule rule);

// An engine or a membership that is broken on purpose: the checkers must see it.
enum class Mutation {
  kNone,
  kShortPromise,    // Promises end long before leases do.
  kAlwaysGrants,    // Votes for everybody.
  kForgetsBallots,  // Nothing survives a crash.
  kLongGrants,      // Followers are told to serve longer than the leader thinks.
  kImpatient,       // Leaders leave nodes out before their grants are over.
  kGenerous,        // Leaders let nodes serve that have an old view.
  kEntitled,        // Followers serve without a grant.
  kStale,           // Leaders form views after their time.
  kTwoLists,        // Not everybody is told the same members.
  kSilentFlags,     // Nodes do not tell of their flags.
  kEarlyParting,    // Guardians speak before their clients have stopped.
  kBansForNothing,  // A node is banned that nobody wanted banned.
};

struct ScenarioOptions {
  int nodes = 3;
  uint64_t seed = 1;
  // Of trouble.
  absl::Duration duration = absl::Minutes(2);
  FaultSet faults = kAllFaults;  // A run draws some of them.
  Rule rule = Rule::kMajority;
  absl::Duration convergence_limit = absl::Seconds(10);
  size_t trace_lines = 0;
  Mutation mutation = Mutation::kNone;
  bool checks_grants = true;  // A proof may be about another rule.
};

struct ScenarioReport {
  std::string drawn;  // The options of this run, for its first line.
  uint64_t hash = 0;
  uint64_t events = 0;
  uint64_t elections = 0;
  uint64_t epochs = 0;
  absl::Duration virtual_time;
  absl::Duration convergence;  // From the end of the faults.
  absl::Duration leaderless;
  MessageCounts sent{};
  std::string violation;  // Empty when all is well.
  Instant violated_at{};
  std::deque<std::string> trace;
};

ScenarioReport RunScenario(const ScenarioOptions& options);

}  // namespace ctdb::sim

#endif  // TESTS_SIM_SCENARIO_H_
