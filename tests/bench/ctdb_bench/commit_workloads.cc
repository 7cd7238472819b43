// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Transactions in a persistent database: each reads a counter and writes the next number, and is
// acknowledged when all nodes have it on their disks. Where those are is --directory.

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr char kDatabase[] = "commit.tdb";

// Each has a counter of its own.
absl::Status CommitAgainAndAgain(Subject& subject, Worker& worker) {
  const NodeNumber node(static_cast<uint32_t>(worker.index()) % subject.options.nodes);
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
  CTDB_ASSIGN_OR_RETURN(const auto committer, client->AttachPersistent(kDatabase));
  const std::string key = KeyOf(static_cast<uint64_t>(worker.index()));
  CTDB_ASSIGN_OR_RETURN(const uint64_t before, committer->Read(key));
  uint64_t commits = 0;
  worker.AwaitStart();
  for (; !worker.IsOver(); ++commits) {
    const int64_t begin = NowNanos();
    CTDB_RETURN_IF_ERROR(committer->Increment(key));
    worker.AddSample(NowNanos() - begin);
    worker.Count();
  }
  CTDB_ASSIGN_OR_RETURN(const uint64_t after, committer->Read(key));
  if (after == before + commits) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("after ", commits, " commits a counter went from ", before, " to ", after));
}

Workload Commit(int writers) {
  const auto run = [=](Subject& subject) -> absl::StatusOr<std::vector<Figure>> {
    CTDB_ASSIGN_OR_RETURN(const RunResult result,
                          RunWorkers(writers, subject.options.time, [&](Worker& worker) {
                            return CommitAgainAndAgain(subject, worker);
                          }));
    return std::vector<Figure>{
        {.what = absl::StrCat(writers, writers == 1 ? " writer" : " writers on all nodes"),
         .unit = Unit::kPerSecond,
         .value = result.rate()},
        {.what = "a commit, median", .unit = Unit::kMicroseconds, .value = result.Quantile(0.5)}};
  };
  return {.group = "commit",
          .bar = writers == 1 ? 1.0 : 10.0,
          .prepare = [](Subject&) { return absl::OkStatus(); },
          .run = run};
}

}  // namespace

std::vector<Workload> CommitWorkloads() { return {Commit(1), Commit(3), Commit(64)}; }

}  // namespace ctdb::bench
