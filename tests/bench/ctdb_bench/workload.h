// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// workload: one thing that clients do with a cluster, measured. Each verifies what it did and
// fails when a record is not exactly what it must be, or a message is lost or out of order.
//
//   Ownership:  a subject's cluster outlives it.
//   Threading:  the coordinator's.
//   Errors:     of the cluster, or DataLoss when the result is wrong.
//   Blocking:   about Options::time for each measurement.
//   Limits:     none.
//
// Example:
//   for (const Workload& workload : AllWorkloads(options)) {
//     CTDB_RETURN_IF_ERROR(workload.prepare(subject));
//     CTDB_ASSIGN_OR_RETURN(std::vector<Figure> figures, workload.run(subject));
//   }

#ifndef TESTS_BENCH_CTDB_BENCH_WORKLOAD_H_
#define TESTS_BENCH_CTDB_BENCH_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/ctdb_bench/cluster_under_test.h"

namespace ctdb::bench {

struct Options {
  uint32_t nodes = 3;
  int clients_per_node = 2;
  absl::Duration time = absl::Seconds(2);
  // Of databases with local records, and of those whose node crashes.
  uint64_t records_min = 0;
  uint64_t records_max = 1'000'000;
};

// A cluster and what the workloads have done to it so far.
struct Subject {
  Cluster& cluster;
  const Options& options;
  // How often each database's counters were increased, all together. A database that has an entry
  // is prepared.
  std::map<std::string, uint64_t> increments = {};
  // Grows with each run, so that nothing of an earlier one is taken for this one's.
  uint64_t run = 0;
};

enum class Unit { kPerSecond, kMicroseconds, kMilliseconds, kPercent, kMebibytes };

struct Figure {
  std::string what;
  Unit unit;
  double value;
};

struct Workload {
  std::string group;  // What it is called on the command line.
  double bar;         // How many times as good as ctdb we want to be.
  std::function<absl::Status(Subject& subject)> prepare;
  std::function<absl::StatusOr<std::vector<Figure>>(Subject& subject)> run;
};

std::vector<Workload> RecordWorkloads(const Options& options);
std::vector<Workload> MovingWorkloads();
std::vector<Workload> MessageWorkloads();
std::vector<Workload> DatabaseWorkloads();
std::vector<Workload> CommitWorkloads();
std::vector<Workload> CrashWorkloads(const Options& options);
std::vector<Workload> RejoinWorkloads(const Options& options);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_WORKLOAD_H_
