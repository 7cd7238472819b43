// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/inquiry.h"

#include <algorithm>
#include <utility>

#include "lib/database/placement.h"
#include "lib/recovery/rebuild.h"

namespace ctdb::recovery {

using database::Directory;
using database::FoundCopy;
using database::Ignored;

void Inquiry::OnView(const cluster::View& view) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  members_ = view.members;
  wanted_.clear();
  wanted_keys_.clear();
  others_.clear();
  later_.clear();
  batch_.clear();
  poll_.Stop();
  round_ = kSlotsRound;
  output_ = {};
}

void Inquiry::OnUndecided(const Directory::Undecided& undecided, Instant now) {
  const std::string& key = undecided.key;
  // Once decided it must not be asked about again: what is asked for has to stand still.
  if (batch_.contains(key) || wanted_keys_.contains(key) || later_.contains(key)) return;
  if (undecided.why == Directory::Undecided::Why::kContradiction) {
    later_.emplace(key, After(now, options_.pause));
  } else if (undecided.why == Directory::Undecided::Why::kWanted) {
    others_.erase(key);
    wanted_.push_back(key);
    wanted_keys_.insert(key);
  } else {
    others_.insert(key);
  }
}

void Inquiry::BeginBatch(Instant now) {
  Survey survey{options_.database, epoch_, ++round_, 0, "", {}};
  size_t bytes = 0;
  const auto is_full = [&] {
    return batch_.size() >= options_.keys_max || bytes >= options_.bytes_max;
  };
  const auto add = [&](const std::string& key) {
    if (!batch_.try_emplace(key).second) return;
    bytes += key.size();
    survey.slots.set(database::SlotOf(key).value());
    survey.keys.push_back(key);
  };
  // Others would make those wait for them.
  const bool is_wanted = !wanted_.empty();
  for (; !wanted_.empty() && !is_full(); wanted_.pop_front()) {
    add(wanted_.front());
    wanted_keys_.erase(wanted_.front());
  }
  while (!is_wanted && !others_.empty() && !is_full()) {
    add(*others_.begin());
    others_.erase(others_.begin());
  }
  poll_.Begin(members_, survey, now);
}

void Inquiry::OnReport(NodeNumber from, const Report& report, Instant now) {
  if (!poll_.OnReport(from, report, now)) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  for (const Report::Entry& entry : report.entries) Merge(from, entry);
  if (poll_.IsOver()) Decide();
}

void Inquiry::Merge(NodeNumber from, const Report::Entry& entry) {
  auto it = batch_.find(entry.key);
  if (it == batch_.end()) return;  // Of a member that has read the whole slot.
  auto& [best, rivals] = it->second;
  const FoundCopy found{from, entry.is_owner, database::OrderOf(entry.version, entry.loan)};
  if (best.has_value() && best->node == from) return;  // Found twice.
  const bool is_better = !best.has_value() || found.IsBetterThan(*best);
  if (best.has_value() && best->is_owner && found.is_owner) {
    const FoundCopy& loser = is_better ? *best : found;
    rivals.push_back({loser.node, loser.order.version});
  }
  if (is_better) best = found;
}

void Inquiry::Decide() {
  for (auto& [key, told] : std::exchange(batch_, {})) {
    Directory::Decision decision{{std::nullopt, {epoch_, 0}, false}, std::move(told.rivals)};
    if (told.best.has_value()) {
      decision.owned = {told.best->node, told.best->order.version, !told.best->is_owner};
    }
    output_.decided.push_back({key, std::move(decision)});
  }
}

void Inquiry::OnTick(Instant now) {
  poll_.OnTick(now);
  for (auto it = later_.begin(); it != later_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    others_.insert(it->first);
    it = later_.erase(it);
  }
}

Inquiry::Output Inquiry::TakeOutput(Instant now) {
  if (MayBegin()) BeginBatch(now);
  output_.sends = poll_.TakeSends();
  return std::exchange(output_, {});
}

Instant Inquiry::NextDeadline() const {
  Instant next = poll_.NextDeadline();
  for (const auto& [key, then] : later_) next = std::min(next, then);
  return next;
}

}  // namespace ctdb::recovery
