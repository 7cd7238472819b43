// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/admin.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

using cluster::ListedNode;
using cluster::Membership;

// Fewer would be no cluster.
constexpr int kListedLeast = 3;
constexpr absl::Duration kListPoll = absl::Milliseconds(200);
constexpr int kFollowPolls = 5;

}  // namespace

void Admin::Start() {
  Plan(absl::ZeroDuration(), absl::Seconds(5), Step::kOrder);
  Plan(absl::ZeroDuration(), absl::Seconds(20), Step::kList);
}

void Admin::Stop() {
  is_over_ = true;
  std::vector<NodeNumber> listed;
  for (NodeNumber node : cluster_.nodes()) {
    if (cluster_.IsListed(node)) listed.push_back(node);
  }
  if (list_step_ == ListStep::kShutDown) std::erase(listed, changing_);
  const NodeNumber kept = listed[cluster_.world().random().Below(listed.size())];
  for (NodeNumber node : cluster_.nodes()) {
    if (node == kept || cluster_.world().Chance(0.7)) Undo(node);
    Tell(node, [](Membership& membership, Instant now) { membership.Unban("the end", now); });
  }
}

std::optional<Instant> Admin::provoked(NodeNumber node) const {
  const auto it = provoked_.find(node);
  if (it == provoked_.end()) return std::nullopt;
  return it->second;
}

void Admin::OnEvent(uint64_t what) {
  const NodeNumber node(static_cast<uint32_t>(what >> 8));
  switch (static_cast<Step>(what & 0xff)) {
    case Step::kOrder:
      if (!is_over_) GiveOrder();
      return;
    case Step::kUndo:
      if (!is_over_) Undo(node);
      return;
    case Step::kList:
      return AdvanceList();
  }
}

void Admin::Plan(absl::Duration least, absl::Duration most, Step step, NodeNumber node) {
  cluster_.world().In(cluster_.world().Between(least, most), *this,
                      static_cast<uint64_t>(node.value()) << 8 | static_cast<uint64_t>(step));
}

NodeNumber Admin::AnyNode() {
  return cluster_.nodes()[cluster_.world().random().Below(cluster_.nodes().size())];
}

template <typename Act>
void Admin::Tell(NodeNumber node, Act act) {
  cluster_.process(node).Deliver(Order{std::move(act)});
}

void Admin::Provoke(NodeNumber node) { provoked_[node] = cluster_.now(); }

void Admin::GiveOrder() {
  const NodeNumber node = AnyNode();
  if (cluster_.process(node).is_running()) {
    Disturb(node);
    if (cluster_.world().Chance(0.7)) {
      Plan(absl::Milliseconds(10), absl::Seconds(10), Step::kUndo, node);
    }
  }
  Plan(absl::ZeroDuration(), absl::Seconds(4), Step::kOrder);
}

void Admin::Disturb(NodeNumber node) {
  Random& random = cluster_.world().random();
  switch (random.Below(8)) {
    case 0:
    case 1:
      return Tell(node, [](Membership& membership, Instant now) { membership.Stop("test", now); });
    case 2: {
      Provoke(node);
      const absl::Duration time = absl::Milliseconds(200 + random.Below(5000));
      return Tell(
          node, [time](Membership& membership, Instant now) { membership.Ban(time, "test", now); });
    }
    case 3:
      return Tell(node,
                  [](Membership& membership, Instant now) { membership.Disable("test", now); });
    case 4: {
      const bool leads = random.Below(2) == 0;
      const bool is_home = random.Below(2) == 0;
      return Tell(node, [leads, is_home](Membership& membership, Instant now) {
        membership.SetRoles(leads, is_home, now);
      });
    }
    case 5: {
      const NodeNumber blamed = AnyNode();
      const auto credits = static_cast<uint32_t>(1 + random.Below(20));
      Provoke(blamed);
      return Tell(node, [blamed, credits](Membership& membership, Instant now) {
        membership.Blame(blamed, credits, "test", now);
      });
    }
    case 6:
      return Tell(node, [](Membership& membership, Instant now) {
        membership.SetHealthy(!membership.own().flags, "test", now);
      });
    default:
      // Only the leader does.
      for (NodeNumber any : cluster_.nodes()) {
        Tell(any, [](Membership& membership, Instant now) { membership.BeginEpoch("test", now); });
      }
  }
}

void Admin::Undo(NodeNumber node) {
  Tell(node, [](Membership& membership, Instant now) {
    membership.Continue("test", now);
    membership.Enable("test", now);
    membership.Unban("test", now);
    membership.SetRoles(true, true, now);
  });
}

void Admin::AdvanceList() {
  switch (list_step_) {
    case ListStep::kNone:
      if (is_over_) return;
      BeginListChange();
      break;
    case ListStep::kShutDown:
      cluster_.Crash(changing_);
      SetListed(changing_, false);
      list_step_ = ListStep::kPrepare;
      break;
    case ListStep::kPrepare:
      // As long as a lease by the old list alone may last, nothing follows from a leader.
      if (!PrepareAll()) follow_polls_ = 0;
      if (++follow_polls_ > kFollowPolls && AllFollow()) list_step_ = ListStep::kCommit;
      break;
    case ListStep::kCommit:
      // Whoever was started meanwhile takes both steps.
      if (!PrepareAll() || !CommitAll()) break;
      list_step_ = ListStep::kNone;
      cluster_.TakeOverNodesFile();
      cluster_.Start(changing_);
      if (is_over_) return;
      return Plan(absl::Seconds(1), absl::Seconds(30), Step::kList);
  }
  Plan(kListPoll, kListPoll, Step::kList);
}

void Admin::BeginListChange() {
  changing_ = AnyNode();
  prepared_.clear();
  follow_polls_ = 0;
  if (!cluster_.IsListed(changing_)) {
    SetListed(changing_, true);
    if (cluster_.world().Chance(0.5)) cluster_.Start(changing_);
    list_step_ = ListStep::kPrepare;
    return;
  }
  const auto& file = cluster_.nodes_file();
  const auto listed =
      std::count_if(file.begin(), file.end(), [](const ListedNode& n) { return !n.is_deleted; });
  if (listed <= kListedLeast) return;
  Tell(changing_, [](Membership& membership, Instant now) {
    membership.SetRunState(cluster::RunState::kShutdown, now);
  });
  list_step_ = ListStep::kShutDown;
}

void Admin::SetListed(NodeNumber node, bool is_listed) {
  cluster_.trace().Add(cluster_.now(), absl::StrCat("node ", node.value(), " is ",
                                                    is_listed ? "listed" : "deleted"));
  cluster_.SetListed(node, is_listed);
}

bool Admin::PrepareAll() {
  bool are_ready = true;
  for (NodeNumber node : cluster_.nodes()) {
    // Those too that were started meanwhile, with the new list: they are to take part in the step.
    if (!cluster_.process(node).is_running()) continue;
    const uint64_t run = cluster_.process(node).starts();
    if (prepared_[node] != run) {
      Tell(node,
           [this, node, run, list = cluster_.nodes_file()](Membership& membership, Instant now) {
             if (membership.PrepareNodes(list, now).ok()) prepared_[node] = run;
           });
    }
    are_ready = are_ready && prepared_[node] == run;
  }
  return are_ready;
}

bool Admin::AllFollow() const {
  cluster::Ballot ballot;
  for (NodeNumber node : cluster_.nodes()) {
    const SimNode* running = cluster_.node(node);
    if (running != nullptr && running->engine().Leads(cluster_.process(node).LocalNow())) {
      ballot = std::max(ballot, running->engine().ballot());
    }
  }
  return ballot.value() != 0 &&
         std::all_of(cluster_.nodes().begin(), cluster_.nodes().end(), [&](NodeNumber node) {
           const SimNode* running = cluster_.node(node);
           return running == nullptr ||
                  (running->engine().leader().has_value() && running->engine().ballot() == ballot &&
                   cluster_.disk(node).kept() >= ballot);
         });
}

bool Admin::CommitAll() {
  bool are_ready = true;
  for (NodeNumber node : cluster_.nodes()) {
    Tell(node, [](Membership& membership, Instant now) { membership.CommitNodes(now); });
    const SimNode* running = cluster_.node(node);
    are_ready =
        are_ready && (running == nullptr || running->membership().nodes() == cluster_.nodes_file());
  }
  return are_ready;
}

}  // namespace ctdb::sim
