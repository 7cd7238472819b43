// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// recovery status: which databases are not settled after a change of the cluster, and how far they
// are.

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "cli/commands/groups.h"
#include "cli/commands/nodes_to_ask.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/recovery.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

using ProgressReply = capnp::Response<wire::DatabaseService::RecoveryResults>;

void PrintJson(Context& context, const std::vector<RecoveringDatabase>& databases) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::RecoveryStatus>();
  auto out = result.initDatabases(static_cast<uint32_t>(databases.size()));
  for (uint32_t i = 0; i < out.size(); ++i) {
    out[i].setNode(databases[i].first.value());
    out[i].setProgress(databases[i].second);
  }
  context.PrintJson(result.asReader());
}

void Print(Context& context, const std::vector<RecoveringDatabase>& databases) {
  if (context.invocation().json) return PrintJson(context, databases);
  if (databases.empty() && !context.invocation().machine) {
    return context.Out("All databases are settled\n");
  }
  context.Print(RecoveryTable(databases));
}

absl::StatusOr<int> RecoveryStatus(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const auto nodes, NodesToAsk(context));
  Session& session = context.session();
  std::vector<std::pair<NodeNumber, ProgressReply>> replies;
  absl::Status status;
  for (const NodeNumber node : nodes) {
    auto reply = session.Call(session.database(node).recoveryRequest(),
                              absl::StrCat("ask node ", node.value(), " how far it is"));
    if (reply.ok()) {
      replies.emplace_back(node, kj::mv(*reply));
    } else {
      status.Update(reply.status());
    }
  }
  std::vector<RecoveringDatabase> databases;
  for (const auto& [node, reply] : replies) {
    for (const auto progress : reply.getDatabases()) databases.emplace_back(node, progress);
  }
  Print(context, databases);
  if (!status.ok()) return status;
  return kExitOk;
}

}  // namespace

std::vector<Command> RecoveryStatusCommands() {
  return {
      {.name = "recovery status",
       .arguments = "",
       .summary = "databases not settled, and how far they are",
       .help = "After a node came or went, the nodes find out who has which records. Meanwhile "
               "records that a node owned before stay usable there. Lists, for all connected nodes "
               "or that of -n, the databases that are not done: how many copies the node was told "
               "of as a home, how much of what the others have was read, at what rate, how long it "
               "takes if it goes on so, and which nodes have not told everything. Of a database "
               "with a full copy on each node, what the node's copy is doing.",
       .examples = {{"ctdb recovery status", "All databases are settled"},
                    {"ctdb recovery status",
                     "Node  Database     Copies  Read      Rate  To go  Waits for\n"
                     "   1  locking.tdb   61200   61%  300000/s     1s  nodes 0,2"}},
       .machine = true,
       .watch = true,
       .handler = RecoveryStatus},
  };
}

}  // namespace ctdb::cli
