// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/observe.h"

#include "absl/time/clock.h"
#include "cli/cluster_query.h"
#include "cli/render/cluster.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

void LookAtCluster(Session& session, NodeNumber node, WaitObservation& observation) {
  const auto reply = GetClusterOverview(session, node);
  observation.has_cluster = reply.ok();
  if (!reply.ok()) return;
  const auto overview = reply->getOverview();
  if (overview.getLeaderKnown()) observation.leader = overview.getLeader();
  observation.settled = IsSettled(overview);
  for (const auto report : overview.getNodes()) {
    // A view outlives its members for the moment that it takes the leader to begin another one.
    if (report.getActive() && (report.getFlags() & kInactiveFlags) == 0) ++observation.active;
  }
  for (const NodeState& state : NodeStates(overview, OwnRunState(overview))) {
    if (!state.this_node) continue;
    observation.healthy = IsOk(state);
    observation.flags = FlagNames(state);
  }
}

absl::Status Look(Session& session, NodeNumber node, WaitObservation& observation) {
  CTDB_RETURN_IF_ERROR(session.Open().status());
  CTDB_ASSIGN_OR_RETURN(auto overview, session.Call(session.master(node).overviewRequest(),
                                                    "get the node's overview"));
  CTDB_ASSIGN_OR_RETURN(
      auto nodes, session.Call(session.transport(node).nodesRequest(), "list the node's links"));
  observation.running = overview.getOverview().getRunState() == wire::RunState::RUNNING;
  for (const auto peer : nodes.getNodes()) {
    if (peer.getDeleted() || peer.getLocal()) continue;
    ++observation.peers;
    if (peer.getConnected()) ++observation.connected;
  }
  LookAtCluster(session, node, observation);
  return absl::OkStatus();
}

}  // namespace

WaitObservation Observe(Session& session, NodeNumber node) {
  WaitObservation observation;
  const absl::Status status = Look(session, node, observation);
  observation.answers = status.ok();
  observation.why = std::string(status.message());
  if (!status.ok()) session.Close();
  return observation;
}

void Pause(Session& session, absl::Duration pause) {
  const absl::Time until = absl::Now() + pause;
  if (session.is_open()) {
    // What arrives is read meanwhile, and a lost connection is noticed.
    const absl::Status ended = (*session.Open())->Run(pause, [] { return false; });
    if (!absl::IsDeadlineExceeded(ended)) session.Close();
  }
  absl::SleepFor(until - absl::Now());
}

}  // namespace ctdb::cli
