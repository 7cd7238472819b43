// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// limits: how much of anything there may be in this module.
//
//   Ownership:  none.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     these.

#ifndef LIB_REPLICA_LIMITS_H_
#define LIB_REPLICA_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "lib/store/transaction_body.h"

namespace ctdb::replica {

// One transaction that travels as a whole. How large any may be is said in
// lib/store/transaction_body.h.
inline constexpr size_t kWholeBytesMax = store::kWholeTransactionBytesMax;
inline constexpr size_t kReadsMax = 65'536;
inline constexpr size_t kWritesMax = 65'536;

// One batch; a transaction that is larger goes alone. Larger: fewer syncs under load, and whoever
// comes just after a batch waits longer.
inline constexpr size_t kBatchBytesMax = 256 * 1024;
inline constexpr size_t kBatchTransactionsMax = 256;

// What waits at the coordinator, of all nodes together.
inline constexpr size_t kQueueBytesMax = 64 * 1024 * 1024;
inline constexpr size_t kQueueTransactionsMax = 16'384;

// Bodies of larger transactions travel in parts, a few at a time: larger ones are faster, and delay
// what else is on the same way. A database has one body at a time on each member.
inline constexpr uint64_t kBodyPartBytes = 64 * 1024;
inline constexpr uint64_t kBodyWindowParts = 4;
// Bodies of all databases on a node: those of its clients, and those that are staged. What finds no
// room is tried again.
inline constexpr uint64_t kBodyMemoryBytesMax = 2 * store::kTransactionBytesMax;

// What one node may wait for: requests from the oldest without an answer to the newest.
inline constexpr uint64_t kWindow = 1024;

// The log of a copy. It is how far a member may fall behind and still get only what it lacks, and
// how long the coordinator can tell what became of a transaction.
inline constexpr size_t kLogTransactionsMax = 4096;
inline constexpr size_t kLogBytesMax = 64 * 1024 * 1024;
// On a small disk: this part of it, but so much at least.
inline constexpr size_t kLogPartOfDisk = 16;
inline constexpr size_t kLogBytesMin = 1024 * 1024;

// What a member must have left for its copy, so that all others can go on when its disk is full:
// below the first nothing may make the database larger, below the second records may be deleted and
// that is all. A batch may touch many pages, and each is written anew before any is free again.
inline constexpr uint64_t kReserveBytes = 8 * 1024 * 1024;
inline constexpr uint64_t kLastReserveBytes = kReserveBytes / 2;
// What is in the journal must find its place in the tables: several pages for each record.
inline constexpr uint64_t kJournalRoomBytes = uint64_t{64} << 20;

// One page of entries or records; a single one that is larger goes alone.
inline constexpr size_t kPageBytesMax = 256 * 1024;
// Pages that a member that is being filled may have asked for and not stored yet.
inline constexpr size_t kFetchesMax = 8;
// Records that a member names in one Fetch.
inline constexpr size_t kFingerprintsMax = 4096;
// Records that a source looks at for one Page.
inline constexpr size_t kPageRecordsMax = 4096;

// Text about damage that goes to others.
inline constexpr size_t kProblemBytesMax = 1024;

static_assert(kBatchTransactionsMax * 2 <= kLogTransactionsMax,
              "who misses one batch gets it from the log");
static_assert(kBatchBytesMax <= kLogBytesMin && kWholeBytesMax <= kLogBytesMax);
static_assert(kWholeBytesMax <= kQueueBytesMax);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_LIMITS_H_
