// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/transport_loop.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;

class TransportLoopTest : public test::TransportFixture {};

TEST_F(TransportLoopTest, PacketReachesAServiceOnThisNodeAndItsAnswerTheSender) {
  MakeNodes(1);
  Start(0);
  auto service = Connect(0, ServiceId::kDatabase);
  auto client = Connect(0);
  Send(*client, client->To({kThisNode, ServiceId::kDatabase, {}}, PacketKind::kData), "question");
  const Packet question = Receive(*service, PacketKind::kData);
  EXPECT_EQ(question.payload, "question");
  EXPECT_EQ(question.envelope.source, client->address());
  Send(*service, service->To(question.envelope.source, PacketKind::kData), "answer");
  EXPECT_EQ(Receive(*client, PacketKind::kData).payload, "answer");
}

TEST_F(TransportLoopTest, PacketReachesAnotherNode) {
  MakeNodes(2);
  Start(0);
  Start(1);
  AwaitConnected(0, 1);
  auto service = Connect(1, ServiceId::kDatabase);
  auto client = Connect(0);
  for (const std::string& payload : {std::string("small"), std::string(900000, 'x')}) {
    Send(*client, client->To({NodeNumber(1), ServiceId::kDatabase, {}}, PacketKind::kData),
         payload);
    EXPECT_EQ(Receive(*service, PacketKind::kData).payload, payload);
  }
}

TEST_F(TransportLoopTest, MessageReachesEverySubscriberOfAGroupOfNodesInOrder) {
  MakeNodes(3);
  for (uint32_t node : {0, 1, 2}) Start(node);
  AwaitConnected(0, 1);
  AwaitConnected(0, 2);
  auto local = Connect(0);
  auto remote = Connect(1);
  auto other = Connect(2);
  auto sender = Connect(0);
  for (PlainEndpoint* subscriber : {local.get(), remote.get(), other.get()}) {
    ASSERT_TRUE(subscriber->Subscribe(ChannelId(77)).ok());
  }
  Await([&] {
    int count = 0;
    for (auto& loop : loops_) {
      for (const EndpointStatus& endpoint : loop->Endpoints()) count += endpoint.channel_count;
    }
    return count == 3;
  });
  Envelope envelope = sender->To({kConnectedNodes, ServiceId::kUnknown, {}}, PacketKind::kMessage);
  envelope.channel = 77;
  for (int i = 0; i < 100; ++i) Send(*sender, envelope, absl::StrCat(i));
  for (PlainEndpoint* subscriber : {local.get(), remote.get(), other.get()}) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(Receive(*subscriber, PacketKind::kMessage).payload, absl::StrCat(i));
    }
  }
}

TEST_F(TransportLoopTest, WhatCannotBeDeliveredIsReportedWithItsReason) {
  MakeNodes(3);
  Start(0);
  Start(1);
  AwaitConnected(0, 1);
  auto client = Connect(0);
  const auto reason = [&](const Address& destination, PacketKind kind = PacketKind::kData) {
    Envelope envelope = client->To(destination, kind);
    envelope.request_id = 9;
    Send(*client, envelope, "x");
    const Packet notice = Receive(*client, PacketKind::kNotice);
    EXPECT_EQ(notice.envelope.request_id, 9u);
    return notice.reason;
  };
  using Reason = wire::UndeliverableReason;
  EXPECT_EQ(reason({NodeNumber(9), ServiceId::kDatabase, {}}), Reason::NO_SUCH_NODE);
  EXPECT_EQ(reason({NodeNumber(2), ServiceId::kDatabase, {}}), Reason::NODE_NOT_CONNECTED);
  EXPECT_EQ(reason({NodeNumber(0), ServiceId::kDatabase, {}}), Reason::NO_SUCH_SERVICE);
  EXPECT_EQ(reason({NodeNumber(1), ServiceId::kDatabase, {}}), Reason::NO_SUCH_SERVICE);
  EXPECT_EQ(reason({NodeNumber(1), ServiceId::kClient, InstanceNumber(4)}),
            Reason::NO_SUCH_INSTANCE);
  EXPECT_EQ(reason({NodeNumber(1), ServiceId::kUnknown, {}}, PacketKind::kMessage),
            Reason::NO_SUBSCRIBER);
  EXPECT_EQ(reason({kLeaderNode, ServiceId::kDatabase, {}}), Reason::NO_SUCH_GROUP);
}

TEST_F(TransportLoopTest, ALostNodeIsNoticedAndComesBack) {
  MakeNodes(2);
  Start(0);
  Start(1);
  AwaitConnected(0, 1);
  loops_[1].reset();
  Await([&] { return !loops_[0]->Nodes()[1].is_connected; });
  EXPECT_TRUE(absl::StrContains(loops_[0]->Nodes()[1].last_error, "closed"));
  Start(1);
  AwaitConnected(0, 1);
  // And the other way round: the one that dials survives.
  loops_[0].reset();
  Await([&] { return !loops_[1]->Nodes()[0].is_connected; });
  Start(0);
  AwaitConnected(0, 1);
}

TEST_F(TransportLoopTest, ASecondDaemonForAServiceIsRefused) {
  MakeNodes(1);
  Start(0);
  auto first = Connect(0, ServiceId::kDatabase);
  const auto second = PlainEndpoint::Connect(ConnectUnix(OptionsFor(0).socket_path),
                                             {"second", ServiceId::kDatabase});
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
  EXPECT_TRUE(absl::StrContains(second.status().message(), "database"));
}

TEST_F(TransportLoopTest, ServiceNameIsFreeAgainWhenItsDaemonIsGone) {
  MakeNodes(1);
  Start(0);
  Connect(0, ServiceId::kDatabase).reset();
  Await([&] { return loops_[0]->Endpoints().empty(); });
  Connect(0, ServiceId::kDatabase);
}

TEST_F(TransportLoopTest, ASenderThatUsesAnotherNameIsCutOff) {
  MakeNodes(1);
  Start(0);
  auto liar = Connect(0);
  auto honest = Connect(0);
  Envelope envelope = liar->To({kThisNode, ServiceId::kDatabase, {}}, PacketKind::kData);
  envelope.source = honest->address();
  Send(*liar, envelope, "x");
  absl::StatusOr<Bytes> frame = Bytes();
  while (frame.ok()) frame = liar->Receive(kSoon);
  EXPECT_TRUE(absl::IsUnavailable(frame.status())) << frame.status();
  EXPECT_TRUE(log_.Contains("in the name of"));
  EXPECT_EQ(loops_[0]->Endpoints().size(), 1u);
}

TEST_F(TransportLoopTest, GarbageEndsOneConnectionWithOneLineAndNothingElse) {
  MakeNodes(2);
  Start(0);
  Start(1);
  AwaitConnected(0, 1);
  auto client = Connect(0);
  auto service = Connect(1, ServiceId::kDatabase);
  const std::string path = OptionsFor(0).socket_path;
  SendGarbage(ConnectUnix(path), "GET / HTTP/1.1\r\n\r\n");
  SendGarbage(ConnectUnix(path), std::string("\0\0\0\0\xff\xff\xff\xff", 8));
  SendGarbage(ConnectUnix(path), std::string("\xff\xff\xff\xff\0\0\0\0", 8));
  SendGarbage(DialTcp("127.0.0.2", "127.0.0.1", port_), "SSH-2.0-OpenSSH_9.2\r\n");
  SendGarbage(DialTcp("127.0.0.2", "127.0.0.1", port_),
              std::string("\0\0\0\0\3\0\0\0", 8) + std::string(24, '\x55'));
  EXPECT_EQ(log_.Count("not a packet"), 5);
  Send(*client, client->To({NodeNumber(1), ServiceId::kDatabase, {}}, PacketKind::kData), "still");
  EXPECT_EQ(Receive(*service, PacketKind::kData).payload, "still");
}

TEST_F(TransportLoopTest, ANodeThatIsNotInTheListIsRefusedAndToldWhy) {
  MakeNodes(2);
  Start(0);
  auto stranger = nodes_;
  stranger[1].address = "127.0.0.9";
  TransportLoop::Options options = OptionsFor(1);
  options.nodes = stranger;
  StartWith(1, options);
  Await([&] {
    return absl::StrContains(loops_[1]->Nodes()[0].last_error,
                             "127.0.0.9 is not in the nodes list");
  });
  EXPECT_TRUE(log_.Contains("Refused the connection of 127.0.0.9"));
}

TEST_F(TransportLoopTest, NodesWithDifferentListsRefuseEachOther) {
  MakeNodes(3);
  Start(0);
  // Node 2 thinks that it is node 1's address that it has, so its number does not fit.
  TransportLoop::Options options = OptionsFor(2);
  options.nodes = {{NodeNumber(0), "127.0.0.1", false}, {NodeNumber(2), "127.0.0.2", false}};
  StartWith(2, options);
  Await([&] {
    return absl::StrContains(loops_[2]->Nodes()[0].last_error,
                             "node 2 connects from 127.0.0.2, the nodes list of node 0 gives it "
                             "127.0.0.3");
  });
}

TEST_F(TransportLoopTest, BusyPortAndBusySocketAreClearErrors) {
  MakeNodes(1);
  Start(0);
  const auto again = TransportLoop::Start(OptionsFor(0), log_.logger());
  EXPECT_TRUE(absl::IsAlreadyExists(again.status()));
  EXPECT_TRUE(absl::StrContains(again.status().message(), absl::StrCat("port ", port_)));
  TransportLoop::Options other_port = OptionsFor(0);
  other_port.port = test::FreePort();
  const auto same_socket = TransportLoop::Start(other_port, log_.logger());
  EXPECT_TRUE(absl::IsAlreadyExists(same_socket.status())) << same_socket.status();
  EXPECT_TRUE(absl::StrContains(same_socket.status().message(), "another daemon answers"));
}

TEST_F(TransportLoopTest, AStaleSocketFileIsReplaced) {
  MakeNodes(1);
  { auto stale = ListenUnix(OptionsFor(0).socket_path, 0700); }
  Start(0);
  EXPECT_NE(Connect(0), nullptr);
}

TEST_F(TransportLoopTest, AClientThatStopsReadingCostsABoundedBufferAndIsDisconnected) {
  MakeNodes(1);
  TransportLoop::Options options = OptionsFor(0);
  options.limits.queue_bytes_max = 1 << 20;
  options.limits.stall_limit = absl::Milliseconds(300);
  StartWith(0, options);
  auto sleeper = Connect(0);
  auto daemon = Connect(0, ServiceId::kDatabase);
  auto other = Connect(0);
  // A daemon is never held up: the queue fills and the sleeper goes.
  const std::string payload(50000, 'x');
  Await([&] {
    Send(*daemon, daemon->To(sleeper->address(), PacketKind::kData), payload);
    return loops_[0]->Endpoints().size() == 2;
  });
  EXPECT_TRUE(log_.Contains("it does not read") || log_.Contains("read nothing"));
  Send(*other, other->To({kThisNode, ServiceId::kDatabase, {}}, PacketKind::kData), "fine");
  EXPECT_EQ(Receive(*daemon, PacketKind::kData).payload, "fine");
}

TEST_F(TransportLoopTest, AClientThatSendsFasterThanAnotherReadsIsHeldBackAndLosesNothing) {
  MakeNodes(1);
  TransportLoop::Options options = OptionsFor(0);
  options.limits.queue_bytes_max = 4 << 20;
  options.limits.pause_bytes = 100000;
  StartWith(0, options);
  auto reader = Connect(0);
  auto writer = Connect(0);
  const std::string payload(10000, 'x');
  constexpr int kCount = 2000;  // 20 MB, far more than any queue may hold.
  int received = 0;
  for (int i = 0; i < kCount; ++i) {
    writer_.Begin(writer->To(reader->address(), PacketKind::kData))
        .getPayload()
        .setAs<capnp::Data>(
            capnp::Data::Reader(reinterpret_cast<const kj::byte*>(payload.data()), payload.size()));
    writer->Queue(*writer_.Finish());
    // While the writer is held back, the reader reads.
    while (!writer->Flush(absl::Milliseconds(1)).ok()) {
      Receive(*reader, PacketKind::kData);
      ++received;
    }
  }
  while (received < kCount) {
    ASSERT_EQ(Receive(*reader, PacketKind::kData).payload.size(), payload.size());
    ++received;
  }
}

TEST_F(TransportLoopTest, ANewNodeCanBeAddedAndARemovedOneIsDropped) {
  MakeNodes(3);
  const auto all = nodes_;
  nodes_.pop_back();
  Start(0);
  Start(1);
  AwaitConnected(0, 1);
  nodes_ = all;
  Start(2);
  ASSERT_TRUE(loops_[0]->SetNodes(all).ok());
  ASSERT_TRUE(loops_[1]->SetNodes(all).ok());
  AwaitConnected(0, 2);
  AwaitConnected(1, 2);
  auto without_one = all;
  without_one[1].is_deleted = true;
  ASSERT_TRUE(loops_[0]->SetNodes(without_one).ok());
  EXPECT_FALSE(loops_[0]->Nodes()[1].is_connected);
  EXPECT_TRUE(loops_[0]->Nodes()[2].is_connected);
}

}  // namespace
}  // namespace ctdb
