// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// message send, message listen.

#include <capnp/message.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/json.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<ChannelId> ParseChannel(const std::string& text) {
  const std::optional<uint64_t> number = ParseNumber(text);
  if (number.has_value()) return ChannelId(*number);
  return absl::InvalidArgumentError(
      absl::StrCat("Invalid channel ", text, ": a number is needed, such as 0x2a"));
}

absl::StatusOr<int> Send(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, ParseNode(context.argument(0)));
  CTDB_ASSIGN_OR_RETURN(const ChannelId channel, ParseChannel(context.argument(1)));
  CTDB_RETURN_IF_ERROR(context.TargetNode().status());
  CTDB_ASSIGN_OR_RETURN(Connection * connection, context.session().Open());
  CTDB_RETURN_IF_ERROR(connection->SendMessage(node, channel, context.argument(2)));
  CTDB_RETURN_IF_ERROR(connection->Flush());
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.PrintJson(message.initRoot<reply::Nothing>().asReader());
  }
  return kExitOk;
}

void PrintMessage(Context& context, const Connection::Message& message) {
  const std::string source = ToString(message.source);
  const std::string text = Printable(message.payload);
  if (context.invocation().json) {
    capnp::MallocMessageBuilder builder;
    auto result = builder.initRoot<reply::Message>();
    result.setSource(source.c_str());
    result.setChannel(message.channel.value());
    result.setText(text.c_str());
    result.setBytes(message.payload.size());
    context.Out(absl::StrCat(ToJsonLine(result.asReader()), "\n"));
  } else {
    context.Out(absl::StrCat(source, " ", text, "\n"));
  }
}

absl::StatusOr<int> Listen(Context& context) {
  const Invocation& invocation = context.invocation();
  CTDB_ASSIGN_OR_RETURN(const ChannelId channel, ParseChannel(context.argument(0)));
  uint64_t wanted = std::numeric_limits<uint64_t>::max();
  if (invocation.has("count")) {
    const std::optional<uint64_t> count = ParseNumber(invocation.Own("count"));
    if (!count.has_value()) return kExitBadNumber;
    wanted = *count;
  }
  const std::optional<absl::Duration> time = ParseSeconds(invocation.Own("timeout", "1e8"));
  if (!time.has_value()) return kExitBadNumber;
  CTDB_RETURN_IF_ERROR(context.TargetNode().status());
  CTDB_ASSIGN_OR_RETURN(Connection * connection, context.session().Open());
  uint64_t received = 0;
  CTDB_RETURN_IF_ERROR(connection->Subscribe(channel, [&](const Connection::Message& message) {
    if (received == wanted) return;
    ++received;
    PrintMessage(context, message);
  }));
  // Whoever reads stderr knows that nothing sent from now on is missed.
  CTDB_RETURN_IF_ERROR(connection->Flush());
  if (invocation.verbose) {
    context.Err(absl::StrFormat("Listening on channel 0x%x\n", channel.value()));
  }
  const absl::Status ended = connection->Run(*time, [&] { return received == wanted; });
  if (absl::IsDeadlineExceeded(ended)) {
    context.Err(absl::StrCat("Received ", received, " messages within ",
                             absl::FormatDuration(*time), "\n"));
    return kExitNotInTime;
  }
  CTDB_RETURN_IF_ERROR(ended);
  return kExitOk;
}

}  // namespace

std::vector<Command> MessageCommands() {
  return {
      {.name = "message listen",
       .arguments = "CHANNEL",
       .summary = "print messages as they arrive",
       .help = "Listens on a message channel of the local node and prints the sender and the text "
               "of every message, one per line; with --json one object per line. With -v it says "
               "on stderr when it has begun to listen.",
       .options = {{"count", 'c', "N", "end after so many messages"},
                   {"timeout", 0, "SECONDS", "give up after this time, with exit code 124"}},
       .examples = {{"ctdb message listen 0x2a --count 1", "1/client:7 hello"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .endless = true,
       .handler = Listen},
      {.name = "message send",
       .arguments = "NODE CHANNEL TEXT",
       .summary = "send a text to a channel's listeners",
       .help = "Sends a text to everyone who listens on the channel on a node, or on a group of "
               "nodes: all, connected, this. Fails when the node cannot be reached; whether "
               "somebody listens is only known of a single node.",
       .examples = {{"ctdb message send 1 0x2a hello", ""},
                    {"ctdb message send all 42 \"lunch time\"", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 3,
       .arguments_max = 3,
       .handler = Send},
  };
}

}  // namespace ctdb::cli
