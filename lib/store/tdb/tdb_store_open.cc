// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What a TdbStore begins with: a new file, or the one that clients have open.

#include <errno.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/lease_ticks.h"
#include "lib/store/tdb/tdb_store.h"
#include "lib/store/tdb/tdb_user.h"

namespace ctdb::store {
namespace {

absl::Status MoveAway(const std::string& path) {
  const std::string away = absl::StrCat(path, ".abandoned");
  if (::rename(path.c_str(), away.c_str()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "move away", path);
}

// How long clients may hold records of a file that is taken over.
constexpr absl::Duration kTakeOverWait = absl::Seconds(2);

// Everything is locked while it looks, so that nobody changes what it reads.
absl::StatusOr<uint64_t> CountRecords(TdbFile& file) {
  const absl::Time deadline = absl::Now() + kTakeOverWait;
  while (!file.TryLockAll().ok()) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          "cannot take over ", file.path(), ": process or thread ", file.FirstHolder(),
          " holds a record of it for more than ", absl::FormatDuration(kTakeOverWait)));
    }
    absl::SleepFor(absl::Milliseconds(1));
  }
  absl::Status status = file.Check();
  uint64_t records = 0;
  for (uint32_t chain = 0; status.ok() && chain < file.chains(); ++chain) {
    status = file.VisitChain(chain, [&](absl::string_view, absl::string_view) { ++records; });
  }
  file.UnlockAll();
  if (!status.ok()) return status;
  return records;
}

}  // namespace

absl::StatusOr<std::shared_ptr<TdbStore>> TdbStore::Open(Options options) {
  if (options.boottime_ns == nullptr) options.boottime_ns = BootTimeNanoseconds;
  TdbFile::Options file = {.path = options.path,
                           .flags = UsableVolatileFlags(),
                           .hash_size = options.hash_size,
                           .max_dead = options.max_dead};
  CTDB_ASSIGN_OR_RETURN(const pid_t user, UserOfTdb(options.path));
  if (user != 0) {
    absl::StatusOr<std::unique_ptr<TdbFile>> opened = TdbFile::Open(file);
    absl::StatusOr<uint64_t> records =
        opened.ok() ? CountRecords(**opened) : absl::StatusOr<uint64_t>(opened.status());
    if (records.ok()) {
      return std::shared_ptr<TdbStore>(
          new TdbStore(std::move(options), *std::move(opened), *records));
    }
    if (absl::IsDeadlineExceeded(records.status())) return records.status();
    opened = absl::StatusOr<std::unique_ptr<TdbFile>>();  // Closed before another one is made.
    options.report(absl::DataLossError(
        absl::StrCat("process ", user, " and perhaps others have ", options.path,
                     " open, which cannot be used: ", records.status().message(),
                     ". They go on with it and see nothing of others: end them")));
    CTDB_RETURN_IF_ERROR(MoveAway(options.path));
  } else if (::unlink(options.path.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, "remove", options.path);
  }
  file.create = true;
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<TdbFile> made, TdbFile::Open(file));
  return std::shared_ptr<TdbStore>(new TdbStore(std::move(options), std::move(made), 0));
}

OpenSharedFile TdbOpener(int hash_size, int max_dead, std::function<void()> at_fence_start) {
  // libtdb finds it out with a process, whose end nobody else is to be told: while there is one
  // thread.
  UsableVolatileFlags();
  return [hash_size, max_dead, at_fence_start = std::move(at_fence_start)](
             const SharedFilePlace& place) -> absl::StatusOr<std::shared_ptr<SharedFileStore>> {
    TdbStore::Options options;
    options.path = place.path;
    options.local = place.local;
    options.hash_size = hash_size;
    options.max_dead = max_dead;
    options.at_fence_start = at_fence_start;
    if (place.report) options.report = place.report;
    CTDB_ASSIGN_OR_RETURN(std::shared_ptr<TdbStore> store, TdbStore::Open(std::move(options)));
    return std::shared_ptr<SharedFileStore>(std::move(store));
  };
}

}  // namespace ctdb::store
