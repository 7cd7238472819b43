// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/election.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::cluster {

Election::Election(const Options& options, Ballot promised, uint64_t seed, Instant now)
    : options_(options),
      started_(now),
      random_(seed),
      highest_(promised),
      promised_(promised),
      promised_until_(After(now, WithMargin(options.lease))),
      loyal_until_(promised_until_),
      served_until_(kLongAgo),
      last_beat_(now),
      candidacy_at_(kNever) {
  WaitForCandidacy(promised_until_);
}

void Election::SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next, Instant now) {
  nodes_ = std::move(nodes);
  next_nodes_ = std::move(next);
  if (nodes_.size() == 1 && next_nodes_.empty() && !leader_.has_value()) {
    // There was nobody to promise anything to.
    promised_until_ = std::min(promised_until_, now);
    candidacy_at_ = kNever;
  }
  if (auto* leading = std::get_if<Leading>(&state_)) {
    // Who was taken out may serve until its grant is over.
    std::erase_if(leading->followers, [&](const auto& entry) {
      return !IsMember(entry.first) && entry.second.granted_until <= now;
    });
    RenewLease(now);
    return SendBeats(/*to_all=*/true, now);
  }
  ResumeCandidacy(now);
}

void Election::SetConnected(const std::vector<NodeNumber>& connected, Instant now) {
  const std::set<NodeNumber> before =
      std::exchange(connected_, std::set<NodeNumber>(connected.begin(), connected.end()));
  has_met_others_ = has_met_others_ || !connected_.empty();
  if (auto* leading = std::get_if<Leading>(&state_)) {
    for (NodeNumber node : connected_) {
      if (before.count(node) > 0) continue;
      // After a restart its clock may be another one: replies of before mean nothing to it.
      Follower& follower = leading->followers[node];
      follower.echo = 0;
      follower.grant = absl::ZeroDuration();
      follower.needs_beat = true;
    }
    RenewLease(now);
    return SendBeats(/*to_all=*/false, now);
  }
  if (leader_.has_value() && before.count(*leader_) > 0 && connected_.count(*leader_) == 0) {
    return LoseLeader(absl::StrCat("node ", leader_->value(), " is not connected any more"), now);
  }
  ResumeCandidacy(now);
}

void Election::SetMayLead(bool may_lead, absl::string_view why, Instant now) {
  if (may_lead == may_lead_) return;
  may_lead_ = may_lead;
  if (!may_lead) return StepDown(why, now);
  ResumeCandidacy(now);
}

void Election::Leave(Instant now) {
  has_left_ = true;
  served_until_ = kLongAgo;
  StepDown("this node ends", now);
}

void Election::OnVoteRequest(NodeNumber from, const VoteRequest& request, Instant now) {
  if (!IsMember(from) || has_left_ || NodeOf(request.ballot) != from) return;
  // Nobody has used the ballot of a trial yet: if it counted, the leader's next beat were stale.
  if (!request.is_trial) See(request.ballot);
  const bool is_leading = std::holds_alternative<Leading>(state_) && Leads(now);
  const bool is_free = !is_leading && !HasPromised(now) && request.ballot > promised_ &&
                       (!persisting_.has_value() || request.is_trial);
  if (request.is_trial || !is_free) {
    // Its attempt is ahead of ours, whose trial would only get in its way.
    const bool is_ahead = !is_leading && !leader_.has_value() && request.ballot > promised_;
    if (is_ahead && std::holds_alternative<Following>(state_) && candidacy_at_ != kNever) {
      WaitForCandidacy(After(now, options_.attempt_limit));
    }
    output_.sends.push_back(
        {from, VoteReply{request.is_trial, request.ballot, is_free, highest_, request.sent, 0}});
    return;
  }
  StepDown("another node stands for election", now);
  pending_vote_ = PendingVote{request.ballot, from, request.sent};
  Persist(request.ballot);
}

void Election::OnVoteReply(NodeNumber from, const VoteReply& reply, Instant now) {
  if (!IsMember(from)) return;
  See(reply.highest);
  if (!reply.is_granted) return;
  if (auto* trying = std::get_if<Trying>(&state_);
      trying != nullptr && reply.is_trial && reply.ballot == trying->ballot) {
    trying->granted.insert(from);
    if (IsMajority(trying->granted)) Stand(now);
    return;
  }
  if (auto* standing = std::get_if<Standing>(&state_);
      standing != nullptr && !reply.is_trial && reply.ballot == standing->ballot) {
    standing->granted.insert(from);
    std::erase_if(standing->parted, [&](NodeNumber node) {
      return !std::binary_search(reply.parted.begin(), reply.parted.end(), node);
    });
    const absl::Duration released = absl::Nanoseconds(reply.released_nanoseconds);
    standing->inherited_until =
        std::max(standing->inherited_until, After(now, WithMargin(released)));
    if (standing->is_persisted && IsMajority(standing->granted)) {
      BeginLeading(Standing(*standing), now);
    }
  }
}

void Election::OnBeat(NodeNumber from, const Beat& beat, Instant now) {
  if (!IsMember(from) || NodeOf(beat.ballot) != from || has_left_) return;
  const bool is_accepted = beat.ballot >= highest_;
  if (!is_accepted) {
    output_.sends.push_back({from, BeatReply{beat.ballot, false, highest_, beat.sent, 0}});
    return;
  }
  See(beat.ballot);
  if (leader_ != from || ballot_ != beat.ballot) {
    StepDown("another node leads", now);
    state_ = Following{};
    SetLeader(from, beat.ballot, "");
  }
  candidacy_at_ = kNever;
  last_beat_ = now;
  parted_.clear();  // It may grant them something from now on.
  if (options_.rule == Rule::kMajority) {
    promised_until_ = After(now, WithMargin(options_.lease));
    loyal_until_ = std::max(loyal_until_, promised_until_);
  }
  // Whoever is elected after all were restarted must be above. By the lock rule no vote has put the
  // ballot on disk; and of those who voted, later nodes lists may have no majority.
  if ((options_.rule == Rule::kLock || !next_nodes_.empty()) && beat.ballot > promised_ &&
      !persisting_.has_value()) {
    Persist(beat.ballot);
  }
  // While the nodes list changes an answer says that the ballot is on disk.
  if (!next_nodes_.empty() && beat.ballot > promised_) return;
  // What an earlier run of this node said means nothing on this clock.
  const Instant asked(CoreClock::duration(beat.echo));
  if (beat.echo != 0 && asked >= started_ && asked <= now) {
    const Instant until = After(asked, absl::Nanoseconds(beat.grant_nanoseconds));
    // Whoever still serves has been left out of nothing: its leaders had to wait for that.
    if (!beat.only_extends || now < served_until_) served_until_ = std::max(served_until_, until);
  }
  output_.sends.push_back({from, BeatReply{beat.ballot, true, highest_, beat.sent, Clock(now)}});
}

void Election::OnResign(NodeNumber from, const Resign& resign, Instant now) {
  if (!IsMember(from) || leader_ != from || ballot_ != resign.ballot) return;
  promised_until_ = std::min(promised_until_, now);
  LoseLeader(absl::StrCat("node ", from.value(), " has stepped down"), now);
}

// Grants are given by leaders. While this node leads there is no other one. If it has followed the
// node itself, and promised nothing to anybody since, there can be none without a later promise of
// it, or of a voter in common who says so.
bool Election::OnParted(NodeNumber node, Instant as_of, Instant now) {
  if (auto* leading = std::get_if<Leading>(&state_)) {
    if (as_of < leading->since) return false;
    const bool is_waited_for = GrantedUntil(node) > now;
    leading->parted.insert(node);
    if (const auto it = leading->followers.find(node); it != leading->followers.end()) {
      it->second.grant_ends = it->second.granted_until = kLongAgo;
    }
    return is_waited_for;
  }
  const bool has_promised_since = promised_ > ballot_ || persisting_.has_value();
  const bool has_led = ballot_ != Ballot() && NodeOf(ballot_) == node;
  if (options_.rule == Rule::kLock || !has_led || has_promised_since) return false;
  if (!parted_.insert(node).second) return false;
  promised_until_ = std::min(promised_until_, now);
  if (leader_.has_value() || !std::holds_alternative<Following>(state_)) return true;
  candidacy_at_ = kNever;
  ResumeCandidacy(now);
  return true;
}

void Election::OnPersisted(Ballot ballot, Instant now) {
  if (persisting_ != ballot) return;
  persisting_.reset();
  promised_ = std::max(promised_, ballot);
  if (pending_vote_.has_value() && pending_vote_->ballot == ballot) {
    const PendingVote vote = *std::exchange(pending_vote_, std::nullopt);
    // A leader that was heard of meanwhile has this node's loyalty.
    const bool is_granted = !HasPromised(now) && !has_left_;
    const std::set<NodeNumber> parted = std::exchange(parted_, {});
    output_.sends.push_back({vote.candidate, VoteReply{false,
                                                       ballot,
                                                       is_granted,
                                                       highest_,
                                                       vote.sent,
                                                       absl::ToInt64Nanoseconds(ReleasedFor(now)),
                                                       {parted.begin(), parted.end()}}});
    return;
  }
  auto* standing = std::get_if<Standing>(&state_);
  if (standing == nullptr || standing->ballot != ballot) return;
  standing->is_persisted = true;
  standing->granted.insert(options_.local);
  standing->until = After(now, options_.attempt_limit);
  // Whoever held the lock before may have granted until just before it lost it.
  standing->inherited_until =
      After(now, WithMargin(options_.rule == Rule::kLock ? LongestGrant() : ReleasedFor(now)));
  standing->parted = parted_;
  if (options_.rule == Rule::kLock || IsMajority(standing->granted)) {
    return BeginLeading(Standing(*standing), now);
  }
  SendToConnected(VoteRequest{false, ballot, Clock(now)});
}

void Election::OnLock(LockAnswer answer, absl::string_view why, Instant now) {
  if (options_.rule != Rule::kLock) return;
  if (answer == LockAnswer::kTaken) {
    if (!std::holds_alternative<TakingLock>(state_)) {
      // Not wanted any more.
      if (!holds_lock_) output_.release_lock = true;
      return;
    }
    holds_lock_ = true;
    lock_trouble_.clear();
    return Stand(now);
  }
  lock_trouble_ = std::string(why);
  if (answer == LockAnswer::kLost) {
    holds_lock_ = false;
    StepDown(absl::StrCat("the cluster lock was lost: ", why), now);
  } else if (std::holds_alternative<TakingLock>(state_)) {
    state_ = Following{};
  } else {
    return;
  }
  WaitForCandidacy(After(now, options_.lock_retry));
}

void Election::OnTick(Instant now) {
  if (auto* leading = std::get_if<Leading>(&state_)) {
    if (options_.rule == Rule::kMajority) {
      RenewLease(now);
      if (now >= After(leading->lease_until, options_.leader_timeout)) {
        return StepDown("a majority of the nodes does not answer", now);
      }
    }
    if (now < leading->next_beat) return;
    if (options_.rule == Rule::kLock) RenewLease(now);
    SendBeats(/*to_all=*/true, now);
    return;
  }
  if (auto* trying = std::get_if<Trying>(&state_); trying != nullptr && now >= trying->until) {
    state_ = Following{};
    return WaitForCandidacy(now);
  }
  if (auto* standing = std::get_if<Standing>(&state_);
      standing != nullptr && standing->is_persisted && now >= standing->until) {
    state_ = Following{};
    return WaitForCandidacy(now);
  }
  if (!std::holds_alternative<Following>(state_)) return;
  if (leader_.has_value() && now >= After(last_beat_, options_.leader_timeout)) {
    LoseLeader(absl::StrCat("nothing was heard from node ", leader_->value(), " as the leader for ",
                            absl::FormatDuration(options_.leader_timeout)),
               now);
  }
  if (!leader_.has_value() && now >= candidacy_at_) StartAttempt(now);
}

Election::Output Election::TakeOutput() { return std::exchange(output_, {}); }

Instant Election::NextDeadline() const {
  if (const auto* leading = std::get_if<Leading>(&state_)) return leading->next_beat;
  if (const auto* trying = std::get_if<Trying>(&state_)) return trying->until;
  if (const auto* standing = std::get_if<Standing>(&state_)) {
    return standing->is_persisted ? standing->until : kNever;
  }
  if (std::holds_alternative<TakingLock>(state_)) return kNever;
  if (leader_.has_value()) return After(last_beat_, options_.leader_timeout);
  return candidacy_at_;
}

Instant Election::ServesUntil() const {
  const auto* leading = std::get_if<Leading>(&state_);
  if (leading == nullptr) return served_until_;
  return leading->kind == Engine::Grants::kGive ? leading->serves_until : leading->extended_until;
}

std::string Election::WaitingFor(Instant now) const {
  if (leader_.has_value()) {
    return std::holds_alternative<Leading>(state_) && !Leads(now)
               ? "a majority of the nodes to answer"
               : "";
  }
  if (options_.rule == Rule::kLock) {
    if (!may_lead_) return "another node to take the cluster lock: this one may not lead";
    return lock_trouble_.empty() ? "the cluster lock"
                                 : absl::StrCat("the cluster lock: ", lock_trouble_);
  }
  const std::set<NodeNumber> present = Present();
  if (!IsMajority(present)) {
    const auto& nodes = HasMajority(nodes_, present) ? next_nodes_ : nodes_;
    return absl::StrCat("a majority: ", CountOf(nodes, present), " of ", nodes.size(),
                        " nodes are here, ", Majority(nodes), " are needed");
  }
  return may_lead_ ? "an election" : "another node to be elected: this one may not lead";
}

std::string Election::CheckInvariants() const {
  if (std::holds_alternative<Leading>(state_)) {
    if (leader_ != options_.local) return "leads, but calls another node the leader";
    if (NodeOf(ballot_) != options_.local) return "leads with another node's ballot";
    if (promised_ < ballot_) return "leads with a ballot that is not on disk";
    if (!may_lead_) return "leads although it may not";
    if (options_.rule == Rule::kLock && !holds_lock_) return "leads without the lock";
  } else if (leader_ == options_.local) {
    return "calls itself the leader without leading";
  }
  if (highest_ < promised_ || highest_ < ballot_) return "has seen less than it knows";
  if (holds_lock_ && std::holds_alternative<Following>(state_)) return "keeps an unused lock";
  return "";
}

bool Election::IsMember(NodeNumber node) const {
  return std::find(nodes_.begin(), nodes_.end(), node) != nodes_.end() ||
         std::find(next_nodes_.begin(), next_nodes_.end(), node) != next_nodes_.end();
}

bool Election::IsMajority(const std::set<NodeNumber>& granted) const {
  if (options_.continues_alone && nodes_.size() == 2 && next_nodes_.empty()) {
    // The other one counts for as long as it is there.
    return granted.count(options_.local) > 0 && (granted.size() == 2 || connected_.empty());
  }
  return HasMajority(nodes_, granted) && (next_nodes_.empty() || HasMajority(next_nodes_, granted));
}

bool Election::CanBeElected() const {
  if (!may_lead_ || has_left_ || !IsMember(options_.local)) return false;
  if (options_.rule == Rule::kLock) return true;
  return IsMajority(Present());
}

std::set<NodeNumber> Election::Present() const {
  std::set<NodeNumber> present = connected_;
  present.insert(options_.local);
  return present;
}

absl::Duration Election::RandomSpread() {
  const absl::Duration spread =
      options_.spread + options_.spread_per_node * static_cast<double>(nodes_.size());
  return spread * random_.Fraction();
}

void Election::SetLeader(std::optional<NodeNumber> leader, Ballot ballot, absl::string_view why) {
  if (leader_ == leader && ballot_ == ballot) return;
  leader_ = leader;
  ballot_ = ballot;
  output_.events.push_back({leader, ballot, std::string(why)});
}

void Election::LoseLeader(absl::string_view why, Instant now) {
  SetLeader(std::nullopt, ballot_, why);
  WaitForCandidacy(std::max(now, promised_until_));
}

void Election::StepDown(absl::string_view why, Instant now) {
  if (holds_lock_ || std::holds_alternative<TakingLock>(state_)) {
    if (!output_.take_lock || holds_lock_) output_.release_lock = true;
    output_.take_lock = false;
    holds_lock_ = false;
  }
  if (std::holds_alternative<Leading>(state_)) {
    // Whoever acted in this node's name has stopped; the others need not wait for the lease.
    if (options_.rule == Rule::kMajority) {
      const Instant lease_until = std::get<Leading>(state_).lease_until;
      loyal_until_ = std::max(loyal_until_, After(now, WithMargin(ToAbsl(lease_until - now))));
    }
    // What others wait for is the lease of a leader that they know. Nodes that do not list this one
    // may not even know that it led.
    served_until_ = kLongAgo;
    SendToConnected(Resign{ballot_});
    state_ = Following{};
    LoseLeader(why, now);
  } else if (!std::holds_alternative<Following>(state_)) {
    state_ = Following{};
    WaitForCandidacy(now);
  }
}

void Election::ResumeCandidacy(Instant now) {
  if (std::holds_alternative<Following>(state_) && !leader_.has_value() &&
      candidacy_at_ == kNever && CanBeElected()) {
    WaitForCandidacy(std::max(now, promised_until_));
  }
}

void Election::WaitForCandidacy(Instant earliest) {
  candidacy_at_ = After(earliest, RandomSpread());
}

void Election::StartAttempt(Instant now) {
  if (!CanBeElected()) {
    candidacy_at_ = kNever;  // Until SetConnected() or SetMayLead() changes that.
    return;
  }
  if (HasPromised(now) || persisting_.has_value()) return WaitForCandidacy(now);
  // At the start of both nodes the other one gets a chance to be heard first (BUG-84).
  if (options_.continues_alone && !has_met_others_) {
    const Instant patience_ends = After(started_, options_.leader_timeout);
    if (now < patience_ends) return WaitForCandidacy(patience_ends);
  }
  if (options_.rule == Rule::kLock) {
    state_ = TakingLock{};
    output_.take_lock = true;
    return;
  }
  const Ballot ballot = MakeBallot(RoundOf(highest_) + 1, options_.local);
  Trying trying{ballot, {options_.local}, After(now, options_.attempt_limit)};
  const bool is_enough = IsMajority(trying.granted);
  state_ = std::move(trying);
  if (is_enough) return Stand(now);
  SendToConnected(VoteRequest{true, ballot, Clock(now)});
}

void Election::Stand(Instant now) {
  const Ballot ballot = MakeBallot(RoundOf(highest_) + 1, options_.local);
  state_ = Standing{ballot, false, {}, kNever};
  pending_vote_.reset();
  See(ballot);
  Persist(ballot);
}

void Election::Persist(Ballot ballot) {
  persisting_ = ballot;
  output_.persist = ballot;
}

void Election::SendToConnected(const EngineMessage& message) {
  for (NodeNumber node : connected_) output_.sends.push_back({node, message});
}

// What the former leader has granted ends some time after its lease. One that resigns releases its
// voters at once, but whoever was cut off has not heard of it and serves on.
absl::Duration Election::ReleasedFor(Instant now) const {
  return std::max(ToAbsl(loyal_until_ - now) + WithMargin(options_.overhang), absl::ZeroDuration());
}

void Election::See(Ballot ballot) { highest_ = std::max(highest_, ballot); }

size_t Election::CountOf(const std::vector<NodeNumber>& nodes,
                         const std::set<NodeNumber>& granted) {
  const auto count = std::count_if(nodes.begin(), nodes.end(),
                                   [&](NodeNumber node) { return granted.count(node) > 0; });
  return static_cast<size_t>(count);
}

bool Election::HasMajority(const std::vector<NodeNumber>& nodes,
                           const std::set<NodeNumber>& granted) {
  return CountOf(nodes, granted) >= Majority(nodes);
}

}  // namespace ctdb::cluster
