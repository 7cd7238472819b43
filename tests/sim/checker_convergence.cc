// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checker_convergence.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

// Looking at every node from every node takes long.
constexpr absl::Duration kPause = absl::Milliseconds(5);

std::string Name(NodeNumber node) { return absl::StrCat("node ", node.value()); }

bool IsActive(const cluster::NodeState& state) {
  return (state.flags & (cluster::kStopped | cluster::kBanned)) == 0;
}

}  // namespace

void ConvergenceChecker::OnTurn() {
  if (cluster_.now() < After(looked_, kPause)) return;
  looked_ = cluster_.now();
  std::string problem = Problem();
  if (problem.empty()) return;
  bad_ = cluster_.now();
  problem_ = std::move(problem);
}

std::string ConvergenceChecker::Problem() {
  std::vector<NodeNumber> listed;
  std::optional<NodeNumber> leader;
  for (NodeNumber node : cluster_.nodes()) {
    if (!cluster_.IsListed(node)) continue;
    listed.push_back(node);
    if (cluster_.node(node) == nullptr) return absl::StrCat(Name(node), " is down");
    if (cluster_.node(node)->engine().Leads(cluster_.process(node).LocalNow())) leader = node;
  }
  if (!leader.has_value()) {
    leaderless_ = cluster_.now();
    return "nobody leads";
  }
  std::string problem;
  for (NodeNumber node : listed) {
    if (problem.empty()) problem = CheckEngine(node, *leader, listed.size());
  }
  if (problem.empty()) problem = CheckView(listed, *leader);
  return problem.empty() ? CheckFlags(listed) : problem;
}

std::string ConvergenceChecker::CheckEngine(NodeNumber node, NodeNumber leader,
                                            size_t listed) const {
  const cluster::Engine& engine = cluster_.node(node)->engine();
  if (engine.leader() != leader || engine.ballot() != cluster_.node(leader)->engine().ballot()) {
    return absl::StrCat(Name(node), " does not follow ", Name(leader));
  }
  if (engine.connected().size() + 1 != listed) {
    return absl::StrCat(Name(node), " is not connected to all others");
  }
  return "";
}

std::string ConvergenceChecker::CheckView(const std::vector<NodeNumber>& listed,
                                          NodeNumber leader) const {
  std::vector<NodeNumber> active;
  std::vector<NodeNumber> homes;
  for (NodeNumber node : listed) {
    const cluster::NodeState& own = cluster_.node(node)->membership().own();
    if (!IsActive(own)) continue;
    active.push_back(node);
    if (own.may_be_home) homes.push_back(node);
  }
  if (homes.empty()) homes.push_back(leader);
  const auto& common = cluster_.node(leader)->membership().view();
  for (NodeNumber node : listed) {
    const cluster::Membership& membership = cluster_.node(node)->membership();
    const auto& view = membership.view();
    if (!view.has_value() || view->epoch != common->epoch) {
      return absl::StrCat(Name(node), " has not the view of ", Name(leader));
    }
    if (!view->is_settled) return absl::StrCat(Name(node), "'s view is not settled");
    if (view->leader != leader || view->members != active || view->homes != homes) {
      return absl::StrCat(Name(node), "'s view is not of the active nodes");
    }
    const bool is_active = std::binary_search(active.begin(), active.end(), node);
    if (membership.Serves(cluster_.process(node).LocalNow()) != is_active) {
      return absl::StrCat(Name(node), is_active ? " does not serve" : " serves");
    }
    if (is_active && membership.own().run_state != cluster::RunState::kRunning) {
      return absl::StrCat(Name(node), " does not run yet");
    }
    if (membership.nodes() != cluster_.nodes_file()) {
      return absl::StrCat(Name(node), " has another nodes list");
    }
  }
  return "";
}

std::string ConvergenceChecker::CheckFlags(const std::vector<NodeNumber>& listed) const {
  for (NodeNumber at : listed) {
    for (NodeNumber node : listed) {
      const uint32_t flags = cluster_.node(node)->membership().own().flags;
      if (cluster_.node(at)->membership().Describe(node).flags == flags) continue;
      return absl::StrCat(Name(at), " does not know that ", Name(node), " is \"",
                          cluster::FlagText(flags), "\"");
    }
  }
  return "";
}

}  // namespace ctdb::sim
