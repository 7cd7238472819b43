// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/greeting.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace ctdb {
namespace {

Greeting WriteAndRead(const Greeting& greeting) {
  PacketWriter writer;
  const auto frame = WriteGreeting(&writer, greeting);
  EXPECT_TRUE(frame.ok()) << frame.status();
  const auto read = ReadGreeting(*frame);
  EXPECT_TRUE(read.ok()) << read.status();
  return *read;
}

TEST(GreetingTest, EveryKindIsReadAsItWasWritten) {
  const auto hello = std::get<EndpointHello>(WriteAndRead(EndpointHello{"a b", ServiceId::kEvent}));
  EXPECT_EQ(hello.software, "a b");
  EXPECT_EQ(hello.service, ServiceId::kEvent);
  const auto node =
      std::get<NodeHello>(WriteAndRead(NodeHello{"n", NodeNumber(3), ~uint64_t{0}, NodeNumber(4)}));
  EXPECT_EQ(node.software, "n");
  EXPECT_EQ(node.node, NodeNumber(3));
  EXPECT_EQ(node.incarnation, ~uint64_t{0});
  EXPECT_EQ(node.expected_node, NodeNumber(4));
  const auto welcome =
      std::get<Welcome>(WriteAndRead(Welcome{"w", NodeNumber(1), InstanceNumber(77), 9}));
  EXPECT_EQ(welcome.software, "w");
  EXPECT_EQ(welcome.node, NodeNumber(1));
  EXPECT_EQ(welcome.instance, InstanceNumber(77));
  EXPECT_EQ(welcome.incarnation, 9u);
  const auto refusal = std::get<absl::Status>(WriteAndRead(absl::AbortedError("because")));
  EXPECT_EQ(refusal, absl::AbortedError("because"));
}

TEST(GreetingTest, ARefusalIsAlwaysAnError) {
  // A peer's code is not trusted to be one.
  PacketWriter writer;
  for (uint16_t code : {0, 17, 65535}) {
    Envelope envelope;
    envelope.kind = PacketKind::kHandshake;
    auto refused = writer.Begin(envelope).getPayload().initAs<wire::Handshake>().initRefused();
    refused.setCode(code);
    refused.setReason("no");
    const auto read = ReadGreeting(*writer.Finish());
    ASSERT_TRUE(read.ok());
    EXPECT_FALSE(std::get<absl::Status>(*read).ok());
    EXPECT_EQ(std::get<absl::Status>(*read).message(), "no");
  }
}

TEST(GreetingTest, TextOfAPeerIsShortAndHarmlessInALogLine) {
  const std::string evil = "a\nb\r\x1b[31mc\x7f";
  const auto hello = std::get<EndpointHello>(WriteAndRead(EndpointHello{evil}));
  EXPECT_EQ(hello.software, "a?b??[31mc?");
  const std::string endless(100000, 'x');
  EXPECT_EQ(std::get<EndpointHello>(WriteAndRead(EndpointHello{endless})).software.size(),
            kPeerTextBytesMax);
  EXPECT_EQ(std::get<absl::Status>(WriteAndRead(absl::InternalError(endless))).message().size(),
            kPeerTextBytesMax);
}

TEST(GreetingTest, APacketOfAnotherKindIsNoGreeting) {
  PacketWriter writer;
  for (PacketKind kind : {PacketKind::kControl, PacketKind::kNotice, PacketKind::kData}) {
    Envelope envelope;
    envelope.kind = kind;
    writer.Begin(envelope).getPayload().initAs<wire::Handshake>().initWelcome();
    const absl::Status status = ReadGreeting(*writer.Finish()).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
}

TEST(GreetingTest, AGreetingOfAnotherMajorVersionSaysWhichVersionsMeet) {
  PacketWriter writer;
  Envelope envelope;
  envelope.kind = PacketKind::kHandshake;
  envelope.major_version = kProtocolMajor + 1;
  writer.Begin(envelope).getPayload().initAs<wire::Handshake>().initWelcome();
  const absl::Status status = ReadGreeting(*writer.Finish()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "version 2.0"));
  EXPECT_TRUE(absl::StrContains(status.message(), "version 1.0"));
}

TEST(GreetingTest, APayloadThatIsNoHandshakeIsAnError) {
  PacketWriter writer;
  Envelope envelope;
  envelope.kind = PacketKind::kHandshake;
  writer.Begin(envelope).getPayload().setAs<capnp::Text>("hello");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadGreeting(*writer.Finish()).status()));
}

TEST(CheckEndpointHelloTest, AnybodyMayBeAClient) {
  EXPECT_TRUE(CheckEndpointHello({"x", ServiceId::kClient}, 1000, 0).ok());
}

TEST(CheckEndpointHelloTest, AServiceNeedsTheDaemonsUserOrRoot) {
  const EndpointHello hello{"x", ServiceId::kDatabase};
  EXPECT_TRUE(CheckEndpointHello(hello, 0, 55).ok());
  EXPECT_TRUE(CheckEndpointHello(hello, 55, 55).ok());
  const absl::Status status = CheckEndpointHello(hello, 1000, 55);
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  for (const char* part : {"1000", "database", "55"}) {
    EXPECT_TRUE(absl::StrContains(status.message(), part)) << status;
  }
  EXPECT_TRUE(
      absl::IsPermissionDenied(CheckEndpointHello({"x", static_cast<ServiceId>(2000)}, 1000, 55)));
}

TEST(CheckEndpointHelloTest, NobodyMayBeTheRouterOrUnknown) {
  for (ServiceId service : {ServiceId::kRouter, ServiceId::kUnknown}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckEndpointHello({"x", service}, 0, 0)));
  }
}

class CheckNodeHelloTest : public testing::Test {
 protected:
  absl::Status Check(const NodeHello& hello, absl::string_view from) {
    return CheckNodeHello(hello, NodeNumber(0), nodes_, from);
  }
  const std::vector<TransportNode> nodes_ = {{NodeNumber(0), "10.0.0.1", false},
                                             {NodeNumber(1), "10.0.0.2", false},
                                             {NodeNumber(2), "10.0.0.3", true},
                                             {NodeNumber(3), "fd00::1", false}};
};

TEST_F(CheckNodeHelloTest, ANodeOfTheListIsLetInFromItsAddress) {
  EXPECT_TRUE(Check({"", NodeNumber(1), 1, NodeNumber(0)}, "10.0.0.2").ok());
  EXPECT_TRUE(Check({"", NodeNumber(3), 1, NodeNumber(0)}, "fd00::1").ok());
}

TEST_F(CheckNodeHelloTest, AnUnknownOrDeletedNodeIsRefused) {
  for (uint32_t node : {2u, 9u, 0xfffffffeu}) {
    const absl::Status status = Check({"", NodeNumber(node), 1, NodeNumber(0)}, "10.0.0.3");
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "not in the nodes list")) << status;
  }
}

TEST_F(CheckNodeHelloTest, ANodeFromAnotherAddressIsRefusedAndBothAddressesAreNamed) {
  const absl::Status status = Check({"", NodeNumber(1), 1, NodeNumber(0)}, "10.0.0.66");
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "10.0.0.66")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "10.0.0.2")) << status;
}

TEST_F(CheckNodeHelloTest, ANodeThatLooksForAnotherIsRefused) {
  const absl::Status status = Check({"", NodeNumber(1), 1, NodeNumber(3)}, "10.0.0.2");
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "looks for node 3")) << status;
}

TEST_F(CheckNodeHelloTest, ANodeIsNotLetInToItself) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Check({"", NodeNumber(0), 1, NodeNumber(0)}, "10.0.0.1")));
}

TEST(CheckNodeWelcomeTest, OnlyTheNodeThatWasDialledMayAnswer) {
  EXPECT_TRUE(CheckNodeWelcome({"", NodeNumber(1), {}, 1}, NodeNumber(1)).ok());
  const absl::Status status = CheckNodeWelcome({"", NodeNumber(2), {}, 1}, NodeNumber(1));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "node 2 answers at the address of node 1"));
}

}  // namespace
}  // namespace ctdb
