// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// commit: what a client sends to commit a transaction on a persistent database (TRANS3_COMMIT): a
// record buffer whose last record counts the commits of this database.
//
//   Ownership:  a decoded commit points into the bytes given.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for a buffer with a record without header, or that is malformed.
//   Blocking:   never.
//   Limits:     the packet that carries it.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const Commit commit, DecodeCommit(request.data));
//   if (commit.sequence_number == known + 1) ...

#ifndef LIB_SAMBA_COMMIT_H_
#define LIB_SAMBA_COMMIT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/samba/record_buffer.h"

namespace ctdb::samba {

// Its data is a 64-bit number. Applications do not see this record.
inline constexpr absl::string_view kSequenceKey("__db_sequence_number__\0", 23);

struct Commit {
  RecordBuffer buffer = {};
  // As the last record sets it; nothing if that is another record.
  std::optional<uint64_t> sequence_number = {};
};

absl::StatusOr<Commit> DecodeCommit(absl::string_view bytes);

// The number in the data of the record kSequenceKey, without its header; 0 for anything else than a
// number, as for a record that is not there.
uint64_t SequenceNumber(absl::string_view value);

// The key in g_lock.tdb that a client locks while it changes a persistent database.
std::string TransactionLockKey(DbId db_id);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_COMMIT_H_
