// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// scan_store: which records of some slots lie in a store, page by page, and which of some keys, for
// recovery; and which empty or void ones, step by step, to be forgotten.
//
//   Ownership:  values.
//   Threading:  any thread; meant for a helper thread.
//   Errors:     those of RecordStore::Next() and Read(); InvalidArgument for a cursor that is none.
//   Blocking:   as long as it takes to read the records.
//   Limits:     about scan.bytes_max bytes of records in a report.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(ScanResult result, ScanStore(store, scan));

#ifndef LIB_DATABASE_IO_SCAN_STORE_H_
#define LIB_DATABASE_IO_SCAN_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/database/forgetting.h"
#include "lib/recovery/reporter.h"
#include "lib/store/record_store.h"

namespace ctdb::database {

struct ScanResult {
  std::vector<recovery::Reporter::ScannedRecord> records;
  std::string next_cursor;
  bool is_end = false;
  uint64_t scanned = 0;  // Of all slots.
  uint64_t stored = 0;   // In the whole store.
};

absl::StatusOr<ScanResult> ScanStore(store::RecordStore& store,
                                     const recovery::Reporter::Output::Scan& scan);

// Those of the keys that are there.
absl::StatusOr<std::vector<recovery::Reporter::ScannedRecord>> LookUpInStore(
    store::RecordStore& store, const std::vector<std::string>& keys);

// The same for whoever must not wait: nothing when one of them is locked just now.
std::optional<std::vector<recovery::Reporter::ScannedRecord>> TryLookUpInStore(
    store::RecordStore& store, const std::vector<std::string>& keys);

// As the last step ended; "" for the beginning.
struct RestingScan {
  std::string cursor;
  Epoch void_before;       // See lib/database/absence.h.
  size_t found_max = 500;  // About.
};

struct RestingResult {
  std::vector<RestingRecord> records;
  std::string next_cursor;
  bool is_end = false;
  size_t scanned = 0;
};

absl::StatusOr<RestingResult> ScanResting(store::RecordStore& store, const RestingScan& scan);

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_SCAN_STORE_H_
