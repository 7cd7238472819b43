// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// daemons: what every daemon of a node can be asked, for more than one file of commands.
//
//   Ownership:  borrow the context.
//   Threading:  belong to the context's thread.
//   Errors:     those of the session.
//   Blocking:   each request at most the session's time limit.
//   Limits:     none.

#ifndef CLI_COMMANDS_DAEMONS_H_
#define CLI_COMMANDS_DAEMONS_H_

#include <set>

#include "absl/status/statusor.h"
#include "cli/context.h"

namespace ctdb::cli {

using StatisticsReply = capnp::Response<wire::DaemonControl::StatisticsResults>;

// The services of a node that have the controls common to all daemons.
absl::StatusOr<std::set<ServiceId>> Daemons(Context& context, NodeNumber node);

absl::StatusOr<StatisticsReply> GetStatistics(Context& context, NodeNumber node, ServiceId daemon);

// The session must be open.
wire::DaemonControl::Client Control(Context& context, NodeNumber node, ServiceId service);

// What a command prints that only does something.
void PrintNothing(Context& context);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_DAEMONS_H_
