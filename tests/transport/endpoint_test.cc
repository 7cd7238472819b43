// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/endpoint.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/transport/rpc_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;

class EndpointTest : public test::RpcFixture {};

// Writes down what an endpoint reports.
struct Events : Endpoint::Observer {
  void OnConnected() override { ++connected; }
  void OnDisconnected(const absl::Status& why) override {
    ++disconnected;
    last_reason = why;
  }
  void OnUndeliverable(const Endpoint::Undeliverable& report) override {
    undeliverable.push_back(report);
  }
  void OnEndpointGone(const Address& address) override { gone.push_back(address); }
  void OnNodeUp(NodeNumber node) override { up.push_back(node); }
  void OnNodeDown(NodeNumber node) override { down.push_back(node); }
  void OnPong(uint64_t request_id) override { pongs.push_back(request_id); }

  int connected = 0;
  int disconnected = 0;
  absl::Status last_reason;
  std::vector<Endpoint::Undeliverable> undeliverable;
  std::vector<Address> gone;
  std::vector<NodeNumber> up;
  std::vector<NodeNumber> down;
  std::vector<uint64_t> pongs;
};

void SetText(capnp::AnyPointer::Builder payload, const std::string& text) {
  payload.setAs<capnp::Data>(
      capnp::Data::Reader(reinterpret_cast<const kj::byte*>(text.data()), text.size()));
}

TEST_F(EndpointTest, BecomesReadyWithItsAddress) {
  StartNodes(1);
  auto endpoint = MakeEndpoint(EndpointOptions(0, ServiceId::kDatabase));
  EXPECT_FALSE(endpoint->is_connected());
  EXPECT_TRUE(absl::IsUnavailable(endpoint->Ping(1)));
  EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
  EXPECT_TRUE(endpoint->is_connected());
  EXPECT_EQ(endpoint->address().node, NodeNumber(0));
  EXPECT_EQ(endpoint->address().service, ServiceId::kDatabase);
  EXPECT_NE(endpoint->address().instance, InstanceNumber(0));
  EXPECT_EQ(endpoint->transport_software(), "test");
}

TEST_F(EndpointTest, WaitsForATransportThatComesLater) {
  MakeNodes(1);
  auto endpoint = MakeEndpoint(EndpointOptions(0));
  auto ready = endpoint->WhenReady();
  EXPECT_FALSE(ready.poll(io_.waitScope));
  Start(0);
  EXPECT_EQ(Wait(kj::mv(ready)), absl::OkStatus());
}

TEST_F(EndpointTest, WithoutReconnectingAMissingTransportIsFinal) {
  MakeNodes(1);
  auto options = EndpointOptions(0);
  options.reconnects = false;
  auto endpoint = MakeEndpoint(options);
  EXPECT_TRUE(absl::IsNotFound(Wait(endpoint->WhenReady())));
  EXPECT_TRUE(absl::IsNotFound(Wait(endpoint->WhenFinished())));
}

TEST_F(EndpointTest, ARefusalIsFinalAndSaysWhy) {
  StartNodes(1);
  auto first = ReadyEndpoint(0, ServiceId::kDatabase);
  auto second = MakeEndpoint(EndpointOptions(0, ServiceId::kDatabase));
  const absl::Status status = Wait(second->WhenReady());
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_EQ(Wait(second->WhenFinished()), status);
  EXPECT_FALSE(second->is_connected());
}

TEST_F(EndpointTest, PacketsGoToTheHandlerOfTheirKindInOrder) {
  StartNodes(1);
  auto receiver = ReadyEndpoint(0);
  auto sender = ReadyEndpoint(0);
  std::string received;
  receiver->OnPacket(PacketKind::kData, [&](const Envelope& envelope, Bytes frame) {
    EXPECT_EQ(envelope.source, sender->address());
    PacketReader reader(frame);
    const auto data = reader.payload().getAs<capnp::Data>();
    received.append(reinterpret_cast<const char*>(data.begin()), data.size());
  });
  // Nobody asked for streams: they are passed over.
  for (const char* text : {"a", "b", "c"}) {
    for (PacketKind kind : {PacketKind::kStream, PacketKind::kData}) {
      ASSERT_TRUE(sender
                      ->Send(sender->To(receiver->address(), kind),
                             [&](auto payload) { SetText(payload, text); })
                      .ok());
    }
  }
  EXPECT_EQ(Wait(sender->WhenFlushed()), absl::OkStatus());
  EXPECT_EQ(sender->queued_bytes(), 0u);
  AwaitLoop([&] { return received == "abc"; });
}

TEST_F(EndpointTest, ReconnectsWhenTheTransportWasRestartedAndItsObserversAreToldOnce) {
  StartNodes(1);
  auto endpoint = MakeEndpoint(EndpointOptions(0, ServiceId::kDatabase));
  Events events;
  endpoint->AddObserver(&events);
  EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
  const Address before = endpoint->address();
  for (int restart = 1; restart <= 3; ++restart) {
    loops_[0].reset();
    AwaitLoop([&] { return events.disconnected == restart; });
    EXPECT_TRUE(absl::StrContains(events.last_reason.message(), "closed")) << events.last_reason;
    EXPECT_TRUE(absl::IsUnavailable(endpoint->Ping(1)));
    Start(0);
    AwaitLoop([&] { return events.connected == restart + 1; });
    EXPECT_EQ(events.disconnected, restart);
    EXPECT_TRUE(endpoint->is_connected());
  }
  EXPECT_NE(endpoint->address().instance, before.instance);
  endpoint->RemoveObserver(&events);
}

TEST_F(EndpointTest, SubscriptionsSurviveARestartOfTheTransport) {
  StartNodes(1);
  auto endpoint = ReadyEndpoint(0);
  int received = 0;
  endpoint->OnPacket(PacketKind::kMessage, [&](const Envelope& envelope, Bytes) {
    EXPECT_EQ(envelope.channel, 7u);
    ++received;
  });
  ASSERT_TRUE(endpoint->Subscribe(ChannelId(7)).ok());
  ASSERT_TRUE(endpoint->Subscribe(ChannelId(8)).ok());
  ASSERT_TRUE(endpoint->Unsubscribe(ChannelId(8)).ok());
  AwaitLoop([&] { return loops_[0]->Endpoints()[0].channel_count == 1; });
  loops_[0].reset();
  AwaitLoop([&] { return !endpoint->is_connected(); });
  Start(0);
  AwaitLoop([&] {
    const auto endpoints = loops_[0]->Endpoints();
    return endpoints.size() == 1 && endpoints[0].channel_count == 1;
  });
  auto sender = Connect(0);
  Envelope envelope = sender->To({kThisNode, {}, {}}, PacketKind::kMessage);
  envelope.channel = 7;
  Send(*sender, envelope, "x");
  AwaitLoop([&] { return received == 1; });
}

TEST_F(EndpointTest, ReportsOfTheTransportArriveTyped) {
  StartNodes(2);
  auto endpoint = MakeEndpoint(EndpointOptions(0));
  Events events;
  endpoint->AddObserver(&events);
  EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
  AwaitLoop([&] { return events.up.size() == 1; });
  EXPECT_EQ(events.up[0], NodeNumber(1));

  Envelope envelope = endpoint->To({NodeNumber(1), ServiceId::kEvent, {}}, PacketKind::kData);
  envelope.channel = 3;
  envelope.request_id = 4;
  ASSERT_TRUE(endpoint->Send(envelope, [](auto) {}).ok());
  ASSERT_TRUE(endpoint->Ping(55).ok());
  AwaitLoop([&] { return events.undeliverable.size() == 1 && events.pongs.size() == 1; });
  EXPECT_EQ(events.undeliverable[0].destination, envelope.destination);
  EXPECT_EQ(events.undeliverable[0].kind, PacketKind::kData);
  EXPECT_EQ(events.undeliverable[0].channel, 3u);
  EXPECT_EQ(events.undeliverable[0].request_id, 4u);
  EXPECT_EQ(events.undeliverable[0].reason, UndeliverableReason::kNoSuchService);
  EXPECT_EQ(events.pongs[0], 55u);

  auto service = Connect(1, ServiceId::kDatabase);
  const Address gone = service->address();
  ASSERT_TRUE(endpoint->Send(endpoint->To(gone, PacketKind::kStream), [](auto) {}).ok());
  EXPECT_EQ(Wait(endpoint->WhenFlushed()), absl::OkStatus());
  Receive(*service, PacketKind::kStream);
  service.reset();
  AwaitLoop([&] { return !events.gone.empty(); });
  EXPECT_EQ(events.gone, std::vector<Address>{gone});

  loops_[1].reset();
  AwaitLoop([&] { return !events.down.empty(); });
  EXPECT_EQ(events.down, std::vector<NodeNumber>{NodeNumber(1)});
  endpoint->RemoveObserver(&events);
}

TEST_F(EndpointTest, WhatTheTransportDoesNotTakeIsBoundedAndAClearError) {
  // A transport that welcomes and then never reads again.
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair.ok());
  Endpoint::Options options = EndpointOptions(0);
  options.reconnects = false;
  options.connect = [&] { return absl::StatusOr<UniqueFd>(std::move(pair->first)); };
  auto endpoint = MakeEndpoint(options);
  const Bytes welcome =
      *WriteGreeting(&writer_, Welcome{"stuck", NodeNumber(0), InstanceNumber(1), 1});
  ASSERT_EQ(::write(pair->second.get(), welcome.data(), welcome.size()),
            static_cast<ssize_t>(welcome.size()));
  EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
  const std::string text(500000, 'x');
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i) {
    status = endpoint->Send(endpoint->To({kThisNode, ServiceId::kEvent, {}}, PacketKind::kData),
                            [&](auto payload) { SetText(payload, text); });
    io_.provider->getTimer().afterDelay(0 * kj::SECONDS).wait(io_.waitScope);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_LE(endpoint->queued_bytes(), kEndpointQueueBytesMax + kFrameBytesMax);
  auto flushed = endpoint->WhenFlushed();
  EXPECT_FALSE(flushed.poll(io_.waitScope));
  pair->second.Reset();
  EXPECT_FALSE(Wait(kj::mv(flushed)).ok());
  EXPECT_FALSE(Wait(endpoint->WhenFinished()).ok());
}

TEST_F(EndpointTest, WhatWasLostWithTheTransportIsNotCalledFlushed) {
  StartNodes(1);
  auto endpoint = ReadyEndpoint(0);
  loops_[0].reset();
  ASSERT_TRUE(endpoint->Ping(1).ok()) << "it cannot know yet";
  auto flushed = endpoint->WhenFlushed();
  AwaitLoop([&] { return !endpoint->is_connected(); });
  const absl::Status status = Wait(kj::mv(flushed));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(EndpointTest, TooManySubscriptionsAreRefusedHereAndNotByDisconnection) {
  StartNodes(1);
  auto endpoint = ReadyEndpoint(0);
  for (uint64_t channel = 0; channel < kChannelsPerEndpointMax; ++channel) {
    ASSERT_TRUE(endpoint->Subscribe(ChannelId(channel)).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(endpoint->Subscribe(ChannelId(1 << 20))));
  EXPECT_TRUE(endpoint->Subscribe(ChannelId(5)).ok()) << "that one it has";
  AwaitLoop([&] {
    const auto endpoints = loops_[0]->Endpoints();
    return endpoints.size() == 1 && endpoints[0].channel_count == kChannelsPerEndpointMax;
  });
}

TEST_F(EndpointTest, OnlyAnEndpointsOwnNodeCanSayThatItIsGone) {
  StartNodes(1);
  auto pair = MakeSocketPair();
  Endpoint::Options options = EndpointOptions(0);
  options.connect = [&] { return absl::StatusOr<UniqueFd>(std::move(pair->first)); };
  auto endpoint = MakeEndpoint(options);
  Events events;
  endpoint->AddObserver(&events);
  const auto write = [&](Bytes frame) {
    ASSERT_EQ(::write(pair->second.get(), frame.data(), frame.size()),
              static_cast<ssize_t>(frame.size()));
  };
  write(*WriteGreeting(&writer_, Welcome{"stub", NodeNumber(0), InstanceNumber(1), 1}));
  const auto notice = [&](uint32_t from) {
    Envelope envelope;
    envelope.kind = PacketKind::kNotice;
    envelope.source = {NodeNumber(from), ServiceId::kRouter, InstanceNumber(0)};
    return writer_.Begin(envelope).getPayload().initAs<wire::Notice>();
  };
  notice(2).setNodeDown(1);
  write(*writer_.Finish());
  notice(2).initEndpointGone().setGoneNode(1);
  write(*writer_.Finish());
  notice(2).initEndpointGone().setGoneNode(2);
  write(*writer_.Finish());
  notice(0).setNodeDown(3);
  write(*writer_.Finish());
  AwaitLoop([&] { return !events.down.empty(); });
  EXPECT_EQ(events.down, std::vector<NodeNumber>{NodeNumber(3)});
  ASSERT_EQ(events.gone.size(), 1u);
  EXPECT_EQ(events.gone[0].node, NodeNumber(2));
  endpoint->RemoveObserver(&events);
}

TEST_F(EndpointTest, AnEndpointMayGoAtAnyTime) {
  StartNodes(1);
  MakeEndpoint(EndpointOptions(0));
  auto greeting = MakeEndpoint(EndpointOptions(0));
  io_.provider->getTimer().afterDelay(0 * kj::SECONDS).wait(io_.waitScope);
  greeting.reset();
  auto ready = ReadyEndpoint(0);
  ASSERT_TRUE(ready->Ping(1).ok());
  ready.reset();
  Await([&] { return loops_[0]->Endpoints().empty(); });
}

}  // namespace
}  // namespace ctdb
