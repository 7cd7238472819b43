// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transport_setup: the transport of a node from the node's configuration.
//
//   Ownership:  values.
//   Threading:  any thread.
//   Errors:     NotFound or InvalidArgument for the nodes list (with file and line), and when this
//               host has none of its addresses; what TransportLoop::Start() says, with an exit
//               code.
//   Blocking:   reads files, runs the `nodes list` command within its time limit.
//   Limits:     those of the nodes list.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const NodeIdentity identity, IdentifyNode(config, paths));
//   CTDB_ASSIGN_OR_RETURN(auto loop, StartTransport(config, paths, identity, logger));

#ifndef LIB_DAEMON_SERVICES_TRANSPORT_SETUP_H_
#define LIB_DAEMON_SERVICES_TRANSPORT_SETUP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/config/config.h"
#include "lib/config/paths.h"
#include "lib/logging/logger.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb::daemon {

// Which node this host is: the one with the configured address, or, when that is "", the first
// whose address `is_local`.
absl::StatusOr<NodeNumber> FindLocalNode(const std::vector<TransportNode>& nodes,
                                         const std::string& configured_address,
                                         const std::function<bool(const std::string&)>& is_local);

// What a thread does first that others wait for: it asks for real-time scheduling when the
// configuration wants that.
std::function<void()> UrgentThread(const config::Config& config, const logging::Logger& logger);

// Of all nodes: as the services database says, so that sites can choose another.
uint16_t NodePort();

// The nodes list as the transport wants it.
absl::StatusOr<std::vector<TransportNode>> LoadTransportNodes(const config::Config& config,
                                                              const config::Paths& paths);

// The nodes list, and which of them this host is. To be found out once: the list may be the output
// of a command.
struct NodeIdentity {
  std::vector<TransportNode> nodes;
  NodeNumber local;
};
absl::StatusOr<NodeIdentity> IdentifyNode(const config::Config& config, const config::Paths& paths);

// Without a thread it needs a host (lib/transport/io/hosted_transport.h).
absl::StatusOr<std::unique_ptr<TransportLoop>> StartTransport(const config::Config& config,
                                                              const config::Paths& paths,
                                                              const NodeIdentity& identity,
                                                              const logging::Logger& logger,
                                                              bool has_thread = true);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_TRANSPORT_SETUP_H_
