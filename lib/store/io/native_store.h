// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// native_store: the engine of native databases. Records in demand lie in shared memory beside their
// locks (hot_tier.h); what does not fit is in an LMDB file (cold_tier.h). Whatever is in the hot
// tier counts; the cold one is asked for what is not.
//
// Any number of processes have the database open. One that is killed at any instruction leaves each
// record as it was or as it was to be, and its locks to the next one. Nothing is synchronised to
// disk but by Sync(): processes may die, the machine may not.
//
//   Ownership:  the mapping and the LMDB environment.
//   Threading:  thread- and process-safe. Not over fork(): a child opens the database itself.
//   Errors:     those of record_store.h and hot_file.h.
//   Blocking:   Open(): hot_file.h. Store() and Delete() of large records, and when memory is full,
//               wait for the file system and up to 10 s for another process that does the same; so
//               do Wipe() and CopyToCold(). Sync() waits for the disk. Read() waits up to 1 s for
//               the record's lock if the record changes all the time.
//   Limits:     memory: StoreOptions; records above 8 KiB are always cold. Keys whose hashes agree
//               in the bucket share a lock: one in 65,536 with 32 MiB.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto store, NativeStore::Open({.directory = dir, .name = "locking"}));
//   CTDB_ASSIGN_OR_RETURN(LockedRecord record, store->Lock(key, {.wait = absl::Seconds(1)}));

#ifndef LIB_STORE_IO_NATIVE_STORE_H_
#define LIB_STORE_IO_NATIVE_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/store/io/cold_tier.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/io/hot_tier.h"
#include "lib/store/io/lease_ticks.h"
#include "lib/store/io/write_back.h"
#include "lib/store/record_store.h"

namespace ctdb::store {

class NativeStore final : public RecordStore {
 public:
  static absl::StatusOr<std::unique_ptr<NativeStore>> Open(const StoreOptions& options);
  explicit NativeStore(HotFile file);
  NativeStore(const NativeStore&) = delete;
  NativeStore& operator=(const NativeStore&) = delete;

  absl::StatusOr<bool> Read(absl::string_view key, RecordCopy& record) override;
  absl::StatusOr<std::vector<Record>> Next(Cursor& cursor, size_t bytes_max) override;
  absl::StatusOr<StoreStatistics> Statistics() override;
  absl::Status Wipe(absl::Duration wait) override;
  absl::Status Sync() override;
  void SetServeUntil(int64_t boottime_ns) override;
  bool HasLease() const override {
    return AreTicksBefore(file_.header().lease_ticks.load(std::memory_order_acquire)) ||
           HasLeaseByClock();
  }
  void SetOwnedSince(Epoch epoch) override;
  Epoch OwnedSince() const override;
  void SetReadEpoch(Epoch epoch) override;
  Epoch ReadEpoch() const override;

  // Copies what changed to the cold tier, of up to `buckets_max` buckets from `bucket` on, which
  // moves on and begins again at 0. The daemon calls it now and then, so that making room later is
  // quick.
  absl::Status CopyToCold(uint32_t& bucket, uint32_t buckets_max);

 protected:
  absl::Status LockState(absl::string_view key, const LockOptions& options,
                         LockedRecord::State& state) override;
  absl::Status StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                           absl::string_view value) override;
  absl::Status DeleteLocked(LockedRecord::State& state) override;
  void ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) override;
  void UnlockLocked(LockedRecord::State& state) override;

 private:
  bool HasLeaseByClock() const;
  absl::Status CheckReplaced() const;
  absl::Status CheckLease(absl::string_view when) const;
  absl::Status Look(LockedRecord::State& state);
  absl::Status LookInColdTier(LockedRecord::State& state);
  absl::Status PutHot(LockedRecord::State& state, const RecordHeader& header,
                      absl::string_view value, uint8_t slot_state);
  absl::Status PutInPools(LockedRecord::State& state, const HotRecord& record, uint32_t shard);
  absl::Status RemoveHot(LockedRecord::State& state);
  absl::Status PutCold(LockedRecord::State& state, const ColdChange& change);
  absl::Status NextHot(Cursor& cursor, size_t bytes_max, std::vector<Record>& records);
  absl::Status NextCold(Cursor& cursor, size_t bytes_max, std::vector<Record>& records);
  void Count(int64_t change) {
    file_.header().records.fetch_add(change, std::memory_order_relaxed);
  }

  uint32_t Shard() const;

  HotFile file_;
  const uint32_t first_shard_;
  const HashSecret secret_;
  HotTier hot_;
  ColdTier cold_;
  WriteBack write_back_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_NATIVE_STORE_H_
