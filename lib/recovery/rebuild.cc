// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/rebuild.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ctdb::recovery {

using database::Directory;
using database::Ignored;
using database::kSlots;
using database::Slot;
using database::SlotOf;

void Rebuild::OnView(const cluster::View& view, const database::SlotSet& slots, Instant now) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  epoch_ = view.epoch;
  members_ = view.members;
  members_asked_.clear();
  best_.clear();
  rivals_.clear();
  wanted_ = {};
  next_ = {slots, {}};
  round_ = 0;
  round_at_ = slots.any() ? now : kNever;
  output_ = {};
}

void Rebuild::OnUndecided(const std::string& key, Instant now) {
  next_.keys.insert(key);
  if (!IsIdle()) return;
  round_at_ = round_ == 0 ? now : After(now, options_.pause);
}

void Rebuild::BeginRound(Instant now) {
  ++round_;
  round_at_ = kNever;
  progress_ = {.began = now, .waits_for = {}};
  stored_.clear();
  wanted_ = std::exchange(next_, {});
  database::SlotSet slots = wanted_.slots;
  for (const std::string& key : wanted_.keys) slots.set(SlotOf(key).value());
  for (NodeNumber member : members_) {
    Asked& asked = members_asked_[member];
    asked.survey = {options_.database, epoch_, round_, 0, "", slots};
    Ask(member, asked, now);
  }
}

void Rebuild::Ask(NodeNumber member, Asked& asked, Instant now) {
  output_.sends.push_back({member, asked.survey});
  asked.ask_again = After(now, options_.resend);
}

void Rebuild::OnReport(NodeNumber from, const Report& report, Instant now) {
  auto it = members_asked_.find(from);
  bool is_asked = it != members_asked_.end() && report.database == options_.database &&
                  report.epoch == epoch_ && report.round == round_ &&
                  report.page == it->second.survey.page;
  if (!is_asked) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Count(from, report);
  for (const Report::Entry& entry : report.entries) Merge(from, entry);
  if (!report.is_last) {
    ++it->second.survey.page;
    it->second.survey.cursor = report.next_cursor;
    return Ask(from, it->second, now);
  }
  members_asked_.erase(it);
  if (!members_asked_.empty()) return;
  Decide();
  if (!next_.keys.empty()) round_at_ = After(now, options_.pause);
}

void Rebuild::Count(NodeNumber from, const Report& report) {
  progress_.copies += report.entries.size();
  progress_.scanned += report.scanned;
  stored_[from] = report.stored;
}

Rebuild::Progress Rebuild::GetProgress() const {
  Progress progress = progress_;
  for (const auto& [node, stored] : stored_) progress.stored += stored;
  for (const auto& [node, asked] : members_asked_) progress.waits_for.push_back(node);
  return progress;
}

void Rebuild::Merge(NodeNumber from, const Report::Entry& entry) {
  bool is_wanted =
      wanted_.slots.test(SlotOf(entry.key).value()) || wanted_.keys.contains(entry.key);
  if (!is_wanted) return;
  Found found{from, entry.is_owner, database::OrderOf(entry.version, entry.loan)};
  auto [it, is_first] = best_.try_emplace(entry.key, found);
  // A scan may find a record twice.
  if (is_first || it->second.node == from) return;
  Found& best = it->second;
  bool is_better = found.IsBetterThan(best);
  if (found.is_owner && best.is_owner) {
    const Found& loser = is_better ? best : found;
    rivals_[entry.key].push_back({loser.node, loser.order.version});
  }
  if (is_better) best = found;
}

// Of equal ones the lower node's, so that the order in which reports come does not matter.
bool Rebuild::Found::IsBetterThan(const Found& other) const {
  return std::tie(is_owner, order, other.node) > std::tie(other.is_owner, other.order, node);
}

void Rebuild::Decide() {
  for (auto& [key, found] : best_) {
    Directory::Decision decision{{found.node, found.order.version, !found.is_owner}, {}};
    if (auto it = rivals_.find(key); it != rivals_.end()) decision.rivals = std::move(it->second);
    wanted_.keys.erase(key);
    output_.decided.push_back({key, std::move(decision)});
  }
  for (const std::string& key : wanted_.keys) {
    output_.decided.push_back({key, {{std::nullopt, {epoch_, 0}, false}, {}}});
  }
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (wanted_.slots.test(slot)) output_.ready.push_back(Slot(slot));
  }
  best_.clear();
  rivals_.clear();
  wanted_ = {};
}

void Rebuild::OnTick(Instant now) {
  if (round_at_ <= now) return BeginRound(now);
  for (auto& [member, asked] : members_asked_) {
    if (asked.ask_again <= now) Ask(member, asked, now);
  }
}

Rebuild::Output Rebuild::TakeOutput() { return std::exchange(output_, {}); }

Instant Rebuild::NextDeadline() const {
  Instant next = round_at_;
  for (const auto& [member, asked] : members_asked_) next = std::min(next, asked.ask_again);
  return next;
}

}  // namespace ctdb::recovery
