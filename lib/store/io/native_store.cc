// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/native_store.h"

#include <unistd.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace ctdb::store {
namespace {

// How often Read() and Next() look again before they wait for the lock.
constexpr int kReadAttempts = 100;
constexpr absl::Duration kReadWait = absl::Seconds(1);
// How often Store() makes room before the record goes to the cold tier.
constexpr int kRoomAttempts = 3;

constexpr absl::string_view kWhileLocked = " while the record was locked, which is as it was";

uint32_t ThisProcess() { return static_cast<uint32_t>(::getpid()); }

uint32_t Low(uint64_t hash) { return static_cast<uint32_t>(hash); }

}  // namespace

absl::StatusOr<std::unique_ptr<NativeStore>> NativeStore::Open(const StoreOptions& options) {
  CTDB_ASSIGN_OR_RETURN(HotFile file, HotFile::Open(options));
  return std::make_unique<NativeStore>(std::move(file));
}

NativeStore::NativeStore(HotFile file)
    : file_(std::move(file)),
      first_shard_(file_.header().openings.fetch_add(1, std::memory_order_relaxed)),
      secret_{file_.header().hash_secret[0], file_.header().hash_secret[1]},
      hot_(file_, ThisProcess()),
      cold_(file_, ThisProcess()),
      write_back_(file_, hot_, cold_) {}

absl::Status NativeStore::CheckReplaced() const {
  if (file_.header().retired.load(std::memory_order_acquire) == 0) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat(file_.path(), " was replaced by a new database; open it again"));
}

bool NativeStore::HasLeaseByClock() const {
  return BootTimeNanoseconds() < file_.header().serve_until.load(std::memory_order_acquire);
}

absl::Status NativeStore::CheckLease(absl::string_view when) const {
  if (HasLease()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("this node may not serve ", file_.path(),
                                             " now: its lease has passed", when,
                                             "; try again when it has joined the cluster"));
}

absl::Status NativeStore::LockState(absl::string_view key, const LockOptions& options,
                                    LockedRecord::State& state) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  state.key = key;
  state.hash = SipHash13(secret_, key);
  state.need_lease = options.need_lease;
  CTDB_RETURN_IF_ERROR(hot_.Lock(Low(state.hash), options.wait));
  // After the wait: what was so before may be so no more.
  absl::Status status = CheckReplaced();
  if (status.ok() && options.need_lease) status = CheckLease("");
  if (status.ok()) status = Look(state);
  if (!status.ok()) hot_.Unlock(Low(state.hash));
  return status;
}

absl::Status NativeStore::Look(LockedRecord::State& state) {
  CTDB_ASSIGN_OR_RETURN(state.position, hot_.Find(Low(state.hash), state.key));
  if (state.position != 0) {
    Slot& slot = hot_.At(state.position);
    state.key = KeyOf(slot);
    const uint8_t bits = slot.state.load(std::memory_order_relaxed);
    state.exists = (bits & kLive) != 0;
    state.has_cold_copy = (bits & kColdCopy) != 0;
    if (!state.exists) return absl::OkStatus();
    state.header = HeaderOf(slot);
    state.value = ValueOf(slot);
    return absl::OkStatus();
  }
  return LookInColdTier(state);
}

absl::Status NativeStore::LookInColdTier(LockedRecord::State& state) {
  state.OwnKey();
  if ((hot_.GroupOf(Low(state.hash)).version.load(std::memory_order_relaxed) & 1) == 0) {
    return absl::OkStatus();
  }
  RecordCopy copy;
  CTDB_ASSIGN_OR_RETURN(state.exists, cold_.Get(state.key, copy));
  state.has_cold_copy = state.exists;
  if (!state.exists) return absl::OkStatus();
  state.header = copy.header;
  state.OwnValue(std::move(copy.value));
  return absl::OkStatus();
}

absl::Status NativeStore::StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                                      absl::string_view value) {
  CTDB_RETURN_IF_ERROR(CheckValue(value));
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease(kWhileLocked));
  const bool existed = state.exists;
  const bool fits = HotTier::Fits(state.key, value);
  const uint8_t cold = state.has_cold_copy ? kColdCopy : 0;
  absl::Status status;
  if (fits) status = PutHot(state, header, value, static_cast<uint8_t>(kLive | kDirty | cold));
  if (fits && status.ok()) {
    state.key = hot_.KeyAt(state.position);
    state.value = hot_.ValueAt(state.position);
    state.own.reset();
  } else if (!fits || absl::IsResourceExhausted(status)) {
    // `value` may be part of the old one.
    std::string copy(value.data(), value.size());
    const bool is_larger = !existed || value.size() > state.value.size();
    CTDB_RETURN_IF_ERROR(PutCold(
        state, {.key = state.key, .header = header, .value = copy, .may_use_reserve = !is_larger}));
    state.OwnValue(std::move(copy));
  } else {
    return status;
  }
  state.header = header;
  state.exists = true;
  if (!existed) Count(1);
  return absl::OkStatus();
}

uint32_t NativeStore::Shard() const {
  // Threads of a process and processes of a node each get another, as long as there are enough.
  static std::atomic<uint32_t> threads{0};
  thread_local const uint32_t thread = threads.fetch_add(1, std::memory_order_relaxed);
  return (first_shard_ + thread) % kShards;
}

absl::Status NativeStore::PutHot(LockedRecord::State& state, const RecordHeader& header,
                                 absl::string_view value, uint8_t slot_state) {
  const uint32_t hash = Low(state.hash);
  const uint32_t shard = Shard();
  const HotRecord record = {state.key, header, value, slot_state};
  if (state.position != 0) {
    const uint32_t position = hot_.Swap(hash, record, state.position, shard);
    if (position != 0) {
      state.position = position;
      return absl::OkStatus();
    }
  }
  return PutInPools(state, record, shard);
}

absl::Status NativeStore::PutInPools(LockedRecord::State& state, const HotRecord& record,
                                     uint32_t shard) {
  const uint32_t hash = Low(state.hash);
  absl::Status full;
  for (int attempt = 0; attempt < kRoomAttempts; ++attempt) {
    // Its own shard first; the others have free slots, perhaps.
    for (uint32_t i = 0; i < kShards; ++i) {
      const absl::StatusOr<uint32_t> position =
          hot_.Put(hash, record, state.position, (shard + i) % kShards);
      if (position.ok()) state.position = *position;
      if (!absl::IsResourceExhausted(position.status())) return position.status();
      full = position.status();
    }
    const uint32_t size_class = *SizeClassFor(SlotBytes(state.key.size(), record.value.size()));
    CTDB_ASSIGN_OR_RETURN(const uint32_t moved, write_back_.MakeRoom(shard, size_class));
    if (moved == 0) break;
  }
  return full;
}

absl::Status NativeStore::PutCold(LockedRecord::State& state, const ColdChange& change) {
  const uint32_t hash = Low(state.hash);
  if (state.position != 0) {
    // Until its slot is gone the hot record counts, also if this process ends in between: it must
    // not be taken for a copy of what the cold tier has then.
    hot_.At(state.position).state.fetch_or(kDirty | kColdCopy);
  }
  hot_.GroupOf(hash).version.fetch_or(1);
  CTDB_RETURN_IF_ERROR(cold_.Write({change}));
  if (state.position != 0) CTDB_RETURN_IF_ERROR(RemoveHot(state));
  hot_.GroupOf(hash).version.fetch_add(2);
  state.has_cold_copy = !change.remove;
  return absl::OkStatus();
}

absl::Status NativeStore::RemoveHot(LockedRecord::State& state) {
  if (state.own == nullptr || state.own->key.empty()) state.OwnKey();
  const uint32_t pool = hot_.pools().PoolOf(state.position);
  CTDB_RETURN_IF_ERROR(hot_.Remove(Low(state.hash), state.position, pool));
  state.position = 0;
  return absl::OkStatus();
}

absl::Status NativeStore::DeleteLocked(LockedRecord::State& state) {
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease(kWhileLocked));
  if (!state.exists) return absl::OkStatus();
  // What was too large for memory is deleted where it lies, and its space is free at once.
  absl::Status status = absl::ResourceExhaustedError("");
  if (!state.has_cold_copy) {
    status = RemoveHot(state);
  } else if (!HotTier::Fits(state.key, state.value)) {
    // Below.
  } else if (state.position != 0) {
    hot_.MarkAbsent(Low(state.hash), state.position);
    status = absl::OkStatus();
  } else if (HotTier::Fits(state.key, "")) {
    status = PutHot(state, {}, "", kAbsent | kDirty | kColdCopy);
  }
  if (absl::IsResourceExhausted(status)) {
    status = PutCold(state, {.key = state.key, .remove = true});
  }
  CTDB_RETURN_IF_ERROR(status);
  state.exists = false;
  state.header = {};
  state.value = {};
  Count(-1);
  return absl::OkStatus();
}

void NativeStore::ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) {
  state.header.flags &= ~flags;
  if (state.position == 0) return;
  hot_.At(state.position).flags.store(state.header.flags, std::memory_order_relaxed);
}

void NativeStore::UnlockLocked(LockedRecord::State& state) { hot_.Unlock(Low(state.hash)); }

absl::StatusOr<bool> NativeStore::Read(absl::string_view key, RecordCopy& record) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  const uint64_t hash = SipHash13(secret_, key);
  const BucketGroup& group = hot_.GroupOf(Low(hash));
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    const uint32_t version = group.version.load(std::memory_order_acquire);
    const HotTier::Found found = hot_.TryRead(Low(hash), key, record);
    if (found == HotTier::Found::kRecord) return true;
    if (found == HotTier::Found::kAbsent) return false;
    const bool changed = group.version.load(std::memory_order_acquire) != version;
    if (changed || found == HotTier::Found::kChanged) continue;
    if ((version & 1) == 0) return false;
    CTDB_ASSIGN_OR_RETURN(const bool is_cold, cold_.Get(key, record));
    if (group.version.load(std::memory_order_acquire) == version) return is_cold;
  }
  CTDB_ASSIGN_OR_RETURN(const LockedRecord locked, Lock(key, {.wait = kReadWait}));
  if (!locked.exists()) return false;
  record.header = locked.header();
  record.value.assign(locked.value().data(), locked.value().size());
  return true;
}

absl::Status NativeStore::NextHot(Cursor& cursor, size_t bytes_max, std::vector<Record>& records) {
  size_t bytes = 0;
  // No slot was ever given away: a new database need not be looked through.
  const bool is_unused = file_.header().pages_used.load(std::memory_order_acquire) == 0;
  if (is_unused) cursor.bucket = file_.header().bucket_count;
  for (; cursor.bucket < file_.header().bucket_count && bytes < bytes_max; ++cursor.bucket) {
    const uint32_t index = static_cast<uint32_t>(cursor.bucket);
    if (index % kBucketsInGroup == 0 && hot_.IsGroupEmpty(index)) {
      cursor.bucket += kBucketsInGroup - 1;
      continue;
    }
    const size_t before = records.size();
    bool whole = false;
    for (int attempt = 0; attempt < kReadAttempts && !whole; ++attempt) {
      records.resize(before);
      whole = hot_.TrySnapshot(index, records);
    }
    if (!whole) {
      const uint32_t hash = file_.hash_of(index);
      CTDB_RETURN_IF_ERROR(hot_.Lock(hash, kReadWait));
      records.resize(before);
      whole = hot_.TrySnapshot(index, records, /*is_locked=*/true);
      hot_.Unlock(hash);
      if (!whole) {
        return absl::DataLossError(absl::StrCat(
            file_.path(), " is damaged (chain of records); let the daemon make it anew"));
      }
    }
    for (size_t i = before; i < records.size(); ++i) {
      bytes += records[i].key.size() + records[i].copy.value.size() + sizeof(Record);
    }
  }
  return absl::OkStatus();
}

absl::Status NativeStore::NextCold(Cursor& cursor, size_t bytes_max, std::vector<Record>& records) {
  while (records.empty()) {
    CTDB_ASSIGN_OR_RETURN(std::vector<std::string> keys, cold_.NextKeys(cursor.after, bytes_max));
    cursor.done = keys.empty();
    if (cursor.done) return absl::OkStatus();
    for (std::string& key : keys) {
      Record record;
      CTDB_ASSIGN_OR_RETURN(const bool exists, Read(key, record.copy));
      if (!exists) continue;
      record.key = std::move(key);
      records.push_back(std::move(record));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Record>> NativeStore::Next(Cursor& cursor, size_t bytes_max) {
  std::vector<Record> records;
  if (cursor.done) return records;
  // First the hot ones: what moves out meanwhile is found with the cold ones.
  CTDB_RETURN_IF_ERROR(NextHot(cursor, bytes_max, records));
  if (records.empty()) CTDB_RETURN_IF_ERROR(NextCold(cursor, bytes_max, records));
  return records;
}

absl::StatusOr<StoreStatistics> NativeStore::Statistics() {
  const FileHeader& header = file_.header();
  StoreStatistics statistics;
  const int64_t records = header.records.load(std::memory_order_relaxed);
  statistics.records = records > 0 ? static_cast<uint64_t>(records) : 0;
  CTDB_ASSIGN_OR_RETURN(statistics.memory_bytes, file_.BytesInUse());
  statistics.memory_limit = header.file_bytes;
  CTDB_ASSIGN_OR_RETURN(statistics.cold_bytes, cold_.BytesInUse());
  statistics.cold_limit = header.cold_bytes;
  statistics.evictions = header.evictions.load(std::memory_order_relaxed);
  statistics.owner_deaths = header.owner_deaths.load(std::memory_order_relaxed);
  statistics.serve_until = header.serve_until.load(std::memory_order_relaxed);
  statistics.owned_since = OwnedSince();
  return statistics;
}

absl::Status NativeStore::Wipe(absl::Duration wait) {
  constexpr size_t kBytesAtOnce = 256 * 1024;
  Cursor cursor;
  while (true) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<Record> records, Next(cursor, kBytesAtOnce));
    if (records.empty()) return absl::OkStatus();
    for (const Record& record : records) {
      CTDB_ASSIGN_OR_RETURN(LockedRecord locked, Lock(record.key, {.wait = wait}));
      CTDB_RETURN_IF_ERROR(locked.Delete());
    }
  }
}

absl::Status NativeStore::CopyToCold(uint32_t& bucket, uint32_t buckets_max) {
  const absl::StatusOr<uint32_t> left = write_back_.Copy(bucket, buckets_max);
  if (bucket >= file_.header().bucket_count) bucket = 0;
  return left.status();
}

absl::Status NativeStore::Sync() {
  uint32_t bucket = 0;
  CTDB_ASSIGN_OR_RETURN(const uint32_t left, write_back_.Copy(bucket, file_.header().bucket_count));
  CTDB_RETURN_IF_ERROR(cold_.Sync());
  if (left == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(left, " locked records of ", file_.path(), " are not on disk; sync again"));
}

void NativeStore::SetServeUntil(int64_t boottime_ns) {
  file_.header().lease_ticks.store(TicksAt(boottime_ns), std::memory_order_release);
  file_.header().serve_until.store(boottime_ns, std::memory_order_release);
}

void NativeStore::SetOwnedSince(Epoch epoch) {
  file_.header().owned_since.store(epoch.value(), std::memory_order_release);
}

void NativeStore::SetReadEpoch(Epoch epoch) {
  file_.header().read_epoch.store(epoch.value(), std::memory_order_release);
}

Epoch NativeStore::ReadEpoch() const {
  return Epoch(file_.header().read_epoch.load(std::memory_order_acquire));
}

Epoch NativeStore::OwnedSince() const {
  return Epoch(file_.header().owned_since.load(std::memory_order_acquire));
}

}  // namespace ctdb::store
