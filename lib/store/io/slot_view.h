// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// slot_view: the record in a slot of the hot tier, where it lies. Inline, as these few instructions
// are most of what a change or a look consists of.
//
//   Ownership:  none; the file's mapping has the bytes.
//   Threading:  FillSlot() by who has the slot in hand, KeyOf() and ValueOf() under the lock of the
//               slot's bucket, everything else by anyone: what is read without the lock may be a
//               mixture, and the bucket's version tells.
//   Errors:     none; IsWithinPage() must hold before key or value are touched.
//   Blocking:   never.
//   Limits:     key and value lie in one page.
//
// Example:
//   PrefetchSlot(slot);
//   if (KeyIs(slot, key)) header = HeaderOf(slot);

#ifndef LIB_STORE_IO_SLOT_VIEW_H_
#define LIB_STORE_IO_SLOT_VIEW_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "lib/store/io/layout.h"
#include "lib/store/io/shared_words.h"
#include "lib/store/record.h"
#include "lib/store/slot_math.h"

namespace ctdb::store {

// Stores are seen in the order of the program: a process that is killed has done what comes before,
// and nothing of what comes after.
inline constexpr auto kInOrder = std::memory_order_release;

// Views of what a slot is to hold.
struct HotRecord {
  absl::string_view key;
  RecordHeader header;
  absl::string_view value;
  uint8_t state = 0;
};

inline char* KeyBytes(Slot& slot) { return reinterpret_cast<char*>(&slot) + kSlotHeaderBytes; }

inline uint64_t* KeyWords(Slot& slot) { return reinterpret_cast<uint64_t*>(KeyBytes(slot)); }

inline uint64_t* ValueWords(Slot& slot, size_t key_size) {
  return reinterpret_cast<uint64_t*>(KeyBytes(slot) + UpToWord(key_size));
}

inline absl::string_view KeyOf(Slot& slot) {
  return {KeyBytes(slot), slot.key_size.load(std::memory_order_relaxed)};
}

inline absl::string_view ValueOf(Slot& slot) {
  const size_t key_size = slot.key_size.load(std::memory_order_relaxed);
  return {KeyBytes(slot) + UpToWord(key_size), slot.value_size.load(std::memory_order_relaxed)};
}

inline RecordHeader HeaderOf(const Slot& slot) {
  RecordHeader header;
  header.owner = NodeNumber(slot.owner.load(std::memory_order_acquire));
  header.flags = slot.flags.load(std::memory_order_acquire);
  header.epoch = Epoch(slot.epoch.load(std::memory_order_acquire));
  header.counter = slot.counter.load(std::memory_order_acquire);
  return header;
}

inline bool KeyIs(Slot& slot, absl::string_view key) {
  return slot.key_size.load(std::memory_order_acquire) == key.size() &&
         EqualWords(key.data(), KeyWords(slot), key.size());
}

inline bool IsWithinPage(uint32_t position, size_t key_size, size_t value_size) {
  return position % kPageUnits * kUnitBytes + SlotBytes(key_size, value_size) <= kPageBytes;
}

inline bool IsWhole(const Slot& slot, uint32_t position) {
  return IsWithinPage(position, slot.key_size.load(std::memory_order_acquire),
                      slot.value_size.load(std::memory_order_acquire));
}

// A slot is of the class of what it was filled with. Its page says so too, in another cache line.
inline uint32_t ClassOf(const Slot& slot) {
  return *SizeClassFor(SlotBytes(slot.key_size.load(std::memory_order_relaxed),
                                 slot.value_size.load(std::memory_order_relaxed)));
}

// A small record at once, and not one cache line after the other.
inline void PrefetchSlot(const Slot& slot) {
  const char* bytes = reinterpret_cast<const char*>(&slot);
  __builtin_prefetch(bytes);
  __builtin_prefetch(bytes + 64);
  __builtin_prefetch(bytes + 128);
}

inline void SetUsed(Slot& slot) {
  if (slot.used.load(std::memory_order_relaxed) == 0) {
    slot.used.store(1, std::memory_order_relaxed);
  }
}

inline void FillSlot(Slot& slot, uint32_t hash, const HotRecord& record, uint32_t next) {
  slot.next.store(next, kInOrder);
  slot.hash.store(hash, kInOrder);
  slot.owner.store(record.header.owner.value(), kInOrder);
  slot.flags.store(record.header.flags, kInOrder);
  slot.epoch.store(record.header.epoch.value(), kInOrder);
  slot.counter.store(record.header.counter, kInOrder);
  slot.value_size.store(static_cast<uint32_t>(record.value.size()), kInOrder);
  slot.key_size.store(static_cast<uint16_t>(record.key.size()), kInOrder);
  slot.used.store(1, kInOrder);
  slot.state.store(record.state, kInOrder);
  StoreWords(KeyWords(slot), record.key.data(), record.key.size());
  StoreWords(ValueWords(slot, record.key.size()), record.value.data(), record.value.size());
}

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_SLOT_VIEW_H_
