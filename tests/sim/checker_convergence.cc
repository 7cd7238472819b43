// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checker_convergence.h"

#include "absl/strings/str_cat.h"

namespace ctdb::sim {

void ConvergenceChecker::OnTurn() {
  std::string problem = Problem();
  if (problem.empty()) return;
  bad_ = cluster_.now();
  problem_ = std::move(problem);
}

std::string ConvergenceChecker::Problem() {
  std::optional<NodeNumber> leader;
  for (NodeNumber node : cluster_.nodes()) {
    if (cluster_.node(node) == nullptr) return "a node is down";
    if (cluster_.node(node)->engine().Leads(cluster_.process(node).LocalNow())) leader = node;
  }
  if (!leader.has_value()) {
    leaderless_ = cluster_.now();
    return "nobody leads";
  }
  for (NodeNumber node : cluster_.nodes()) {
    const cluster::Engine& engine = cluster_.node(node)->engine();
    if (engine.leader() != leader || engine.ballot() != cluster_.node(*leader)->engine().ballot()) {
      return absl::StrCat("node ", node.value(), " does not follow node ", leader->value());
    }
    if (engine.connected().size() + 1 != cluster_.nodes().size()) {
      return absl::StrCat("node ", node.value(), " is not connected to all others");
    }
    if (engine.ServesUntil() <= cluster_.process(node).LocalNow()) {
      return absl::StrCat("node ", node.value(), " does not serve");
    }
  }
  return "";
}

}  // namespace ctdb::sim
