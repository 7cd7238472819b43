// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/filler.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::replica {

Filler::Filler(const Head& head, NodeNumber source, Digests own, bool is_from_scratch,
               const ReplicaReader& reader, absl::Duration resend, Instant now)
    : head_(head),
      source_(source),
      is_from_scratch_(is_from_scratch),
      reader_(reader),
      resend_(resend),
      digests_(is_from_scratch ? Digests() : std::move(own)),
      deadline_(After(now, resend)) {
  sends_.push_back({source_, DigestsWanted{head_}});
}

void Filler::OnDigestList(const DigestList& list, Instant now) {
  if (has_target_ || list.slots.size() != kSlots) return;
  has_target_ = true;
  target_ = list;
  for (LogIndex::Item& item : target_.tokens) item.bytes = 0;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (digests_.of(slot) != list.slots[slot]) slots_.push_back(slot);
  }
  stagings_.push_back({true, is_from_scratch_, {}, {}});
  AskMore(now);
}

void Filler::OnPage(const Page& page, Instant now) {
  auto it = jobs_.find(page.slot);
  if (it == jobs_.end() || it->second.fetch.after != page.after) return;
  const Job job = std::move(it->second);
  jobs_.erase(it);
  const bool goes_on = page.is_complete || page.covered > job.fetch.after;
  if (page.kept.size() != job.own.size() || !goes_on) {
    return Blame("the source's answer does not fit");
  }
  Use(job, page);
  if (!problem_.empty()) return;
  const std::string& end = page.is_complete ? job.fetch.until : page.covered;
  if (!page.is_complete || !job.fetch.until.empty()) {
    Begin(page.slot, end);
  } else {
    EndSlot(page.slot);
  }
  AskMore(now);
}

void Filler::EndSlot(uint32_t slot) {
  auto briefly = short_.extract(slot);
  if (digests_.of(slot) == target_.slots[slot]) return;
  if (briefly.empty()) {
    problem_ = absl::StrCat("the records of slot ", slot, " contradict its digest");
    is_source_to_blame_ = is_from_scratch_;
    return;
  }
  // What is staged already stays right: it is staged once more, with what was missed.
  digests_.Set(slot, briefly.mapped());
  Begin(slot, "");
}

void Filler::Blame(const std::string& problem) {
  problem_ = problem;
  is_source_to_blame_ = true;
}

// A record that comes takes the place of an own one with the same key.
void Filler::Use(const Job& job, const Page& page) {
  Staging staging;
  std::set<std::string> comes;
  for (const Record& record : page.records) {
    const bool is_behind_end = !page.is_complete && record.key > page.covered;
    if (SlotNumberOf(record.key) != page.slot || record.key <= page.after || is_behind_end ||
        !comes.insert(record.key).second) {
      return Blame("the source sent a record that was not asked for");
    }
    digests_.Add(record.key, FingerprintOf(record.key, record.version, record.value));
    staging.puts.push_back(record);
  }
  for (size_t i = 0; i < job.own.size(); ++i) {
    const Own& own = job.own[i];
    if (page.kept[i] || (!page.is_complete && own.key > page.covered)) continue;
    digests_.Remove(own.key, own.fingerprint);
    if (!comes.contains(own.key)) staging.deletes.push_back(own.key);
  }
  if (!staging.puts.empty() || !staging.deletes.empty()) stagings_.push_back(std::move(staging));
}

void Filler::AskMore(Instant now) {
  while (problem_.empty() && !slots_.empty() && jobs_.size() + stagings_.size() < kFetchesMax) {
    const uint32_t slot = slots_.front();
    slots_.pop_front();
    if (!is_from_scratch_) short_.emplace(slot, digests_.of(slot));
    Begin(slot, "");
  }
  deadline_ = jobs_.empty() ? kNever : After(now, resend_);
}

void Filler::Begin(uint32_t slot, const std::string& after) {
  Job job{{head_, slot, after, "", {}, short_.contains(slot)}, {}};
  if (!is_from_scratch_) {
    absl::StatusOr<ReplicaReader::Page> page = reader_.Scan(
        slot, after,
        {.items_max = kFingerprintsMax, .bytes_max = kPageBytesMax, .needs_values = false});
    if (!page.ok()) {
      problem_ = std::string(page.status().message());
      return;
    }
    for (ReplicaReader::Item& item : page->items) {
      job.fetch.fingerprints.push_back(job.fetch.NameOf(item.info.fingerprint));
      job.own.push_back({std::move(item.key), item.info.fingerprint});
    }
    if (!page->is_end && !job.own.empty()) job.fetch.until = job.own.back().key;
  }
  sends_.push_back({source_, job.fetch});
  jobs_[slot] = std::move(job);
}

void Filler::OnTick(Instant now) {
  if (now < deadline_) return;
  if (!has_target_) sends_.push_back({source_, DigestsWanted{head_}});
  for (const auto& [slot, job] : jobs_) sends_.push_back({source_, job.fetch});
  deadline_ = After(now, resend_);
}

std::vector<Send> Filler::TakeSends() { return std::exchange(sends_, {}); }

std::optional<Filler::Staging> Filler::TakeStaging(Instant now) {
  if (stagings_.empty()) return std::nullopt;
  Staging staging = std::move(stagings_.front());
  for (stagings_.pop_front(); !stagings_.empty(); stagings_.pop_front()) {
    Staging& next = stagings_.front();
    std::move(next.puts.begin(), next.puts.end(), std::back_inserter(staging.puts));
    std::move(next.deletes.begin(), next.deletes.end(), std::back_inserter(staging.deletes));
  }
  if (!slots_.empty()) AskMore(now);
  return staging;
}

bool Filler::IsComplete() const {
  return has_target_ && problem_.empty() && slots_.empty() && jobs_.empty() && stagings_.empty();
}

}  // namespace ctdb::replica
