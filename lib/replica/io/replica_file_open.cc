// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How a file is opened, made, and moved aside.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/replica/io/replica_file.h"
#include "lib/store/io/lmdb_pages.h"

namespace ctdb::replica {

using store::LmdbTransaction;

namespace {

constexpr int kTriesMax = 10;

absl::Status Unlink(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(errno, "remove", path);
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory =
      slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() || ::fsync(fd.get()) != 0) return ErrnoStatus(errno, "sync", directory);
  return absl::OkStatus();
}

// Not open: there is no file. The lock ends when the descriptor is closed. It is not of the kind
// that LMDB uses.
absl::StatusOr<UniqueFd> LockFile(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.is_open() && errno == ENOENT) return fd;
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock", path);
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", path, ": it is in use; stop the other daemon first"));
  }
  struct stat mine, present;
  if (::fstat(fd.get(), &mine) != 0) return ErrnoStatus(errno, "look at", path);
  if (::stat(path.c_str(), &present) != 0 || present.st_ino != mine.st_ino) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", path, ": another daemon has just replaced it"));
  }
  return fd;
}

unsigned int FlagsOf(const ReplicaFile::Options& options) {
  return options.is_durable ? 0 : MDB_NOSYNC;
}

// A small disk is for records.
uint64_t LogBytesMax(const ReplicaFile::Options& options) {
  if (options.log_bytes_max != 0) return options.log_bytes_max;
  struct statvfs file_system;
  if (::statvfs(options.path.c_str(), &file_system) != 0) return kLogBytesMax;
  const uint64_t bytes = uint64_t{file_system.f_blocks} * file_system.f_frsize;
  return std::clamp<uint64_t>(bytes / kLogPartOfDisk, kLogBytesMin, kLogBytesMax);
}

// An empty one, under its name only when all of it is there.
absl::Status Make(const ReplicaFile::Options& options, Position position,
                  const std::string& problem) {
  const std::string path = options.path + ".new";
  CTDB_RETURN_IF_ERROR(Unlink(path));
  {
    Tables tables(path);
    CTDB_RETURN_IF_ERROR(tables.Open(options.map_bytes_max, FlagsOf(options), /*is_new=*/true));
    LmdbTransaction txn;
    CTDB_RETURN_IF_ERROR(tables.Begin(txn, 0));
    const Meta meta{0,        mdb_txn_id(txn.get()),    position,
                    position, options.database.value(), options.name,
                    problem};
    CTDB_RETURN_IF_ERROR(tables.Put(txn, tables.meta(), kMetaName, MetaBytes(meta)));
    CTDB_RETURN_IF_ERROR(tables.Status(txn.Commit(), "write"));
  }
  CTDB_RETURN_IF_ERROR(Unlink(path + "-lock"));
  if (::rename(path.c_str(), options.path.c_str()) != 0) {
    return ErrnoStatus(errno, "rename to " + options.path, path);
  }
  return options.is_durable ? SyncDirectoryOf(options.path) : absl::OkStatus();
}

// Its new name.
absl::StatusOr<std::string> MoveAside(const std::string& path) {
  const std::string begin = absl::StrCat(
      path, ".corrupted.", absl::FormatTime("%Y%m%d%H%M%SZ", absl::Now(), absl::UTCTimeZone()));
  std::string name = begin;
  for (int i = 1; ::access(name.c_str(), F_OK) == 0; ++i) name = absl::StrCat(begin, ".", i);
  if (::rename(path.c_str(), name.c_str()) != 0) return ErrnoStatus(errno, "move aside", path);
  CTDB_RETURN_IF_ERROR(Unlink(path + "-lock"));
  return name;
}

}  // namespace

// DataLoss: damaged; `contents` is what could be read of it.
absl::StatusOr<ReplicaFile::Opened> ReplicaFile::TryOpen(const Options& options, UniqueFd& lock,
                                                         Contents& contents) {
  CTDB_RETURN_IF_ERROR(store::CheckLmdbPages(options.path));
  auto tables = std::make_unique<Tables>(options.path);
  CTDB_RETURN_IF_ERROR(tables->Open(options.map_bytes_max, FlagsOf(options), /*is_new=*/false));
  {
    LmdbTransaction txn;
    CTDB_RETURN_IF_ERROR(tables->Begin(txn, MDB_RDONLY));
    CTDB_RETURN_IF_ERROR(ReadContents(*tables, txn, contents));
  }
  if (contents.meta.database != options.database.value() || contents.meta.name != options.name) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", options.path, " as database \"", options.name,
                     "\": it is of \"", contents.meta.name, "\"; move it away"));
  }
  // What was only staged is void, and cleared with the next change: to open a full file must not
  // take room.
  Opened opened;
  opened.copy = {contents.meta.problem, contents.log, contents.digests};
  opened.file.reset(new ReplicaFile(options, std::move(tables), std::move(lock),
                                    std::move(contents.meta), std::move(contents.log)));
  CTDB_RETURN_IF_ERROR(opened.file->OpenJournal(opened.copy));
  return opened;
}

absl::StatusOr<ReplicaFile::Opened> ReplicaFile::Open(const Options& options) {
  bool is_stale = !options.is_durable;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    CTDB_ASSIGN_OR_RETURN(UniqueFd lock, LockFile(options.path));
    if (!lock.is_open()) {
      CTDB_RETURN_IF_ERROR(Unlink(options.path + "-journal"));
      CTDB_RETURN_IF_ERROR(Make(options, {}, ""));
      is_stale = false;
      continue;
    }
    if (std::exchange(is_stale, false)) {
      CTDB_RETURN_IF_ERROR(Unlink(options.path));
      continue;
    }
    Contents contents;
    contents.log = LogIndex(LogBytesMax(options));
    absl::StatusOr<Opened> opened = TryOpen(options, lock, contents);
    if (opened.ok() && options.mirror != nullptr) {
      CTDB_RETURN_IF_ERROR(opened->file->Flush());
      CTDB_RETURN_IF_ERROR(opened->file->MakeMirrorEqual());
    }
    if (opened.ok() || !absl::IsDataLoss(opened.status())) return opened;
    CTDB_ASSIGN_OR_RETURN(const std::string aside, MoveAside(options.path));
    const Position end = std::max(contents.meta.position, JournalEnd(options));
    CTDB_RETURN_IF_ERROR(Make(options, end,
                              absl::StrCat(options.path, " was damaged (",
                                           opened.status().message(), "); it is now ", aside)));
  }
  return absl::UnavailableError(
      absl::StrCat("cannot open ", options.path, ": it changes all the time"));
}

}  // namespace ctdb::replica
