// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace ctdb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Reason = UndeliverableReason;

constexpr NodeNumber kLocal{0};
constexpr NodeNumber kOther{1};
constexpr NodeNumber kThird{2};
constexpr NodeNumber kUnlinked{3};

// Node 0 of nodes 0 to 3, with links to 1 and 2, a database service and two clients.
class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.SetNodes({kLocal, kOther, kThird, kUnlinked});
    router_.AddLink(kLink1, kOther);
    router_.AddLink(kLink2, kThird);
    EXPECT_TRUE(router_.AddEndpoint(kDatabase, ServiceId::kDatabase, InstanceNumber(100)).ok());
    EXPECT_TRUE(router_.AddEndpoint(kClient, ServiceId::kClient, InstanceNumber(200)).ok());
    EXPECT_TRUE(router_.AddEndpoint(kClient2, ServiceId::kClient, InstanceNumber(300)).ok());
  }

  static constexpr PortNumber kLink1{1}, kLink2{2}, kDatabase{10}, kClient{20}, kClient2{30};
  static constexpr Address kDatabaseAddress{kLocal, ServiceId::kDatabase, InstanceNumber(100)};
  static constexpr Address kClientAddress{kLocal, ServiceId::kClient, InstanceNumber(200)};
  static constexpr Address kRemoteClient{kOther, ServiceId::kClient, InstanceNumber(7)};

  static Envelope Make(const Address& source, const Address& destination,
                       PacketKind kind = PacketKind::kData, uint64_t channel = 0) {
    Envelope envelope;
    envelope.kind = kind;
    envelope.source = source;
    envelope.destination = destination;
    envelope.channel = channel;
    return envelope;
  }

  Router::Route Find(PortNumber source, const Envelope& envelope) {
    Router::Route route;
    const absl::Status status = router_.FindRoute(source, envelope, &route);
    EXPECT_TRUE(status.ok()) << status;
    return route;
  }
  // From a client of this node.
  Router::Route Find(const Address& destination, PacketKind kind = PacketKind::kData,
                     uint64_t channel = 0) {
    return Find(kClient, Make(kClientAddress, destination, kind, channel));
  }

  Router router_{kLocal};
};

TEST_F(RouterTest, AServiceIsFoundByItsNameUnderEitherNameOfThisNode) {
  EXPECT_THAT(Find({kThisNode, ServiceId::kDatabase, {}}).ports, ElementsAre(kDatabase));
  EXPECT_THAT(Find({kLocal, ServiceId::kDatabase, {}}).ports, ElementsAre(kDatabase));
}

TEST_F(RouterTest, AnEndpointIsFoundByItsInstance) {
  const Router::Route route = Find({kLocal, ServiceId::kClient, InstanceNumber(300)});
  EXPECT_THAT(route.ports, ElementsAre(kClient2));
  EXPECT_FALSE(route.undeliverable.has_value());
  EXPECT_FALSE(route.is_for_router);
}

TEST_F(RouterTest, WhatIsNotOnThisNodeIsUndeliverable) {
  EXPECT_EQ(Find({kLocal, ServiceId::kEvent, {}}).undeliverable, Reason::kNoSuchService);
  EXPECT_EQ(Find({kLocal, ServiceId::kClient, {}}).undeliverable, Reason::kNoSuchService)
      << "clients are told apart by their instance only";
  EXPECT_EQ(Find({kLocal, ServiceId::kClient, InstanceNumber(1)}).undeliverable,
            Reason::kNoSuchInstance);
}

TEST_F(RouterTest, AnInstanceOfAnotherServiceIsNotTheOneThatIsMeant) {
  // Its answers would come from a service that was not asked.
  EXPECT_EQ(Find({kLocal, ServiceId::kDatabase, InstanceNumber(300)}).undeliverable,
            Reason::kNoSuchInstance);
}

TEST_F(RouterTest, AnotherNodeIsReachedOverItsLink) {
  EXPECT_THAT(Find({kOther, ServiceId::kDatabase, {}}).ports, ElementsAre(kLink1));
  EXPECT_THAT(Find({kThird, ServiceId::kClient, InstanceNumber(9)}).ports, ElementsAre(kLink2));
}

TEST_F(RouterTest, NodesWithoutLinkAndUnknownNodesAreUndeliverableForDifferentReasons) {
  EXPECT_EQ(Find({kUnlinked, ServiceId::kDatabase, {}}).undeliverable, Reason::kNodeNotConnected);
  EXPECT_EQ(Find({NodeNumber(9), ServiceId::kDatabase, {}}).undeliverable, Reason::kNoSuchNode);
  EXPECT_EQ(Find({NodeNumber(0xfffffff0), ServiceId::kDatabase, {}}).undeliverable,
            Reason::kNoSuchGroup);
}

TEST_F(RouterTest, ALostLinkIsUndeliverableAndANewOneIsUsed) {
  router_.RemoveLink(kOther);
  router_.RemoveLink(kOther);
  EXPECT_FALSE(router_.is_connected(kOther));
  EXPECT_THAT(router_.connected_nodes(), ElementsAre(kThird));
  EXPECT_EQ(Find({kOther, ServiceId::kDatabase, {}}).undeliverable, Reason::kNodeNotConnected);
  router_.AddLink(PortNumber(50), kOther);
  EXPECT_THAT(router_.connected_nodes(), ElementsAre(kOther, kThird));
  EXPECT_THAT(Find({kOther, ServiceId::kDatabase, {}}).ports, ElementsAre(PortNumber(50)));
}

TEST_F(RouterTest, WideGroupsReachEveryLinkAndThisNodeOnce) {
  for (NodeNumber group : {kAllNodes, kConnectedNodes}) {
    const Router::Route route = Find({group, ServiceId::kDatabase, {}});
    EXPECT_THAT(route.ports, UnorderedElementsAre(kLink1, kLink2, kDatabase));
    EXPECT_FALSE(route.undeliverable.has_value());
  }
}

TEST_F(RouterTest, AGroupReachesItsMembers) {
  ASSERT_TRUE(router_.SetGroup(kActiveNodes, {kThird}).ok());
  EXPECT_THAT(Find({kActiveNodes, ServiceId::kDatabase, {}}).ports, ElementsAre(kLink2));
  ASSERT_TRUE(router_.SetGroup(kActiveNodes, {kLocal, kOther}).ok());
  EXPECT_THAT(Find({kActiveNodes, ServiceId::kDatabase, {}}).ports,
              UnorderedElementsAre(kDatabase, kLink1));
  ASSERT_TRUE(router_.SetGroup(kLeaderNode, {kLocal}).ok());
  EXPECT_THAT(Find({kLeaderNode, ServiceId::kDatabase, {}}).ports, ElementsAre(kDatabase));
}

TEST_F(RouterTest, AGroupWithoutMembersIsUndeliverable) {
  EXPECT_EQ(Find({kLeaderNode, ServiceId::kDatabase, {}}).undeliverable, Reason::kNoSuchGroup);
  ASSERT_TRUE(router_.SetGroup(kLeaderNode, {kOther}).ok());
  ASSERT_TRUE(router_.SetGroup(kLeaderNode, {}).ok());
  EXPECT_EQ(Find({kLeaderNode, ServiceId::kDatabase, {}}).undeliverable, Reason::kNoSuchGroup);
}

TEST_F(RouterTest, AMemberOfAGroupThatIsNotConnectedIsReported) {
  ASSERT_TRUE(router_.SetGroup(kActiveNodes, {kOther, kUnlinked}).ok());
  const Router::Route route = Find({kActiveNodes, ServiceId::kDatabase, {}});
  EXPECT_THAT(route.ports, ElementsAre(kLink1));
  EXPECT_EQ(route.undeliverable, Reason::kNodeNotConnected);
}

TEST_F(RouterTest, AMissingMemberIsReportedAlsoWhenThisNodeIsAMember) {
  ASSERT_TRUE(router_.SetGroup(kActiveNodes, {kLocal, kOther, kUnlinked}).ok());
  for (ServiceId service : {ServiceId::kDatabase, ServiceId::kEvent}) {
    EXPECT_EQ(Find({kActiveNodes, service, {}}).undeliverable, Reason::kNodeNotConnected);
  }
}

TEST_F(RouterTest, ThisNodeWithoutTheServiceIsNoFailureWhenOthersAreReached) {
  EXPECT_FALSE(Find({kAllNodes, ServiceId::kEvent, {}}).undeliverable.has_value());
  router_.RemoveLink(kOther);
  router_.RemoveLink(kThird);
  EXPECT_EQ(Find({kAllNodes, ServiceId::kEvent, {}}).undeliverable, Reason::kNoSuchService);
}

TEST_F(RouterTest, AMemberNamedTwiceGetsAPacketOnce) {
  ASSERT_TRUE(router_.SetGroup(kActiveNodes, {kOther, kLocal, kOther, kLocal}).ok());
  EXPECT_THAT(Find({kActiveNodes, ServiceId::kDatabase, {}}).ports,
              UnorderedElementsAre(kDatabase, kLink1));
}

TEST_F(RouterTest, WhatIsNoNodeCannotBeAMember) {
  for (NodeNumber member : {NodeNumber(kNodesMax), kThisNode, kAllNodes}) {
    const absl::Status status = router_.SetGroup(kActiveNodes, {kOther, member});
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
  EXPECT_EQ(Find({kActiveNodes, ServiceId::kDatabase, {}}).undeliverable, Reason::kNoSuchGroup);
}

TEST_F(RouterTest, OnlyTheGroupsOfTheClusterServiceCanBeSet) {
  for (NodeNumber group : {kThisNode, kAllNodes, kConnectedNodes, kOther}) {
    EXPECT_TRUE(absl::IsInvalidArgument(router_.SetGroup(group, {kOther})));
  }
}

TEST_F(RouterTest, AMessageReachesEverySubscriberAndNobodyElse) {
  ASSERT_TRUE(router_.Subscribe(kClient, ChannelId(5)).ok());
  ASSERT_TRUE(router_.Subscribe(kClient2, ChannelId(5)).ok());
  ASSERT_TRUE(router_.Subscribe(kClient2, ChannelId(5)).ok()) << "twice is once";
  ASSERT_TRUE(router_.Subscribe(kDatabase, ChannelId(6)).ok());
  EXPECT_THAT(Find({kLocal, {}, {}}, PacketKind::kMessage, 5).ports,
              UnorderedElementsAre(kClient, kClient2));
  EXPECT_EQ(router_.channel_count(kClient2), 1u);
}

TEST_F(RouterTest, AChannelWithoutSubscriberIsUndeliverable) {
  EXPECT_EQ(Find({kLocal, {}, {}}, PacketKind::kMessage, 5).undeliverable, Reason::kNoSubscriber);
  ASSERT_TRUE(router_.Subscribe(kClient2, ChannelId(5)).ok());
  router_.Unsubscribe(kClient2, ChannelId(5));
  router_.Unsubscribe(kClient2, ChannelId(5));
  router_.Unsubscribe(kClient2, ChannelId(99));
  EXPECT_EQ(Find({kLocal, {}, {}}, PacketKind::kMessage, 5).undeliverable, Reason::kNoSubscriber);
  EXPECT_EQ(router_.channel_count(kClient2), 0u);
}

TEST_F(RouterTest, SubscriptionsEndWithTheirEndpoint) {
  ASSERT_TRUE(router_.Subscribe(kClient, ChannelId(5)).ok());
  ASSERT_TRUE(router_.Subscribe(kClient2, ChannelId(5)).ok());
  EXPECT_TRUE(router_.listens(kClient2, ChannelId(5)));
  EXPECT_FALSE(router_.listens(kClient2, ChannelId(6)));
  router_.RemoveEndpoint(kClient2);
  EXPECT_FALSE(router_.listens(kClient2, ChannelId(5)));
  EXPECT_THAT(Find({kLocal, {}, {}}, PacketKind::kMessage, 5).ports, ElementsAre(kClient));
}

TEST_F(RouterTest, AnEndpointMayListenOnSoManyChannelsAndNoMore) {
  for (uint64_t channel = 0; channel < kChannelsPerEndpointMax; ++channel) {
    ASSERT_TRUE(router_.Subscribe(kClient, ChannelId(channel)).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(router_.Subscribe(kClient, ChannelId(~uint64_t{0}))));
  EXPECT_TRUE(router_.Subscribe(kClient, ChannelId(0)).ok()) << "that one it has";
  EXPECT_TRUE(router_.Subscribe(kClient2, ChannelId(~uint64_t{0})).ok());
  router_.Unsubscribe(kClient, ChannelId(0));
  EXPECT_TRUE(router_.Subscribe(kClient, ChannelId(~uint64_t{0})).ok());
}

TEST_F(RouterTest, ASenderThatIsNotItsSourceIsAnErrorThatNamesBoth) {
  Router::Route route;
  for (Address source : {kDatabaseAddress, Address{kOther, ServiceId::kClient, InstanceNumber(200)},
                         Address{kLocal, ServiceId::kClient, InstanceNumber(300)},
                         Address{kThisNode, ServiceId::kClient, InstanceNumber(200)}}) {
    const absl::Status status =
        router_.FindRoute(kClient, Make(source, {kLocal, ServiceId::kDatabase, {}}), &route);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_TRUE(absl::StrContains(status.message(), "0/client:200")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), ToString(source))) << status;
  }
}

TEST_F(RouterTest, ANodeMaySpeakForItsOwnEndpointsOnly) {
  EXPECT_THAT(Find(kLink1, Make(kRemoteClient, {kLocal, ServiceId::kDatabase, {}})).ports,
              ElementsAre(kDatabase));
  Router::Route route;
  for (NodeNumber liar : {kLocal, kThird, kThisNode, kAllNodes}) {
    const Address source{liar, ServiceId::kClient, InstanceNumber(7)};
    EXPECT_TRUE(absl::IsInvalidArgument(
        router_.FindRoute(kLink1, Make(source, {kLocal, ServiceId::kDatabase, {}}), &route)));
  }
}

TEST_F(RouterTest, WhatComesFromAnotherNodeIsDeliveredHereAndNotSpreadAgain) {
  for (NodeNumber group : {kAllNodes, kConnectedNodes, kActiveNodes, kLeaderNode}) {
    EXPECT_THAT(Find(kLink1, Make(kRemoteClient, {group, ServiceId::kDatabase, {}})).ports,
                ElementsAre(kDatabase));
  }
}

TEST_F(RouterTest, ControlsOfAnEndpointAreForTheRouter) {
  const Router::Route route = Find({kThisNode, ServiceId::kRouter, {}}, PacketKind::kControl);
  EXPECT_TRUE(route.is_for_router);
  EXPECT_THAT(route.ports, IsEmpty());
  EXPECT_FALSE(route.undeliverable.has_value());
}

TEST_F(RouterTest, TheRouterTakesNothingButControls) {
  for (PacketKind kind : {PacketKind::kData, PacketKind::kRpc, PacketKind::kStream}) {
    const Router::Route route = Find({kThisNode, ServiceId::kRouter, {}}, kind);
    EXPECT_FALSE(route.is_for_router);
    EXPECT_EQ(route.undeliverable, Reason::kNoSuchService);
  }
  const Envelope notice =
      Make({kOther, ServiceId::kRouter, {}}, {kLocal, ServiceId::kRouter, {}}, PacketKind::kNotice);
  EXPECT_FALSE(Find(kLink1, notice).is_for_router) << "or two transports could ping for ever";
}

TEST_F(RouterTest, NothingOfAnAnswerIsLeftInTheNext) {
  Router::Route route;
  const auto find = [&](const Address& destination, PacketKind kind) {
    ASSERT_TRUE(router_.FindRoute(kClient, Make(kClientAddress, destination, kind), &route).ok());
  };
  find({kThisNode, ServiceId::kRouter, {}}, PacketKind::kControl);
  find({kLocal, ServiceId::kEvent, {}}, PacketKind::kData);
  EXPECT_FALSE(route.is_for_router);
  find({kAllNodes, ServiceId::kDatabase, {}}, PacketKind::kData);
  EXPECT_FALSE(route.undeliverable.has_value());
  find({kLocal, ServiceId::kDatabase, {}}, PacketKind::kData);
  EXPECT_THAT(route.ports, ElementsAre(kDatabase));
  router_.FindRouteFromHere(Make({}, {kLocal, ServiceId::kEvent, {}}), &route);
  EXPECT_THAT(route.ports, IsEmpty());
}

TEST_F(RouterTest, AServiceIsHeldByOneAndFreeAgainAfterIt) {
  const absl::Status second =
      router_.AddEndpoint(PortNumber(40), ServiceId::kDatabase, InstanceNumber(400));
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_EQ(Find({kLocal, ServiceId::kDatabase, InstanceNumber(400)}).undeliverable,
            Reason::kNoSuchInstance);
  router_.RemoveEndpoint(kDatabase);
  EXPECT_EQ(Find({kLocal, ServiceId::kDatabase, {}}).undeliverable, Reason::kNoSuchService);
  EXPECT_EQ(Find(kDatabaseAddress).undeliverable, Reason::kNoSuchInstance);
  ASSERT_TRUE(router_.AddEndpoint(PortNumber(40), ServiceId::kDatabase, InstanceNumber(400)).ok());
  EXPECT_THAT(Find({kLocal, ServiceId::kDatabase, {}}).ports, ElementsAre(PortNumber(40)));
}

TEST_F(RouterTest, RpcAndStreamPeersAreToldOfTheEndOnceAndOthersAreNot) {
  Find(kDatabaseAddress, PacketKind::kRpc);
  Find({kLocal, ServiceId::kDatabase, {}}, PacketKind::kRpc);
  Find(kLink1, Make(kRemoteClient, kDatabaseAddress, PacketKind::kStream));
  Find(kClient2, Make({kLocal, ServiceId::kClient, InstanceNumber(300)}, kDatabaseAddress));
  EXPECT_THAT(router_.RemoveEndpoint(kDatabase), ElementsAre(kClientAddress, kRemoteClient));
  EXPECT_THAT(router_.RemoveEndpoint(kDatabase), IsEmpty());
}

TEST_F(RouterTest, APeerThatWentFirstIsNotTold) {
  Find(kDatabaseAddress, PacketKind::kRpc);
  router_.RemoveEndpoint(kClient);
  EXPECT_THAT(router_.RemoveEndpoint(kDatabase), IsEmpty());
}

TEST_F(RouterTest, PeersBehindALostLinkAreForgotten) {
  Find(kDatabaseAddress, PacketKind::kRpc);
  Find(kLink1, Make(kRemoteClient, kDatabaseAddress, PacketKind::kRpc));
  router_.RemoveLink(kOther);
  EXPECT_THAT(router_.RemoveEndpoint(kDatabase), ElementsAre(kClientAddress));
}

TEST_F(RouterTest, OnlyTransportsMaySendNotices) {
  // Or any client could tell a daemon that a node is down.
  Router::Route route;
  const Envelope forged = Make(kClientAddress, kDatabaseAddress, PacketKind::kNotice);
  EXPECT_TRUE(absl::IsInvalidArgument(router_.FindRoute(kClient, forged, &route)));
  const Envelope real =
      Make({kOther, ServiceId::kRouter, {}}, kDatabaseAddress, PacketKind::kNotice);
  EXPECT_THAT(Find(kLink1, real).ports, ElementsAre(kDatabase));
}

TEST_F(RouterTest, NobodyGreetsTwice) {
  Router::Route route;
  EXPECT_TRUE(absl::IsInvalidArgument(router_.FindRoute(
      kClient, Make(kClientAddress, kDatabaseAddress, PacketKind::kHandshake), &route)));
  EXPECT_TRUE(absl::IsInvalidArgument(router_.FindRoute(
      kLink1, Make(kRemoteClient, kDatabaseAddress, PacketKind::kHandshake), &route)));
}

TEST_F(RouterTest, APeerOfAnotherNodeIsForgottenWhenItsEndIsTold) {
  Find(kLink1, Make(kRemoteClient, kDatabaseAddress, PacketKind::kRpc));
  Find(kLink1, Make(kRemoteClient, kDatabaseAddress, PacketKind::kNotice));
  EXPECT_THAT(router_.RemoveEndpoint(kDatabase), IsEmpty());
}

TEST_F(RouterTest, AnEndpointHasSoManyPeersAndNoMore) {
  const auto send_as = [&](uint64_t instance) {
    const Address source{kOther, ServiceId::kClient, InstanceNumber(instance)};
    return Find(kLink1, Make(source, kDatabaseAddress, PacketKind::kRpc));
  };
  for (uint64_t i = 1; i <= kPeersPerEndpointMax; ++i) ASSERT_EQ(send_as(i).ports.size(), 1u);
  const Router::Route refused = send_as(kPeersPerEndpointMax + 1);
  EXPECT_THAT(refused.ports, IsEmpty());
  EXPECT_EQ(refused.undeliverable, Reason::kOverloaded);
  EXPECT_THAT(send_as(1).ports, ElementsAre(kDatabase)) << "that one it knows";
}

TEST_F(RouterTest, AnUnknownPortIsRemovedWithoutHarm) {
  EXPECT_THAT(router_.RemoveEndpoint(PortNumber(999)), IsEmpty());
  EXPECT_EQ(router_.channel_count(PortNumber(999)), 0u);
  EXPECT_THAT(Find({kLocal, ServiceId::kDatabase, {}}).ports, ElementsAre(kDatabase));
}

TEST_F(RouterTest, EveryReasonHasItsOwnWords) {
  std::vector<absl::string_view> texts;
  for (uint16_t reason = 0; reason <= 7; ++reason) {
    const absl::string_view text = Describe(static_cast<Reason>(reason));
    EXPECT_EQ(std::count(texts.begin(), texts.end(), text), 0) << text;
    texts.push_back(text);
  }
  EXPECT_EQ(Describe(static_cast<Reason>(999)), "unknown reason") << "from a later version";
}

}  // namespace
}  // namespace ctdb
