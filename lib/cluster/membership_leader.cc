// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The leader's part of Membership: who is in the next view, when it begins, who is to blame.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/cluster/membership.h"

namespace ctdb::cluster {
namespace {

// A view that somebody has not confirmed is sent again after this.
constexpr absl::Duration kViewResend = absl::Milliseconds(500);

// One report cannot weigh more than this.
constexpr uint32_t kCreditsMax = 1000;

bool Contains(const std::vector<NodeNumber>& nodes, NodeNumber node) {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

std::string NodeList(const std::vector<NodeNumber>& nodes) {
  return absl::StrJoin(
      nodes, ", ", [](std::string* out, NodeNumber node) { absl::StrAppend(out, node.value()); });
}

}  // namespace

void Membership::Lead(Instant now) {
  const std::vector<NodeNumber> members = Candidates(now);
  if (!Contains(members, options_.local)) return;  // It is starting itself.
  const auto has_joined = [&](NodeNumber node) { return joined_.count(node) > 0; };
  const bool has_changed = !IsViewOfPresentLeader() || members != view_->members ||
                           Homes(members) != view_->homes ||
                           !std::all_of(members.begin(), members.end(), has_joined);
  if (!has_changed) collecting_since_.reset();
  if (has_changed && MayBegin(members, now)) {
    uint64_t cause = 0;
    std::string reason = DescribeChange(members, &cause);
    Begin(members, std::move(reason), cause, now);
  }
  // Until there is a view of its own, those who serve by that of the leader before go on.
  if (!IsViewOfPresentLeader()) return Grant(Engine::Grants::kExtend, members, now);
  const bool all_settled =
      std::all_of(view_->members.begin(), view_->members.end(), [&](NodeNumber node) {
        const NodeState* state = StateOf(node);
        return state != nullptr && state->settled == view_->epoch;
      });
  if (all_settled && !view_->is_settled) {
    MarkSettled(now);
    blamed_.clear();  // RC-104
    SendView(now, /*to_all=*/true);
  } else {
    SendView(now, /*to_all=*/false);
  }
  Grant(Engine::Grants::kGive, Granted(members), now);
}

std::vector<NodeNumber> Membership::Candidates(Instant now) {
  std::vector<NodeNumber> nodes;
  std::vector<std::string> mismatches;
  for (const ListedNode& listed : nodes_) {
    if (listed.is_deleted) continue;
    if (Obstacle(listed.number).empty()) nodes.push_back(listed.number);
    if (std::string why = LockMismatch(listed.number); !why.empty()) {
      mismatches.push_back(std::move(why));
    }
  }
  LeaveOutUnconnected(nodes, now);
  std::string text = absl::StrJoin(mismatches, "; ");
  if (text != mismatches_noted_) {
    mismatches_noted_ = text;
    if (!text.empty()) {
      Note(ChangeKind::kWarning, options_.local, "", "", std::move(text), 0, now);
    }
  }
  return nodes;
}

std::vector<NodeNumber> Membership::Homes(const std::vector<NodeNumber>& members) const {
  std::vector<NodeNumber> homes;
  for (NodeNumber node : members) {
    if (StateOf(node)->may_be_home) homes.push_back(node);
  }
  if (homes.empty()) homes.push_back(options_.local);  // Somebody must be (DM-45, WP-21).
  return homes;
}

bool Membership::IsViewOfPresentLeader() const {
  return view_.has_value() && BallotOf(view_->epoch) == engine_.ballot();
}

const NodeState* Membership::StateOf(NodeNumber node) const {
  if (node == options_.local) return &own_;
  const auto it = peers_.find(node);
  return it == peers_.end() || !it->second.state.has_value() ? nullptr : &*it->second.state;
}

const View* Membership::FormerViewOf(NodeNumber node) const {
  const NodeState* state = StateOf(node);
  return state == nullptr || !state->former_view.has_value() ? nullptr : &*state->former_view;
}

std::string Membership::LockMismatch(NodeNumber node) const {
  const NodeState* state = StateOf(node);
  if (state == nullptr || state->cluster_lock == own_.cluster_lock) return "";
  if (!peers_.at(node).is_connected) return "";
  return absl::StrCat("Node ", node.value(), " is left out: its cluster lock is \"",
                      state->cluster_lock, "\", that of node ", options_.local.value(), " is \"",
                      own_.cluster_lock,
                      "\"; make \"cluster lock\" in ctdb.conf the same on all nodes and restart "
                      "that node");
}

std::string Membership::Obstacle(NodeNumber node) const {
  const std::string name = absl::StrCat("node ", node.value());
  const auto peer = peers_.find(node);
  if (node != options_.local && (peer == peers_.end() || !peer->second.is_connected)) {
    return absl::StrCat(name, " is not connected");
  }
  const NodeState* state = StateOf(node);
  if (state == nullptr || (node != options_.local && !peer->second.is_introduced)) {
    return absl::StrCat(name, " has not introduced itself yet");
  }
  if (const uint32_t flags = state->flags & kInactiveFlags; flags != 0) {
    for (const FlagReason& reason : state->reasons) {
      if ((reason.flag & flags) != 0) {
        return absl::StrCat(name, " is ", FlagText(flags), ": ", reason.text);
      }
    }
    return absl::StrCat(name, " is ", FlagText(flags));
  }
  if (state->run_state < RunState::kFirstRecovery) return absl::StrCat(name, " is starting");
  if (state->run_state >= RunState::kShutdown) return absl::StrCat(name, " is shutting down");
  return LockMismatch(node);
}

void Membership::LeaveOutUnconnected(std::vector<NodeNumber>& nodes, Instant now) {
  const auto hears_all = [&](NodeNumber node) {
    return std::all_of(nodes.begin(), nodes.end(), [&](NodeNumber other) {
      return other == node || Contains(StateOf(node)->connected, other);
    });
  };
  if (std::all_of(nodes.begin(), nodes.end(), hears_all)) {
    unconnected_.clear();
    return;
  }
  const auto hears = [&](NodeNumber a, NodeNumber b) { return Contains(StateOf(a)->connected, b); };
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> unconnected;
  std::map<NodeNumber, int> counts;
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (size_t j = i + 1; j < nodes.size(); ++j) {
      if (hears(nodes[i], nodes[j]) && hears(nodes[j], nodes[i])) continue;
      const auto pair = std::make_pair(nodes[i], nodes[j]);
      const auto known = unconnected_.find(pair);
      const Instant since = known == unconnected_.end() ? now : known->second;
      unconnected[pair] = since;
      const Instant patience_ends = After(since, options_.mesh_patience);
      if (now < patience_ends) {
        Wake(patience_ends);
        continue;
      }
      ++counts[nodes[i]];
      ++counts[nodes[j]];
    }
  }
  unconnected_ = std::move(unconnected);
  counts.erase(options_.local);  // The leader stays.
  // Whoever lacks most connections goes first, the highest number of equals (WP-22).
  while (!counts.empty()) {
    NodeNumber worst = counts.begin()->first;
    for (const auto& [node, count] : counts) {
      if (count >= counts[worst]) worst = node;
    }
    if (counts[worst] == 0) break;
    counts.erase(worst);
    std::erase(nodes, worst);
    for (auto& [node, count] : counts) {
      const auto pair = std::minmax(node, worst);
      const auto it = unconnected_.find({pair.first, pair.second});
      if (it != unconnected_.end() && now >= After(it->second, options_.mesh_patience)) --count;
    }
  }
}

bool Membership::MayBegin(const std::vector<NodeNumber>& members, Instant now) {
  if (!engine_.HasQuorum()) return false;
  // Of those who come, what they know must be known: it stays so once they follow this leader.
  for (NodeNumber node : members) {
    if (joined_.count(node) == 0 && StateOf(node)->follows != engine_.ballot()) return false;
  }
  // Whoever is left out must not serve any more, whatever he knows and says.
  for (NodeNumber node : LeftOut(members)) {
    const Instant granted_until = engine_.GrantedUntil(node);
    if (now >= granted_until) continue;
    Wake(granted_until);
    return false;
  }
  const auto listed = std::count_if(nodes_.begin(), nodes_.end(),
                                    [](const ListedNode& node) { return !node.is_deleted; });
  // At the start of a cluster there is nobody to wait for when all are here.
  if (!view_.has_value() && members.size() == static_cast<size_t>(listed)) return true;
  // Newcomers are collected for a moment, which also tells those who stay from those whose old
  // packets arrive late; departures are not waited with.
  const bool somebody_left =
      view_.has_value() && std::any_of(view_->members.begin(), view_->members.end(),
                                       [&](NodeNumber node) { return !Contains(members, node); });
  if (somebody_left) return true;
  Instant ready = view_.has_value() ? now : After(leads_since_, options_.join_delay);
  for (const auto& [node, peer] : peers_) {
    const bool is_new = !view_.has_value() || !Contains(view_->members, node);
    if (peer.is_connected && is_new) {
      ready = std::max(ready, After(peer.changed, options_.join_delay));
    }
  }
  if (now >= ready) return true;
  // However many come one after the other.
  if (!collecting_since_.has_value()) collecting_since_ = now;
  ready = std::min(ready, After(*collecting_since_, 10 * options_.join_delay));
  if (now >= ready) return true;
  Wake(ready);
  return false;
}

// Also nodes that are not listed any more: their last leader may have known the list before.
std::set<NodeNumber> Membership::LeftOut(const std::vector<NodeNumber>& members) const {
  std::set<NodeNumber> nodes;
  const auto add = [&](const View& view) {
    nodes.insert(view.members.begin(), view.members.end());
  };
  if (view_.has_value()) add(*view_);
  for (const auto& [node, peer] : peers_) {
    nodes.insert(node);
    if (const View* former = FormerViewOf(node)) add(*former);
  }
  for (NodeNumber node : members) nodes.erase(node);
  return nodes;
}

void Membership::Begin(std::vector<NodeNumber> members, std::string reason, uint64_t cause,
                       Instant now) {
  const uint32_t counter = IsViewOfPresentLeader() ? CounterOf(view_->epoch) + 1 : 0;
  if (counter == kEpochsPerBallot) {
    // The numbers of this ballot are used up; whoever is elected next has new ones.
    engine_.SetMayLead(false, "the epochs of this ballot are used up", now);
    Wake(now);
    return ChangeOwn(now);
  }
  View view;
  view.epoch = MakeEpoch(engine_.ballot(), counter);
  view.leader = options_.local;
  view.homes = Homes(members);
  view.joined = JoinedEpochs(members, view.epoch);
  view.members = std::move(members);
  collecting_since_.reset();
  std::erase_if(joined_, [&](const auto& entry) { return !Contains(view.members, entry.first); });
  for (size_t i = 0; i < view.members.size(); ++i) {
    Epoch& joined = joined_.try_emplace(view.members[i], view.epoch).first->second;
    joined = std::max(joined, view.joined[i]);
  }
  Adopt(view, absl::StrCat("Epoch ", view.epoch.value(), " begins: ", reason), cause, now);
  SendView(now, /*to_all=*/true);
}

// Other leaders may have formed views that this one never saw, without nodes that are here. Whoever
// knows such a view says so, and what it says counts whenever it comes.
std::vector<Epoch> Membership::JoinedEpochs(const std::vector<NodeNumber>& members,
                                            Epoch epoch) const {
  const auto known_to = [&](NodeNumber node) {
    return node == options_.local && view_.has_value() ? &*view_ : FormerViewOf(node);
  };
  std::vector<Epoch> joined;
  for (NodeNumber node : members) {
    // What it says itself, until it has taken over a view of this leader.
    const View* own = joined_.count(node) > 0 ? &*view_ : known_to(node);
    const Epoch before = own == nullptr ? epoch : JoinedEpoch(*own, node).value_or(epoch);
    const bool has_stayed = std::all_of(members.begin(), members.end(), [&](NodeNumber witness) {
      const View* view = known_to(witness);
      return view == nullptr || view->epoch <= before || JoinedEpoch(*view, node) == before;
    });
    joined.push_back(has_stayed ? before : epoch);
  }
  return joined;
}

std::string Membership::DescribeChange(const std::vector<NodeNumber>& members,
                                       uint64_t* cause) const {
  std::vector<std::string> parts;
  if (view_.has_value()) {
    for (NodeNumber node : view_->members) {
      if (Contains(members, node)) continue;
      const auto peer = peers_.find(node);
      std::string why = Obstacle(node);
      if (peer != peers_.end() && !peer->second.is_connected && !peer->second.trouble.empty()) {
        why = absl::StrCat("node ", node.value(), " is gone: ", peer->second.trouble);
      } else if (why.empty()) {
        why = absl::StrCat("node ", node.value(), " and others cannot reach each other");
      }
      if (peer != peers_.end()) *cause = peer->second.last_change;
      parts.push_back(std::move(why));
    }
  }
  std::vector<NodeNumber> joining;
  for (NodeNumber node : members) {
    if (!view_.has_value() || !Contains(view_->members, node)) joining.push_back(node);
  }
  if (!joining.empty()) {
    parts.push_back(absl::StrCat(joining.size() == 1 ? "node " : "nodes ", NodeList(joining),
                                 joining.size() == 1 ? " joins" : " join"));
  }
  if (*cause == 0) *cause = leader_change_;
  if (parts.empty()) parts.push_back("the same nodes with a new leader or new roles");
  return absl::StrCat(absl::StrJoin(parts, "; "), " (members now ", NodeList(members), ")");
}

void Membership::SendView(Instant now, bool to_all) {
  for (auto& [node, peer] : peers_) {
    if (!peer.is_connected) continue;
    const bool has_it = peer.state.has_value() && peer.state->adopted == view_->epoch;
    // Nobody confirms that he knows of a view that it is settled: that is simply said again.
    const absl::Duration pause = has_it ? options_.announce_interval : kViewResend;
    if (to_all || now >= After(peer.view_sent, pause)) {
      peer.view_sent = now;
      output_.sends.push_back({node, *view_});
    }
    Wake(After(peer.view_sent, pause));
  }
}

std::vector<NodeNumber> Membership::Granted(const std::vector<NodeNumber>& candidates) const {
  std::vector<NodeNumber> granted;
  for (NodeNumber node : view_->members) {
    if (node == options_.local || !Contains(candidates, node)) continue;
    const auto joined = joined_.find(node);
    if (joined != joined_.end() && StateOf(node)->adopted >= joined->second) {
      granted.push_back(node);
    }
  }
  return granted;
}

void Membership::Grant(Engine::Grants kind, std::vector<NodeNumber> nodes, Instant now) {
  std::erase(nodes, options_.local);
  if (granted_.has_value() && granted_->first == kind && granted_->second == nodes) return;
  granted_.emplace(kind, std::move(nodes));
  engine_.SetGrants(granted_->second, kind, now);
}

void Membership::Blame(NodeNumber node, uint32_t credits, absl::string_view reason, Instant now) {
  if ((own_.flags & kInactiveFlags) != 0) return;  // RC-105
  if (node != options_.local && peers_.count(node) == 0) return;
  if (!leads_ || !engine_.Leads(now)) {
    const std::optional<NodeNumber> leader = engine_.leader();
    if (leader.has_value() && *leader != options_.local) {
      output_.sends.push_back({*leader, BlameReport{node, credits, std::string(reason)}});
    }
    return;
  }
  Blamed& blamed = blamed_[node];
  if (now >= After(blamed.last, options_.blame_period)) blamed.credits = 0;  // RC-103
  blamed.credits += std::min(credits, kCreditsMax);
  blamed.last = now;
  blamed.reason = std::string(reason);
  JudgeBlamed(node, now);
}

void Membership::JudgeBlamed(NodeNumber node, Instant now) {
  const Blamed& blamed = blamed_[node];
  // An order of this leader needs an epoch of its own.
  if (blamed.credits < 2 * nodes_.size() || !IsViewOfPresentLeader()) return;  // RC-101
  const std::string reason =
      absl::StrCat("it was blamed ", blamed.credits, " times, last because ", blamed.reason);
  blamed_.erase(node);
  const uint64_t cause =
      Note(ChangeKind::kOrder, node, "", "",
           absl::StrCat("Node ", node.value(), " is to be banned: ", reason), 0, now);
  if (node == options_.local) {
    BanFor(options_.ban_period, reason, cause, now);
  } else {
    const auto seconds = static_cast<uint32_t>(absl::ToInt64Seconds(options_.ban_period));
    output_.sends.push_back({node, BanOrder{view_->epoch, seconds, reason}});
  }
}

bool Membership::BeginEpoch(absl::string_view reason, Instant now) {
  // It may have lost that since it looked last: nobody ran here while it was paused.
  if (!engine_.Leads(now) || !engine_.HasQuorum() || !IsViewOfPresentLeader()) return false;
  const uint64_t cause = Note(ChangeKind::kOrder, options_.local, "", "",
                              absl::StrCat("A new epoch was asked for: ", reason), 0, now);
  Begin(view_->members, absl::StrCat("it was asked for: ", reason), cause, now);
  Advance(now);
  return true;
}

}  // namespace ctdb::cluster
