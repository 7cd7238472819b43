// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// One node of two, of which the other one never comes; "two nodes" lets it go on alone.

#include "lib/daemon/services/cluster_server.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "lib/base/status_kj.h"
#include "tests/daemon/daemon_harness.h"

namespace ctdb::daemon {
namespace {

class ClusterServerTest : public testing::Test {
 protected:
  ~ClusterServerTest() noexcept override = default;

  void Start(bool goes_on_alone) {
    ClusterServer::Options options;
    auto& driver = options.setup.driver;
    driver.nodes = {{NodeNumber(0), "127.0.0.1"}, {NodeNumber(1), "127.0.0.2"}};
    driver.engine.election.continues_alone = goes_on_alone;
    driver.engine.election.leader_timeout = absl::Milliseconds(700);
    driver.membership.incarnation = driver.engine.incarnation = 7;
    driver.ballot_path = testing::TempDir() + "ballot";
    options.setup.rule = "two nodes";
    options.setup.risk = "both go on";
    options.load_nodes = [nodes = driver.nodes] { return nodes; };
    harness_.StartDaemon(ServiceId::kCluster,
                         [options](DaemonContext& context) -> capnp::Capability::Client {
                           return kj::heap<ClusterServer>(context, options);
                         });
  }

  wire::Cluster::Client service() { return harness_.Daemon<wire::Cluster>(ServiceId::kCluster); }
  auto Overview() { return *harness_.Call(service().overviewRequest().send()); }
  // Asks until it acts as the leader of a settled view.
  void AwaitLeader() {
    while (!Overview().getOverview().getActing() ||
           !Overview().getOverview().getView().getSettled()) {
    }
  }

  test::DaemonHarness harness_;
};

TEST_F(ClusterServerTest, WithoutAMajorityItSaysWhatItWaitsFor) {
  Start(/*goes_on_alone=*/false);
  const auto reply = Overview();
  const auto overview = reply.getOverview();
  EXPECT_FALSE(overview.getLeaderKnown());
  EXPECT_FALSE(overview.getServing());
  EXPECT_EQ(overview.getView().getEpoch(), 0u);
  EXPECT_STREQ(overview.getWaitingFor().cStr(), "a majority: 1 of 2 nodes are here, 2 are needed");
  ASSERT_EQ(overview.getNodes().size(), 2u);
  EXPECT_EQ(overview.getNodes()[1].getFlags(), 3u) << "disconnected and unhealthy";
  EXPECT_STREQ(overview.getWarnings()[0].cStr(), "both go on");
}

TEST_F(ClusterServerTest, AloneItLeadsRunsAndIsHealthyWhenTheAdministratorAllowsThat) {
  Start(/*goes_on_alone=*/true);
  AwaitLeader();
  const auto reply = Overview();
  const auto overview = reply.getOverview();
  EXPECT_EQ(overview.getLeader(), 0u);
  EXPECT_TRUE(overview.getServing());
  EXPECT_EQ(overview.getView().getMembers().size(), 1u);
  EXPECT_EQ(overview.getNodes()[0].getState().getRunState(), wire::RunState::RUNNING);
  EXPECT_EQ(overview.getNodes()[0].getFlags(), 0u);
  EXPECT_TRUE(harness_.log().Contains("Node 0 leads"));
}

TEST_F(ClusterServerTest, OrdersTakeEffectBeforeTheyAreAnsweredAndTheSecondChangesNothing) {
  Start(/*goes_on_alone=*/true);
  AwaitLeader();
  auto request = service().stopRequest();
  request.setReason("a new disk");
  EXPECT_TRUE(harness_.Call(request.send())->getChanged());
  EXPECT_FALSE(Overview().getOverview().getServing());
  EXPECT_FALSE(Overview().getOverview().getLeaderKnown()) << "a stopped node does not lead";
  EXPECT_FALSE(harness_.Call(service().stopRequest().send())->getChanged());
  auto why = service().whyRequest();
  const auto changes = *harness_.Call(why.send());
  EXPECT_TRUE(absl::StrContains(changes.getChanges()[0].getText().cStr(), "a new disk"));
  EXPECT_TRUE(harness_.Call(service().continueRequest().send())->getChanged());
}

TEST_F(ClusterServerTest, ABanNeedsATime) {
  Start(/*goes_on_alone=*/true);
  const auto reply = harness_.Call(service().banRequest().send());
  EXPECT_TRUE(absl::IsInvalidArgument(reply.status())) << reply.status();
}

TEST_F(ClusterServerTest, WithoutALeaderNobodyCanBeginAnEpoch) {
  Start(/*goes_on_alone=*/false);
  const auto reply = harness_.Call(service().recoverRequest().send());
  EXPECT_TRUE(absl::IsFailedPrecondition(reply.status())) << reply.status();
  EXPECT_TRUE(absl::StrContains(reply.status().message(), "no node leads")) << reply.status();
}

TEST_F(ClusterServerTest, TheLeaderBeginsAnEpochOnRequest) {
  Start(/*goes_on_alone=*/true);
  AwaitLeader();
  const uint64_t before = Overview().getOverview().getView().getEpoch();
  ASSERT_TRUE(harness_.Call(service().recoverRequest().send()).ok());
  EXPECT_EQ(Overview().getOverview().getView().getEpoch(), before + 1);
}

TEST_F(ClusterServerTest, TheNodesListThatIsConfiguredAndTheOneInUseAreToldApart) {
  Start(/*goes_on_alone=*/false);
  const auto reply = *harness_.Call(service().nodesFileRequest().send());
  EXPECT_EQ(reply.getFile().getNodes().size(), 2u);
  EXPECT_EQ(reply.getInUse().getNodes()[1].getNode(), 1u);
}

TEST_F(ClusterServerTest, AnUnknownTunableIsRefused) {
  Start(/*goes_on_alone=*/false);
  auto request = service().tunableChangedRequest();
  request.setName("NoSuchTunable");
  EXPECT_FALSE(harness_.Call(request.send()).ok());
  auto known = service().tunableChangedRequest();
  known.setName("KeepaliveLimit");
  known.setValue(3);
  EXPECT_TRUE(harness_.Call(known.send()).ok());
}

}  // namespace
}  // namespace ctdb::daemon
