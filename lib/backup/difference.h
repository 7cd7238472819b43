// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// difference: what has to change in a database so that it has the records that it is to have.
//
// Records are compared by hashes of 128 bits (keys) and 64 bits (values), part of the keys by part:
// each part takes one look at all records of both sides. Not against forgery.
//
//   Ownership:  refers to the sources while it runs.
//   Threading:  belongs to one thread.
//   Errors:     those of the sources and of `visit`.
//   Blocking:   as the sources.
//   Limits:     some 50 bytes for each of keys_max keys.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const DifferenceCounts counts,
//                         Compare(backup, database, {}, [](const Difference& difference) {
//                           return Print(difference);
//                         }));

#ifndef LIB_BACKUP_DIFFERENCE_H_
#define LIB_BACKUP_DIFFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/backup/records.h"

namespace ctdb::backup {

struct Difference {
  enum class Kind { kAdded, kChanged, kRemoved };
  Kind kind = Kind::kAdded;
  absl::string_view key;
  absl::string_view value;  // As it is to be; empty if it is to be removed.
};

struct DifferenceCounts {
  uint64_t same = 0;
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t removed = 0;
  uint64_t bytes = 0;  // Of the changes, about as a transaction has them.
  uint64_t changes() const { return added + changed + removed; }
};

struct CompareOptions {
  bool removes = true;        // What only the database has is to go.
  std::string ignored_key = {};    // Of the database: not looked at.
  size_t keys_max = 1 << 20;  // In memory. Fewer: more looks.
};

// An identity for keys, good enough to tell one from all others.
struct KeyHash {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const KeyHash&, const KeyHash&) = default;
  template <typename State>
  friend State AbslHashValue(State state, const KeyHash& hash) {
    return State::combine(std::move(state), hash.high, hash.low);
  }
};
KeyHash HashOf(absl::string_view key);

// Records with an empty value are none. Of several records of one key the last one counts. A key
// that the database tells of twice while it moves may be counted twice.
absl::StatusOr<DifferenceCounts> Compare(RecordSource& wanted, RecordSource& present,
                                         const CompareOptions& options,
                                         absl::FunctionRef<absl::Status(const Difference&)> visit);

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_DIFFERENCE_H_
