// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What Membership makes of what other nodes say of themselves, and of what the leader says.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/cluster/membership.h"

namespace ctdb::cluster {
namespace {

constexpr size_t kFormerIncarnationsMax = 4;

const FlagReason* FindReason(const NodeState& state, uint32_t flags) {
  for (const FlagReason& reason : state.reasons) {
    if ((reason.flag & flags) != 0) return &reason;
  }
  return nullptr;
}

}  // namespace

void Membership::OnNodeState(NodeNumber from, const NodeState& state, Instant now) {
  if (state.node != from) return;
  PeerEntry& peer = peers_[from];
  const auto& former = peer.former_incarnations;
  if (std::find(former.begin(), former.end(), state.incarnation) != former.end()) return;
  const bool is_same_run = peer.state.has_value() && peer.state->incarnation == state.incarnation;
  if (is_same_run && state.version < peer.state->version) return;
  if (is_same_run && state.version == peer.state->version) {
    needs_look_ = needs_look_ || !peer.is_introduced;
    peer.is_introduced = true;
    return;
  }
  if (peer.state.has_value() && !is_same_run) {
    peer.former_incarnations.push_back(peer.state->incarnation);
    if (peer.former_incarnations.size() > kFormerIncarnationsMax) {
      peer.former_incarnations.erase(peer.former_incarnations.begin());
    }
    joined_.erase(from);  // A new run has nothing of what the old one was granted.
  }
  const uint32_t before = peer.state.has_value() ? peer.state->flags : 0;
  const bool was_known = peer.state.has_value();
  const RunState run_state_before = is_same_run ? peer.state->run_state : RunState::kUnknown;
  peer.state = state;
  peer.is_introduced = true;
  needs_look_ = true;
  if (before != state.flags) {
    const FlagReason* reason = FindReason(state, state.flags & ~(was_known ? before : 0));
    peer.last_change =
        Note(ChangeKind::kFlags, from, StateText(before), StateText(state.flags),
             absl::StrCat("Node ", from.value(), " is ", StateText(state.flags),
                          reason == nullptr ? "" : ": ", reason == nullptr ? "" : reason->text),
             0, now);
    peer.changed = now;
  }
  if (run_state_before != state.run_state) peer.changed = now;
  CheckSettings(from, peer, now);
}

void Membership::OnView(NodeNumber from, const View& view, Instant now) {
  const bool is_from_leader =
      view.leader == from && engine_.leader() == from && engine_.ballot() == BallotOf(view.epoch);
  if (!is_from_leader) return;
  const Epoch mine = view_.has_value() ? view_->epoch : Epoch(0);
  if (view.epoch < mine) return;
  if (view.epoch == mine) {
    if (view.is_settled && !view_->is_settled) MarkSettled(now);
    return;
  }
  uint64_t cause = 0;
  std::string text = DescribeChange(view.members, &cause);
  Adopt(view, absl::StrCat("Epoch ", view.epoch.value(), " begins: ", text), cause, now);
  if (view.is_settled) MarkSettled(now);
}

void Membership::OnBanOrder(NodeNumber from, const BanOrder& order, Instant now) {
  // Whatever acts in the leader's name carries its epoch; an older one is refused.
  if (engine_.leader() != from || engine_.ballot() != BallotOf(order.epoch) ||
      order.epoch < own_.adopted) {
    Note(ChangeKind::kWarning, from, "", "",
         absl::StrCat("Node ", from.value(), " wanted to ban this node in the name of epoch ",
                      order.epoch.value(), ", which is over; refused"),
         0, now);
    return;
  }
  const uint64_t cause = Note(ChangeKind::kOrder, options_.local, "", "",
                              absl::StrCat("The leader, node ", from.value(), ", bans node ",
                                           options_.local.value(), ": ", order.reason),
                              0, now);
  BanFor(absl::Seconds(order.seconds), order.reason, cause, now);
}

void Membership::Adopt(const View& view, std::string text, uint64_t cause, Instant now) {
  const std::string before = view_.has_value() ? absl::StrCat("epoch ", view_->epoch.value()) : "";
  view_ = view;
  view_->is_settled = false;
  view_since_ = now;
  settled_at_.reset();
  own_.adopted = view.epoch;
  own_.former_view.reset();
  Note(ChangeKind::kView, view.leader, before, absl::StrCat("epoch ", view.epoch.value()),
       std::move(text), cause, now);
  if (options_.settles_at_once) own_.settled = view.epoch;
  ChangeOwn(now);
}

void Membership::MarkSettled(Instant now) {
  view_->is_settled = true;
  settled_at_ = now;
  Note(ChangeKind::kSettled, view_->leader, "RECOVERY", "NORMAL",
       absl::StrCat("All nodes have settled in epoch ", view_->epoch.value()), 0, now);
}

void Membership::AdvanceRunState(Instant now) {
  const bool is_in =
      view_.has_value() && view_->is_settled &&
      std::binary_search(view_->members.begin(), view_->members.end(), options_.local);
  if (is_in && own_.run_state == RunState::kFirstRecovery) SetRunState(RunState::kStartup, now);
}

}  // namespace ctdb::cluster
