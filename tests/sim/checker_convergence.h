// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// checker_convergence: when faults have ended, soon all listed nodes are connected and agree on one
// leader, who leads (property 4 of lib/cluster/engine.h), on one settled view, which has exactly
// the nodes that are neither stopped nor banned, and on everybody's flags; the members run and
// serve; and it stays like that.

#ifndef TESTS_SIM_CHECKER_CONVERGENCE_H_
#define TESTS_SIM_CHECKER_CONVERGENCE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/sim/cluster.h"

namespace ctdb::sim {

class ConvergenceChecker {
 public:
  // The faults end now.
  explicit ConvergenceChecker(const Cluster& cluster)
      : cluster_(cluster), begin_(cluster.now()), bad_(begin_), leaderless_(begin_) {}

  // After each turn of any node.
  void OnTurn();

  // From the end of the faults until all was well for good.
  absl::Duration convergence() const { return ToAbsl(bad_ - begin_); }
  absl::Duration leaderless() const { return ToAbsl(leaderless_ - begin_); }
  // What was wrong last.
  const std::string& problem() const { return problem_; }

 private:
  std::string Problem();
  std::string CheckEngine(NodeNumber node, NodeNumber leader, size_t listed) const;
  std::string CheckView(const std::vector<NodeNumber>& listed, NodeNumber leader) const;
  std::string CheckFlags(const std::vector<NodeNumber>& listed) const;

  const Cluster& cluster_;
  const Instant begin_;
  Instant bad_;
  Instant leaderless_;
  Instant looked_ = Instant::min();
  std::string problem_;
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_CHECKER_CONVERGENCE_H_
