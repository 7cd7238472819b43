// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// wait: for scripts that must not go on before something is so.

#include <capnp/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/observe.h"
#include "cli/replies.capnp.h"
#include "cli/wait_condition.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

absl::StatusOr<int> Wait(Context& context) {
  const Invocation& invocation = context.invocation();
  CTDB_ASSIGN_OR_RETURN(const WaitCondition condition,
                        ParseWaitCondition(invocation.Own("for", "running")));
  const std::optional<absl::Duration> time = ParseSeconds(invocation.Own("timeout", "60"));
  if (!time.has_value()) return kExitBadNumber;
  const NodeNumber node = invocation.node.has_value() ? NodeNumber(*invocation.node) : kThisNode;
  const absl::Time start = absl::Now();
  WaitObservation observation = Observe(context.session(), node);
  while (!IsMet(condition, observation) && absl::Now() - start < *time) {
    Pause(context.session(), std::min(kPause, *time));
    observation = Observe(context.session(), node);
  }
  const bool met = IsMet(condition, observation);
  if (invocation.json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Waited>();
    result.setCondition(invocation.Own("for", "running").c_str());
    result.setMet(met);
    result.setSeconds(absl::ToDoubleSeconds(absl::Now() - start));
    result.setState(Describe(observation).c_str());
    context.PrintJson(result.asReader());
  }
  if (met) return kExitOk;
  context.Err(absl::StrFormat("Not %s within %s: %s\n", invocation.Own("for", "running"),
                              absl::FormatDuration(*time), Describe(observation)));
  return kExitNotInTime;
}

}  // namespace

std::vector<Command> WaitCommands() {
  return {
      {.name = "wait",
       .arguments = "",
       .summary = "wait until a node is in a state",
       .help =
           "Waits until the node is in the state and is silent then; after the timeout it says "
           "what it saw last and exits with 124. The states: \"running\": its run state is "
           "RUNNING. \"connected\": it has links to all other nodes. \"links=N\": to at least N "
           "of them. \"gone\": its daemon does not answer. \"leader\": it knows who leads the "
           "cluster. \"recovered\": the cluster is not in recovery as this node sees it. "
           "\"healthy\": status shows the node as OK. \"active=N\": exactly N nodes take part as "
           "members.",
       .options = {{"for", 0, "STATE",
                    "running (default), connected, gone, links=N, leader, recovered, healthy, or "
                    "active=N"},
                   {"timeout", 0, "SECONDS", "how long to wait (default 60)"}},
       .examples = {{"ctdb wait --for connected --timeout 30", ""},
                    {"ctdb wait --for active=3 --timeout 5",
                     "Not active=3 within 5s: running, linked to 1 of 2 other nodes, OK, leader "
                     "0, 2 active, settled"}},
       .endless = true,
       .handler = Wait},
  };
}

}  // namespace ctdb::cli
