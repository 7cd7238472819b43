// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record_header: what CTDB stores in front of each value in its own TDB files: 24 bytes, in the
// byte order of the machine. Their layout is lib/samba's.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     nothing for bytes that are too few.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   const std::optional<RecordHeader> header = ParseRecordHeader(bytes);

#ifndef LIB_TDB_FILE_IO_RECORD_HEADER_H_
#define LIB_TDB_FILE_IO_RECORD_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/samba/record.h"

namespace ctdb::tdb_file {

inline constexpr size_t kRecordHeaderBytes = samba::RecordHeader::kBytes;

struct RecordHeader {
  uint64_t rsn = 0;
  uint32_t owner = 0;
  uint32_t flags = 0;
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

std::optional<RecordHeader> ParseRecordHeader(absl::string_view bytes);
std::string RecordHeaderBytes(const RecordHeader& header);

// CTDB names its files NAME.NODE: "registry.tdb.0".
bool IsNameOfCtdb(absl::string_view path);

}  // namespace ctdb::tdb_file

#endif  // LIB_TDB_FILE_IO_RECORD_HEADER_H_
