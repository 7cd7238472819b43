// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A node is killed: how long a client of another node cannot change a record that this node owns
// and the crash has nothing to do with, and how long one that the killed node owned.

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

// Of each database: what the killed node owns, with numbers after all others.
constexpr uint64_t kVictimsRecords = 1000;
constexpr absl::Duration kBefore = absl::Milliseconds(500);
constexpr absl::Duration kAfter = absl::Seconds(1);

struct Crash {
  uint64_t records = 0;  // Of each database.
  int databases = 1;
  bool of_leader = false;

  std::string Database(int number) const {
    return absl::StrCat("crash", records, "-", number, ".tdb");
  }
};

// The killed node, and the two that the clients are at.
struct Roles {
  NodeNumber victim;
  NodeNumber owner;
  NodeNumber asker;
};

absl::StatusOr<Roles> ChooseRoles(Subject& subject, bool of_leader) {
  if (subject.options.nodes < 3) {
    return absl::InvalidArgumentError("a crash needs --nodes=3 at least");
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber leader, subject.cluster.Leader());
  const uint32_t nodes = subject.options.nodes;
  const auto next = [&](uint32_t step) { return NodeNumber((leader.value() + step) % nodes); };
  return of_leader ? Roles{leader, next(1), next(2)} : Roles{next(1), leader, next(2)};
}

absl::Status Fill(Subject& subject, const Crash& crash, NodeNumber node, uint64_t begin,
                  uint64_t end) {
  std::vector<std::string> keys;
  for (uint64_t i = begin; i < end; ++i) keys.push_back(KeyOf(i));
  return RunAlone([&](Worker&) -> absl::Status {
           CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
           for (int i = 0; i < crash.databases; ++i) {
             CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(crash.Database(i), {}));
             CTDB_RETURN_IF_ERROR(database->Fill(keys, CounterValue(0)));
           }
           return absl::OkStatus();
         })
      .status();
}

// Counts the longest time between two changes, in nanoseconds.
absl::Status MeasureGap(Subject& subject, const Crash& crash, NodeNumber node, Worker& worker) {
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
  CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(crash.Database(0), {}));
  const std::string key = KeyOf(0);
  CTDB_RETURN_IF_ERROR(Increment(*database, key).status());
  worker.AwaitStart();
  int64_t longest = 0;
  int64_t last = NowNanos();
  while (!worker.IsOver() && worker.common().load() == 0) {
    const absl::Status status = Increment(*database, key).status();
    if (absl::IsAborted(status)) continue;  // The node was out of the cluster: look again.
    CTDB_RETURN_IF_ERROR(status);
    const int64_t now = NowNanos();
    longest = std::max(longest, now - last);
    last = now;
  }
  worker.Count(static_cast<uint64_t>(longest));
  return absl::OkStatus();
}

// Kills the node and counts the nanoseconds until each database's record of it is to be had here.
absl::Status KillAndAsk(Subject& subject, const Crash& crash, const Roles& roles, Worker& worker) {
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(roles.asker));
  std::vector<std::unique_ptr<BenchDatabase>> databases;
  for (int i = 0; i < crash.databases; ++i) {
    CTDB_ASSIGN_OR_RETURN(auto database, client->Attach(crash.Database(i), {}));
    databases.push_back(std::move(database));
  }
  worker.AwaitStart();
  absl::SleepFor(kBefore);
  const int64_t begin = NowNanos();
  CTDB_RETURN_IF_ERROR(subject.cluster.Kill(roles.victim));
  for (const auto& database : databases) {
    CTDB_ASSIGN_OR_RETURN(LockedRecord * record, database->FetchLock(KeyOf(crash.records)));
    CTDB_RETURN_IF_ERROR(record->Unlock());
  }
  worker.Count(static_cast<uint64_t>(NowNanos() - begin));
  // What recovery does later may disturb the others, too.
  absl::SleepFor(kAfter);
  worker.common().store(1);
  return absl::OkStatus();
}

absl::Status Prepare(Subject& subject, const Crash& crash) {
  if (!subject.increments.emplace(crash.Database(0), 0).second) return absl::OkStatus();
  const uint64_t half = crash.records / 2;
  CTDB_ASSIGN_OR_RETURN(const Roles roles, ChooseRoles(subject, crash.of_leader));
  CTDB_RETURN_IF_ERROR(Fill(subject, crash, roles.owner, 0, half));
  return Fill(subject, crash, roles.asker, half, crash.records);
}

absl::StatusOr<std::vector<Figure>> Run(Subject& subject, const Crash& crash) {
  CTDB_ASSIGN_OR_RETURN(const Roles roles, ChooseRoles(subject, crash.of_leader));
  CTDB_RETURN_IF_ERROR(
      Fill(subject, crash, roles.victim, crash.records, crash.records + kVictimsRecords));
  CTDB_ASSIGN_OR_RETURN(
      const RunResult result, RunWorkers(2, absl::InfiniteDuration(), [&](Worker& worker) {
        return worker.index() == 0 ? MeasureGap(subject, crash, roles.owner, worker)
                                   : KillAndAsk(subject, crash, roles, worker);
      }));
  CTDB_RETURN_IF_ERROR(subject.cluster.Restart(roles.victim));
  const std::string what =
      absl::StrCat(crash.databases > 1 ? absl::StrCat(crash.databases, " x ") : "", crash.records,
                   crash.of_leader ? ", leader killed: " : ": ");
  const auto figure = [&](absl::string_view of, uint64_t nanos) {
    return Figure{.what = absl::StrCat(what, of),
                  .unit = Unit::kMilliseconds,
                  .value = static_cast<double>(nanos) * 1e-6};
  };
  return std::vector<Figure>{figure("own record", result.counts[0]),
                             figure("killed node's", result.counts[1])};
}

}  // namespace

std::vector<Workload> CrashWorkloads(const Options& options) {
  std::vector<Workload> all;
  const auto add = [&](const Crash& crash) {
    if (crash.records > options.records_max) return;
    all.push_back({.group = "crash",
                   .bar = 10,
                   .prepare = [crash](Subject& subject) { return Prepare(subject, crash); },
                   .run = [crash](Subject& subject) { return Run(subject, crash); }});
  };
  add({.records = 10'000, .databases = 1, .of_leader = false});
  add({.records = 10'000, .databases = 1, .of_leader = true});
  add({.records = 100'000, .databases = 1, .of_leader = false});
  add({.records = 1'000'000, .databases = 1, .of_leader = false});
  add({.records = 10'000, .databases = 20, .of_leader = false});
  return all;
}

}  // namespace ctdb::bench
