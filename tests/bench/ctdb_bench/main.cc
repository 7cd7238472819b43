// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdb-bench: what clients do, measured on a cluster of ours and on one of Debian's ctdb in turn,
// round after round, so that what else the machine does hits both. Both run on this machine, with
// their files in the same file system. Every workload checks its result and fails when it is wrong.
//
//   ctdb-bench [all | hops | local | local-read | readonly | migrate | contended | spread |
//               message | attach | traverse | commit | crash | rejoin]...

#include <gflags/gflags.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/interrupt.h"
#include "tests/bench/ctdb_bench/native_cluster.h"
#include "tests/bench/ctdb_bench/peer_cluster.h"
#include "tests/bench/ctdb_bench/raw_commit.h"
#include "tests/bench/ctdb_bench/raw_hops.h"
#include "tests/bench/ctdb_bench/report.h"
#include "tests/bench/ctdb_bench/workload.h"

DEFINE_int32(nodes, 3, "nodes of each cluster");
DEFINE_int32(clients, 2, "clients of each node where all nodes take part");
DEFINE_double(seconds, 2, "how long each measurement takes");
DEFINE_int32(rounds, 3, "measurements of each workload and cluster");
DEFINE_uint64(records_min, 0, "leave out local and crashing databases with fewer records");
DEFINE_uint64(records_max, 1'000'000, "leave out local and crashing databases with more records");
DEFINE_string(only, "", "\"native\" or \"peer\": measure ours or ctdb alone");
DEFINE_string(ctdb, "ctdb", "our command");
DEFINE_string(ctdbd, "ctdbd", "our daemon");
DEFINE_int32(memory_mib, 0, "memory of each volatile database of ours; 0: ctdbd decides");
DEFINE_bool(peer_realtime, true, "give ctdbd real-time priority, which it has in operation");
DEFINE_string(directory, "/dev/shm", "where the clusters keep their files");

namespace ctdb::bench {
namespace {

constexpr char kHops[] = "hops";

std::vector<Workload> AllWorkloads(const Options& options) {
  std::vector<Workload> all = RecordWorkloads(options);
  for (auto& more : {MovingWorkloads(), MessageWorkloads(), DatabaseWorkloads(), CommitWorkloads(),
                     CrashWorkloads(options), RejoinWorkloads(options)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

struct Plan {
  bool has_hops = false;
  std::vector<Workload> workloads;
};

absl::StatusOr<Plan> Choose(const std::set<std::string>& names, const Options& options) {
  const bool is_all = names.empty() || names.count("all") > 0;
  std::set<std::string> known = {"all", kHops};
  Plan plan = {.has_hops = is_all || names.count(kHops) > 0, .workloads = {}};
  for (Workload& workload : AllWorkloads(options)) {
    known.insert(workload.group);
    if (is_all || names.count(workload.group) > 0) plan.workloads.push_back(std::move(workload));
  }
  for (const std::string& name : names) {
    if (known.count(name) > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("no workload \"", name, "\"; there are ", absl::StrJoin(known, ", ")));
  }
  return plan;
}

// A side of the comparison that takes part.
struct Side {
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Subject> subject;
  std::vector<double> Row::*column;
};

absl::StatusOr<std::vector<Side>> StartSides(const Options& options) {
  if (!FLAGS_only.empty() && FLAGS_only != "peer" && FLAGS_only != "native") {
    return absl::InvalidArgumentError("--only takes \"native\" or \"peer\"");
  }
  std::vector<Side> sides;
  if (FLAGS_only != "peer") {
    sides.push_back(
        {MakeNativeCluster(FLAGS_directory, {FLAGS_ctdb, FLAGS_ctdbd, FLAGS_memory_mib}), nullptr,
         &Row::ours});
  }
  if (FLAGS_only != "native") {
    sides.push_back(
        {MakePeerCluster({.directory = FLAGS_directory, .realtime = FLAGS_peer_realtime}), nullptr,
         &Row::theirs});
  }
  for (Side& side : sides) {
    const absl::Status status = side.cluster->Start(options.nodes);
    if (!status.ok()) {
      return absl::Status(
          status.code(),
          absl::StrCat("cannot start a cluster of ", side.cluster->name(), ": ", status.message()));
    }
    side.subject.reset(new Subject{.cluster = *side.cluster, .options = options});
  }
  return sides;
}

std::string Load() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? absl::StrFormat("%.1f", load) : "unknown";
}

void PrintConditions(const std::vector<Side>& sides) {
  std::vector<std::string> names;
  for (const Side& side : sides) names.push_back(side.cluster->name());
  std::printf(
      "%s: %d nodes, %d clients of each, %d rounds of %g s, files in %s, %ld processors, "
      "load %s\n\n%s",
      absl::StrJoin(names, " and ").c_str(), FLAGS_nodes, FLAGS_clients, FLAGS_rounds,
      FLAGS_seconds, FLAGS_directory.c_str(), ::sysconf(_SC_NPROCESSORS_ONLN), Load().c_str(),
      TableHead().c_str());
}

absl::StatusOr<double> MeasureHops(const Options& options) {
  std::vector<double> micros;
  for (int round = 0; round < FLAGS_rounds; ++round) {
    CTDB_ASSIGN_OR_RETURN(const double median, MeasureRawHops(options.time));
    micros.push_back(median);
  }
  const auto [low, high] = std::minmax_element(micros.begin(), micros.end());
  std::printf(
      "%-11s %d raw socket hops between processes, as many as a migration needs: "
      "median %.1f us [%.1f..%.1f]\n",
      kHops, kMigrationHops, Median(micros), *low, *high);
  return Median(micros);
}

// Rows are filled round by round; those of one workload come in the same order each time.
absl::Status RunOnce(const Workload& workload, Side& side, std::vector<Row>& rows) {
  const auto figures = workload.run(*side.subject);
  if (!figures.ok()) {
    return absl::Status(figures.status().code(),
                        absl::StrCat(workload.group, " on ", side.cluster->name(), ": ",
                                     figures.status().message()));
  }
  for (size_t i = 0; i < figures->size(); ++i) {
    const Figure& figure = (*figures)[i];
    if (rows.size() == i) {
      rows.push_back({.group = workload.group,
                      .what = figure.what,
                      .unit = figure.unit,
                      .bar = workload.bar,
                      .ours = {},
                      .theirs = {}});
    }
    (rows[i].*side.column).push_back(figure.value);
  }
  return absl::OkStatus();
}

absl::Status Compare(const Workload& workload, std::vector<Side>& sides,
                     std::optional<double> hops_micros) {
  std::vector<Row> rows;
  std::vector<double> raw_micros, sync_micros, trip_micros;
  for (Side& side : sides) CTDB_RETURN_IF_ERROR(workload.prepare(*side.subject));
  for (int round = 0; round < FLAGS_rounds; ++round) {
    if (workload.group == "commit") {
      CTDB_ASSIGN_OR_RETURN(const RawCommit raw,
                            MeasureRawCommit(FLAGS_directory, static_cast<uint32_t>(FLAGS_nodes),
                                             absl::Seconds(FLAGS_seconds) / 4));
      raw_micros.push_back(raw.sum());
      sync_micros.push_back(raw.sync_micros);
      trip_micros.push_back(raw.round_trip_micros);
    }
    for (Side& side : sides) CTDB_RETURN_IF_ERROR(RunOnce(workload, side, rows));
    std::reverse(sides.begin(), sides.end());
  }
  for (const Row& row : rows) std::printf("%s", TableLine(row).c_str());
  if (workload.group == "migrate" && hops_micros.has_value()) {
    for (const Side& side : sides) {
      std::printf("%-11s a hop of %s takes %.2f times the raw socket hops\n", "",
                  side.cluster->name().c_str(), Median(rows[1].*side.column) / *hops_micros);
    }
  }
  if (!raw_micros.empty()) {
    for (const Side& side : sides) {
      std::printf(
          "%-11s a commit of %s takes %.2f times the slowest of %d syncs at once (%.0f us) "
          "and a round trip (%.0f us)\n",
          "", side.cluster->name().c_str(), Median(rows[1].*side.column) / Median(raw_micros),
          FLAGS_nodes, Median(sync_micros), Median(trip_micros));
    }
  }
  std::fflush(stdout);
  return absl::OkStatus();
}

absl::Status Main(const std::set<std::string>& names) {
  if (FLAGS_nodes < 1 || FLAGS_clients < 1 || FLAGS_rounds < 1 || !(FLAGS_seconds > 0)) {
    return absl::InvalidArgumentError("--nodes, --clients, --rounds, --seconds must be positive");
  }
  const Options options = {.nodes = static_cast<uint32_t>(FLAGS_nodes),
                           .clients_per_node = FLAGS_clients,
                           .time = absl::Seconds(FLAGS_seconds),
                           .records_min = FLAGS_records_min,
                           .records_max = FLAGS_records_max};
  CTDB_ASSIGN_OR_RETURN(const Plan plan, Choose(names, options));
  CatchInterrupts();
  std::vector<Side> sides;
  if (!plan.workloads.empty()) {
    CTDB_ASSIGN_OR_RETURN(sides, StartSides(options));
    PrintConditions(sides);
  }
  std::optional<double> hops_micros;
  if (plan.has_hops) {
    CTDB_ASSIGN_OR_RETURN(hops_micros, MeasureHops(options));
  }
  for (const Workload& workload : plan.workloads) {
    CTDB_RETURN_IF_ERROR(Compare(workload, sides, hops_micros));
  }
  std::printf("\nload at the end: %s\n", Load().c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace ctdb::bench

int main(int argc, char** argv) {
  gflags::SetUsageMessage(
      "[all | hops | local | local-read | readonly | migrate | contended | spread | message | "
      "attach | traverse | commit | crash | rejoin]...");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  const absl::Status status = ctdb::bench::Main(std::set<std::string>(argv + 1, argv + argc));
  if (!status.ok()) std::fprintf(stderr, "ctdb-bench: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
