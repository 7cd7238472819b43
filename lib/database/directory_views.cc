// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Directory that brings records up to date with the present view, one by one.

#include <algorithm>
#include <utility>

#include "lib/database/directory.h"

namespace ctdb::database {

// Up to date, and nothing if this node has not been its home all the time.
Directory::Records::iterator Directory::Seek(const std::string& key) {
  auto it = records_.find(key);
  if (it == records_.end()) return it;
  if (IsOver(key, it->second)) {
    records_.erase(it);
    return records_.end();
  }
  Refresh(key, it->second);
  return it;
}

Directory::Records::iterator Directory::Make(const std::string& key) {
  auto it = records_.try_emplace(key).first;
  it->second.view = views_;
  return it;
}

// What is known of it is from before this node's slots were others', or are.
bool Directory::IsOver(const std::string& key, const Record& record) const {
  return record.view != views_ && record.view < home_since_[SlotOf(key).value()];
}

// A member without a break since the record was brought up to date.
bool Directory::HasStayed(NodeNumber node, const Record& record) const {
  const auto it = member_since_.find(node);
  return it != member_since_.end() && it->second <= record.view;
}

// In the present view, of a record that is not over.
std::optional<Directory::Undecided::Why> Directory::WhyUndecided(const std::string& key,
                                                                 const Record& record) const {
  using Why = Undecided::Why;
  std::optional<Why> why = record.undecided;
  // The slot is ready at once, and its records one by one as they are looked at.
  if (why == Why::kReported && IsReady(SlotOf(key))) why.reset();
  if (record.view == views_) return why;
  const Transit* transit = record.transit();
  // Nobody was told anything of a transfer that had not begun.
  if (transit && !transit->is_revoking) return Why::kTransferCutOff;
  if (!transit && record.traffic && record.traffic->forgetting) return Why::kErasureCutOff;
  if (!why && record.owner && !HasStayed(*record.owner, record)) return Why::kOwnerGone;
  return why;
}

void Directory::Refresh(const std::string& key, Record& record) {
  const std::optional<Undecided::Why> why = WhyUndecided(key, record);
  if (record.view == views_) {
    record.undecided = why;
    return;
  }
  record.undecided.reset();
  const Transit* transit = record.transit();
  if (transit && transit->is_revoking) record.traffic->transit.reset();
  if (record.traffic) {
    record.traffic->queue.clear();
    // Who stayed may read its copy until it has taken over this view. Who was away does not.
    std::erase_if(record.traffic->readers,
                  [&](const Reader& reader) { return !HasStayed(reader.node, record); });
  }
  record.view = views_;
  if (why) Undecide(key, record, *why);
  record.Rest();
}

void Directory::Sweep(Instant now) {
  SweepPace& pace = *options_.sweep_pace;
  if (!records_.empty() && !pace.TakeTurn(now)) {
    sweep_at_ = pace.next();
    return;
  }
  auto it = records_.lower_bound(sweep_from_);
  for (size_t i = 0; i < pace.records() && it != records_.end(); ++i) {
    if (IsOver(it->first, it->second)) {
      it = records_.erase(it);
      continue;
    }
    if (it->second.view != views_) Refresh(it->first, it->second);
    ++it;
  }
  const bool is_over = it == records_.end();
  sweep_at_ = is_over ? kNever : pace.next();
  sweep_from_ = is_over ? std::string() : it->first;
}

}  // namespace ctdb::database
