// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stats: what a node's daemons count right now.

#include <capnp/message.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/daemons.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/live.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

// By daemon: when it was asked, by its own clock, and what it had counted then.
struct Counts {
  double time = 0;
  std::map<std::string, uint64_t> values;
};
using Sample = std::map<std::string, Counts>;

struct Rate {
  std::string daemon;
  std::string counter;
  uint64_t value = 0;
  double per_second = 0;
};

absl::StatusOr<Sample> TakeSample(Context& context, NodeNumber node) {
  CTDB_ASSIGN_OR_RETURN(const auto daemons, Daemons(context, node));
  Sample sample;
  for (const ServiceId daemon : daemons) {
    CTDB_ASSIGN_OR_RETURN(const auto reply, GetStatistics(context, node, daemon));
    Counts& counts = sample[ServiceName(daemon)];
    counts.time = reply.getNow();
    for (const auto counter : reply.getCounters()) {
      counts.values[String(counter.getName())] = counter.getValue();
    }
  }
  return sample;
}

// Of the counters that changed. One that has become less was reset, or is a level.
std::vector<Rate> RatesBetween(const Sample& before, const Sample& after) {
  std::vector<Rate> rates;
  for (const auto& [daemon, counts] : after) {
    const auto old = before.find(daemon);
    if (old == before.end() || counts.time <= old->second.time) continue;
    for (const auto& [name, value] : counts.values) {
      const auto was = old->second.values.find(name);
      if (was == old->second.values.end() || was->second == value) continue;
      const double change = static_cast<double>(value) - static_cast<double>(was->second);
      rates.push_back({daemon, name, value, change / (counts.time - old->second.time)});
    }
  }
  return rates;
}

void PrintRates(Context& context, NodeNumber node, const std::vector<Rate>& rates) {
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Rates>();
    result.setNode(node.value());
    auto out = result.initCounters(static_cast<uint32_t>(rates.size()));
    for (uint32_t i = 0; i < out.size(); ++i) {
      out[i].setDaemon(rates[i].daemon.c_str());
      out[i].setName(rates[i].counter.c_str());
      out[i].setValue(rates[i].value);
      out[i].setPerSecond(rates[i].per_second);
    }
    context.Out(absl::StrCat(ToJsonLine(result.asReader()), "\n"));
    return;
  }
  Table table({{"Daemon", "Daemon"},
               {"Counter", "Counter"},
               {"Value", "Value", Align::kRight},
               {"Per second", "PerSecond", Align::kRight}});
  for (const Rate& rate : rates) {
    table.AddRow({rate.daemon, rate.counter, rate.value,
                  Cell(absl::StrFormat("%+.1f", rate.per_second),
                       absl::StrFormat("%.6f", rate.per_second))});
  }
  context.Print(table);
}

absl::StatusOr<int> Stats(Context& context) {
  uint64_t times = TimesToShow(context);
  if (!context.argument(0).empty()) {
    const std::optional<uint64_t> count = ParseNumber(context.argument(0));
    if (!count.has_value() || *count == 0) return kExitBadNumber;
    times = *count;
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(Sample before, TakeSample(context, node));
  if (times != 1) context.CatchInterrupt();
  if (!PauseLive(context, kInterval)) return kExitOk;
  return ShowLive(context, times, kInterval, [&]() -> absl::Status {
    CTDB_ASSIGN_OR_RETURN(Sample after, TakeSample(context, node));
    PrintRates(context, node, RatesBetween(before, after));
    before = std::move(after);
    return absl::OkStatus();
  });
}

}  // namespace

std::vector<Command> StatsCommands() {
  return {
      {.name = "stats",
       .arguments = "[COUNT]",
       .summary = "what a node's daemons count right now",
       .help = "Prints, once a second, those counters of the node's daemons that changed within "
               "that second, with their values and by how much per second; COUNT times, or until "
               "Ctrl-C. Where stdout is no terminal and there is no COUNT, once. \"statistics\" "
               "has all counters since they were reset. With --json each time is an object on a "
               "line of its own.",
       .examples = {{"ctdb stats 1",
                     "Daemon     Counter                   Value  Per second\n"
                     "database   database.client_requests   2113       +84.0\n"
                     "transport  router.packets_routed     18423      +252.0"}},
       .arguments_max = 1,
       .machine = true,
       .endless = true,
       .legacy = true,
       .handler = Stats},
  };
}

}  // namespace ctdb::cli
