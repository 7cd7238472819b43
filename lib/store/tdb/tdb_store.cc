// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_store.h"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/store/loan.h"
#include "lib/store/tdb/tdb_header.h"

namespace ctdb::store {
namespace {

// How long a thread that may not wait is kept by another one that uses the file.
constexpr absl::Duration kMoment = absl::Milliseconds(1);
constexpr absl::Duration kPauseMin = absl::Microseconds(20);
constexpr absl::Duration kPauseMax = absl::Milliseconds(2);
// Clients that hold a record for longer are waited for, and named.
constexpr absl::Duration kFreezeTries = absl::Milliseconds(20);
// At a time: then other threads have their turn.
constexpr uint32_t kChainsAtOnce = 256;

// Tries until `deadline` what another process has to let happen.
absl::Status TryUntil(absl::Time deadline, const std::function<absl::Status()>& attempt) {
  absl::Duration pause = kPauseMin;
  for (;;) {
    const absl::Status status = attempt();
    if (!absl::IsDeadlineExceeded(status) || absl::Now() >= deadline) return status;
    absl::SleepFor(std::min(pause, deadline - absl::Now()));
    pause = std::min(2 * pause, kPauseMax);
  }
}

absl::string_view ValueIn(absl::string_view stored) { return stored.substr(kTdbHeaderBytes); }

}  // namespace

TdbStore::TdbStore(Options options, std::unique_ptr<TdbFile> file, uint64_t records)
    : options_(std::move(options)),
      file_(std::move(file)),
      open_flags_(file_->flags()),
      records_(records) {
  TdbFence::Options fence;
  fence.path = options_.path;
  fence.margin = options_.fence_margin;
  fence.boottime_ns = options_.boottime_ns;
  fence.report = options_.report;
  fence.at_start = options_.at_fence_start;
  fence_ = std::make_unique<TdbFence>(std::move(fence), static_cast<TdbFence::File&>(*this));
}

TdbStore::~TdbStore() { fence_.reset(); }

bool TdbStore::HasLease() const { return options_.boottime_ns() < fence_->serve_until(); }

absl::Status TdbStore::CheckLease() const {
  if (HasLease()) return absl::OkStatus();
  return absl::UnavailableError("this node may not serve now: its lease has passed");
}

absl::StatusOr<TdbStore::FileLock> TdbStore::Enter(absl::Duration wait) {
  FileLock lock(mutex_, std::defer_lock);
  const bool is_hopeless = is_waiting_ && wait <= absl::ZeroDuration();
  if (!is_hopeless && lock.try_lock_for(absl::ToChronoNanoseconds(std::max(wait, kMoment)))) {
    CountIfWanted();
    return lock;
  }
  return absl::DeadlineExceededError(
      absl::StrCat("cannot lock the record: all of ", options_.path, " is being locked"));
}

// Who holds a record never waits for the fence.
TdbStore::FileLock TdbStore::EnterAsHolder() {
  FileLock lock(mutex_);
  CountIfWanted();
  return lock;
}

void TdbStore::CountIfWanted() {
  if (is_count_wanted_.exchange(false)) file_->EnableSequence();
}

absl::Status TdbStore::TryLock(LockedRecord::State& state, absl::Duration wait) {
  CTDB_ASSIGN_OR_RETURN(const FileLock lock, Enter(wait));
  if (is_changing_) {
    return absl::DeadlineExceededError(
        absl::StrCat("cannot lock the record: all of ", options_.path, " is being locked"));
  }
  const uint32_t chain = file_->ChainOf(state.key);
  CTDB_RETURN_IF_ERROR(locks_.Add(chain, std::this_thread::get_id()));
  absl::Status status = file_->TryLockChain(chain);
  if (status.ok()) {
    state.position = chain;
    status = Look(state);
    if (!status.ok()) file_->UnlockChain(chain);
  } else {
    const pid_t holder = file_->HolderOf(chain);
    status =
        absl::DeadlineExceededError(absl::StrCat("cannot lock the record: process or thread ",
                                                 holder, " holds the lock in ", options_.path));
  }
  if (!status.ok()) locks_.Remove(chain);
  return status;
}

absl::Status TdbStore::Look(LockedRecord::State& state) {
  std::string stored;
  CTDB_ASSIGN_OR_RETURN(const bool exists, file_->Get(state.key, stored));
  const std::optional<RecordHeader> header =
      exists ? DecodeTdbHeader(stored) : std::optional<RecordHeader>();
  if (!header.has_value()) return absl::OkStatus();
  state.exists = true;
  state.header = *header;
  stored.erase(0, kTdbHeaderBytes);
  state.OwnValue(std::move(stored));
  return absl::OkStatus();
}

absl::Status TdbStore::LockState(absl::string_view key, const LockOptions& options,
                                 LockedRecord::State& state) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  if (options.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  state.key = key;
  state.OwnKey();
  state.need_lease = options.need_lease;
  const absl::Time deadline = absl::Now() + options.wait;
  return TryUntil(deadline, [&] {
    const absl::Duration left =
        options.wait > absl::ZeroDuration() ? deadline - absl::Now() : absl::ZeroDuration();
    return TryLock(state, left);
  });
}

absl::Status TdbStore::StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                                   absl::string_view value) {
  CTDB_RETURN_IF_ERROR(CheckValue(value));
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  if ((header.flags & kReadOnly) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot store a read-only copy in ", options_.path,
        ": Samba would read it as the record; switch read-only copies off for this database"));
  }
  CTDB_ASSIGN_OR_RETURN(const TdbHeaderBytes bytes, EncodeTdbHeader(header));
  {
    const FileLock lock = EnterAsHolder();
    CTDB_RETURN_IF_ERROR(file_->Put(state.key, {bytes.data(), bytes.size()}, value));
  }
  if (!std::exchange(state.exists, true)) ++records_;
  state.header = header;
  state.header.flags &= ~kTombstone;
  if (value.empty()) state.header.flags |= kTombstone;
  state.OwnValue(std::string(value.data(), value.size()));
  return absl::OkStatus();
}

absl::Status TdbStore::DeleteLocked(LockedRecord::State& state) {
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  {
    const FileLock lock = EnterAsHolder();
    CTDB_RETURN_IF_ERROR(file_->Remove(state.key));
  }
  if (std::exchange(state.exists, false)) --records_;
  state.header = {};
  state.value = {};
  return absl::OkStatus();
}

void TdbStore::ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) {
  if (!state.exists || (state.header.flags & flags) == 0) return;
  RecordHeader header = state.header;
  header.flags &= ~flags;
  const std::string value(state.value.data(), state.value.size());
  StoreLocked(state, header, value).IgnoreError();
}

void TdbStore::UnlockLocked(LockedRecord::State& state) {
  const FileLock lock(mutex_);
  file_->UnlockChain(state.position);
  locks_.Remove(state.position);
  if (is_changing_ && locks_.is_empty()) unlocked_.notify_all();
}

// Reads while others may hold the lock.
absl::Status TdbStore::WithChain(uint32_t chain, const std::function<absl::Status()>& work) {
  const absl::Time deadline = absl::Now() + kReadWait;
  return TryUntil(deadline, [&]() -> absl::Status {
    CTDB_ASSIGN_OR_RETURN(const FileLock lock, Enter(deadline - absl::Now()));
    if (!file_->TryLockChain(chain).ok()) {
      return absl::DeadlineExceededError(absl::StrCat("cannot read a record of ", options_.path,
                                                      ": process or thread ",
                                                      file_->HolderOf(chain), " holds its lock"));
    }
    const absl::Status done = work();
    file_->UnlockChain(chain);
    return done;
  });
}

absl::StatusOr<bool> TdbStore::Read(absl::string_view key, RecordCopy& record) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  std::string stored;
  bool exists = false;
  CTDB_RETURN_IF_ERROR(WithChain(file_->ChainOf(key), [&]() -> absl::Status {
    CTDB_ASSIGN_OR_RETURN(exists, file_->Get(key, stored));
    return absl::OkStatus();
  }));
  const std::optional<RecordHeader> header =
      exists ? DecodeTdbHeader(stored) : std::optional<RecordHeader>();
  if (!header.has_value()) return false;
  record.header = *header;
  record.value = std::string(ValueIn(stored));
  return true;
}

absl::Status TdbStore::ReadChain(uint32_t chain, size_t& bytes, std::vector<Record>& records) {
  return file_->VisitChain(chain, [&](absl::string_view key, absl::string_view stored) {
    const std::optional<RecordHeader> header = DecodeTdbHeader(stored);
    if (!header.has_value()) return;
    bytes += key.size() + stored.size();
    records.push_back({std::string(key), {*header, std::string(ValueIn(stored))}});
  });
}

absl::StatusOr<std::vector<Record>> TdbStore::Next(Cursor& cursor, size_t bytes_max) {
  std::vector<Record> records;
  size_t bytes = 0;
  const uint64_t chains = file_->chains();
  while (cursor.bucket < chains && (records.empty() || bytes < bytes_max)) {
    const uint64_t end = std::min(cursor.bucket + kChainsAtOnce, chains);
    {
      CTDB_ASSIGN_OR_RETURN(const FileLock lock, Enter(kReadWait));
      // Clients store only where a record was: nothing comes into an empty chain but by this store.
      const std::vector<uint32_t> used =
          file_->UsedChains(static_cast<uint32_t>(cursor.bucket), static_cast<uint32_t>(end));
      auto next_used = used.begin();
      while (cursor.bucket < end && (records.empty() || bytes < bytes_max)) {
        cursor.bucket = next_used == used.end() ? end : *next_used++;
        if (cursor.bucket == end) break;
        const auto chain = static_cast<uint32_t>(cursor.bucket);
        if (!file_->TryLockChain(chain).ok()) break;
        const absl::Status read = ReadChain(chain, bytes, records);
        file_->UnlockChain(chain);
        CTDB_RETURN_IF_ERROR(read);
        ++cursor.bucket;
      }
      if (cursor.bucket == end || (!records.empty() && bytes >= bytes_max)) continue;
    }
    if (!records.empty()) break;  // The locked one next time.
    const auto chain = static_cast<uint32_t>(cursor.bucket);
    CTDB_RETURN_IF_ERROR(WithChain(chain, [&] { return ReadChain(chain, bytes, records); }));
    ++cursor.bucket;
  }
  cursor.done = cursor.bucket >= chains;
  return records;
}

absl::StatusOr<StoreStatistics> TdbStore::Statistics() {
  StoreStatistics statistics;
  statistics.records = records_;
  statistics.memory_bytes = file_->bytes();
  statistics.memory_limit = uint64_t{1} << 32;
  statistics.serve_until = fence_->serve_until();
  statistics.owned_since = fence_->owned_since();
  return statistics;
}

absl::Status TdbStore::Wipe(absl::Duration wait) {
  Cursor cursor;
  while (!cursor.done) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<Record> records, Next(cursor, 1 << 20));
    for (const Record& record : records) {
      CTDB_ASSIGN_OR_RETURN(LockedRecord locked, Lock(record.key, {.wait = wait}));
      CTDB_RETURN_IF_ERROR(locked.Delete());
    }
  }
  return absl::OkStatus();
}

void TdbStore::EnableSequence() {
  if ((open_flags_.fetch_or(kTdbSequenceFlag) & kTdbSequenceFlag) == 0) is_count_wanted_ = true;
}

absl::StatusOr<uint32_t> TdbStore::Sequence() {
  CTDB_ASSIGN_OR_RETURN(const FileLock lock, Enter(absl::ZeroDuration()));
  return file_->Sequence();
}

// libtdb does not say whether it did it. Whoever else has changed it did what was wanted.
absl::Status TdbStore::IncrementSequence() {
  CTDB_ASSIGN_OR_RETURN(const FileLock lock, Enter(absl::ZeroDuration()));
  const uint32_t before = file_->Sequence();
  file_->IncrementSequence();
  if (file_->Sequence() != before) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("cannot count a change of ", options_.path, ": its number is locked"));
}

// No thread of this process holds a record any more when it returns, and none gets one. They hold
// them for a moment, unless libtdb waits for somebody.
TdbStore::FileLock TdbStore::EnterAlone(const std::function<void(int64_t)>& on_wait) {
  const auto tries = absl::ToChronoNanoseconds(kFreezeTries);
  FileLock lock(mutex_, std::defer_lock);
  if (!lock.try_lock_for(tries)) {
    on_wait(::getpid());
    lock.lock();
  }
  is_changing_ = true;
  const auto is_alone = [this] { return locks_.is_empty(); };
  if (!unlocked_.wait_for(lock, tries, is_alone)) {
    on_wait(::getpid());
    unlocked_.wait(lock, is_alone);
  }
  return lock;
}

// Locking all in vain lets clients go on for a moment; waiting for it does not, but keeps this
// process from its own file.
absl::Status TdbStore::Freeze(const std::function<void(int64_t)>& on_wait) {
  const FileLock lock = EnterAlone(on_wait);
  absl::Status status =
      TryUntil(absl::Now() + kFreezeTries, [this] { return file_->TryLockAll(); });
  if (!status.ok()) {
    on_wait(file_->FirstHolder());
    is_waiting_ = true;
    status = file_->LockAll();
    is_waiting_ = false;
  }
  is_changing_ = false;
  return status;
}

bool TdbStore::Thaw(const std::function<bool()>& may) {
  const FileLock lock = EnterAlone([](int64_t) {});
  const bool goes_on = may();
  if (goes_on) file_->UnlockAll();
  is_changing_ = false;
  return goes_on;
}

absl::Status TdbStore::Disown(Epoch owned_since) {
  Cursor cursor;
  while (!cursor.done) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<Record> records, Next(cursor, 1 << 20));
    for (const Record& record : records) {
      const RecordHeader& header = record.copy.header;
      if (header.owner != options_.local || header.epoch >= owned_since) continue;
      CTDB_RETURN_IF_ERROR(DisownOne(record.key, owned_since));
    }
    // Others may be as urgent, and this may take long.
    std::this_thread::yield();
  }
  return absl::OkStatus();
}

absl::Status TdbStore::DisownOne(const std::string& key, Epoch owned_since) {
  CTDB_ASSIGN_OR_RETURN(LockedRecord record, Lock(key, {.wait = kReadWait}));
  RecordHeader header = record.header();
  if (!record.exists() || header.owner != options_.local || header.epoch >= owned_since) {
    return absl::OkStatus();
  }
  header.owner = kTdbNobody;
  return record.Store(header, std::string(record.value()));
}

}  // namespace ctdb::store
