// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "cli/render/cluster.h"

namespace ctdb::cli {
namespace {

// Three connected, known, active nodes as node 0 sees them; node 1 leads.
class ClusterRenderTest : public testing::Test {
 protected:
  ClusterRenderTest() : overview_(message_.initRoot<wire::Overview>()) {
    reports_ = overview_.initNodes(3);
    for (uint32_t i = 0; i < 3; ++i) {
      reports_[i].initState().setNode(i);
      reports_[i].setKnown(true);
      reports_[i].setActive(true);
    }
    auto view = overview_.initView();
    view.setEpoch(7);
    view.setMembers({0, 1, 2});
    view.setHomes({1, 2});
    view.setSettled(true);
    overview_.setLeaderKnown(true);
    overview_.setLeader(1);
    overview_.setServing(true);
  }
  ~ClusterRenderTest() noexcept override {}

  std::string Names(uint32_t node, wire::RunState run_state = wire::RunState::RUNNING) {
    return FlagNames(NodeStates(overview_.asReader(), run_state)[node]);
  }
  std::string Lines() { return ClusterLines(ToClusterState(overview_.asReader())); }

  capnp::MallocMessageBuilder message_;
  wire::Overview::Builder overview_;
  capnp::List<wire::NodeReport>::Builder reports_ = nullptr;
};

TEST_F(ClusterRenderTest, FlagsAreThoseOfTheReports) {
  reports_[1].setFlags(kDisabled | kUnhealthy | 0x4000);
  reports_[2].setFlags(kDisconnected | kUnhealthy);
  EXPECT_EQ(Names(0), "OK");
  EXPECT_EQ(Names(1), "DISABLED|UNHEALTHY");
  EXPECT_EQ(Names(2), "DISCONNECTED|UNHEALTHY|INACTIVE");
  const auto states = NodeStates(overview_.asReader(), wire::RunState::RUNNING);
  EXPECT_TRUE(states[0].this_node);
  EXPECT_FALSE(states[1].this_node);
}

TEST_F(ClusterRenderTest, BannedStoppedAndLeftOutNodesAreInactive) {
  reports_[0].setFlags(kBanned);
  reports_[1].setFlags(kStopped);
  reports_[1].setActive(false);
  reports_[2].setActive(false);
  EXPECT_EQ(Names(0), "BANNED|INACTIVE");
  EXPECT_EQ(Names(1), "STOPPED|INACTIVE");
  EXPECT_EQ(Names(2), "INACTIVE");
  reports_[2].setFlags(kDisabled);
  EXPECT_EQ(Names(2), "DISABLED|INACTIVE");
}

TEST_F(ClusterRenderTest, NobodyIsLeftOutBeforeTheViewHasSettled) {
  reports_[2].setActive(false);
  overview_.getView().setSettled(false);
  EXPECT_EQ(Names(2), "OK");
}

TEST_F(ClusterRenderTest, ConnectedNodesThatSaidNothingAreUnknown) {
  reports_[1].setKnown(false);
  reports_[1].setActive(false);
  EXPECT_EQ(Names(1), "UNKNOWN");
}

TEST_F(ClusterRenderTest, BeforeItsFirstRecoveryANodeKnowsNothingOfConnectedOnes) {
  reports_[0].setFlags(kUnhealthy);
  reports_[1].setFlags(kBanned);
  reports_[2].setFlags(kDisconnected | kUnhealthy);
  for (const auto state :
       {wire::RunState::INIT, wire::RunState::SETUP, wire::RunState::FIRST_RECOVERY}) {
    EXPECT_EQ(Names(0, state), "UNHEALTHY");
    EXPECT_EQ(Names(1, state), "UNKNOWN");
    EXPECT_EQ(Names(2, state), "DISCONNECTED|UNHEALTHY|INACTIVE");
  }
  EXPECT_EQ(Names(1, wire::RunState::STARTUP), "BANNED|INACTIVE");
}

TEST_F(ClusterRenderTest, DeletedNodesAreNothingElse) {
  reports_[1].setFlags(kDeleted | kDisconnected);
  reports_[1].setActive(false);
  EXPECT_EQ(NodeStates(overview_.asReader(), wire::RunState::RUNNING)[1].flags, uint32_t{kDeleted});
}

TEST_F(ClusterRenderTest, TheStateOfTheClusterIsThatOfTheView) {
  EXPECT_EQ(Lines(),
            "Generation:7\nSize:2\nhash:0 lmaster:1\nhash:1 lmaster:2\n"
            "Recovery mode:NORMAL (0)\nLeader:1\n");
  overview_.getView().setEpoch(uint64_t{1} << 60);
  EXPECT_EQ(Lines().substr(0, 31), "Generation:1152921504606846976\n");
  JsonWriter json;
  json.BeginObject();
  WriteClusterState(ToClusterState(overview_.asReader()), json);
  json.EndObject();
  EXPECT_NE(json.Take().find("\"generation\": 1152921504606846976,"), std::string::npos);
}

TEST_F(ClusterRenderTest, BeforeTheFirstViewNothingIsKnown) {
  overview_.initView();
  overview_.setLeaderKnown(false);
  EXPECT_EQ(Lines(), ClusterLines(ClusterState()));
}

TEST_F(ClusterRenderTest, RecoveryIsOverWhenTheViewHasSettledAndTheNodeTakesPart) {
  EXPECT_TRUE(IsSettled(overview_));
  overview_.setServing(false);
  EXPECT_TRUE(IsSettled(overview_));
  overview_.getView().setMembers({1, 2});
  EXPECT_FALSE(IsSettled(overview_));
  overview_.setServing(true);
  EXPECT_TRUE(IsSettled(overview_));
  overview_.setLeaderKnown(false);
  EXPECT_FALSE(IsSettled(overview_)) << "nobody knows whether that view still holds";
  overview_.setLeaderKnown(true);
  overview_.getView().setSettled(false);
  EXPECT_FALSE(IsSettled(overview_));
}

TEST_F(ClusterRenderTest, OwnRunStateIsThatOfTheNodeItself) {
  reports_[0].getState().setRunState(wire::RunState::STARTUP);
  EXPECT_EQ(OwnRunState(overview_), wire::RunState::STARTUP);
  overview_.setNode(9);
  EXPECT_EQ(OwnRunState(overview_), wire::RunState::UNKNOWN);
}

TEST_F(ClusterRenderTest, DetailsHaveWhatIsThereAndNothingElse) {
  overview_.setEngine("builtin");
  overview_.setRule("majority");
  overview_.setLastChange(10);
  overview_.setChangeSeconds(0.25);
  EXPECT_EQ(ClusterDetails(overview_, absl::UTCTimeZone()),
            "\nCluster as node 0 knows it:\n"
            "Decides by: majority (engine builtin)\n"
            "Serves clients: yes\n"
            "Last change: Thu Jan  1 00:00:10 1970, settled after 0.250 seconds\n");
  overview_.setClusterLock("!/bin/helper");
  overview_.setWaitingFor("a majority: 1 of 3\n");
  overview_.setServing(false);
  overview_.setChangeSeconds(-1);
  overview_.initWarnings(1).set(0, "Node 2 has another nodes list");
  EXPECT_EQ(ClusterDetails(overview_, absl::UTCTimeZone()),
            "\nCluster as node 0 knows it:\n"
            "Decides by: majority (engine builtin)\n"
            "Cluster lock: !/bin/helper\n"
            "Waits for: a majority: 1 of 3\\x0a\n"
            "Serves clients: no\n"
            "Last change: Thu Jan  1 00:00:10 1970, not settled yet\n"
            "Warning: Node 2 has another nodes list\n");
}

}  // namespace
}  // namespace ctdb::cli
