// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_query: what several commands ask the cluster services, and how they wait for them.
//
//   Ownership:  borrow the session; replies must be gone before the session is closed.
//   Threading:  belong to the session's thread.
//   Errors:     those of the session, with what was asked in front.
//   Blocking:   a request at most the session's time limit, Poll() as long as it is told.
//   Limits:     none.
//
// Example:
//   const auto is_settled = [&]() -> absl::StatusOr<bool> {
//     CTDB_ASSIGN_OR_RETURN(auto reply, GetClusterOverview(session, node));
//     return reply.getOverview().getView().getSettled();
//   };
//   CTDB_ASSIGN_OR_RETURN(const bool in_time, Poll(session, time, is_settled));

#ifndef CLI_CLUSTER_QUERY_H_
#define CLI_CLUSTER_QUERY_H_

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/session.h"

namespace ctdb::cli {

using ClusterReply = capnp::Response<wire::Cluster::OverviewResults>;

// Opens the session if it must.
absl::StatusOr<ClusterReply> GetClusterOverview(Session& session, NodeNumber node);

// The node's part of an overview.
std::optional<wire::NodeReport::Reader> FindReport(wire::Overview::Reader overview,
                                                   NodeNumber node);

// Looks at once and then ten times a second until `look` says true (true), the time is over
// (false), or it fails.
absl::StatusOr<bool> Poll(Session& session, absl::Duration time,
                          const std::function<absl::StatusOr<bool>()>& look);

// The leader as the node knows it; none when none is known within the time.
absl::StatusOr<std::optional<NodeNumber>> WaitForLeader(Session& session, NodeNumber node,
                                                        absl::Duration time);

}  // namespace ctdb::cli

#endif  // CLI_CLUSTER_QUERY_H_
