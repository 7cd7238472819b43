// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_tier.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::store {
namespace {

constexpr absl::Duration kMakingWait = absl::Seconds(5);  // Of others who make locks.

}  // namespace

absl::Status HotTier::Damaged() const {
  return absl::DataLossError(
      absl::StrCat(file_.path(), " is damaged (chain of records); let the daemon make it anew"));
}

// Who dies here leaves a mutex that is not said to be one, and is made anew.
absl::Status HotTier::MakeLock(BucketLock& lock) {
  SharedLock& making = file_.header().making_lock;
  CTDB_ASSIGN_OR_RETURN(const bool died,
                        Acquire(making, pid_, kMakingWait, "what makes locks of records"));
  if (died) MarkRepaired(making);
  absl::Status status;
  if (!IsMade(lock)) {
    status = InitializeLock(lock);
    if (status.ok()) lock.is_made.store(1, std::memory_order_release);
  }
  Release(making);
  return status;
}

absl::Status HotTier::LockFirst(uint32_t hash, absl::Duration wait) {
  CTDB_RETURN_IF_ERROR(MakeLock(LockOf(hash)));
  const TryResult result = TryAcquire(LockOf(hash), pid_);
  return result == TryResult::kLocked ? absl::OkStatus() : LockSlowly(hash, result, wait);
}

absl::Status HotTier::LockSlowly(uint32_t hash, TryResult result, absl::Duration wait) {
  bool died = result == TryResult::kOwnerDied;
  if (!died) {
    CTDB_ASSIGN_OR_RETURN(died, Acquire(LockOf(hash), pid_, wait, "the record"));
  }
  return died ? Repair(hash) : absl::OkStatus();
}

bool HotTier::TryLock(uint32_t hash) {
  if (!IsMade(LockOf(hash)) && !MakeLock(LockOf(hash)).ok()) return false;
  const TryResult result = TryAcquire(LockOf(hash), pid_);
  if (result != TryResult::kOwnerDied) return result == TryResult::kLocked;
  return Repair(hash).ok();
}

absl::Status HotTier::Repair(uint32_t hash) {
  SharedLock& lock = LockOf(hash);
  // One word changes a chain, so the chain is whole. Slots on their way into it or out of it are
  // the pools' to repair, before anything else happens here.
  absl::Status status;
  const uint32_t pools = lock.pools.load(std::memory_order_relaxed);
  for (const uint32_t pool : {pools & 0xffff, pools >> 16}) {
    if (pool == 0 || pool > kPools) continue;
    status = RepairPool(hash, pool - 1);
    if (!status.ok()) break;
  }
  if (status.ok()) {
    lock.pools.store(0, kInOrder);
    file_.header().owner_deaths.fetch_add(1, std::memory_order_relaxed);
  }
  GroupOf(hash).version.fetch_add(2);
  MarkRepaired(lock);
  if (!status.ok()) Release(lock);
  return status;
}

absl::Status HotTier::RepairPool(uint32_t hash, uint32_t pool_index) {
  CTDB_RETURN_IF_ERROR(pools_.Lock(pool_index));
  pools_.Unlock(pool_index);
  Pool& pool = file_.pool(pool_index);
  const uint32_t bucket = file_.bucket_of(hash);
  if (pool.spare_user.load(std::memory_order_acquire) != bucket + 1) return absl::OkStatus();
  const uint32_t spare = pool.spare.load(std::memory_order_relaxed);
  const uint32_t spare_hash =
      pools_.IsPosition(spare) ? At(spare).hash.load(std::memory_order_relaxed) : hash;
  if (file_.bucket_of(spare_hash) == bucket && Contains(spare_hash, spare)) {
    // Readers without a lock may still look at what it replaced.
    GroupOf(hash).version.fetch_add(2);
    pools_.EndSwap(pool_index, pool.replaced.load(std::memory_order_relaxed));
  } else {
    pools_.KeepSpare(pool_index);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> HotTier::Find(uint32_t hash, absl::string_view key) const {
  if (!Fits(key, "")) return 0u;
  uint32_t at = GroupOf(hash).head(hash).load(std::memory_order_acquire);
  for (uint32_t steps = chain_max_; at != 0; --steps) {
    if (steps == 0 || !pools_.IsPosition(at)) return Damaged();
    Slot& slot = At(at);
    PrefetchSlot(slot);
    if (!IsWhole(slot, at)) return Damaged();
    if (slot.hash.load(std::memory_order_acquire) == hash && KeyIs(slot, key)) {
      SetUsed(slot);
      return at;
    }
    at = slot.next.load(std::memory_order_acquire);
  }
  return 0u;
}

bool HotTier::Contains(uint32_t hash, uint32_t position) const {
  return LinkTo(hash, position) != nullptr;
}

std::atomic<uint32_t>* HotTier::LinkTo(uint32_t hash, uint32_t position) const {
  std::atomic<uint32_t>* link = &GroupOf(hash).head(hash);
  for (uint32_t steps = chain_max_; steps != 0; --steps) {
    const uint32_t at = link->load(std::memory_order_acquire);
    if (!pools_.IsPosition(at)) break;
    if (at == position) return link;
    link = &At(at).next;
  }
  return nullptr;
}

uint32_t HotTier::Swap(uint32_t hash, const HotRecord& record, uint32_t old, uint32_t shard) {
  const uint32_t size_class = *SizeClassFor(SlotBytes(record.key.size(), record.value.size()));
  if (size_class != ClassOf(At(old))) return 0;
  const uint32_t pool = SlotPools::PoolIndex(shard, size_class);
  std::atomic<uint32_t>* const link = LinkTo(hash, old);
  if (link == nullptr) return 0;
  BucketGroup& group = GroupOf(hash);
  SharedLock& lock = LockOf(hash);
  lock.pools.store(pool + 1, kInOrder);
  uint32_t other_user = UINT32_MAX;
  const uint32_t position = pools_.ClaimSpare(pool, file_.bucket_of(hash), other_user);
  if (position != 0) {
    FillSlot(At(position), hash, record, At(old).next.load(std::memory_order_relaxed));
    pools_.BeginSwap(pool, old);
    link->store(position, kInOrder);  // This is when it happens.
    group.version.fetch_add(2);
    pools_.EndSwap(pool, old);
  }
  lock.pools.store(0, kInOrder);
  // Perhaps it is dead, and its bucket so rarely asked for that nobody would notice.
  if (other_user < file_.header().bucket_count) {
    const uint32_t other_hash = file_.hash_of(other_user);
    if (TryLock(other_hash)) Unlock(other_hash);
  }
  return position;
}

absl::StatusOr<uint32_t> HotTier::Put(uint32_t hash, const HotRecord& record, uint32_t old,
                                      uint32_t shard) {
  const std::optional<uint32_t> new_class =
      SizeClassFor(SlotBytes(record.key.size(), record.value.size()));
  if (!new_class) return absl::ResourceExhaustedError("too large for the hot tier");
  const uint32_t new_pool = SlotPools::PoolIndex(shard, *new_class);
  const uint32_t old_pool = old != 0 ? pools_.PoolOf(old) : new_pool;
  // In order of their numbers, so that two processes never wait for each other.
  CTDB_RETURN_IF_ERROR(pools_.Lock(std::min(new_pool, old_pool)));
  if (old_pool != new_pool) {
    const absl::Status second = pools_.Lock(std::max(new_pool, old_pool));
    if (!second.ok()) {
      pools_.Unlock(std::min(new_pool, old_pool));
      return second;
    }
  }
  absl::StatusOr<uint32_t> position = PutWithPools(hash, record, old, new_pool, old_pool);
  pools_.Unlock(new_pool);
  if (old_pool != new_pool) pools_.Unlock(old_pool);
  return position;
}

absl::StatusOr<uint32_t> HotTier::PutWithPools(uint32_t hash, const HotRecord& record, uint32_t old,
                                               uint32_t new_pool, uint32_t old_pool) {
  BucketGroup& group = GroupOf(hash);
  SharedLock& lock = LockOf(hash);
  std::atomic<uint32_t>* const link = old != 0 ? LinkTo(hash, old) : &group.head(hash);
  if (link == nullptr) return Damaged();
  lock.pools.store((new_pool + 1) | (old_pool + 1) << 16, kInOrder);
  CTDB_ASSIGN_OR_RETURN(const uint32_t position, pools_.Take(new_pool));
  FillSlot(At(position), hash, record,
           (old != 0 ? At(old).next : *link).load(std::memory_order_relaxed));
  if (old != 0) pools_.BeginReturn(old_pool, old);
  link->store(position, kInOrder);  // This is when it happens.
  group.version.fetch_add(2);
  if (old != 0) pools_.FinishReturn(old_pool, old);
  pools_.Taken(new_pool);
  lock.pools.store(0, kInOrder);
  return position;
}

void HotTier::MarkAbsent(uint32_t hash, uint32_t position) {
  At(position).state.store(kAbsent | kDirty | kColdCopy, kInOrder);
  GroupOf(hash).version.fetch_add(2);
}

absl::Status HotTier::Remove(uint32_t hash, uint32_t position, uint32_t pool) {
  CTDB_RETURN_IF_ERROR(pools_.Lock(pool));
  std::atomic<uint32_t>* const link = LinkTo(hash, position);
  if (link != nullptr) {
    BucketGroup& group = GroupOf(hash);
    SharedLock& lock = LockOf(hash);
    lock.pools.store((pool + 1) << 16, kInOrder);
    pools_.BeginReturn(pool, position);
    link->store(At(position).next.load(std::memory_order_relaxed), kInOrder);
    group.version.fetch_add(2);
    pools_.FinishReturn(pool, position);
    lock.pools.store(0, kInOrder);
  }
  pools_.Unlock(pool);
  return link != nullptr ? absl::OkStatus() : Damaged();
}

HotTier::Found HotTier::TryRead(uint32_t hash, absl::string_view key, RecordCopy& record) const {
  BucketGroup& group = GroupOf(hash);
  const uint32_t version = group.version.load(std::memory_order_acquire);
  const auto unchanged = [&] { return group.version.load(std::memory_order_acquire) == version; };
  uint32_t at = Fits(key, "") ? group.head(hash).load(std::memory_order_acquire) : 0;
  for (uint32_t steps = chain_max_; at != 0; --steps) {
    if (steps == 0 || !pools_.IsPosition(at)) return Found::kChanged;
    Slot& slot = At(at);
    PrefetchSlot(slot);
    if (!IsWhole(slot, at)) return Found::kChanged;
    if (slot.hash.load(std::memory_order_acquire) == hash && KeyIs(slot, key)) {
      if ((slot.state.load(std::memory_order_acquire) & kAbsent) != 0) {
        return unchanged() ? Found::kAbsent : Found::kChanged;
      }
      const uint32_t size = slot.value_size.load(std::memory_order_acquire);
      if (!IsWithinPage(at, key.size(), size)) return Found::kChanged;
      record.header = HeaderOf(slot);
      record.value.resize(size);
      LoadWords(record.value.data(), ValueWords(slot, key.size()), size);
      if (!unchanged()) return Found::kChanged;
      SetUsed(slot);
      return Found::kRecord;
    }
    at = slot.next.load(std::memory_order_acquire);
    if (steps % 64 == 0 && !unchanged()) return Found::kChanged;
  }
  return unchanged() ? Found::kNothing : Found::kChanged;
}

bool HotTier::TrySnapshot(uint32_t bucket, std::vector<Record>& records, bool is_locked) const {
  BucketGroup& group = file_.group_of(bucket);
  const uint32_t version = group.version.load(std::memory_order_acquire);
  const auto unchanged = [&] {
    return is_locked || group.version.load(std::memory_order_acquire) == version;
  };
  for (const std::atomic<uint32_t>& head : group.chains(bucket)) {
    uint32_t at = head.load(std::memory_order_acquire);
    for (uint32_t steps = chain_max_; at != 0; --steps) {
      if (steps == 0 || !pools_.IsPosition(at)) return false;
      Slot& slot = At(at);
      const size_t key_size = slot.key_size.load(std::memory_order_acquire);
      const size_t value_size = slot.value_size.load(std::memory_order_acquire);
      if (!IsWithinPage(at, key_size, value_size)) return false;
      if ((slot.state.load(std::memory_order_acquire) & kLive) != 0) {
        Record& record = records.emplace_back();
        record.key.resize(key_size);
        LoadWords(record.key.data(), KeyWords(slot), key_size);
        record.copy.header = HeaderOf(slot);
        record.copy.value.resize(value_size);
        LoadWords(record.copy.value.data(), ValueWords(slot, key_size), value_size);
      }
      at = slot.next.load(std::memory_order_acquire);
      if (!unchanged()) return false;
    }
  }
  return unchanged();
}

}  // namespace ctdb::store
