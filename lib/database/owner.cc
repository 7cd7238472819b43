// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/owner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::database {

void Owner::OnView(const cluster::View& view, std::shared_ptr<const Placement> placement,
                   Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  owned_since_ = cluster::JoinedEpoch(view, options_.local).value_or(kNothingOwned);
  members_ = view.members;
  placement_ = std::move(placement);
  for (auto it = keys_.begin(); it != keys_.end();) {
    Key& key = it->second;
    // Orders of the old epoch are void. Locks that were asked for come, and find nothing to do.
    DropOrders(key);
    key.asked.reset();
    key.ask_again = Instant::min();
    Advance(it++, now);
  }
}

void Owner::SetFrozen(std::vector<bool> is_frozen, Instant now) {
  is_frozen_ = std::move(is_frozen);
  is_frozen_.resize(kSlots);
  for (auto it = keys_.begin(); it != keys_.end();) {
    if (IsFrozen(it->first)) DropOrders(it->second);
    Advance(it++, now);
  }
}

void Owner::DropOrders(Key& key) const {
  key.take.reset();
  key.promote.reset();
  key.give_up.reset();
  key.verify.reset();
  key.give.reset();
}

void Owner::OnClientRequest(InstanceNumber client, RequestId request, const std::string& key,
                            Instant now) {
  auto of_client = clients_.find(client);
  if (of_client != clients_.end() && of_client->second.contains(request)) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  if (waiters_ >= options_.waiters_max) {
    output_.answers.push_back({client, request, Answer::kBusy});
    return;
  }
  clients_[client][request] = key;
  auto it = keys_.try_emplace(key).first;
  it->second.waiters.push_back({client, request});
  ++waiters_;
  Advance(it, now);
}

void Owner::OnClientCancel(InstanceNumber client, RequestId request, Instant now) {
  auto of_client = clients_.find(client);
  auto it = of_client == clients_.end() ? decltype(of_client->second.end()){}
                                        : of_client->second.find(request);
  if (of_client == clients_.end() || it == of_client->second.end()) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  std::string key = it->second;
  RemoveWaiter(client, request, key);
  Advance(keys_.find(key), now);
}

void Owner::OnClientGone(InstanceNumber client, Instant now) {
  auto of_client = clients_.find(client);
  if (of_client == clients_.end()) return;
  std::map<RequestId, std::string> requests = of_client->second;
  for (const auto& [request, key] : requests) {
    RemoveWaiter(client, request, key);
    Advance(keys_.find(key), now);
  }
}

void Owner::RemoveWaiter(InstanceNumber client, RequestId request, const std::string& key) {
  waiters_ -= std::erase_if(keys_.at(key).waiters, [&](const Waiter& waiter) {
    return waiter.client == client && waiter.request == request;
  });
  auto of_client = clients_.find(client);
  of_client->second.erase(request);
  if (of_client->second.empty()) clients_.erase(of_client);
}

void Owner::OnTurnTaken(const std::string& key, Instant now) {
  auto it = keys_.find(key);
  if (it == keys_.end() || it->second.turns == 0) return;
  --it->second.turns;
  Advance(it, now);
}

void Owner::OnMessage(NodeNumber from, const Message& message, Instant now) {
  if (std::optional<Ignored> why = WhyIgnored(from, message)) {
    ignored_.Add(*why);
    return;
  }
  if (const auto* forward = std::get_if<Forward>(&message)) return OnForward(*forward, now);
  if (const auto* transfer = std::get_if<Transfer>(&message)) return OnTransfer(*transfer, now);
  if (const auto* promote = std::get_if<Promote>(&message)) return OnPromote(*promote, now);
  if (const auto* give_up = std::get_if<GiveUp>(&message)) return OnGiveUp(*give_up, now);
  OnRefusal(std::get<Refusal>(message), now);
}

std::optional<Ignored> Owner::WhyIgnored(NodeNumber from, const Message& message) const {
  const Head& head = HeadOf(message);
  if (IsForHome(message)) return Ignored::kNotForThisSide;
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  if (!IsMember(from)) return Ignored::kNotMember;
  // An owner says Transfer, whoever that is; all else only the home.
  if (!std::holds_alternative<Transfer>(message) && HomeOf(head.key) != from) {
    return Ignored::kNotFromHome;
  }
  if (IsFrozen(head.key)) return Ignored::kFrozen;
  return std::nullopt;
}

void Owner::OnForward(const Forward& forward, Instant now) {
  auto it = keys_.try_emplace(forward.head.key).first;
  std::optional<Forward>& give = it->second.give;
  if (give && give->version >= forward.version) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  give = forward;
  Advance(it, now);
}

void Owner::OnTransfer(const Transfer& transfer, Instant now) {
  auto it = keys_.try_emplace(transfer.head.key).first;
  std::optional<Transfer>& take = it->second.take;
  if (take && take->version >= transfer.version) {
    ignored_.Add(Ignored::kDuplicate);
    return;
  }
  take = transfer;
  Advance(it, now);
}

void Owner::OnPromote(const Promote& promote, Instant now) {
  auto it = keys_.try_emplace(promote.head.key).first;
  it->second.promote = promote;
  Advance(it, now);
}

void Owner::OnGiveUp(const GiveUp& give_up, Instant now) {
  auto it = keys_.try_emplace(give_up.head.key).first;
  it->second.give_up = give_up;
  Advance(it, now);
}

void Owner::OnRefusal(const Refusal& refusal, Instant now) {
  auto it = keys_.find(refusal.head.key);
  if (it == keys_.end() || it->second.asked != refusal.head.request) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Key& key = it->second;
  key.asked.reset();
  switch (refusal.reason) {
    case RefusalReason::kAlreadyOwner:
      key.verify = refusal;
      break;
    case RefusalReason::kBusy:
      AnswerAll(key, Answer::kBusy);
      break;
    default:
      key.ask_again = After(now, options_.retry);
  }
  Advance(it, now);
}

void Owner::OnLocked(LockTicket ticket, const std::optional<StoredRecord>& stored, Instant now) {
  auto of_ticket = tickets_.find(ticket);
  if (of_ticket == tickets_.end()) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  auto it = keys_.find(of_ticket->second);
  tickets_.erase(of_ticket);
  it->second.lock.reset();
  std::optional<StoredRecord> current = stored;
  Take(it, current, now);
  TakeOver(it, current, now);
  Yield(it, current);
  Verify(it, current);
  if (it->second.give && GiveAt(it->second) <= now) Give(it, current);
  output_.unlocks.push_back(ticket);
  Advance(it, now);
}

// Whoever waited for it, or nobody any more: it is stored before anything else is looked at.
void Owner::Take(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now) {
  if (!it->second.take) return;
  Transfer take = *std::exchange(it->second.take, std::nullopt);
  bool is_known = IsOwned(stored, take.version);
  if (stored && stored->version >= take.version && !is_known) {
    SendHome(it->first, Refusal{take.head, RefusalReason::kNotNewer, take.version});
    return;
  }
  if (!is_known) stored = StoredRecord{take.version, options_.local, take.value};
  Begin(it, take.head, *stored, !is_known, now);
}

// The same with a copy that lies here.
void Owner::TakeOver(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now) {
  if (!it->second.promote) return;
  Promote promote = *std::exchange(it->second.promote, std::nullopt);
  bool is_known = IsOwned(stored, promote.next);
  if (!is_known && (!stored || stored->version != promote.version)) {
    SendHome(it->first, Refusal{promote.head, RefusalReason::kNotOwner, promote.version});
    return;
  }
  if (!is_known) stored = StoredRecord{promote.next, options_.local, stored->value};
  Begin(it, promote.head, *stored, !is_known, now);
}

void Owner::Begin(Keys::iterator it, const Head& head, const StoredRecord& record, bool is_new,
                  Instant now) {
  Key& key = it->second;
  if (is_new) {
    output_.stores.push_back({it->first, record});
    key.came = now;
    key.turns = key.waiters.size();
  }
  SendHome(it->first, Confirm{head, record.version});
  AnswerAll(key, Answer::kReady);
}

void Owner::Yield(Keys::iterator it, std::optional<StoredRecord>& stored) {
  if (!it->second.give_up) return;
  GiveUp give_up = *std::exchange(it->second.give_up, std::nullopt);
  if (IsOwned(stored, give_up.version)) {
    stored->owner = give_up.owner;
    output_.stores.push_back({it->first, *stored});
  }
  SendHome(it->first, GaveUp{give_up.head, give_up.version});
}

void Owner::Verify(Keys::iterator it, const std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  if (!key.verify) return;
  Refusal verify = *std::exchange(key.verify, std::nullopt);
  if (IsOwned(stored, verify.version)) {
    AnswerAll(key, Answer::kReady);
  } else {
    SendHome(it->first, Refusal{verify.head, RefusalReason::kNotOwner, verify.version});
  }
}

void Owner::Give(Keys::iterator it, const std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  Forward give = *std::exchange(key.give, std::nullopt);
  // It may have been given and not have arrived: what was given is still here.
  bool is_given = stored && stored->version == give.version && stored->owner == give.to;
  bool is_owned = IsOwned(stored, give.version);
  if (give.to == options_.local || !(is_owned || is_given)) {
    SendHome(it->first, Refusal{give.head, RefusalReason::kNotOwner, give.version});
    return;
  }
  if (is_owned) output_.stores.push_back({it->first, {stored->version, give.to, stored->value}});
  RecordVersion next = NextVersion(give.version, epoch_);
  output_.sends.push_back({give.to, Transfer{give.head, next, stored->value}});
  key.came.reset();
  key.turns = 0;
}

Instant Owner::GiveAt(const Key& key) const {
  if (!key.came || !key.give) return Instant::min();
  absl::Duration stay = std::clamp(key.give->stay, absl::ZeroDuration(), options_.stay_max);
  if (key.turns > 0) stay = std::max(stay, options_.turns_limit);
  return After(*key.came, stay);
}

// Whatever changed: what is to be done next for this key, and when it is to be looked at again.
void Owner::Advance(Keys::iterator it, Instant now) {
  Key& key = it->second;
  Instant give_at = GiveAt(key);
  Instant wake = kNever;
  if (key.give && give_at > now) wake = give_at;
  bool is_due = HasOrders(key) || (key.give && give_at <= now);
  if (is_due && !key.lock) {
    key.lock = LockTicket(++last_ticket_);
    tickets_[*key.lock] = it->first;
    output_.locks.push_back({*key.lock, it->first});
  }
  if (key.waiters.empty() && key.asked) {
    SendHome(it->first, Abandon{HeadFor(it->first, *key.asked)});
    key.asked.reset();
  }
  bool may_ask = IsMember(options_.local) && !IsFrozen(it->first);
  if (!key.waiters.empty() && !HasOrders(key) && may_ask) {
    if (key.ask_again <= now) Ask(it, now);
    wake = std::min(wake, key.ask_again);
  }
  Instant forget_at = key.came ? After(*key.came, options_.stay_max) : now;
  bool is_busy = is_due || key.lock || key.give || !key.waiters.empty();
  if (!is_busy && forget_at <= now) {
    timers_.Set(it->first, kNever);
    keys_.erase(it);
    return;
  }
  if (!is_busy) wake = forget_at;
  timers_.Set(it->first, wake);
}

void Owner::Ask(Keys::iterator it, Instant now) {
  Key& key = it->second;
  key.asked = RequestId(++last_request_);
  key.ask_again = After(now, options_.resend);
  SendHome(it->first, Request{HeadFor(it->first, *key.asked)});
}

void Owner::AnswerAll(Key& key, Answer answer) {
  for (const Waiter& waiter : key.waiters) {
    output_.answers.push_back({waiter.client, waiter.request, answer});
    auto of_client = clients_.find(waiter.client);
    of_client->second.erase(waiter.request);
    if (of_client->second.empty()) clients_.erase(of_client);
  }
  waiters_ -= key.waiters.size();
  key.waiters.clear();
  key.asked.reset();
  key.ask_again = Instant::min();
}

void Owner::OnTick(Instant now) {
  while (std::optional<std::string> key = timers_.TakeDue(now)) {
    auto it = keys_.find(*key);
    if (it != keys_.end()) Advance(it, now);
  }
}

void Owner::SendHome(const std::string& key, Message message) {
  std::optional<NodeNumber> home = HomeOf(key);
  if (home) output_.sends.push_back({*home, std::move(message)});
}

bool Owner::IsMember(NodeNumber node) const {
  return std::binary_search(members_.begin(), members_.end(), node);
}

bool Owner::IsOwned(const std::optional<StoredRecord>& stored, RecordVersion version) const {
  return stored && stored->version == version &&
         IsOwnedBy(stored->version, stored->owner, options_.local, owned_since_);
}

std::optional<NodeNumber> Owner::HomeOf(const std::string& key) const {
  return placement_->HomeOf(SlotOf(key));
}

Head Owner::HeadFor(const std::string& key, RequestId request) const {
  return {options_.database, epoch_, request, key};
}

Owner::Output Owner::TakeOutput() { return std::exchange(output_, {}); }

std::string Owner::CheckInvariants() const {
  size_t waiters = 0;
  for (const auto& [name, key] : keys_) {
    waiters += key.waiters.size();
    if (key.asked && key.waiters.empty()) return absl::StrCat("asks for nobody for ", name);
    if (HasOrders(key) && !key.lock) return absl::StrCat("work without lock: ", name);
    for (const Waiter& waiter : key.waiters) {
      auto it = clients_.find(waiter.client);
      if (it == clients_.end() || !it->second.contains(waiter.request)) {
        return absl::StrCat("a waiter of ", name, " is in no client's list");
      }
    }
  }
  if (waiters != waiters_) return absl::StrCat("counted ", waiters_, " of ", waiters, " waiters");
  return "";
}

}  // namespace ctdb::database
