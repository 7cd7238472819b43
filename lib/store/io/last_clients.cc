// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/last_clients.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/io/shared_lock.h"

namespace ctdb::store {
namespace {

constexpr absl::Duration kPause = absl::Microseconds(100);

absl::Status AwaitAllProcessors() {
  if (::syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      "cannot tell whether clients have stopped: membarrier() fails with error ", errno));
}

// Whoever got the lock without saying so yet finds no lease.
absl::Status AwaitRelease(SharedLock& lock, const std::string& path, absl::Time deadline) {
  const auto self = static_cast<uint32_t>(::getpid());
  while (true) {
    const uint32_t holder = lock.holder.load(std::memory_order_acquire);
    if (holder == 0) return absl::OkStatus();
    const TryResult result = TryAcquire(lock, self);
    if (result == TryResult::kLocked) Release(lock);
    // A dead one's is not given back: nobody repairs what it protects.
    if (result != TryResult::kBusy) return absl::OkStatus();
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("process ", holder, " holds a record of ", path));
    }
    absl::SleepFor(kPause);
  }
}

}  // namespace

absl::Status StopClients(const std::string& directory, absl::string_view name_end,
                         absl::Time deadline) {
  absl::Status status;
  std::vector<HotFile> files = HotFile::OpenAll(directory, name_end, &status);
  for (HotFile& file : files) file.EndLease();
  // Whoever opens one now finds no lease.
  std::vector<const HotFile*> used;
  for (const HotFile& file : files) {
    if (file.HasOtherUsers()) used.push_back(&file);
  }
  if (used.empty()) return status;
  CTDB_RETURN_IF_ERROR(AwaitAllProcessors());
  for (const HotFile* file : used) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<uint32_t> held, file->HeldBuckets());
    for (const uint32_t bucket : held) {
      status.Update(AwaitRelease(file->bucket_lock(bucket), file->path(), deadline));
      if (absl::IsDeadlineExceeded(status)) return status;
    }
  }
  return status;
}

}  // namespace ctdb::store
