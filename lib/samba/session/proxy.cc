// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/proxy.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/samba/session/calls.h"
#include "lib/samba/session/commits.h"
#include "lib/samba/session/pushes.h"
#include "lib/samba/session/traverses.h"
#include "lib/samba/session/turns.h"
#include "lib/samba/srvid.h"

namespace ctdb::samba {
namespace {

// How often those who listen for it hear who leads.
constexpr absl::Duration kLeaderInterval = absl::Seconds(1);
constexpr absl::Duration kAskAgain = absl::Milliseconds(50);

}  // namespace

Proxy::Proxy(const Options& options, Random& random, Outlet& outlet)
    : options_(options),
      random_(random),
      outlet_(outlet),
      calls_(std::make_unique<Calls>(*this)),
      commits_(std::make_unique<Commits>(*this)),
      pushes_(std::make_unique<Pushes>(*this)),
      traverses_(std::make_unique<Traverses>(*this)),
      turns_(std::make_unique<Turns>(*this)) {
  cluster_.own = options.own;
  statistics_.started = options.started;
  size_t i = 0;
  for (const WireTunable& tunable : WireTunables()) tunables_.values[i++] = tunable.default_value;
  timers_.emplace(Instant::min(), [this] { AnnounceLeader(); });
}

Proxy::~Proxy() = default;

absl::Status Proxy::OnConnected(ClientId client, int32_t pid) {
  const absl::Status status = clients_.Add(client, pid);
  statistics_.clients = static_cast<uint32_t>(clients_.size());
  return status;
}

void Proxy::Drop(ClientId client, absl::string_view what) {
  const ClientTable::Client* sender = clients_.Find(client);
  outlet_.Log(LogLevel::kWarning, absl::StrCat("Dropped a packet of process ",
                                               sender == nullptr ? 0 : sender->pid, ": ", what));
}

void Proxy::OnPacket(ClientId client, absl::string_view frame, Instant now) {
  now_ = now;
  if (clients_.Find(client) == nullptr) return;
  ++statistics_.client_packets_received;
  turns_->OnHeard(client);
  const absl::StatusOr<Packet> packet = DecodePacket(frame);
  if (!packet.ok()) return Drop(client, packet.status().message());
  if (const auto* call = std::get_if<CallRequest>(&packet->body)) {
    ++statistics_.from_clients.calls;
    return calls_->OnCall(client, packet->header.reqid, *call);
  }
  if (const auto* message = std::get_if<Message>(&packet->body)) {
    ++statistics_.from_clients.messages;
    return SendMessage(packet->header.destnode, message->srvid, message->data);
  }
  if (const auto* control = std::get_if<ControlRequest>(&packet->body)) {
    ++statistics_.from_clients.controls;
    return HandleControl(client, packet->header, *control);
  }
  if (const auto* tunnel = std::get_if<Tunnel>(&packet->body)) {
    ++statistics_.from_clients.tunnels;
    return HandleTunnel(client, packet->header, *tunnel);
  }
  Drop(client, "it is of a type that clients do not send");
}

void Proxy::OnDrained(ClientId client, Instant now) {
  now_ = now;
  traverses_->OnDrained(client);
}

// DIS-1 to DIS-7: what was begun for it is finished, and the answers are dropped.
void Proxy::OnDisconnected(ClientId client, Instant now) {
  now_ = now;
  const ClientTable::Client* gone = clients_.Find(client);
  if (gone == nullptr) return;
  const std::map<ChannelId, std::string> notices = gone->notices;
  clients_.Remove(client);
  statistics_.clients = static_cast<uint32_t>(clients_.size());
  traverses_->OnDisconnected(client);
  turns_->OnHeard(client);
  for (const auto& [srvid, data] : notices) SendMessage(kBroadcastConnected, srvid, data);
}

void Proxy::OnNodeItem(NodeNumber from, const NodeItem& item, Instant now) {
  now_ = now;
  ++statistics_.node_packets_received;
  if (const auto* message = std::get_if<NodeMessage>(&item)) {
    ++statistics_.from_nodes.messages;
    Deliver(message->srvid, message->data);
  } else if (const auto* control = std::get_if<NodeControl>(&item)) {
    ++statistics_.from_nodes.control_requests;
    const Asker asker{.client = ClientId(0),
                      .node = from,
                      .request = control->request,
                      .reqid = ReqId(0),
                      .wants_reply = control->request != 0};
    RunControl(asker, ControlRequest{.opcode = control->opcode,
                                     .srvid = control->srvid,
                                     .client_id = 0,
                                     .flags = control->flags,
                                     .data = control->data});
  } else if (const auto* reply = std::get_if<NodeReply>(&item)) {
    ++statistics_.from_nodes.control_replies;
    const auto found = forwarded_.find(reply->request);
    if (found == forwarded_.end() || found->second.node != from) return;
    const Asker asker = found->second.asker;
    forwarded_.erase(found);
    Answer(asker, {reply->status, reply->data, reply->error});
  } else if (const auto* tunnel = std::get_if<NodeTunnel>(&item)) {
    ++statistics_.from_nodes.tunnels;
    DeliverTunnel(from, tunnel->reqid, {tunnel->tunnel, tunnel->flags, tunnel->data});
  }
}

void Proxy::OnNodeRestarted(NodeNumber node, Instant now) {
  now_ = now;
  FailForwarded(node, "node is disconnected");
}

void Proxy::OnClusterState(ClusterState state, Instant now) {
  now_ = now;
  const ClusterState before = std::exchange(cluster_, std::move(state));
  cluster_.own = options_.own;
  if (before.generation() != cluster_.generation()) ++statistics_.recoveries;
  statistics_.recovering = cluster_.is_recovering ? 1 : 0;
  statistics_.frozen = cluster_.IsActive(options_.own) ? 0 : 1;
  const bool has_settled = !cluster_.is_recovering &&
                           (before.is_recovering || before.generation() != cluster_.generation());
  if (has_settled) Deliver(kSrvidReconfigure, "");  // IP-3
  for (const NodeEntry& entry : before.nodes.entries) {
    if (!before.IsConnected(entry.pnn) || cluster_.IsConnected(entry.pnn)) continue;
    outlet_.DropNode(entry.pnn);
    FailForwarded(entry.pnn, "node is disconnected");
  }
}

void Proxy::OnAnswer(RequestId id, const DatabaseAnswer& answer, Instant now) {
  now_ = now;
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const OnAnswered on_answered = std::move(found->second);
  asked_.erase(found);
  on_answered(answer);
}

void Proxy::OnAwaited(const AwaitedRecord& awaited, Instant now) {
  now_ = now;
  turns_->OnAwaited(awaited);
}

void Proxy::OnTick(Instant now) {
  now_ = now;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::function<void()> action = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    action();
  }
}

Instant Proxy::NextDeadline() const { return timers_.empty() ? kNever : timers_.begin()->first; }

void Proxy::Later(absl::Duration delay, std::function<void()> action) {
  timers_.emplace(After(now_, delay), std::move(action));
}

void Proxy::Ask(DatabaseRequest request, OnAnswered on_answered) {
  if (asked_.size() >= kPendingMax) {
    return on_answered(absl::ResourceExhaustedError("too much is under way already"));
  }
  const RequestId id(++last_request_);
  asked_[id] = std::move(on_answered);
  outlet_.AskDatabases(id, request);
}

void Proxy::AskPatiently(DatabaseRequest request, OnAnswered on_answered) {
  AskUntil(After(now_, kPatience), std::move(request), std::move(on_answered));
}

void Proxy::AskUntil(Instant deadline, DatabaseRequest request, OnAnswered on_answered) {
  Ask(request, [this, deadline, request,
                on_answered = std::move(on_answered)](const DatabaseAnswer& answer) {
    const auto* status = std::get_if<absl::Status>(&answer);
    if (status == nullptr || !absl::IsUnavailable(*status) || now_ >= deadline) {
      return on_answered(answer);
    }
    Later(kAskAgain,
          [this, deadline, request, on_answered] { AskUntil(deadline, request, on_answered); });
  });
}

void Proxy::SendTo(ClientId client, ReqId reqid, PacketBody body) {
  if (clients_.Find(client) == nullptr) return;
  ++statistics_.client_packets_sent;
  const PacketHeader header{.generation = cluster_.generation(),
                            .destnode = NodeNumber(0),
                            .srcnode = options_.own,
                            .reqid = reqid};
  outlet_.ToClient(client, {header, std::move(body)});
}

void Proxy::Answer(const Asker& asker, const Reply& reply) {
  if (!asker.wants_reply) return;
  if (asker.is_local()) {
    return SendTo(asker.client, asker.reqid, ControlReply{reply.status, reply.data, reply.error});
  }
  outlet_.ToNode(asker.node, NodeReply{asker.request, reply.status, reply.data, reply.error});
}

// MS-3; CN-15: who does not read messages for long enough is disconnected.
void Proxy::Deliver(ChannelId srvid, absl::string_view data) {
  const uint32_t limit = Tunable("MaxQueueDropMsg");
  for (const auto& [client, copies] : clients_.ReceiversOf(srvid)) {
    if (outlet_.QueuedPackets(client) > limit) {
      outlet_.Disconnect(client, absl::ResourceExhaustedError(absl::StrCat(
                                     "it has not read ", limit, " packets (MaxQueueDropMsg)")));
      continue;
    }
    for (uint32_t i = 0; i < copies; ++i) SendTo(client, ReqId(0), Message{srvid, data});
  }
}

void Proxy::SendMessage(NodeNumber destination, ChannelId srvid, absl::string_view data) {
  for (const NodeNumber node : cluster_.Destinations(destination)) {
    if (node == options_.own) {
      Deliver(srvid, data);
    } else {
      ++statistics_.node_packets_sent;
      outlet_.ToNode(node, NodeMessage{srvid, std::string(data)});
    }
  }
}

void Proxy::HandleTunnel(ClientId client, const PacketHeader& header, const Tunnel& tunnel) {
  // CN-28
  if (header.destnode == kCurrentNode) return Drop(client, "a tunnel to the current node");
  if (clients_.TunnelOwner(tunnel.tunnel_id) == ClientId(0)) {
    return Drop(client, absl::StrCat("tunnel 0x", absl::Hex(tunnel.tunnel_id),
                                     " is not registered on this node"));
  }
  for (const NodeNumber node : cluster_.Destinations(header.destnode)) {
    if (node == options_.own) {
      DeliverTunnel(node, header.reqid, tunnel);
    } else {
      outlet_.ToNode(
          node, NodeTunnel{tunnel.tunnel_id, tunnel.flags, header.reqid, std::string(tunnel.data)});
    }
  }
}

// Whoever answers has to know the sender's node: unlike in any other packet it is in the header.
void Proxy::DeliverTunnel(NodeNumber from, ReqId reqid, const Tunnel& tunnel) {
  const ClientId owner = clients_.TunnelOwner(tunnel.tunnel_id);
  if (owner == ClientId(0)) return;
  ++statistics_.client_packets_sent;
  outlet_.ToClient(owner, {{.generation = cluster_.generation(),
                            .destnode = options_.own,
                            .srcnode = from,
                            .reqid = reqid},
                           tunnel});
}

uint32_t Proxy::Tunable(absl::string_view name) const {
  const auto tunables = WireTunables();
  for (size_t i = 0; i < tunables.size(); ++i) {
    if (absl::EqualsIgnoreCase(tunables[i].name, name)) return tunables_.values[i];
  }
  return 0;
}

bool Proxy::SetTunable(absl::string_view name, uint32_t value) {
  const auto tunables = WireTunables();
  for (size_t i = 0; i < tunables.size(); ++i) {
    if (!absl::EqualsIgnoreCase(tunables[i].name, name)) continue;
    tunables_.values[i] = value;
    outlet_.SetTunable(tunables[i].name, value);
    return true;
  }
  return false;
}

const DatabaseInfo* Proxy::FindDatabase(DbId id) const {
  const auto found = databases_.find(id);
  return found == databases_.end() ? nullptr : &found->second;
}

void Proxy::RefreshDatabases(std::function<void()> action) {
  AskPatiently(ListDatabases{}, [this, action = std::move(action)](const DatabaseAnswer& answer) {
    if (const auto* all = std::get_if<std::vector<DatabaseInfo>>(&answer)) {
      databases_.clear();
      for (const DatabaseInfo& info : *all) databases_[info.id] = info;
    }
    action();
  });
}

void Proxy::WithDatabase(DbId id, std::function<void(const DatabaseInfo*)> action) {
  if (const DatabaseInfo* info = FindDatabase(id)) return action(info);
  RefreshDatabases([this, id, action = std::move(action)] { action(FindDatabase(id)); });
}

// Old tools wait for the leader's announcement.
void Proxy::AnnounceLeader() {
  if (cluster_.leader.has_value() && clients_.HasReceivers(kSrvidLeader)) {
    const uint32_t leader = cluster_.leader->value();
    Deliver(kSrvidLeader, {reinterpret_cast<const char*>(&leader), sizeof(leader)});
  }
  Later(kLeaderInterval, [this] { AnnounceLeader(); });
}

}  // namespace ctdb::samba
