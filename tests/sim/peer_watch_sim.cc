// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// peer_watch_sim: false alarms in a million node-hours of keepalives, and how long a death takes to
// be noticed. Takes about two minutes when optimised; exit code 1 when there was one, or too long.

#include <gflags/gflags.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/sim/peer_watch_run.h"

DEFINE_double(hours, 1e6, "node-hours");
DEFINE_uint64(seed, 1, "of the first thread; the others have those after it");
DEFINE_uint32(threads, 0, "0: one for each processor");

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nOne keepalive watch that hears one peer for a very long time.");
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  const unsigned count =
      std::max(1u, FLAGS_threads != 0 ? FLAGS_threads : std::thread::hardware_concurrency());
  std::vector<ctdb::sim::PeerWatchReport> reports(count);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&reports, i, count] {
      reports[i] = ctdb::sim::RunPeerWatch(FLAGS_hours / count, FLAGS_seed + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ctdb::sim::PeerWatchReport total;
  for (const auto& report : reports) total.Add(report);
  absl::PrintF("%.0f node-hours, %d keepalives: %d false alarms\n", total.hours, total.keepalives,
               total.false_alarms);
  absl::PrintF("%d deaths: the slowest was noticed after %.3f s, %d later than 3 s\n", total.deaths,
               absl::ToDoubleSeconds(total.slowest_notice), total.not_noticed);
  return total.false_alarms == 0 && total.not_noticed == 0 ? 0 : 1;
}
