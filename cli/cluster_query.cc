// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/cluster_query.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/observe.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

}  // namespace

absl::StatusOr<ClusterReply> GetClusterOverview(Session& session, NodeNumber node) {
  CTDB_RETURN_IF_ERROR(session.Open().status());
  return session.Call(session.cluster(node).overviewRequest(),
                      absl::StrCat("ask the cluster service of node ", NodeName(node)));
}

std::optional<wire::NodeReport::Reader> FindReport(wire::Overview::Reader overview,
                                                   NodeNumber node) {
  for (const auto report : overview.getNodes()) {
    if (report.getState().getNode() == node.value()) return report;
  }
  return std::nullopt;
}

absl::StatusOr<bool> Poll(Session& session, absl::Duration time,
                          const std::function<absl::StatusOr<bool>()>& look) {
  const absl::Time end = absl::Now() + time;
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const bool is_so, look());
    if (is_so) return true;
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    Pause(session, std::min(kPause, left));
  }
}

absl::StatusOr<std::optional<NodeNumber>> WaitForLeader(Session& session, NodeNumber node,
                                                        absl::Duration time) {
  std::optional<NodeNumber> leader;
  const auto in_time = Poll(session, time, [&]() -> absl::StatusOr<bool> {
    CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(session, node));
    if (reply.getOverview().getLeaderKnown()) leader = NodeNumber(reply.getOverview().getLeader());
    return leader.has_value();
  });
  CTDB_RETURN_IF_ERROR(in_time.status());
  return leader;
}

}  // namespace ctdb::cli
