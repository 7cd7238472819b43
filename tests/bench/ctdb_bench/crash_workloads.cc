// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A node is killed: how long a client of another node cannot change a record that this node owns
// and the crash has nothing to do with, and how long one that the killed node owned; and how much
// more memory than before the other nodes have meanwhile.

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/process_memory.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

// Of each database: what the killed node owns, with numbers after all others.
constexpr uint64_t kVictimsRecords = 1000;
constexpr absl::Duration kBefore = absl::Seconds(1);
constexpr absl::Duration kAfter = absl::Seconds(1);
// Between two looks. A look takes 50 us of a processor.
constexpr absl::Duration kMemoryInterval = absl::Milliseconds(5);

// What the workers have in common.
enum Stage : uint64_t { kHealthy, kKilled, kOver };

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

// Counts the longest time between two changes since the kill, in nanoseconds. The sample is that of
// the time before, which other load of the machine shows in.
absl::Status MeasureGap(Subject& subject, const Crash& crash, NodeNumber node, Worker& worker) {
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
  CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(crash.Database(0), {}));
  const std::string key = KeyOf(0);
  CTDB_RETURN_IF_ERROR(Increment(*database, key).status());
  worker.AwaitStart();
  int64_t longest[2] = {0, 0};
  int64_t last = NowNanos();
  while (!worker.IsOver()) {
    const uint64_t stage = worker.common().load();
    if (stage == kOver) break;
    const absl::Status status = Increment(*database, key).status();
    if (absl::IsAborted(status)) continue;  // The node was out of the cluster: look again.
    CTDB_RETURN_IF_ERROR(status);
    const int64_t now = NowNanos();
    longest[stage] = std::max(longest[stage], now - last);
    last = now;
  }
  worker.AddSample(longest[kHealthy]);
  worker.Count(static_cast<uint64_t>(longest[kKilled]));
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
  worker.common().store(kKilled);
  const int64_t begin = NowNanos();
  CTDB_RETURN_IF_ERROR(subject.cluster.Kill(roles.victim));
  for (const auto& database : databases) {
    CTDB_ASSIGN_OR_RETURN(LockedRecord * record, database->FetchLock(KeyOf(crash.records)));
    CTDB_RETURN_IF_ERROR(record->Unlock());
  }
  worker.Count(static_cast<uint64_t>(NowNanos() - begin));
  // What recovery does later may disturb the others, too.
  absl::SleepFor(kAfter);
  worker.common().store(kOver);
  return absl::OkStatus();
}

// Counts the bytes that the two other nodes have more than at the beginning, at most; the larger
// of the two.
absl::Status MeasureMemory(Subject& subject, const Roles& roles, Worker& worker) {
  struct Seen {
    std::vector<pid_t> processes;
    uint64_t before = 0;
    uint64_t most = 0;
  };
  Seen survivors[2];
  for (int i = 0; i < 2; ++i) {
    const NodeNumber node = i == 0 ? roles.owner : roles.asker;
    CTDB_ASSIGN_OR_RETURN(survivors[i].processes, subject.cluster.Processes(node));
  }
  worker.AwaitStart();
  while (!worker.IsOver() && worker.common().load() != kOver) {
    for (Seen& seen : survivors) {
      const absl::StatusOr<uint64_t> bytes = PrivateBytes(seen.processes);
      if (!bytes.ok()) continue;  // A helper that has done its work.
      if (seen.before == 0) seen.before = *bytes;
      seen.most = std::max(seen.most, *bytes - std::min(seen.before, *bytes));
    }
    absl::SleepFor(kMemoryInterval);
  }
  worker.Count(std::max(survivors[0].most, survivors[1].most));
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
      const RunResult result, RunWorkers(3, absl::InfiniteDuration(), [&](Worker& worker) {
        return worker.index() == 0   ? MeasureGap(subject, crash, roles.owner, worker)
               : worker.index() == 1 ? KillAndAsk(subject, crash, roles, worker)
                                     : MeasureMemory(subject, roles, worker);
      }));
  CTDB_RETURN_IF_ERROR(subject.cluster.Restart(roles.victim));
  const std::string what =
      absl::StrCat(crash.databases > 1 ? absl::StrCat(crash.databases, " x ") : "", crash.records,
                   crash.of_leader ? ", leader killed: " : ": ");
  const auto milliseconds = [](uint64_t nanos) { return static_cast<double>(nanos) * 1e-6; };
  const double mebibytes = static_cast<double>(result.counts[2]) / (1024 * 1024);
  const double before = result.Quantile(0) * 1e-3;
  return std::vector<Figure>{
      {absl::StrCat(what, "before the kill"), Unit::kMilliseconds, before},
      {absl::StrCat(what, "own record"), Unit::kMilliseconds, milliseconds(result.counts[0])},
      {absl::StrCat(what, "killed node's"), Unit::kMilliseconds, milliseconds(result.counts[1])},
      {absl::StrCat(what, "peak memory"), Unit::kMebibytes, mebibytes}};
}

}  // namespace

std::vector<Workload> CrashWorkloads(const Options& options) {
  std::vector<Workload> all;
  const auto add = [&](const Crash& crash) {
    const uint64_t records = crash.records * static_cast<uint64_t>(crash.databases);
    if (records < options.records_min || crash.records > options.records_max) return;
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
