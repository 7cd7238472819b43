// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/reporter.h"

#include <algorithm>
#include <utility>

#include "lib/database/absence.h"

namespace ctdb::recovery {

using database::Ignored;

namespace {

Report AnswerTo(const Survey& survey) {
  Report report;
  report.database = survey.database;
  report.epoch = survey.epoch;
  report.round = survey.round;
  report.page = survey.page;
  return report;
}

}  // namespace

std::optional<Report> ReportNothing(const Survey& survey, Epoch adopted) {
  if (survey.epoch != adopted) return std::nullopt;
  Report report = AnswerTo(survey);
  report.is_last = true;
  return report;
}

void Reporter::OnView(const cluster::View& view) {
  if (view.epoch <= epoch_) {
    ignored_.Add(Ignored::kOldEpoch);
    return;
  }
  void_before_ = database::VoidBefore(view, options_.local, epoch_, void_before_);
  epoch_ = view.epoch;
  members_ = view.members;
  owned_since_ = cluster::JoinedEpoch(view, options_.local);
  jobs_.clear();
  waiting_.clear();
  pass_.reset();
  searches_.clear();
  output_ = {};
  for (const auto& [who, survey] : std::exchange(early_, {})) Accept(who.first, survey);
  BeginPass();
}

void Reporter::OnSurvey(NodeNumber from, const Survey& survey) {
  Accept(from, survey);
  if (!pass_.has_value() || pass_->homes.empty()) BeginPass();
}

void Reporter::Accept(NodeNumber from, const Survey& survey) {
  if (std::optional<Ignored> why = WhyIgnored(from, survey)) {
    ignored_.Add(*why);
    if (*why == Ignored::kNewerEpoch && early_.size() < kEarlyMax) {
      early_[{from, !survey.keys.empty()}] = survey;
    }
    return;
  }
  if (!survey.keys.empty()) {
    const ScanTicket ticket(++last_ticket_);
    searches_[from] = {survey, ticket};
    output_.lookups.push_back({ticket, survey.keys});
    return;
  }
  jobs_[from] = {survey, AnswerTo(survey)};
  if (pass_.has_value()) std::erase(pass_->homes, from);
  std::erase(waiting_, from);
  waiting_.push_back(from);
}

void Reporter::BeginPass() {
  pass_.reset();
  std::erase_if(jobs_, [](const auto& entry) { return entry.second.state == Job::State::kDone; });
  if (waiting_.empty()) return;
  pass_.emplace();
  for (std::vector<Job*>& jobs : wanted_) jobs.clear();
  pass_->cursor = jobs_[waiting_.front()].survey.cursor;
  for (NodeNumber home : std::exchange(waiting_, {})) {
    Job& job = jobs_[home];
    const bool is_alike = job.survey.cursor == pass_->cursor;
    (is_alike ? pass_->homes : waiting_).push_back(home);
    if (!is_alike) continue;
    job.state = Job::State::kInPass;
    for (uint32_t slot = 0; slot < database::kSlots; ++slot) {
      if (job.survey.slots.test(slot)) wanted_[slot].push_back(&job);
    }
  }
  ScanOn();
}

void Reporter::ScanOn() {
  pass_->ticket = ScanTicket(++last_ticket_);
  database::SlotSet slots;
  size_t most = 0;
  for (NodeNumber home : pass_->homes) {
    const Job& job = jobs_[home];
    slots |= job.survey.slots;
    most = std::max(most, job.bytes);
  }
  output_.scans.push_back({pass_->ticket, pass_->cursor, slots, options_.page_bytes_max - most});
}

std::optional<Ignored> Reporter::WhyIgnored(NodeNumber from, const Survey& survey) const {
  if (survey.database != options_.database) return Ignored::kOtherDatabase;
  if (survey.epoch < epoch_) return Ignored::kOldEpoch;
  if (survey.epoch > epoch_) return Ignored::kNewerEpoch;
  bool is_member = std::binary_search(members_.begin(), members_.end(), from);
  if (!is_member || !owned_since_) return Ignored::kNotMember;
  if (!survey.keys.empty()) {
    auto it = searches_.find(from);
    return it == searches_.end() ? std::nullopt : WhyIgnored(survey, it->second.survey);
  }
  auto it = jobs_.find(from);
  if (it == jobs_.end() || it->second.state == Job::State::kDone) return std::nullopt;
  return WhyIgnored(survey, it->second.survey);
}

std::optional<Ignored> Reporter::WhyIgnored(const Survey& survey, const Survey& running) const {
  const std::pair asked{survey.round, survey.page};
  const std::pair under_way{running.round, running.page};
  if (asked == under_way) return Ignored::kDuplicate;
  if (asked < under_way) return Ignored::kLate;
  return std::nullopt;
}

void Reporter::OnScanned(ScanTicket ticket, const std::vector<ScannedRecord>& records,
                         const std::string& next_cursor, bool is_end, uint64_t scanned,
                         uint64_t stored) {
  if (!pass_.has_value() || pass_->ticket != ticket) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  for (const ScannedRecord& record : records) Take(record);
  pass_->cursor = next_cursor;
  for (NodeNumber home : std::vector(pass_->homes)) {
    Job& job = jobs_[home];
    job.report.scanned += scanned;
    job.report.stored = stored;
    if (is_end || job.bytes >= options_.page_bytes_max) Finish(home, is_end);
  }
  return pass_->homes.empty() ? BeginPass() : ScanOn();
}

void Reporter::OnLookedUp(ScanTicket ticket, const std::vector<ScannedRecord>& records) {
  auto it = std::find_if(searches_.begin(), searches_.end(),
                         [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (it == searches_.end()) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  Report report = AnswerTo(it->second.survey);
  for (const ScannedRecord& record : records) {
    if (auto entry = EntryOf(record)) report.entries.push_back(*std::move(entry));
  }
  report.scanned = records.size();
  report.is_last = true;
  output_.sends.push_back({it->first, std::move(report)});
  searches_.erase(it);
}

void Reporter::OnScanFailed(ScanTicket ticket) {
  const size_t searches =
      std::erase_if(searches_, [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (searches > 0) return;
  if (!pass_.has_value() || pass_->ticket != ticket) return;
  for (NodeNumber home : pass_->homes) jobs_[home].state = Job::State::kDone;
  BeginPass();
}

// Nothing of what is void.
std::optional<Report::Entry> Reporter::EntryOf(const ScannedRecord& record) const {
  if (database::IsVoid(record.version, record.loan, void_before_)) return std::nullopt;
  const bool is_owner =
      database::IsOwnedBy(record.version, record.owner, options_.local, *owned_since_);
  return Report::Entry{record.key, record.version, is_owner, record.loan};
}

void Reporter::Take(const ScannedRecord& record) {
  const std::optional<Report::Entry> entry = EntryOf(record);
  if (!entry.has_value()) return;
  for (Job* job : wanted_[database::SlotOf(record.key).value()]) {
    if (job->state != Job::State::kInPass) continue;
    job->report.entries.push_back(*entry);
    job->bytes += EntryBytes(record.key);
  }
}

void Reporter::Finish(NodeNumber home, bool is_last) {
  Job& job = jobs_[home];
  job.report.next_cursor = pass_->cursor;
  job.report.is_last = is_last;
  output_.sends.push_back({home, std::move(job.report)});
  job.state = Job::State::kDone;
  std::erase(pass_->homes, home);
}

Reporter::Output Reporter::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace ctdb::recovery
