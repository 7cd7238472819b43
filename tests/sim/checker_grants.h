// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// checker_grants: while a node leads, a node that it does not grant any more does not serve.
// (Property 3 of lib/cluster/engine.h.)

#ifndef TESTS_SIM_CHECKER_GRANTS_H_
#define TESTS_SIM_CHECKER_GRANTS_H_

#include <string>

#include "lib/sim/cluster.h"

namespace ctdb::sim {

class GrantsChecker {
 public:
  explicit GrantsChecker(const Cluster& cluster) : cluster_(cluster) {}

  // After each turn of a node. Empty, or what is violated.
  std::string OnTurn(NodeNumber number) const;

 private:
  std::string Check(NodeNumber leader, NodeNumber follower) const;

  const Cluster& cluster_;
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_CHECKER_GRANTS_H_
