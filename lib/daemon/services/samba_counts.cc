// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/samba_counts.h"

#include "absl/strings/str_format.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::daemon {

samba::DatabaseCounts CountsOf(wire::DatabaseStatus::Reader status) {
  const auto locks = status.getLocks();
  samba::DatabaseCounts counts;
  counts.locks = {.calls = samba::Fit<uint32_t>(locks.getTaken()),
                  .pending = samba::Fit<uint32_t>(locks.getWaiting()),
                  .failed = samba::Fit<uint32_t>(locks.getPostponed())};
  counts.lock_wait = {
      .count = samba::Fit<int32_t>(locks.getTaken()),
      .min_seconds = locks.getMinSeconds(),
      .max_seconds = locks.getMaxSeconds(),
      .total_seconds = locks.getAverageSeconds() * static_cast<double>(locks.getTaken())};
  const auto waits = locks.getWaits();
  for (uint32_t i = 0; i < waits.size() && i < counts.lock_waits.size(); ++i) {
    counts.lock_waits[i] = samba::Fit<uint32_t>(waits[i]);
  }
  counts.copies_lent = samba::Fit<uint32_t>(status.getCopiesLent());
  counts.copies_revoked = samba::Fit<uint32_t>(status.getCopiesRevoked());
  for (const auto record : status.getHotRecords()) {
    counts.hot_records.push_back(
        {FromData(record.getKey()), samba::Fit<uint32_t>(record.getMoves())});
  }
  return counts;
}

std::string MemoryText(const ProcessMemory& memory) {
  constexpr uint64_t kKibi = 1024;
  return absl::StrFormat(
      "memory of the process with Samba's proxy, in KiB\n"
      "resident           %10u\n"
      "  shared           %10u\n"
      "heap               %10u\n"
      "  in use           %10u\n",
      memory.resident_bytes / kKibi, memory.shared_bytes / kKibi, memory.heap_bytes / kKibi,
      memory.heap_used_bytes / kKibi);
}

}  // namespace ctdb::daemon
