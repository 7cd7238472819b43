// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/cluster.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cli/render/text.h"

namespace ctdb::cli {
namespace {

// What a cluster service may say of a node; the rest is this tool's own.
constexpr uint32_t kFlagsFromOutside =
    kDisconnected | kUnhealthy | kDisabled | kBanned | kDeleted | kStopped;

std::string Text(capnp::Text::Reader text) { return Printable({text.begin(), text.size()}); }

bool IsMember(wire::Overview::Reader overview) {
  for (const uint32_t member : overview.getView().getMembers()) {
    if (member == overview.getNode()) return true;
  }
  return false;
}

}  // namespace

std::vector<NodeState> NodeStates(wire::Overview::Reader overview, wire::RunState run_state) {
  const bool others_are_unknown = IsBeforeFirstRecovery(run_state);
  std::vector<NodeState> states;
  for (const auto report : overview.getNodes()) {
    NodeState node;
    node.number = report.getState().getNode();
    node.address.assign(report.getAddress().begin(), report.getAddress().size());
    node.this_node = node.number == overview.getNode();
    node.flags = report.getFlags() & kFlagsFromOutside;
    if ((node.flags & kDeleted) != 0) {
      node.flags = kDeleted;
    } else if ((node.flags & kDisconnected) == 0 && !node.this_node &&
               (others_are_unknown || !report.getKnown())) {
      node.flags = kUnknown;
    } else if (overview.getView().getSettled() && !report.getActive()) {
      node.left_out = !IsInactive(node);
    }
    states.push_back(std::move(node));
  }
  return states;
}

wire::RunState OwnRunState(wire::Overview::Reader overview) {
  for (const auto report : overview.getNodes()) {
    if (report.getState().getNode() == overview.getNode()) return report.getState().getRunState();
  }
  return wire::RunState::UNKNOWN;
}

bool IsSettled(wire::Overview::Reader overview) {
  return overview.getView().getEpoch() != 0 && overview.getView().getSettled() &&
         overview.getLeaderKnown() && (overview.getServing() || IsMember(overview));
}

ClusterState ToClusterState(wire::Overview::Reader overview) {
  ClusterState state;
  const auto view = overview.getView();
  if (view.getEpoch() != 0) state.generation = view.getEpoch();
  for (const uint32_t home : view.getHomes()) state.homes.push_back(home);
  state.recovering = !IsSettled(overview);
  if (overview.getLeaderKnown()) state.leader = overview.getLeader();
  return state;
}

std::string ClusterDetails(wire::Overview::Reader overview, absl::TimeZone zone) {
  std::string text = absl::StrFormat("\nCluster as node %u knows it:\n", overview.getNode());
  absl::StrAppend(&text, "Decides by: ", Text(overview.getRule()), " (engine ",
                  Text(overview.getEngine()), ")\n");
  if (overview.getClusterLock().size() > 0) {
    absl::StrAppend(&text, "Cluster lock: ", Text(overview.getClusterLock()), "\n");
  }
  if (overview.getWaitingFor().size() > 0) {
    absl::StrAppend(&text, "Waits for: ", Text(overview.getWaitingFor()), "\n");
  }
  absl::StrAppend(&text, "Serves clients: ", overview.getServing() ? "yes" : "no", "\n");
  if (overview.getView().getEpoch() != 0) {
    absl::StrAppend(
        &text, "Last change: ", CalendarTime(overview.getLastChange(), zone),
        overview.getChangeSeconds() < 0
            ? ", not settled yet\n"
            : absl::StrFormat(", settled after %.3f seconds\n", overview.getChangeSeconds()));
  }
  for (const auto warning : overview.getWarnings()) {
    absl::StrAppend(&text, "Warning: ", Text(warning), "\n");
  }
  return text;
}

}  // namespace ctdb::cli
