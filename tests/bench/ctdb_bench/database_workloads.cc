// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Whole databases: making a new one, and walking through one whose records lie on several nodes.

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr int kNewDatabases = 5;  // Of each run; ctdb makes files of 4 MB on each node.
constexpr char kTraverseDatabase[] = "traverse.tdb";
constexpr uint64_t kTraverseRecords = 100'000;

absl::StatusOr<std::vector<Figure>> RunAttach(Subject& subject) {
  const uint64_t run = ++subject.run;
  const auto body = [&](Worker& worker) -> absl::Status {
    const NodeNumber node(static_cast<uint32_t>(run % subject.options.nodes));
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
    for (int i = 0; i < kNewDatabases; ++i) {
      const int64_t begin = NowNanos();
      CTDB_ASSIGN_OR_RETURN(const auto database,
                            client->Attach(absl::StrCat("new.", run, ".", i, ".tdb"), {}));
      worker.AddSample(NowNanos() - begin);
      CTDB_RETURN_IF_ERROR(database->Fill({KeyOf(0)}, CounterValue(0)));
      CTDB_ASSIGN_OR_RETURN(const uint64_t counter, Increment(*database, KeyOf(0)));
      if (counter != 1) return absl::DataLossError("a new database does not keep a record");
    }
    return absl::OkStatus();
  };
  CTDB_ASSIGN_OR_RETURN(const RunResult result, RunWorkers(1, absl::InfiniteDuration(), body));
  return std::vector<Figure>{{.what = "a new database, until usable, median",
                              .unit = Unit::kMilliseconds,
                              .value = result.Quantile(0.5) * 1e-3}};
}

// Each node makes its share of the records.
absl::Status PrepareTraverse(Subject& subject) {
  if (!subject.increments.emplace(kTraverseDatabase, 0).second) return absl::OkStatus();
  const auto body = [&](Worker& worker) -> absl::Status {
    const auto node = static_cast<uint32_t>(worker.index());
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(NodeNumber(node)));
    CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(kTraverseDatabase, {}));
    std::vector<std::string> keys;
    for (uint64_t i = node; i < kTraverseRecords; i += subject.options.nodes) {
      keys.push_back(KeyOf(i));
    }
    return database->Fill(keys, CounterValue(0));
  };
  return RunWorkers(static_cast<int>(subject.options.nodes), absl::InfiniteDuration(), body)
      .status();
}

// Each of the records once, and nothing else.
absl::Status TraverseOnce(BenchDatabase& database) {
  std::vector<bool> seen(kTraverseRecords, false);
  absl::Status status;
  const auto note = [&](absl::string_view key, absl::string_view) {
    uint64_t number = 0;
    if (!absl::ConsumePrefix(&key, "record-") || !absl::SimpleAtoi(key, &number) ||
        number >= kTraverseRecords || seen[number]) {
      status.Update(absl::DataLossError(absl::StrCat("a traverse shows ", key, " wrongly")));
      return;
    }
    seen[number] = true;
  };
  CTDB_ASSIGN_OR_RETURN(const uint64_t found, database.Traverse(note));
  CTDB_RETURN_IF_ERROR(status);
  if (found == kTraverseRecords) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("a traverse finds ", found, " of ", kTraverseRecords, " records"));
}

absl::StatusOr<std::vector<Figure>> RunTraverse(Subject& subject) {
  const auto body = [&](Worker& worker) -> absl::Status {
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(NodeNumber(0)));
    CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(kTraverseDatabase, {}));
    worker.AwaitStart();
    do {
      const int64_t begin = NowNanos();
      CTDB_RETURN_IF_ERROR(TraverseOnce(*database));
      worker.AddSample(NowNanos() - begin);
    } while (!worker.IsOver());
    return absl::OkStatus();
  };
  CTDB_ASSIGN_OR_RETURN(const RunResult result, RunWorkers(1, subject.options.time, body));
  return std::vector<Figure>{
      {.what = absl::StrCat(kTraverseRecords, " records on all nodes"),
       .unit = Unit::kPerSecond,
       .value = static_cast<double>(kTraverseRecords) / (result.Quantile(0.5) * 1e-6)}};
}

}  // namespace

std::vector<Workload> DatabaseWorkloads() {
  return {
      {.group = "attach",
       .bar = 1,
       .prepare = [](Subject&) { return absl::OkStatus(); },
       .run = RunAttach},
      {.group = "traverse", .bar = 1, .prepare = PrepareTraverse, .run = RunTraverse},
  };
}

}  // namespace ctdb::bench
