// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdb-sim: runs many simulated clusters, each with its own seed and its own trouble, and reports
// what the checkers find. Exit code 0: nothing; 1: a violation; 2: wrong options.

#include <gflags/gflags.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "tests/sim/scenario.h"
#include "tests/sim/start_curve.h"

DEFINE_int32(nodes, 3, "nodes of each cluster");
DEFINE_string(seeds, "1..100", "which runs: \"FIRST..LAST\" or one number");
DEFINE_double(minutes, 2, "virtual minutes of trouble in each run");
DEFINE_string(faults, "all", "none, all, or some of the names with commas");
DEFINE_string(rule, "majority", "majority, lock or two-nodes");
DEFINE_bool(verbose, false, "one line for each run");
DEFINE_bool(curve, false, "starts clusters of different sizes without faults and counts messages");
DEFINE_double(limit, 10, "seconds after the last fault in which all must be well");
DEFINE_int32(trace, 60, "how many of the last lines to show after a violation");

namespace ctdb::sim {
namespace {

constexpr int kViolated = 1;
constexpr int kUsage = 2;

// gflags ends the program itself, with exit code 1, when an option is wrong.
bool is_parsed = false;
void CorrectExitCode() {
  if (!is_parsed) std::_Exit(kUsage);
}

absl::StatusOr<std::pair<uint64_t, uint64_t>> ParseSeeds(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, "..");
  uint64_t first = 0;
  uint64_t last = 0;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts.front(), &first) ||
      !absl::SimpleAtoi(parts.back(), &last) || last < first) {
    return absl::InvalidArgumentError(
        absl::StrCat("--seeds=", text, ": use \"FIRST..LAST\" or one number"));
  }
  return std::pair(first, last);
}

absl::StatusOr<ScenarioOptions> ParseOptions() {
  ScenarioOptions options;
  const absl::StatusOr<FaultSet> faults = ParseFaults(FLAGS_faults);
  if (!faults.ok()) return faults.status();
  const absl::StatusOr<Rule> rule = ParseRule(FLAGS_rule);
  if (!rule.ok()) return rule.status();
  options.nodes = FLAGS_nodes;
  options.duration = absl::Minutes(FLAGS_minutes);
  options.faults = *faults;
  options.rule = *rule;
  options.convergence_limit = absl::Seconds(FLAGS_limit);
  if (*rule == Rule::kTwoNodes && gflags::GetCommandLineFlagInfoOrDie("nodes").is_default) {
    options.nodes = 2;
  }
  if (options.nodes < 1 || options.nodes > 1000) {
    return absl::InvalidArgumentError(absl::StrCat("--nodes=", options.nodes, ": 1 to 1000"));
  }
  if (*rule == Rule::kTwoNodes && options.nodes != 2) {
    return absl::InvalidArgumentError("--rule=two-nodes: works with --nodes=2 only");
  }
  if (!(FLAGS_minutes > 0 && FLAGS_minutes <= 10000) || FLAGS_trace < 1) {
    return absl::InvalidArgumentError("--minutes: more than 0, at most 10000; --trace: 1 or more");
  }
  return options;
}

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

struct Totals {
  uint64_t runs = 0;
  uint64_t events = 0;
  uint64_t elections = 0;
  uint64_t epochs = 0;
  uint64_t hash = 0;
  double node_hours = 0;
  absl::Duration convergence;
  absl::Duration leaderless;
  uint64_t slowest_seed = 0;
  MessageCounts sent{};

  void Add(const ScenarioReport& report, const ScenarioOptions& options) {
    ++runs;
    events += report.events;
    elections += report.elections;
    epochs += report.epochs;
    hash = hash * 31 + report.hash;
    node_hours += absl::ToDoubleHours(report.virtual_time) * options.nodes;
    if (report.convergence > convergence) {
      convergence = report.convergence;
      slowest_seed = options.seed;
    }
    leaderless = std::max(leaderless, report.leaderless);
    for (size_t kind = 0; kind < kMessageKinds; ++kind) sent[kind] += report.sent[kind];
  }

  void Print(double wall_seconds) const {
    absl::PrintF("runs %d, virtual node-hours %.1f, events %d (%.2f million per second)\n", runs,
                 node_hours, events, events / wall_seconds / 1e6);
    absl::PrintF(
        "elections %d, epochs %d; after the faults: longest without a leader %.3f s, worst "
        "convergence %.3f s (seed %d)\n",
        elections, epochs, Seconds(leaderless), Seconds(convergence), slowest_seed);
    absl::PrintF("messages:");
    for (size_t kind = 0; kind < kMessageKinds; ++kind) {
      if (sent[kind] == 0) continue;
      absl::PrintF(" %s %d;", MessageKindName(static_cast<MessageKind>(kind)), sent[kind]);
    }
    absl::PrintF("\nhash of all runs %016x\n", hash);
  }
};

// The same run again, with its trace.
void ShowViolation(ScenarioOptions options, const ScenarioReport& report) {
  options.trace_lines = static_cast<size_t>(FLAGS_trace);
  const ScenarioReport again = RunScenario(options);
  absl::PrintF("VIOLATION %s\n", report.drawn);
  for (const std::string& line : again.trace) absl::PrintF("%s\n", line);
  absl::PrintF("at %.6f: %s\n", Trace::Seconds(report.violated_at), report.violation);
  absl::PrintF("run hash %016x; repeat it with:\n", report.hash);
  absl::PrintF("ctdb-sim --nodes %d --seeds %d --minutes %g --faults %s --rule %s", options.nodes,
               options.seed, FLAGS_minutes, FLAGS_faults, FLAGS_rule);
  if (!gflags::GetCommandLineFlagInfoOrDie("limit").is_default) {
    absl::PrintF(" --limit %g", FLAGS_limit);
  }
  absl::PrintF("\n");
}

int RunAll(ScenarioOptions options, uint64_t first, uint64_t last) {
  const auto begin = std::chrono::steady_clock::now();
  Totals totals;
  uint64_t violations = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    options.seed = seed;
    const ScenarioReport report = RunScenario(options);
    totals.Add(report, options);
    if (FLAGS_verbose) {
      absl::PrintF("%s, elections %d, convergence %.3f s, hash %016x\n", report.drawn,
                   report.elections, Seconds(report.convergence), report.hash);
    }
    if (!report.violation.empty()) {
      if (++violations == 1) ShowViolation(options, report);
      if (violations > 1) absl::PrintF("seed %d: %s\n", seed, report.violation);
    }
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  totals.Print(wall.count());
  if (violations > 0) absl::PrintF("%d of %d runs violate a rule\n", violations, totals.runs);
  return violations > 0 ? kViolated : 0;
}

int Main() {
  if (FLAGS_curve) return PrintStartCurve({3, 10, 30, 100, 200}) ? 0 : kViolated;
  const absl::StatusOr<ScenarioOptions> options = ParseOptions();
  const auto seeds = ParseSeeds(FLAGS_seeds);
  for (const absl::Status& status : {options.status(), seeds.status()}) {
    if (status.ok()) continue;
    absl::FPrintF(stderr, "ctdb-sim: %s\n", status.message());
    return kUsage;
  }
  return RunAll(*options, seeds->first, seeds->second);
}

}  // namespace
}  // namespace ctdb::sim

int main(int argc, char** argv) {
  std::atexit(ctdb::sim::CorrectExitCode);
  gflags::SetUsageMessage(
      "[--nodes N] [--seeds A..B] [--minutes M] [--faults LIST] [--rule RULE] [--curve]\n\n"
      "Runs simulated clusters, each with its own seed and trouble, under checkers.");
  gflags::ParseCommandLineNonHelpFlags(&argc, &argv, /*remove_flags=*/true);
  ctdb::sim::is_parsed = true;
  gflags::HandleCommandLineHelpFlags();
  if (argc > 1) {
    absl::FPrintF(stderr, "ctdb-sim: \"%s\" is not an option: see ctdb-sim --help\n", argv[1]);
    return ctdb::sim::kUsage;
  }
  return ctdb::sim::Main();
}
