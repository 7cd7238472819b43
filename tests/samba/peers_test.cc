// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/peers.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/samba/loop_fixture.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;

struct Heard : Peers::Listener {
  void OnNodeItem(NodeNumber, const NodeItem& item) override {
    if (const auto* message = std::get_if<NodeMessage>(&item)) data.push_back(message->data);
  }
  void OnNodeRestarted(NodeNumber) override { ++restarts; }
  void OnTrouble(const absl::Status& status) override { troubles.push_back(status); }
  std::vector<std::string> data;
  std::vector<absl::Status> troubles;
  int restarts = 0;
};

class PeersTest : public LoopFixture {
 protected:
  static constexpr absl::Duration kAbsentAfter = absl::Seconds(1);

  struct Node {
    std::unique_ptr<Endpoint> endpoint;
    Heard heard;
    std::unique_ptr<Peers> peers;
  };
  std::unique_ptr<Node> MakeNode(uint32_t number) {
    auto node = std::make_unique<Node>();
    node->endpoint = MakeEndpoint(number, ServiceId::kSambaProxy);
    node->peers =
        std::make_unique<Peers>(*node->endpoint, io_.provider->getTimer(), ++runs_, node->heard);
    return node;
  }
  void StartTwo() {
    MakeNodes(2);
    Start(0);
    Start(1);
    AwaitConnected(0, 1);
  }
  uint64_t runs_ = 0;
};

TEST_F(PeersTest, ItemsOfAnySizeArriveInOrder_MS19) {
  StartTwo();
  auto a = MakeNode(0);
  auto b = MakeNode(1);
  const std::string large(3 << 20, 'x');
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "first"});
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), large});
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "last"});
  RunUntil([&] { return b->heard.data.size() == 3; });
  EXPECT_EQ(b->heard.data[0], "first");
  EXPECT_TRUE(b->heard.data[1] == large);
  EXPECT_EQ(b->heard.data[2], "last");
}

TEST_F(PeersTest, NothingIsLostWhenTheTransportIsStartedAgain_DIS9) {
  StartTwo();
  auto a = MakeNode(0);
  auto b = MakeNode(1);
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "before"});
  RunUntil([&] { return b->heard.data.size() == 1; });
  loops_[0].reset();
  RunUntil([&] { return !a->endpoint->is_connected(); });
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "meanwhile"});
  Start(0);
  RunUntil([&] { return b->heard.data.size() == 2; });
  EXPECT_THAT(b->heard.data, ElementsAre("before", "meanwhile"));
}

TEST_F(PeersTest, AProxyThatComesLaterGetsWhatWaits) {
  StartTwo();
  auto a = MakeNode(0);
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "early"});
  auto b = MakeNode(1);
  RunUntil([&] { return b->heard.data.size() == 1; });
  b->peers.reset();
  b = nullptr;
  b = MakeNode(1);
  b->peers->Send(NodeNumber(0), NodeMessage{ChannelId(1), "again"});
  RunUntil([&] { return a->heard.restarts == 1 && a->heard.data.size() == 1; });
}

TEST_F(PeersTest, ANodeWithoutAProxyIsNotWaitedForForEver) {
  StartTwo();
  auto a = MakeNode(0);
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "to nobody"});
  RunUntil([&] { return a->heard.restarts == 1; });
  auto b = MakeNode(1);
  a->peers->Send(NodeNumber(1), NodeMessage{ChannelId(1), "to somebody"});
  RunUntil([&] { return b->heard.data.size() == 1; });
  EXPECT_THAT(b->heard.data, ElementsAre("to somebody"));
}

TEST_F(PeersTest, OnlyProxiesTalkToProxies) {
  StartTwo();
  auto a = MakeNode(0);
  auto stranger = MakeEndpoint(1, ServiceId::kClient);
  const Envelope envelope =
      stranger->To({NodeNumber(0), ServiceId::kSambaProxy, InstanceNumber(0)}, PacketKind::kData);
  ASSERT_TRUE(stranger->Send(envelope, [](capnp::AnyPointer::Builder) {}).ok());
  RunUntil([&] { return a->heard.troubles.size() == 1; });
  EXPECT_TRUE(absl::IsPermissionDenied(a->heard.troubles[0]));
}

}  // namespace
}  // namespace ctdb::samba
