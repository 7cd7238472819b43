// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// checker_convergence: when faults have ended, soon all nodes are connected, agree on one leader,
// who leads, and serve; and it stays like that. (Property 4 of lib/cluster/engine.h.)

#ifndef TESTS_SIM_CHECKER_CONVERGENCE_H_
#define TESTS_SIM_CHECKER_CONVERGENCE_H_

#include <string>

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

  const Cluster& cluster_;
  const Instant begin_;
  Instant bad_;
  Instant leaderless_;
  std::string problem_;
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_CHECKER_CONVERGENCE_H_
