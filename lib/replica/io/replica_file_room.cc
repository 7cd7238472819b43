// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How much a copy may still grow: what its file system and its map have left, and what is free
// inside the file.

#include <sys/statvfs.h>

#include <algorithm>

#include "lib/replica/io/replica_file.h"
#include "lib/replica/limits.h"
#include "lib/store/io/file_space.h"

namespace ctdb::replica {

using store::LmdbTransaction;

namespace {

// LMDB's own tables: of what is free, and of the tables' names.
constexpr MDB_dbi kFreeTable = 0;
constexpr MDB_dbi kMainTable = 1;

uint64_t PagesOf(const LmdbTransaction& txn, MDB_dbi dbi) {
  MDB_stat stat;
  if (mdb_stat(txn.get(), dbi, &stat) != MDB_SUCCESS) return 0;
  return store::LmdbPages(stat);
}

uint64_t PageBytesOf(MDB_env* env) {
  MDB_stat stat;
  return mdb_env_stat(env, &stat) == MDB_SUCCESS ? stat.ms_psize : 0;
}

// Where the file ends that is in use; 0: unknown.
uint64_t EndOf(MDB_env* env, const MDB_envinfo& info) {
  return (info.me_last_pgno + 1) * PageBytesOf(env);
}

}  // namespace

// Behind the file's end.
uint64_t ReplicaFile::RoomAhead() const {
  MDB_envinfo info;
  if (mdb_env_info(tables_->env(), &info) != MDB_SUCCESS) return 0;
  struct statvfs file_system;
  if (::statvfs(options_.path.c_str(), &file_system) != 0) return 0;
  const uint64_t end = EndOf(tables_->env(), info);
  const uint64_t given = std::max(reserved_until_, end) - end;
  const uint64_t on_disk = uint64_t{file_system.f_bavail} * file_system.f_frsize + given;
  return std::min(on_disk, std::max(uint64_t{info.me_mapsize}, end) - end);
}

// What deleted records have left, most of which can be used at once.
uint64_t ReplicaFile::FreeInside() const {
  LmdbTransaction txn;
  MDB_envinfo info;
  if (!tables_->Begin(txn, MDB_RDONLY).ok()) return 0;
  if (mdb_env_info(tables_->env(), &info) != MDB_SUCCESS) return 0;
  uint64_t pages = 0;
  for (const MDB_dbi dbi :
       {kFreeTable, kMainTable, tables_->meta(), tables_->records(0), tables_->records(1),
        tables_->staged(), tables_->log(), tables_->digests()}) {
    pages += PagesOf(txn, dbi);
  }
  const uint64_t end = EndOf(tables_->env(), info);
  return end - std::min(end, pages * PageBytesOf(tables_->env()));
}

uint64_t ReplicaFile::TakeRoom() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const store::WithoutSizeSignal guard;
  const uint64_t ahead = RoomAhead();
  if (ahead > kJournalRoomBytes) return ahead;
  MDB_envinfo info;
  if (mdb_env_info(tables_->env(), &info) != MDB_SUCCESS) return 0;
  const uint64_t end = EndOf(tables_->env(), info);
  const uint64_t wanted = std::min<uint64_t>(end + kReserveBytes, info.me_mapsize);
  int fd;
  mdb_env_get_fd(tables_->env(), &fd);
  if (wanted > std::max(reserved_until_, end) &&
      store::AllocateFile(fd, end, wanted - end, options_.path).ok()) {
    reserved_until_ = wanted;
  }
  return RoomAhead() + FreeInside();
}

}  // namespace ctdb::replica
