// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_engine: an engine that does what the test says, and remembers what it was told. It keeps two
// promises of engine.h by itself: a leader that may not lead steps down at once, and a new leader
// has granted nothing.

#ifndef TESTS_CLUSTER_FAKE_ENGINE_H_
#define TESTS_CLUSTER_FAKE_ENGINE_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/cluster/engine.h"

namespace ctdb::cluster {

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(NodeNumber local) : local_(local) {}

  // What the test decides.
  void BringUp(NodeNumber node) {
    connected_.push_back(node);
    std::sort(connected_.begin(), connected_.end());
    events_.push_back(PeerUp{node});
  }
  void BringDown(NodeNumber node, const std::string& why) {
    std::erase(connected_, node);
    events_.push_back(PeerDown{node, why});
  }
  void Part(NodeNumber node) {
    granted_until.erase(node);
    events_.push_back(Parted{node});
  }
  void Elect(NodeNumber node, Ballot ballot, const std::string& why = "") {
    leader_ = node;
    ballot_ = ballot;
    acts = true;
    grants.clear();
    events_.push_back(LeaderChanged{node, ballot, why});
  }
  void LoseLeader(const std::string& why) {
    leader_.reset();
    events_.push_back(LeaderChanged{std::nullopt, ballot_, why});
  }
  bool acts = true;  // As a leader: the lease has not run out.
  bool has_quorum = true;
  Instant serves_until = Instant::min();
  std::map<NodeNumber, Instant> granted_until;  // Nothing: it is over.

  // What it was told.
  std::vector<NodeNumber> nodes;
  std::vector<NodeNumber> next_nodes;
  bool may_lead = true;
  std::string may_not_lead_why;
  std::vector<NodeNumber> grants;
  Grants grants_kind = Grants::kExtend;

  void SetNodes(std::vector<NodeNumber> now_nodes, std::vector<NodeNumber> next,
                Instant now) override {
    nodes = std::move(now_nodes);
    next_nodes = std::move(next);
  }
  void SetMayLead(bool may, absl::string_view why, Instant now) override {
    may_lead = may;
    if (may) return;
    may_not_lead_why = std::string(why);
    if (leader_ == local_) LoseLeader(may_not_lead_why);
  }
  void SetGrants(const std::vector<NodeNumber>& to, Grants kind, Instant now) override {
    grants = to;
    grants_kind = kind;
  }
  void Leave(Instant now) override {}
  void OnTick(Instant now) override {}
  Instant NextDeadline() const override { return kNever; }
  std::vector<Event> TakeEvents() override { return std::exchange(events_, {}); }
  bool HasQuorum() const override { return has_quorum; }
  bool Leads(Instant now) const override { return leader_ == local_ && acts; }
  std::optional<NodeNumber> leader() const override { return leader_; }
  Ballot ballot() const override { return ballot_; }
  Instant ServesUntil() const override { return serves_until; }
  Instant GrantedUntil(NodeNumber node) const override {
    const auto it = granted_until.find(node);
    return it == granted_until.end() ? Instant::min() : it->second;
  }
  const std::vector<NodeNumber>& connected() const override { return connected_; }
  std::string WaitingFor(Instant now) const override { return ""; }

 private:
  const NodeNumber local_;
  std::vector<NodeNumber> connected_;
  std::optional<NodeNumber> leader_;
  Ballot ballot_;
  std::vector<Event> events_;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_FAKE_ENGINE_H_
