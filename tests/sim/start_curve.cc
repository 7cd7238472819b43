// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/start_curve.h"

#include <cstdio>

#include "absl/strings/str_format.h"
#include "lib/sim/cluster.h"
#include "tests/sim/checker_convergence.h"
#include "tests/sim/checker_leader.h"

namespace ctdb::sim {
namespace {

constexpr absl::Duration kRun = absl::Seconds(5);
// A candidate asks everybody for a trial and for votes and everybody answers: 4 messages per node.
// Two candidates at the same time are not rare.
constexpr double kMessagesPerNodeMax = 12;

}  // namespace

StartCost MeasureStart(int nodes, uint64_t seed) {
  Cluster::Options options;
  options.nodes = nodes;
  options.seed = seed;
  Cluster cluster(options);
  LeaderChecker leader(cluster, {});
  ConvergenceChecker convergence(cluster);
  int turns = 0;
  cluster.SetObserver([&](NodeNumber node) {
    leader.OnTurn(node);
    // It looks at all nodes: not in every turn of many.
    if (++turns % nodes == 0) convergence.OnTurn();
  });
  cluster.RunFor(kRun);
  StartCost cost;
  cost.nodes = nodes;
  cost.elections = leader.elections();
  cost.sent = cluster.network().sent();
  cost.election_messages = cost.sent[static_cast<size_t>(MessageKind::kVoteRequest)] +
                           cost.sent[static_cast<size_t>(MessageKind::kVoteReply)];
  cost.until_led = convergence.convergence();
  return cost;
}

bool PrintStartCurve(const std::vector<int>& sizes) {
  bool is_good = true;
  absl::PrintF("%6s %10s %18s %10s %12s %18s\n", "nodes", "elections", "election messages",
               "per node", "well after", "keepalives");
  for (int nodes : sizes) {
    const StartCost cost = MeasureStart(nodes, 1);
    const double per_node = static_cast<double>(cost.election_messages) / nodes;
    absl::PrintF("%6d %10d %18d %10.1f %10.3f s %18d\n", nodes, cost.elections,
                 cost.election_messages, per_node, absl::ToDoubleSeconds(cost.until_led),
                 cost.sent[0]);
    std::fflush(stdout);
    is_good = is_good && cost.elections == 1 && per_node <= kMessagesPerNodeMax;
  }
  return is_good;
}

}  // namespace ctdb::sim
