// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checker_grants.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace ctdb::sim {

std::string GrantsChecker::OnTurn(NodeNumber number) const {
  const SimNode* node = cluster_.node(number);
  if (node == nullptr) return "";
  const bool is_leader = node->engine().leader() == number;
  for (NodeNumber other : cluster_.nodes()) {
    const SimNode* peer = cluster_.node(other);
    if (other == number || peer == nullptr) continue;
    std::string problem;
    if (is_leader) {
      problem = Check(number, other);
    } else if (peer->engine().leader() == other) {
      problem = Check(other, number);
    }
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string GrantsChecker::Check(NodeNumber leader, NodeNumber follower) const {
  const cluster::Engine& grants = cluster_.node(leader)->engine();
  const cluster::Engine& serves = cluster_.node(follower)->engine();
  // In the world's time. Nothing but a turn changes these, so what would overlap later is wrong
  // now.
  const Clock& clock = cluster_.process(leader).clock();
  const Instant granted = clock.World(grants.GrantedUntil(follower));
  const Instant leads = clock.World(grants.ServesUntil());
  const Instant served = cluster_.process(follower).clock().World(serves.ServesUntil());
  const Instant from = std::max(cluster_.now(), granted);
  if (from >= std::min(served, leads)) return "";
  return absl::StrFormat("node %d serves until %.6f, but its grant from node %d ends at %.6f",
                         follower.value(), Trace::Seconds(served), leader.value(),
                         Trace::Seconds(granted));
}

}  // namespace ctdb::sim
