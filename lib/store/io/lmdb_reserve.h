// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lmdb_reserve: room that an LMDB file keeps for itself, so that records can be deleted, and given
// to other nodes, when its file system is full. LMDB writes each page anew that a transaction
// touches, and takes space before it gives any back; without a reserve nothing could be deleted any
// more. So whatever makes the content larger is refused while there is still room for the rest:
//
//   content | free pages within the file | space after its end, asked for before it is needed
//
//   Ownership:  none; the environment outlives it.
//   Threading:  as its environment's one writing transaction.
//   Errors:     ResourceExhausted: the reserve would be used up, of the file system or of the map.
//   Blocking:   as the file system does.
//   Limits:     a run of free pages may be too short for a large value, which then takes space
//               after the end.
//
// Example:
//   LmdbReserve reserve(env, path, advice);
//   ... mdb_put() ...
//   CTDB_RETURN_IF_ERROR(reserve.Keep(txn, dbi, bytes_put));
//   txn.Commit();

#ifndef LIB_STORE_IO_LMDB_RESERVE_H_
#define LIB_STORE_IO_LMDB_RESERVE_H_

#include <lmdb.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/store/io/lmdb.h"

namespace ctdb::store {

// Twice what the largest record takes.
inline constexpr uint64_t kReserveBytes = 2 * 1024 * 1024;

class LmdbReserve {
 public:
  LmdbReserve(MDB_env* env, std::string path, const LmdbAdvice& advice)
      : env_(env), path_(std::move(path)), advice_(advice) {}

  // Before a transaction is committed that put `bytes` into `dbi`, the only table of the file, and
  // made it larger. Afterwards an abort is all that may follow an error.
  absl::Status Keep(const LmdbTransaction& txn, MDB_dbi dbi, uint64_t bytes);

 private:
  absl::Status AskFor(uint64_t begin, uint64_t end, uint64_t limit);

  MDB_env* const env_;
  const std::string path_;
  const LmdbAdvice advice_;
  uint64_t asked_for_ = 0;  // The file system has given the space before this position.
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LMDB_RESERVE_H_
