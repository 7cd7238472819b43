// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/scenario.h"

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/sim/admin.h"
#include "tests/sim/checker_convergence.h"
#include "tests/sim/checker_grants.h"
#include "tests/sim/checker_leader.h"
#include "tests/sim/checker_views.h"
#include "tests/sim/mutant_engine.h"

namespace ctdb::sim {
namespace {

// How long all must stay well, beyond the limit.
constexpr absl::Duration kStableFor = absl::Seconds(10);

constexpr Rule kRules[] = {Rule::kMajority, Rule::kLock, Rule::kTwoNodes};

// Changes each engine message, or membership message, of one kind.
template <typename All, typename One, typename Change>
SimNode::Tamper TamperWith(Change change) {
  return [change](Message& message) mutable {
    auto* all = std::get_if<All>(&message);
    if (auto* one = all == nullptr ? nullptr : std::get_if<One>(all)) change(*one);
  };
}

template <typename Mutant>
std::unique_ptr<cluster::Engine> Wrap(cluster::Engine& engine) {
  return std::make_unique<Mutant>(engine);
}

void Mutate(Mutation mutation, Cluster::Options& options) {
  using cluster::EngineMessage;
  using cluster::MembershipMessage;
  switch (mutation) {
    case Mutation::kNone:
    case Mutation::kBansForNothing:
      return;
    case Mutation::kShortPromise:
      options.election.clock_margin = -0.9;
      return;
    case Mutation::kAlwaysGrants:
      options.tamper = TamperWith<EngineMessage, cluster::VoteReply>(
          [](cluster::VoteReply& reply) { reply.is_granted = true; });
      return;
    case Mutation::kForgetsBallots:
      options.disk.forgets = true;
      return;
    case Mutation::kLongGrants:
      options.tamper = TamperWith<EngineMessage, cluster::Beat>(
          [](cluster::Beat& beat) { beat.grant_nanoseconds *= 3; });
      return;
    case Mutation::kImpatient:
      options.wrap_engine = Wrap<ImpatientEngine>;
      return;
    case Mutation::kGenerous:
      options.wrap_engine = Wrap<GenerousEngine>;
      return;
    case Mutation::kEntitled:
      options.wrap_engine = Wrap<EntitledEngine>;
      return;
    case Mutation::kStale:
      options.wrap_engine = Wrap<StaleEngine>;
      return;
    case Mutation::kEarlyParting:
      options.guardian.speaks_too_early = true;
      return;
    case Mutation::kTwoLists:
      options.tamper =
          TamperWith<MembershipMessage, cluster::View>([count = 0](cluster::View& view) mutable {
            if (++count % 10 == 0) view.members.pop_back();
          });
      return;
    case Mutation::kSilentFlags:
      options.tamper = TamperWith<MembershipMessage, cluster::NodeState>(
          [](cluster::NodeState& state) { state.flags &= ~cluster::kDisabled; });
      return;
  }
}

Cluster::Options ClusterOptions(const ScenarioOptions& options, FaultSet faults) {
  Cluster::Options cluster;
  cluster.nodes = options.nodes;
  cluster.seed = options.seed;
  cluster.trace_lines = options.trace_lines;
  cluster.election.rule = options.rule == Rule::kLock ? cluster::Election::Rule::kLock
                                                      : cluster::Election::Rule::kMajority;
  cluster.election.continues_alone = options.rule == Rule::kTwoNodes;
  if ((faults & kDrift) != 0) cluster.drift_ppm = 10000;
  // Two nodes that go on alone are two; and fewer than three are not made fewer.
  if ((faults & kAdmin) != 0 && options.nodes > 2) cluster.spares = 1;
  // Soon enough that nobody is banned still when all must be well.
  cluster.membership.ban_period = absl::Seconds(3);
  Mutate(options.mutation, cluster);
  return cluster;
}

void BanSomebody(Cluster& cluster) {
  cluster.RunFor(absl::Seconds(5));
  for (NodeNumber node : cluster.nodes()) {
    cluster.process(node).Deliver(Order{[](cluster::Membership& membership, Instant now) {
      membership.Ban(absl::Seconds(1), "the disk is slow", now);
    }});
  }
}

// Calls the checkers after each turn, and stops the world at the first violation.
class Watcher {
 public:
  Watcher(Cluster& cluster, const Admin& admin, const ScenarioOptions& options, FaultSet faults)
      : cluster_(cluster),
        has_one_leader_(options.rule == Rule::kMajority ||
                        (options.rule == Rule::kLock && (faults & kLockLies) == 0)),
        checks_grants_(has_one_leader_ && options.checks_grants),
        leader_(cluster, {has_one_leader_, options.rule == Rule::kMajority}),
        views_(cluster, admin, {options.rule == Rule::kMajority, has_one_leader_}),
        grants_(cluster) {
    cluster.SetObserver([this](NodeNumber node) { OnTurn(node); });
    cluster.network().SetObserver(
        [this](NodeNumber from, const Message& message) { views_.OnSent(from, message); });
  }

  void FaultsEnd() { convergence_.emplace(cluster_); }
  void Violate(std::string what) {
    if (!violation_.empty()) return;
    violation_ = std::move(what);
    violated_at_ = cluster_.now();
    cluster_.world().Stop();
  }

  const LeaderChecker& leader() const { return leader_; }
  const ViewsChecker& views() const { return views_; }
  const ConvergenceChecker& convergence() const { return *convergence_; }
  const std::string& violation() const { return violation_; }
  Instant violated_at() const { return violated_at_; }

 private:
  void OnTurn(NodeNumber node) {
    if (!violation_.empty()) return;
    std::string problem = cluster_.node(node)->problem();
    if (!problem.empty()) problem = absl::StrCat("node ", node.value(), ": ", problem);
    if (cluster_.process(node).is_spinning()) {
      problem = absl::StrCat("node ", node.value(), ": its deadline does not move");
    }
    if (problem.empty()) problem = leader_.OnTurn(node);
    if (problem.empty()) problem = views_.OnTurn(node);
    if (problem.empty() && checks_grants_) problem = grants_.OnTurn(node);
    if (convergence_.has_value()) convergence_->OnTurn();
    if (!problem.empty()) Violate(std::move(problem));
  }

  Cluster& cluster_;
  const bool has_one_leader_;
  const bool checks_grants_;
  LeaderChecker leader_;
  ViewsChecker views_;
  GrantsChecker grants_;
  std::optional<ConvergenceChecker> convergence_;
  std::string violation_;
  Instant violated_at_{};
};

}  // namespace

absl::StatusOr<Rule> ParseRule(absl::string_view name) {
  for (Rule rule : kRules) {
    if (RuleName(rule) == name) return rule;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is not a rule: use majority, lock or two-nodes"));
}

absl::string_view RuleName(Rule rule) {
  switch (rule) {
    case Rule::kMajority:
      return "majority";
    case Rule::kLock:
      return "lock";
    case Rule::kTwoNodes:
      return "two-nodes";
  }
  return "";
}

ScenarioReport RunScenario(const ScenarioOptions& options) {
  // Another sequence than the world's, so that what is drawn here does not shift what happens
  // there.
  Random random(~options.seed);
  const FaultSet drawn = DrawFaults(options.faults, random);
  Cluster cluster(ClusterOptions(options, drawn));
  Admin admin(cluster);
  Watcher watcher(cluster, admin, options, drawn);
  Faults faults(cluster, drawn);
  faults.Start();
  if ((drawn & kAdmin) != 0) admin.Start();
  if (options.mutation == Mutation::kBansForNothing) BanSomebody(cluster);
  cluster.RunFor(options.duration);
  const bool was_stopped = cluster.world().is_stopped();
  if (!was_stopped) {
    faults.Stop();
    if ((drawn & kAdmin) != 0) admin.Stop();
    watcher.FaultsEnd();
    cluster.RunFor(options.convergence_limit + kStableFor);
  }
  ScenarioReport report;
  if (!was_stopped) {
    report.convergence = watcher.convergence().convergence();
    report.leaderless = watcher.convergence().leaderless();
    if (report.convergence > options.convergence_limit) {
      watcher.Violate(absl::StrCat("not well ", absl::FormatDuration(report.convergence),
                                   " after the last fault: ", watcher.convergence().problem()));
    }
  }
  report.drawn = absl::StrCat("seed ", options.seed, ": ", options.nodes, " nodes, rule ",
                              RuleName(options.rule), ", faults ", FaultNames(drawn));
  report.hash = cluster.world().hash();
  report.events = cluster.world().events();
  report.elections = watcher.leader().elections();
  report.epochs = watcher.views().epochs();
  report.virtual_time = ToAbsl(cluster.now().time_since_epoch());
  report.sent = cluster.network().sent();
  report.violation = watcher.violation();
  report.violated_at = watcher.violated_at();
  report.trace = cluster.trace().lines();
  return report;
}

}  // namespace ctdb::sim
