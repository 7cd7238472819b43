// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// status: the state of the nodes in the three forms that administrators' scripts parse. Their bytes
// are an interface; what is new stands behind what is old.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_RENDER_STATUS_H_
#define CLI_RENDER_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "capnp/master.capnp.h"
#include "capnp/transport.capnp.h"
#include "cli/render/json.h"

namespace ctdb::cli {

// Bits as scripts know them from the exit code of `nodestatus`.
enum NodeFlag : uint32_t {
  kDisconnected = 1,
  kUnhealthy = 2,
  kDisabled = 4,
  kBanned = 8,
  kDeleted = 16,
  kStopped = 32,
  kUnknown = 64,
};

// With one of these a node takes no part.
inline constexpr uint32_t kInactiveFlags = kDisconnected | kBanned | kDeleted | kStopped;

struct NodeState {
  uint32_t number = 0;
  std::string address;
  uint32_t flags = 0;
  bool partially_online = false;  // No flag, but an interface with public addresses is down.
  bool this_node = false;
  bool left_out = false;  // Takes no part although no flag of its own says so.
};

// What the cluster as a whole agrees on; the defaults say that nothing was agreed on yet.
struct ClusterState {
  std::optional<uint64_t> generation;
  std::vector<uint32_t> homes;  // Index: hash.
  bool recovering = true;
  std::optional<uint32_t> leader;
};

// Whether a node in this run state knows nothing of the others but their connection.
bool IsBeforeFirstRecovery(wire::RunState run_state);

// The nodes as the transport of one node sees them; `this_node` is marked. While that node is not
// yet past its first recovery, the others are unknown.
std::vector<NodeState> NodeStates(capnp::List<wire::Node>::Reader nodes, uint32_t this_node,
                                  wire::RunState run_state);

// "OK", "DISABLED|UNHEALTHY".
std::string FlagNames(const NodeState& node);

// "Number of nodes:4 (including 1 deleted nodes)".
std::string NodeCountLine(const std::vector<NodeState>& nodes);

// "pnn:0 10.7.0.1         OK (THIS NODE)"; nothing for a deleted node.
std::string NodeLine(const NodeState& node, bool colour);

// The lines behind the nodes, from "Generation:" to "Leader:".
std::string ClusterLines(const ClusterState& cluster);

// Header and a row for every node that is not deleted.
std::string NodeTable(const std::vector<NodeState>& nodes, absl::string_view separator);

// Into an open object: the key `node_status`, and for the second function those of the cluster.
void WriteNodeStatus(const std::vector<NodeState>& nodes, JsonWriter& json);
void WriteClusterState(const ClusterState& cluster, JsonWriter& json);

// Whether the node takes no part, and whether everything is well with it.
bool IsInactive(const NodeState& node);
bool IsOk(const NodeState& node);

// Bits of all nodes that are not deleted.
uint32_t FlagsOfAll(const std::vector<NodeState>& nodes);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_STATUS_H_
