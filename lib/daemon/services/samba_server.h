// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_server: the daemon "smbproxyd": the socket that unmodified Samba connects to, with what
// answers behind it. It goes on when the services behind it are started again.
//
//   Ownership:  the program owns the daemon.
//   Threading:  SambaServer belongs to its thread's event loop.
//   Errors:     a socket that cannot be made ends the program.
//   Blocking:   never.
//   Limits:     those of Proxy and ClientServer.
//
// Example:
//   CTDB_RETURN_IF_ERROR(AddSambaDaemon(program, identity, transport.get()));

#ifndef LIB_DAEMON_SERVICES_SAMBA_SERVER_H_
#define LIB_DAEMON_SERVICES_SAMBA_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capnp/cluster.capnp.h"
#include "lib/base/io/precise_timer.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/random.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/daemon/io/program.h"
#include "lib/daemon/services/cluster_follower.h"
#include "lib/daemon/services/transport_setup.h"
#include "lib/daemon/services/view_follower.h"
#include "lib/samba/io/client_server.h"
#include "lib/samba/io/database_client.h"
#include "lib/samba/io/peers.h"
#include "lib/samba/session/proxy.h"
#include "lib/transport/io/hosted_transport.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb::daemon {

// What an overview of the cluster means in the words of Samba's protocol. `before`: the state until
// now. While this node cannot tell who has left, nobody has.
samba::ClusterState ToClusterState(wire::Overview::Reader overview,
                                   const samba::ClusterState& before);

class SambaServer final : public ControlServer,
                          private samba::Proxy::Outlet,
                          private samba::ClientServer::Listener,
                          private samba::Peers::Listener,
                          private kj::TaskSet::ErrorHandler {
 public:
  struct Options {
    NodeNumber local;
    std::string socket_path;
    std::function<absl::StatusOr<UniqueFd>()> connect;  // To this node's transport.
    Endpoint::MakeDirect direct = {};
    TransportLoop* transport = nullptr;  // The same, to be hosted; null: it has a thread.
  };

  SambaServer(DaemonContext& context, const Options& options);
  ~SambaServer() noexcept override;

 private:
  // ControlServer
  std::vector<CounterLine> Counters() override;

  // samba::Proxy::Outlet
  void ToClient(samba::ClientId client, const samba::Packet& packet) override;
  size_t QueuedPackets(samba::ClientId client) override;
  size_t QueuedBytes(samba::ClientId client) override;
  bool HasReadAll(samba::ClientId client) override;
  void Disconnect(samba::ClientId client, const absl::Status& why) override;
  void ToNode(NodeNumber node, const samba::NodeItem& item) override;
  void DropNode(NodeNumber node) override;
  void AskDatabases(RequestId id, const samba::DatabaseRequest& request) override;
  bool ProcessExists(int32_t pid) override;
  samba::WallTime WallNow() override;
  uint64_t MemoryBytes() override;
  std::string MemoryReport() override;
  void SetTunable(absl::string_view name, uint32_t value) override;
  void Log(LogLevel level, absl::string_view text) override;

  // samba::ClientServer::Listener
  absl::Status OnConnected(samba::ClientId client, int32_t pid) override;
  void OnPacket(samba::ClientId client, absl::string_view frame) override;
  void OnDrained(samba::ClientId client) override;
  void OnDisconnected(samba::ClientId client, const absl::Status& why) override;

  // samba::Peers::Listener
  void OnNodeItem(NodeNumber from, const samba::NodeItem& item) override;
  void OnNodeRestarted(NodeNumber node) override;

  void OnTrouble(const absl::Status& status) override;
  void taskFailed(kj::Exception&& exception) override;

  void OnPart(const NodePart& part);
  // Asks the cluster service how things are, now or when the question under way is answered.
  void Refresh();
  kj::Promise<void> RefreshOnce();
  kj::Promise<void> RefreshLoop();
  void OnOverview(wire::Overview::Reader overview);
  kj::Promise<void> AskTunables();
  template <typename Request, typename Read>
  void AskService(RequestId id, Request request, Read read);
  void ListDatabases(RequestId id);
  void AskCounts(RequestId id, const std::string& name);
  // After whatever the proxy was told.
  void SetTimer() { timer_.Set(proxy_.NextDeadline()); }
  Instant Now() const { return timer_.Now(); }
  template <typename Interface>
  typename Interface::Client Service(ServiceId service);

  const Options options_;
  std::optional<HostedTransport> transport_;
  Random random_;
  PreciseTimer timer_;
  samba::Proxy proxy_;
  samba::ClientServer clients_;
  samba::DatabaseClient databases_;
  samba::Peers peers_;
  std::optional<NodePart> part_;
  bool is_refreshing_ = false;
  bool wants_refresh_ = false;
  kj::TaskSet tasks_;
  ViewFollower view_follower_;
  ClusterFollower change_follower_;
};

// Adds the daemon "smbproxyd" to the program, on a thread of its own, which it shares with
// `transport`, started without one. Null: the transport is another process's.
absl::Status AddSambaDaemon(Program& program, const NodeIdentity& identity,
                            TransportLoop* transport);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_SAMBA_SERVER_H_
