// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checker_views.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

using cluster::Membership;

// How long blame counts, and how long an order may wait in a paused process.
constexpr absl::Duration kProvocationLasts = absl::Seconds(140);

bool Contains(const std::vector<NodeNumber>& nodes, NodeNumber node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

std::string Name(NodeNumber node) { return absl::StrCat("node ", node.value()); }

std::string Name(Epoch epoch) {
  const cluster::Ballot ballot = cluster::BallotOf(epoch);
  return absl::StrCat("epoch ", cluster::RoundOf(ballot), ".", cluster::NodeOf(ballot).value(), ".",
                      cluster::CounterOf(epoch));
}

}  // namespace

void ViewsChecker::OnSent(NodeNumber from, const Message& message) {
  const auto* membership = std::get_if<cluster::MembershipMessage>(&message);
  const auto* view = membership == nullptr ? nullptr : std::get_if<cluster::View>(membership);
  if (view != nullptr && problem_.empty()) problem_ = See(from, *view);
}

std::string ViewsChecker::OnTurn(NodeNumber number) {
  if (!problem_.empty()) return problem_;
  const SimNode* running = cluster_.node(number);
  if (running == nullptr) return "";
  const Membership& membership = running->membership();
  Node& node = nodes_[number.value()];
  if (const uint64_t run = cluster_.process(number).starts(); run != node.run) {
    const Node former = std::exchange(node, Node());
    node.run = run;
    node.adopted = former.adopted;
    node.last_without = former.last_without;
  }
  std::string problem;
  if (membership.view().has_value()) problem = See(number, *membership.view());
  if (problem.empty()) problem = CheckAdoption(number, node, membership);
  if (problem.empty()) problem = CheckStates(number, node, membership);
  if (problem.empty()) problem = CheckHistory(number, node, membership);
  if (!problem.empty() || !claims_.fence) return problem;
  if (!std::exchange(is_fence_due_, false)) return CheckFence(number);
  for (NodeNumber any : cluster_.nodes()) {
    if (problem.empty()) problem = CheckFence(any);
  }
  return problem;
}

std::string ViewsChecker::See(NodeNumber at, const cluster::View& view) {
  const auto known = formed_.find(view.epoch);
  if (known == formed_.end()) {
    if (at == view.leader) return Form(at, view);
    return absl::StrCat(Name(at), " has ", Name(view.epoch), ", which ", Name(view.leader),
                        " has not formed");
  }
  const Formed& formed = known->second;
  if (formed.leader != view.leader || formed.members != view.members ||
      formed.homes != view.homes || formed.joined != view.joined) {
    return absl::StrCat(Name(view.epoch), " at ", Name(at), " is not as it was formed");
  }
  if (at == formed.leader && cluster_.process(at).starts() != formed.run) {
    // It may hear of it again, but from nobody but itself: a run knows only its own ballots.
    return absl::StrCat(Name(at), " leads ", Name(view.epoch), " of an earlier run");
  }
  return "";
}

std::string ViewsChecker::Form(NodeNumber leader, const cluster::View& view) {
  const uint64_t order = formed_.size() + 1;
  formed_[view.epoch] = {order,        leader,     cluster_.process(leader).starts(),
                         view.members, view.homes, view.joined};
  is_fence_due_ = true;
  for (NodeNumber node : cluster_.nodes()) {
    if (!Contains(view.members, node)) nodes_[node.value()].last_without = order;
  }
  const Epoch last = std::exchange(last_, std::max(last_, view.epoch));
  if (claims_.rising_epochs && view.epoch <= last) {
    return absl::StrCat(Name(leader), " forms ", Name(view.epoch), " after ", Name(last));
  }
  if (!Contains(view.members, leader)) {
    return absl::StrCat(Name(view.epoch), " is without its leader");
  }
  return claims_.rising_epochs ? CheckJoined(view) : "";
}

// What a node owned when it joined it owns still: no member knows a view that came later and was
// without the node, or let it join anew.
std::string ViewsChecker::CheckJoined(const cluster::View& view) const {
  for (NodeNumber node : view.members) {
    const Epoch joined = *cluster::JoinedEpoch(view, node);
    if (joined == view.epoch) continue;
    const auto joined_view = formed_.find(joined);
    if (joined_view == formed_.end()) {
      return absl::StrCat(Name(view.epoch), ": ", Name(node), " joined with ", Name(joined),
                          ", which nobody formed");
    }
    for (NodeNumber witness : view.members) {
      const SimNode* running = cluster_.node(witness);
      if (running == nullptr || !running->membership().view().has_value()) continue;
      const cluster::View& known = *running->membership().view();
      // One that this checker has not heard of was formed in the same turn as this one, or later.
      const auto known_view = formed_.find(known.epoch);
      if (known_view == formed_.end() || known.epoch == view.epoch ||
          known_view->second.order <= joined_view->second.order) {
        continue;
      }
      if (cluster::JoinedEpoch(known, node) == joined) continue;
      return absl::StrCat(Name(view.epoch), ": ", Name(node), " joined with ", Name(joined),
                          ", but not so in ", Name(known.epoch), ", which ", Name(witness),
                          " knows");
    }
  }
  return "";
}

std::string ViewsChecker::CheckAdoption(NodeNumber number, Node& node,
                                        const Membership& membership) {
  if (!membership.view().has_value()) {
    return node.is_new ? "" : absl::StrCat(Name(number), " has lost its view");
  }
  const Epoch epoch = membership.view()->epoch;
  const bool is_first = std::exchange(node.is_new, false);
  const Epoch former = std::exchange(node.adopted, epoch);
  if (epoch < former && (!is_first || claims_.rising_epochs)) {
    return absl::StrCat(Name(number), " adopts ", Name(epoch), " after ", Name(former));
  }
  return "";
}

std::string ViewsChecker::CheckStates(NodeNumber number, Node& node, const Membership& membership) {
  const cluster::NodeState& own = membership.own();
  if (own.run_state < node.run_state) {
    return absl::StrCat(Name(number), " goes back to ", cluster::RunStateName(own.run_state));
  }
  node.run_state = own.run_state;
  const uint32_t former = std::exchange(node.flags, own.flags);
  if ((own.flags & ~former & cluster::kBanned) == 0) return "";
  const std::optional<Instant> provoked = admin_.provoked(number);
  if (!provoked.has_value() || cluster_.now() > After(*provoked, kProvocationLasts)) {
    return absl::StrCat(Name(number), " is banned, and nobody wanted that");
  }
  return "";
}

std::string ViewsChecker::CheckHistory(NodeNumber number, Node& node,
                                       const Membership& membership) {
  const std::deque<cluster::Change>& kept = membership.changes().kept();
  uint64_t expected = membership.changes().last();
  for (auto it = kept.rbegin(); it != kept.rend() && it->sequence > node.last_change; ++it) {
    if (it->sequence != expected) break;
    --expected;
  }
  if (expected != std::exchange(node.last_change, membership.changes().last())) {
    return absl::StrCat("change ", expected, " of ", Name(number), " is missing");
  }
  return "";
}

// Of a run that has crashed: its clients go on.
std::string ViewsChecker::CheckRemains(NodeNumber number) const {
  const Guardian::Remains& remains = cluster_.guardian(number).remains();
  const auto view = formed_.find(remains.epoch);
  if (view == formed_.end() || remains.serve_until <= cluster_.now()) return "";
  if (view->second.order > nodes_[number.value()].last_without) return "";
  return absl::StrCat(Name(number), " has crashed, but its clients serve on in ",
                      Name(remains.epoch), "; a later view was formed without it");
}

std::string ViewsChecker::CheckFence(NodeNumber number) const {
  const SimNode* running = cluster_.node(number);
  if (running == nullptr) return CheckRemains(number);
  const Membership& membership = running->membership();
  if (!membership.Serves(cluster_.process(number).LocalNow())) return "";
  if ((membership.own().flags & (cluster::kStopped | cluster::kBanned)) != 0) {
    return absl::StrCat(Name(number), " serves although it is ",
                        cluster::FlagText(membership.own().flags));
  }
  if (!membership.view().has_value()) return absl::StrCat(Name(number), " serves without a view");
  const Epoch epoch = membership.view()->epoch;
  const uint64_t last_without = nodes_[number.value()].last_without;
  if (formed_.at(epoch).order > last_without) return "";
  for (const auto& [later, formed] : formed_) {
    if (formed.order != last_without) continue;
    return absl::StrCat(Name(number), " serves in ", Name(epoch), ", but ", Name(later),
                        " was formed without it");
  }
  return "";
}

}  // namespace ctdb::sim
