// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_store: the engine of databases that unmodified Samba works on: a file of libtdb that smbd
// opens, too. A locked record is a chain of the file whose lock is held; whoever holds it and finds
// this node as the owner uses the record, whoever it is (REC-5).
//
// smbd makes no record and removes none (section 9.5), it changes values under headers that it
// leaves alone. It knows no lease: the fence keeps it away while this node may not serve.
//
// This process and its databases are one client of the file: its own threads take turns, by a table
// of its own. Locks of other processes are tried, and tried again after a pause.
//
//   Ownership:  the file, which must be opened once in a process (DB-17).
//   Threading:  thread-safe.
//   Errors:     those of record_store.h. ResourceExhausted, too: a header that does not fit
//               (tdb_header.h). Unavailable: the file is being locked for the fence.
//   Blocking:   Open(): for the file system. Lock(): as record_store.h. Read() and Next() wait for
//               locks up to kReadWait. Storing as tdb_file.h.
//   Limits:     one file of at most 4 GiB. Keys of one chain share a lock. Read-only copies are not
//               stored (RO-8): InvalidArgument.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto store, TdbStore::Open({.path = path, .local = node}));
//   CTDB_ASSIGN_OR_RETURN(LockedRecord record, store->Lock(key, {.wait = absl::Seconds(1)}));

#ifndef LIB_STORE_TDB_TDB_STORE_H_
#define LIB_STORE_TDB_TDB_STORE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/store/shared_file_store.h"
#include "lib/store/tdb/chain_locks.h"
#include "lib/store/tdb/tdb_fence.h"
#include "lib/store/tdb/tdb_file.h"
#include "lib/store/tdb/turn_mutex.h"

namespace ctdb::store {

class TdbStore final : public SharedFileStore, private TdbFence::File {
 public:
  static constexpr absl::Duration kReadWait = absl::Seconds(1);

  struct Options {
    std::string path;
    NodeNumber local;
    int hash_size = 100001;
    int max_dead = 5;
    absl::Duration fence_margin = absl::Milliseconds(150);
    std::function<void(const absl::Status&)> report = [](const absl::Status&) {};
    std::function<int64_t()> boottime_ns;  // Null: CLOCK_BOOTTIME.
    std::function<void()> at_fence_start = {};
  };

  // A file that a client has open is taken over with what is in it: whose records those are, the
  // fence decides. Any other one is removed (DB-18).
  static absl::StatusOr<std::shared_ptr<TdbStore>> Open(Options options);
  ~TdbStore() override;
  TdbStore(const TdbStore&) = delete;
  TdbStore& operator=(const TdbStore&) = delete;

  absl::StatusOr<bool> Read(absl::string_view key, RecordCopy& record) override;
  absl::StatusOr<std::vector<Record>> Next(Cursor& cursor, size_t bytes_max) override;
  absl::StatusOr<StoreStatistics> Statistics() override;
  absl::Status Wipe(absl::Duration wait) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  void SetServeUntil(int64_t boottime_ns) override { fence_->SetServeUntil(boottime_ns); }
  bool HasLease() const override;
  void SetOwnedSince(Epoch epoch) override { fence_->SetOwnedSince(epoch); }
  Epoch OwnedSince() const override { return fence_->owned_since(); }
  void SetReadEpoch(Epoch epoch) override { read_epoch_ = epoch.value(); }
  Epoch ReadEpoch() const override { return Epoch(read_epoch_); }

  uint32_t open_flags() const override { return open_flags_; }
  void EnableSequence() override;
  absl::StatusOr<uint32_t> Sequence() override;
  absl::Status IncrementSequence() override;

  // Whether clients of the file have to wait.
  bool IsFrozen() const { return fence_->IsFrozen(); }

 protected:
  absl::Status LockState(absl::string_view key, const LockOptions& options,
                         LockedRecord::State& state) override;
  absl::Status StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                           absl::string_view value) override;
  absl::Status DeleteLocked(LockedRecord::State& state) override;
  void ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) override;
  void UnlockLocked(LockedRecord::State& state) override;

 private:
  using FileLock = std::unique_lock<TurnMutex>;

  TdbStore(Options options, std::unique_ptr<TdbFile> file, uint64_t records);

  absl::Status Freeze(const std::function<void(int64_t)>& on_wait) override;
  bool Thaw(const std::function<bool()>& may) override;
  absl::Status Disown(Epoch owned_since) override;
  FileLock EnterAlone(const std::function<void(int64_t)>& on_wait);
  absl::StatusOr<FileLock> Enter(absl::Duration wait);
  FileLock EnterAsHolder();
  void CountIfWanted();
  absl::Status TryLock(LockedRecord::State& state, absl::Duration wait);
  absl::Status WithChain(uint32_t chain, const std::function<absl::Status()>& work);
  absl::Status ReadChain(uint32_t chain, size_t& bytes, std::vector<Record>& records);
  absl::Status Look(LockedRecord::State& state);
  absl::Status CheckLease() const;
  absl::Status DisownOne(const std::string& key, Epoch owned_since);

  const Options options_;
  const std::unique_ptr<TdbFile> file_;
  std::atomic<uint32_t> open_flags_;
  std::atomic<bool> is_count_wanted_ = false;  // Whoever uses the file next switches it on.
  std::atomic<uint64_t> read_epoch_ = 0;
  std::atomic<uint64_t> records_;

  // One thread at a time uses the file. Only who freezes it waits for other processes meanwhile.
  TurnMutex mutex_;
  std::condition_variable_any unlocked_;
  ChainLocks locks_;
  bool is_changing_ = false;              // It is being frozen or thawed: there are no new locks.
  std::atomic<bool> is_waiting_ = false;  // For other processes, with mutex_ held.

  std::unique_ptr<TdbFence> fence_;  // The last one: it uses all of these.
};

// For the database service. To be called before there are other threads.
// `at_fence_start`: TdbFence::Options::at_start of each file.
OpenSharedFile TdbOpener(int hash_size, int max_dead, std::function<void()> at_fence_start);

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TDB_STORE_H_
