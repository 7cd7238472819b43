// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_header: the 24 bytes in front of each value in a file that unmodified Samba opens, and what
// they are here.
//
//   byte  0, 64 bits  "rsn": the epoch's lower 16 bits, the counter (40), 8 bits of Samba's
//   byte  8, 32 bits  "dmaster": the owner
//   byte 12, 32 bits  "reserved": the epoch's upper 32 bits
//   byte 16, 32 bits  flags
//   byte 20           nothing, zero
//
// in the byte order of this machine. Samba writes these bytes as it found them and looks at nothing
// but the owner and one flag. Its development version adds 1 to the rsn when it stores a record of
// which others are to keep spare copies (PS-61). That changes the last 8 bits, which mean nothing
// here, and after 256 times in one ownership the counter, as if the record had changed its owner:
// its home asks once. docs/decisions/0022-samba-databases.md has the reasons. What has no bytes
// behind the header is deleted (kTombstone). Flags that are ours alone have the place of the flags
// of Samba's that mean the same, and these have theirs; all others keep their place.
//
//   Ownership:  values; borrows.
//   Threading:  pure functions.
//   Errors:     ResourceExhausted: an epoch or counter that does not fit.
//   Blocking:   never.
//   Limits:     epochs below 2^48: 16 million elections. Counters below 2^40: ten thousand moves of
//               one record in each second for three years.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const TdbHeaderBytes bytes, EncodeTdbHeader(record.header));
//   std::optional<RecordHeader> header = DecodeTdbHeader(stored);

#ifndef LIB_STORE_TDB_TDB_HEADER_H_
#define LIB_STORE_TDB_TDB_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/store/record.h"

namespace ctdb::store {

inline constexpr size_t kTdbHeaderBytes = 24;
using TdbHeaderBytes = std::array<char, kTdbHeaderBytes>;

inline constexpr uint64_t kTdbEpochMax = (uint64_t{1} << 48) - 1;
inline constexpr uint64_t kTdbCounterMax = (uint64_t{1} << 40) - 1;

// Of a record that nobody owns.
inline constexpr NodeNumber kTdbNobody = NodeNumber(0xFFFFFFFF);

// Samba's bits of the flags (section 1.5 of its protocol's description).
inline constexpr uint32_t kTdbHaveDelegations = 0x01000000;  // kLentOut
inline constexpr uint32_t kTdbHaveReadOnly = 0x02000000;     // kReadOnly
inline constexpr uint32_t kTdbRevoking = 0x04000000;         // nothing here
inline constexpr uint32_t kTdbRevokeComplete = 0x08000000;   // kWasReadOnly

// kTombstone is not stored: see DecodeTdbHeader().
absl::StatusOr<TdbHeaderBytes> EncodeTdbHeader(const RecordHeader& header);

// Of a record that each node has a copy of: a number that grows, and who wrote it (REC-4).
TdbHeaderBytes PlainTdbHeader(uint64_t rsn, NodeNumber owner);

// Of a whole stored value. Nothing: it is too short, and counts as no record (REC-1).
std::optional<RecordHeader> DecodeTdbHeader(absl::string_view stored);

// The flags of ours that fit the ones in a file, and back.
uint32_t TdbFlagsOf(uint32_t flags);
uint32_t FlagsOfTdb(uint32_t tdb_flags);

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TDB_HEADER_H_
