// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// checker_leader: at every moment at most one node leads; who leads later has a higher ballot; a
// ballot is led by one run of one node. (Properties 1 and 2 of lib/cluster/engine.h.)

#ifndef TESTS_SIM_CHECKER_LEADER_H_
#define TESTS_SIM_CHECKER_LEADER_H_

#include <map>
#include <string>
#include <utility>

#include "lib/sim/cluster.h"

namespace ctdb::sim {

class LeaderChecker {
 public:
  struct Claims {
    bool one_leader = true;
    bool rising_ballots = true;
  };

  LeaderChecker(const Cluster& cluster, const Claims& claims)
      : cluster_(cluster), claims_(claims) {}

  // After each turn of a node. Empty, or what is violated.
  std::string OnTurn(NodeNumber number);

  // How often somebody began to lead.
  uint64_t elections() const { return leaders_.size(); }

 private:
  using Run = std::pair<NodeNumber, uint64_t>;  // A node, and which start of it.

  const Cluster& cluster_;
  const Claims claims_;
  std::map<cluster::Ballot, Run> leaders_;
  cluster::Ballot last_;
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_CHECKER_LEADER_H_
