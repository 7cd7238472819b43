// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/write_back.h"

#include <algorithm>

#include "lib/base/status_macros.h"

namespace ctdb::store {
namespace {

// Slots that one search looks at: about what fits in half a millisecond.
constexpr uint32_t kStepsMax = 4096;
constexpr uint32_t kNoPage = UINT32_MAX;

uint32_t Page(uint64_t hand) { return static_cast<uint32_t>(hand >> 32); }
uint32_t Index(uint64_t hand) { return static_cast<uint32_t>(hand); }

bool MayBeCold(const BucketGroup& group) {
  return (group.version.load(std::memory_order_relaxed) & 1) != 0;
}

}  // namespace

bool WriteBack::Claim(uint32_t position, bool also_used, std::vector<Chosen>& chosen) {
  Slot& slot = file_.slot(position);
  if (slot.state.load(std::memory_order_acquire) == 0) return false;
  if (slot.used.load(std::memory_order_relaxed) != 0 && !also_used) {
    slot.used.store(0, std::memory_order_relaxed);  // Its second chance.
    return false;
  }
  const uint32_t hash = slot.hash.load(std::memory_order_acquire);
  const bool ours = std::any_of(chosen.begin(), chosen.end(), [&](const Chosen& other) {
    return file_.bucket_of(other.hash) == file_.bucket_of(hash);
  });
  if (!ours && !hot_.TryLock(hash)) return false;
  const bool still_there = slot.state.load(std::memory_order_acquire) != 0 &&
                           slot.hash.load(std::memory_order_acquire) == hash &&
                           hot_.Contains(hash, position);
  if (still_there) {
    chosen.push_back({hash, position, !ours});
  } else if (!ours) {
    hot_.Unlock(hash);
  }
  return still_there;
}

void WriteBack::Choose(uint32_t pool_index, bool also_used, std::vector<Chosen>& chosen) {
  Pool& pool = file_.pool(pool_index);
  const uint32_t size_class = SlotPools::ClassOf(pool_index);
  const uint32_t newest = Page(pool.fresh.load(std::memory_order_acquire));
  if (newest == kNoPage) return;
  const uint64_t hand = pool.hand.load(std::memory_order_relaxed);
  uint32_t page = Page(hand);
  uint32_t index = Index(hand);
  if (page >= file_.header().pages_used.load(std::memory_order_acquire) ||
      file_.page(page).pool.load(std::memory_order_acquire) != pool_index + 1) {
    page = newest;
    index = 0;
  }
  for (uint32_t steps = 0; steps < kStepsMax && chosen.size() < kBatch; ++steps) {
    if (index >= SlotsPerPage(size_class)) {
      const uint32_t older = file_.page(page).next.load(std::memory_order_acquire);
      page = older != 0 ? older - 1 : newest;
      index = 0;
    }
    const uint32_t position = SlotPosition(page, size_class, index++);
    const bool twice = std::any_of(chosen.begin(), chosen.end(),
                                   [&](const Chosen& other) { return other.position == position; });
    if (!twice) Claim(position, also_used, chosen);
  }
  pool.hand.store(uint64_t{page} << 32 | index, std::memory_order_relaxed);
}

absl::Status WriteBack::WriteDirty(const std::vector<Chosen>& chosen) {
  std::vector<ColdChange> changes;
  for (const Chosen& one : chosen) {
    const uint8_t state = file_.slot(one.position).state.load(std::memory_order_relaxed);
    if ((state & kDirty) == 0) continue;
    changes.push_back({hot_.KeyAt(one.position), hot_.HeaderAt(one.position),
                       hot_.ValueAt(one.position), (state & kAbsent) != 0});
    // Before it is true: should this process end in between, a deletion leaves a mark all the same.
    file_.slot(one.position).state.fetch_or(kColdCopy);
    BucketGroup& group = hot_.GroupOf(one.hash);
    if (!MayBeCold(group)) group.version.fetch_or(1);
  }
  return cold_.Write(changes);
}

void WriteBack::UnlockAll(const std::vector<Chosen>& chosen) {
  for (const Chosen& one : chosen) {
    if (one.locked_here) hot_.Unlock(one.hash);
  }
}

absl::StatusOr<uint32_t> WriteBack::MakeRoom(uint32_t shard, uint32_t size_class) {
  std::vector<Chosen> chosen;
  for (const bool also_used : {false, true}) {
    for (uint32_t i = 0; i < kShards && chosen.empty(); ++i) {
      Choose(SlotPools::PoolIndex(shard + i, size_class), also_used, chosen);
    }
  }
  absl::Status status = WriteDirty(chosen);
  const uint32_t pool = SlotPools::PoolIndex(shard, size_class);
  uint32_t moved = 0;
  for (const Chosen& one : chosen) {
    if (!status.ok()) break;
    status = hot_.Remove(one.hash, one.position, pool);
    if (status.ok()) ++moved;
  }
  UnlockAll(chosen);
  file_.header().evictions.fetch_add(moved, std::memory_order_relaxed);
  if (!status.ok() && moved == 0) return status;
  return moved;
}

uint32_t WriteBack::ClaimDirty(uint32_t bucket, std::vector<Chosen>& chosen) {
  const auto chains = file_.group_of(bucket).chains(bucket);
  const bool is_empty = std::all_of(chains.begin(), chains.end(), [](const auto& head) {
    return head.load(std::memory_order_relaxed) == 0;
  });
  if (is_empty) return 0;
  if (!hot_.TryLock(file_.hash_of(bucket))) return 1;
  const size_t before = chosen.size();
  for (const std::atomic<uint32_t>& head : chains) {
    for (uint32_t at = head.load(std::memory_order_acquire); hot_.pools().IsPosition(at);
         at = file_.slot(at).next.load(std::memory_order_acquire)) {
      if ((file_.slot(at).state.load(std::memory_order_relaxed) & kDirty) == 0) continue;
      const uint32_t hash = file_.slot(at).hash.load(std::memory_order_relaxed);
      chosen.push_back({hash, at, chosen.size() == before});
    }
  }
  if (chosen.size() == before) hot_.Unlock(file_.hash_of(bucket));
  return 0;
}

absl::StatusOr<uint32_t> WriteBack::Copy(uint32_t& bucket, uint32_t buckets_max) {
  const uint32_t count = file_.header().bucket_count;
  const uint32_t end = std::min(count, bucket + std::min(buckets_max, count));
  uint32_t left = 0;
  while (bucket < end) {
    std::vector<Chosen> chosen;
    for (; bucket < end && chosen.size() < kBatch; ++bucket) left += ClaimDirty(bucket, chosen);
    const absl::Status status = WriteDirty(chosen);
    for (const Chosen& one : chosen) {
      if (!status.ok()) break;
      std::atomic<uint8_t>& state = file_.slot(one.position).state;
      const uint8_t was = state.load(std::memory_order_relaxed);
      state.store(static_cast<uint8_t>((was & ~kDirty) | kColdCopy), std::memory_order_release);
    }
    UnlockAll(chosen);
    CTDB_RETURN_IF_ERROR(status);
  }
  return left;
}

}  // namespace ctdb::store
