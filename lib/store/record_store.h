// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record_store: one database of one node, as every engine offers it. Its heart is the locked
// record: lock a key, look at the record, store or delete it, unlock. A key can be locked whether
// or not there is a record.
//
// Engines may put several keys behind one lock. Whoever locks two records of one database at once
// must therefore expect to wait for itself (FailedPrecondition) or for another who did the same in
// the opposite order (DeadlineExceeded).
//
//   Ownership:  a LockedRecord refers to its store, which outlives it.
//   Threading:  the store is thread-safe unless the engine says otherwise; a LockedRecord is used
//               and destroyed by the thread that locked it.
//   Errors:     InvalidArgument: key or value beyond the limits of record.h. DeadlineExceeded: the
//               lock is held; the text names the holder's process id. FailedPrecondition: this
//               thread holds the lock already. Aborted: the database was replaced: open it again.
//               Unavailable: the lease has passed; the record is as before. ResourceExhausted:
//               memory or disk is full; the record is as before. DataLoss: the files are damaged.
//   Blocking:   Lock() waits for the lock at most `wait`. Beyond that the methods hold locks for
//               microseconds; what an engine does more (disk) its header says.
//   Limits:     those of record.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(LockedRecord record, store.Lock(key, {.wait = absl::Seconds(1)}));
//   if (!IsOwnedBy(record.header(), self, store.OwnedSince())) return AskTheDaemon(key);
//   CTDB_RETURN_IF_ERROR(record.Store(record.header(), "new value"));

#ifndef LIB_STORE_RECORD_STORE_H_
#define LIB_STORE_RECORD_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/status_macros.h"
#include "lib/store/record.h"

namespace ctdb::store {

class RecordStore;

struct LockOptions {
  absl::Duration wait = absl::ZeroDuration();  // Zero: try once. At most an hour.
  // Refuse when the node's lease has passed (see SetServeUntil()): to lock, and again to store or
  // delete, as the lease may pass while the record is locked.
  bool need_lease = false;
};

class LockedRecord {
 public:
  // What the engine has to know of it.
  struct State {
    // Where `key` and `value` are, if not in shared memory.
    struct OwnBytes {
      std::string key;
      std::string value;
    };

    absl::string_view key;
    uint64_t hash = 0;
    bool need_lease = false;
    bool exists = false;
    bool has_cold_copy = false;
    uint32_t position = 0;
    RecordHeader header;
    absl::string_view value;
    std::unique_ptr<OwnBytes> own;

    OwnBytes& Own() {
      if (own == nullptr) own = std::make_unique<OwnBytes>();
      return *own;
    }
    void OwnKey() {
      std::string& copy = Own().key;
      copy.assign(key.data(), key.size());
      key = copy;
    }
    void OwnValue(std::string bytes) {
      Own().value = std::move(bytes);
      value = own->value;
    }
  };

  LockedRecord() = default;  // An unlocked one, for RecordStore::Lock().
  LockedRecord(LockedRecord&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)), state_(std::move(other.state_)) {}
  LockedRecord& operator=(LockedRecord&& other) noexcept;
  ~LockedRecord() { Unlock(); }

  bool is_locked() const { return store_ != nullptr; }

  // Without a record: false, an empty header, an empty value. `key` is valid until Store() or
  // Delete(), as is `value`, and both until Unlock().
  bool exists() const { return state_.exists; }
  const RecordHeader& header() const { return state_.header; }
  absl::string_view key() const { return state_.key; }
  absl::string_view value() const { return state_.value; }

  // After an error the record is as it was.
  absl::Status Store(const RecordHeader& header, absl::string_view value);
  absl::Status Delete();
  // Costs as much as looking at them. For hints only: what does not lie in memory keeps them.
  void ClearFlags(uint32_t flags);

  void Unlock();

 private:
  friend class RecordStore;

  RecordStore* store_ = nullptr;  // Null once unlocked.
  State state_;
};

// Where an iteration stands. A new one begins at the beginning.
struct Cursor {
  uint64_t bucket = 0;
  std::string after;
  bool done = false;
};

struct StoreStatistics {
  uint64_t records = 0;       // Off by one for each process that was killed while it stored.
  uint64_t memory_bytes = 0;  // What the database occupies in memory, or in files on a tmpfs.
  uint64_t memory_limit = 0;  // What `memory_bytes` can grow to.
  uint64_t cold_bytes = 0;    // What the overflow of memory occupies.
  uint64_t cold_limit = 0;    //
  uint64_t evictions = 0;     // Records moved out of memory.
  uint64_t owner_deaths = 0;  // Locks taken over from processes that died.
  int64_t serve_until = 0;    // The lease: see SetServeUntil().
  Epoch owned_since;          // See SetOwnedSince().
};

class RecordStore {
 public:
  virtual ~RecordStore() = default;

  absl::StatusOr<LockedRecord> Lock(absl::string_view key, const LockOptions& options) {
    absl::StatusOr<LockedRecord> record(absl::in_place);
    const absl::Status status = Lock(key, options, *record);
    if (!status.ok()) record = status;
    return record;
  }
  // The same into an unlocked record, which stays so after an error: who locks millions of records
  // in a second moves none of them about.
  absl::Status Lock(absl::string_view key, const LockOptions& options, LockedRecord& record) {
    record.state_ = {};
    CTDB_RETURN_IF_ERROR(LockState(key, options, record.state_));
    record.store_ = this;
    return absl::OkStatus();
  }

  // Copies one record as it was at some moment during the call; false when there is none. Waits
  // for no lock as long as the record stays as it is for a moment.
  virtual absl::StatusOr<bool> Read(absl::string_view key, RecordCopy& record) = 0;

  // The next records, about `bytes_max` bytes of them and at least one; none at the end. A record
  // that exists during the whole iteration comes at least once, and may come more often.
  virtual absl::StatusOr<std::vector<Record>> Next(Cursor& cursor, size_t bytes_max) = 0;

  virtual absl::StatusOr<StoreStatistics> Statistics() = 0;

  // Deletes every record that exists when the call begins. Waits for each lock at most `wait`.
  virtual absl::Status Wipe(absl::Duration wait) = 0;

  // Returns when all that was stored before is on the disk, where the engine has one.
  virtual absl::Status Sync() = 0;

  // Until when this node may serve clients: nanoseconds of CLOCK_BOOTTIME. A new database's lease
  // has passed.
  virtual void SetServeUntil(int64_t boottime_ns) = 0;
  virtual bool HasLease() const = 0;

  // Since which epoch this node has been a member without a break: see IsOwnedBy(). To be set
  // before the lease that rests on it; whoever has seen that lease sees it too. A new database,
  // which has no old copies, begins with 0.
  virtual void SetOwnedSince(Epoch epoch) = 0;
  virtual Epoch OwnedSince() const = 0;

  // In which epoch read-only copies must have been lent to be readable now (lib/store/loan.h). By
  // the daemon, before the lease that rests on it.
  virtual void SetReadEpoch(Epoch epoch) = 0;
  virtual Epoch ReadEpoch() const = 0;

 protected:
  friend class LockedRecord;
  // `state` is a new one.
  virtual absl::Status LockState(absl::string_view key, const LockOptions& options,
                                 LockedRecord::State& state) = 0;
  virtual absl::Status StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                                   absl::string_view value) = 0;
  virtual absl::Status DeleteLocked(LockedRecord::State& state) = 0;
  virtual void ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) = 0;
  virtual void UnlockLocked(LockedRecord::State& state) = 0;
};

inline LockedRecord& LockedRecord::operator=(LockedRecord&& other) noexcept {
  if (this == &other) return *this;
  Unlock();
  store_ = std::exchange(other.store_, nullptr);
  state_ = std::move(other.state_);
  return *this;
}

inline absl::Status LockedRecord::Store(const RecordHeader& header, absl::string_view value) {
  if (store_ != nullptr) return store_->StoreLocked(state_, header, value);
  return absl::FailedPreconditionError("cannot store: the record is unlocked; lock it again");
}

inline absl::Status LockedRecord::Delete() {
  if (store_ != nullptr) return store_->DeleteLocked(state_);
  return absl::FailedPreconditionError("cannot delete: the record is unlocked; lock it again");
}

inline void LockedRecord::ClearFlags(uint32_t flags) {
  if (store_ != nullptr) store_->ClearFlagsLocked(state_, flags);
}

inline void LockedRecord::Unlock() {
  if (store_ != nullptr) std::exchange(store_, nullptr)->UnlockLocked(state_);
}

}  // namespace ctdb::store

#endif  // LIB_STORE_RECORD_STORE_H_
