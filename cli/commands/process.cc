// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process-exists.

#include <capnp/message.h>

#include <limits>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"
#include "lib/client/client.h"

namespace ctdb::cli {
namespace {

int BadNumber(Context& context, absl::string_view what, const std::string& argument) {
  context.Err(absl::StrCat("Invalid ", what, " ", Printable(argument), "\n"));
  return kExitBadNumber;
}

absl::StatusOr<int> ProcessExists(Context& context) {
  const Invocation& invocation = context.invocation();
  const std::optional<uint64_t> pid = ParseNumber(context.argument(0));
  if (!pid || *pid == 0 || *pid > std::numeric_limits<int32_t>::max()) {
    return BadNumber(context, "process id", context.argument(0));
  }
  std::optional<ChannelId> channel;
  if (invocation.arguments.size() > 1) {
    const std::optional<uint64_t> number = ParseNumber(context.argument(1));
    if (!number) return BadNumber(context, "SRVID", context.argument(1));
    channel = ChannelId(*number);
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = invocation.socket,
                                                   .software = "ctdb",
                                                   .timeout = invocation.time_limit}));
  CTDB_ASSIGN_OR_RETURN(const bool exists,
                        client->session().ProcessExists(node, static_cast<uint32_t>(*pid), channel,
                                                        invocation.time_limit));
  if (invocation.json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::ProcessExists>();
    result.setNode(node.value());
    result.setPid(static_cast<uint32_t>(*pid));
    result.setExists(exists);
    context.PrintJson(result.asReader());
  } else {
    const std::string with =
        channel ? absl::StrCat(" with SRVID 0x", absl::Hex(channel->value())) : "";
    context.Out(absl::StrCat("PID ", *pid, with, exists ? " exists\n" : " does not exist\n"));
  }
  return exists ? kExitOk : kExitFailed;
}

}  // namespace

std::vector<Command> ProcessCommands() {
  return {
      {.name = "process-exists",
       .arguments = "PID [SRVID]",
       .summary = "whether a process is a client of the node",
       .help = "Says whether a process is a client of the node of -n, or of the local one: it "
               "lives and is connected to the node's transport. Any other process does not exist. "
               "With SRVID, a message channel, only a client that listens on it exists. Exit code "
               "0: it exists; 1: it does not.",
       .examples = {{"ctdb process-exists 4711 -n 1", "PID 4711 exists"},
                    {"ctdb process-exists 4711 0x1f", "PID 4711 with SRVID 0x1f does not exist"}},
       .arguments_min = 1,
       .arguments_max = 2,
       .legacy = true,
       .handler = ProcessExists},
  };
}

}  // namespace ctdb::cli
