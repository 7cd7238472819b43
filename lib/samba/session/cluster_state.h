// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_state: what the proxy knows of the cluster, in the protocol's own words.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (!state.IsConnected(node)) return Refuse("ctdb_control to disconnected node");

#ifndef LIB_SAMBA_SESSION_CLUSTER_STATE_H_
#define LIB_SAMBA_SESSION_CLUSTER_STATE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/samba/constants.h"
#include "lib/samba/node_payloads.h"

namespace ctdb::samba {

struct ClusterState {
  NodeNumber own = {};
  NodeMap nodes = {};
  VnnMap vnn_map = {.generation = kInvalidGeneration, .entries = {}};
  std::vector<NodeNumber> members = {};  // Whose records count.
  bool is_recovering = true;
  uint32_t run_state = 0;
  std::optional<NodeNumber> leader = {};
  std::string cluster_lock = {};
  WallTime recovery_started = {};
  WallTime recovery_finished = {};

  Generation generation() const { return vnn_map.generation; }

  const NodeEntry* Find(NodeNumber node) const {
    const auto found = std::find_if(nodes.entries.begin(), nodes.entries.end(),
                                    [node](const NodeEntry& entry) { return entry.pnn == node; });
    return found == nodes.entries.end() ? nullptr : &*found;
  }
  bool HasNoneOf(NodeNumber node, uint32_t flags) const {
    const NodeEntry* entry = Find(node);
    return entry != nullptr && (entry->flags & flags) == 0;
  }
  bool IsConnected(NodeNumber node) const {
    return node == own || HasNoneOf(node, kNodeDeleted | kNodeDisconnected);
  }
  bool IsActive(NodeNumber node) const { return HasNoneOf(node, kNodeInactiveMask); }

  // Whom a packet to `destination` goes to: one node, the members of a group, or nobody.
  std::vector<NodeNumber> Destinations(NodeNumber destination) const {
    if (destination == kCurrentNode || destination == own) return {own};
    const bool is_all = destination == kBroadcastAll;
    const bool is_connected = destination == kBroadcastConnected;
    const bool is_active = destination == kBroadcastActive;
    std::vector<NodeNumber> result;
    for (const NodeEntry& entry : nodes.entries) {
      const bool is_meant = is_all || is_connected ? (entry.flags & kNodeDeleted) == 0
                            : is_active            ? (entry.flags & kNodeInactiveMask) == 0
                                                   : entry.pnn == destination;
      if (is_meant && IsConnected(entry.pnn)) result.push_back(entry.pnn);
    }
    return result;
  }
};

inline bool IsGroupOfNodes(NodeNumber destination) {
  return destination == kBroadcastAll || destination == kBroadcastActive ||
         destination == kBroadcastConnected;
}

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_CLUSTER_STATE_H_
