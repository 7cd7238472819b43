// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// links, endpoints: what the transport of a node knows.

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

double Now() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

absl::StatusOr<int> Links(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(
      auto reply, context.session().Call(context.session().transport(node).nodesRequest(),
                                         absl::StrCat("list the links of node ", node.value())));
  if (context.invocation().json) {
    context.PrintJson(reply);
  } else {
    context.Print(LinkTable(reply.getNodes(), Now()));
  }
  return kExitOk;
}

Table EndpointTable(capnp::List<wire::Endpoint>::Reader endpoints) {
  Table table({{"Address", "Address"},
               {"Software", "Software"},
               {"Pid", "Pid", Align::kRight},
               {"Uid", "Uid", Align::kRight},
               {"Sent", "PacketsSent", Align::kRight},
               {"Received", "PacketsReceived", Align::kRight},
               {"Queued", "BytesQueued", Align::kRight},
               {"Channels", "Channels", Align::kRight}});
  for (const auto endpoint : endpoints) {
    const Address address = {NodeNumber(endpoint.getAddress().getNode()),
                             static_cast<ServiceId>(endpoint.getAddress().getService()),
                             InstanceNumber(endpoint.getAddress().getInstance())};
    table.AddRow({ToString(address), String(endpoint.getSoftware()), uint64_t{endpoint.getPid()},
                  uint64_t{endpoint.getUid()}, endpoint.getPacketsSent(),
                  endpoint.getPacketsReceived(), endpoint.getQueuedBytes(),
                  uint64_t{endpoint.getChannels()}});
  }
  return table;
}

absl::StatusOr<int> Endpoints(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(auto reply, context.session().Call(
                                        context.session().transport(node).endpointsRequest(),
                                        absl::StrCat("list the endpoints of node ", node.value())));
  if (context.invocation().json) {
    context.PrintJson(reply);
  } else {
    context.Print(EndpointTable(reply.getEndpoints()));
  }
  return kExitOk;
}

}  // namespace

std::vector<Command> TransportCommands() {
  return {
      {.name = "endpoints",
       .arguments = "",
       .summary = "who is connected to a node's transport",
       .help = "Lists the daemons and clients that are connected to the transport of the node: "
               "address, program, process and user, packets each way, bytes that wait for it, and "
               "how many message channels it listens on.",
       .examples = {{"ctdb endpoints",
                     "Address        Software    Pid  Uid  Sent  Received  Queued  Channels\n"
                     "0/master:1     ctdb 0.1.0  4711   0    12        15       0         0\n"
                     "0/client:9     ctdb 0.1.0  4800   0     2         1       0         0"}},
       .machine = true,
       .watch = true,
       .handler = Endpoints},
      {.name = "links",
       .arguments = "",
       .summary = "links from a node to the others",
       .help = "Lists the nodes as the transport of the node sees them: state and age of the link, "
               "bytes each way, bytes that wait to be sent, the software there, and why the link "
               "was lost or refused last.",
       .examples = {{"ctdb links",
                     "Node  Address   State      Since     Sent  Received  Queued  Software    "
                     "Last error\n"
                     "   0  10.7.0.1  this node      -      0 B       0 B     0 B\n"
                     "   1  10.7.0.2  connected  3m 5s  1.2 KiB   1.1 KiB     0 B  ctdb 0.1.0"}},
       .machine = true,
       .watch = true,
       .handler = Links},
  };
}

}  // namespace ctdb::cli
