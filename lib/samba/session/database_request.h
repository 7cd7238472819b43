// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_request: what the proxy asks of database services, and what they answer, as values.
// Whoever carries them sends a request again until there is an answer: all of them may be repeated.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     an answer may be a status, in the words of the service.
//   Blocking:   never.
//   Limits:     those of the packets that carry them.
//
// Example:
//   outlet.AskDatabases(request_id, GetRecord{db_id, std::string(key)});

#ifndef LIB_SAMBA_SESSION_DATABASE_REQUEST_H_
#define LIB_SAMBA_SESSION_DATABASE_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/ids.h"
#include "lib/samba/constants.h"
#include "lib/samba/statistics.h"

namespace ctdb::samba {

enum class DatabaseKind : uint16_t { kVolatile = 0, kPersistent = 1, kReplicated = 2 };

struct DatabaseInfo {
  DbId id = {};
  std::string name;
  DatabaseKind kind = DatabaseKind::kVolatile;
  std::string path;
  uint32_t open_flags = 0;  // 0: the service does not say.

  friend bool operator==(const DatabaseInfo&, const DatabaseInfo&) = default;
};

// Of a database of which each node has a full copy.
struct LogPosition {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// The name of one transaction, so that it happens once.
struct TransactionToken {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const TransactionToken&, const TransactionToken&) = default;
};

struct AttachDatabase {
  std::string name;
  DatabaseKind kind = DatabaseKind::kVolatile;
  bool counts_changes = false;
};
struct ListDatabases {};
struct AskCounts {
  std::string name;
};
// The record is to be in this node's file, as its own. For somebody who only reads: unless there is
// none.
struct GetRecord {
  DbId db_id = {};
  std::string key;
  bool for_read = false;
};
// A record that came is used, by so many who were told so, and may go.
struct UsedRecord {
  DbId db_id = {};
  std::string key;
  uint32_t turns = 1;
};
// All other nodes are to have a copy of what the record is now. It fails with Aborted when it is
// not this node's.
struct KeepSpares {
  DbId db_id = {};
  std::string key;
};
struct ReadRecord {
  DbId db_id = {};
  std::string key;
};
// The next records that a node owns.
struct ListRecords {
  NodeNumber node = {};
  DbId db_id = {};
  uint64_t bucket = 0;
  std::string after;
};
struct CommitRecords {
  struct Read {
    std::string key;
    std::optional<LogPosition> version;  // None: there is no such record.
  };
  struct Write {
    std::string key;
    std::optional<std::string> value;  // None: it is deleted.
  };
  DbId db_id = {};
  TransactionToken token = {};
  std::vector<Read> reads;
  std::vector<Write> writes;
};
// What became of a transaction?
struct AskOutcome {
  DbId db_id = {};
  TransactionToken token = {};
  LogPosition since = {};
};
struct AskPosition {
  DbId db_id = {};
};
using DatabaseRequest =
    std::variant<AttachDatabase, ListDatabases, AskCounts, GetRecord, UsedRecord, KeepSpares,
                 ReadRecord, ListRecords, CommitRecords, AskOutcome, AskPosition>;

// What the service has counted of a database since it began to, or was told to begin anew.
struct DatabaseCounts {
  struct HotRecord {
    std::string key;
    uint32_t moves = 0;  // Within one second, at most.
  };
  LockCounts locks;
  LatencyCounter lock_wait;
  Histogram lock_waits{};
  uint32_t copies_lent = 0;
  uint32_t copies_revoked = 0;
  std::vector<HotRecord> hot_records = {};  // The hottest first.
};

struct RecordIsHere {
  bool in_turn = false;  // Others may wait until it is used.
};
struct RecordIsAbsent {};  // To who only reads.
struct SparesKept {};
struct RecordRead {
  std::optional<std::string> value;
  LogPosition version = {};
};
struct RecordPage {
  struct Record {
    std::string key;
    std::string value;
  };
  std::vector<Record> records;
  uint64_t bucket = 0;
  std::string after;
  bool is_last = false;
};
enum class Verdict { kUnknown, kCommitted, kAborted, kNotCommitted, kBusy, kClosed, kInvalid };
struct CommitOutcome {
  Verdict verdict = Verdict::kUnknown;
  std::string why;
};
// Of the body of a large commit; who carries requests deals with it.
struct BodyTaken {
  uint64_t bytes = 0;
};
// No answer to anything: another node waits for a record that came for so many clients.
struct AwaitedRecord {
  DbId db_id = {};
  std::string key;
  uint32_t turns = 1;
};
using DatabaseAnswer = std::variant<absl::Status, DatabaseInfo, std::vector<DatabaseInfo>,
                                    DatabaseCounts, RecordIsHere, RecordIsAbsent, SparesKept,
                                    RecordRead, RecordPage, CommitOutcome, LogPosition, BodyTaken>;

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_DATABASE_REQUEST_H_
