// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/samba_server.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "capnp/database_service.capnp.h"
#include "capnp/master.capnp.h"
#include "lib/base/io/file.h"
#include "lib/base/io/process_memory.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/daemon/services/samba_counts.h"
#include "lib/protocol/bytes_text.h"
#include "lib/samba/io/database_codec.h"
#include "lib/samba/tunables.h"
#include "lib/transport/io/socket.h"

namespace ctdb::daemon {
namespace {

// Also without news: what was missed is found so.
constexpr kj::Duration kRefreshInterval = 1 * kj::SECONDS;

samba::WallTime ToWall(absl::Time time) {
  const int64_t microseconds = absl::ToUnixMicros(time);
  return {microseconds / 1000000, microseconds % 1000000};
}

absl::Time FromSeconds(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

// Clients compare it for equality only, and two values mean "none".
samba::Generation ToGeneration(uint64_t epoch) {
  const auto low = static_cast<uint32_t>(epoch ^ (epoch >> 32));
  return samba::Generation(low <= samba::kInvalidGeneration.value() ? low + 2 : low);
}

samba::NodeEntry ToEntry(wire::NodeReport::Reader report) {
  samba::NodeEntry entry;
  entry.pnn = NodeNumber(report.getState().getNode());
  entry.flags = report.getFlags();
  const auto address = samba::SockAddress::FromText(FromText(report.getAddress()));
  if (address.has_value()) {
    entry.address = *address;
    entry.address.port = samba::kNodePort;
  }
  return entry;
}

}  // namespace

samba::ClusterState ToClusterState(wire::Overview::Reader overview,
                                   const samba::ClusterState& before) {
  samba::ClusterState state;
  state.own = NodeNumber(overview.getNode());
  const auto view = overview.getView();
  for (const auto report : overview.getNodes()) {
    samba::NodeEntry entry = ToEntry(report);
    const bool was_connected = before.Find(entry.pnn) != nullptr && before.IsConnected(entry.pnn);
    // MS-15: a node that only does not hear the others must not declare their processes dead.
    if (!overview.getServing() && was_connected) entry.flags &= ~samba::kNodeDisconnected;
    if (entry.pnn == state.own) {
      entry.flags &= ~samba::kNodeDisconnected;
      state.run_state = static_cast<uint32_t>(report.getState().getRunState());
    }
    state.nodes.entries.push_back(std::move(entry));
  }
  if (view.getEpoch() == 0) {
    // A cluster service that was just started again knows no view yet: the old one is as good.
    state.vnn_map = before.vnn_map;
    state.members = before.members;
  } else {
    state.vnn_map.generation = ToGeneration(view.getEpoch());
    for (const uint32_t home : view.getHomes()) {
      state.vnn_map.entries.push_back({NodeNumber(home)});
    }
    for (const uint32_t member : view.getMembers()) state.members.push_back(NodeNumber(member));
  }
  state.is_recovering = !overview.getServing() || view.getEpoch() == 0 || !view.getSettled();
  if (overview.getLeaderKnown()) state.leader = NodeNumber(overview.getLeader());
  state.cluster_lock = FromText(overview.getClusterLock());
  const double changed = overview.getLastChange();
  state.recovery_started = ToWall(FromSeconds(changed));
  state.recovery_finished =
      ToWall(FromSeconds(changed + std::max(0.0, overview.getChangeSeconds())));
  return state;
}

SambaServer::SambaServer(DaemonContext& context, const Options& options)
    : ControlServer(context),
      options_(options),
      random_(SystemRandom()),
      timer_(context.io.unixEventPort,
             [this] {
               proxy_.OnTick(Now());
               SetTimer();
             }),
      proxy_({.own = options.local,
              .pid = ::getpid(),
              .started = ToWall(absl::Now()),
              .debug_level = static_cast<int32_t>(context.logger.level())},
             random_, *this),
      clients_(context.io.unixEventPort, *this),
      databases_(
          context.io.unixEventPort, context.io.provider->getTimer(),
          {.connect = options.connect, .hello = {}, .direct = options.direct},
          [this](RequestId id, const samba::DatabaseAnswer& answer) {
            proxy_.OnAnswer(id, answer, Now());
            SetTimer();
          },
          [this](const samba::AwaitedRecord& awaited) {
            proxy_.OnAwaited(awaited, Now());
            SetTimer();
          }),
      peers_(context.endpoint, context.io.provider->getTimer(),
             static_cast<uint64_t>(absl::GetCurrentTimeNanos()), *this),
      tasks_(*this),
      view_follower_([this] { return Service<wire::Cluster>(ServiceId::kCluster); },
                     context.io.provider->getTimer(),
                     [this](const NodePart& part) { OnPart(part); }),
      change_follower_([this] { return Service<wire::Cluster>(ServiceId::kCluster); },
                       context.io.provider->getTimer(),
                       [this](wire::Change::Reader) { Refresh(); }) {
  if (options.transport != nullptr) {
    transport_.emplace(*options.transport, context.io.unixEventPort);
  }
  // Not before the daemon was made may it ask others.
  tasks_.add(kj::evalLater([this] { return RefreshLoop(); }));
}

SambaServer::~SambaServer() noexcept = default;

template <typename Interface>
typename Interface::Client SambaServer::Service(ServiceId service) {
  return context_.bootstrap({kThisNode, service, InstanceNumber(0)}).template castAs<Interface>();
}

// A lease that goes on is no news.
void SambaServer::OnPart(const NodePart& part) {
  const bool may_serve = part.serve_until != 0;
  const bool is_new =
      !part_.has_value() || part_->view != part.view || (part_->serve_until != 0) != may_serve;
  part_ = part;
  if (is_new) Refresh();
}

void SambaServer::Refresh() {
  wants_refresh_ = true;
  if (is_refreshing_) return;
  is_refreshing_ = true;
  tasks_.add(kj::evalLater([this] { return RefreshOnce(); }));
}

kj::Promise<void> SambaServer::RefreshOnce() {
  wants_refresh_ = false;
  return Service<wire::Cluster>(ServiceId::kCluster)
      .overviewRequest()
      .send()
      .then([this](auto reply) { OnOverview(reply.getOverview()); })
      // A service that is started again says so when it is there.
      .catch_([](kj::Exception&&) {})
      .then([this]() -> kj::Promise<void> {
        if (wants_refresh_) return RefreshOnce();
        is_refreshing_ = false;
        return kj::READY_NOW;
      });
}

kj::Promise<void> SambaServer::RefreshLoop() {
  Refresh();
  return AskTunables()
      .catch_([](kj::Exception&&) {})
      .then([this] { return context_.io.provider->getTimer().afterDelay(kRefreshInterval); })
      .then([this] { return RefreshLoop(); });
}

void SambaServer::OnOverview(wire::Overview::Reader overview) {
  proxy_.OnClusterState(ToClusterState(overview, proxy_.cluster()), Now());
  SetTimer();
  if (clients_.is_listening()) return;
  // CN-8: a client that came earlier would find no cluster, and give up.
  if (absl::Status status = clients_.Listen(options_.socket_path); !status.ok()) {
    context_.logger.Error("samba_socket", status.message());
    return context_.request_stop("a socket for Samba that cannot be made");
  }
  context_.logger.Notice("samba_socket",
                         absl::StrCat("Listening to Samba on ", options_.socket_path));
}

kj::Promise<void> SambaServer::AskTunables() {
  return Service<wire::Master>(ServiceId::kMaster)
      .listTunablesRequest()
      .send()
      .then([this](auto reply) {
        samba::TunableValues values = proxy_.tunables();
        const auto known = samba::WireTunables();
        for (const auto tunable : reply.getTunables()) {
          const std::string name = FromText(tunable.getName());
          for (size_t i = 0; i < known.size(); ++i) {
            if (absl::EqualsIgnoreCase(known[i].name, name)) values.values[i] = tunable.getValue();
          }
        }
        proxy_.OnTunables(values);
      });
}

// What is answered by the database service's own interface, not by packets.
template <typename Request, typename Read>
void SambaServer::AskService(RequestId id, Request request, Read read) {
  tasks_.add(request.send().then(
      [this, id, read = std::move(read)](auto reply) {
        proxy_.OnAnswer(id, read(reply), Now());
        SetTimer();
      },
      [this, id](kj::Exception&& exception) {
        proxy_.OnAnswer(id, ToStatus(exception), Now());
        SetTimer();
      }));
}

void SambaServer::ListDatabases(RequestId id) {
  AskService(id, Service<wire::DatabaseService>(ServiceId::kDatabase).listRequest(),
             [](auto& reply) {
               std::vector<samba::DatabaseInfo> all;
               for (const auto info : reply.getDatabases()) all.push_back(samba::DecodeInfo(info));
               return all;
             });
}

void SambaServer::AskCounts(RequestId id, const std::string& name) {
  auto request = Service<wire::DatabaseService>(ServiceId::kDatabase).databaseStatusRequest();
  request.setName(name.c_str());
  AskService(id, kj::mv(request), [](auto& reply) { return CountsOf(reply.getStatus()); });
}

std::vector<CounterLine> SambaServer::Counters() {
  const samba::Statistics& statistics = proxy_.statistics();
  return {
      {"samba.clients", statistics.clients, "connections of Samba's programs"},
      {"samba.packets_received", statistics.client_packets_received, "packets of clients"},
      {"samba.packets_sent", statistics.client_packets_sent, "packets to clients"},
      {"samba.calls", statistics.total_calls, "requests for records that were answered"},
      {"samba.node_packets_received", statistics.node_packets_received,
       "messages, controls and answers of other nodes"},
      {"samba.requests_pending", databases_.pending(), "requests that databases have not answered"},
  };
}

void SambaServer::ToClient(samba::ClientId client, const samba::Packet& packet) {
  clients_.Send(client, packet);
}
size_t SambaServer::QueuedPackets(samba::ClientId client) { return clients_.QueuedPackets(client); }
size_t SambaServer::QueuedBytes(samba::ClientId client) { return clients_.QueuedBytes(client); }
bool SambaServer::HasReadAll(samba::ClientId client) { return clients_.HasReadAll(client); }
void SambaServer::Disconnect(samba::ClientId client, const absl::Status& why) {
  clients_.Disconnect(client, why);
}
void SambaServer::ToNode(NodeNumber node, const samba::NodeItem& item) { peers_.Send(node, item); }
void SambaServer::DropNode(NodeNumber node) { peers_.Drop(node); }

void SambaServer::AskDatabases(RequestId id, const samba::DatabaseRequest& request) {
  if (std::holds_alternative<samba::ListDatabases>(request)) return ListDatabases(id);
  if (const auto* counts = std::get_if<samba::AskCounts>(&request)) {
    return AskCounts(id, counts->name);
  }
  databases_.Ask(id, request);
}

bool SambaServer::ProcessExists(int32_t pid) {
  return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

samba::WallTime SambaServer::WallNow() { return ToWall(absl::Now()); }
uint64_t SambaServer::MemoryBytes() { return OwnMemory().resident_bytes; }
std::string SambaServer::MemoryReport() { return MemoryText(OwnMemory()); }

void SambaServer::SetTunable(absl::string_view name, uint32_t value) {
  auto request = Service<wire::Master>(ServiceId::kMaster).setTunableRequest();
  request.setName(std::string(name).c_str());
  request.setValue(value);
  tasks_.add(request.send().ignoreResult());
}

void SambaServer::Log(LogLevel level, absl::string_view text) {
  context_.logger.Log(level, "samba", text);
}

absl::Status SambaServer::OnConnected(samba::ClientId client, int32_t pid) {
  return proxy_.OnConnected(client, pid);
}

void SambaServer::OnPacket(samba::ClientId client, absl::string_view frame) {
  proxy_.OnPacket(client, frame, Now());
  SetTimer();
}

void SambaServer::OnDrained(samba::ClientId client) {
  proxy_.OnDrained(client, Now());
  SetTimer();
}

void SambaServer::OnDisconnected(samba::ClientId client, const absl::Status& why) {
  if (!why.ok()) {
    context_.logger.Warning(
        "samba_client", absl::StrCat("Disconnected client ", client.value(), ": ", why.message()));
  }
  proxy_.OnDisconnected(client, Now());
  SetTimer();
}

void SambaServer::OnNodeItem(NodeNumber from, const samba::NodeItem& item) {
  proxy_.OnNodeItem(from, item, Now());
  SetTimer();
}

void SambaServer::OnNodeRestarted(NodeNumber node) {
  proxy_.OnNodeRestarted(node, Now());
  SetTimer();
}

void SambaServer::OnTrouble(const absl::Status& status) {
  context_.logger.Warning("samba", status.message());
}

void SambaServer::taskFailed(kj::Exception&& exception) { OnTrouble(ToStatus(exception)); }

absl::Status AddSambaDaemon(Program& program, const NodeIdentity& identity,
                            TransportLoop* transport) {
  SambaServer::Options options;
  options.local = identity.local;
  options.socket_path = program.paths().Socket("ctdbd");
  options.transport = transport;
  if (transport != nullptr) {
    options.connect = [transport] { return transport->ConnectInProcess(); };
    options.direct = DirectTo(*transport);
  } else {
    options.connect = [path = program.paths().TransportSocket()] { return ConnectUnix(path); };
  }
  CTDB_RETURN_IF_ERROR(MakeDirectories(program.paths().socketdir()));
  return program.AddDaemonThread(
      {.name = "smbproxyd",
       .service = ServiceId::kSambaProxy,
       .connect = options.connect,
       .direct = options.direct,
       .make = [options](DaemonContext& context) -> capnp::Capability::Client {
         return kj::heap<SambaServer>(context, options);
       }},
      UrgentThread(program.config(), program.logger().WithTag("smbproxyd")));
}

}  // namespace ctdb::daemon
