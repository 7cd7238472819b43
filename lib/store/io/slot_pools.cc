// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/slot_pools.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/shared_lock.h"

namespace ctdb::store {
namespace {

constexpr uint64_t kNoPage = UINT32_MAX;

uint32_t FreshPage(uint64_t fresh) { return static_cast<uint32_t>(fresh >> 32); }
uint32_t FreshIndex(uint64_t fresh) { return static_cast<uint32_t>(fresh); }

}  // namespace

uint32_t SlotPools::PoolOf(uint32_t position) const {
  const uint32_t size_class = store::ClassOf(file_.slot(position));
  const uint32_t pool = file_.page(PageOf(position)).pool.load(std::memory_order_relaxed) - 1;
  // A mark that cannot be true is of a damaged file: any pool of that size will do.
  return pool < kPools && ClassOf(pool) == size_class ? pool : PoolIndex(0, size_class);
}

absl::Status SlotPools::Lock(uint32_t pool) {
  SharedLock& lock = file_.pool(pool).lock;
  CTDB_ASSIGN_OR_RETURN(const bool died, Acquire(lock, pid_, kPoolWait, "a pool of slots"));
  if (!died) return absl::OkStatus();
  file_.header().owner_deaths.fetch_add(1, std::memory_order_relaxed);
  const absl::Status repaired = Repair(pool);
  MarkRepaired(lock);
  if (!repaired.ok()) Release(lock);
  return repaired;
}

void SlotPools::Unlock(uint32_t pool) { Release(file_.pool(pool).lock); }

absl::Status SlotPools::LockPages() {
  FileHeader& header = file_.header();
  CTDB_ASSIGN_OR_RETURN(const bool died,
                        Acquire(header.pages_lock, pid_, kPoolWait, "the list of pages"));
  if (!died) return absl::OkStatus();
  // The page after the last may have been given away already, and not been counted.
  const uint32_t page = header.pages_used.load(std::memory_order_relaxed);
  if (page < header.pages_backed.load(std::memory_order_relaxed)) {
    const uint32_t owner = file_.page(page).pool.load(std::memory_order_relaxed);
    if (owner != 0 && owner <= kPools &&
        FreshPage(file_.pool(owner - 1).fresh.load(std::memory_order_relaxed)) == page) {
      header.pages_used.store(page + 1, kInOrder);
    }
  }
  MarkRepaired(header.pages_lock);
  return absl::OkStatus();
}

absl::Status SlotPools::AddPage(uint32_t pool) {
  FileHeader& header = file_.header();
  CTDB_RETURN_IF_ERROR(LockPages());
  const uint32_t page = header.pages_used.load(std::memory_order_relaxed);
  absl::Status status = absl::ResourceExhaustedError("the memory limit is reached");
  if (page < header.page_count) status = file_.BackPage(page);
  if (status.ok()) {
    Pool& owner = file_.pool(pool);
    const uint64_t older = owner.fresh.load(std::memory_order_relaxed) >> 32;
    PageHeader& head = file_.page(page);
    head.next.store(older == kNoPage ? 0 : static_cast<uint32_t>(older) + 1, kInOrder);
    head.pool.store(pool + 1, kInOrder);
    owner.fresh.store(uint64_t{page} << 32, kInOrder);
    header.pages_used.store(page + 1, kInOrder);
  }
  Release(header.pages_lock);
  return status;
}

absl::StatusOr<uint32_t> SlotPools::Take(uint32_t index) {
  Pool& pool = file_.pool(index);
  const uint32_t head = pool.free_head.load(std::memory_order_relaxed);
  if (head != 0) {
    if (!IsPosition(head)) {
      return absl::DataLossError(
          absl::StrCat(file_.path(), " is damaged (free list); let the daemon make it anew"));
    }
    pool.in_hand[0].store(head, kInOrder);
    pool.free_head.store(file_.slot(head).next.load(std::memory_order_relaxed), kInOrder);
    return head;
  }
  const uint32_t size_class = ClassOf(index);
  uint64_t fresh = pool.fresh.load(std::memory_order_relaxed);
  if (fresh >> 32 == kNoPage || FreshIndex(fresh) >= SlotsPerPage(size_class)) {
    CTDB_RETURN_IF_ERROR(AddPage(index));
    fresh = pool.fresh.load(std::memory_order_relaxed);
  }
  const uint32_t position = SlotPosition(FreshPage(fresh), size_class, FreshIndex(fresh));
  pool.in_hand[0].store(position, kInOrder);
  pool.fresh.store(fresh + 1, kInOrder);
  return position;
}

void SlotPools::Taken(uint32_t pool) { file_.pool(pool).in_hand[0].store(0, kInOrder); }

void SlotPools::BeginReturn(uint32_t pool, uint32_t position) {
  file_.pool(pool).in_hand[1].store(position, kInOrder);
}

void SlotPools::FinishReturn(uint32_t pool, uint32_t position) {
  Push(file_.pool(pool), position);
  file_.pool(pool).in_hand[1].store(0, kInOrder);
}

uint32_t SlotPools::GetSpare(uint32_t index) {
  Pool& pool = file_.pool(index);
  uint32_t spare = 0;
  if (Lock(index).ok()) {
    spare = Take(index).value_or(0);
    pool.spare.store(spare, kInOrder);
    Taken(index);
    Unlock(index);
  }
  if (spare == 0) KeepSpare(index);
  return spare;
}

void SlotPools::Push(Pool& pool, uint32_t position) {
  Slot& slot = file_.slot(position);
  slot.state.store(0, kInOrder);
  slot.next.store(pool.free_head.load(std::memory_order_relaxed), kInOrder);
  pool.free_head.store(position, kInOrder);
}

absl::Status SlotPools::Repair(uint32_t index) {
  CTDB_RETURN_IF_ERROR(LockPages());
  Release(file_.header().pages_lock);
  Pool& pool = file_.pool(index);
  for (std::atomic<uint32_t>& hand : pool.in_hand) {
    const uint32_t position = hand.load(std::memory_order_relaxed);
    const uint64_t fresh = pool.fresh.load(std::memory_order_relaxed);
    const bool still_fresh =
        fresh >> 32 != kNoPage &&
        position == SlotPosition(FreshPage(fresh), ClassOf(index), FreshIndex(fresh));
    if (position != 0 && IsPosition(position) && !still_fresh &&
        pool.free_head.load(std::memory_order_relaxed) != position &&
        pool.spare.load(std::memory_order_relaxed) != position && !IsLinked(position)) {
      // Readers without a lock may still look at it.
      file_.group_of(file_.bucket_of(file_.slot(position).hash.load())).version.fetch_add(2);
      Push(pool, position);
    }
    hand.store(0, kInOrder);
  }
  return absl::OkStatus();
}

bool SlotPools::IsLinked(uint32_t position) const {
  const uint32_t hash = file_.slot(position).hash.load(std::memory_order_relaxed);
  BucketGroup& group = file_.group_of(file_.bucket_of(hash));
  while (true) {
    const uint32_t version = group.version.load(std::memory_order_acquire);
    uint32_t at = group.head(hash).load(std::memory_order_acquire);
    // Others may change the chain, but not take this slot out: its bucket's lock is the dead one's,
    // and whoever takes that over has this pool repaired first.
    while (at != position && IsPosition(at) &&
           group.version.load(std::memory_order_acquire) == version) {
      at = file_.slot(at).next.load(std::memory_order_acquire);
    }
    if (group.version.load(std::memory_order_acquire) == version) return at == position;
  }
}

}  // namespace ctdb::store
