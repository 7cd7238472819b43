// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_tier.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/shared_words.h"

namespace ctdb::store {
namespace {

constexpr auto kInOrder = std::memory_order_release;

// No chain is longer: this many slots do not fit in the file.
uint32_t ChainMax(const HotFile& file) {
  return file.header().pages_used.load(std::memory_order_relaxed) * SlotsPerPage(0);
}

char* KeyBytes(Slot& slot) { return reinterpret_cast<char*>(&slot) + kSlotHeaderBytes; }

uint64_t* KeyWords(Slot& slot) { return reinterpret_cast<uint64_t*>(KeyBytes(slot)); }

uint64_t* ValueWords(Slot& slot, size_t key_size) {
  return reinterpret_cast<uint64_t*>(KeyBytes(slot) + UpToWord(key_size));
}

bool IsWithinPage(uint32_t position, size_t key_size, size_t value_size) {
  return position % kPageUnits * kUnitBytes + SlotBytes(key_size, value_size) <= kPageBytes;
}

// The whole record at once, and not one cache line after the other.
void Prefetch(const Slot& slot) {
  const char* bytes = reinterpret_cast<const char*>(&slot);
  __builtin_prefetch(bytes);
  __builtin_prefetch(bytes + 64);
  __builtin_prefetch(bytes + 128);
}

void SetUsed(Slot& slot) {
  if (slot.used.load(std::memory_order_relaxed) == 0) {
    slot.used.store(1, std::memory_order_relaxed);
  }
}

RecordHeader LoadHeader(const Slot& slot) {
  RecordHeader header;
  header.owner = NodeNumber(slot.owner.load(std::memory_order_acquire));
  header.flags = slot.flags.load(std::memory_order_acquire);
  header.epoch = Epoch(slot.epoch.load(std::memory_order_acquire));
  header.counter = slot.counter.load(std::memory_order_acquire);
  return header;
}

}  // namespace

absl::Status HotTier::Damaged() const {
  return absl::DataLossError(
      absl::StrCat(file_.path(), " is damaged (chain of records); let the daemon make it anew"));
}

absl::string_view HotTier::KeyAt(uint32_t position) const {
  Slot& slot = At(position);
  return {KeyBytes(slot), slot.key_size.load(std::memory_order_relaxed)};
}

absl::string_view HotTier::ValueAt(uint32_t position) const {
  Slot& slot = At(position);
  const size_t key_size = slot.key_size.load(std::memory_order_relaxed);
  return {KeyBytes(slot) + UpToWord(key_size), slot.value_size.load(std::memory_order_relaxed)};
}

RecordHeader HotTier::HeaderAt(uint32_t position) const { return LoadHeader(At(position)); }

// A slot is of the class of what it was filled with. Its page says so too, in another cache line.
uint32_t HotTier::ClassAt(uint32_t position) const {
  return *SizeClassFor(SlotBytes(KeyAt(position).size(), ValueAt(position).size()));
}

absl::Status HotTier::Lock(uint32_t hash, absl::Duration wait) {
  Bucket& bucket = BucketOf(hash);
  CTDB_ASSIGN_OR_RETURN(const bool died, Acquire(bucket.lock, pid_, wait, "the record"));
  return died ? Repair(bucket) : absl::OkStatus();
}

bool HotTier::TryLock(uint32_t hash) {
  Bucket& bucket = BucketOf(hash);
  const TryResult result = TryAcquire(bucket.lock, pid_);
  if (result != TryResult::kOwnerDied) return result == TryResult::kLocked;
  return Repair(bucket).ok();
}

absl::Status HotTier::Repair(Bucket& bucket) {
  // One word changes a chain, so the chain is whole. Slots on their way into it or out of it are
  // the pools' to repair, before anything else happens here.
  absl::Status status;
  const uint32_t pools = bucket.lock.pools.load(std::memory_order_relaxed);
  for (const uint32_t pool : {pools & 0xffff, pools >> 16}) {
    if (pool == 0 || pool > kPools) continue;
    status = pools_.Lock(pool - 1);
    if (!status.ok()) break;
    pools_.Unlock(pool - 1);
  }
  if (status.ok()) {
    bucket.lock.pools.store(0, kInOrder);
    file_.header().owner_deaths.fetch_add(1, std::memory_order_relaxed);
  }
  bucket.version.fetch_add(2);
  MarkRepaired(bucket.lock);
  if (!status.ok()) Release(bucket.lock);
  return status;
}

bool HotTier::IsWhole(uint32_t position) const {
  const Slot& slot = At(position);
  return IsWithinPage(position, slot.key_size.load(std::memory_order_acquire),
                      slot.value_size.load(std::memory_order_acquire));
}

bool HotTier::KeyMatches(const Slot& slot, absl::string_view key) const {
  return slot.key_size.load(std::memory_order_acquire) == key.size() &&
         EqualWords(key.data(), KeyWords(const_cast<Slot&>(slot)), key.size());
}

absl::StatusOr<uint32_t> HotTier::Find(uint32_t hash, absl::string_view key) const {
  if (!Fits(key, "")) return 0u;
  uint32_t at = BucketOf(hash).head.load(std::memory_order_acquire);
  for (uint32_t steps = ChainMax(file_); at != 0; --steps) {
    if (steps == 0 || !pools_.IsPosition(at)) return Damaged();
    Prefetch(At(at));
    if (!IsWhole(at)) return Damaged();
    Slot& slot = At(at);
    if (slot.hash.load(std::memory_order_acquire) == hash && KeyMatches(slot, key)) {
      SetUsed(slot);
      return at;
    }
    at = slot.next.load(std::memory_order_acquire);
  }
  return 0u;
}

bool HotTier::Contains(uint32_t hash, uint32_t position) const {
  return LinkTo(hash, position).ok();
}

absl::StatusOr<std::atomic<uint32_t>*> HotTier::LinkTo(uint32_t hash, uint32_t position) const {
  std::atomic<uint32_t>* link = &BucketOf(hash).head;
  for (uint32_t steps = ChainMax(file_); steps != 0; --steps) {
    const uint32_t at = link->load(std::memory_order_acquire);
    if (at == position) return link;
    if (!pools_.IsPosition(at)) break;
    link = &At(at).next;
  }
  return Damaged();
}

void HotTier::Fill(uint32_t position, uint32_t hash, const HotRecord& record) {
  Slot& slot = At(position);
  slot.hash.store(hash, kInOrder);
  slot.owner.store(record.header.owner.value(), kInOrder);
  slot.flags.store(record.header.flags, kInOrder);
  slot.epoch.store(record.header.epoch.value(), kInOrder);
  slot.counter.store(record.header.counter, kInOrder);
  slot.key_size.store(static_cast<uint16_t>(record.key.size()), kInOrder);
  slot.value_size.store(static_cast<uint32_t>(record.value.size()), kInOrder);
  slot.used.store(1, kInOrder);
  slot.state.store(record.state, kInOrder);
  StoreWords(KeyWords(slot), record.key.data(), record.key.size());
  StoreWords(ValueWords(slot, record.key.size()), record.value.data(), record.value.size());
}

absl::StatusOr<uint32_t> HotTier::Put(uint32_t hash, const HotRecord& record, uint32_t old,
                                      uint32_t shard) {
  const std::optional<uint32_t> new_class =
      SizeClassFor(SlotBytes(record.key.size(), record.value.size()));
  if (!new_class) return absl::ResourceExhaustedError("too large for the hot tier");
  const uint32_t old_class = old != 0 ? ClassAt(old) : *new_class;
  const uint32_t new_pool = SlotPools::PoolIndex(shard, *new_class);
  const uint32_t old_pool = SlotPools::PoolIndex(shard, old_class);
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
  Bucket& bucket = BucketOf(hash);
  std::atomic<uint32_t>* link = &bucket.head;
  if (old != 0) {
    CTDB_ASSIGN_OR_RETURN(link, LinkTo(hash, old));
  }
  bucket.lock.pools.store((new_pool + 1) | (old_pool + 1) << 16, kInOrder);
  CTDB_ASSIGN_OR_RETURN(const uint32_t position, pools_.Take(new_pool));
  Fill(position, hash, record);
  const uint32_t next = old != 0 ? At(old).next.load(std::memory_order_relaxed)
                                 : bucket.head.load(std::memory_order_relaxed);
  At(position).next.store(next, kInOrder);
  if (old != 0) pools_.BeginReturn(old_pool, old);
  link->store(position, kInOrder);  // This is when it happens.
  bucket.version.fetch_add(2);
  if (old != 0) pools_.FinishReturn(old_pool, old);
  pools_.Taken(new_pool);
  bucket.lock.pools.store(0, kInOrder);
  return position;
}

void HotTier::MarkAbsent(uint32_t hash, uint32_t position) {
  At(position).state.store(kAbsent | kDirty | kColdCopy, kInOrder);
  BucketOf(hash).version.fetch_add(2);
}

absl::Status HotTier::Remove(uint32_t hash, uint32_t position, uint32_t shard) {
  const uint32_t pool = SlotPools::PoolIndex(shard, ClassAt(position));
  CTDB_RETURN_IF_ERROR(pools_.Lock(pool));
  absl::StatusOr<std::atomic<uint32_t>*> link = LinkTo(hash, position);
  if (link.ok()) {
    Bucket& bucket = BucketOf(hash);
    bucket.lock.pools.store((pool + 1) << 16, kInOrder);
    pools_.BeginReturn(pool, position);
    (*link)->store(At(position).next.load(std::memory_order_relaxed), kInOrder);
    bucket.version.fetch_add(2);
    pools_.FinishReturn(pool, position);
    bucket.lock.pools.store(0, kInOrder);
  }
  pools_.Unlock(pool);
  return link.status();
}

HotTier::Found HotTier::TryRead(uint32_t hash, absl::string_view key, RecordCopy& record) const {
  const Bucket& bucket = BucketOf(hash);
  const uint32_t version = bucket.version.load(std::memory_order_acquire);
  const auto unchanged = [&] { return bucket.version.load(std::memory_order_acquire) == version; };
  uint32_t at = Fits(key, "") ? bucket.head.load(std::memory_order_acquire) : 0;
  for (uint32_t steps = ChainMax(file_); at != 0; --steps) {
    if (steps == 0 || !pools_.IsPosition(at)) return Found::kChanged;
    Prefetch(At(at));
    if (!IsWhole(at)) return Found::kChanged;
    Slot& slot = At(at);
    if (slot.hash.load(std::memory_order_acquire) == hash && KeyMatches(slot, key)) {
      if ((slot.state.load(std::memory_order_acquire) & kAbsent) != 0) {
        return unchanged() ? Found::kAbsent : Found::kChanged;
      }
      const uint32_t size = slot.value_size.load(std::memory_order_acquire);
      if (!IsWithinPage(at, key.size(), size)) return Found::kChanged;
      record.header = LoadHeader(slot);
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

bool HotTier::TrySnapshot(uint32_t bucket_index, std::vector<Record>& records) const {
  const Bucket& bucket = file_.bucket(bucket_index);
  const uint32_t version = bucket.version.load(std::memory_order_acquire);
  const auto unchanged = [&] { return bucket.version.load(std::memory_order_acquire) == version; };
  uint32_t at = bucket.head.load(std::memory_order_acquire);
  for (uint32_t steps = ChainMax(file_); at != 0; --steps) {
    if (steps == 0 || !pools_.IsPosition(at)) return false;
    Slot& slot = At(at);
    const size_t key_size = slot.key_size.load(std::memory_order_acquire);
    const size_t value_size = slot.value_size.load(std::memory_order_acquire);
    if (!IsWithinPage(at, key_size, value_size)) return false;
    if ((slot.state.load(std::memory_order_acquire) & kLive) != 0) {
      Record& record = records.emplace_back();
      record.key.resize(key_size);
      LoadWords(record.key.data(), KeyWords(slot), key_size);
      record.copy.header = LoadHeader(slot);
      record.copy.value.resize(value_size);
      LoadWords(record.copy.value.data(), ValueWords(slot, key_size), value_size);
    }
    at = slot.next.load(std::memory_order_acquire);
    if (!unchanged()) return false;
  }
  return unchanged();
}

}  // namespace ctdb::store
