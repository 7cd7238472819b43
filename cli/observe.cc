// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/observe.h"

#include "absl/time/clock.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

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
