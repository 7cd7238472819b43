// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Random endpoints, links, groups, channels and packets, beside a model that keeps plain lists and
// looks through all of them every time. The seed of a failed run is in its trace.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/transport/router.h"

namespace ctdb {
namespace {

constexpr uint64_t kSeeds = 200;
constexpr int kSteps = 500;
constexpr uint32_t kNodeCount = 6;  // Node 0 is this one, node 5 is in no list.

struct Endpoint {
  Address address;
  std::set<uint64_t> channels;
  std::set<Address> peers;
};

class RandomRouter {
 public:
  explicit RandomRouter(uint64_t seed) : random_(seed) {
    router_.SetNodes({NodeNumber(0), NodeNumber(1), NodeNumber(2), NodeNumber(3), NodeNumber(4)});
  }

  void Run() {
    for (int step = 0; step < kSteps; ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      switch (random_.Below(10)) {
        case 0:
          AddEndpoint();
          break;
        case 1:
          ASSERT_NO_FATAL_FAILURE(RemoveEndpoint());
          break;
        case 2:
          ChangeLink();
          break;
        case 3:
          ChangeGroup();
          break;
        case 4:
          ChangeSubscription();
          break;
        default:
          ASSERT_NO_FATAL_FAILURE(RoutePacket());
      }
    }
  }

 private:
  NodeNumber AnyNode() { return NodeNumber(static_cast<uint32_t>(random_.Below(kNodeCount))); }
  ServiceId AnyService() { return static_cast<ServiceId>(4 + random_.Below(3)); }
  uint64_t AnyChannel() { return random_.Below(5); }
  std::map<PortNumber, Endpoint>::iterator AnyEndpoint() {
    auto found = endpoints_.begin();
    if (!endpoints_.empty()) std::advance(found, random_.Below(endpoints_.size()));
    return found;
  }

  const Endpoint* Holder(ServiceId service) const {
    for (const auto& [port, endpoint] : endpoints_) {
      if (endpoint.address.service == service && service != ServiceId::kClient) return &endpoint;
    }
    return nullptr;
  }

  void AddEndpoint() {
    const PortNumber port(next_++);
    const InstanceNumber instance(next_++);
    const ServiceId service = random_.Below(2) == 0 ? ServiceId::kClient : AnyService();
    const bool is_free = Holder(service) == nullptr;
    EXPECT_EQ(router_.AddEndpoint(port, service, instance).ok(), is_free);
    if (is_free) endpoints_[port].address = {NodeNumber(0), service, instance};
  }

  void RemoveEndpoint() {
    const auto found = AnyEndpoint();
    if (found == endpoints_.end() || random_.Below(3) != 0) return;
    const auto told = router_.RemoveEndpoint(found->first);
    const std::set<Address> expected = found->second.peers;
    ASSERT_EQ(told, std::vector<Address>(expected.begin(), expected.end()));
    const Address gone = found->second.address;
    endpoints_.erase(found);
    for (auto& [port, endpoint] : endpoints_) endpoint.peers.erase(gone);
  }

  void ChangeLink() {
    const NodeNumber node(1 + static_cast<uint32_t>(random_.Below(kNodeCount - 1)));
    if (links_.contains(node)) {
      router_.RemoveLink(node);
      links_.erase(node);
      for (auto& [port, endpoint] : endpoints_) {
        std::erase_if(endpoint.peers, [&](const Address& peer) { return peer.node == node; });
      }
    } else {
      links_[node] = PortNumber(next_++);
      router_.AddLink(links_[node], node);
    }
    std::vector<NodeNumber> connected;
    for (const auto& [linked, port] : links_) connected.push_back(linked);
    EXPECT_EQ(router_.connected_nodes(), connected);
  }

  void ChangeGroup() {
    const NodeNumber group = random_.Below(2) == 0 ? kActiveNodes : kLeaderNode;
    std::set<NodeNumber> members;
    for (uint64_t count = random_.Below(4); count > 0; --count) members.insert(AnyNode());
    groups_[group] = members;
    EXPECT_TRUE(router_.SetGroup(group, {members.begin(), members.end()}).ok());
  }

  void ChangeSubscription() {
    const auto found = AnyEndpoint();
    if (found == endpoints_.end()) return;
    const uint64_t channel = AnyChannel();
    if (random_.Below(2) == 0) {
      EXPECT_TRUE(router_.Subscribe(found->first, ChannelId(channel)).ok());
      found->second.channels.insert(channel);
    } else {
      router_.Unsubscribe(found->first, ChannelId(channel));
      found->second.channels.erase(channel);
    }
    EXPECT_EQ(router_.channel_count(found->first), found->second.channels.size());
  }

  Address AnyDestination() {
    const NodeNumber groups[] = {kThisNode,    kAllNodes,   kConnectedNodes,
                                 kActiveNodes, kLeaderNode, NodeNumber(0)};
    Address address;
    address.node = random_.Below(2) == 0 ? AnyNode() : groups[random_.Below(6)];
    address.service = AnyService();
    if (const auto found = AnyEndpoint(); found != endpoints_.end() && random_.Below(2) == 0) {
      address.service = found->second.address.service;
      address.instance = found->second.address.instance;
    } else if (random_.Below(4) == 0) {
      address.instance = InstanceNumber(1'000'000);
    }
    return address;
  }

  struct Expected {
    std::multiset<PortNumber> ports;
    bool is_undeliverable = false;
  };

  Expected DeliverHere(const Envelope& envelope) {
    Expected expected;
    for (auto& [port, endpoint] : endpoints_) {
      const Address& destination = envelope.destination;
      const bool is_meant =
          envelope.kind == PacketKind::kMessage ? endpoint.channels.contains(envelope.channel)
          : destination.instance.value() != 0 ? endpoint.address.instance == destination.instance &&
                                                    endpoint.address.service == destination.service
                                              : endpoint.address.service == destination.service &&
                                                    destination.service != ServiceId::kClient;
      if (!is_meant) continue;
      expected.ports.insert(port);
      if (envelope.kind == PacketKind::kRpc) endpoint.peers.insert(envelope.source);
      if (envelope.kind == PacketKind::kNotice) endpoint.peers.erase(envelope.source);
    }
    expected.is_undeliverable = expected.ports.empty();
    return expected;
  }

  Expected Expect(const Envelope& envelope, bool is_from_link) {
    const NodeNumber node = envelope.destination.node;
    if (is_from_link || node == kThisNode || node == NodeNumber(0)) return DeliverHere(envelope);
    const bool is_wide = node == kAllNodes || node == kConnectedNodes;
    std::set<NodeNumber> members = IsGroup(node) ? groups_[node] : std::set<NodeNumber>{node};
    if (is_wide) {
      members = {NodeNumber(0)};
      for (const auto& [linked, port] : links_) members.insert(linked);
    }
    Expected expected;
    bool has_missing_link = members.empty();
    for (NodeNumber member : members) {
      if (member == NodeNumber(0)) continue;
      if (links_.contains(member)) {
        expected.ports.insert(links_[member]);
      } else {
        has_missing_link = true;
      }
    }
    bool is_missing_here = false;
    if (members.contains(NodeNumber(0))) {
      const bool reaches_others = !expected.ports.empty();
      const Expected here = DeliverHere(envelope);
      expected.ports.insert(here.ports.begin(), here.ports.end());
      is_missing_here = here.is_undeliverable && !reaches_others;
    }
    expected.is_undeliverable = has_missing_link || is_missing_here;
    return expected;
  }

  void RoutePacket() {
    Envelope envelope;
    const PacketKind kinds[] = {PacketKind::kData, PacketKind::kRpc, PacketKind::kMessage};
    envelope.kind = kinds[random_.Below(3)];
    envelope.channel = AnyChannel();
    envelope.destination = AnyDestination();
    PortNumber source;
    bool is_from_link = false;
    if (random_.Below(2) == 0 && !links_.empty()) {
      auto link = links_.begin();
      std::advance(link, random_.Below(links_.size()));
      source = link->second;
      envelope.source = {link->first, ServiceId::kClient, InstanceNumber(random_.Below(5))};
      envelope.destination.node = random_.Below(2) == 0 ? NodeNumber(0) : kAllNodes;
      is_from_link = true;
      if (random_.Below(5) == 0) envelope.kind = PacketKind::kNotice;
    } else if (const auto found = AnyEndpoint(); found != endpoints_.end()) {
      source = found->first;
      envelope.source = found->second.address;
    } else {
      return;
    }
    const Expected expected = Expect(envelope, is_from_link);
    ASSERT_TRUE(router_.FindRoute(source, envelope, &route_).ok());
    ASSERT_EQ(std::multiset<PortNumber>(route_.ports.begin(), route_.ports.end()), expected.ports)
        << envelope.source << " to " << envelope.destination;
    ASSERT_EQ(route_.undeliverable.has_value(), expected.is_undeliverable)
        << envelope.source << " to " << envelope.destination;
  }

  Random random_;
  Router router_{NodeNumber(0)};
  Router::Route route_;  // One for all, as a driver has it.
  uint64_t next_ = 1;
  std::map<PortNumber, Endpoint> endpoints_;
  std::map<NodeNumber, PortNumber> links_;
  std::map<NodeNumber, std::set<NodeNumber>> groups_;
};

TEST(RouterPropertyTest, EveryRouteIsThatOfTheModel) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    ASSERT_NO_FATAL_FAILURE(RandomRouter(seed).Run());
  }
}

}  // namespace
}  // namespace ctdb
