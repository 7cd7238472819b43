// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// slot_math: sizes and positions in the hot tier. It consists of pages, a page of slots of one size
// class, and a slot holds one record. A position counts units of 16 bytes from the first page; the
// first units of each page are the page's own, so position 0 means "none".
//
//   Ownership:  none.
//   Threading:  pure functions.
//   Errors:     none; what does not fit is said so by the result.
//   Blocking:   never.
//   Limits:     slots of at most kSlotBytesMax; 2^32 units, 64 GiB; 2^26 buckets.
//
// Example:
//   std::optional<uint32_t> size_class = SizeClassFor(SlotBytes(key.size(), value.size()));

#ifndef LIB_STORE_SLOT_MATH_H_
#define LIB_STORE_SLOT_MATH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ctdb::store {

inline constexpr uint32_t kUnitBytes = 16;
inline constexpr uint32_t kPageBytes = 16 * 1024;
inline constexpr uint32_t kPageUnits = kPageBytes / kUnitBytes;
inline constexpr uint32_t kSlotHeaderBytes = 40;
// The page's own bytes: a cache line, so that slots touch as few of those as they can.
inline constexpr uint32_t kPageHeaderBytes = 64;
inline constexpr uint32_t kPageSlotBytes = kPageBytes - kPageHeaderBytes;
inline constexpr uint32_t kSlotBytesMax = kPageSlotBytes / 2 / kUnitBytes * kUnitBytes;

inline constexpr uint32_t kSizeClasses = 52;

// Key and value each begin at a multiple of 8.
constexpr size_t UpToWord(size_t bytes) { return (bytes + 7) / 8 * 8; }
constexpr size_t SlotBytes(size_t key_bytes, size_t value_bytes) {
  return kSlotHeaderBytes + UpToWord(key_bytes) + UpToWord(value_bytes);
}

namespace slot_math_internal {

constexpr std::array<uint32_t, kSizeClasses> MakeClassSizes() {
  std::array<uint32_t, kSizeClasses> sizes = {};
  uint32_t next = 0;
  for (uint32_t bytes = 48; bytes <= 512; bytes += 16) sizes[next++] = bytes;
  for (uint32_t bytes = 576; bytes <= 1024; bytes += 64) sizes[next++] = bytes;
  for (uint32_t bytes = 1152; bytes <= 2048; bytes += 128) sizes[next++] = bytes;
  // From here on as many equal parts as the page has room for.
  for (uint32_t parts = 7; parts >= 2; --parts) {
    sizes[next++] = kPageSlotBytes / parts / kUnitBytes * kUnitBytes;
  }
  return sizes;
}

inline constexpr std::array<uint32_t, kSizeClasses> kClassSizes = MakeClassSizes();
static_assert(kClassSizes.back() == kSlotBytesMax);

// Class by number of units, so that nobody searches.
constexpr std::array<uint8_t, kSlotBytesMax / kUnitBytes + 1> MakeClassOfUnits() {
  std::array<uint8_t, kSlotBytesMax / kUnitBytes + 1> classes = {};
  uint32_t size_class = 0;
  for (uint32_t units = 0; units < classes.size(); ++units) {
    while (kClassSizes[size_class] < units * kUnitBytes) ++size_class;
    classes[units] = static_cast<uint8_t>(size_class);
  }
  return classes;
}

inline constexpr std::array<uint8_t, kSlotBytesMax / kUnitBytes + 1> kClassOfUnits =
    MakeClassOfUnits();

}  // namespace slot_math_internal

// A multiple of kUnitBytes.
constexpr uint32_t SizeOfClass(uint32_t size_class) {
  return slot_math_internal::kClassSizes[size_class];
}
constexpr uint32_t SlotsPerPage(uint32_t size_class) {
  return kPageSlotBytes / SizeOfClass(size_class);
}

// The smallest class that holds so many bytes; nothing when none does.
constexpr std::optional<uint32_t> SizeClassFor(size_t bytes) {
  if (bytes > kSlotBytesMax) return std::nullopt;
  return slot_math_internal::kClassOfUnits[(bytes + kUnitBytes - 1) / kUnitBytes];
}

// Of the slot with this index in this page.
constexpr uint32_t SlotPosition(uint32_t page, uint32_t size_class, uint32_t index) {
  return page * kPageUnits + kPageHeaderBytes / kUnitBytes +
         index * (SizeOfClass(size_class) / kUnitBytes);
}
constexpr uint32_t PageOf(uint32_t position) { return position / kPageUnits; }

// Which bucket and which of its chains a hash belongs to. Four buckets are a group: a word for all
// of them, and 15 chains, three for the first bucket and four for each other.
inline constexpr uint32_t kBucketsInGroup = 4;
inline constexpr uint32_t kChainsInBucket = 4;
inline constexpr uint32_t kChains = kBucketsInGroup * kChainsInBucket - 1;

// By the high bits of the hash; the low ones choose the group.
constexpr uint32_t ChainOf(uint32_t hash) {
  return static_cast<uint32_t>(uint64_t{hash} * kChains >> 32);
}
constexpr uint32_t BucketOf(uint32_t hash, uint32_t group_mask) {
  return (hash & group_mask) * kBucketsInGroup + (ChainOf(hash) + 1) / kChainsInBucket;
}
constexpr uint32_t GroupOf(uint32_t bucket) { return bucket / kBucketsInGroup; }
constexpr uint32_t FirstChain(uint32_t bucket) {
  const uint32_t in_group = bucket % kBucketsInGroup;
  return in_group == 0 ? 0 : in_group * kChainsInBucket - 1;
}
constexpr uint32_t ChainCount(uint32_t bucket) {
  return bucket % kBucketsInGroup == 0 ? kChainsInBucket - 1 : kChainsInBucket;
}
// Some hash of this bucket: from the middle of those of its first chain, with the group's bits.
constexpr uint32_t HashOf(uint32_t bucket, uint32_t group_mask) {
  const uint64_t middle = ((FirstChain(bucket) * uint64_t{2} + 1) << 32) / (2 * kChains);
  return (static_cast<uint32_t>(middle) & ~group_mask) | GroupOf(bucket);
}

// How a memory limit is divided. Buckets: one for 512 to 1024 bytes. So there is a lock for every
// few records of 100 bytes when memory is full, and chains have one of them or none: each record
// that one has to go past is a cache miss. A power of two.
inline constexpr uint32_t kBucketBytes = 80;
struct Geometry {
  uint32_t buckets = 0;
  uint32_t pages = 0;
};

inline constexpr uint64_t kMemoryMin = 1024 * 1024;
inline constexpr uint64_t kMemoryMax = uint64_t{32} * 1024 * 1024 * 1024;

// `memory` within [kMemoryMin, kMemoryMax].
Geometry GeometryFor(uint64_t memory);

// A database's limit where nobody says: what a host with so much memory can spare for each of a few
// dozen, and within [kMemoryUsual, kMemoryGenerous].
inline constexpr uint64_t kMemoryUsual = 32 * 1024 * 1024;
inline constexpr uint64_t kMemoryGenerous = 256 * 1024 * 1024;
uint64_t MemoryFor(uint64_t host_bytes);

}  // namespace ctdb::store

#endif  // LIB_STORE_SLOT_MATH_H_
