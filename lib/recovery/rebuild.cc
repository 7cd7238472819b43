// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/rebuild.h"

#include <utility>

namespace ctdb::recovery {

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
  slots_ = slots;
  output_ = {};
  stored_.clear();
  progress_ = {.began = now, .waits_for = {}};
  poll_.Stop();
  if (!slots.any()) return;
  poll_.Begin(view.members, {options_.database, epoch_, kSlotsRound, 0, "", slots}, now);
}

void Rebuild::OnReport(NodeNumber from, const Report& report, Instant now) {
  if (!poll_.OnReport(from, report, now)) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  Count(from, report);
  for (const Report::Entry& entry : report.entries) {
    if (!slots_.test(SlotOf(entry.key).value())) continue;
    output_.reported.push_back(
        {entry.key, {from, entry.is_owner, database::OrderOf(entry.version, entry.loan)}});
  }
  if (!poll_.IsOver()) return;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (slots_.test(slot)) output_.ready.push_back(Slot(slot));
  }
}

void Rebuild::Count(NodeNumber from, const Report& report) {
  progress_.copies += report.entries.size();
  progress_.scanned += report.scanned;
  stored_[from] = report.stored;
}

Rebuild::Progress Rebuild::GetProgress() const {
  Progress progress = progress_;
  for (const auto& [node, stored] : stored_) progress.stored += stored;
  progress.waits_for = poll_.WaitsFor();
  return progress;
}

Rebuild::Output Rebuild::TakeOutput() {
  output_.sends = poll_.TakeSends();
  return std::exchange(output_, {});
}

}  // namespace ctdb::recovery
