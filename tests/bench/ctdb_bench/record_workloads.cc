// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Records that stay where they are: updated and read by processes of the node that owns them, and
// read on all nodes while hardly anybody writes.

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr NodeNumber kOwner(0);
constexpr uint64_t kKeysMax = 65536;  // Drawn before the time begins.
// Read on all nodes: few records, written ten times a second.
constexpr uint64_t kPopularRecords = 8;
constexpr int64_t kWriteEveryNanos = 100'000'000;
constexpr char kPopularDatabase[] = "readonly.tdb";

std::string LocalDatabase(uint64_t records) { return absl::StrCat("local", records, ".tdb"); }

// What is measured is not the first touch of each page, so each key is read once.
absl::StatusOr<std::vector<std::string>> DrawKeys(BenchDatabase& database, uint64_t records,
                                                  int worker) {
  Random random(static_cast<uint64_t>(worker) + 1);
  std::vector<std::string> keys;
  std::string value;
  for (uint64_t i = 0; i < std::min(kKeysMax, records); ++i) {
    keys.push_back(KeyOf(random.Below(records)));
    CTDB_RETURN_IF_ERROR(database.Read(keys.back(), &value).status());
  }
  return keys;
}

enum class Access { kUpdate, kRead };

absl::Status UseLocalRecords(Subject& subject, uint64_t records, Access access, Worker& worker) {
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(kOwner));
  CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(LocalDatabase(records), {}));
  CTDB_ASSIGN_OR_RETURN(const auto keys, DrawKeys(*database, records, worker.index()));
  std::string value;
  worker.AwaitStart();
  for (size_t i = 0; !worker.IsOver(); i = i + 1 == keys.size() ? 0 : i + 1) {
    if (access == Access::kUpdate) {
      CTDB_RETURN_IF_ERROR(Increment(*database, keys[i]).status());
    } else {
      CTDB_ASSIGN_OR_RETURN(const bool is_there, database->Read(keys[i], &value));
      if (!is_there) return absl::DataLossError(absl::StrCat(keys[i], " is missing"));
    }
    worker.Count();
  }
  return absl::OkStatus();
}

Workload Local(uint64_t records, int processes, Access access) {
  const bool is_update = access == Access::kUpdate;
  const auto run = [=](Subject& subject) -> absl::StatusOr<std::vector<Figure>> {
    CTDB_ASSIGN_OR_RETURN(const RunResult result,
                          RunWorkers(processes, subject.options.time, [&](Worker& worker) {
                            return UseLocalRecords(subject, records, access, worker);
                          }));
    CTDB_RETURN_IF_ERROR(VerifyCounters(subject, LocalDatabase(records), records,
                                        is_update ? result.total : 0, Collect::kByReading));
    return std::vector<Figure>{{.what = absl::StrCat(records, " records, ", processes,
                                                     processes == 1 ? " process" : " processes"),
                                .unit = Unit::kPerSecond,
                                .value = result.rate()}};
  };
  return {.group = is_update ? "local" : "local-read",
          .bar = 2,
          .prepare =
              [=](Subject& subject) {
                return PrepareCounters(subject, LocalDatabase(records), records);
              },
          .run = run};
}

// Counters never go back while somebody looks.
absl::Status ReadPopular(BenchDatabase& database, Worker& worker) {
  std::vector<uint64_t> seen(kPopularRecords, 0);
  const std::vector<std::string> keys = KeysOf(kPopularRecords);
  std::string value;
  worker.AwaitStart();
  for (uint64_t i = 0; !worker.IsOver(); i = (i + 1) % kPopularRecords) {
    CTDB_ASSIGN_OR_RETURN(const bool is_there, database.Read(keys[i], &value));
    if (!is_there) return absl::DataLossError(absl::StrCat(keys[i], " is missing"));
    CTDB_ASSIGN_OR_RETURN(const uint64_t counter, CounterIn(value));
    if (counter < seen[i]) {
      return absl::DataLossError(
          absl::StrCat("a reader saw ", counter, " in ", keys[i], " after ", seen[i]));
    }
    seen[i] = counter;
    worker.Count();
  }
  return absl::OkStatus();
}

absl::Status WritePopular(BenchDatabase& database, Worker& worker) {
  Random random(1);
  worker.AwaitStart();
  for (int64_t next = NowNanos(); !worker.IsOver();) {
    const int64_t begin = NowNanos();
    if (begin < next) {
      ::usleep(1000);
      continue;
    }
    next = begin + kWriteEveryNanos;
    CTDB_RETURN_IF_ERROR(Increment(database, KeyOf(random.Below(kPopularRecords))).status());
    worker.AddSample(NowNanos() - begin);
    ++worker.common();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Figure>> RunReadOnly(Subject& subject) {
  const int readers = static_cast<int>(subject.options.nodes) * subject.options.clients_per_node;
  const auto body = [&](Worker& worker) -> absl::Status {
    const bool is_writer = worker.index() == readers;
    const NodeNumber node(
        is_writer ? 0 : static_cast<uint32_t>(worker.index()) % subject.options.nodes);
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
    CTDB_ASSIGN_OR_RETURN(const auto database,
                          client->Attach(kPopularDatabase, {.read_only_copies = true}));
    return is_writer ? WritePopular(*database, worker) : ReadPopular(*database, worker);
  };
  CTDB_ASSIGN_OR_RETURN(const RunResult result,
                        RunWorkers(readers + 1, subject.options.time, body));
  CTDB_RETURN_IF_ERROR(VerifyCounters(subject, kPopularDatabase, kPopularRecords,
                                      result.micros.size(), Collect::kByReading));
  return std::vector<Figure>{
      {.what = "reads of 8 records on all nodes", .unit = Unit::kPerSecond, .value = result.rate()},
      {.what = "a write meanwhile, median",
       .unit = Unit::kMicroseconds,
       .value = result.Quantile(0.5)}};
}

}  // namespace

std::vector<Workload> RecordWorkloads(const Options& options) {
  std::vector<Workload> workloads;
  for (const Access access : {Access::kUpdate, Access::kRead}) {
    for (const uint64_t records : {1'000u, 100'000u, 1'000'000u}) {
      if (records < options.records_min || records > options.records_max) continue;
      for (const int processes : {1, 2, 4}) workloads.push_back(Local(records, processes, access));
    }
  }
  workloads.push_back({.group = "readonly",
                       .bar = 1,
                       .prepare =
                           [](Subject& subject) {
                             return PrepareCounters(subject, kPopularDatabase, kPopularRecords,
                                                    {.read_only_copies = true});
                           },
                       .run = RunReadOnly});
  return workloads;
}

}  // namespace ctdb::bench
