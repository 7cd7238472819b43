// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/node_links.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/boot_time.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

absl::Status CheckNodes(const std::vector<TransportNode>& nodes, NodeNumber local) {
  bool has_local = false;
  std::set<NodeNumber> numbers;
  std::set<std::string> addresses;
  for (const TransportNode& node : nodes) {
    if (node.number.value() >= kNodesMax || !numbers.insert(node.number).second) {
      return absl::InvalidArgumentError(absl::StrCat("node number ", node.number.value(),
                                                     " is there twice or above ", kNodesMax));
    }
    if (node.is_deleted) continue;
    if (!addresses.insert(node.address).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("address ", node.address, " belongs to two nodes"));
    }
    has_local = has_local || node.number == local;
  }
  if (has_local) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("node ", local.value(), ", this one, is not in the nodes list"));
}

}  // namespace

NodeLinks::NodeLinks(const TransportLoop::Options& options, Switch& packet_switch,
                     logging::Logger logger)
    : options_(options), switch_(packet_switch), logger_(std::move(logger)) {}

absl::Status NodeLinks::SetNodes(std::vector<TransportNode> nodes, Instant now) {
  now_ = now;
  CTDB_RETURN_IF_ERROR(CheckNodes(nodes, options_.local));
  nodes_ = std::move(nodes);
  std::vector<NodeNumber> numbers;
  std::map<NodeNumber, const TransportNode*> wanted;
  for (const TransportNode& node : nodes_) {
    if (node.is_deleted) continue;
    numbers.push_back(node.number);
    if (node.number != options_.local) wanted[node.number] = &node;
  }
  switch_.router().SetNodes(numbers);
  for (auto& [number, peer] : peers_) {
    const auto found = wanted.find(number);
    const bool stays = found != wanted.end() && found->second->address == peer.node.address;
    const auto port = switch_.ports().find(peer.port);
    if (!stays && port != switch_.ports().end()) {
      switch_.Doom(*port->second, absl::CancelledError("the nodes list no longer has it"));
    }
  }
  switch_.Sweep();
  std::erase_if(peers_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    return found == wanted.end() || found->second->address != entry.second.node.address;
  });
  for (const auto& [number, node] : wanted) {
    const uint64_t seed = options_.seed + number.value();
    peers_.try_emplace(number, Peer{*node, Dialer(options_.dialer, seed, now), {}, ""});
  }
  return absl::OkStatus();
}

const std::string& NodeLinks::local_address() const {
  return std::find_if(nodes_.begin(), nodes_.end(),
                      [&](const TransportNode& node) { return node.number == options_.local; })
      ->address;
}

NodeLinks::Peer* NodeLinks::FindPeer(NodeNumber node) {
  const auto found = peers_.find(node);
  return found == peers_.end() ? nullptr : &found->second;
}

void NodeLinks::OnTick(Instant now) {
  now_ = now;
  for (auto& [number, peer] : peers_) {
    if (!Dials(options_.local, number)) continue;
    if (peer.dialer.IsOverdue(now)) {
      const auto port = switch_.ports().find(peer.port);
      if (port != switch_.ports().end()) {
        switch_.Doom(*port->second, absl::DeadlineExceededError("no answer in time"));
      }
    }
    if (peer.dialer.ShouldDial(now)) Dial(peer, now);
  }
  switch_.Sweep();
}

Instant NodeLinks::NextDial() const {
  Instant next = kNever;
  for (const auto& [number, peer] : peers_) {
    if (Dials(options_.local, number)) next = std::min(next, peer.dialer.NextDeadline());
  }
  return next;
}

void NodeLinks::Dial(Peer& peer, Instant now) {
  peer.dialer.OnDialling(now);
  absl::StatusOr<UniqueFd> fd = DialTcp(local_address(), peer.node.address, options_.port);
  if (!fd.ok()) return Fail(peer, fd.status().message());
  Port& port = switch_.Open(*std::move(fd), Port::Role::kNodeDialling, now);
  port.address.node = peer.node.number;
  port.peer_address = peer.node.address;
  peer.port = port.number;
}

void NodeLinks::OnConnectDone(Port& port) {
  if (absl::Status status = FinishConnect(port.fd.get(), port.peer_address); !status.ok()) {
    return switch_.Doom(port, status);
  }
  TuneNodeLink(port.fd.get());
  switch_.SetRole(port, Port::Role::kNodeWelcoming, now_);
  switch_.SendGreeting(
      port, NodeHello{options_.software, options_.local, switch_.incarnation(), port.address.node});
}

void NodeLinks::Accept(UniqueFd fd, Instant now) {
  now_ = now;
  ++switch_.counters().connections_accepted;
  TuneNodeLink(fd.get());
  const absl::StatusOr<std::string> address = GetPeerAddress(fd.get());
  if (!address.ok()) return;  // It is gone already.
  const bool is_known = std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) {
    return entry.second.node.address == *address;
  });
  if (!is_known && !switch_.HasRoomToRefuse()) {
    ++switch_.counters().connections_refused;
    return;
  }
  // Only nodes count: neither strangers nor local clients may take their places.
  const size_t greeting_count =
      switch_.Count(Port::Role::kNodeGreeting) + switch_.Count(Port::Role::kNodeParting);
  Port& port = switch_.Open(std::move(fd), Port::Role::kNodeGreeting, now);
  port.peer_address = *address;
  if (greeting_count >= options_.limits.greeting_count_max) {
    switch_.Refuse(port, absl::ResourceExhaustedError("too many connections are being set up"));
  } else if (!is_known) {
    switch_.Refuse(port, absl::PermissionDeniedError(absl::StrCat(
                             "address ", *address, " is not in the nodes list of node ",
                             options_.local.value(), ": the list must be the same on all nodes")));
  }
  switch_.Sweep();
}

void NodeLinks::OnNodeGreeting(Port& port, Bytes frame) {
  const absl::StatusOr<Greeting> greeting = ReadGreeting(frame);
  if (!greeting.ok()) {
    if (port.role == Port::Role::kNodeGreeting) return switch_.Refuse(port, greeting.status());
    return switch_.Doom(port, greeting.status());
  }
  if (port.role == Port::Role::kNodeParting) {
    if (const auto* parting = std::get_if<Parting>(&*greeting)) return OnParting(port, *parting);
    return switch_.Refuse(port, absl::InvalidArgumentError("a guardian must say that it parts"));
  }
  if (port.role == Port::Role::kNodeGreeting) {
    if (const auto* hello = std::get_if<NodeHello>(&*greeting)) return OnHello(port, *hello);
    switch_.Refuse(port, absl::InvalidArgumentError("a node must greet as a node"));
  } else if (const auto* welcome = std::get_if<Welcome>(&*greeting)) {
    OnWelcome(port, *welcome);
  } else if (const auto* refusal = std::get_if<absl::Status>(&*greeting)) {
    switch_.Doom(
        port, absl::Status(refusal->code(), absl::StrCat("it refuses us: ", refusal->message())));
  } else {
    switch_.Doom(port, absl::InvalidArgumentError("it answers a greeting with a greeting"));
  }
}

void NodeLinks::OnHello(Port& port, const NodeHello& hello) {
  absl::Status status = CheckNodeHello(hello, options_.local, nodes_, port.peer_address);
  if (status.ok() && hello.parts) return OnGuardian(port, hello);
  if (status.ok() && !Dials(hello.node, options_.local)) {
    status = absl::FailedPreconditionError("of two nodes the one with the higher number dials");
  }
  if (!status.ok()) return switch_.Refuse(port, status);
  Peer& peer = *FindPeer(hello.node);
  // The node knows best that its old link is dead, even when this side has not noticed yet.
  const auto old = switch_.ports().find(peer.port);
  if (old != switch_.ports().end() && old->first != port.number) {
    switch_.Doom(*old->second, absl::UnavailableError("the node made a new connection"));
    switch_.Sweep();
  }
  port.address.node = hello.node;
  switch_.SendGreeting(port, OwnWelcome());
  Establish(port, peer, hello.software);
}

Welcome NodeLinks::OwnWelcome() const {
  return {options_.software, options_.local, InstanceNumber(0), switch_.incarnation()};
}

// What it says counts as of now: it answers, so it is there.
void NodeLinks::OnGuardian(Port& port, const NodeHello& hello) {
  port.address.node = hello.node;
  port.welcomed_boottime = BootTimeNanoseconds();
  switch_.SetRole(port, Port::Role::kNodeParting, now_);
  switch_.SendGreeting(port, OwnWelcome());
}

void NodeLinks::OnParting(Port& port, const Parting& parting) {
  logger_.Debug("node_parted",
               absl::StrCat("The guardian of node ", port.address.node.value(), " at ",
                            port.peer_address, " says that the node has ended"),
               {{"node", port.address.node}});
  switch_.AnnounceParting(port.address.node, parting.token, port.welcomed_boottime);
  switch_.Dismiss(port, OwnWelcome());
}

void NodeLinks::OnWelcome(Port& port, const Welcome& welcome) {
  if (absl::Status status = CheckNodeWelcome(welcome, port.address.node); !status.ok()) {
    return switch_.Doom(port, status);
  }
  Establish(port, *FindPeer(port.address.node), welcome.software);
}

void NodeLinks::Establish(Port& port, Peer& peer, const std::string& software) {
  peer.port = port.number;
  peer.dialer.OnConnected(now_);
  peer.logged_error.clear();
  port.software = software;
  switch_.SetRole(port, Port::Role::kLink, now_);
  switch_.router().AddLink(port.number, peer.node.number);
  logger_.Notice("link_up",
                 absl::StrCat("Connected to node ", peer.node.number.value(), " at ",
                              peer.node.address, " (", software, ")"),
                 {{"node", peer.node.number}, {"address", peer.node.address}});
  switch_.AnnounceNode(peer.node.number, /*is_up=*/true);
}

void NodeLinks::OnLinkClosed(Port& port, const absl::Status& why) {
  Peer* peer = FindPeer(port.address.node);
  if (peer == nullptr || peer->port != port.number) {
    if (port.role == Port::Role::kNodeGreeting || port.role == Port::Role::kNodeParting) {
      logger_.Info("greeting_failed",
                   absl::StrCat("Lost ", port.peer_address, " before it greeted: ", why.message()));
    }
    return;
  }
  peer->port = PortNumber();
  if (port.role == Port::Role::kLink) {
    ++switch_.counters().link_losses;
    switch_.router().RemoveLink(port.address.node);
    switch_.AnnounceNode(port.address.node, /*is_up=*/false);
    logger_.Notice("link_lost",
                   absl::StrCat("Lost the link to node ", port.address.node.value(), " at ",
                                port.peer_address, ": ", why.message()),
                   {{"node", port.address.node}, {"reason", why.message()}});
    peer->dialer.OnLost(why.message(), now_);
  } else {
    Fail(*peer, why.message());
  }
}

void NodeLinks::Fail(Peer& peer, absl::string_view why) {
  peer.dialer.OnLost(why, now_);
  // A node that is down for hours is tried every second, and worth one line.
  const LogLevel level = peer.logged_error == why ? LogLevel::kDebug : LogLevel::kWarning;
  peer.logged_error = std::string(why);
  logger_.Log(level, "dial_failed",
              absl::StrCat("Cannot connect to node ", peer.node.number.value(), " at ",
                           peer.node.address, ": ", why),
              {{"node", peer.node.number}, {"reason", why}});
}

std::string NodeLinks::DescribeState(const Peer& peer, Instant now) const {
  if (switch_.router().is_connected(peer.node.number)) return "connected";
  if (!Dials(options_.local, peer.node.number)) return "waiting for it to connect";
  if (peer.dialer.state() == Dialer::State::kDialling) return "connecting";
  const absl::Duration rest =
      std::max(absl::ZeroDuration(), ToAbsl(peer.dialer.NextDeadline() - now));
  return absl::StrCat("connecting again in ", absl::ToInt64Milliseconds(rest), " ms");
}

std::vector<NodeStatus> NodeLinks::Status(Instant now) const {
  std::vector<NodeStatus> result;
  for (const TransportNode& node : nodes_) {
    NodeStatus status;
    status.node = node;
    status.is_local = node.number == options_.local;
    status.connected_since = absl::UnixEpoch();
    status.state = node.is_deleted ? "deleted" : "this node";
    status.is_connected = status.is_local;
    if (status.is_local) status.software = options_.software;
    if (const auto found = peers_.find(node.number); found != peers_.end()) {
      const Peer& peer = found->second;
      status.state = DescribeState(peer, now);
      status.is_connected = switch_.router().is_connected(node.number);
      status.last_error = peer.dialer.last_error();
      const auto port = switch_.ports().find(peer.port);
      if (status.is_connected && port != switch_.ports().end()) {
        status.connected_since = port->second->wall_since;
        status.software = port->second->software;
        status.traffic = port->second->traffic;
        status.queued_bytes = port->second->output.bytes();
      }
    }
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace ctdb
