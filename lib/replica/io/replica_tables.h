// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica_tables: the LMDB file of a copy, and how its tables are read within a transaction.
//
//   Ownership:  the environment and the lock that keeps others from opening the file.
//   Threading:  thread-safe once open; a transaction and what reads in it belong to one thread.
//   Errors:     as lib/store/io/lmdb.h. DataLoss for contents that no one has written.
//   Blocking:   for the file system.
//   Limits:     kReadersMax transactions that read at once. Long keys with the same beginning are
//               sorted when they are read: as many as there are, in memory.
//
// Example:
//   RecordCursor cursor;
//   CTDB_RETURN_IF_ERROR(cursor.Seek(tables, txn, slot, after));
//   CTDB_ASSIGN_OR_RETURN(bool is_there, cursor.Next(record));

#ifndef LIB_REPLICA_IO_REPLICA_TABLES_H_
#define LIB_REPLICA_IO_REPLICA_TABLES_H_

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"
#include "lib/replica/digests.h"
#include "lib/replica/io/replica_format.h"
#include "lib/replica/log_index.h"
#include "lib/store/io/lmdb.h"

namespace ctdb::replica {

class Tables {
 public:
  static constexpr unsigned int kReadersMax = 126;

  explicit Tables(std::string path) : path_(std::move(path)) {}
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  ~Tables() {
    if (env_ != nullptr) mdb_env_close(env_);
  }

  // `flags`: of LMDB, beside its own. A new one gets its tables.
  absl::Status Open(uint64_t map_bytes, unsigned int flags, bool is_new);
  absl::Status Begin(store::LmdbTransaction& txn, unsigned int flags) const {
    return Status(txn.Begin(env_, flags), flags == MDB_RDONLY ? "read" : "write");
  }
  // Of LMDB's result.
  absl::Status Status(int result, absl::string_view action) const;

  MDB_env* env() const { return env_; }
  const std::string& path() const { return path_; }
  MDB_dbi meta() const { return meta_; }
  MDB_dbi records(uint32_t table) const { return records_[table]; }
  MDB_dbi staged() const { return staged_; }
  MDB_dbi log() const { return log_; }
  MDB_dbi digests() const { return digests_; }

  // Nothing: there is no such name. A view is good until the transaction ends or changes something.
  absl::StatusOr<bool> Get(const store::LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name,
                           absl::string_view& bytes) const;
  absl::Status Put(const store::LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name,
                   absl::string_view bytes) const;
  absl::Status Delete(const store::LmdbTransaction& txn, MDB_dbi dbi, absl::string_view name) const;
  absl::Status Clear(const store::LmdbTransaction& txn, MDB_dbi dbi) const;
  // The one with the records.
  absl::StatusOr<MDB_dbi> Records(const store::LmdbTransaction& txn) const;

 private:
  const std::string path_;
  MDB_env* env_ = nullptr;
  MDB_dbi meta_ = 0;
  MDB_dbi records_[2] = {};
  MDB_dbi staged_ = 0;
  MDB_dbi log_ = 0;
  MDB_dbi digests_ = 0;
};

// Records in the order of slots and keys.
class RecordCursor {
 public:
  // At those behind the key `after` of the slot.
  absl::Status Seek(const Tables& tables, const store::LmdbTransaction& txn, uint32_t slot,
                    absl::string_view after);
  // False at the end.
  absl::StatusOr<bool> Next(RecordView& record);

 private:
  absl::Status Load();
  absl::Status Step(MDB_cursor_op operation);

  const Tables* tables_ = nullptr;
  store::LmdbCursor cursor_;
  uint32_t slot_ = 0;
  std::string after_;
  absl::string_view name_;  // Where the cursor is.
  absl::string_view bytes_;
  bool is_end_ = false;
  std::vector<RecordView> group_;  // Those with the same beginning, sorted.
  size_t next_ = 0;                // In it.
};

// All that a copy knows about itself.
struct Contents {
  Meta meta;
  LogIndex log;
  Digests digests;
};
absl::Status ReadMeta(const Tables& tables, const store::LmdbTransaction& txn, Meta& meta);
// All checksums and digests are counted anew. After an error it has what was read before.
absl::Status ReadContents(const Tables& tables, const store::LmdbTransaction& txn,
                          Contents& contents);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_REPLICA_TABLES_H_
