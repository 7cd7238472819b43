// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// counters: records that count. Each value begins with a number; whoever increases it adds one to
// the account, and in the end the records must show exactly that.
//
//   Ownership:  none.
//   Threading:  one thread per process.
//   Errors:     of the cluster; DataLoss when a record is missing or the sum is wrong.
//   Blocking:   as the cluster.
//   Limits:     none.

#ifndef TESTS_BENCH_CTDB_BENCH_COUNTERS_H_
#define TESTS_BENCH_CTDB_BENCH_COUNTERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {

inline constexpr size_t kValueBytes = 100;

std::string KeyOf(uint64_t number);
std::vector<std::string> KeysOf(uint64_t count);
std::string CounterValue(uint64_t counter);
// DataLoss when there is no counter.
absl::StatusOr<uint64_t> CounterIn(absl::string_view value);

// Locks, reads, stores, unlocks. Gives the new counter.
absl::StatusOr<uint64_t> Increment(BenchDatabase& database, absl::string_view key);

// Attaches `database` on `node` and makes so many records with counters of 0 there, once.
absl::Status PrepareCounters(Subject& subject, const std::string& database, uint64_t records,
                             const AttachOptions& options = {});

// How VerifyCounters() collects them: each by reading on node 0, or all by a traverse.
enum class Collect { kByReading, kByTraverse };
// Notes that the workers made so many increments, and checks that the records say so.
absl::Status VerifyCounters(Subject& subject, const std::string& database, uint64_t records,
                            uint64_t new_increments, Collect collect);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_COUNTERS_H_
