// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// mutant_engine: engines that tell membership lies, so that its fence breaks where a mistake in it
// would break it.

#ifndef TESTS_SIM_MUTANT_ENGINE_H_
#define TESTS_SIM_MUTANT_ENGINE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/cluster/engine.h"

namespace ctdb::sim {

// Passes everything on.
class MutantEngine : public cluster::Engine {
 public:
  explicit MutantEngine(cluster::Engine& engine) : engine_(engine) {}

  void SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next, Instant now) override {
    nodes_ = nodes;
    engine_.SetNodes(std::move(nodes), std::move(next), now);
  }
  void SetMayLead(bool may_lead, absl::string_view why, Instant now) override {
    engine_.SetMayLead(may_lead, why, now);
  }
  void SetGrants(const std::vector<NodeNumber>& nodes, Grants kind, Instant now) override {
    engine_.SetGrants(nodes, kind, now);
  }
  void Leave(Instant now) override { engine_.Leave(now); }
  void OnTick(Instant now) override { engine_.OnTick(now); }
  Instant NextDeadline() const override { return engine_.NextDeadline(); }
  std::vector<Event> TakeEvents() override { return engine_.TakeEvents(); }
  bool HasQuorum() const override { return engine_.HasQuorum(); }
  bool Leads(Instant now) const override { return engine_.Leads(now); }
  std::optional<NodeNumber> leader() const override { return engine_.leader(); }
  cluster::Ballot ballot() const override { return engine_.ballot(); }
  Instant ServesUntil() const override { return engine_.ServesUntil(); }
  Instant GrantedUntil(NodeNumber node) const override { return engine_.GrantedUntil(node); }
  const std::vector<NodeNumber>& connected() const override { return engine_.connected(); }
  std::string WaitingFor(Instant now) const override { return engine_.WaitingFor(now); }

 protected:
  cluster::Engine& engine_;
  std::vector<NodeNumber> nodes_;
};

// Membership as a leader that leaves nodes out before their grants are over.
class ImpatientEngine final : public MutantEngine {
 public:
  using MutantEngine::MutantEngine;
  Instant GrantedUntil(NodeNumber) const override { return Instant::min(); }
};

// Membership as a leader that lets everybody serve, whatever view he has.
class GenerousEngine final : public MutantEngine {
 public:
  using MutantEngine::MutantEngine;
  void SetGrants(const std::vector<NodeNumber>&, Grants kind, Instant now) override {
    engine_.SetGrants(nodes_, kind, now);
  }
};

// Membership as a follower that needs no grant.
class EntitledEngine final : public MutantEngine {
 public:
  using MutantEngine::MutantEngine;
  Instant ServesUntil() const override { return kNever; }
};

// Membership as a leader that acts after its time.
class StaleEngine final : public MutantEngine {
 public:
  using MutantEngine::MutantEngine;
  // Only a leader knows of grants.
  bool Leads(Instant) const override {
    return engine_.GrantedUntil(NodeOf(engine_.ballot())) != kNever;
  }
  bool HasQuorum() const override { return true; }
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_MUTANT_ENGINE_H_
