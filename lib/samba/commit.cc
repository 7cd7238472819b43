// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/commit.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::samba {

absl::StatusOr<Commit> DecodeCommit(absl::string_view bytes) {
  CTDB_ASSIGN_OR_RETURN(const RecordBuffer buffer, Decode<RecordBuffer>(bytes));
  Commit commit{buffer, std::nullopt};
  RecordCursor cursor(buffer);
  while (const std::optional<RecordData> record = cursor.Next()) {
    const std::optional<StoredRecord> stored = ReadStored(record->data);
    if (!stored.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("a commit has a record of ", record->data.size(), " bytes, without header"));
    }
    commit.sequence_number = std::nullopt;
    if (record->key == kSequenceKey && stored->value.size() == sizeof(uint64_t)) {
      commit.sequence_number = SequenceNumber(stored->value);
    }
  }
  return commit;
}

uint64_t SequenceNumber(absl::string_view value) {
  uint64_t number = 0;
  if (value.size() == sizeof(number)) std::memcpy(&number, value.data(), sizeof(number));
  return number;
}

std::string TransactionLockKey(DbId db_id) {
  std::string key = absl::StrCat("transaction_db_0x", absl::Hex(db_id.value(), absl::kZeroPad8));
  key.push_back('\0');
  return key;
}

}  // namespace ctdb::samba
