// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cold_tier: what does not fit in shared memory, in an LMDB file. LMDB's keys have at most 511
// bytes, so its key here is a 16-byte hash with the database's secret, and the record's own key is
// kept and compared beside the value. Nothing is synchronised to disk but by Sync().
//
//   Ownership:  the environment, shared by all of a process that use the same file: LMDB allows it
//               to be open once per process.
//   Threading:  thread- and process-safe.
//   Errors:     ResourceExhausted: the file's limit or the file system is full; nothing changed.
//               Deleting goes on then.
//               DeadlineExceeded: another process stands still while it writes; the text names it.
//               DataLoss: the file is truncated or damaged.
//   Blocking:   Write() and Sync() wait for other writers up to kColdWait, and for the file system.
//               Get() and Next() wait for the file system.
//   Limits:     4096 processes and threads that read at once; the file's limit. Not over fork().
//
// Example:
//   CTDB_RETURN_IF_ERROR(cold.Write({{key, header, value}}));
//   CTDB_ASSIGN_OR_RETURN(bool found, cold.Get(key, copy));

#ifndef LIB_STORE_IO_COLD_TIER_H_
#define LIB_STORE_IO_COLD_TIER_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/record.h"
#include "lib/store/siphash.h"

namespace ctdb::store {

inline constexpr absl::Duration kColdWait = absl::Seconds(10);

// Views of a record that is written, or deleted.
struct ColdChange {
  absl::string_view key;
  RecordHeader header = {};
  absl::string_view value = {};
  bool remove = false;
  // The record is there already, and is not made larger: that is done if the file system is full,
  // too (lmdb_reserve.h).
  bool may_use_reserve = false;
};

class ColdEnvironment;
class LmdbTransaction;

class ColdTier {
 public:
  ColdTier(const HotFile& file, uint32_t pid);
  ~ColdTier();

  // All of them or none.
  absl::Status Write(const std::vector<ColdChange>& changes);
  absl::StatusOr<bool> Get(absl::string_view key, RecordCopy& copy);

  // Keys after that position, about so many bytes of them; none at the end. `after` moves on.
  absl::StatusOr<std::vector<std::string>> NextKeys(std::string& after, size_t bytes_max);

  absl::StatusOr<uint64_t> BytesInUse();
  absl::Status Sync();

 private:
  absl::StatusOr<ColdEnvironment*> Environment();
  bool IsUsed() const { return file_.header().cold_used.load(std::memory_order_acquire) != 0; }
  std::string KeyOf(absl::string_view key) const;
  absl::Status WriteLocked(const std::vector<ColdChange>& changes);
  int Apply(const ColdChange& change, LmdbTransaction& txn, unsigned int dbi) const;

  const HotFile& file_;
  const uint32_t pid_;
  const HashSecret secret_;
  std::mutex mutex_;
  ColdEnvironment* environment_ = nullptr;  // Under mutex_; opened when first needed.
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_COLD_TIER_H_
