// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// engine: decides which nodes are connected and which one of them leads. What the rest of the
// cluster service knows of it is this interface; the built-in engine (builtin_engine.h) needs
// nothing installed, others may lean on etcd or Corosync. What each of them must promise:
//
//   1. At every moment at most one node Leads(), whatever is lost, delayed, cut, paused or
//      restarted, as long as clocks run at about the same speed.
//   2. A leader's ballot is higher than that of every leader before it.
//   3. A node that a leader no longer grants (GrantedUntil() is over) does not serve (ServesUntil()
//      is over, too).
//   4. When faults end, all connected nodes agree on one leader, if one of them may lead.
//
// tests/cluster/engine_contract.h checks them on any engine.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored.
//   Blocking:   never.
//   Limits:     kNodesMax nodes.
//
// Example:
//   engine.OnTick(now);
//   for (const Engine::Event& event : engine.TakeEvents()) membership.OnEngineEvent(event, now);
//   if (engine.Leads(now)) ...

#ifndef LIB_CLUSTER_ENGINE_H_
#define LIB_CLUSTER_ENGINE_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/ballot.h"

namespace ctdb::cluster {

class Engine {
 public:
  // Both directions work.
  struct PeerUp {
    NodeNumber node;

    friend bool operator==(const PeerUp&, const PeerUp&) = default;
  };
  struct PeerDown {
    NodeNumber node;
    std::string why;

    friend bool operator==(const PeerDown&, const PeerDown&) = default;
  };
  // Who leads now, as far as this node knows; nobody: an election is under way or impossible.
  struct LeaderChanged {
    std::optional<NodeNumber> leader;
    Ballot ballot;
    std::string why;

    friend bool operator==(const LeaderChanged&, const LeaderChanged&) = default;
  };
  // A node that is down has ended, and its clients have stopped: this node, which leads or is to
  // elect, does not wait for the end of what that one was granted.
  struct Parted {
    NodeNumber node;

    friend bool operator==(const Parted&, const Parted&) = default;
  };
  using Event = std::variant<PeerUp, PeerDown, LeaderChanged, Parted>;

  // What a leader's grant is good for.
  enum class Grants {
    kExtend,  // Who serves goes on; who does not, does not begin.
    kGive,
  };

  virtual ~Engine() = default;

  // The nodes that count for majorities: those of the nodes list that are not deleted, this one
  // among them. A change that has not reached every node yet is no danger: while `next` is given,
  // a majority of both lists is needed.
  virtual void SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next,
                        Instant now) = 0;
  // Whether this node may lead; taking that away from a leader makes it step down at once.
  virtual void SetMayLead(bool may_lead, absl::string_view why, Instant now) = 0;
  // On the leader: whom it lets serve; nobody else is granted anything from now on. A new leader
  // lets nobody serve until it says so. Itself, it serves like one of `nodes`.
  virtual void SetGrants(const std::vector<NodeNumber>& nodes, Grants kind, Instant now) = 0;
  // This node ends: a leader steps down, so that nobody has to wait for its lease.
  virtual void Leave(Instant now) = 0;
  virtual void OnTick(Instant now) = 0;
  // When OnTick() is due at the latest.
  virtual Instant NextDeadline() const = 0;

  // What happened, in order; handed over once.
  virtual std::vector<Event> TakeEvents() = 0;

  // Enough nodes are connected for one of them to lead. A leader without that may act until its
  // time is over, and should begin nothing.
  virtual bool HasQuorum() const = 0;
  // This node leads, and may act in the leader's name at this moment.
  virtual bool Leads(Instant now) const = 0;
  virtual std::optional<NodeNumber> leader() const = 0;
  virtual Ballot ballot() const = 0;
  // Until when this node may serve its clients without hearing from the leader again.
  virtual Instant ServesUntil() const = 0;
  // On the leader: the latest moment, on its own clock, to which `node` may think that it serves.
  virtual Instant GrantedUntil(NodeNumber node) const = 0;
  // The peers that are up, sorted.
  virtual const std::vector<NodeNumber>& connected() const = 0;
  // What this node waits for while nobody leads: "a majority: 1 of 3 nodes are here"; else "".
  virtual std::string WaitingFor(Instant now) const = 0;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_ENGINE_H_
