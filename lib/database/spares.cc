// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/spares.h"

#include <algorithm>

namespace ctdb::database {

void Spares::OnView(const cluster::View& view, Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  owned_since_ = cluster::JoinedEpoch(view, options_.local).value_or(Owner::kNothingOwned);
  members_ = view.members;
  accepted_.clear();
  // Locks that were asked for come, and find nothing to do.
  for (auto& [key, work] : work_) {
    work.accepts.clear();
    work.spare.reset();
  }
  for (auto it = rounds_.begin(); it != rounds_.end();) Begin(it++, now);
}

void Spares::OnClientRequest(InstanceNumber client, RequestId request, const std::string& key,
                             Instant now) {
  if (waiting_ >= options_.requests_max) {
    output_.answers.push_back({client, request, Answer::kBusy});
    return;
  }
  const auto [it, is_new] = rounds_.try_emplace(key);
  Round& round = it->second;
  const Asker asker{client, request};
  const auto has = [&](const std::vector<Asker>& askers) {
    return std::find(askers.begin(), askers.end(), asker) != askers.end();
  };
  if (has(round.askers) || has(round.next)) return ignored_.Add(Ignored::kDuplicate);
  ++waiting_;
  round.next.push_back(asker);
  if (is_new) Begin(it, now);
}

template <typename Matches>
void Spares::Forget(const Matches& matches) {
  for (auto it = rounds_.begin(); it != rounds_.end();) {
    Round& round = it->second;
    waiting_ -= std::erase_if(round.askers, matches) + std::erase_if(round.next, matches);
    const bool is_over = round.askers.empty() && round.next.empty();
    it = is_over ? rounds_.erase(it) : std::next(it);
  }
}

void Spares::OnClientCancel(InstanceNumber client, RequestId request) {
  if (rounds_.empty()) return;
  Forget([&](const Asker& asker) { return asker.client == client && asker.request == request; });
}

void Spares::OnClientGone(InstanceNumber client) {
  Forget([&](const Asker& asker) { return asker.client == client; });
}

std::optional<Ignored> Spares::WhyIgnored(NodeNumber from, const Head& head) const {
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  if (!IsMember(from)) return Ignored::kNotMember;
  return std::nullopt;
}

void Spares::OnMessage(NodeNumber from, const Message& message, Instant now) {
  if (const auto why = WhyIgnored(from, HeadOf(message))) return ignored_.Add(*why);
  if (const auto* offer = std::get_if<Offer>(&message)) return OnOffer(from, *offer, now);
  if (const auto* accept = std::get_if<Accept>(&message)) return OnAccept(from, *accept);
  if (const auto* spare = std::get_if<Spare>(&message)) return OnSpare(from, *spare);
  if (const auto* kept = std::get_if<Kept>(&message)) return OnKept(from, *kept, now);
  if (!std::holds_alternative<Drop>(message)) return ignored_.Add(Ignored::kNotForThisSide);
  // What was on its way is older than what is forgotten now.
  const std::string& key = HeadOf(message).key;
  accepted_.erase(key);
  if (const auto it = work_.find(key); it != work_.end()) it->second.spare.reset();
}

// Nobody waits for a round that a node which is no member would begin: the next view does.
void Spares::Begin(Rounds::iterator it, Instant now) {
  auto& [key, round] = *it;
  round.askers.insert(round.askers.end(), round.next.begin(), round.next.end());
  round.next.clear();
  round.offer = RequestId(++last_request_);
  round.missing.clear();
  if (!IsMember(options_.local)) return;
  round.missing = members_;
  std::erase(round.missing, options_.local);
  if (round.missing.empty()) return Finish(it, Answer::kKept, now);
  SayOffers(key, round);
  if (resend_at_ == kNever) resend_at_ = After(now, options_.resend);
}

void Spares::SayOffers(const std::string& key, const Round& round) {
  const Head head{options_.database, epoch_, round.offer, key};
  for (NodeNumber node : round.missing) Send(node, Offer{head});
}

void Spares::Finish(Rounds::iterator it, Answer answer, Instant now) {
  Round& round = it->second;
  waiting_ -= round.askers.size();
  for (const Asker& asker : std::exchange(round.askers, {})) {
    output_.answers.push_back({asker.client, asker.request, answer});
  }
  if (round.next.empty()) {
    rounds_.erase(it);
  } else {
    Begin(it, now);
  }
}

void Spares::OnOffer(NodeNumber from, const Offer& offer, Instant now) {
  const auto is_old = [&](const auto& accepted) {
    return After(accepted.second.since, options_.accepted_limit) <= now;
  };
  if (accepted_.size() >= options_.accepted_max) std::erase_if(accepted_, is_old);
  // It is offered again.
  if (accepted_.size() >= options_.accepted_max) return ignored_.Add(Ignored::kLate);
  Accepted& accepted = accepted_[offer.head.key];
  const bool is_new = accepted.owner != from || accepted.offer != offer.head.request;
  if (is_new) accepted = {from, offer.head.request, RequestId(++last_request_), now};
  Send(from, Accept{offer.head, accepted.ticket});
}

bool Spares::IsMissing(const Head& head, NodeNumber node) const {
  const auto it = rounds_.find(head.key);
  return it != rounds_.end() && it->second.offer == head.request &&
         std::find(it->second.missing.begin(), it->second.missing.end(), node) !=
             it->second.missing.end();
}

void Spares::OnAccept(NodeNumber from, const Accept& accept) {
  if (!IsMissing(accept.head, from)) return ignored_.Add(Ignored::kLate);
  auto& accepts = Lock(accept.head.key).accepts;
  std::erase_if(accepts, [&](const auto& other) { return other.first == from; });
  accepts.emplace_back(from, accept);
}

void Spares::OnSpare(NodeNumber from, const Spare& spare) {
  const auto it = accepted_.find(spare.head.key);
  const bool is_wanted =
      it != accepted_.end() && it->second.owner == from && it->second.ticket == spare.ticket;
  if (!is_wanted) return ignored_.Add(Ignored::kLate);
  accepted_.erase(it);
  output_.copied.push_back(spare.head.key);
  Lock(spare.head.key).spare = {from, spare};
}

void Spares::OnKept(NodeNumber from, const Kept& kept, Instant now) {
  if (!IsMissing(kept.head, from)) return ignored_.Add(Ignored::kLate);
  const auto it = rounds_.find(kept.head.key);
  std::erase(it->second.missing, from);
  if (it->second.missing.empty()) Finish(it, Answer::kKept, now);
}

Spares::Work& Spares::Lock(const std::string& key) {
  const auto [it, is_new] = work_.try_emplace(key);
  if (is_new) {
    it->second.lock = LockTicket(++last_lock_);
    tickets_[it->second.lock] = key;
    output_.locks.push_back({it->second.lock, key});
  }
  return it->second;
}

void Spares::OnLocked(LockTicket ticket, const std::optional<StoredRecord>& stored, Instant now) {
  const auto of_ticket = tickets_.find(ticket);
  if (of_ticket == tickets_.end()) return ignored_.Add(Ignored::kUnknownTicket);
  const auto it = work_.find(of_ticket->second);
  const Work work = std::move(it->second);
  work_.erase(it);
  tickets_.erase(of_ticket);
  if (work.spare) Keep(work.spare->first, work.spare->second, stored);
  for (const auto& [node, accept] : work.accepts) Serve(node, accept, stored, now);
  output_.unlocks.push_back(ticket);
}

// It is offered and accepted again.
void Spares::OnLockFailed(LockTicket ticket) {
  const auto of_ticket = tickets_.find(ticket);
  if (of_ticket == tickets_.end()) return ignored_.Add(Ignored::kUnknownTicket);
  work_.erase(of_ticket->second);
  tickets_.erase(of_ticket);
}

// The last one that was accepted is the newest of its ownership.
void Spares::Keep(NodeNumber from, const Spare& spare, const std::optional<StoredRecord>& stored) {
  StoredRecord copy{spare.version, from, spare.value, {epoch_, 0}};
  copy.other_flags = spare.other_flags;
  const bool is_newer =
      !stored || OrderOf(stored->version, stored->loan) <= OrderOf(copy.version, copy.loan);
  if (is_newer && !IsOwned(stored)) output_.stores.push_back({spare.head.key, std::move(copy)});
  Send(from, Kept{spare.head});
}

void Spares::Serve(NodeNumber to, const Accept& accept, const std::optional<StoredRecord>& stored,
                   Instant now) {
  if (!IsMissing(accept.head, to)) return ignored_.Add(Ignored::kLate);
  const auto it = rounds_.find(accept.head.key);
  if (!IsOwned(stored)) return Finish(it, Answer::kMoved, now);
  if (stored->value.size() > options_.value_bytes_max) return Finish(it, Answer::kTooLarge, now);
  output_.copied.push_back(accept.head.key);
  Send(to, Spare{accept.head, accept.ticket, stored->version, stored->value, stored->other_flags});
}

void Spares::OnTick(Instant now) {
  if (resend_at_ > now) return;
  for (const auto& [key, round] : rounds_) SayOffers(key, round);
  resend_at_ = rounds_.empty() ? kNever : After(now, options_.resend);
}

bool Spares::IsOwned(const std::optional<StoredRecord>& stored) const {
  return stored && stored->loan == Loan{} &&
         IsOwnedBy(stored->version, stored->owner, options_.local, owned_since_);
}

bool Spares::IsMember(NodeNumber node) const {
  return std::binary_search(members_.begin(), members_.end(), node);
}

}  // namespace ctdb::database
