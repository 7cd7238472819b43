// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/daemons.h"

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {

absl::StatusOr<std::set<ServiceId>> Daemons(Context& context, NodeNumber node) {
  Session& session = context.session();
  CTDB_RETURN_IF_ERROR(session.Open().status());
  CTDB_ASSIGN_OR_RETURN(auto reply,
                        session.Call(session.transport(node).endpointsRequest(),
                                     absl::StrCat("list the daemons of node ", node.value())));
  std::set<ServiceId> daemons = {ServiceId::kTransport, ServiceId::kMaster};
  for (const auto endpoint : reply.getEndpoints()) {
    const auto service = static_cast<ServiceId>(endpoint.getAddress().getService());
    // Services of other makers need not have them.
    if (service > ServiceId::kRouter && service < ServiceId::kClient) daemons.insert(service);
  }
  return daemons;
}

absl::StatusOr<StatisticsReply> GetStatistics(Context& context, NodeNumber node, ServiceId daemon) {
  return context.session().Call(Control(context, node, daemon).statisticsRequest(),
                                absl::StrCat("get the statistics of ", ServiceName(daemon)));
}

wire::DaemonControl::Client Control(Context& context, NodeNumber node, ServiceId service) {
  absl::StatusOr<Connection*> connection = context.session().Open();
  return (*connection)->Service<wire::DaemonControl>(node, service);
}

void PrintNothing(Context& context) {
  if (!context.invocation().json) return;
  capnp::MallocMessageBuilder message;
  context.PrintJson(message.initRoot<reply::Nothing>().asReader());
}

}  // namespace ctdb::cli
