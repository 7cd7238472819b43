// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/restore.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::backup {
namespace {

// How often what others have written meanwhile is written over.
constexpr int kRoundsMax = 4;
// Of a target whose changes are each on its own: what is kept in memory.
constexpr size_t kBufferBytes = 256 * 1024;

// What is to be there, without what is no record.
class Records final : public RecordSource {
 public:
  explicit Records(RecordSource& all) : all_(all) {}
  absl::Status ForEach(VisitRecord visit) override {
    return all_.ForEach([&](absl::string_view key, absl::string_view value) {
      const bool is_none = value.empty() || IsLegacySequenceNumber(key) || key == kRestoreMarker;
      return is_none ? absl::OkStatus() : visit(key, value);
    });
  }

 private:
  RecordSource& all_;
};

class Run {
 public:
  Run(RecordSource& wanted, RecordTarget& target, const RestoreOptions& options)
      : wanted_(wanted), target_(target), options_(options) {}

  absl::StatusOr<RestoreReport> Do() {
    uint64_t bytes = 0;
    CTDB_RETURN_IF_ERROR(wanted_.ForEach([&](absl::string_view key, absl::string_view value) {
      bytes += BytesOf(key, value);
      return target_.CheckRecord(key, value);
    }));
    const size_t step_bytes = target_.step_bytes_max();
    if (options_.removes && step_bytes > 0 && bytes <= step_bytes) {
      CTDB_RETURN_IF_ERROR(AtOnce());
      return report_;
    }
    const absl::Status status = step_bytes == 0 ? OneByOne() : Differences();
    if (!status.ok()) return Explain(status);
    return report_;
  }

 private:
  absl::Status AtOnce() {
    std::vector<Change> records;
    CTDB_RETURN_IF_ERROR(wanted_.ForEach([&](absl::string_view key, absl::string_view value) {
      records.push_back({std::string(key), std::string(value)});
      return absl::OkStatus();
    }));
    CTDB_RETURN_IF_ERROR(BeforeStep());
    CTDB_RETURN_IF_ERROR(target_.ReplaceAll(records));
    report_ = {records.size(), 1, /*is_at_once=*/true};
    return absl::OkStatus();
  }

  CompareOptions HowToCompare() const {
    return {options_.removes, std::string(kRestoreMarker), options_.keys_max};
  }

  absl::Status OneByOne() {
    CTDB_RETURN_IF_ERROR(
        Compare(wanted_, target_, HowToCompare(), [&](const Difference& difference) {
          return Collect(difference, kBufferBytes);
        }).status());
    return Flush();
  }

  // In one step if that is enough.
  absl::Status Differences() {
    CTDB_ASSIGN_OR_RETURN(const DifferenceCounts counts,
                          Compare(wanted_, target_, HowToCompare(),
                                  [](const Difference&) { return absl::OkStatus(); }));
    const size_t room = target_.step_bytes_max() - 2 * BytesOf(kRestoreMarker, kRestoreMarker);
    if (counts.bytes <= room) return SmallDifference(room);
    if (options_.on_steps) options_.on_steps(counts.bytes);
    CTDB_RETURN_IF_ERROR(target_.Apply({{std::string(kRestoreMarker), "restore again"}}));
    is_marked_ = true;
    for (int round = 0; round < kRoundsMax; ++round) {
      CTDB_ASSIGN_OR_RETURN(const DifferenceCounts left, Compare(wanted_, target_, HowToCompare(),
                                                                 [&](const Difference& difference) {
                                                                   return Collect(difference, room);
                                                                 }));
      if (left.changes() == 0) return target_.Apply({{std::string(kRestoreMarker), ""}});
      CTDB_RETURN_IF_ERROR(Flush());
    }
    return absl::FailedPreconditionError(
        "others write to the database at the same time: end the programs that use it");
  }

  // It may have become larger since it was measured.
  absl::Status SmallDifference(size_t room) {
    CTDB_RETURN_IF_ERROR(
        Compare(wanted_, target_, HowToCompare(), [&](const Difference& difference) {
          Add(difference);
          if (bytes_ <= room) return absl::OkStatus();
          return absl::FailedPreconditionError(
              "others write to the database at the same time: end the programs that use it");
        }).status());
    // Of a restore that was not finished.
    changes_.push_back({std::string(kRestoreMarker), ""});
    CTDB_RETURN_IF_ERROR(Flush());
    --report_.changes;
    report_.is_at_once = true;
    return absl::OkStatus();
  }

  void Add(const Difference& difference) {
    changes_.push_back({std::string(difference.key), std::string(difference.value)});
    bytes_ += BytesOf(difference.key, difference.value);
  }

  absl::Status Collect(const Difference& difference, size_t bytes_max) {
    if (bytes_ + BytesOf(difference.key, difference.value) > bytes_max) {
      CTDB_RETURN_IF_ERROR(Flush());
    }
    Add(difference);
    return absl::OkStatus();
  }

  absl::Status BeforeStep() const {
    return options_.on_step ? options_.on_step(report_.changes) : absl::OkStatus();
  }

  absl::Status Flush() {
    if (changes_.empty()) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(BeforeStep());
    CTDB_RETURN_IF_ERROR(target_.Apply(changes_));
    report_.changes += changes_.size();
    ++report_.steps;
    changes_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

  absl::Status Explain(const absl::Status& status) const {
    if (!is_marked_ && report_.steps == 0) return status;
    return absl::Status(
        status.code(),
        absl::StrCat(status.message(), "; the database is now partly restored (", report_.changes,
                     " changes are done): restore again to finish it"));
  }

  Records wanted_;
  RecordTarget& target_;
  const RestoreOptions& options_;
  RestoreReport report_;
  std::vector<Change> changes_;
  size_t bytes_ = 0;
  bool is_marked_ = false;
};

}  // namespace

bool IsLegacySequenceNumber(absl::string_view key) {
  constexpr absl::string_view kName = "__db_sequence_number__";
  return key == kName || key == absl::string_view("__db_sequence_number__\0", kName.size() + 1);
}

absl::StatusOr<RestoreReport> Restore(RecordSource& wanted, RecordTarget& target,
                                      const RestoreOptions& options) {
  return Run(wanted, target, options).Do();
}

}  // namespace ctdb::backup
