// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/scan_store.h"

#include <cstring>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/database/absence.h"
#include "lib/store/loan.h"

namespace ctdb::database {
namespace {

// Values are read with the records and thrown away.
constexpr size_t kStepBytes = 64 * 1024;
// Of one step of vacuuming: then others use the helper thread.
constexpr size_t kRestingBytes = 4 * kStepBytes;

// Only this node reads its own cursors.
std::string ToText(const store::Cursor& cursor) {
  std::string text(sizeof(cursor.bucket), '\0');
  std::memcpy(text.data(), &cursor.bucket, sizeof(cursor.bucket));
  return text + cursor.after;
}

absl::StatusOr<store::Cursor> FromText(const std::string& text) {
  store::Cursor cursor;
  if (text.empty()) return cursor;
  if (text.size() < sizeof(cursor.bucket)) {
    return absl::InvalidArgumentError("a survey goes on at a place that does not exist");
  }
  std::memcpy(&cursor.bucket, text.data(), sizeof(cursor.bucket));
  cursor.after = text.substr(sizeof(cursor.bucket));
  return cursor;
}

Loan LoanIn(const store::RecordHeader& header, absl::string_view value) {
  if (!store::HasLoan(header)) return {};
  const store::StoredLoan stored = store::LoanOf(value);
  return {Epoch(stored.epoch), stored.number};
}

recovery::Reporter::ScannedRecord ToScanned(std::string key, const store::RecordHeader& header,
                                            absl::string_view value) {
  return {std::move(key), {header.epoch, header.counter}, header.owner, LoanIn(header, value)};
}

bool IsEmpty(const store::Record& record) {
  return store::HasLoan(record.copy.header) ? store::ValueBehindLoan(record.copy.value).empty()
                                            : record.copy.value.empty();
}

}  // namespace

absl::StatusOr<ScanResult> ScanStore(store::RecordStore& store,
                                     const recovery::Reporter::Output::Scan& scan) {
  CTDB_ASSIGN_OR_RETURN(store::Cursor cursor, FromText(scan.cursor));
  ScanResult result;
  size_t bytes = 0;
  while (!cursor.done && bytes < scan.bytes_max) {
    CTDB_ASSIGN_OR_RETURN(std::vector<store::Record> records, store.Next(cursor, kStepBytes));
    result.scanned += records.size();
    for (store::Record& record : records) {
      if (!scan.slots.test(SlotOf(record.key).value())) continue;
      bytes += recovery::EntryBytes(record.key);
      result.records.push_back(
          ToScanned(std::move(record.key), record.copy.header, record.copy.value));
    }
  }
  CTDB_ASSIGN_OR_RETURN(const store::StoreStatistics statistics, store.Statistics());
  result.stored = statistics.records;
  result.is_end = cursor.done;
  if (!cursor.done) result.next_cursor = ToText(cursor);
  return result;
}

absl::StatusOr<std::vector<recovery::Reporter::ScannedRecord>> LookUpInStore(
    store::RecordStore& store, const std::vector<std::string>& keys) {
  std::vector<recovery::Reporter::ScannedRecord> found;
  store::RecordCopy copy;
  for (const std::string& key : keys) {
    CTDB_ASSIGN_OR_RETURN(const bool is_there, store.Read(key, copy));
    if (is_there) found.push_back(ToScanned(key, copy.header, copy.value));
  }
  return found;
}

std::optional<std::vector<recovery::Reporter::ScannedRecord>> TryLookUpInStore(
    store::RecordStore& store, const std::vector<std::string>& keys) {
  std::vector<recovery::Reporter::ScannedRecord> found;
  for (const std::string& key : keys) {
    const absl::StatusOr<store::LockedRecord> record = store.Lock(key, {});
    if (!record.ok()) return std::nullopt;
    if (record->exists()) found.push_back(ToScanned(key, record->header(), record->value()));
  }
  return found;
}

absl::StatusOr<RestingResult> ScanResting(store::RecordStore& store, const RestingScan& scan) {
  CTDB_ASSIGN_OR_RETURN(store::Cursor cursor, FromText(scan.cursor));
  RestingResult result;
  size_t bytes = 0;
  while (!cursor.done && bytes < kRestingBytes && result.records.size() < scan.found_max) {
    CTDB_ASSIGN_OR_RETURN(std::vector<store::Record> records, store.Next(cursor, kStepBytes));
    for (store::Record& record : records) {
      ++result.scanned;
      bytes += record.key.size() + record.copy.value.size() + sizeof(record.copy.header);
      const store::RecordHeader& header = record.copy.header;
      const RecordVersion version{header.epoch, header.counter};
      const Loan loan = LoanIn(header, record.copy.value);
      const bool is_empty = IsEmpty(record);
      if (!is_empty && !IsVoid(version, loan, scan.void_before)) continue;
      const bool is_watched = (header.flags & store::kWatched) != 0;
      result.records.push_back(
          {std::move(record.key), version, header.owner, loan, is_empty, is_watched});
    }
  }
  result.is_end = cursor.done;
  if (!cursor.done) result.next_cursor = ToText(cursor);
  return result;
}

}  // namespace ctdb::database
