// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// audit: in a hot tier that nobody uses at the moment each slot is in one place: in a chain, in a
// free list, spare, or not used yet.

#ifndef TESTS_STORE_AUDIT_H_
#define TESTS_STORE_AUDIT_H_

#include <gtest/gtest.h>

#include <map>

#include "lib/store/io/hot_tier.h"

namespace ctdb::store {

inline void AuditSlots(const StoreOptions& options) {
  const absl::StatusOr<HotFile> file = HotFile::Open(options);
  ASSERT_TRUE(file.ok()) << file.status();
  HotTier hot(*file, 1);
  std::map<uint32_t, int> places;
  // Locking repairs what the dead left.
  for (uint32_t bucket = 0; bucket < file->header().bucket_count; ++bucket) {
    ASSERT_TRUE(hot.Lock(file->hash_of(bucket), absl::Seconds(10)).ok());
    hot.Unlock(file->hash_of(bucket));
  }
  for (uint32_t pool = 0; pool < kPools; ++pool) {
    ASSERT_TRUE(hot.pools().Lock(pool).ok());
    for (uint32_t at = file->pool(pool).free_head; at != 0; at = file->slot(at).next) {
      ASSERT_EQ(places[at]++, 0) << "twice in a free list";
    }
    hot.pools().Unlock(pool);
    EXPECT_EQ(file->pool(pool).spare_user, 0u) << "a dead one's";
    const uint32_t spare = file->pool(pool).spare;
    if (spare != 0) {
      ASSERT_EQ(places[spare]++, 0) << "spare and in a free list";
    }
  }
  for (uint32_t bucket = 0; bucket < file->header().bucket_count; ++bucket) {
    for (const std::atomic<uint32_t>& head : file->group_of(bucket).chains(bucket)) {
      for (uint32_t at = head; at != 0; at = file->slot(at).next) {
        ASSERT_EQ(places[at]++, 0) << "in a chain and elsewhere";
      }
    }
  }
  for (uint32_t page = 0; page < file->header().pages_used; ++page) {
    const uint32_t pool = file->page(page).pool - 1;
    ASSERT_LT(pool, kPools);
    const uint64_t fresh = file->pool(pool).fresh;
    const uint32_t size_class = SlotPools::ClassOf(pool);
    const uint32_t used =
        fresh >> 32 == page ? static_cast<uint32_t>(fresh) : SlotsPerPage(size_class);
    for (uint32_t i = 0; i < used; ++i) {
      ASSERT_EQ(places.erase(SlotPosition(page, size_class, i)), 1u) << "lost";
    }
  }
  EXPECT_TRUE(places.empty()) << "positions that are no slots";
}

}  // namespace ctdb::store

#endif  // TESTS_STORE_AUDIT_H_
