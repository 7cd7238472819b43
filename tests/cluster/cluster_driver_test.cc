// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/cluster_driver.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/cluster/codec.h"
#include "lib/cluster/io/ballot_file.h"
#include "tests/transport/rpc_fixture.h"

namespace ctdb::cluster {
namespace {

struct Listener final : ClusterDriver::Listener {
  void OnChange(const Change& change) override { changes.push_back(change); }
  void OnCompareNodes(NodeNumber node) override { compared.push_back(node); }
  void OnTrouble(const absl::Status& status) override { troubles.push_back(status); }
  void OnBadPacket(const Address& source, const absl::Status& status) override {
    bad_packets.push_back(absl::StrCat(source.node.value(), ": ", status.message()));
  }
  bool HasText(absl::string_view text) const {
    for (const Change& change : changes) {
      if (absl::StrContains(change.text, text)) return true;
    }
    return false;
  }

  std::vector<Change> changes;
  std::vector<NodeNumber> compared;
  std::vector<absl::Status> troubles;
  std::vector<std::string> bad_packets;
};

// A node with its cluster service.
struct TestNode {
  std::unique_ptr<Endpoint> endpoint;
  Worker worker;
  Listener listener;
  std::unique_ptr<ClusterDriver> driver;
};

class ClusterDriverTest : public test::RpcFixture {
 protected:
  ~ClusterDriverTest() noexcept override = default;

  static std::string BallotPath(uint32_t node) {
    return absl::StrCat(std::getenv("TEST_TMPDIR"), "/ballot.", node);
  }
  void SetUp() override {
    for (uint32_t node = 0; node < 4; ++node) std::filesystem::remove(BallotPath(node));
  }

  ClusterDriver::Options DriverOptions(uint32_t node) {
    ClusterDriver::Options options;
    options.engine.election.local = options.membership.local = NodeNumber(node);
    options.engine.incarnation = options.membership.incarnation = ++incarnation_;
    options.engine.seed = incarnation_;
    for (const TransportNode& listed : nodes_) {
      options.nodes.push_back({listed.number, listed.address, false});
    }
    options.ballot_path = BallotPath(node);
    options.promised = *LoadBallot(options.ballot_path);
    return options;
  }
  void StartDriver(uint32_t node) { StartDriverWith(node, DriverOptions(node)); }
  void StartDriverWith(uint32_t number, const ClusterDriver::Options& options) {
    tests_.resize(std::max<size_t>(tests_.size(), number + 1));
    auto node = std::make_unique<TestNode>();
    node->endpoint = MakeEndpoint(EndpointOptions(number, ServiceId::kCluster));
    node->driver = std::make_unique<ClusterDriver>(
        options, *node->endpoint, io_.provider->getTimer(), node->worker, node->listener);
    node->driver->membership().SetRunState(RunState::kFirstRecovery, ClusterDriver::Now());
    node->driver->membership().SetHealthy(true, "test", ClusterDriver::Now());
    node->driver->Pump();
    ASSERT_EQ(Wait(node->endpoint->WhenReady()), absl::OkStatus());
    tests_[number] = std::move(node);
  }
  void StartCluster(uint32_t count) {
    StartNodes(count);
    for (uint32_t node = 0; node < count; ++node) StartDriver(node);
  }

  ClusterDriver& driver(uint32_t node) { return *tests_[node]->driver; }
  Listener& listener(uint32_t node) { return tests_[node]->listener; }
  // These nodes agree on a leader and a settled view of exactly them.
  bool Agree(const std::vector<uint32_t>& nodes) {
    std::vector<NodeNumber> members;
    for (uint32_t node : nodes) members.push_back(NodeNumber(node));
    const std::optional<View>& first = driver(nodes[0]).membership().view();
    for (uint32_t node : nodes) {
      const Membership& membership = driver(node).membership();
      EXPECT_EQ(membership.CheckInvariants(), "");
      EXPECT_EQ(driver(node).engine().CheckInvariants(), "");
      if (!membership.view().has_value() || *membership.view() != *first) return false;
      if (!first->is_settled || first->members != members) return false;
      if (!membership.Serves(ClusterDriver::Now())) return false;
    }
    return true;
  }
  void AwaitAgreement(const std::vector<uint32_t>& nodes) {
    AwaitLoop([&] { return Agree(nodes); });
  }
  uint32_t Leader(uint32_t asked = 0) { return driver(asked).engine().leader()->value(); }

  uint64_t incarnation_ = 0;
  std::vector<std::unique_ptr<TestNode>> tests_;
};

TEST_F(ClusterDriverTest, OneNodeAloneIsACluster) {
  StartCluster(1);
  AwaitAgreement({0});
  EXPECT_EQ(Leader(), 0u);
  EXPECT_EQ(*LoadBallot(BallotPath(0)), driver(0).engine().ballot());
}

TEST_F(ClusterDriverTest, ThreeNodesElectALeaderAndFormAView) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  const uint32_t leader = Leader();
  EXPECT_TRUE(driver(leader).engine().Leads(ClusterDriver::Now()));
  EXPECT_GE(driver(leader).counters().elections, 1u);
  EXPECT_GT(driver(leader).counters().packets_received, 0u);
  EXPECT_EQ(driver(leader).counters().packets_refused, 0u);
}

TEST_F(ClusterDriverTest, TheListenerIsToldEveryChangeOnceAndInOrder) {
  StartCluster(2);
  AwaitAgreement({0, 1});
  for (uint32_t node : {0u, 1u}) {
    uint64_t expected = 1;
    for (const Change& change : listener(node).changes) EXPECT_EQ(change.sequence, expected++);
    EXPECT_EQ(driver(node).membership().changes().last(), expected - 1);
    EXPECT_TRUE(listener(node).HasText("All nodes have settled"));
  }
}

TEST_F(ClusterDriverTest, WhenAFollowersServiceEndsTheOthersNoticeAtOnceAndGoOn) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  const uint32_t leader = Leader();
  const uint32_t gone = (leader + 1) % 3;
  const uint32_t other = (leader + 2) % 3;
  const Ballot ballot = driver(leader).engine().ballot();
  const Instant end = ClusterDriver::Now();
  tests_[gone].reset();
  AwaitAgreement({std::min(leader, other), std::max(leader, other)});
  EXPECT_LT(ClusterDriver::Now() - end, std::chrono::milliseconds(2000))
      << "sooner than silence would tell";
  EXPECT_TRUE(listener(leader).HasText("its cluster service does not run"));
  EXPECT_EQ(driver(leader).engine().ballot(), ballot) << "nobody was elected";
}

TEST_F(ClusterDriverTest, WhenTheLeaderEndsTheOthersElectAnother) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  const uint32_t leader = Leader();
  const Ballot ballot = driver(leader).engine().ballot();
  loops_[leader].reset();
  tests_[leader].reset();
  std::vector<uint32_t> left;
  for (uint32_t node = 0; node < 3; ++node) {
    if (node != leader) left.push_back(node);
  }
  AwaitAgreement(left);
  EXPECT_NE(Leader(left[0]), leader);
  EXPECT_GT(driver(left[0]).engine().ballot(), ballot);
}

TEST_F(ClusterDriverTest, AServiceThatIsBackJoinsAgain) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  const uint32_t back = (Leader() + 1) % 3;
  tests_[back].reset();
  StartDriver(back);
  AwaitAgreement({0, 1, 2});
}

TEST_F(ClusterDriverTest, ANodeWhoseTransportWasRestartedJoinsAgain) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  const uint32_t node = (Leader() + 1) % 3;
  loops_[node].reset();
  AwaitLoop([&] { return listener(node).HasText("this node's transport ended"); });
  Start(node);
  AwaitAgreement({0, 1, 2});
}

TEST_F(ClusterDriverTest, AStoppedNodeIsLeftOutAndComesBack) {
  StartCluster(3);
  AwaitAgreement({0, 1, 2});
  driver(2).membership().Stop("maintenance", ClusterDriver::Now());
  driver(2).Pump();
  AwaitAgreement({0, 1});
  EXPECT_FALSE(driver(2).membership().Serves(ClusterDriver::Now()));
  AwaitLoop([&] { return listener(0).HasText("Node 2 is STOPPED: maintenance"); });
  driver(2).membership().Continue("done", ClusterDriver::Now());
  driver(2).Pump();
  AwaitAgreement({0, 1, 2});
}

TEST_F(ClusterDriverTest, AMalformedPacketIsReportedAndHarmless) {
  StartNodes(3);
  StartDriver(0);
  StartDriver(1);
  AwaitAgreement({0, 1});
  // Node 2 has a cluster service that writes nonsense.
  auto rogue = ReadyEndpoint(2, ServiceId::kCluster);
  const auto send = [&](auto fill) {
    const Address to{NodeNumber(0), ServiceId::kCluster, InstanceNumber(0)};
    EXPECT_TRUE(rogue->Send(rogue->To(to, PacketKind::kData), fill).ok());
  };
  send([](capnp::AnyPointer::Builder payload) {
    payload.initAs<wire::ClusterPacket>().setResign(UINT64_MAX);
  });
  send([](capnp::AnyPointer::Builder payload) { payload.setAs<capnp::Text>("nonsense"); });
  AwaitLoop([&] { return listener(0).bad_packets.size() == 2; });
  EXPECT_TRUE(absl::StartsWith(listener(0).bad_packets[0],
                               "2: a cluster packet with the ballot 18446744073709551615"));
  EXPECT_EQ(driver(0).counters().packets_refused, 2u);
  EXPECT_TRUE(Agree({0, 1}));
}

TEST_F(ClusterDriverTest, PacketsOfOtherServicesAreNobodysVote) {
  StartNodes(2);
  StartDriver(0);
  auto client = ReadyEndpoint(1, ServiceId::kClient);
  const Address to{NodeNumber(0), ServiceId::kCluster, InstanceNumber(0)};
  const absl::Status sent =
      client->Send(client->To(to, PacketKind::kData), [](capnp::AnyPointer::Builder payload) {
        payload.initAs<wire::ClusterPacket>().setResign(UINT64_MAX);
      });
  EXPECT_EQ(sent, absl::OkStatus());
  // What node 0 answers comes after what it was sent before.
  struct Pong final : Endpoint::Observer {
    void OnPong(uint64_t) override { has_come = true; }
    bool has_come = false;
  } pong;
  client->AddObserver(&pong);
  EXPECT_TRUE(client->Ping(1, NodeNumber(0)).ok());
  AwaitLoop([&] { return pong.has_come; });
  // The driver reads in order, too: it has seen the client's packet before this one.
  auto rogue = ReadyEndpoint(1, ServiceId::kCluster);
  EXPECT_TRUE(rogue
                  ->Send(rogue->To(to, PacketKind::kData),
                         [](auto payload) {
                           payload.template initAs<wire::ClusterPacket>().setResign(UINT64_MAX);
                         })
                  .ok());
  AwaitLoop([&] { return !listener(0).bad_packets.empty(); });
  EXPECT_EQ(driver(0).counters().packets_received, 1u);
  client->RemoveObserver(&pong);
}

TEST_F(ClusterDriverTest, ABallotThatCannotBeStoredIsReportedAndElectsNobodyUntilItCan) {
  StartNodes(1);
  ClusterDriver::Options options = DriverOptions(0);
  const std::string directory = absl::StrCat(std::getenv("TEST_TMPDIR"), "/later");
  std::filesystem::remove_all(directory);
  options.ballot_path = directory + "/ballot";
  StartDriverWith(0, options);
  AwaitLoop([&] { return !listener(0).troubles.empty(); });
  EXPECT_TRUE(absl::IsNotFound(listener(0).troubles[0])) << listener(0).troubles[0];
  EXPECT_EQ(driver(0).engine().leader(), std::nullopt);
  std::filesystem::create_directory(directory);
  AwaitAgreement({0});
}

TEST_F(ClusterDriverTest, ARestartedNodeKeepsItsPromise) {
  StartCluster(1);
  AwaitAgreement({0});
  const Ballot before = driver(0).engine().ballot();
  tests_[0].reset();
  StartDriver(0);
  AwaitAgreement({0});
  EXPECT_GT(driver(0).engine().ballot(), before);
}

TEST_F(ClusterDriverTest, TheTransportKnowsTheLeaderAndTheActiveNodes) {
  StartCluster(2);
  AwaitAgreement({0, 1});
  auto service = ReadyEndpoint(1, ServiceId::kDatabase);
  std::vector<NodeNumber> heard;
  service->OnPacket(PacketKind::kData, [&](const Envelope& envelope, Bytes) {
    heard.push_back(envelope.source.node);
  });
  auto client = ReadyEndpoint(0);
  for (const NodeNumber group : {kActiveNodes, kLeaderNode}) {
    heard.clear();
    AwaitLoop([&] {
      const Address to{group, ServiceId::kDatabase, InstanceNumber(0)};
      client->Send(client->To(to, PacketKind::kData), [](auto) {}).IgnoreError();
      return !heard.empty() || (group == kLeaderNode && Leader() != 1);
    });
  }
}

TEST_F(ClusterDriverTest, PointsInTimeAreShownOnTheWallClock) {
  const absl::Time now = absl::Now();
  const Instant instant = ClusterDriver::Now();
  EXPECT_LT(absl::AbsDuration(ClusterDriver::WallTime(instant) - now), absl::Seconds(5));
  EXPECT_LT(absl::AbsDuration(ClusterDriver::WallTime(After(instant, absl::Hours(-1))) -
                              (now - absl::Hours(1))),
            absl::Seconds(5));
}

}  // namespace
}  // namespace ctdb::cluster
