// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Against real transports of the other nodes.

#include "lib/guardian/io/farewell.h"

#include <gtest/gtest.h>

#include <optional>

#include "absl/time/clock.h"
#include "lib/base/io/boot_time.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::guardian {
namespace {

constexpr uint64_t kToken = 0x1234567890abcdef;

// Node 2 of three has ended.
class FarewellTest : public test::TransportFixture {
 protected:
  void StartPeers() {
    MakeNodes(3);
    for (const uint32_t node : {0u, 1u}) Start(node);
  }
  Will OwnWill() const {
    return {.node = NodeNumber(2),
            .address = nodes_[2].address,
            .port = port_,
            .parting_token = kToken,
            .volatile_directory = "/nowhere",
            .peers = {{NodeNumber(0), nodes_[0].address}, {NodeNumber(1), nodes_[1].address}}};
  }
  static std::vector<NodeNumber> Say(const Will& will, absl::Duration limit = test::kSoon) {
    return SayFarewell(will, absl::Now() + limit);
  }
  struct Notice {
    NodeNumber node;
    uint64_t token;
    int64_t as_of;
  };
  // What the cluster service of a node is told.
  std::optional<Notice> Heard(PlainEndpoint& service) {
    while (true) {
      const auto frame = service.Receive(absl::Seconds(2));
      if (!frame.ok()) return std::nullopt;
      if (DecodeEnvelope(*frame)->kind != PacketKind::kNotice) continue;
      PacketReader reader(*frame);
      const auto notice = reader.payload().getAs<wire::Notice>();
      if (notice.which() != wire::Notice::NODE_PARTED) continue;
      const auto parted = notice.getNodeParted();
      return Notice{NodeNumber(parted.getPartedNode()), parted.getToken(), parted.getAsOf()};
    }
  }
};

TEST_F(FarewellTest, TheClusterServicesOfAllNodesHearIt) {
  StartPeers();
  const auto first = Connect(0, ServiceId::kCluster);
  const auto second = Connect(1, ServiceId::kCluster);
  const int64_t before = BootTimeNanoseconds();
  EXPECT_EQ(Say(OwnWill()), (std::vector<NodeNumber>{NodeNumber(0), NodeNumber(1)}));
  for (PlainEndpoint* service : {first.get(), second.get()}) {
    const std::optional<Notice> notice = Heard(*service);
    ASSERT_TRUE(notice.has_value()) << log_.text();
    EXPECT_EQ(notice->node, NodeNumber(2));
    EXPECT_EQ(notice->token, kToken);
    EXPECT_GE(notice->as_of, before);
    EXPECT_LE(notice->as_of, BootTimeNanoseconds());
  }
}

TEST_F(FarewellTest, NobodyElseHearsIt) {
  StartPeers();
  const auto database = Connect(0, ServiceId::kDatabase);
  EXPECT_EQ(Say(OwnWill()).size(), 2u);
  Send(*database, database->To({NodeNumber(0), ServiceId::kDatabase, {}}, PacketKind::kData), "x");
  while (true) {
    const auto frame = database->Receive(test::kSoon);
    ASSERT_TRUE(frame.ok()) << frame.status();
    if (DecodeEnvelope(*frame)->kind == PacketKind::kData) break;
    PacketReader reader(*frame);
    EXPECT_NE(reader.payload().getAs<wire::Notice>().which(), wire::Notice::NODE_PARTED);
  }
}

TEST_F(FarewellTest, ItIsNoLink) {
  StartPeers();
  const auto service = Connect(0, ServiceId::kCluster);
  EXPECT_EQ(Say(OwnWill()).size(), 2u);
  EXPECT_FALSE(loops_[0]->Nodes()[2].is_connected);
  // The node itself may come again at once.
  Start(2);
  AwaitConnected(2, 0);
}

TEST_F(FarewellTest, ANodeThatIsNotThereIsNotWaitedFor) {
  MakeNodes(3);
  Start(1);
  EXPECT_EQ(Say(OwnWill()), std::vector<NodeNumber>{NodeNumber(1)});
}

TEST_F(FarewellTest, ANodeThatDoesNotAnswerIsWaitedForUntilTheDeadline) {
  MakeNodes(3);
  Start(1);
  const auto silent = ListenTcp(nodes_[0].address, port_);
  ASSERT_TRUE(silent.ok()) << silent.status();
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Say(OwnWill(), absl::Milliseconds(100)), std::vector<NodeNumber>{NodeNumber(1)});
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(99));
}

TEST_F(FarewellTest, AStrangerIsRefused) {
  StartPeers();
  Will will = OwnWill();
  will.address = "127.0.0.9";
  EXPECT_TRUE(Say(will).empty());
  EXPECT_TRUE(log_.Contains("127.0.0.9 is not in the nodes list"));
}

TEST_F(FarewellTest, ANodeSpeaksForItselfOnly) {
  StartPeers();
  Will will = OwnWill();
  will.node = NodeNumber(1);
  will.peers = {{NodeNumber(0), nodes_[0].address}};
  EXPECT_TRUE(Say(will).empty());
  EXPECT_TRUE(log_.Contains("node 1 connects from 127.0.0.3"));
}

// Whatever a guardian says instead of what it must say.
TEST_F(FarewellTest, AGuardianThatSaysSomethingElseIsRefused) {
  StartPeers();
  const auto service = Connect(0, ServiceId::kCluster);
  PacketWriter writer;
  std::string bytes;
  const NodeHello hello{
      .software = "test", .node = NodeNumber(2), .expected_node = NodeNumber(0), .parts = true};
  for (int i = 0; i < 2; ++i) {
    const auto frame = WriteGreeting(&writer, hello);
    ASSERT_TRUE(frame.ok());
    bytes.append(reinterpret_cast<const char*>(frame->data()), frame->size());
  }
  SendGarbage(DialTcp(nodes_[2].address, nodes_[0].address, port_), bytes);
  EXPECT_TRUE(log_.Contains("a guardian must say that it parts")) << log_.text();
}

}  // namespace
}  // namespace ctdb::guardian
