// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// workers: runs the clients of a workload as processes. They prepare themselves, start together at
// a barrier, count and take times in shared memory, and stop together.
//
//   Ownership:  RunWorkers() has ended all its processes when it returns. They end with the
//               coordinator, too, however that ends.
//   Threading:  the coordinator must have one thread only.
//   Errors:     the first worker's that failed, with its number; Cancelled after an interrupt.
//   Blocking:   for the given time, plus what the workers need before and after.
//   Limits:     kSamplesMax times of each worker are kept, the first ones.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(RunResult result, RunWorkers(2, absl::Seconds(1), [](Worker& worker) {
//     worker.AwaitStart();
//     while (!worker.IsOver()) worker.Count();
//     return absl::OkStatus();
//   }));

#ifndef TESTS_BENCH_CTDB_BENCH_WORKERS_H_
#define TESTS_BENCH_CTDB_BENCH_WORKERS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ctdb::bench {

inline constexpr uint32_t kSamplesMax = 1 << 18;

// Of the monotonic clock, the same in all processes.
int64_t NowNanos();

struct WorkerSlot;
struct SharedState;

// What a worker sees of the run.
class Worker {
 public:
  Worker(int index, SharedState& shared, WorkerSlot& slot);

  int index() const { return index_; }
  // Says that this worker is ready, and returns when all are.
  void AwaitStart();
  // When the time is up.
  bool IsOver() const { return is_over_.load(std::memory_order_relaxed); }
  // Work done.
  void Count(uint64_t work = 1) {
    count_.store(count_.load(std::memory_order_relaxed) + work, std::memory_order_relaxed);
  }
  void AddSample(int64_t nanos);
  // One number that all workers of the run share; 0 at the start.
  std::atomic<uint64_t>& common();

 private:
  const int index_;
  SharedState& shared_;
  WorkerSlot& slot_;
  const std::atomic<bool>& is_over_;
  std::atomic<uint64_t>& count_;
};

struct RunResult {
  double seconds = 0;            // From the start until the time was up, or all had ended.
  uint64_t total = 0;            // Of what the workers counted.
  std::vector<uint64_t> counts;  // By worker.
  std::vector<double> micros;    // All samples, sorted.

  double rate() const { return static_cast<double>(total) / seconds; }
  // The sample with this share of the others below it; 0 when there are none.
  double Quantile(double share) const;
};

using WorkerBody = std::function<absl::Status(Worker& worker)>;

// Runs `body` in `count` processes. The time begins when all are ready; infinite: they end by
// themselves.
absl::StatusOr<RunResult> RunWorkers(int count, absl::Duration time, const WorkerBody& body);

// For preparing and verifying: one process, until it ends. Gives what it counted.
absl::StatusOr<uint64_t> RunAlone(const WorkerBody& body);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_WORKERS_H_
