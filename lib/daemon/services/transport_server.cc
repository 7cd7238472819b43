// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/transport_server.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/io/worker.h"
#include "lib/daemon/services/transport_setup.h"

namespace ctdb::daemon {

kj::Promise<void> TransportServer::nodes(NodesContext context) {
  const std::vector<NodeStatus> nodes = loop_.Nodes();
  auto list = context.getResults().initNodes(static_cast<uint32_t>(nodes.size()));
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    const NodeStatus& node = nodes[i];
    list[i].setNumber(node.node.number.value());
    list[i].setAddress(node.node.address.c_str());
    list[i].setDeleted(node.node.is_deleted);
    list[i].setLocal(node.is_local);
    list[i].setConnected(node.is_connected);
    list[i].setState(node.state.c_str());
    list[i].setLastError(node.last_error.c_str());
    list[i].setConnectedSince(absl::ToDoubleSeconds(node.connected_since - absl::UnixEpoch()));
    list[i].setPacketsSent(node.traffic.packets_sent);
    list[i].setPacketsReceived(node.traffic.packets_received);
    list[i].setBytesSent(node.traffic.bytes_sent);
    list[i].setBytesReceived(node.traffic.bytes_received);
    list[i].setQueuedBytes(node.queued_bytes);
    list[i].setSoftware(node.software.c_str());
  }
  return kj::READY_NOW;
}

kj::Promise<void> TransportServer::endpoints(EndpointsContext context) {
  const std::vector<EndpointStatus> endpoints = loop_.Endpoints();
  auto list = context.getResults().initEndpoints(static_cast<uint32_t>(endpoints.size()));
  for (uint32_t i = 0; i < endpoints.size(); ++i) {
    const EndpointStatus& endpoint = endpoints[i];
    auto address = list[i].initAddress();
    address.setNode(endpoint.address.node.value());
    address.setService(static_cast<uint16_t>(endpoint.address.service));
    address.setInstance(endpoint.address.instance.value());
    list[i].setSoftware(endpoint.software.c_str());
    list[i].setPid(endpoint.pid);
    list[i].setUid(endpoint.uid);
    list[i].setPacketsSent(endpoint.traffic.packets_sent);
    list[i].setPacketsReceived(endpoint.traffic.packets_received);
    list[i].setQueuedBytes(endpoint.queued_bytes);
    list[i].setChannels(endpoint.channel_count);
  }
  return kj::READY_NOW;
}

std::vector<CounterLine> TransportServer::Counters() {
  const TransportCounters counters = loop_.Counters();
  return {
      {"router.packets_routed", counters.packets_routed, "packets handed to a receiver"},
      {"router.packets_undeliverable", counters.packets_undeliverable,
       "packets without a receiver, reported to their senders"},
      {"connections.accepted", counters.connections_accepted, "local clients and nodes let in"},
      {"connections.refused", counters.connections_refused,
       "strangers, other versions, second daemons: the log says who and why"},
      {"connections.broken", counters.connections_broken,
       "ended because the other side sent what it must not: the log says what"},
      {"connections.slow_receivers", counters.slow_receivers,
       "ended because the other side did not read"},
      {"links.losses", counters.link_losses, "links to other nodes that were lost"},
      {"io.reads", counters.reads, "system calls that read"},
      {"io.writes", counters.writes, "system calls that wrote"},
  };
}

namespace {

// The list may come from a command, which must not hold up the program's event loop.
void ReloadNodes(Program& program, TransportLoop& loop, Worker& worker,
                 const std::function<void(const std::vector<TransportNode>&)>& on_nodes) {
  worker
      .Run([config = program.config(), paths = program.paths()] {
        return LoadTransportNodes(config, paths);
      })
      .then([logger = program.logger(), &loop, on_nodes](auto nodes) {
        absl::Status status = nodes.status();
        if (status.ok()) status = loop.SetNodes(*nodes);
        if (!status.ok()) {
          logger.Error("reload_failed",
                       absl::StrCat("Kept the old nodes list: ", status.message()));
        } else if (on_nodes) {
          on_nodes(*nodes);
        }
      })
      .detach([](kj::Exception&&) {});
}

}  // namespace

absl::Status AddTransportDaemon(Program& program, TransportLoop& loop,
                                std::function<void(const std::vector<TransportNode>&)> on_nodes) {
  auto worker = std::make_shared<Worker>();
  program.AddReloadStep([&program, &loop, worker, on_nodes = std::move(on_nodes)] {
    ReloadNodes(program, loop, *worker, on_nodes);
  });
  program.WatchLoop("transport", [&loop] { return loop.turns(); });
  return program.AddDaemon({.name = "transportd",
                            .service = ServiceId::kTransport,
                            .connect = [&loop] { return loop.ConnectInProcess(); },
                            .make = [&loop](DaemonContext& context) -> capnp::Capability::Client {
                              return kj::heap<TransportServer>(context, loop);
                            }});
}

}  // namespace ctdb::daemon
