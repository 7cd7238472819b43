// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/connection.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "absl/strings/match.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;

class ConnectionTest : public test::TransportFixture {
 protected:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, absl::Duration timeout = absl::Seconds(10)) {
    Connection::Options options;
    options.socket_path = path;
    options.timeout = timeout;
    return Connection::Open(options);
  }
  std::unique_ptr<Connection> OpenNode(uint32_t node) {
    auto connection = Open(SocketPath(node));
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }
};

TEST_F(ConnectionTest, OpensWithAnAddressOfTheLocalNode) {
  StartNodes(2);
  auto connection = OpenNode(1);
  EXPECT_EQ(connection->address().node, NodeNumber(1));
  EXPECT_EQ(connection->address().service, ServiceId::kClient);
  EXPECT_NE(connection->address().instance, InstanceNumber(0));
}

TEST_F(ConnectionTest, AMissingSocketIsUnavailableAndNamed) {
  const absl::Status status = Open("/nonexistent/ctdbd.socket").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "/nonexistent/ctdbd.socket")) << status;
}

TEST_F(ConnectionTest, ASocketThatNobodyServesIsUnavailableAndNamed) {
  { ASSERT_TRUE(ListenUnix(SocketPath(7), 0700).ok()); }
  const absl::Status status = Open(SocketPath(7)).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), SocketPath(7))) << status;
}

TEST_F(ConnectionTest, ATransportThatNeverAnswersIsGivenUpInTime) {
  const auto silent = ListenUnix(SocketPath(8), 0700);
  ASSERT_TRUE(silent.ok());
  const absl::Status status = Open(SocketPath(8), absl::Milliseconds(50)).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "50ms")) << status;
}

TEST_F(ConnectionTest, ARefusalComesWithItsReason) {
  MakeNodes(1);
  TransportLoop::Options options = OptionsFor(0);
  options.limits.endpoint_count_max = 1;
  StartWith(0, options);
  auto first = Connect(0);
  const absl::Status status = Open(SocketPath(0)).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "1 endpoints")) << status;
}

TEST_F(ConnectionTest, ASecondOneOnTheSameThreadIsAnErrorNotAnException) {
  StartNodes(1);
  auto first = OpenNode(0);
  const absl::Status status = Open(SocketPath(0)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "thread")) << status;
  std::thread([&] { EXPECT_TRUE(Open(SocketPath(0)).ok()); }).join();
}

TEST_F(ConnectionTest, WaitEndsWithTheTimeLimitInItsText) {
  StartNodes(1);
  auto connection = Open(SocketPath(0), absl::Milliseconds(50));
  ASSERT_TRUE(connection.ok());
  const auto result = (*connection)->Wait(kj::Promise<int>(kj::NEVER_DONE));
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_TRUE(absl::StrContains(result.status().message(), "50ms")) << result.status();
  EXPECT_EQ(*(*connection)->Wait(kj::Promise<int>(5)), 5) << "and the connection goes on";
}

// The loop's timer stands still while a program does something else.
TEST_F(ConnectionTest, TheTimeLimitBeginsWithTheWait) {
  StartNodes(1);
  auto connection = Open(SocketPath(0), absl::Milliseconds(500));
  ASSERT_TRUE(connection.ok()) << connection.status();
  kj::Timer& timer = (*connection)->timer();
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  auto answer = timer.afterDelay(1 * kj::MILLISECONDS).then([&timer] {
    return timer.afterDelay(50 * kj::MILLISECONDS).then([] { return 5; });
  });
  const auto result = (*connection)->Wait(kj::mv(answer));
  EXPECT_TRUE(result.ok()) << result.status();
}

TEST_F(ConnectionTest, AnInfiniteTimeLimitIsNone) {
  StartNodes(1);
  auto connection = Open(SocketPath(0), absl::InfiniteDuration());
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ((*connection)->Flush(), absl::OkStatus());
  bool is_done = false;
  auto later = (*connection)
                   ->timer()
                   .afterDelay(20 * kj::MILLISECONDS)
                   .then([&] { is_done = true; })
                   .eagerlyEvaluate(nullptr);
  ASSERT_TRUE((*connection)->Subscribe(ChannelId(1), [](const Connection::Message&) {}).ok());
  EXPECT_EQ(*(*connection)->Wait(later.then([] { return 1; })), 1);
  EXPECT_TRUE(is_done);
}

TEST_F(ConnectionTest, MessagesArriveAcrossNodesInOrder) {
  StartNodes(2);
  auto receiver = Connect(1);
  ASSERT_TRUE(receiver->Subscribe(ChannelId(5)).ok());
  Await([&] { return loops_[1]->Endpoints()[0].channel_count == 1; });
  auto connection = OpenNode(0);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(connection->SendMessage(NodeNumber(1), ChannelId(5), std::to_string(i)).ok());
  }
  EXPECT_EQ(connection->Flush(), absl::OkStatus());
  for (int i = 0; i < 1000; ++i) {
    const Packet packet = Receive(*receiver, PacketKind::kMessage);
    ASSERT_EQ(packet.payload, std::to_string(i));
    ASSERT_EQ(packet.envelope.source, connection->address());
  }
}

TEST_F(ConnectionTest, WhatWasSentAfterSubscribeReturnedIsReceived) {
  StartNodes(2);
  auto connection = OpenNode(0);
  auto sender = Connect(1);
  std::string received;
  const auto receive = [&](const Connection::Message& message) {
    EXPECT_EQ(message.channel, ChannelId(6));
    EXPECT_EQ(message.source, sender->address());
    received.append(message.payload.data(), message.payload.size());
  };
  ASSERT_EQ(connection->Subscribe(ChannelId(6), receive), absl::OkStatus());
  Envelope envelope = sender->To({kAllNodes, {}, {}}, PacketKind::kMessage);
  envelope.channel = 6;
  for (const char* text : {"a", "", "b"}) Send(*sender, envelope, text);
  EXPECT_EQ(connection->Run(kSoon, [&] { return received == "ab"; }), absl::OkStatus());
}

TEST_F(ConnectionTest, FlushReportsWhatWasNotDeliveredOnce) {
  StartNodes(1);
  auto connection = OpenNode(0);
  ASSERT_TRUE(connection->SendMessage(kThisNode, ChannelId(77), "x").ok());
  const absl::Status status = connection->Flush();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "channel 77")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "nobody listens")) << status;
  EXPECT_EQ(connection->Flush(), absl::OkStatus());
}

TEST_F(ConnectionTest, FlushReportsWhatAnotherNodeCouldNotDeliver) {
  StartNodes(3);
  loops_[2].reset();
  auto connection = OpenNode(0);
  ASSERT_TRUE(connection->SendMessage(NodeNumber(1), ChannelId(7), "x").ok());
  absl::Status status = connection->Flush();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "nobody listens")) << status;
  // A node that is down does not make it wait.
  Await([&] { return !loops_[0]->Nodes()[2].is_connected; });
  ASSERT_TRUE(connection->SendMessage(NodeNumber(2), ChannelId(7), "x").ok());
  status = connection->Flush();
  EXPECT_TRUE(absl::StrContains(status.message(), "not connected")) << status;
  EXPECT_TRUE(connection->Flush().ok());
}

TEST_F(ConnectionTest, ATooLargeMessageIsRefusedAndTheLargestIsNot) {
  StartNodes(1);
  auto receiver = Connect(0);
  ASSERT_TRUE(receiver->Subscribe(ChannelId(5)).ok());
  Await([&] { return loops_[0]->Endpoints()[0].channel_count == 1; });
  auto connection = OpenNode(0);
  const std::string largest(kMessageBytesMax, 'x');
  const absl::Status status = connection->SendMessage(kThisNode, ChannelId(5), largest + "y");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  ASSERT_TRUE(connection->SendMessage(kThisNode, ChannelId(5), largest).ok());
  std::thread reader(
      [&] { EXPECT_EQ(Receive(*receiver, PacketKind::kMessage).payload.size(), largest.size()); });
  EXPECT_EQ(connection->Flush(), absl::OkStatus());
  reader.join();
}

TEST_F(ConnectionTest, AMalformedMessageOfAnotherProgramHarmsNobody) {
  StartNodes(1);
  auto connection = OpenNode(0);
  int received = 0;
  ASSERT_TRUE(
      connection->Subscribe(ChannelId(5), [&](const Connection::Message&) { ++received; }).ok());
  auto hostile = Connect(0);
  Envelope envelope = hostile->To({kThisNode, {}, {}}, PacketKind::kMessage);
  envelope.channel = 5;
  writer_.Begin(envelope).getPayload().initAs<wire::Control>().setPing();
  hostile->Queue(*writer_.Finish());
  Send(*hostile, envelope, "good");
  EXPECT_EQ(connection->Run(kSoon, [&] { return received == 1; }), absl::OkStatus());
  EXPECT_EQ(connection->Flush(), absl::OkStatus());
}

TEST_F(ConnectionTest, ALostTransportEndsEverythingAtOnceAndIsNamed) {
  StartNodes(1);
  auto connection = OpenNode(0);
  loops_[0].reset();
  const absl::Status status = connection->Run(kSoon, [] { return false; });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), SocketPath(0))) << status;
  EXPECT_TRUE(absl::IsUnavailable(connection->SendMessage(kThisNode, ChannelId(1), "x")));
  EXPECT_TRUE(absl::IsUnavailable(connection->Flush()));
}

TEST_F(ConnectionTest, RunEndsWhenItsTimeIsOver) {
  StartNodes(1);
  auto connection = OpenNode(0);
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(connection->Run(absl::Milliseconds(20), [] { return false; })));
  EXPECT_EQ(connection->Run(absl::ZeroDuration(), [] { return true; }), absl::OkStatus());
}

}  // namespace
}  // namespace ctdb
