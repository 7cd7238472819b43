// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// layout: the bytes of the hot tier's file, which all processes of a node map. In this order:
//
//   FileHeader                     4 KiB
//   BucketLock[bucket_count]       64 bytes each
//   BucketGroup[bucket_count / 4]  64 bytes each: chains of records
//   Pool[kPools]                   128 bytes each (aarch64: 192): slots of one size class
//   padding to a multiple of kPageBytes
//   pages[page_count]              kPageBytes each: PageHeader, then slots (lib/store/slot_math.h)
//
// Nothing here is an address: records refer to each other by position. Whatever one process writes
// while another may read or be killed is atomic. A new meaning of any byte is a new kVersion.
//
//   Ownership:  none; the file's mapping has the bytes.
//   Threading:  each member says under which lock it changes.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one byte order and one size of pthread_mutex_t per file; both are checked.

#ifndef LIB_STORE_IO_LAYOUT_H_
#define LIB_STORE_IO_LAYOUT_H_

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/store/slot_math.h"

namespace ctdb::store {

inline constexpr uint64_t kMagic = 0x314f485442445443;  // "CTDBTHO1" in little-endian bytes.
inline constexpr uint32_t kVersion = 6;
inline constexpr uint32_t kByteOrder = 0x01020304;

inline constexpr uint32_t kShards = 16;
inline constexpr uint32_t kPools = kShards * kSizeClasses;
static_assert(kPools < 65535);

// A robust process-shared mutex and who holds it.
struct SharedLock {
  pthread_mutex_t mutex;
  std::atomic<uint32_t> holder;  // Process id, 0: nobody; for people, and see last_clients.h.
  // Of a bucket's lock: the pools that the holder takes slots from (low half) and returns them to
  // (high half), each number + 1. Whoever takes the lock over from the dead has them repaired
  // first.
  std::atomic<uint32_t> pools;
};
static_assert(sizeof(SharedLock) == sizeof(pthread_mutex_t) + 8);

// Padded, so that what different processes write lies in different cache lines.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct FileHeader {
  // Never change once the file has its name.
  uint64_t magic;
  uint32_t version;
  uint32_t byte_order;
  uint64_t file_bytes;
  uint32_t bucket_count;
  uint32_t page_count;
  uint32_t mutex_bytes;
  uint32_t pool_count;
  uint64_t hash_secret[2];
  uint64_t generation;  // Random; part of the name of the cold tier's file.
  uint64_t cold_bytes;  // The cold tier's limit.
  uint64_t unused_0[7];

  // By whoever opens or replaces the database.
  alignas(64) std::atomic<uint32_t> retired;  // 1: another file has taken this one's place.
  std::atomic<uint32_t> cold_used;            // 1: the cold tier may hold records.

  // Until when this node may serve: CLOCK_BOOTTIME, nanoseconds. By the daemon.
  alignas(64) std::atomic<int64_t> serve_until;
  // Since which epoch this node has been a member without a break. By the daemon, before the lease.
  std::atomic<uint64_t> owned_since;
  // In which epoch a read-only copy must have been lent to be readable. By the daemon, too.
  std::atomic<uint64_t> read_epoch;
  // The processor's ticks at that time, or a little earlier; 0: not known (lease_ticks.h).
  std::atomic<uint64_t> lease_ticks;

  // Counted without a lock.
  alignas(64) std::atomic<int64_t> records;
  std::atomic<uint64_t> evictions;
  std::atomic<uint64_t> owner_deaths;
  std::atomic<uint32_t> openings;

  // Under pages_lock.
  alignas(64) SharedLock pages_lock;
  std::atomic<uint32_t> pages_used;    // Given to pools: those below this number.
  std::atomic<uint32_t> pages_backed;  // The file system has memory for those below this number.

  // Who writes to the cold tier.
  alignas(64) SharedLock cold_lock;

  // Who makes the lock of a bucket that nobody has used yet.
  alignas(64) SharedLock making_lock;
};
inline constexpr uint64_t kLocksOffset = 4096;
static_assert(sizeof(FileHeader) <= kLocksOffset);
static_assert(offsetof(FileHeader, file_bytes) == 16);
static_assert(offsetof(FileHeader, mutex_bytes) == 32);
static_assert(offsetof(FileHeader, hash_secret) == 40);
static_assert(offsetof(FileHeader, generation) == 56);
static_assert(offsetof(FileHeader, cold_bytes) == 64);
static_assert(offsetof(FileHeader, retired) == 128);
static_assert(offsetof(FileHeader, serve_until) == 192);
static_assert(offsetof(FileHeader, owned_since) == 200);
static_assert(offsetof(FileHeader, read_epoch) == 208);
static_assert(offsetof(FileHeader, lease_ticks) == 216);
static_assert(offsetof(FileHeader, records) == 256);
static_assert(offsetof(FileHeader, pages_lock) == 320);
static_assert(offsetof(FileHeader, pages_used) == 320 + sizeof(SharedLock));
static_assert(offsetof(FileHeader, cold_lock) == 384);
static_assert(offsetof(FileHeader, making_lock) == 448);

// A bucket is a lock and four chains of records. The chains lie apart from the locks, those of four
// buckets in one cache line: so those of a hundred thousand records stay in the processor's cache,
// and the misses of lock and record overlap.
// A lock is made when it is used first: those of a new file are many, and mostly not needed yet.
struct alignas(64) BucketLock : SharedLock {
  std::atomic<uint32_t> is_made;  // 1: the mutex is one. Changes under making_lock.
};
static_assert(sizeof(BucketLock) == 64);

// Each chain under its bucket's lock, but for readers without one: they see `version` change when a
// slot that they may be reading has left its chain.
struct alignas(64) BucketGroup {
  std::atomic<uint32_t> version;         // Bit 0: the cold tier may hold records of these buckets.
  std::atomic<uint32_t> heads[kChains];  // Positions of the chains' first slots; 0: none.

  std::atomic<uint32_t>& head(uint32_t hash) { return heads[ChainOf(hash)]; }
  std::span<std::atomic<uint32_t>> chains(uint32_t bucket) {
    const uint32_t first = FirstChain(bucket);
    return {heads + first, ChainCount(bucket)};
  }
};
static_assert(sizeof(BucketLock) + sizeof(BucketGroup) / kBucketsInGroup == kBucketBytes);

// Free slots of one size class, and the pages that it got for them. Each thread keeps to the pools
// of one shard, so that threads do not wait for each other; a slot returns to the pool that has its
// page, unless somebody made room with it for himself. Under its lock. A slot in `in_hand` is on
// its way into a chain (0) or out of one (1); whoever finds the lock's owner dead looks whether it
// has arrived.
//
// One slot is spare, for changes of records in place: the spare one becomes the record, and the
// record's old one the spare. That needs no lock of the pool, but a word that says for which
// bucket, whose lock the user has. Whoever takes that one over from the dead looks whether the
// spare slot is in a chain; the spare one is the other, then.
struct alignas(64) Pool {
  SharedLock lock;
  std::atomic<uint32_t> free_head;   // Slots that were used before.
  std::atomic<uint32_t> in_hand[2];  //
  // In a cache line apart from the lock.
  alignas(64) std::atomic<uint32_t> spare_user;  // Number of the bucket + 1; 0: nobody.
  std::atomic<uint32_t> spare;                   // 0: none yet.
  std::atomic<uint32_t> replaced;                // What the spare slot takes the place of.
  std::atomic<uint64_t> fresh;  // Newest page and its first slot never used: page << 32 | n.
  std::atomic<uint64_t> hand;   // Where the search for slots to evict goes on; the same form.
};
static_assert(offsetof(Pool, free_head) == sizeof(SharedLock));
static_assert(offsetof(Pool, fresh) == offsetof(Pool, spare_user) + 16);

struct PageHeader {
  std::atomic<uint32_t> pool;  // Number of its pool + 1; 0: none yet.
  std::atomic<uint32_t> next;  // The pool's next older page + 1; 0: none.
  uint64_t unused[7];
};
static_assert(sizeof(PageHeader) == kPageHeaderBytes);

// Bits of Slot::state.
inline constexpr uint8_t kLive = 1;      // Holds a record.
inline constexpr uint8_t kAbsent = 2;    // Says that there is none, whatever the cold tier has.
inline constexpr uint8_t kDirty = 4;     // The cold tier has something else.
inline constexpr uint8_t kColdCopy = 8;  // The cold tier has something of this key.

// Once linked, only `next`, `state`, `used` and hints among the flags change. The key follows, then
// the value, each at a multiple of 8.
struct Slot {
  std::atomic<uint32_t> next;        // In the bucket's chain, or in the pool's free list.
  std::atomic<uint32_t> hash;        // The low half.
  std::atomic<uint32_t> owner;       //
  std::atomic<uint32_t> flags;       //
  std::atomic<uint64_t> epoch;       //
  std::atomic<uint64_t> counter;     //
  std::atomic<uint32_t> value_size;  //
  std::atomic<uint16_t> key_size;    //
  std::atomic<uint8_t> state;        // 0: free.
  std::atomic<uint8_t> used;         // 1: accessed since the eviction's hand passed.
};
static_assert(sizeof(Slot) == kSlotHeaderBytes);
static_assert(offsetof(Slot, epoch) == 16 && offsetof(Slot, value_size) == 32);
static_assert(offsetof(Slot, key_size) == 36 && offsetof(Slot, used) == 39);

static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == 8);
static_assert(std::atomic<uint16_t>::is_always_lock_free && sizeof(std::atomic<uint16_t>) == 2);

constexpr uint64_t GroupsOffset(uint64_t bucket_count) {
  return kLocksOffset + bucket_count * sizeof(BucketLock);
}
constexpr uint64_t PoolsOffset(uint64_t bucket_count) {
  return GroupsOffset(bucket_count) + bucket_count / kBucketsInGroup * sizeof(BucketGroup);
}
constexpr uint64_t PagesOffset(uint64_t bucket_count) {
  return (PoolsOffset(bucket_count) + kPools * sizeof(Pool) + kPageBytes - 1) / kPageBytes *
         kPageBytes;
}
constexpr uint64_t FileBytes(uint64_t bucket_count, uint64_t page_count) {
  return PagesOffset(bucket_count) + page_count * kPageBytes;
}

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LAYOUT_H_
