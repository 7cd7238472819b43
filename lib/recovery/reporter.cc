// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/reporter.h"

#include <algorithm>
#include <utility>

#include "lib/database/absence.h"

namespace ctdb::recovery {

using database::Ignored;

namespace {

// What an entry takes beside its key: lengths, version, flag, loan.
constexpr size_t kEntryBytes = 48;

Report AnswerTo(const Survey& survey) {
  return {survey.database, survey.epoch, survey.round, survey.page, {}, "", false};
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
  output_ = {};
  for (const auto& [from, survey] : std::exchange(early_, {})) OnSurvey(from, survey);
}

void Reporter::OnSurvey(NodeNumber from, const Survey& survey) {
  if (std::optional<Ignored> why = WhyIgnored(from, survey)) {
    ignored_.Add(*why);
    if (*why == Ignored::kNewerEpoch && early_.size() < kEarlyMax) early_[from] = survey;
    return;
  }
  Job& job = jobs_[from];
  job = {survey, AnswerTo(survey), 0, {}};
  ScanOn(job, survey.cursor);
}

std::optional<Ignored> Reporter::WhyIgnored(NodeNumber from, const Survey& survey) const {
  if (survey.database != options_.database) return Ignored::kOtherDatabase;
  if (survey.epoch < epoch_) return Ignored::kOldEpoch;
  if (survey.epoch > epoch_) return Ignored::kNewerEpoch;
  bool is_member = std::binary_search(members_.begin(), members_.end(), from);
  if (!is_member || !owned_since_) return Ignored::kNotMember;
  auto it = jobs_.find(from);
  if (it == jobs_.end()) return std::nullopt;
  std::pair asked{survey.round, survey.page};
  std::pair running{it->second.survey.round, it->second.survey.page};
  if (asked == running) return Ignored::kDuplicate;
  if (asked < running) return Ignored::kLate;
  return std::nullopt;
}

void Reporter::ScanOn(Job& job, const std::string& cursor) {
  job.ticket = ScanTicket(++last_ticket_);
  output_.scans.push_back(
      {job.ticket, cursor, job.survey.slots, options_.page_bytes_max - job.bytes});
}

void Reporter::OnScanned(ScanTicket ticket, const std::vector<ScannedRecord>& records,
                         const std::string& next_cursor, bool is_end) {
  auto it = std::find_if(jobs_.begin(), jobs_.end(),
                         [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (it == jobs_.end()) {
    ignored_.Add(Ignored::kUnknownTicket);
    return;
  }
  auto& [home, job] = *it;
  for (const ScannedRecord& record : records) {
    if (!job.survey.slots.test(database::SlotOf(record.key).value())) continue;
    if (database::IsVoid(record.version, record.loan, void_before_)) continue;
    bool is_owner =
        database::IsOwnedBy(record.version, record.owner, options_.local, *owned_since_);
    job.report.entries.push_back({record.key, record.version, is_owner, record.loan});
    job.bytes += record.key.size() + kEntryBytes;
  }
  if (!is_end && job.bytes < options_.page_bytes_max) return ScanOn(job, next_cursor);
  job.report.next_cursor = next_cursor;
  job.report.is_last = is_end;
  output_.sends.push_back({home, std::move(job.report)});
  jobs_.erase(it);
}

Reporter::Output Reporter::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace ctdb::recovery
