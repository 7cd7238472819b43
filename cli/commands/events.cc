// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// events: what happened in the cluster, and what happens.

#include <capnp/message.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/history.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

// How often it is checked that the cluster service is still there.
constexpr absl::Duration kCheckInterval = absl::Seconds(1);

// Prints what it is told. The context lives as long as the program, the listener at most as long
// as the connection.
class Printer final : public wire::ChangeListener::Server {
 public:
  Printer(Context& context, std::shared_ptr<uint64_t> calls)
      : context_(context), calls_(std::move(calls)) {}

  kj::Promise<void> changed(ChangedContext call) override {
    ++*calls_;
    const uint64_t missed = call.getParams().getMissed();
    if (missed > 0) Missed(missed);
    for (const auto change : call.getParams().getChanges()) {
      context_.Out(context_.invocation().json ? absl::StrCat(ToJsonLine(change), "\n")
                                              : ChangeLine(change, context_.invocation().verbose,
                                                           context_.environment().zone));
    }
    return kj::READY_NOW;
  }

 private:
  void Missed(uint64_t missed) {
    if (!context_.invocation().json) return context_.Out(MissedLine(missed));
    capnp::MallocMessageBuilder message;
    auto gap = message.initRoot<reply::MissedChanges>();
    gap.setMissed(missed);
    context_.Out(absl::StrCat(ToJsonLine(gap.asReader()), "\n"));
  }

  Context& context_;
  const std::shared_ptr<uint64_t> calls_;  // So many were there.
};

absl::Status Ping(Context& context, NodeNumber node) {
  Session& session = context.session();
  return session
      .Call(session.cluster(node).pingRequest(),
            absl::StrCat("follow the cluster service of node ", node.value()))
      .status();
}

// What is on record comes in parts, each after the answer to the one before. A part that is on its
// way arrives before the answers to two later questions, so when none came, that was all.
absl::Status ReadRecord(Context& context, NodeNumber node, const uint64_t& calls) {
  uint64_t seen = 0;
  do {
    seen = calls;
    CTDB_RETURN_IF_ERROR(Ping(context, node));
    CTDB_RETURN_IF_ERROR(Ping(context, node));
  } while (seen != calls);
  return absl::OkStatus();
}

absl::Status Follow(Context& context, NodeNumber node) {
  while (true) {
    CTDB_ASSIGN_OR_RETURN(Connection * connection, context.session().Open());
    const absl::Status ended = connection->Run(kCheckInterval, [] { return false; });
    if (!absl::IsDeadlineExceeded(ended)) return ended;
    CTDB_RETURN_IF_ERROR(Ping(context, node));
  }
}

absl::StatusOr<int> Events(Context& context) {
  const Invocation& invocation = context.invocation();
  const std::optional<uint64_t> after = ParseNumber(invocation.Own("after", "0"));
  if (!after.has_value()) return kExitBadNumber;
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  const auto calls = std::make_shared<uint64_t>(0);
  auto request = context.session().cluster(node).subscribeRequest();
  request.setListener(kj::heap<Printer>(context, calls));
  request.setAfter(*after);
  CTDB_ASSIGN_OR_RETURN(
      const auto reply,
      context.session().Call(kj::mv(request), absl::StrCat("subscribe to the changes that node ",
                                                           node.value(), " sees")));
  CTDB_RETURN_IF_ERROR(ReadRecord(context, node, *calls));
  if (invocation.has("follow")) CTDB_RETURN_IF_ERROR(Follow(context, node));
  return kExitOk;
}

}  // namespace

std::vector<Command> EventsCommands() {
  return {
      {.name = "events",
       .arguments = "",
       .summary = "what happened in the cluster",
       .help = "Prints the changes of the cluster that the node has on record, the oldest first, "
               "one per line: connections, flags, leaders, generations, and what was ordered by "
               "whom. With --follow it goes on with new ones as they happen, until it is "
               "interrupted or the node is lost. With -v each has its number, and that of the "
               "change that led to it. A line of dots stands where changes are missing because "
               "they are too old. With --json one object per line.",
       .options = {{"follow", 'f', "", "go on with new changes"},
                   {"after", 'a', "N", "only what came after change number N"}},
       .examples = {{"ctdb events --follow",
                     "Tue Nov 24 10:00:01 2026  Node 1 is DISCONNECTED: the link was lost"},
                    {"ctdb events -v --after 41",
                     "    42  Tue Nov 24 10:00:01 2026  Node 2 leads (because of 40)"}},
       .endless = true,
       .handler = Events},
  };
}

}  // namespace ctdb::cli
