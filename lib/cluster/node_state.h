// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_state: what a node says about itself, and what the leader says about the cluster. Nobody but
// the node itself changes its state (INV-44): it counts up `version`, the others keep the newest.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     checked by codec.h.

#ifndef LIB_CLUSTER_NODE_STATE_H_
#define LIB_CLUSTER_NODE_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"
#include "lib/cluster/ballot.h"

namespace ctdb::cluster {

// Bits as administrators' scripts and the existing client protocol know them (ML-1 to ML-6).
enum NodeFlag : uint32_t {
  kDisconnected = 0x01,  // Private knowledge of each observer, never sent.
  kUnhealthy = 0x02,
  kDisabled = 0x04,
  kBanned = 0x08,
  kDeleted = 0x10,  // A commented line of the nodes list, never sent.
  kStopped = 0x20,
};
// What a node may say about itself.
inline constexpr uint32_t kOwnFlags = kUnhealthy | kDisabled | kBanned | kStopped;
// With one of these a node takes no part (ML-7).
inline constexpr uint32_t kInactiveFlags = kDisconnected | kBanned | kDeleted | kStopped;

// "DISABLED|BANNED"; "" when there is none.
std::string FlagText(uint32_t flags);
// The same, but "OK" when there is none.
std::string StateText(uint32_t flags);

enum class RunState : uint16_t {
  kUnknown = 0,
  kInit = 1,
  kSetup = 2,
  kFirstRecovery = 3,
  kStartup = 4,
  kRunning = 5,
  kShutdown = 6,
};
absl::string_view RunStateName(RunState state);  // "FIRST_RECOVERY"

// Why a flag is set, in words.
struct FlagReason {
  NodeFlag flag = kUnhealthy;
  std::string text;

  friend bool operator==(const FlagReason&, const FlagReason&) = default;
};

// The cluster as the leader of an epoch has decided it. Whoever gets a newer one takes it over.
struct View {
  Epoch epoch;
  NodeNumber leader;
  std::vector<NodeNumber> members;  // The active nodes, sorted.
  std::vector<NodeNumber> homes;    // Those of them that records are spread over, sorted.
  // For each member: the first epoch since which no view can have been without it. What it had
  // before, others may have got meanwhile.
  std::vector<Epoch> joined;
  bool is_settled = false;  // Every member has adapted to it.

  friend bool operator==(const View&, const View&) = default;
};

struct NodeState {
  NodeNumber node;
  uint64_t incarnation = 0;  // New at every start; a higher one is not newer, only another one.
  uint64_t version = 0;      // Counts the changes within an incarnation.
  uint32_t flags = 0;        // kOwnFlags only.
  bool may_lead = true;
  bool may_be_home = true;
  RunState run_state = RunState::kUnknown;
  Epoch adopted;   // The newest view that the node has taken over.
  Epoch settled;   // The newest one that its services have adapted to.
  Ballot follows;  // Of the leader that it follows; 0: of none.
  // What it has taken over last, unless the leader that it follows has formed that: what others
  // may not know, and its next leader must.
  std::optional<View> former_view;
  std::vector<NodeNumber> connected;  // Whom it hears and who hear it, sorted; without itself.
  uint64_t nodes_digest = 0;          // Of its nodes list.
  std::string cluster_lock;           // As configured; "" for none.
  std::vector<FlagReason> reasons;

  friend bool operator==(const NodeState&, const NodeState&) = default;
};

// Since when the node is a member; nothing: it is none.
std::optional<Epoch> JoinedEpoch(const View& view, NodeNumber node);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_NODE_STATE_H_
