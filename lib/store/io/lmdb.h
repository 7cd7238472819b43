// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lmdb: what every user of LMDB needs around it.
//
// Traps that all of them share: keys have at most kLmdbKeyBytesMax bytes; a file may be open once
// per process; it must be opened without thread-local readers (MDB_NOTLS) to be read on any
// thread; what grows a file needs WithoutSizeSignal (file_space.h).
//
//   Ownership:  a transaction ends with its object.
//   Threading:  a transaction belongs to one thread at a time.
//   Errors:     ResourceExhausted: the map, the file system or the table of readers is full.
//               DataLoss: the file is damaged. PermissionDenied. Internal: anything else.
//   Blocking:   to begin a writing transaction waits for the other writer.
//   Limits:     as LMDB's.
//
// Example:
//   LmdbTransaction txn;
//   int result = txn.Begin(env, MDB_RDONLY);
//   if (result == MDB_SUCCESS) result = mdb_get(txn.get(), dbi, &key, &value);
//   return LmdbStatus(result, "read", path, advice);

#ifndef LIB_STORE_IO_LMDB_H_
#define LIB_STORE_IO_LMDB_H_

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::store {

// As Debian builds it.
inline constexpr size_t kLmdbKeyBytesMax = 511;

// What to do, at the end of an error's text.
struct LmdbAdvice {
  const char* when_full;
  const char* when_damaged;
};

// "cannot <action> <path>: ..." of LMDB's result.
absl::Status LmdbStatus(int result, absl::string_view action, const std::string& path,
                        const LmdbAdvice& advice);

inline MDB_val LmdbView(absl::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
inline absl::string_view LmdbView(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// Of one table.
inline uint64_t LmdbPages(const MDB_stat& stat) {
  return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

// LMDB maps the lock file with holes, and touching one of them on a full file system would be a
// signal. Before LMDB has the file: closing it later would drop LMDB's locks.
absl::Status AllocateLmdbLockFile(const std::string& path, unsigned int readers_max);

// Aborts its transaction, if that was not committed.
class LmdbTransaction {
 public:
  LmdbTransaction() = default;
  LmdbTransaction(const LmdbTransaction&) = delete;
  LmdbTransaction& operator=(const LmdbTransaction&) = delete;
  ~LmdbTransaction() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }

  int Begin(MDB_env* env, unsigned int flags);
  int Commit() {
    const int result = mdb_txn_commit(txn_);
    txn_ = nullptr;
    return result;
  }
  MDB_txn* get() const { return txn_; }

 private:
  MDB_txn* txn_ = nullptr;
};

// Of a transaction that only reads, or that outlives it.
class LmdbCursor {
 public:
  LmdbCursor() = default;
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;
  ~LmdbCursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }

  int Open(const LmdbTransaction& txn, MDB_dbi dbi) {
    return mdb_cursor_open(txn.get(), dbi, &cursor_);
  }
  // `key` is what to look for, where `operation` needs that, and what was found.
  int Get(absl::string_view& key, absl::string_view& value, MDB_cursor_op operation);
  MDB_cursor* get() const { return cursor_; }

 private:
  MDB_cursor* cursor_ = nullptr;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LMDB_H_
