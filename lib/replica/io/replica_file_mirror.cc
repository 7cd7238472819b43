// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How the mirror of a copy is kept equal to it.

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/replica/io/replica_file.h"

namespace ctdb::replica {

using store::LmdbTransaction;

// Of what `txn` is about to make of the copy. After an error nothing of it is done.
absl::Status ReplicaFile::PrepareMirror(const LmdbTransaction& txn,
                                        const Replica::Output::Store& store) {
  Mirror& mirror = *options_.mirror;
  CTDB_RETURN_IF_ERROR(mirror.Begin());
  const auto* append = std::get_if<Replica::Output::Append>(&store.what);
  const auto* large = std::get_if<Replica::Output::AppendBody>(&store.what);
  const bool is_filled = is_mirror_wrong_ || (append == nullptr && large == nullptr);
  absl::Status status = is_filled           ? FillMirror(txn)
                        : append != nullptr ? Reflect(*append)
                                            : Reflect(*large);
  if (status.ok()) status = mirror.PrepareCommit();
  if (!status.ok()) mirror.Cancel();
  return status;
}

absl::Status ReplicaFile::CommitMirror() {
  const absl::Status status = options_.mirror->Commit();
  is_mirror_wrong_ = !status.ok();
  return status;
}

absl::Status ReplicaFile::Reflect(const Replica::Output::Append& append) {
  Mirror& mirror = *options_.mirror;
  for (const Entry& entry : append.entries) {
    if (entry.is_wipe) CTDB_RETURN_IF_ERROR(mirror.Keep([](absl::string_view) { return false; }));
    for (const Write& write : entry.writes) {
      CTDB_RETURN_IF_ERROR(write.value
                               ? mirror.Put(write.key, *write.value, entry.position.sequence)
                               : mirror.Remove(write.key));
    }
  }
  return absl::OkStatus();
}

absl::Status ReplicaFile::Reflect(const Replica::Output::AppendBody& append) {
  Mirror& mirror = *options_.mirror;
  const Entry& entry = append.entry;
  if (entry.is_wipe) CTDB_RETURN_IF_ERROR(mirror.Keep([](absl::string_view) { return false; }));
  store::BodyReader reader(append.body->bytes());
  store::BodyWrite write;
  while (reader.Next(write)) {
    CTDB_RETURN_IF_ERROR(write.value ? mirror.Put(write.key, *write.value, entry.position.sequence)
                                     : mirror.Remove(write.key));
  }
  return absl::OkStatus();
}

// With everything there is, and nothing else.
absl::Status ReplicaFile::FillMirror(const LmdbTransaction& txn) {
  Mirror& mirror = *options_.mirror;
  {
    RecordCursor cursor;
    CTDB_RETURN_IF_ERROR(cursor.Seek(*tables_, txn, 0, ""));
    RecordView record;
    while (true) {
      CTDB_ASSIGN_OR_RETURN(const bool is_there, cursor.Next(record));
      if (!is_there) break;
      CTDB_RETURN_IF_ERROR(Verify(record));
      CTDB_RETURN_IF_ERROR(mirror.Put(record.key, record.value, record.info.version.sequence));
    }
  }
  CTDB_ASSIGN_OR_RETURN(const MDB_dbi dbi, tables_->Records(txn));
  return mirror.Keep([&](absl::string_view key) -> absl::StatusOr<bool> {
    const std::string name = RecordName(key);
    absl::string_view bytes;
    CTDB_ASSIGN_OR_RETURN(const bool is_there, tables_->Get(txn, dbi, name, bytes));
    if (!is_there) return false;
    CTDB_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(name, bytes));
    return record.key == key;
  });
}

absl::Status ReplicaFile::MakeMirrorEqual() {
  const std::lock_guard<std::mutex> lock(mutex_);
  LmdbTransaction txn;
  CTDB_RETURN_IF_ERROR(tables_->Begin(txn, MDB_RDONLY));
  Mirror& mirror = *options_.mirror;
  CTDB_RETURN_IF_ERROR(mirror.Begin());
  absl::Status status = FillMirror(txn);
  if (status.ok()) status = mirror.PrepareCommit();
  if (status.ok()) return CommitMirror();
  mirror.Cancel();
  return status;
}

}  // namespace ctdb::replica
