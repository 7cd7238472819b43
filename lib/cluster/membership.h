// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// membership: decides who takes part in the cluster. It stands on an engine, which knows who is
// connected and who leads, and adds what nodes say about themselves, what administrators want, and
// the leader's decision: the view, a list of active nodes with an epoch.
//
// Who may serve clients is fenced. A node serves while it is a member of the newest view that it
// knows, the leader's grant has not run out, and it is not stopped or banned. The leader grants
// nothing to a node that has not said that it took over a view since it joined, and leaves nobody
// out of a view before the last grant to him is over. So when a view without a node begins, that
// node serves no more, whatever it knows of it (INV-14, ML-84).
//
//   Ownership:  the engine must outlive it; it takes the engine's events.
//   Threading:  not thread-safe.
//   Errors:     none at run time: what does not fit is ignored, and odd things become a change of
//               kind kWarning.
//   Blocking:   never.
//   Limits:     kNodesMax nodes; history as ChangeLog.
//
// Example:
//   engine.OnTick(now);
//   membership.Advance(now);
//   for (auto& send : membership.TakeOutput().sends) Send(send.to, send.message);

#ifndef LIB_CLUSTER_MEMBERSHIP_H_
#define LIB_CLUSTER_MEMBERSHIP_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/cluster/change.h"
#include "lib/cluster/engine.h"
#include "lib/cluster/message.h"
#include "lib/cluster/node_state.h"

namespace ctdb::cluster {

// One line of the nodes list.
struct ListedNode {
  NodeNumber number;
  std::string address;
  bool is_deleted = false;

  friend bool operator==(const ListedNode&, const ListedNode&) = default;
};

// The same for equal lists on every platform; different lists differ in practice.
uint64_t Digest(const std::vector<ListedNode>& nodes);

class Membership {
 public:
  struct Options {
    NodeNumber local;
    uint64_t incarnation = 1;  // New at every start, not 0.
    bool may_lead = true;
    bool may_be_home = true;
    uint32_t flags = 0;  // To begin with: kStopped, kDisabled.
    std::string cluster_lock;
    // False: whoever adapts to a new view says so with OnSettled().
    bool settles_at_once = true;
    // Own state goes to all nodes this often although nothing changed.
    absl::Duration announce_interval = absl::Seconds(2);
    // Changes of connections are announced at most this often.
    absl::Duration announce_pause = absl::Milliseconds(50);
    // New nodes are collected this long, so that the start of a cluster is few epochs.
    absl::Duration join_delay = absl::Milliseconds(100);
    // Members that do not hear each other for this long are not kept together.
    absl::Duration mesh_patience = absl::Seconds(3);
    // What counts as blame is forgotten after this; a ban by the leader lasts for that.
    absl::Duration blame_period = absl::Seconds(120);
    absl::Duration ban_period = absl::Seconds(300);
    bool bans_are_enabled = true;
  };

  struct Output {
    struct Send {
      NodeNumber to;
      MembershipMessage message;
    };
    std::vector<Send> sends;                // At once, in this order.
    std::vector<NodeNumber> compare_nodes;  // Their nodes lists differ from this node's.
  };

  struct Peer {
    std::optional<NodeState> state;
    bool is_connected = false;
    // As others call it: kOwnFlags of its state, kDisconnected, kDeleted.
    uint32_t flags = 0;
  };

  Membership(Engine& engine, const Options& options, std::vector<ListedNode> nodes, Instant now);

  // After each input of the engine.
  void Advance(Instant now);
  void OnMessage(NodeNumber from, const MembershipMessage& message, Instant now);
  void OnTick(Instant now);
  // This node's services have adapted to the view of that epoch.
  void OnSettled(Epoch epoch, Instant now);

  // What administrators and services want of this node; false: it is so already.
  bool Stop(absl::string_view reason, Instant now);
  bool Continue(absl::string_view reason, Instant now);
  bool Disable(absl::string_view reason, Instant now);
  bool Enable(absl::string_view reason, Instant now);
  // Also false when bans are switched off.
  bool Ban(absl::Duration duration, absl::string_view reason, Instant now);
  bool Unban(absl::string_view reason, Instant now);
  bool SetHealthy(bool is_healthy, absl::string_view reason, Instant now);
  void SetRoles(bool may_lead, bool may_be_home, Instant now);
  // Only forward (INV-46); anything else is ignored.
  void SetRunState(RunState state, Instant now);
  void SetBans(bool are_enabled, absl::Duration period, absl::Duration blame_period);
  // Counted by the leader, who bans a node with too much of it.
  void Blame(NodeNumber node, uint32_t credits, absl::string_view reason, Instant now);
  // A new epoch with the same nodes. False: this node does not lead.
  bool BeginEpoch(absl::string_view reason, Instant now);

  // A change of the nodes list in two steps: between them majorities of both lists are needed.
  // InvalidArgument for a list that takes numbers or addresses away from nodes that are there.
  absl::Status PrepareNodes(std::vector<ListedNode> nodes, Instant now);
  void CommitNodes(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const;

  const NodeState& own() const { return own_; }
  const std::optional<View>& view() const { return view_; }
  Instant view_since() const { return view_since_; }
  // When the present view was settled; nothing: it is not.
  std::optional<Instant> settled_at() const { return settled_at_; }
  bool Serves(Instant now) const { return now < ServesUntil(); }
  // Until when this node serves if nothing changes; Instant::min(): it does not.
  Instant ServesUntil() const;
  const std::vector<ListedNode>& nodes() const { return nodes_; }
  Peer Describe(NodeNumber node) const;
  const ChangeLog& changes() const { return changes_; }
  // What an administrator should mend. `list_differences`: how the nodes lists of others differ
  // from this node's, in a sentence, as far as somebody has looked.
  std::vector<std::string> Warnings(
      const std::map<NodeNumber, std::string>& list_differences = {}) const;

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  struct PeerEntry {
    std::optional<NodeState> state;
    std::vector<uint64_t> former_incarnations;
    bool is_connected = false;
    bool is_introduced = false;  // Its state was heard since it was last lost.
    std::string trouble;         // Why it is not connected.
    uint64_t last_change = 0;
    Instant changed{};  // Its connection or state.
    Instant view_sent{};
    uint64_t compared_digest = 0;
  };
  struct Blamed {
    uint32_t credits = 0;
    Instant last{};
    std::string reason;
  };

  bool SetFlag(NodeFlag flag, bool is_set, absl::string_view reason, uint64_t cause, Instant now);
  bool BanFor(absl::Duration duration, absl::string_view reason, uint64_t cause, Instant now);
  void ChangeOwn(Instant now);
  bool MayLead() const;
  void Announce(Instant now);
  uint64_t Note(ChangeKind kind, NodeNumber node, std::string before, std::string after,
                std::string text, uint64_t cause, Instant now);

  void OnEngineEvent(const Engine::Event& event, Instant now);
  void OnParted(NodeNumber node, Instant now);
  void OnPeerUp(NodeNumber node, Instant now);
  void OnPeerDown(NodeNumber node, const std::string& why, Instant now);
  void OnNodeState(NodeNumber from, const NodeState& state, Instant now);
  void OnView(NodeNumber from, const View& view, Instant now);
  void OnBanOrder(NodeNumber from, const BanOrder& order, Instant now);
  void CheckSettings(NodeNumber node, PeerEntry& peer, Instant now);

  void Adopt(const View& view, std::string text, uint64_t cause, Instant now);
  void MarkSettled(Instant now);
  void AdvanceRunState(Instant now);

  // The leader's part: membership_leader.cc.
  void Lead(Instant now);
  std::vector<NodeNumber> Candidates(Instant now);
  // Why the node cannot be a member; "": it can.
  std::string Obstacle(NodeNumber node) const;
  void LeaveOutUnconnected(std::vector<NodeNumber>& nodes, Instant now);
  bool MayBegin(const std::vector<NodeNumber>& members, Instant now);
  // Who may be serving and is not one of them.
  std::set<NodeNumber> LeftOut(const std::vector<NodeNumber>& members) const;
  void Begin(std::vector<NodeNumber> members, std::string reason, uint64_t cause, Instant now);
  std::vector<Epoch> JoinedEpochs(const std::vector<NodeNumber>& members, Epoch epoch) const;
  std::string DescribeChange(const std::vector<NodeNumber>& members, uint64_t* cause) const;
  void SendView(Instant now, bool to_all);
  std::vector<NodeNumber> Granted(const std::vector<NodeNumber>& candidates) const;
  void Grant(Engine::Grants kind, std::vector<NodeNumber> nodes, Instant now);
  std::vector<NodeNumber> Homes(const std::vector<NodeNumber>& members) const;
  bool IsViewOfPresentLeader() const;
  // What the node says about itself; null: nothing was heard from it yet.
  const NodeState* StateOf(NodeNumber node) const;
  // What it took over from a former leader; null: nothing, or a view of this one since.
  const View* FormerViewOf(NodeNumber node) const;
  // Why its cluster lock keeps it out; "": it does not.
  std::string LockMismatch(NodeNumber node) const;
  void JudgeBlamed(NodeNumber node, Instant now);
  void Wake(Instant at) { next_look_ = std::min(next_look_, at); }

  Engine& engine_;
  Options options_;
  std::vector<ListedNode> nodes_;
  std::optional<std::vector<ListedNode>> next_nodes_;
  NodeState own_;
  std::map<NodeNumber, PeerEntry> peers_;  // All listed nodes but this one.
  std::optional<View> view_;
  Instant view_since_{};
  std::optional<Instant> settled_at_;
  ChangeLog changes_;
  uint64_t leader_change_ = 0;
  uint64_t own_change_ = 0;  // The last one that could keep this node from leading.

  bool is_dirty_ = false;  // Own state has changed since it was announced.
  Instant next_announcement_;
  Instant next_announcement_at_earliest_;
  Instant ban_until_ = kNever;

  // As the leader:
  bool leads_ = false;
  Ballot led_ballot_;  // Of the leadership that what follows belongs to.
  Instant leads_since_{};
  std::optional<std::pair<Engine::Grants, std::vector<NodeNumber>>> granted_;
  std::map<NodeNumber, Epoch> joined_;       // Members: the epoch they came with.
  std::optional<Instant> collecting_since_;  // Newcomers, for the next view.
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> unconnected_;  // Pairs, since when.
  std::map<NodeNumber, Blamed> blamed_;
  std::string mismatches_noted_;
  bool needs_look_ = true;      // Something has changed that the view depends on.
  Instant next_look_ = kNever;  // When time alone may change it.
  Output output_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_MEMBERSHIP_H_
