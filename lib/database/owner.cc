// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/owner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/database/absence.h"

namespace ctdb::database {
namespace {

// Of the clock's time. What may be late is done together with others, and wakes the node seldom.
Instant NextMultiple(Instant at, absl::Duration step) {
  const CoreClock::duration step_length = ToChrono(step);
  const CoreClock::duration over = at.time_since_epoch() % step_length;
  return over == CoreClock::duration::zero() ? at : at + (step_length - over);
}

}  // namespace

void Owner::OnView(const cluster::View& view, std::shared_ptr<const Placement> placement,
                   Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  void_before_ = VoidBefore(view, options_.local, epoch_, void_before_);
  epoch_ = view.epoch;
  owned_since_ = cluster::JoinedEpoch(view, options_.local).value_or(kNothingOwned);
  members_ = view.members;
  placement_ = std::move(placement);
  forgetting_.clear();
  forget_at_ = kNever;
  for (auto it = keys_.begin(); it != keys_.end();) {
    Key& key = it->second;
    // Orders of the old epoch are void. Locks that were asked for come, and find nothing to do.
    DropOrders(key);
    key.asked.reset();
    key.ask_again = Instant::min();
    Advance(it++, now);
  }
}

void Owner::DropOrders(Key& key) const {
  key.take.reset();
  key.promote.reset();
  key.give_up.reset();
  key.verify.reset();
  key.copy.reset();
  key.revoke.reset();
  key.clear_void = false;
  key.drop.reset();
  key.allow.reset();
  key.erase.reset();
  key.shows.clear();
  key.shares.clear();
  key.give.reset();
}

bool Owner::HasOrders(const Key& key) const {
  return key.take || key.promote || key.give_up || key.verify || key.copy || key.revoke ||
         key.clear_void || key.drop || key.allow || key.erase || !key.shows.empty();
}

void Owner::OnClientRequest(InstanceNumber client, RequestId request, const std::string& key,
                            Mode mode, Instant now) {
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
  it->second.waiters.push_back({client, request, mode, ++last_waiter_});
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

void Owner::OnTurnsTaken(const std::string& key, size_t turns, Instant now) {
  auto it = keys_.find(key);
  if (it == keys_.end() || it->second.turns == 0) return;
  it->second.turns -= std::min(turns, it->second.turns);
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
  if (const auto* share = std::get_if<Share>(&message)) return OnShare(*share, now);
  if (const auto* copy = std::get_if<Copy>(&message)) return OnCopy(from, *copy, now);
  if (const auto* revoke = std::get_if<Revoke>(&message)) return OnRevoke(*revoke, now);
  if (const auto* drop = std::get_if<Drop>(&message)) return OnDrop(from, *drop, now);
  if (const auto* dropped = std::get_if<Dropped>(&message)) return OnDropped(from, *dropped);
  if (const auto* allow = std::get_if<Allow>(&message)) return OnAllow(*allow, now);
  if (const auto* erase = std::get_if<Erase>(&message)) return OnErase(*erase, now);
  OnRefusal(std::get<Refusal>(message), now);
}

std::optional<Ignored> Owner::WhyIgnored(NodeNumber from, const Message& message) const {
  const Head& head = HeadOf(message);
  if (!IsForOwner(message)) return Ignored::kNotForThisSide;
  if (head.database != options_.database) return Ignored::kOtherDatabase;
  if (head.epoch < epoch_) return Ignored::kOldEpoch;
  if (head.epoch > epoch_) return Ignored::kNewerEpoch;
  if (!IsMember(from)) return Ignored::kNotMember;
  // An owner says these, or who answers it, whoever that is; all else only the home.
  bool is_of_owner =
      std::holds_alternative<Transfer>(message) || std::holds_alternative<Copy>(message) ||
      std::holds_alternative<Drop>(message) || std::holds_alternative<Dropped>(message);
  if (!is_of_owner && HomeOf(head.key) != from) return Ignored::kNotFromHome;
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
  forgetting_.erase(forward.head.key);
  // What was lent has been revoked, or the home would not say so.
  it->second.shares.clear();
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
  if (refusal.reason == RefusalReason::kInUse) {
    return StopForgetting(refusal.head.key, refusal.head.request);
  }
  auto it = keys_.find(refusal.head.key);
  if (it == keys_.end() || !it->second.asked || it->second.asked->request != refusal.head.request) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Key& key = it->second;
  auto [request, mode, until] = *std::exchange(key.asked, std::nullopt);
  switch (refusal.reason) {
    case RefusalReason::kAlreadyOwner:
      key.verify = Verify{refusal, mode};
      if (mode == Mode::kWrite) key.shares.clear();  // Revoked meanwhile.
      break;
    case RefusalReason::kAbsent:
      // Who came later may have to see what was written since.
      AnswerReaders(key, Answer::kAbsent, until);
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
  VerifyOwned(it, current, now);
  Show(it, current);
  StoreCopy(it, current);
  EndLoan(it, current);
  DropStale(it, current);
  BeginDropping(it, current);
  EraseForgotten(it, current);
  const bool may_lend = !it->second.shares.empty() && LendAt(it->second) <= now;
  if (may_lend && !IsAwaited(it, current, now)) LendOut(it, current);
  const bool may_give = it->second.give && GiveAt(it->second) <= now;
  if (may_give && !IsAwaited(it, current, now)) Give(it, current);
  output_.unlocks.push_back(ticket);
  Advance(it, now);
}

void Owner::OnLockFailed(LockTicket ticket, Instant now) {
  auto of_ticket = tickets_.find(ticket);
  if (of_ticket == tickets_.end()) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  auto it = keys_.find(of_ticket->second);
  tickets_.erase(of_ticket);
  it->second.lock.reset();
  DropOrders(it->second);
  Advance(it, now);
}

// Whoever waited for it, or nobody any more: it is stored before anything else is looked at.
void Owner::Take(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now) {
  if (!it->second.take) return;
  Transfer take = *std::exchange(it->second.take, std::nullopt);
  if (MayBeOld(take, stored)) {
    return SendHome(it->first, Request{HeadFor(it->first, RequestId(++last_request_))});
  }
  bool is_known = IsOwned(stored, take.version);
  if (stored && stored->version >= take.version && !is_known) {
    SendHome(it->first, Refusal{take.head, RefusalReason::kNotNewer, take.version});
    return;
  }
  if (!is_known) {
    stored = StoredRecord{take.version, options_.local, take.value};
    stored->is_watched = take.is_watched;
    stored->other_flags = take.other_flags;
  }
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
  if (!is_known) {
    StoredRecord mine{promote.next, options_.local, stored->value};
    mine.is_watched = stored->is_watched;
    mine.other_flags = stored->other_flags;
    stored = std::move(mine);
  }
  Begin(it, promote.head, *stored, !is_known, now);
}

void Owner::Begin(Keys::iterator it, const Head& head, StoredRecord& record, bool is_new,
                  Instant now) {
  Key& key = it->second;
  Answer answer = Answer::kReady;
  if (is_new) {
    answer = BeginTurns(key, record, now);
    output_.stores.push_back({it->first, record});
  }
  SendHome(it->first, Confirm{head, record.version});
  AnswerAll(key, answer);
}

// Those who waited have the record before it goes on. Of a single client the record itself says
// whether it has come, and mostly nobody has to ask.
Owner::Answer Owner::BeginTurns(Key& key, StoredRecord& record, Instant now) const {
  const size_t waiters = key.waiters.size();
  key.came = now;
  if (!options_.do_clients_tell_use) {
    key.turns = waiters;
    key.to_be_asked.clear();
    for (const Waiter& waiter : key.waiters) key.to_be_asked.push_back(waiter.client);
    return Answer::kReadyInTurn;
  }
  key.turns = waiters > 1 ? waiters : 0;
  record.turn = waiters == 1 ? StoredRecord::Turn::kAwaited : StoredRecord::Turn::kTaken;
  return waiters > 1 ? Answer::kReadyInTurn : Answer::kReady;
}

// Once, and only when somebody else wants the record: mostly nobody does.
void Owner::AskForUse(const std::string& name, Key& key) {
  std::map<InstanceNumber, uint32_t> turns;
  for (InstanceNumber client : std::exchange(key.to_be_asked, {})) ++turns[client];
  for (auto [client, count] : turns) output_.awaited.push_back({client, name, count});
}

// Whoever comes for the record says so from now on.
bool Owner::IsAwaited(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now) {
  Key& key = it->second;
  const bool is_awaited = stored && stored->turn == StoredRecord::Turn::kAwaited;
  if (!is_awaited || !key.came || After(*key.came, options_.turns_limit) <= now) return false;
  stored->turn = StoredRecord::Turn::kTold;
  output_.stores.push_back({it->first, *stored});
  key.turns = 1;
  return true;
}

void Owner::Yield(Keys::iterator it, std::optional<StoredRecord>& stored) {
  if (!it->second.give_up) return;
  GiveUp give_up = *std::exchange(it->second.give_up, std::nullopt);
  if (IsOwned(stored, give_up.version)) {
    stored->owner = give_up.owner;
    stored->is_lent_out = false;
    output_.stores.push_back({it->first, *stored});
  }
  SendHome(it->first, GaveUp{give_up.head, give_up.version});
}

void Owner::VerifyOwned(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now) {
  Key& key = it->second;
  if (!key.verify) return;
  auto [refusal, mode] = *std::exchange(key.verify, std::nullopt);
  if (!IsOwned(stored, refusal.version)) {
    SendHome(it->first, Refusal{refusal.head, RefusalReason::kNotOwner, refusal.version});
    return;
  }
  if (mode == Mode::kRead) return AnswerReaders(key, Answer::kReady);
  Answer answer = Answer::kReady;
  if (stored->is_lent_out) {
    stored->is_lent_out = false;
    answer = BeginTurns(key, *stored, now);
    output_.stores.push_back({it->first, *stored});
  }
  AnswerAll(key, answer);
}

void Owner::Give(Keys::iterator it, const std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  Forward give = *std::exchange(key.give, std::nullopt);
  const RecordVersion next = NextVersion(give.version, epoch_);
  // It may have been given and not have arrived: what was given is still here. Or it has, and a
  // spare copy came back before its home knew: who has it says so again.
  bool is_given = stored && stored->owner == give.to &&
                  (stored->version == give.version || stored->version == next);
  bool is_owned = IsOwned(stored, give.version);
  if (give.to == options_.local || !(is_owned || is_given)) {
    SendHome(it->first, Refusal{give.head, RefusalReason::kNotOwner, give.version});
    return;
  }
  // It stays, and is useful here at least. The home says it again.
  if (is_owned && stored->value.size() > options_.given_bytes_max) {
    output_.too_large.push_back(it->first);
    return;
  }
  if (is_owned) {
    StoredRecord copy{stored->version, give.to, stored->value};
    copy.is_watched = stored->is_watched;
    copy.other_flags = stored->other_flags;
    output_.stores.push_back({it->first, std::move(copy)});
  }
  output_.sends.push_back(
      {give.to, Transfer{give.head, next, stored->value, stored->is_watched, stored->other_flags}});
  key.came.reset();
  key.turns = 0;
}

Instant Owner::LendAt(const Key& key) const {
  return key.came && key.turns > 0 ? After(*key.came, options_.turns_limit) : Instant::min();
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
  Instant give_at = key.give ? GiveAt(key) : kNever;
  const bool is_wanted = key.give || !key.shares.empty();
  if (is_wanted && key.turns > 0 && !key.to_be_asked.empty()) AskForUse(it->first, key);
  if (!key.shares.empty()) give_at = std::min(give_at, LendAt(key));
  Instant wake = give_at > now ? give_at : kNever;
  bool is_due = HasOrders(key) || give_at <= now;
  if (is_due && !key.lock) {
    key.lock = LockTicket(++last_ticket_);
    tickets_[*key.lock] = it->first;
    output_.locks.push_back({*key.lock, it->first});
  }
  if (key.waiters.empty() && key.asked) {
    SendHome(it->first, Abandon{HeadFor(it->first, key.asked->request)});
    key.asked.reset();
  }
  if (!key.waiters.empty() && !HasOrders(key) && IsMember(options_.local)) {
    bool is_too_little = key.asked && key.asked->mode == Mode::kRead && HasWriters(key);
    if (key.ask_again <= now || is_too_little) Ask(it, now);
    wake = std::min(wake, key.ask_again);
  }
  Instant forget_at = key.came ? After(*key.came, options_.stay_max) : now;
  bool is_busy = is_due || key.lock || key.give || !key.shares.empty() || !key.waiters.empty();
  if (!is_busy && forget_at <= now) {
    timers_.Set(it->first, kNever);
    keys_.erase(it);
    return;
  }
  if (!is_busy) wake = NextMultiple(forget_at, options_.stay_max);
  timers_.Set(it->first, wake);
}

void Owner::Ask(Keys::iterator it, Instant now) {
  Key& key = it->second;
  key.asked =
      Asked{RequestId(++last_request_), HasWriters(key) ? Mode::kWrite : Mode::kRead, last_waiter_};
  key.ask_again = After(now, options_.resend);
  const bool is_read = key.asked->mode == Mode::kRead;
  SendHome(it->first, Request{HeadFor(it->first, key.asked->request), is_read,
                              is_read && options_.reads_once});
}

bool Owner::HasWriters(const Key& key) {
  return std::any_of(key.waiters.begin(), key.waiters.end(),
                     [](const Waiter& waiter) { return waiter.mode == Mode::kWrite; });
}

void Owner::AnswerAll(Key& key, Answer answer) {
  for (Waiter& waiter : key.waiters) waiter.mode = Mode::kRead;
  AnswerReaders(key, answer);
}

void Owner::AnswerReaders(Key& key, Answer answer, uint64_t until, const std::string& value) {
  waiters_ -= std::erase_if(key.waiters, [&](const Waiter& waiter) {
    if (waiter.mode != Mode::kRead || waiter.number > until) return false;
    output_.answers.push_back({waiter.client, waiter.request, answer, value});
    auto of_client = clients_.find(waiter.client);
    of_client->second.erase(waiter.request);
    if (of_client->second.empty()) clients_.erase(of_client);
    return true;
  });
  key.asked.reset();
  key.ask_again = Instant::min();
}

void Owner::OnTick(Instant now) {
  while (std::optional<std::string> key = timers_.TakeDue(now)) {
    auto it = keys_.find(*key);
    if (it != keys_.end()) Advance(it, now);
  }
  ForgetOn(now);
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
