// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster: the overview of a node's cluster service in the terms of `status`, and the lines about
// it that older tools do not have.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_RENDER_CLUSTER_H_
#define CLI_RENDER_CLUSTER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "capnp/cluster.capnp.h"
#include "capnp/master.capnp.h"
#include "cli/render/status.h"

namespace ctdb::cli {

// The nodes as the cluster service of one node knows them; that node is marked. `run_state` is its
// run state: before its first recovery is over, the others are unknown.
std::vector<NodeState> NodeStates(wire::Overview::Reader overview, wire::RunState run_state);

// The run state that the cluster service of a node says the node is in.
wire::RunState OwnRunState(wire::Overview::Reader overview);

// Whether the node has a view that all members have settled in and that it takes part in.
bool IsSettled(wire::Overview::Reader overview);

ClusterState ToClusterState(wire::Overview::Reader overview);

// How the cluster decides, what it waits for, since when it is as it is, and what to mend.
std::string ClusterDetails(wire::Overview::Reader overview, absl::TimeZone zone);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_CLUSTER_H_
