// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// hot_tier: records in shared memory, each under its bucket's lock. A record is never changed
// where it is: a new slot is filled, one word links it in the place of the old one, and the old one
// is returned. So a process killed at any instruction leaves the old record or the new one, and
// who reads without a lock sees one of them.
//
//   Ownership:  refers to the file.
//   Threading:  Find(), Put(), Remove() under the bucket's lock; TryRead() and
//               TrySnapshot() without.
//   Errors:     ResourceExhausted: no slot; DataLoss: damaged; otherwise those of slot_pools.h.
//   Blocking:   as slot_pools.h.
//   Limits:     records of kSlotBytesMax; what is larger is not for the hot tier.
//
// Example:
//   CTDB_RETURN_IF_ERROR(hot.Lock(hash, wait));
//   CTDB_ASSIGN_OR_RETURN(uint32_t position, hot.Find(hash, key));
//   hot.Unlock(hash);

#ifndef LIB_STORE_IO_HOT_TIER_H_
#define LIB_STORE_IO_HOT_TIER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/io/shared_lock.h"
#include "lib/store/io/slot_pools.h"
#include "lib/store/io/slot_view.h"
#include "lib/store/record.h"

namespace ctdb::store {

class HotTier {
 public:
  HotTier(const HotFile& file, uint32_t pid)
      : file_(file),
        pid_(pid),
        pools_(file, pid),
        chain_max_(file.header().page_count * SlotsPerPage(0)) {}

  static bool Fits(absl::string_view key, absl::string_view value) {
    return SlotBytes(key.size(), value.size()) <= kSlotBytesMax;
  }

  BucketGroup& GroupOf(uint32_t hash) const { return file_.group_of(file_.bucket_of(hash)); }
  BucketLock& LockOf(uint32_t hash) const { return file_.bucket_lock(file_.bucket_of(hash)); }
  Slot& At(uint32_t position) const { return file_.slot(position); }
  absl::string_view KeyAt(uint32_t position) const { return KeyOf(At(position)); }
  absl::string_view ValueAt(uint32_t position) const { return ValueOf(At(position)); }
  RecordHeader HeaderAt(uint32_t position) const { return HeaderOf(At(position)); }

  absl::Status Lock(uint32_t hash, absl::Duration wait) {
    BucketLock& lock = LockOf(hash);
    __builtin_prefetch(&lock, 1);
    // On its way while the lock is. What is first now is only likely to be what is looked for.
    const uint32_t first = GroupOf(hash).head(hash).load(std::memory_order_relaxed);
    if (pools_.IsPosition(first)) PrefetchSlot(At(first));
    if (!IsMade(lock)) return LockFirst(hash, wait);
    const TryResult result = TryAcquire(lock, pid_);
    if (result == TryResult::kLocked) return absl::OkStatus();
    return LockSlowly(hash, result, wait);
  }
  // Not when somebody holds it, or it cannot be repaired.
  bool TryLock(uint32_t hash);
  void Unlock(uint32_t hash) { Release(LockOf(hash)); }

  // Under the bucket's lock. 0: there is none.
  absl::StatusOr<uint32_t> Find(uint32_t hash, absl::string_view key) const;
  // Replaces the slot `old` by the shard's spare one, which takes no other lock. Returns its
  // position; 0: this cannot be done, and Put() can, perhaps.
  uint32_t Swap(uint32_t hash, const HotRecord& record, uint32_t old, uint32_t shard);
  // Replaces the slot `old`, or adds one when it is 0, with a slot of this shard. Returns the new
  // one's position; the old one goes back to the pool of its page.
  absl::StatusOr<uint32_t> Put(uint32_t hash, const HotRecord& record, uint32_t old,
                               uint32_t shard);
  // Makes a record the mark that there is none. Needs no memory.
  void MarkAbsent(uint32_t hash, uint32_t position);
  // The slot goes to this pool, which is of its size.
  absl::Status Remove(uint32_t hash, uint32_t position, uint32_t pool);
  // Whether the slot is in the chain.
  bool Contains(uint32_t hash, uint32_t position) const;

  // Without a lock.
  enum class Found { kRecord, kAbsent, kNothing, kChanged };
  Found TryRead(uint32_t hash, absl::string_view key, RecordCopy& record) const;

  // Whether there is no record in this bucket and those that share its cache line.
  bool IsGroupEmpty(uint32_t bucket) const {
    uint32_t any = 0;
    for (const std::atomic<uint32_t>& head : file_.group_of(bucket).heads) {
      any |= head.load(std::memory_order_acquire);
    }
    return any == 0;
  }
  // Appends the bucket's records; false when they changed meanwhile: what was appended is of no
  // use. Under the bucket's lock they do not change, only others of its group do.
  bool TrySnapshot(uint32_t bucket, std::vector<Record>& records, bool is_locked = false) const;

  SlotPools& pools() { return pools_; }

 private:
  // Null: it is in no chain.
  std::atomic<uint32_t>* LinkTo(uint32_t hash, uint32_t position) const;
  absl::StatusOr<uint32_t> PutWithPools(uint32_t hash, const HotRecord& record, uint32_t old,
                                        uint32_t new_pool, uint32_t old_pool);
  static bool IsMade(const BucketLock& lock) {
    return lock.is_made.load(std::memory_order_acquire) != 0;
  }
  absl::Status MakeLock(BucketLock& lock);
  absl::Status LockFirst(uint32_t hash, absl::Duration wait);
  absl::Status LockSlowly(uint32_t hash, TryResult result, absl::Duration wait);
  absl::Status Repair(uint32_t hash);
  absl::Status RepairPool(uint32_t hash, uint32_t pool);
  absl::Status Damaged() const;

  const HotFile& file_;
  const uint32_t pid_;
  SlotPools pools_;
  const uint32_t chain_max_;  // No chain is longer: this many slots do not fit in the file.
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_HOT_TIER_H_
