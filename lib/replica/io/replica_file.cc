// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_file.h"

#include <fcntl.h>

#include <cerrno>
#include <limits>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/file_space.h"
#include "lib/store/record.h"

namespace ctdb::replica {

using store::LmdbCursor;
using store::LmdbTransaction;

absl::StatusOr<std::optional<RecordInfo>> ReplicaFile::Find(absl::string_view key) const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  if (const Overlay::Item* item = overlay_.Find(key)) {
    return item->value ? std::optional(item->info) : std::nullopt;
  }
  LmdbTransaction txn;
  const std::string name = RecordName(key);
  CTDB_ASSIGN_OR_RETURN(const std::optional<RecordView> record, Look(txn, key, name));
  return record.has_value() ? std::optional(record->info) : std::nullopt;
}

absl::StatusOr<std::optional<uint64_t>> ReplicaFile::ValueBytes(absl::string_view key) const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  if (const Overlay::Item* item = overlay_.Find(key)) {
    return item->value ? std::optional<uint64_t>(item->value->size()) : std::nullopt;
  }
  LmdbTransaction txn;
  const std::string name = RecordName(key);
  CTDB_ASSIGN_OR_RETURN(const std::optional<RecordView> record, Look(txn, key, name));
  return record.has_value() ? std::optional<uint64_t>(record->value.size()) : std::nullopt;
}

absl::StatusOr<std::optional<ReplicaFile::Found>> ReplicaFile::Get(absl::string_view key) const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  if (const Overlay::Item* item = overlay_.Find(key)) {
    return item->value ? std::optional(Found{item->info.version, *item->value}) : std::nullopt;
  }
  LmdbTransaction txn;
  const std::string name = RecordName(key);
  CTDB_ASSIGN_OR_RETURN(const std::optional<RecordView> record, Look(txn, key, name));
  if (!record.has_value()) return std::optional<Found>();
  CTDB_RETURN_IF_ERROR(Verify(*record));
  return Found{record->info.version, std::string(record->value)};
}

// Begins the transaction; the view is of what it sees, and of `name`.
absl::StatusOr<std::optional<RecordView>> ReplicaFile::Look(LmdbTransaction& txn,
                                                            absl::string_view key,
                                                            const std::string& name) const {
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  CTDB_ASSIGN_OR_RETURN(const MDB_dbi dbi, tables_->Records(txn));
  absl::string_view bytes;
  CTDB_ASSIGN_OR_RETURN(const bool is_there, tables_->Get(txn, dbi, name, bytes));
  if (!is_there) return std::optional<RecordView>();
  CTDB_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(name, bytes));
  return record.key == key ? std::optional(record) : std::nullopt;
}

absl::StatusOr<ReplicaReader::Page> ReplicaFile::Read(uint32_t slot, absl::string_view after,
                                                      const PageOptions& options, bool is_one_slot,
                                                      Cursor* end) const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  return ReadIn(txn, overlay_.items(), {slot, std::string(after)}, options, is_one_slot, end);
}

absl::StatusOr<ReplicaReader::Page> ReplicaFile::ReadIn(const LmdbTransaction& txn,
                                                        const Overlay::Items& items, Cursor begin,
                                                        const PageOptions& options,
                                                        bool is_one_slot, Cursor* end) const {
  MergedCursor cursor;
  CTDB_RETURN_IF_ERROR(cursor.Seek(*tables_, txn, items, begin.slot, begin.after));
  Page page;
  size_t bytes = 0;
  while (true) {
    RecordView record;
    CTDB_ASSIGN_OR_RETURN(const bool is_there, cursor.Next(record));
    if (!is_there || (is_one_slot && record.slot != begin.slot)) break;
    const size_t more = record.key.size() + (options.needs_values ? record.value.size() : 0);
    const bool is_full = page.items.size() >= options.items_max || bytes + more > options.bytes_max;
    if (is_full && !page.items.empty()) return page;
    Item& item = page.items.emplace_back();
    item.key = std::string(record.key);
    item.info = record.info;
    if (options.needs_values) {
      CTDB_RETURN_IF_ERROR(Verify(record));
      item.value = std::string(record.value);
    }
    bytes += more;
    if (end != nullptr) *end = {record.slot, item.key};
  }
  page.is_end = true;
  return page;
}

absl::StatusOr<ReplicaReader::Page> ReplicaFile::Scan(uint32_t slot, absl::string_view after,
                                                      const PageOptions& options) const {
  return Read(slot, after, options, /*is_one_slot=*/true, nullptr);
}

absl::StatusOr<ReplicaReader::Page> ReplicaFile::Next(Cursor& cursor,
                                                      const PageOptions& options) const {
  Cursor end = cursor;
  CTDB_ASSIGN_OR_RETURN(Page page,
                        Read(cursor.slot, cursor.after, options, /*is_one_slot=*/false, &end));
  cursor = std::move(end);
  return page;
}

absl::StatusOr<std::vector<Entry>> ReplicaFile::ReadLog(Position after, size_t bytes_max) const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  LmdbCursor cursor;
  CTDB_RETURN_IF_ERROR(tables_->Status(cursor.Open(txn, tables_->log()), "read"));
  const std::string begin = PositionName(after);
  absl::string_view name = begin;
  absl::string_view bytes;
  std::vector<Entry> entries;
  size_t taken = 0;
  int result = cursor.Get(name, bytes, MDB_SET_RANGE);
  for (; result == MDB_SUCCESS && taken < bytes_max; result = cursor.Get(name, bytes, MDB_NEXT)) {
    if (name == begin) continue;
    CTDB_ASSIGN_OR_RETURN(const LogIndex::Item item, ParseItem(name, bytes));
    if (item.bytes == 0) continue;
    CTDB_ASSIGN_OR_RETURN(Entry entry, ParseEntry(name, bytes));
    taken += BytesOf(entry);
    entries.push_back(std::move(entry));
  }
  if (result != MDB_SUCCESS && result != MDB_NOTFOUND) return tables_->Status(result, "read");
  const Position last = entries.empty() ? after : entries.back().position;
  for (const Entry& entry : overlay_.entries()) {
    if (taken >= bytes_max) break;
    if (entry.position <= last) continue;
    taken += BytesOf(entry);
    entries.push_back(entry);
  }
  return entries;
}

uint64_t ReplicaFile::bytes() const {
  MDB_envinfo info;
  MDB_stat stat;
  if (mdb_env_info(tables_->env(), &info) != 0 || mdb_env_stat(tables_->env(), &stat) != 0) {
    return std::numeric_limits<uint64_t>::max();
  }
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

absl::StatusOr<ReplicaFile::Statistics> ReplicaFile::GetStatistics() const {
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  Meta meta;
  CTDB_RETURN_IF_ERROR(ReadMeta(*tables_, txn, meta));
  MDB_stat stat;
  CTDB_RETURN_IF_ERROR(
      tables_->Status(mdb_stat(txn.get(), tables_->records(meta.table), &stat), "read"));
  MDB_envinfo info;
  CTDB_RETURN_IF_ERROR(tables_->Status(mdb_env_info(tables_->env(), &info), "read"));
  const uint64_t page_bytes = stat.ms_psize;
  uint64_t records = stat.ms_entries;
  for (const auto& [name, item] : overlay_.items()) {
    absl::string_view bytes;
    CTDB_ASSIGN_OR_RETURN(const bool is_there, tables_->Get(txn, tables_->records(meta.table),
                                                            RecordName(name.second), bytes));
    if (is_there != item.value.has_value()) records += is_there ? -1 : 1;
  }
  if (!overlay_.empty()) meta.position = overlay_.end();
  return Statistics{records, store::LmdbPages(stat) * page_bytes,
                    (info.me_last_pgno + 1) * page_bytes, info.me_mapsize, meta.position};
}

absl::StatusOr<std::unique_ptr<ReplicaFile::Snapshot>> ReplicaFile::TakeSnapshot() const {
  std::unique_ptr<Snapshot> snapshot(new Snapshot(*this));
  const std::lock_guard<std::mutex> lock(overlay_mutex_);
  snapshot->overlay_ = overlay_;
  CTDB_RETURN_IF_ERROR(tables_->Begin(snapshot->txn_, MDB_RDONLY));
  Meta meta;
  CTDB_RETURN_IF_ERROR(ReadMeta(*tables_, snapshot->txn_, meta));
  snapshot->position_ = overlay_.empty() ? meta.position : overlay_.end();
  return snapshot;
}

absl::StatusOr<ReplicaReader::Page> ReplicaFile::Snapshot::Next(const PageOptions& options) {
  Cursor end = cursor_;
  CTDB_ASSIGN_OR_RETURN(Page page, file_.ReadIn(txn_, overlay_.items(), cursor_, options,
                                                /*is_one_slot=*/false, &end));
  cursor_ = std::move(end);
  return page;
}

absl::Status ReplicaFile::CopyTo(const std::string& path) {
  CTDB_RETURN_IF_ERROR(Flush());
  const store::WithoutSizeSignal guard;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "create", path);
  int result = mdb_env_copyfd2(tables_->env(), fd.get(), MDB_CP_COMPACT);
  // LMDB refuses to compact a file that lost track of pages, which its 0.9.24 may cause.
  if (result == MDB_INCOMPATIBLE) {
    if (::ftruncate(fd.get(), 0) != 0 || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
      return ErrnoStatus(errno, "truncate", path);
    }
    result = mdb_env_copyfd2(tables_->env(), fd.get(), 0);
  }
  absl::Status status = tables_->Status(result, absl::StrCat("write ", path, " as a copy of"));
  if (status.ok() && ::fsync(fd.get()) != 0) status = ErrnoStatus(errno, "sync", path);
  if (!status.ok()) ::unlink(path.c_str());
  return status;
}

absl::Status ReplicaFile::Check() const {
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  Contents contents;
  const absl::Status status = ReadContents(*tables_, txn, contents);
  if (status.ok() || !absl::IsDataLoss(status)) return status;
  return absl::DataLossError(absl::StrCat(tables_->path(), ": ", status.message()));
}

absl::Status ReplicaFile::Apply(const Replica::Output::Store& store) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const store::WithoutSizeSignal guard;
  const auto* append = std::get_if<Replica::Output::Append>(&store.what);
  if (append != nullptr && IsForJournal(*append)) return WriteJournal(store);
  CTDB_RETURN_IF_ERROR(LeaveJournal());
  if (options_.is_durable) {
    // Without its meta page on the disk a change may be lost, and the one before is still whole.
    CTDB_RETURN_IF_ERROR(tables_->Status(
        mdb_env_set_flags(tables_->env(), MDB_NOMETASYNC, store.needs_sync ? 0 : 1), "write"));
  }
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, 0));
  Meta meta = meta_;
  meta.transaction = mdb_txn_id(txn.get());
  CTDB_RETURN_IF_ERROR(
      std::visit([&](const auto& what) { return Do(txn, what, meta); }, store.what));
  CTDB_RETURN_IF_ERROR(tables_->Put(txn, tables_->meta(), kMetaName, MetaBytes(meta)));
  const bool is_staged = std::holds_alternative<Replica::Output::Stage>(store.what);
  const bool is_mirrored = options_.mirror != nullptr && !is_staged;
  if (is_mirrored) CTDB_RETURN_IF_ERROR(PrepareMirror(txn, store));
  const absl::Status written = tables_->Status(txn.Commit(), "write");
  if (!written.ok()) {
    if (is_mirrored) options_.mirror->Cancel();
    return written;
  }
  meta_ = std::move(meta);
  if (!is_staged) log_without_entries_until_ = log_.entries_base();
  Remember(store);
  return is_mirrored ? CommitMirror() : absl::OkStatus();
}

void ReplicaFile::Remember(const Replica::Output::Store& store) {
  if (const auto* stage = std::get_if<Replica::Output::Stage>(&store.what)) {
    if (!stage->is_first) return;
    staging_ = stage->is_from_scratch ? Staging::kFromScratch : Staging::kChanges;
    return;
  }
  staging_ = Staging::kNone;
  if (const auto* adopt = std::get_if<Replica::Output::Adopt>(&store.what)) {
    log_.Become(adopt->log);
    log_without_entries_until_ = log_.entries_base();  // It may lie before what was there.
  } else if (const auto* large = std::get_if<Replica::Output::AppendBody>(&store.what)) {
    log_.Add({large->entry.position, large->entry.token, LogBytesOf(large->entry)});
  } else {
    for (const Entry& entry : std::get<Replica::Output::Append>(store.what).entries) {
      log_.Add({entry.position, entry.token, BytesOf(entry)});
    }
  }
}

absl::Status ReplicaFile::CheckFollows(Position position, const Meta& meta) const {
  if (position > meta.position) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("cannot write ", tables_->path(), ": ",
                                                    Text(position), " is not behind ",
                                                    Text(meta.position)));
}

absl::Status ReplicaFile::Do(const LmdbTransaction& txn, const Replica::Output::Append& append,
                             Meta& meta) {
  CTDB_RETURN_IF_ERROR(ClearStaged(txn));
  const MDB_dbi records = tables_->records(meta.table);
  if (append.has_wipe) CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->digests()));
  for (const Entry& entry : append.entries) {
    CTDB_RETURN_IF_ERROR(CheckFollows(entry.position, meta));
    meta.position = entry.position;
    if (entry.is_wipe) CTDB_RETURN_IF_ERROR(tables_->Clear(txn, records));
    for (const Write& write : entry.writes) {
      CTDB_RETURN_IF_ERROR(write.value ? PutRecord(txn, records, write.key, entry.position,
                                                   *write.value, /*is_staged=*/false)
                                       : tables_->Delete(txn, records, RecordName(write.key)));
    }
    CTDB_RETURN_IF_ERROR(
        tables_->Put(txn, tables_->log(), PositionName(entry.position), EntryBytes(entry)));
  }
  for (const auto& [slot, digest] : append.digests) {
    CTDB_RETURN_IF_ERROR(PutDigest(txn, slot, digest));
  }
  meta.tokens_base = log_.tokens_base();
  return TrimLog(txn);
}

absl::Status ReplicaFile::Do(const LmdbTransaction& txn, const Replica::Output::AppendBody& append,
                             Meta& meta) {
  CTDB_RETURN_IF_ERROR(ClearStaged(txn));
  const Entry& entry = append.entry;
  CTDB_RETURN_IF_ERROR(CheckFollows(entry.position, meta));
  meta.position = entry.position;
  Digests& digests = *append.digests;
  if (entry.is_wipe) {
    CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->records(meta.table)));
    digests.Clear();
  }
  store::BodyReader reader(append.body->bytes());
  store::BodyWrite write;
  while (reader.Next(write)) {
    CTDB_RETURN_IF_ERROR(DoWrite(txn, entry.position, write, digests));
  }
  CTDB_RETURN_IF_ERROR(tables_->Put(txn, tables_->log(), PositionName(entry.position),
                                    TokenBytes({entry.position, entry.token, LogBytesOf(entry)})));
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    CTDB_RETURN_IF_ERROR(PutDigest(txn, slot, digests.of(slot)));
  }
  meta.tokens_base = log_.tokens_base();
  return TrimLog(txn);
}

// One record, with what that changes in the digests.
absl::Status ReplicaFile::DoWrite(const LmdbTransaction& txn, Position position,
                                  const store::BodyWrite& write, Digests& digests) {
  const MDB_dbi records = tables_->records(meta_.table);
  const std::string name = RecordName(write.key);
  absl::string_view bytes;
  CTDB_ASSIGN_OR_RETURN(const bool is_there, tables_->Get(txn, records, name, bytes));
  if (is_there) {
    CTDB_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(name, bytes));
    if (record.key == write.key) digests.Remove(write.key, record.info.fingerprint);
  }
  if (!write.value) return tables_->Delete(txn, records, name);
  digests.Add(write.key, FingerprintOf(write.key, position, *write.value));
  return PutRecord(txn, records, write.key, position, *write.value, /*is_staged=*/false);
}

// To what LogIndex remembered before this change: it forgets the same when it is read again.
absl::Status ReplicaFile::TrimLog(const LmdbTransaction& txn) {
  CTDB_RETURN_IF_ERROR(ForgetTokens(txn));
  return ForgetEntries(txn);
}

// The name of the first item behind one position, up to another; its bytes stay as they are until
// something is written.
absl::StatusOr<std::optional<std::string>> ReplicaFile::NextInLog(const LmdbTransaction& txn,
                                                                  Position behind, Position until,
                                                                  absl::string_view& bytes) const {
  LmdbCursor cursor;
  CTDB_RETURN_IF_ERROR(tables_->Status(cursor.Open(txn, tables_->log()), "read"));
  const std::string begin = PositionName(behind);
  absl::string_view name = begin;
  int result = cursor.Get(name, bytes, MDB_SET_RANGE);
  if (result == MDB_SUCCESS && name == begin) result = cursor.Get(name, bytes, MDB_NEXT);
  if (result == MDB_NOTFOUND) return std::nullopt;
  CTDB_RETURN_IF_ERROR(tables_->Status(result, "read"));
  if (name > PositionName(until)) return std::nullopt;
  return std::string(name);
}

// Of entries up to its base the tokens stay.
absl::Status ReplicaFile::ForgetEntries(const LmdbTransaction& txn) {
  Position done = std::max(log_without_entries_until_, log_.tokens_base());
  while (done < log_.entries_base()) {
    absl::string_view bytes;
    CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> name,
                          NextInLog(txn, done, log_.entries_base(), bytes));
    if (!name) return absl::OkStatus();
    CTDB_ASSIGN_OR_RETURN(LogIndex::Item item, ParseItem(*name, bytes));
    done = item.position;
    if (std::exchange(item.bytes, 0) == 0) continue;
    // LMDB joins pages that hold little when something is deleted, not when it becomes smaller.
    CTDB_RETURN_IF_ERROR(tables_->Delete(txn, tables_->log(), *name));
    CTDB_RETURN_IF_ERROR(tables_->Put(txn, tables_->log(), *name, TokenBytes(item)));
  }
  return absl::OkStatus();
}

absl::Status ReplicaFile::ForgetTokens(const LmdbTransaction& txn) {
  while (true) {
    absl::string_view bytes;
    CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> oldest,
                          NextInLog(txn, {}, log_.tokens_base(), bytes));
    if (!oldest) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(tables_->Delete(txn, tables_->log(), *oldest));
  }
}

absl::Status ReplicaFile::Do(const LmdbTransaction& txn, const Replica::Output::Stage& stage,
                             Meta& meta) {
  if (!stage.is_first && staging_ == Staging::kNone) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", tables_->path(), ": nothing was staged before"));
  }
  if (stage.is_first) CTDB_RETURN_IF_ERROR(ClearStaged(txn));
  const bool is_from_scratch =
      stage.is_first ? stage.is_from_scratch : staging_ == Staging::kFromScratch;
  const MDB_dbi dbi = is_from_scratch ? tables_->records(1 - meta.table) : tables_->staged();
  for (const std::string& key : stage.deletes) {
    CTDB_RETURN_IF_ERROR(store::CheckKey(key));
    const std::string name = RecordName(key);
    CTDB_RETURN_IF_ERROR(is_from_scratch ? tables_->Delete(txn, dbi, name)
                                         : tables_->Put(txn, dbi, name, "-"));
  }
  for (const Record& record : stage.puts) {
    CTDB_RETURN_IF_ERROR(
        PutRecord(txn, dbi, record.key, record.version, record.value, !is_from_scratch));
  }
  return absl::OkStatus();
}

absl::Status ReplicaFile::Do(const LmdbTransaction& txn, const Replica::Output::Adopt& adopt,
                             Meta& meta) {
  if (staging_ == Staging::kNone) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", tables_->path(), ": nothing was staged before"));
  }
  if (staging_ == Staging::kFromScratch) {
    CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->records(meta.table)));
    meta.table = 1 - meta.table;
  } else {
    CTDB_RETURN_IF_ERROR(AdoptChanges(txn));
  }
  CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->log()));
  for (const LogIndex::Item& item : adopt.log.items()) {
    CTDB_RETURN_IF_ERROR(tables_->Put(txn, tables_->log(), PositionName(item.position),
                                      TokenBytes({item.position, item.token, 0})));
  }
  CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->digests()));
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if (adopt.digests.of(slot) == Digest{}) continue;
    CTDB_RETURN_IF_ERROR(PutDigest(txn, slot, adopt.digests.of(slot)));
  }
  meta.position = adopt.log.end();
  meta.tokens_base = adopt.log.tokens_base();
  meta.problem.clear();
  return absl::OkStatus();
}

absl::Status ReplicaFile::AdoptChanges(const LmdbTransaction& txn) {
  const MDB_dbi records = tables_->records(meta_.table);
  {
    LmdbCursor cursor;
    CTDB_RETURN_IF_ERROR(tables_->Status(cursor.Open(txn, tables_->staged()), "read"));
    absl::string_view name, bytes;
    int result = cursor.Get(name, bytes, MDB_FIRST);
    for (; result == MDB_SUCCESS; result = cursor.Get(name, bytes, MDB_NEXT)) {
      // Views would not survive the change.
      const std::string own_name(name), own_bytes(bytes.substr(1));
      CTDB_RETURN_IF_ERROR(bytes[0] == '-' ? tables_->Delete(txn, records, own_name)
                                           : tables_->Put(txn, records, own_name, own_bytes));
    }
    if (result != MDB_NOTFOUND) return tables_->Status(result, "read");
  }
  return tables_->Clear(txn, tables_->staged());
}

absl::Status ReplicaFile::ClearStaged(const LmdbTransaction& txn) {
  CTDB_RETURN_IF_ERROR(tables_->Clear(txn, tables_->staged()));
  return tables_->Clear(txn, tables_->records(1 - meta_.table));
}

absl::Status ReplicaFile::PutRecord(const LmdbTransaction& txn, MDB_dbi dbi, absl::string_view key,
                                    Position version, absl::string_view value, bool is_staged) {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  CTDB_RETURN_IF_ERROR(store::CheckValue(value));
  const std::string name = RecordName(key);
  if (IsLongName(name)) {
    absl::string_view bytes;
    CTDB_ASSIGN_OR_RETURN(const bool is_there,
                          tables_->Get(txn, tables_->records(meta_.table), name, bytes));
    if (is_there) {
      CTDB_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(name, bytes));
      if (record.key != key) return absl::FailedPreconditionError("two keys have the same hash");
    }
  }
  const std::string bytes = RecordBytes(key, version, value);
  return tables_->Put(txn, dbi, name, is_staged ? absl::StrCat("+", bytes) : bytes);
}

absl::Status ReplicaFile::PutDigest(const LmdbTransaction& txn, uint32_t slot,
                                    const Digest& digest) {
  if (digest == Digest{}) return tables_->Delete(txn, tables_->digests(), SlotName(slot));
  return tables_->Put(txn, tables_->digests(), SlotName(slot), DigestBytes(digest));
}

}  // namespace ctdb::replica
