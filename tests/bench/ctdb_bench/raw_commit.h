// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// raw_commit: the least that a commit on several nodes can cost: one sync of an append of one page
// on each node's disk, all at once, of which the slowest counts, and one round trip of 100 bytes
// over TCP.
//
//   Ownership:  ends its threads and removes its files.
//   Threading:  the coordinator's.
//   Errors:     those of the system.
//   Blocking:   for the given time, twice.
//   Limits:     none.

#ifndef TESTS_BENCH_CTDB_BENCH_RAW_COMMIT_H_
#define TESTS_BENCH_CTDB_BENCH_RAW_COMMIT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ctdb::bench {

// Medians.
struct RawCommit {
  double sync_micros = 0;        // The slowest of all nodes.
  double round_trip_micros = 0;  // Between two threads.
  double sum() const { return sync_micros + round_trip_micros; }
};

absl::StatusOr<RawCommit> MeasureRawCommit(const std::string& directory, uint32_t nodes,
                                           absl::Duration time);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_RAW_COMMIT_H_
