// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transport_server: the transport's control interface (capnp/transport.capnp) and the daemon that
// offers it.
//
//   Ownership:  the loop must outlive the daemon.
//   Threading:  belongs to the event loop's thread.
//   Errors:     none of its own.
//   Blocking:   for a turn of the transport's loop.
//   Limits:     none of its own.
//
// Example:
//   CTDB_RETURN_IF_ERROR(AddTransportDaemon(program, *loop));

#ifndef LIB_DAEMON_SERVICES_TRANSPORT_SERVER_H_
#define LIB_DAEMON_SERVICES_TRANSPORT_SERVER_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "capnp/transport.capnp.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/daemon/io/program.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb::daemon {

class TransportServer final : public virtual wire::Transport::Server, public ControlServer {
 public:
  TransportServer(DaemonContext& context, TransportLoop& loop)
      : ControlServer(context), loop_(loop) {}

  kj::Promise<void> nodes(NodesContext context) override;
  kj::Promise<void> endpoints(EndpointsContext context) override;

 private:
  std::vector<CounterLine> Counters() override;
  void ResetCounters() override { loop_.ResetCounters(); }

  TransportLoop& loop_;
};

// Adds the daemon "transportd" to the program, the loop to what its watchdog watches, and the nodes
// list to what is read again at a reload; a list that is wrong then changes nothing. `on_nodes` is
// given each list that was taken over.
absl::Status AddTransportDaemon(
    Program& program, TransportLoop& loop,
    std::function<void(const std::vector<TransportNode>&)> on_nodes = {});

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_TRANSPORT_SERVER_H_
