// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/start_curve.h"

#include <cstdio>
#include <initializer_list>

#include "absl/strings/str_format.h"
#include "lib/sim/admin.h"
#include "lib/sim/cluster.h"
#include "tests/sim/checker_convergence.h"
#include "tests/sim/checker_leader.h"
#include "tests/sim/checker_views.h"

namespace ctdb::sim {
namespace {

constexpr absl::Duration kRun = absl::Seconds(5);
// A candidate asks everybody for a trial and for votes and everybody answers: 4 messages per node.
// Two candidates at the same time are not rare.
constexpr double kElectionPerNodeMax = 12;
// Each epoch goes out when it begins and when it is settled, the last one again now and then.
constexpr double kViewsPerNodeMax = 12;
// When they connect, now and then while others do, after each epoch, and every other second.
constexpr double kStatesPerPairMax = 20;

uint64_t Count(const MessageCounts& sent, std::initializer_list<MessageKind> kinds) {
  uint64_t count = 0;
  for (MessageKind kind : kinds) count += sent[static_cast<size_t>(kind)];
  return count;
}

}  // namespace

StartCost MeasureStart(int nodes, uint64_t seed) {
  Cluster::Options options;
  options.nodes = nodes;
  options.seed = seed;
  Cluster cluster(options);
  Admin admin(cluster);
  LeaderChecker leader(cluster, {});
  ViewsChecker views(cluster, admin, {});
  ConvergenceChecker convergence(cluster);
  int turns = 0;
  cluster.SetObserver([&](NodeNumber node) {
    leader.OnTurn(node);
    views.OnTurn(node);
    // It looks at all nodes: not in every turn of many.
    if (++turns % nodes == 0) convergence.OnTurn();
  });
  cluster.RunFor(kRun);
  StartCost cost;
  cost.nodes = nodes;
  cost.elections = leader.elections();
  cost.epochs = views.epochs();
  cost.sent = cluster.network().sent();
  cost.election_messages =
      Count(cost.sent, {MessageKind::kVoteRequest, MessageKind::kVoteReply, MessageKind::kResign});
  cost.beats = Count(cost.sent, {MessageKind::kBeat, MessageKind::kBeatReply});
  cost.views = Count(cost.sent, {MessageKind::kView});
  cost.keepalives = Count(cost.sent, {MessageKind::kAlive});
  cost.states = Count(cost.sent, {MessageKind::kNodeState});
  cost.until_well = convergence.convergence();
  return cost;
}

bool PrintStartCurve(const std::vector<int>& sizes) {
  bool is_good = true;
  absl::PrintF("The first %.0f s. Linear in the nodes, here per node: messages of the election, ",
               absl::ToDoubleSeconds(kRun));
  absl::PrintF(
      "beats with\ntheir replies, and views. Linear for each node and quadratic for all, ");
  absl::PrintF("here per pair in one\ndirection: keepalives and states.\n");
  absl::PrintF("%6s %10s %7s %11s  |%9s %7s %7s  |%11s %7s %13s\n", "nodes", "elections", "epochs",
               "well after", "election", "beats", "views", "keepalives", "states", "all messages");
  for (int nodes : sizes) {
    const StartCost cost = MeasureStart(nodes, 1);
    const double per_node = 1.0 / nodes;
    const double per_pair = nodes > 1 ? per_node / (nodes - 1) : 0;
    const double election = static_cast<double>(cost.election_messages) * per_node;
    const double views = static_cast<double>(cost.views) * per_node;
    const double states = static_cast<double>(cost.states) * per_pair;
    absl::PrintF("%6d %10d %7d %9.3f s  |%9.1f %7.1f %7.1f  |%11.1f %7.1f %13d\n", nodes,
                 cost.elections, cost.epochs, absl::ToDoubleSeconds(cost.until_well), election,
                 static_cast<double>(cost.beats) * per_node, views,
                 static_cast<double>(cost.keepalives) * per_pair, states,
                 cost.election_messages + cost.beats + cost.views + cost.keepalives + cost.states);
    std::fflush(stdout);
    is_good = is_good && cost.elections == 1 && election <= kElectionPerNodeMax &&
              views <= kViewsPerNodeMax && states <= kStatesPerPairMax;
  }
  return is_good;
}

}  // namespace ctdb::sim
