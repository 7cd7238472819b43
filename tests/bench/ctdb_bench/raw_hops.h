// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// raw_hops: the least that it can cost to hand a record to a client of another node through
// daemons: processes that pass 64 bytes on, one blocking socket after the other, and nothing else.
//
// The hops are those of "migrate": the message (client, daemon, other daemon, other client), then
// the request of that client for the record and its way back (client, daemon, other daemon, daemon,
// client).
//
//   Ownership:  ends its processes.
//   Threading:  the coordinator's.
//   Errors:     those of the system.
//   Blocking:   for the given time.
//   Limits:     none.

#ifndef TESTS_BENCH_CTDB_BENCH_RAW_HOPS_H_
#define TESTS_BENCH_CTDB_BENCH_RAW_HOPS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ctdb::bench {

inline constexpr int kMigrationHops = 7;

// Median of the time of all hops, in microseconds.
absl::StatusOr<double> MeasureRawHops(absl::Duration time);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_RAW_HOPS_H_
