// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// slot_pools: free slots of the hot tier, by size class and shard. A process that is killed at any
// instruction loses no slot: what it had in hand is written down, and whoever next locks the pool
// puts it where it belongs.
//
//   Ownership:  refers to the file.
//   Threading:  thread- and process-safe.
//   Errors:     ResourceExhausted: no slot and no memory for more. DeadlineExceeded: a process
//               stands still with the pool's lock; the text names it. DataLoss: damaged.
//   Blocking:   for a pool's lock at most kPoolWait; its holders compute, or ask the file system
//               for memory.
//   Limits:     the file's pages. A page stays with its size class until the database is replaced.
//
// Example:
//   CTDB_RETURN_IF_ERROR(pools.Lock(pool));
//   CTDB_ASSIGN_OR_RETURN(uint32_t position, pools.Take(pool));
//   ... fill and link the slot ...
//   pools.Taken(pool);
//   pools.Unlock(pool);

#ifndef LIB_STORE_IO_SLOT_POOLS_H_
#define LIB_STORE_IO_SLOT_POOLS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/io/slot_view.h"

namespace ctdb::store {

inline constexpr absl::Duration kPoolWait = absl::Seconds(10);

class SlotPools {
 public:
  SlotPools(const HotFile& file, uint32_t pid) : file_(file), pid_(pid) {}

  static uint32_t PoolIndex(uint32_t shard, uint32_t size_class) {
    return shard % kShards * kSizeClasses + size_class;
  }
  static uint32_t ClassOf(uint32_t pool) { return pool % kSizeClasses; }
  // Where a slot goes that nobody needs: to the pool that has its page. If it went to the pool of
  // whoever frees it, a process that makes records for others to free would never get a slot back.
  uint32_t PoolOf(uint32_t position) const;

  // Whether the position can be one of a slot.
  bool IsPosition(uint32_t position) const {
    return position % kPageUnits >= kPageHeaderBytes / kUnitBytes &&
           PageOf(position) < file_.header().pages_used.load(std::memory_order_acquire);
  }

  absl::Status Lock(uint32_t pool);
  void Unlock(uint32_t pool);

  // All of the following under the pool's lock. Take() gives a slot, to be linked before Taken().
  absl::StatusOr<uint32_t> Take(uint32_t pool);
  void Taken(uint32_t pool);
  // Before the slot is unlinked, and after.
  void BeginReturn(uint32_t pool, uint32_t position);
  void FinishReturn(uint32_t pool, uint32_t position);

  // Without the pool's lock, for whoever has the lock of this bucket: the spare slot, until
  // EndSwap() or KeepSpare(). 0: it is in use, and `user` is the number of that bucket; or there is
  // none.
  uint32_t ClaimSpare(uint32_t pool_index, uint32_t bucket, uint32_t& user) {
    Pool& pool = file_.pool(pool_index);
    uint32_t found = 0;
    if (!pool.spare_user.compare_exchange_strong(found, bucket + 1, std::memory_order_acquire)) {
      user = found - 1;
      return 0;
    }
    const uint32_t spare = pool.spare.load(std::memory_order_relaxed);
    if (spare != 0 && IsPosition(spare)) return spare;
    return GetSpare(pool_index);
  }
  // Before the spare slot is linked in the place of `old`, and after.
  void BeginSwap(uint32_t pool, uint32_t old) { file_.pool(pool).replaced.store(old, kInOrder); }
  void EndSwap(uint32_t pool_index, uint32_t old) {
    Pool& pool = file_.pool(pool_index);
    file_.slot(old).state.store(0, kInOrder);
    pool.spare.store(old, kInOrder);
    pool.spare_user.store(0, kInOrder);
  }
  void KeepSpare(uint32_t pool) { file_.pool(pool).spare_user.store(0, kInOrder); }

 private:
  absl::Status LockPages();
  absl::Status AddPage(uint32_t pool);
  uint32_t GetSpare(uint32_t pool);
  absl::Status Repair(uint32_t pool);
  void Push(Pool& pool, uint32_t position);
  bool IsLinked(uint32_t position) const;

  const HotFile& file_;
  const uint32_t pid_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_SLOT_POOLS_H_
