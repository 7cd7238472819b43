// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// router: decides where a packet goes. It knows the endpoints of this node, the links to the
// others, the members of groups and the subscribers of channels, and reads nothing of a packet but
// its envelope. It moves no bytes: the driver (io/transport_loop.h) does what Route() says.
//
// Each connection of the driver is a *port* with a number of the driver's choosing: an endpoint of
// this node, or the link to another node.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     InvalidArgument from Route() where the sender broke the rules and must be cut off;
//               what cannot be delivered is no error but a reason to report back.
//   Blocking:   never. Route() allocates nothing once `Route` has grown to the size of its answers.
//   Limits:     kNodesMax nodes, kChannelsPerEndpointMax channels and kPeersPerEndpointMax peers
//               per endpoint.
//
// Example:
//   router.AddEndpoint(port, ServiceId::kClient, instance);
//   Router::Route route;
//   CTDB_RETURN_IF_ERROR(router.FindRoute(port, envelope, &route));
//   for (PortNumber target : route.ports) Queue(target, frame);

#ifndef LIB_TRANSPORT_ROUTER_H_
#define LIB_TRANSPORT_ROUTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "lib/base/ids.h"
#include "lib/protocol/address.h"
#include "lib/protocol/envelope.h"

namespace ctdb {

// Never used again for another connection.
using PortNumber = Id<struct PortNumberTag, uint64_t>;

// The values are those of `UndeliverableReason` in capnp/packet.capnp.
enum class UndeliverableReason : uint16_t {
  kUnknown = 0,
  kNoSuchNode = 1,
  kNodeNotConnected = 2,
  kNoSuchService = 3,
  kNoSuchInstance = 4,
  kNoSubscriber = 5,
  kOverloaded = 6,
  kNoSuchGroup = 7,
};

// "the node is not connected", for logs and errors.
absl::string_view Describe(UndeliverableReason reason);

inline constexpr size_t kChannelsPerEndpointMax = 65536;
inline constexpr size_t kPeersPerEndpointMax = 65536;

class Router {
 public:
  struct Route {
    std::vector<PortNumber> ports;  // Every port that gets the packet.
    bool is_for_router = false;     // The packet is for the transport itself.
    // Why nobody gets it; the sender is told.
    std::optional<UndeliverableReason> undeliverable;
  };

  explicit Router(NodeNumber local) : local_(local) {}

  NodeNumber local() const { return local_; }

  // Nodes of the nodes file; removing one does not close its link.
  void SetNodes(const std::vector<NodeNumber>& nodes);

  // Members of a group that the cluster service decides about: kActiveNodes or kLeaderNode. Twice
  // is once.
  absl::Status SetGroup(NodeNumber group, std::vector<NodeNumber> members);

  // AlreadyExists when another endpoint holds the service; clients never collide.
  absl::Status AddEndpoint(PortNumber port, ServiceId service, InstanceNumber instance);
  // Those that exchanged RPC or stream packets with it and should hear of its end.
  std::vector<Address> RemoveEndpoint(PortNumber port);

  void AddLink(PortNumber port, NodeNumber node);
  void RemoveLink(NodeNumber node);
  bool is_connected(NodeNumber node) const;
  // Nodes with a link, in order; without this one.
  const std::vector<NodeNumber>& connected_nodes() const { return connected_; }

  // ResourceExhausted beyond kChannelsPerEndpointMax. Twice is once.
  absl::Status Subscribe(PortNumber port, ChannelId channel);
  void Unsubscribe(PortNumber port, ChannelId channel);
  size_t channel_count(PortNumber port) const;
  bool listens(PortNumber port, ChannelId channel) const;

  // Where the packet goes that came in through `source`.
  absl::Status FindRoute(PortNumber source, const Envelope& envelope, Route* route);
  // The same for a packet that the transport itself sends.
  void FindRouteFromHere(const Envelope& envelope, Route* route);

 private:
  struct Endpoint {
    ServiceId service;
    InstanceNumber instance;
    absl::flat_hash_set<ChannelId> channels;
    absl::flat_hash_set<Address> peers;  // Who wants to know when it goes.
  };

  absl::Status CheckSource(PortNumber source, const Envelope& envelope) const;
  void RouteToNode(NodeNumber node, Route* route) const;
  void RouteToGroup(const Envelope& envelope, Route* route);
  void RouteLocally(const Envelope& envelope, Route* route);

  NodeNumber local_;
  std::vector<NodeNumber> nodes_;
  std::vector<NodeNumber> active_;
  std::vector<NodeNumber> leader_;
  std::vector<std::optional<PortNumber>> links_;  // By node number.
  std::vector<NodeNumber> connected_;             // Nodes with a link, sorted; without this one.
  absl::flat_hash_map<PortNumber, NodeNumber> link_nodes_;
  absl::flat_hash_map<PortNumber, Endpoint> endpoints_;
  absl::flat_hash_map<InstanceNumber, PortNumber> instances_;
  absl::flat_hash_map<ServiceId, PortNumber> services_;
  absl::flat_hash_map<ChannelId, std::vector<PortNumber>> channels_;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_ROUTER_H_
