// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/router.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

bool TracksPeers(PacketKind kind) {
  return kind == PacketKind::kRpc || kind == PacketKind::kStream;
}

void Clear(Router::Route* route) {
  route->ports.clear();
  route->is_for_router = false;
  route->undeliverable.reset();
}

bool IsMember(const std::vector<NodeNumber>& nodes, NodeNumber node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

absl::string_view Describe(UndeliverableReason reason) {
  switch (reason) {
    case UndeliverableReason::kNoSuchNode:
      return "there is no such node";
    case UndeliverableReason::kNodeNotConnected:
      return "the node is not connected";
    case UndeliverableReason::kNoSuchService:
      return "the service does not run there";
    case UndeliverableReason::kNoSuchInstance:
      return "the endpoint is gone";
    case UndeliverableReason::kNoSubscriber:
      return "nobody listens on the channel";
    case UndeliverableReason::kOverloaded:
      return "its queue is full";
    case UndeliverableReason::kNoSuchGroup:
      return "the group has no members";
    case UndeliverableReason::kUnknown:
      break;
  }
  return "unknown reason";
}

void Router::SetNodes(const std::vector<NodeNumber>& nodes) { nodes_ = nodes; }

absl::Status Router::SetGroup(NodeNumber group, std::vector<NodeNumber> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (!members.empty() && members.back().value() >= kNodesMax) {
    return absl::InvalidArgumentError(absl::StrCat("node ", members.back().value(),
                                                   " cannot be in \"", NodeName(group),
                                                   "\": node numbers are below ", kNodesMax));
  }
  if (group == kActiveNodes) {
    active_ = std::move(members);
  } else if (group == kLeaderNode) {
    leader_ = std::move(members);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot set the members of \"", NodeName(group), "\""));
  }
  return absl::OkStatus();
}

absl::Status Router::AddEndpoint(PortNumber port, ServiceId service, InstanceNumber instance) {
  if (service != ServiceId::kClient && !services_.emplace(service, port).second) {
    return absl::AlreadyExistsError(absl::StrCat("the service ", ServiceName(service),
                                                 " is already there: another daemon runs"));
  }
  endpoints_[port] = Endpoint{service, instance, {}, {}};
  instances_[instance] = port;
  return absl::OkStatus();
}

std::vector<Address> Router::RemoveEndpoint(PortNumber port) {
  const auto found = endpoints_.find(port);
  if (found == endpoints_.end()) return {};
  const Endpoint& endpoint = found->second;
  for (ChannelId channel :
       std::vector<ChannelId>(endpoint.channels.begin(), endpoint.channels.end())) {
    Unsubscribe(port, channel);
  }
  std::vector<Address> peers(endpoint.peers.begin(), endpoint.peers.end());
  std::sort(peers.begin(), peers.end());
  if (endpoint.service != ServiceId::kClient) services_.erase(endpoint.service);
  instances_.erase(endpoint.instance);
  const Address gone{local_, endpoint.service, endpoint.instance};
  endpoints_.erase(found);
  for (auto& [other_port, other] : endpoints_) other.peers.erase(gone);
  return peers;
}

void Router::AddLink(PortNumber port, NodeNumber node) {
  if (links_.size() <= node.value()) links_.resize(node.value() + 1);
  links_[node.value()] = port;
  link_nodes_[port] = node;
  if (!IsMember(connected_, node)) connected_.push_back(node);
  std::sort(connected_.begin(), connected_.end());
}

void Router::RemoveLink(NodeNumber node) {
  if (!is_connected(node)) return;
  link_nodes_.erase(*links_[node.value()]);
  links_[node.value()].reset();
  connected_.erase(std::find(connected_.begin(), connected_.end(), node));
  for (auto& [port, endpoint] : endpoints_) {
    absl::erase_if(endpoint.peers, [node](const Address& peer) { return peer.node == node; });
  }
}

bool Router::is_connected(NodeNumber node) const {
  return node.value() < links_.size() && links_[node.value()].has_value();
}

absl::Status Router::Subscribe(PortNumber port, ChannelId channel) {
  Endpoint& endpoint = endpoints_.at(port);
  if (endpoint.channels.contains(channel)) return absl::OkStatus();
  if (endpoint.channels.size() >= kChannelsPerEndpointMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an endpoint may listen on ", kChannelsPerEndpointMax, " channels"));
  }
  endpoint.channels.insert(channel);
  channels_[channel].push_back(port);
  return absl::OkStatus();
}

void Router::Unsubscribe(PortNumber port, ChannelId channel) {
  Endpoint& endpoint = endpoints_.at(port);
  if (endpoint.channels.erase(channel) == 0) return;
  std::vector<PortNumber>& subscribers = channels_[channel];
  subscribers.erase(std::find(subscribers.begin(), subscribers.end(), port));
  if (subscribers.empty()) channels_.erase(channel);
}

size_t Router::channel_count(PortNumber port) const {
  const auto found = endpoints_.find(port);
  return found == endpoints_.end() ? 0 : found->second.channels.size();
}

bool Router::listens(PortNumber port, ChannelId channel) const {
  const auto found = endpoints_.find(port);
  return found != endpoints_.end() && found->second.channels.contains(channel);
}

absl::Status Router::CheckSource(PortNumber source, const Envelope& envelope) const {
  if (envelope.kind == PacketKind::kHandshake) {
    return absl::InvalidArgumentError("a greeting comes once, as the first packet");
  }
  if (const auto link = link_nodes_.find(source); link != link_nodes_.end()) {
    if (envelope.source.node == link->second) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("node ", link->second.value(),
                                                   " sent a packet in the name of ",
                                                   ToString(envelope.source)));
  }
  const Endpoint& endpoint = endpoints_.at(source);
  const Address own{local_, endpoint.service, endpoint.instance};
  if (envelope.kind == PacketKind::kNotice) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToString(own), " sent a notice, which only transports may"));
  }
  if (envelope.source == own) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToString(own), " sent a packet in the name of ", ToString(envelope.source)));
}

absl::Status Router::FindRoute(PortNumber source, const Envelope& envelope, Route* route) {
  if (absl::Status status = CheckSource(source, envelope); !status.ok()) return status;
  if (link_nodes_.contains(source)) {
    // What comes from another node was already spread there; here it is only delivered.
    Clear(route);
    RouteLocally(envelope, route);
  } else {
    FindRouteFromHere(envelope, route);
  }
  return absl::OkStatus();
}

void Router::FindRouteFromHere(const Envelope& envelope, Route* route) {
  Clear(route);
  const NodeNumber node = envelope.destination.node;
  if (node == local_ || node == kThisNode) {
    RouteLocally(envelope, route);
  } else if (IsGroup(node)) {
    RouteToGroup(envelope, route);
  } else {
    RouteToNode(node, route);
  }
}

void Router::RouteToNode(NodeNumber node, Route* route) const {
  if (is_connected(node)) {
    route->ports.push_back(*links_[node.value()]);
  } else {
    route->undeliverable = IsMember(nodes_, node) ? UndeliverableReason::kNodeNotConnected
                                                  : UndeliverableReason::kNoSuchNode;
  }
}

void Router::RouteToGroup(const Envelope& envelope, Route* route) {
  const NodeNumber group = envelope.destination.node;
  const bool is_wide = group == kAllNodes || group == kConnectedNodes;
  const std::vector<NodeNumber>& members = is_wide                 ? connected_
                                           : group == kActiveNodes ? active_
                                                                   : leader_;
  if (!is_wide && members.empty()) {
    route->undeliverable = UndeliverableReason::kNoSuchGroup;
    return;
  }
  for (NodeNumber member : members) {
    if (member == local_) continue;
    if (is_connected(member)) {
      route->ports.push_back(*links_[member.value()]);
    } else {
      route->undeliverable = UndeliverableReason::kNodeNotConnected;
    }
  }
  if (is_wide || IsMember(members, local_)) {
    const std::optional<UndeliverableReason> missing_link = route->undeliverable;
    const bool reaches_others = !route->ports.empty();
    RouteLocally(envelope, route);
    // One member that does not listen is no failure of a packet to many; one without link is.
    if (reaches_others || missing_link.has_value()) route->undeliverable = missing_link;
  }
}

void Router::RouteLocally(const Envelope& envelope, Route* route) {
  if (envelope.kind == PacketKind::kMessage) {
    const auto found = channels_.find(ChannelId(envelope.channel));
    if (found == channels_.end()) {
      route->undeliverable = UndeliverableReason::kNoSubscriber;
      return;
    }
    route->ports.insert(route->ports.end(), found->second.begin(), found->second.end());
    return;
  }
  if (envelope.destination.service == ServiceId::kRouter) {
    route->is_for_router = envelope.kind == PacketKind::kControl;
    if (!route->is_for_router) route->undeliverable = UndeliverableReason::kNoSuchService;
    return;
  }
  PortNumber port;
  if (envelope.destination.instance.value() != 0) {
    const auto found = instances_.find(envelope.destination.instance);
    if (found == instances_.end() ||
        endpoints_.at(found->second).service != envelope.destination.service) {
      route->undeliverable = UndeliverableReason::kNoSuchInstance;
      return;
    }
    port = found->second;
  } else {
    const auto found = services_.find(envelope.destination.service);
    if (found == services_.end()) {
      route->undeliverable = UndeliverableReason::kNoSuchService;
      return;
    }
    port = found->second;
  }
  auto& peers = endpoints_.at(port).peers;
  if (TracksPeers(envelope.kind) && !peers.contains(envelope.source)) {
    if (peers.size() >= kPeersPerEndpointMax) {
      route->undeliverable = UndeliverableReason::kOverloaded;
      return;
    }
    peers.insert(envelope.source);
  } else if (envelope.kind == PacketKind::kNotice) {
    peers.erase(envelope.source);  // An endpoint's end is told in its own name.
  }
  route->ports.push_back(port);
}

}  // namespace ctdb
