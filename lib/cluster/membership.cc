// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/membership.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

constexpr absl::Duration kBanMax = absl::Hours(24 * 365);

std::string Reason(absl::string_view reason) {
  return reason.empty() ? "no reason was given" : std::string(reason);
}

}  // namespace

Membership::Membership(Engine& engine, const Options& options, std::vector<ListedNode> nodes,
                       Instant now)
    : engine_(engine),
      options_(options),
      next_announcement_(now),
      next_announcement_at_earliest_(now) {
  own_.node = options.local;
  own_.incarnation = options.incarnation;
  own_.flags = kUnhealthy | (options.flags & kOwnFlags);
  own_.may_lead = options.may_lead;
  own_.may_be_home = options.may_be_home;
  own_.cluster_lock = options.cluster_lock;
  own_.run_state = RunState::kInit;
  own_.reasons.push_back({kUnhealthy, "it is starting"});
  for (NodeFlag flag : {kStopped, kDisabled}) {
    if ((own_.flags & flag) != 0) own_.reasons.push_back({flag, "it was configured to start so"});
  }
  next_nodes_ = std::move(nodes);
  CommitNodes(now);
  ChangeOwn(now);
}

void Membership::Advance(Instant now) {
  for (const Engine::Event& event : engine_.TakeEvents()) OnEngineEvent(event, now);
  if (own_.connected != engine_.connected()) {
    own_.connected = engine_.connected();
    ++own_.version;
    needs_look_ = true;
    next_announcement_ =
        std::min(next_announcement_, std::max(now, next_announcement_at_earliest_));
  }
  const bool leads = engine_.Leads(now);
  if (leads && led_ballot_ != engine_.ballot()) {
    led_ballot_ = engine_.ballot();
    leads_since_ = now;
    granted_.reset();
    joined_.clear();
    unconnected_.clear();
    blamed_.clear();
    collecting_since_.reset();
  }
  needs_look_ = needs_look_ || leads != leads_ || now >= next_look_;
  leads_ = leads;
  if (!leads_) {
    next_look_ = kNever;
  } else if (needs_look_) {
    needs_look_ = false;
    next_look_ = kNever;
    Lead(now);
  }
  AdvanceRunState(now);
  if (is_dirty_ || now >= next_announcement_) Announce(now);
}

void Membership::OnMessage(NodeNumber from, const MembershipMessage& message, Instant now) {
  if (peers_.count(from) == 0) return;
  if (const auto* state = std::get_if<NodeState>(&message)) {
    OnNodeState(from, *state, now);
  } else if (const auto* view = std::get_if<View>(&message)) {
    OnView(from, *view, now);
  } else if (const auto* order = std::get_if<BanOrder>(&message)) {
    OnBanOrder(from, *order, now);
  } else if (const auto* blame = std::get_if<BlameReport>(&message)) {
    Blame(blame->node, blame->credits, blame->reason, now);
  }
  Advance(now);
}

void Membership::OnTick(Instant now) {
  if (now >= ban_until_) Unban("its time is over", now);
  Advance(now);
}

void Membership::OnSettled(Epoch epoch, Instant now) {
  if (epoch <= own_.settled || epoch > own_.adopted) return;
  own_.settled = epoch;
  ChangeOwn(now);
  Advance(now);
}

bool Membership::Stop(absl::string_view reason, Instant now) {
  return SetFlag(kStopped, true, reason, 0, now);
}
bool Membership::Continue(absl::string_view reason, Instant now) {
  return SetFlag(kStopped, false, reason, 0, now);
}
bool Membership::Disable(absl::string_view reason, Instant now) {
  return SetFlag(kDisabled, true, reason, 0, now);
}
bool Membership::Enable(absl::string_view reason, Instant now) {
  return SetFlag(kDisabled, false, reason, 0, now);
}

bool Membership::Ban(absl::Duration duration, absl::string_view reason, Instant now) {
  return BanFor(duration, reason, 0, now);
}

bool Membership::Unban(absl::string_view reason, Instant now) {
  ban_until_ = kNever;
  return SetFlag(kBanned, false, reason, 0, now);
}

bool Membership::SetHealthy(bool is_healthy, absl::string_view reason, Instant now) {
  return SetFlag(kUnhealthy, !is_healthy, reason, 0, now);
}

void Membership::SetRoles(bool may_lead, bool may_be_home, Instant now) {
  if (own_.may_lead == may_lead && own_.may_be_home == may_be_home) return;
  own_.may_lead = may_lead;
  own_.may_be_home = may_be_home;
  own_change_ =
      Note(ChangeKind::kOrder, options_.local, "", "",
           absl::StrCat("Node ", options_.local.value(), may_lead ? " may" : " may not",
                        " lead, and", may_be_home ? " may" : " may not", " be the home of records"),
           0, now);
  ChangeOwn(now);
  Advance(now);
}

void Membership::SetRunState(RunState state, Instant now) {
  if (state <= own_.run_state) return;
  own_change_ =
      Note(ChangeKind::kRunState, options_.local, std::string(RunStateName(own_.run_state)),
           std::string(RunStateName(state)),
           absl::StrCat("Node ", options_.local.value(), " is in run state ", RunStateName(state)),
           0, now);
  own_.run_state = state;
  ChangeOwn(now);
  Advance(now);
}

void Membership::SetBans(bool are_enabled, absl::Duration period, absl::Duration blame_period) {
  options_.bans_are_enabled = are_enabled;
  options_.ban_period = period;
  options_.blame_period = blame_period;
}

Membership::Output Membership::TakeOutput() { return std::exchange(output_, {}); }

Instant Membership::NextDeadline() const {
  return std::min({next_announcement_, next_look_, ban_until_});
}

Instant Membership::ServesUntil() const {
  const bool is_in =
      view_.has_value() && (own_.flags & kInactiveFlags) == 0 &&
      std::binary_search(view_->members.begin(), view_->members.end(), options_.local);
  return is_in ? engine_.ServesUntil() : Instant::min();
}

Membership::Peer Membership::Describe(NodeNumber node) const {
  Peer result;
  if (node == options_.local) {
    result = {own_, true, own_.flags};
  } else if (const auto it = peers_.find(node); it != peers_.end()) {
    const PeerEntry& peer = it->second;
    result.state = peer.state;
    result.is_connected = peer.is_connected;
    if (peer.state.has_value()) result.flags = peer.state->flags;
    // What it said last is not known to be so any more (ML-34).
    if (!peer.is_connected) result.flags = kDisconnected | kUnhealthy;
  }
  for (const ListedNode& listed : nodes_) {
    if (listed.number == node && listed.is_deleted) result.flags = kDeleted;
  }
  return result;
}

std::vector<std::string> Membership::Warnings(
    const std::map<NodeNumber, std::string>& list_differences) const {
  std::vector<std::string> warnings;
  for (const auto& [node, peer] : peers_) {
    if (!peer.is_connected || !peer.state.has_value()) continue;
    if (peer.state->nodes_digest != own_.nodes_digest) {
      const auto difference = list_differences.find(node);
      warnings.push_back(absl::StrCat(
          difference == list_differences.end()
              ? absl::StrCat("Node ", node.value(), " has another nodes list than this node")
              : difference->second,
          "; make them equal, then run \"ctdb reloadnodes\""));
    }
    if (std::string why = LockMismatch(node); !why.empty()) warnings.push_back(std::move(why));
  }
  return warnings;
}

std::string Membership::CheckInvariants() const {
  if (own_.settled > own_.adopted) return "has settled in an epoch that it has not adopted";
  if (view_.has_value() && own_.adopted != view_->epoch) return "says it has adopted another view";
  if (view_.has_value() && NodeOf(BallotOf(view_->epoch)) != view_->leader) {
    return "its view's epoch is not of its view's leader";
  }
  if (engine_.leader() == options_.local && (own_.flags & kInactiveFlags) != 0) {
    return "leads although it is inactive";
  }
  if (((own_.flags & kBanned) != 0) != (ban_until_ != kNever)) return "a ban without an end";
  return "";
}

bool Membership::SetFlag(NodeFlag flag, bool is_set, absl::string_view reason, uint64_t cause,
                         Instant now) {
  if (((own_.flags & flag) != 0) == is_set) return false;
  const std::string before = StateText(own_.flags);
  std::erase_if(own_.reasons, [&](const FlagReason& entry) { return entry.flag == flag; });
  if (is_set) {
    own_.flags |= flag;
    own_.reasons.push_back({flag, Reason(reason)});
  } else {
    own_.flags &= ~static_cast<uint32_t>(flag);
  }
  const uint64_t change =
      Note(ChangeKind::kFlags, options_.local, before, StateText(own_.flags),
           absl::StrCat("Node ", options_.local.value(), is_set ? " is " : " is not ",
                        FlagText(flag), is_set ? ": " : " any more: ", Reason(reason)),
           cause, now);
  if ((flag & kInactiveFlags) != 0) own_change_ = change;
  ChangeOwn(now);
  Advance(now);
  return true;
}

bool Membership::BanFor(absl::Duration duration, absl::string_view reason, uint64_t cause,
                        Instant now) {
  if (!options_.bans_are_enabled) {
    Note(ChangeKind::kWarning, options_.local, "", "",
         absl::StrCat("A ban was ignored, because the tunable EnableBans is 0: ", Reason(reason)),
         cause, now);
    return false;
  }
  // A ban that is running gets longer by another one, never shorter.
  const Instant until = After(now, std::min(duration, kBanMax));
  ban_until_ = ban_until_ == kNever ? until : std::max(ban_until_, until);
  return SetFlag(kBanned, true,
                 absl::StrCat(Reason(reason), " (for ", absl::FormatDuration(duration), ")"), cause,
                 now);
}

void Membership::ChangeOwn(Instant now) {
  ++own_.version;
  is_dirty_ = true;
  needs_look_ = true;
  const bool is_inactive = (own_.flags & kInactiveFlags) != 0;
  const bool is_ending = own_.run_state == RunState::kShutdown;
  engine_.SetMayLead(MayLead(),
                     is_inactive ? absl::StrCat("it is ", FlagText(own_.flags & kInactiveFlags))
                     : is_ending ? "it ends"
                                 : "it may not lead any more",
                     now);
}

bool Membership::MayLead() const {
  return own_.may_lead && (own_.flags & kInactiveFlags) == 0 &&
         own_.run_state != RunState::kShutdown;
}

void Membership::Announce(Instant now) {
  is_dirty_ = false;
  next_announcement_ = After(now, options_.announce_interval);
  next_announcement_at_earliest_ = After(now, options_.announce_pause);
  for (NodeNumber node : engine_.connected()) output_.sends.push_back({node, own_});
}

uint64_t Membership::Note(ChangeKind kind, NodeNumber node, std::string before, std::string after,
                          std::string text, uint64_t cause, Instant now) {
  return changes_.Add({.kind = kind,
                       .node = node,
                       .before = std::move(before),
                       .after = std::move(after),
                       .text = std::move(text),
                       .cause = cause},
                      now);
}

void Membership::OnEngineEvent(const Engine::Event& event, Instant now) {
  needs_look_ = true;
  if (const auto* up = std::get_if<Engine::PeerUp>(&event)) {
    OnPeerUp(up->node, now);
  } else if (const auto* down = std::get_if<Engine::PeerDown>(&event)) {
    OnPeerDown(down->node, down->why, now);
  } else if (const auto* parted = std::get_if<Engine::Parted>(&event)) {
    OnParted(parted->node, now);
  } else if (const auto* changed = std::get_if<Engine::LeaderChanged>(&event)) {
    uint64_t cause = 0;
    std::string text;
    if (changed->leader.has_value()) {
      text = absl::StrCat("Node ", changed->leader->value(), " leads",
                          changed->why.empty() ? "" : ": ", changed->why);
      cause = leader_change_;
    } else {
      const NodeNumber former = NodeOf(changed->ballot);
      text = absl::StrCat("Node ", former.value(), " does not lead any more: ", changed->why);
      if (const auto it = peers_.find(former); it != peers_.end() && !it->second.is_connected) {
        cause = it->second.last_change;
      } else if (former == options_.local && !MayLead()) {
        cause = own_change_;
      }
    }
    own_.follows = changed->leader.has_value() ? changed->ballot : Ballot();
    own_.former_view.reset();
    if (view_.has_value() && BallotOf(view_->epoch) != own_.follows) own_.former_view = view_;
    ++own_.version;
    is_dirty_ = true;
    const NodeNumber about = changed->leader.value_or(NodeOf(changed->ballot));
    leader_change_ = Note(ChangeKind::kLeader, about, "",
                          changed->leader.has_value() ? absl::StrCat(about.value()) : "UNKNOWN",
                          std::move(text), cause, now);
  }
}

void Membership::OnParted(NodeNumber node, Instant now) {
  const auto it = peers_.find(node);
  if (it == peers_.end()) return;
  Note(ChangeKind::kParted, node, "", "",
       absl::StrCat("Node ", node.value(),
                    " has ended and its clients have stopped: its lease is not waited for"),
       it->second.last_change, now);
}

void Membership::OnPeerUp(NodeNumber node, Instant now) {
  auto it = peers_.find(node);
  if (it == peers_.end()) return;
  PeerEntry& peer = it->second;
  peer.is_connected = true;
  peer.trouble.clear();
  peer.changed = now;
  peer.view_sent = Instant{};
  peer.last_change = Note(ChangeKind::kConnection, node, "DISCONNECTED", "CONNECTED",
                          absl::StrCat("Node ", node.value(), " is connected"), 0, now);
  output_.sends.push_back({node, own_});
}

void Membership::OnPeerDown(NodeNumber node, const std::string& why, Instant now) {
  auto it = peers_.find(node);
  if (it == peers_.end()) return;
  PeerEntry& peer = it->second;
  peer.is_connected = false;
  peer.is_introduced = false;
  peer.trouble = why;
  peer.changed = now;
  peer.last_change = Note(ChangeKind::kConnection, node, "CONNECTED", "DISCONNECTED",
                          absl::StrCat("Node ", node.value(), " is DISCONNECTED: ", why), 0, now);
}

void Membership::CheckSettings(NodeNumber node, PeerEntry& peer, Instant now) {
  if (!peer.state.has_value()) return;
  const uint64_t digest = peer.state->nodes_digest;
  if (digest == own_.nodes_digest) {
    peer.compared_digest = 0;
  } else if (digest != peer.compared_digest) {
    peer.compared_digest = digest;
    output_.compare_nodes.push_back(node);
  }
}

}  // namespace ctdb::cluster
