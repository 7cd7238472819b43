// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Directory that forgets records.

#include <algorithm>

#include "lib/database/directory.h"

namespace ctdb::database {

void Directory::OnForget(NodeNumber from, const Forget& forget, Instant now) {
  auto it = Seek(forget.head.key);
  const bool is_current = IsReady(SlotOf(forget.head.key)) && it != records_.end() &&
                          !it->second.undecided && it->second.owner == from &&
                          it->second.version == forget.version;
  if (!is_current) return Refuse(from, forget.head, RefusalReason::kInUse);
  Record& record = it->second;
  if (record.traffic && record.traffic->forgetting == forget.head.request) {
    return AskToErase(it->first, record, now);  // Said again.
  }
  if (record.IsBusy() || record.HasQueue()) {
    return Refuse(from, forget.head, RefusalReason::kInUse);
  }
  if (record.is_copy) {
    // Its owner is gone. It is the holder's first, and forgotten later.
    record.InDemand();
    return Promote(it, now);
  }
  if (record.traffic && !record.traffic->readers.empty()) {
    // Without them the next attempt is the one.
    for (const Reader& reader : record.traffic->readers) {
      output_.sends.push_back({reader.node, Revoke{forget.head, reader.loan}});
    }
    return Refuse(from, forget.head, RefusalReason::kInUse);
  }
  if (!forget.is_alone) {
    output_.sends.push_back({from, Allow{forget.head, forget.version}});
    return;
  }
  record.InDemand().forgetting = forget.head.request;
  AskToErase(it->first, record, now);
}

void Directory::AskToErase(const std::string& key, const Record& record, Instant now) {
  output_.sends.push_back(
      {*record.owner, Erase{HeadFor(key, *record.traffic->forgetting), record.version}});
  timers_.Set(key, After(now, options_.resend));
}

Directory::Record* Directory::FindForgetting(const Head& head) {
  auto it = Seek(head.key);
  const bool is_asked =
      it != records_.end() && it->second.traffic && it->second.traffic->forgetting == head.request;
  if (is_asked) return &it->second;
  ignored_.Add(Ignored::kLate);
  return nullptr;
}

// Whoever wants it meanwhile gets an empty one.
void Directory::OnErased(const Erased& erased, Instant now) {
  Record* record = FindForgetting(erased.head);
  if (record == nullptr) return;
  record->traffic->forgetting.reset();
  record->owner.reset();
  timers_.Set(erased.head.key, kNever);
  ++forgotten_;
  auto it = records_.find(erased.head.key);
  ServeNext(it, now);
  LeaveIfNobodys(it);
}

void Directory::OnNotErased(const Refusal& refusal, Instant now) {
  Record* record = FindForgetting(refusal.head);
  if (record == nullptr) return;
  record->traffic->forgetting.reset();
  timers_.Set(refusal.head.key, kNever);
  ServeNext(records_.find(refusal.head.key), now);
}

// What is said of it late must not fit the record that may come next.
void Directory::LeaveIfNobodys(Records::iterator it) {
  const Record& record = it->second;
  if (record.owner || record.undecided || record.traffic) return;
  uint64_t& floor = floor_[SlotOf(it->first).value()];
  if (record.version.epoch == epoch_) floor = std::max(floor, record.version.counter);
  records_.erase(it);
}

}  // namespace ctdb::database
