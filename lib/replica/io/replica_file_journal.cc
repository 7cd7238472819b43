// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How a change gets to the disk with one sync: as a block of the journal, of which the tables take
// many at once.

#include <unistd.h>

#include <algorithm>

#include "lib/base/status_macros.h"
#include "lib/replica/io/replica_file.h"
#include "lib/store/io/file_space.h"

namespace ctdb::replica {

using store::LmdbTransaction;

namespace {

// More than these the tables take at once: that must not take long.
constexpr size_t kOverlayEntriesMax = 512;
constexpr size_t kOverlayBytesMax = 1 << 20;
// A larger change goes to the tables at once.
constexpr size_t kBlockBytesMax = 512 * 1024;
std::string JournalPath(const std::string& path) { return path + "-journal"; }

}  // namespace

// What the journal has and the tables have not. `copy`: as the tables have it.
absl::Status ReplicaFile::OpenJournal(Replica::Copy& copy) {
  if (!options_.is_durable || ::access(JournalPath(options_.path).c_str(), F_OK) != 0) {
    return absl::OkStatus();
  }
  CTDB_ASSIGN_OR_RETURN(Journal::Opened opened, Journal::Open(JournalPath(options_.path)));
  journal_ = std::move(opened.journal);
  // A damaged copy is filled, and its journal is no part of it.
  if (!copy.problem.empty()) return absl::OkStatus();
  for (const std::string& bytes : opened.blocks) {
    CTDB_ASSIGN_OR_RETURN(const JournalBlock block, ParseBlock(bytes));
    if (block.database != meta_.database || block.previous != log_.end()) continue;
    overlay_.Add(block.entries, block.digests);
    for (const Entry& entry : block.entries)
      log_.Add({entry.position, entry.token, BytesOf(entry)});
    for (const auto& [slot, digest] : block.digests) copy.digests.Set(slot, digest);
  }
  copy.log = log_;
  return absl::OkStatus();
}

// As far as is known of a copy whose tables are damaged.
Position ReplicaFile::JournalEnd(const Options& options) {
  Position end;
  if (::access(JournalPath(options.path).c_str(), F_OK) != 0) return end;
  const absl::StatusOr<Journal::Opened> opened = Journal::Open(JournalPath(options.path));
  if (!opened.ok()) return end;
  for (const std::string& bytes : opened->blocks) {
    const absl::StatusOr<JournalBlock> block = ParseBlock(bytes);
    if (block.ok() && block->database == options.database.value()) {
      end = std::max(end, block->entries.back().position);
    }
  }
  return end;
}

bool ReplicaFile::IsForJournal(const Replica::Output::Append& append) const {
  if (!options_.is_durable || append.has_wipe || is_mirror_wrong_ || append.entries.empty()) {
    return false;
  }
  size_t bytes = 0;
  for (const Entry& entry : append.entries) {
    bytes += BytesOf(entry);
    for (const Write& write : entry.writes) {
      if (write.key.size() > kPrefixBytes || !store::CheckKey(write.key).ok()) return false;
    }
  }
  // There will be room in the tables, and on the disk, for what the journal takes.
  return bytes <= kBlockBytesMax && RoomAhead() > kJournalRoomBytes;
}

absl::Status ReplicaFile::WriteJournal(const Replica::Output::Store& store) {
  const auto& append = std::get<Replica::Output::Append>(store.what);
  if (journal_ == nullptr) {
    CTDB_ASSIGN_OR_RETURN(Journal::Opened opened, Journal::Open(JournalPath(options_.path)));
    journal_ = std::move(opened.journal);
  }
  Meta end = meta_;
  end.position = log_.end();
  for (const Entry& entry : append.entries) {
    CTDB_RETURN_IF_ERROR(CheckFollows(entry.position, end));
    end.position = entry.position;
  }
  const std::string block =
      BlockBytes({meta_.database, log_.end(), append.entries, append.digests});
  const bool is_full = overlay_.entries().size() >= kOverlayEntriesMax ||
                       overlay_.bytes() >= kOverlayBytesMax || !journal_->HasRoomFor(block.size());
  if (is_full) CTDB_RETURN_IF_ERROR(BringIn());
  const bool is_mirrored = options_.mirror != nullptr;
  if (is_mirrored) {
    CTDB_RETURN_IF_ERROR(options_.mirror->Begin());
    absl::Status status = Reflect(append);
    if (status.ok()) status = options_.mirror->PrepareCommit();
    if (!status.ok()) {
      options_.mirror->Cancel();
      return status;
    }
  }
  const absl::Status written = journal_->Append(block);
  if (!written.ok()) {
    if (is_mirrored) options_.mirror->Cancel();
    return written;
  }
  {
    const std::lock_guard<std::mutex> lock(overlay_mutex_);
    overlay_.Add(append.entries, append.digests);
  }
  Remember(store);
  return is_mirrored ? CommitMirror() : absl::OkStatus();
}

// All that the journal has, into the tables and to the disk.
absl::Status ReplicaFile::BringIn() {
  if (overlay_.empty()) {
    if (journal_ != nullptr) journal_->Restart();
    return absl::OkStatus();
  }
  CTDB_RETURN_IF_ERROR(
      tables_->Status(mdb_env_set_flags(tables_->env(), MDB_NOMETASYNC, 0), "write"));
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, 0));
  CTDB_RETURN_IF_ERROR(ClearStaged(txn));
  Meta meta = meta_;
  meta.transaction = mdb_txn_id(txn.get());
  meta.position = overlay_.end();
  meta.tokens_base = log_.tokens_base();
  const MDB_dbi records = tables_->records(meta.table);
  for (const auto& [name, item] : overlay_.items()) {
    const std::string& key = name.second;
    CTDB_RETURN_IF_ERROR(item.value ? PutRecord(txn, records, key, item.info.version, *item.value,
                                                /*is_staged=*/false)
                                    : tables_->Delete(txn, records, RecordName(key)));
  }
  for (const Entry& entry : overlay_.entries()) {
    CTDB_RETURN_IF_ERROR(
        tables_->Put(txn, tables_->log(), PositionName(entry.position), EntryBytes(entry)));
  }
  for (const auto& [slot, digest] : overlay_.digests()) {
    CTDB_RETURN_IF_ERROR(PutDigest(txn, slot, digest));
  }
  CTDB_RETURN_IF_ERROR(TrimLog(txn));
  CTDB_RETURN_IF_ERROR(tables_->Put(txn, tables_->meta(), kMetaName, MetaBytes(meta)));
  CTDB_RETURN_IF_ERROR(tables_->Status(txn.Commit(), "write"));
  meta_ = std::move(meta);
  log_without_entries_until_ = log_.entries_base();
  staging_ = Staging::kNone;
  {
    const std::lock_guard<std::mutex> lock(overlay_mutex_);
    overlay_.Clear();
  }
  journal_->Restart();
  return absl::OkStatus();
}

absl::Status ReplicaFile::Flush() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const store::WithoutSizeSignal guard;
  return BringIn();
}

// What comes next is not in the journal, and may lead to an earlier position: what the journal has
// must not be found again behind it.
absl::Status ReplicaFile::LeaveJournal() {
  CTDB_RETURN_IF_ERROR(BringIn());
  return journal_ == nullptr ? absl::OkStatus() : journal_->Erase();
}

ReplicaFile::~ReplicaFile() { Flush().IgnoreError(); }

}  // namespace ctdb::replica
