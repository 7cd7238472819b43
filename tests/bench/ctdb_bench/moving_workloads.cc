// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Records that several nodes want: one that goes round, one that all want at once, and many that
// are drawn at random.

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/counters.h"
#include "tests/bench/ctdb_bench/workers.h"
#include "tests/bench/ctdb_bench/workload.h"

namespace ctdb::bench {
namespace {

constexpr char kMigrateDatabase[] = "migrate.tdb";
constexpr char kContendedDatabase[] = "contended.tdb";
constexpr char kSpreadDatabase[] = "spread.tdb";
constexpr uint64_t kSpreadRecords = 10'000;
constexpr absl::Duration kMessageSlice = absl::Milliseconds(20);

// What the holder of the record tells the next one.
struct Turn {
  uint64_t counter;
  int64_t sent_at;
};

ChannelId ChannelOf(const Subject& subject, uint32_t node) {
  return ChannelId(0xAE02'0000'0000'0000 | subject.run << 16 | node);
}

// The next turn; nothing when the time is up and some worker has got the last one.
absl::StatusOr<std::optional<Turn>> AwaitTurn(BenchClient& client, Worker& worker) {
  const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(kPatience);
  while (worker.common() == 0) {
    CTDB_ASSIGN_OR_RETURN(const std::optional<Message> message, client.WaitMessage(kMessageSlice));
    if (message.has_value()) {
      Turn turn;
      if (message->bytes.size() != sizeof(turn)) return absl::DataLossError("a message is torn");
      std::memcpy(&turn, message->bytes.data(), sizeof(turn));
      if (!worker.IsOver()) return turn;
      worker.common() = 1;
    }
    if (NowNanos() > deadline) return absl::DataLossError("a message was lost");
  }
  return std::nullopt;
}

absl::Status TakeTurns(Subject& subject, Worker& worker) {
  const NodeNumber node(static_cast<uint32_t>(worker.index()));
  const NodeNumber next((node.value() + 1) % subject.options.nodes);
  const std::string key = KeyOf(0);
  CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
  CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(kMigrateDatabase, {}));
  CTDB_RETURN_IF_ERROR(client->Subscribe(ChannelOf(subject, node.value())));
  worker.AwaitStart();
  for (bool is_first = node.value() == 0;; is_first = false) {
    Turn turn = {.counter = subject.increments[kMigrateDatabase], .sent_at = NowNanos()};
    if (!is_first) {
      CTDB_ASSIGN_OR_RETURN(const std::optional<Turn> given, AwaitTurn(*client, worker));
      if (!given.has_value()) return absl::OkStatus();
      turn = *given;
    }
    CTDB_ASSIGN_OR_RETURN(const uint64_t counter, Increment(*database, key));
    if (counter != turn.counter + 1) {
      return absl::DataLossError(
          absl::StrCat("the record shows ", counter - 1, " after ", turn.counter, " increments"));
    }
    worker.Count();
    if (!is_first) worker.AddSample(NowNanos() - turn.sent_at);
    turn = {.counter = counter, .sent_at = NowNanos()};
    CTDB_RETURN_IF_ERROR(
        client->SendMessage(next, ChannelOf(subject, next.value()),
                            absl::string_view(reinterpret_cast<const char*>(&turn), sizeof(turn))));
  }
}

absl::StatusOr<std::vector<Figure>> RunMigrate(Subject& subject) {
  ++subject.run;
  CTDB_ASSIGN_OR_RETURN(const RunResult result,
                        RunWorkers(static_cast<int>(subject.options.nodes), subject.options.time,
                                   [&](Worker& worker) { return TakeTurns(subject, worker); }));
  CTDB_RETURN_IF_ERROR(
      VerifyCounters(subject, kMigrateDatabase, 1, result.total, Collect::kByReading));
  return std::vector<Figure>{
      {.what = "one record round the nodes", .unit = Unit::kPerSecond, .value = result.rate()},
      {.what = "a hop, median", .unit = Unit::kMicroseconds, .value = result.Quantile(0.5)},
      {.what = "a hop, 99 of 100", .unit = Unit::kMicroseconds, .value = result.Quantile(0.99)}};
}

// All clients of all nodes increment records of `database`, drawn at random from `records`.
absl::StatusOr<RunResult> IncrementEverywhere(Subject& subject, const std::string& database,
                                              uint64_t records) {
  const auto body = [&](Worker& worker) -> absl::Status {
    const NodeNumber node(static_cast<uint32_t>(worker.index()) % subject.options.nodes);
    CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(node));
    CTDB_ASSIGN_OR_RETURN(const auto attached, client->Attach(database, {}));
    Random random(subject.run << 16 | static_cast<uint64_t>(worker.index()));
    worker.AwaitStart();
    while (!worker.IsOver()) {
      const std::string key = KeyOf(random.Below(records));
      const int64_t begin = NowNanos();
      CTDB_RETURN_IF_ERROR(Increment(*attached, key).status());
      worker.AddSample(NowNanos() - begin);
      worker.Count();
    }
    return absl::OkStatus();
  };
  ++subject.run;
  return RunWorkers(static_cast<int>(subject.options.nodes) * subject.options.clients_per_node,
                    subject.options.time, body);
}

absl::StatusOr<std::vector<Figure>> RunContended(Subject& subject) {
  CTDB_ASSIGN_OR_RETURN(const RunResult result,
                        IncrementEverywhere(subject, kContendedDatabase, 1));
  CTDB_RETURN_IF_ERROR(
      VerifyCounters(subject, kContendedDatabase, 1, result.total, Collect::kByReading));
  const uint64_t least = *std::min_element(result.counts.begin(), result.counts.end());
  return std::vector<Figure>{
      {.what = "one record, clients of all nodes",
       .unit = Unit::kPerSecond,
       .value = result.rate()},
      {.what = "the slowest of these clients",
       .unit = Unit::kPerSecond,
       .value = static_cast<double>(least) / result.seconds},
      {.what = "longest wait", .unit = Unit::kMicroseconds, .value = result.Quantile(1)}};
}

absl::StatusOr<std::vector<Figure>> RunSpread(Subject& subject) {
  CTDB_ASSIGN_OR_RETURN(const RunResult result,
                        IncrementEverywhere(subject, kSpreadDatabase, kSpreadRecords));
  CTDB_RETURN_IF_ERROR(
      VerifyCounters(subject, kSpreadDatabase, kSpreadRecords, result.total, Collect::kByTraverse));
  return std::vector<Figure>{
      {.what = "10000 records at random", .unit = Unit::kPerSecond, .value = result.rate()},
      {.what = "median", .unit = Unit::kMicroseconds, .value = result.Quantile(0.5)},
      {.what = "99 of 100", .unit = Unit::kMicroseconds, .value = result.Quantile(0.99)}};
}

std::function<absl::Status(Subject&)> Prepare(const char* database, uint64_t records) {
  return [=](Subject& subject) { return PrepareCounters(subject, database, records); };
}

}  // namespace

std::vector<Workload> MovingWorkloads() {
  return {
      {.group = "migrate", .bar = 1, .prepare = Prepare(kMigrateDatabase, 1), .run = RunMigrate},
      {.group = "contended",
       .bar = 1,
       .prepare = Prepare(kContendedDatabase, 1),
       .run = RunContended},
      {.group = "spread",
       .bar = 1,
       .prepare = Prepare(kSpreadDatabase, kSpreadRecords),
       .run = RunSpread},
  };
}

}  // namespace ctdb::bench
