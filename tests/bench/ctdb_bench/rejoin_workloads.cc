// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A node that was away while records of a large persistent database changed, and comes back: how
// much travels until its copy is as the others, of what all of the database is. Of ours only: ctdb
// sends everything.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr char kDatabase[] = "rejoin.tdb";
constexpr uint64_t kMissed = 1000;
constexpr size_t kValueBytes = 100;
constexpr uint64_t kStep = 200'000;  // Records of one transaction while it is prepared.
const NodeNumber kVictim(2);
const NodeNumber kWriter(0);

absl::StatusOr<std::unique_ptr<BenchCommitter>> Committer(Subject& subject,
                                                          std::unique_ptr<BenchClient>& client) {
  CTDB_ASSIGN_OR_RETURN(client, subject.cluster.Connect(kWriter));
  return client->AttachPersistent(kDatabase);
}

absl::Status Prepare(Subject& subject, uint64_t records) {
  if (subject.cluster.name() != "ours") return absl::OkStatus();
  if (!subject.increments.emplace(kDatabase, 0).second) return absl::OkStatus();
  std::unique_ptr<BenchClient> client;
  CTDB_ASSIGN_OR_RETURN(const auto committer, Committer(subject, client));
  const std::string value(kValueBytes, 'v');
  for (uint64_t begin = 0; begin < records; begin += kStep) {
    std::vector<std::string> keys;
    for (uint64_t i = begin; i < std::min(records, begin + kStep); ++i) keys.push_back(KeyOf(i));
    CTDB_RETURN_IF_ERROR(committer->Store(keys, value));
  }
  return absl::OkStatus();
}

// One transaction for each record, which the log keeps; or one for all, of which it does not know
// what it wrote.
absl::StatusOr<std::vector<Figure>> Run(Subject& subject, uint64_t records, bool is_logged) {
  if (!subject.increments.contains(kDatabase)) return std::vector<Figure>();
  std::unique_ptr<BenchClient> client;
  CTDB_ASSIGN_OR_RETURN(const auto committer, Committer(subject, client));
  CTDB_RETURN_IF_ERROR(subject.cluster.Kill(kVictim));
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kMissed; ++i) keys.push_back(KeyOf(i * (records / kMissed)));
  const std::string value = absl::StrCat(++subject.run, std::string(kValueBytes, 'n'));
  if (is_logged) {
    for (const std::string& key : keys) CTDB_RETURN_IF_ERROR(committer->Store({key}, value));
  } else {
    // Large enough for the log not to keep it.
    CTDB_RETURN_IF_ERROR(committer->Store(keys, value + std::string(500, 'n')));
  }
  CTDB_ASSIGN_OR_RETURN(const uint64_t before, subject.cluster.CatchUpBytes(kDatabase));
  const int64_t begin = NowNanos();
  CTDB_RETURN_IF_ERROR(subject.cluster.Restart(kVictim));
  // Answered when all copies are equal.
  CTDB_RETURN_IF_ERROR(committer->Store({keys.front()}, value));
  const int64_t took = NowNanos() - begin;
  CTDB_ASSIGN_OR_RETURN(const uint64_t after, subject.cluster.CatchUpBytes(kDatabase));
  const auto all = static_cast<double>(records * (KeyOf(0).size() + kValueBytes));
  const std::string what =
      absl::StrCat(kMissed, " of ", records, is_logged ? ", log" : ", digests");
  return std::vector<Figure>{{.what = absl::StrCat(what, ": bytes sent, of all"),
                              .unit = Unit::kPercent,
                              .value = 100 * static_cast<double>(after - before) / all},
                             {.what = absl::StrCat(what, ": from start to commit"),
                              .unit = Unit::kMilliseconds,
                              .value = static_cast<double>(took) * 1e-6}};
}

}  // namespace

std::vector<Workload> RejoinWorkloads(const Options& options) {
  std::vector<Workload> all;
  const uint64_t records = std::min<uint64_t>(options.records_max, 1'000'000);
  for (const bool is_logged : {true, false}) {
    all.push_back({.group = "rejoin",
                   .bar = 2,
                   .prepare = [records](Subject& subject) { return Prepare(subject, records); },
                   .run = [records, is_logged](
                              Subject& subject) { return Run(subject, records, is_logged); }});
  }
  return all;
}

}  // namespace ctdb::bench
