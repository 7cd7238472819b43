// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica_format: what the file of a copy has in it, byte by byte.
//
// It is an LMDB file with these tables. Numbers in names (LMDB's keys) have their highest byte
// first, so that names sort as they should; numbers in contents have their lowest byte first.
//
//   meta      "meta" -> Meta: what the file is, and where the copy stands.
//   records0  record name -> record. One of the two has the records, as Meta says; the other one
//   records1  is where a copy is put together that takes nothing over from the old one.
//   staged    record name -> '+' and a record, or '-' and nothing: changes that are kept aside.
//   log       position (epoch, sequence: 8 bytes each) -> item.
//   digests   slot (2 bytes) -> high, low (8 bytes each). Without one: 0.
//
// Names of records: slot (2 bytes), key. LMDB takes at most 511 bytes, so a key of more than
// kPrefixBytes has as its name: slot, the first kPrefixBytes bytes, a hash of all of it (16 bytes).
// Names sort as keys do, but for long keys with the same beginning, which stand side by side.
//
// A record is: version (epoch, sequence), fingerprint (high, low), length of the key if the name
// has only a hash of it and otherwise 0 (4 bytes), that key, value. The fingerprint is the
// checksum. An item of the log: checksum (high, low), token (high, low), length of the entry
// or 0 if it is not known (8 bytes), and if it is known: 1 if it is a wipe (1 byte), and for each
// write the length of its key (4), the length of its value plus 1 or 0 to delete it (4), key,
// value. Meta: "ctdbcopy", checksum (high, low), format (4), which table has the records (4),
// number of the transaction of LMDB, position, base of the tokens, database (4), length of the
// name (4), name, and why the copy is not to be used (to the end). Checksums are FingerprintOf()
// with the name in the table and what follows the checksum.
//
// A block of the journal (journal.h) is: database (4), position before it, number of entries (4),
// and for each its position, length of its item (4) and item; number of digests (4), and for each
// the slot (4), high, low.
//
// Pages around all of this are LMDB's, in the byte order of the machine.
//
//   Ownership:  views refer to what was parsed.
//   Threading:  pure functions.
//   Errors:     DataLoss for what no one has written.
//   Blocking:   never.
//   Limits:     as lib/replica/limits.h.

#ifndef LIB_REPLICA_IO_REPLICA_FORMAT_H_
#define LIB_REPLICA_IO_REPLICA_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/replica/log_index.h"
#include "lib/replica/reader.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

inline constexpr uint32_t kFormat = 1;
inline constexpr size_t kPrefixBytes = 493;

std::string SlotName(uint32_t slot);
std::string RecordName(absl::string_view key);
// Of a long key, without the hash: what names of keys with the same beginning have in common.
bool IsLongName(absl::string_view name);
absl::string_view GroupOf(absl::string_view long_name);

struct RecordView {
  uint32_t slot = 0;
  RecordInfo info;
  absl::string_view key;
  absl::string_view value;
};
std::string RecordBytes(absl::string_view key, Position version, absl::string_view value);
// Whether it has its form; Verify() looks at the checksum, too.
absl::StatusOr<RecordView> ParseRecord(absl::string_view name, absl::string_view bytes);
absl::Status Verify(const RecordView& record);

std::string PositionName(Position position);
absl::StatusOr<Position> ParsePosition(absl::string_view name);

std::string TokenBytes(const LogIndex::Item& item);
std::string EntryBytes(const Entry& entry);
// Checked.
absl::StatusOr<LogIndex::Item> ParseItem(absl::string_view name, absl::string_view bytes);
absl::StatusOr<Entry> ParseEntry(absl::string_view name, absl::string_view bytes);

std::string DigestBytes(const Digest& digest);
absl::StatusOr<Digest> ParseDigest(absl::string_view bytes);

// What is to be appended, before the tables have it.
struct JournalBlock {
  uint32_t database = 0;
  Position previous;
  std::vector<Entry> entries;  // Some.
  std::map<uint32_t, Digest> digests;
};
std::string BlockBytes(const JournalBlock& block);
// Of one whose checksum is right.
absl::StatusOr<JournalBlock> ParseBlock(absl::string_view bytes);

struct Meta {
  uint32_t table = 0;
  uint64_t transaction = 0;
  Position position;
  Position tokens_base;
  uint32_t database = 0;
  std::string name;
  std::string problem;
  friend bool operator==(const Meta&, const Meta&) = default;
};
inline constexpr char kMetaName[] = "meta";
std::string MetaBytes(const Meta& meta);
absl::StatusOr<Meta> ParseMeta(absl::string_view bytes);
// Its table only, unchecked: for readers, of a file that was checked when it was opened.
uint32_t TableOf(absl::string_view meta);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_REPLICA_FORMAT_H_
