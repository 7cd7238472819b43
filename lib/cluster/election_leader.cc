// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The leader's part of Election: beats, their answers, the lease, and what it grants.

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/cluster/election.h"

namespace ctdb::cluster {

void Election::SetGrants(const std::vector<NodeNumber>& nodes, Engine::Grants kind, Instant now) {
  auto* leading = std::get_if<Leading>(&state_);
  if (leading == nullptr) return;
  leading->kind = kind;
  leading->grants = std::set<NodeNumber>(nodes.begin(), nodes.end());
  for (NodeNumber node : leading->grants) {
    Follower& follower = leading->followers[node];
    if (follower.granted_until <= now && follower.grant_ends > now) follower.needs_beat = true;
  }
  SendBeats(/*to_all=*/false, now);
}

void Election::OnBeatReply(NodeNumber from, const BeatReply& reply, Instant now) {
  auto* leading = std::get_if<Leading>(&state_);
  if (leading == nullptr || reply.ballot != ballot_ || !IsMember(from)) return;
  if (!reply.is_accepted) {
    See(reply.highest);
    if (options_.rule == Rule::kMajority) {
      return StepDown(absl::StrCat("node ", from.value(), " knows of a later election"), now);
    }
    // Whoever holds the lock leads (BUG-86), with a ballot that is above all others.
    SetLeader(std::nullopt, ballot_, "a later ballot was seen; the holder of the lock takes one");
    return Stand(now);
  }
  const Instant sent(CoreClock::duration(reply.echo));
  if (sent > now || sent < leading->since) return;
  Follower& follower = leading->followers[from];
  follower.answered = std::max(follower.answered.value_or(sent), sent);
  RenewLease(now);
  if (reply.sent <= follower.echo) return;
  // What is granted ends a fixed time after this leader's lease, measured from when the reply
  // arrived; the follower measures it from when it sent the reply, which was earlier.
  const absl::Duration grant = options_.rule == Rule::kLock
                                   ? LongestGrant()
                                   : ToAbsl(leading->lease_until - now) + options_.overhang;
  if (grant <= absl::ZeroDuration()) return;
  follower.echo = reply.sent;
  follower.grant = grant;
  follower.grant_ends = After(now, WithMargin(grant));
  if (leading->grants.count(from) > 0 && follower.granted_until <= now) {
    follower.needs_beat = true;  // The first grant should not wait for the next interval.
    SendBeats(/*to_all=*/false, now);
  }
}

bool Election::Leads(Instant now) const {
  const auto* leading = std::get_if<Leading>(&state_);
  return leading != nullptr && now < leading->lease_until;
}

Instant Election::GrantedUntil(NodeNumber node) const {
  const auto* leading = std::get_if<Leading>(&state_);
  if (leading == nullptr) return kNever;
  const auto it = leading->followers.find(node);
  const Instant inherited = leading->parted.count(node) > 0 ? kLongAgo : leading->inherited_until;
  return it == leading->followers.end() ? inherited : std::max(inherited, it->second.granted_until);
}

void Election::BeginLeading(const Standing& standing, Instant now) {
  // By majority it acts from the first answered beat on, not before.
  const bool has_lock = options_.rule == Rule::kLock;
  state_ = Leading{.since = now,
                   .inherited_until = standing.inherited_until,
                   .parted = standing.parted,
                   .next_beat = now,
                   .lease_until = has_lock ? kNever : now,
                   .followers = {},
                   .grants = {},
                   .serves_until = now,
                   .extended_until = served_until_};
  candidacy_at_ = kNever;
  SetLeader(options_.local, standing.ballot,
            has_lock ? "it holds the cluster lock" : "it was elected");
  RenewLease(now);
  SendBeats(/*to_all=*/true, now);
}

void Election::RenewLease(Instant now) {
  auto& leading = std::get<Leading>(state_);
  const auto serve_until = [&](Instant until) {
    leading.serves_until = std::max(leading.serves_until, until);
    if (leading.extended_until <= now) return;
    leading.extended_until = std::max(leading.extended_until, until);
  };
  if (options_.rule == Rule::kLock) return serve_until(After(now, LongestGrant()));
  // The latest moment that a majority has answered from, of each list.
  const auto answered_by_majority = [&](const std::vector<NodeNumber>& nodes) {
    std::vector<Instant> times;
    for (NodeNumber node : nodes) {
      if (node == options_.local) {
        times.push_back(now);
      } else if (const auto it = leading.followers.find(node); it != leading.followers.end()) {
        if (it->second.answered.has_value()) times.push_back(*it->second.answered);
      }
    }
    if (times.size() < Majority(nodes)) return kLongAgo;
    std::sort(times.begin(), times.end(), std::greater<>());
    return times[Majority(nodes) - 1];
  };
  Instant answered = answered_by_majority(nodes_);
  if (!next_nodes_.empty()) answered = std::min(answered, answered_by_majority(next_nodes_));
  if (options_.continues_alone && nodes_.size() == 2 && connected_.empty()) answered = now;
  if (answered == kLongAgo) return;
  leading.lease_until = std::max(leading.lease_until, After(answered, options_.lease));
  serve_until(leading.lease_until);
}

void Election::SendBeats(bool to_all, Instant now) {
  auto& leading = std::get<Leading>(state_);
  for (NodeNumber node : connected_) {
    Follower& follower = leading.followers[node];
    if (!to_all && !follower.needs_beat) continue;
    follower.needs_beat = false;
    Beat beat{.ballot = ballot_, .sent = Clock(now)};
    if (leading.grants.count(node) > 0 && follower.grant_ends > now) {
      beat.echo = follower.echo;
      beat.grant_nanoseconds = absl::ToInt64Nanoseconds(follower.grant);
      beat.only_extends = leading.kind == Engine::Grants::kExtend;
      follower.granted_until = std::max(follower.granted_until, follower.grant_ends);
    }
    output_.sends.push_back({node, beat});
  }
  if (to_all) leading.next_beat = After(now, options_.beat_interval);
}

}  // namespace ctdb::cluster
