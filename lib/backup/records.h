// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// records: where records come from and where they go: databases, backups, files of other programs.
//
//   Ownership:  interfaces; views are good until the call that got them returns.
//   Threading:  one thread at a time.
//   Errors:     what the source or the target says; nothing is lost without an error.
//   Blocking:   as long as reading or writing takes.
//   Limits:     none of its own: nobody keeps all records in memory.
//
// Example:
//   CTDB_RETURN_IF_ERROR(source.ForEach([&](absl::string_view key, absl::string_view value) {
//     return writer.Add(key, value);
//   }));

#ifndef LIB_BACKUP_RECORDS_H_
#define LIB_BACKUP_RECORDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::backup {

using VisitRecord = absl::FunctionRef<absl::Status(absl::string_view key, absl::string_view value)>;

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // All records; may be called again. What `visit` returns as an error ends it.
  virtual absl::Status ForEach(VisitRecord visit) = 0;
};

// A record as it is to be; with an empty value it is to be gone.
struct Change {
  std::string key;
  std::string value;
};

// About what a change takes in a transaction.
inline constexpr size_t kChangeBytes = 64;
inline size_t BytesOf(absl::string_view key, absl::string_view value) {
  return kChangeBytes + key.size() + value.size();
}

class RecordTarget : public RecordSource {
 public:
  // Why this record cannot be stored here, if so.
  virtual absl::Status CheckRecord(absl::string_view key, absl::string_view value) const = 0;
  // How much one step may have so that all of it happens or nothing. 0: each change is on its own.
  virtual size_t step_bytes_max() const = 0;
  virtual absl::Status Apply(const std::vector<Change>& changes) = 0;
  // Only these are there afterwards; one step.
  virtual absl::Status ReplaceAll(const std::vector<Change>& records) = 0;
};

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_RECORDS_H_
