// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/transport_setup.h"

#include <netdb.h>
#include <netinet/in.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/quick_wakeups.h"
#include "lib/base/io/realtime.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_macros.h"
#include "lib/base/version.h"
#include "lib/config/io/load.h"
#include "lib/daemon/exit_code.h"
#include "lib/transport/io/socket.h"

namespace ctdb::daemon {
namespace {

constexpr uint16_t kDefaultPort = 4379;

// What the transport calls when it begins or ends to be busy.
std::function<void(bool is_busy)> WakefulProcessors(const config::Config& config,
                                                    const logging::Logger& logger) {
  if (!config.GetBoolean("daemon", "keep processors awake")) return {};
  auto opened = QuickWakeups::Open();
  if (!opened.ok()) {
    logger.Info("quick_wakeups", opened.status().message());
    return {};
  }
  return [logger, wakeups = std::make_shared<QuickWakeups>(*std::move(opened))](bool is_busy) {
    const absl::Status status = is_busy ? wakeups->Ask() : wakeups->Withdraw();
    if (!status.ok()) logger.Info("quick_wakeups", status.message());
  };
}

}  // namespace

absl::StatusOr<NodeNumber> FindLocalNode(const std::vector<TransportNode>& nodes,
                                         const std::string& configured_address,
                                         const std::function<bool(const std::string&)>& is_local) {
  for (const TransportNode& node : nodes) {
    if (node.is_deleted) continue;
    if (configured_address.empty() ? is_local(node.address) : node.address == configured_address) {
      return node.number;
    }
  }
  if (!configured_address.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "[cluster] -> node address = ", configured_address, " is not in the nodes list"));
  }
  return WithExitCode(
      absl::NotFoundError("this host has none of the addresses in the nodes list: add one to an "
                          "interface, or correct the list"),
      ExitCode::kAddressMissing);
}

uint16_t NodePort() {
  servent entry;
  servent* found = nullptr;
  char buffer[4096];
  if (::getservbyname_r("ctdb", "tcp", &entry, buffer, sizeof(buffer), &found) != 0 ||
      found == nullptr) {
    return kDefaultPort;
  }
  return ntohs(static_cast<uint16_t>(found->s_port));
}

std::function<void()> UrgentThread(const config::Config& config, const logging::Logger& logger) {
  if (!config.GetBoolean("legacy", "realtime scheduling")) return {};
  return [logger] {
    const absl::Status status = UseRealtimeScheduling();
    if (!status.ok()) logger.Info("realtime", status.message());
  };
}

absl::StatusOr<std::vector<TransportNode>> LoadTransportNodes(const config::Config& config,
                                                              const config::Paths& paths) {
  CTDB_ASSIGN_OR_RETURN(const std::vector<config::NodeEntry> entries,
                        config::LoadNodes(config, paths));
  std::vector<TransportNode> nodes;
  for (const config::NodeEntry& entry : entries) {
    nodes.push_back({entry.number, entry.address.ToString(), entry.is_deleted});
  }
  return nodes;
}

absl::StatusOr<NodeIdentity> IdentifyNode(const config::Config& config,
                                          const config::Paths& paths) {
  NodeIdentity identity;
  CTDB_ASSIGN_OR_RETURN(identity.nodes, LoadTransportNodes(config, paths));
  // An address is this host's when a socket can be bound to it; which port does not matter.
  CTDB_ASSIGN_OR_RETURN(
      identity.local,
      FindLocalNode(identity.nodes, config.GetString("cluster", "node address"),
                    [](const std::string& address) { return ListenTcp(address, 0).ok(); }));
  return identity;
}

absl::StatusOr<std::unique_ptr<TransportLoop>> StartTransport(const config::Config& config,
                                                              const config::Paths& paths,
                                                              const NodeIdentity& identity,
                                                              const logging::Logger& logger,
                                                              bool has_thread) {
  TransportLoop::Options options;
  options.nodes = identity.nodes;
  options.local = identity.local;
  options.port = NodePort();
  options.socket_path = paths.TransportSocket();
  CTDB_RETURN_IF_ERROR(WithExitCode(MakeDirectories(paths.socketdir()), ExitCode::kClientSocket));
  options.software = absl::StrCat("transportd ", kSoftwareVersion);
  options.seed = SystemRandom();
  options.at_start = UrgentThread(config, logger);
  options.on_busy = WakefulProcessors(config, logger);
  options.has_thread = has_thread;
  auto loop = TransportLoop::Start(options, logger);
  if (loop.ok()) {
    logger.Notice("node_number", absl::StrCat("PNN is ", options.local.value()),
                  {{"node", options.local}});
    return loop;
  }
  const bool is_socket = loop.status().GetPayload(kEndpointSocketPayload).has_value();
  if (is_socket) return WithExitCode(loop.status(), ExitCode::kClientSocket);
  return loop.status();
}

}  // namespace ctdb::daemon
