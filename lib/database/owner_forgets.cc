// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Owner that gets rid of empty records and of copies that are of no use.

#include <algorithm>
#include <utility>

#include "lib/database/absence.h"
#include "lib/database/owner.h"

namespace ctdb::database {

void Owner::OnRestingRecord(const RestingRecord& record, Instant now) {
  if (!IsMember(options_.local)) return;
  if (IsVoid(record.version, record.loan, void_before_)) {
    auto it = keys_.try_emplace(record.key).first;
    it->second.clear_void = true;
    return Advance(it, now);
  }
  const bool is_owned = record.loan == Loan{} &&
                        IsOwnedBy(record.version, record.owner, options_.local, owned_since_);
  const bool is_read = record.loan.epoch == epoch_ && record.loan.number > 0;
  if (!record.is_empty || record.is_watched || is_read) return;
  if (keys_.contains(record.key)) return forget_counts_.Add(ForgetRefused::kWanted);
  if (forgetting_.contains(record.key)) return;
  const Head head = HeadFor(record.key, RequestId(++last_request_));
  // The home knows whether it is the newest copy of a record that nobody owns.
  if (!is_owned) return SendHome(record.key, Forget{head, record.version, false});
  if (forgetting_.size() >= options_.forgetting_max) {
    return forget_counts_.Add(ForgetRefused::kTooMany);
  }
  const Forgetting& forgetting = forgetting_[record.key] = {head.request, record.version, now};
  SayStep(record.key, forgetting);
  if (forget_at_ == kNever) forget_at_ = After(now, options_.resend);
}

void Owner::SayStep(const std::string& key, const Forgetting& forgetting) {
  const Head head = HeadFor(key, forgetting.request);
  const RecordVersion version = forgetting.version;
  switch (forgetting.step) {
    case Forgetting::Step::kAsk:
      return SendHome(key, Forget{head, version, false});
    case Forgetting::Step::kErase:
      return SendHome(key, Forget{head, version, true});
    case Forgetting::Step::kEmpty:
    case Forgetting::Step::kRemove:
      const bool is_last = forgetting.step == Forgetting::Step::kRemove;
      for (NodeNumber node : forgetting.missing) {
        output_.sends.push_back({node, Drop{head, version, is_last}});
      }
  }
}

void Owner::NextStep(const std::string& key, Forgetting& forgetting) {
  if (!forgetting.missing.empty()) return;
  using Step = Forgetting::Step;
  if (forgetting.step == Step::kEmpty) {
    forgetting.step = Step::kRemove;
    forgetting.missing = std::exchange(forgetting.copies, {});
  }
  if (forgetting.step == Step::kRemove && forgetting.missing.empty()) {
    forgetting.step = Step::kErase;
  }
  SayStep(key, forgetting);
}

Forgetting* Owner::FindForgetting(const Head& head) {
  auto it = forgetting_.find(head.key);
  if (it != forgetting_.end() && it->second.request == head.request) return &it->second;
  ignored_.Add(Ignored::kLate);
  return nullptr;
}

// From here on no late order is about an older copy.
void Owner::OnAllow(const Allow& allow, Instant now) {
  Forgetting* forgetting = FindForgetting(allow.head);
  if (forgetting == nullptr || forgetting->step != Forgetting::Step::kAsk) return;
  auto it = keys_.try_emplace(allow.head.key).first;
  it->second.allow = allow;
  Advance(it, now);
}

// That it is empty was seen without its lock, and may be long ago.
void Owner::BeginDropping(Keys::iterator it, const std::optional<StoredRecord>& stored) {
  if (!it->second.allow) return;
  const Allow allow = *std::exchange(it->second.allow, std::nullopt);
  Forgetting* forgetting = FindForgetting(allow.head);
  if (forgetting == nullptr || forgetting->step != Forgetting::Step::kAsk) return;
  if (!IsOwned(stored, allow.version) || !stored->value.empty()) {
    forgetting_.erase(it->first);
    forget_counts_.Add(ForgetRefused::kChanged);
    return;
  }
  forgetting->step = Forgetting::Step::kEmpty;
  forgetting->missing = members_;
  std::erase(forgetting->missing, options_.local);
  if (forgetting->missing.empty()) return NextStep(it->first, *forgetting);
  SayStep(it->first, *forgetting);
}

void Owner::OnDropped(NodeNumber from, const Dropped& dropped) {
  Forgetting* forgetting = FindForgetting(dropped.head);
  if (forgetting == nullptr) return;
  // What answers the first Drop does not answer the second one.
  const bool is_late = forgetting->step == Forgetting::Step::kRemove && dropped.has_copy;
  if (is_late || std::erase(forgetting->missing, from) == 0) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  if (dropped.has_copy) forgetting->copies.push_back(from);
  NextStep(dropped.head.key, *forgetting);
}

void Owner::OnDrop(NodeNumber from, const Drop& drop, Instant now) {
  auto it = keys_.try_emplace(drop.head.key).first;
  it->second.drop = {from, drop};
  Advance(it, now);
}

void Owner::OnErase(const Erase& erase, Instant now) {
  auto it = keys_.try_emplace(erase.head.key).first;
  it->second.erase = erase;
  // Whoever read it does not any more, or the home would not say so.
  it->second.shares.clear();
  Advance(it, now);
}

// What this node said of it is not said again, and what it was told is void: the copy is newer.
void Owner::OnCopied(const std::string& key) {
  forgetting_.erase(key);
  if (const auto it = keys_.find(key); it != keys_.end()) it->second.drop.reset();
}

void Owner::StopForgetting(const std::string& key, RequestId request) {
  if (FindForgetting(HeadFor(key, request)) == nullptr) return;
  forgetting_.erase(key);
  forget_counts_.Add(ForgetRefused::kInUse);
}

void Owner::DropStale(Keys::iterator it, std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  if (std::exchange(key.clear_void, false) && stored &&
      IsVoid(stored->version, stored->loan, void_before_)) {
    ++forget_counts_.voided;
    Remove(it->first, stored);
  }
  if (!key.drop) return;
  auto [from, drop] = *std::exchange(key.drop, std::nullopt);
  // What is this node's own is not of that owner's to say.
  if (IsOwned(stored, stored ? stored->version : RecordVersion{})) return;
  const bool is_older =
      stored && OrderOf(stored->version, stored->loan) < OrderOf(drop.version, {});
  if (is_older && drop.is_last) {
    ++forget_counts_.dropped;
    Remove(it->first, stored);
  } else if (is_older) {
    KeepEmpty(from, drop, stored);
  }
  const bool has_copy = is_older && !drop.is_last;
  output_.sends.push_back({from, Dropped{drop.head, drop.version, has_copy}});
}

// As if it had been lent before all others and revoked: the owner's copy is newer. If the owner
// goes now, what is left says that the record is empty.
void Owner::KeepEmpty(NodeNumber owner, const Drop& drop, std::optional<StoredRecord>& stored) {
  StoredRecord empty{drop.version, owner, "", {epoch_, 0}};
  if (stored->is_read_only && stored->loan.epoch == epoch_) {
    // It may have been read here what the owner wrote since it looked.
    empty = *stored;
    empty.is_read_only = false;
  }
  if (stored == empty) return;
  stored = empty;
  output_.stores.push_back({drop.head.key, std::move(empty)});
}

// What a client stored meanwhile has the same version.
void Owner::EraseForgotten(Keys::iterator it, std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  if (!key.erase) return;
  Erase erase = *std::exchange(key.erase, std::nullopt);
  auto forgetting = forgetting_.find(it->first);
  const bool is_asked =
      forgetting != forgetting_.end() && forgetting->second.request == erase.head.request;
  if (is_asked) forgetting_.erase(forgetting);
  // The answer got lost.
  if (!stored) return SendHome(it->first, Erased{erase.head, erase.version});
  const bool is_wanted = !key.waiters.empty() || key.give || key.came;
  if (!is_asked || is_wanted || !IsOwned(stored, erase.version) || !stored->value.empty() ||
      stored->is_watched) {
    forget_counts_.Add(ForgetRefused::kChanged);
    return SendHome(it->first, Refusal{erase.head, RefusalReason::kNotErased, erase.version});
  }
  ++forget_counts_.forgotten;
  Remove(it->first, stored);
  SendHome(it->first, Erased{erase.head, erase.version});
}

void Owner::Remove(const std::string& key, std::optional<StoredRecord>& stored) {
  stored.reset();
  output_.removes.push_back(key);
  removed_until_[SlotOf(key).value()] = RequestId(last_request_);
}

// The copy that would have told that the transfer is an old one, said twice, may be gone. Then the
// home is asked anew: if the record is on its way to here, it comes with the number of this
// request.
bool Owner::MayBeOld(const Transfer& transfer, const std::optional<StoredRecord>& stored) const {
  return !stored && transfer.head.request <= removed_until_[SlotOf(transfer.head.key).value()];
}

void Owner::ForgetOn(Instant now) {
  if (forget_at_ > now) return;
  for (auto it = forgetting_.begin(); it != forgetting_.end();) {
    if (After(it->second.since, options_.forget_limit) <= now) {
      forget_counts_.Add(ForgetRefused::kNoAnswer);
      it = forgetting_.erase(it);
    } else {
      SayStep(it->first, it->second);
      ++it;
    }
  }
  forget_at_ = forgetting_.empty() ? kNever : After(now, options_.resend);
}

}  // namespace ctdb::database
