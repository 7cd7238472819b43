// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What the cluster is to Samba. The daemon as a whole: tests/integration/samba.

#include "lib/daemon/services/samba_server.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

using samba::ClusterState;

class SambaServerTest : public testing::Test {
 protected:
  SambaServerTest() {
    overview_.setNode(1);
    auto nodes = overview_.initNodes(2);
    for (uint32_t i = 0; i < 2; ++i) {
      nodes[i].initState().setNode(i);
      nodes[i].setAddress(i == 0 ? "127.0.0.1" : "127.0.0.2");
    }
    nodes[1].getState().setRunState(wire::RunState::RUNNING);
    auto view = overview_.initView();
    view.setEpoch(16781312);
    view.setSettled(true);
    for (auto list : {view.initMembers(2), view.initHomes(2)}) {
      list.set(0, 0);
      list.set(1, 1);
    }
    overview_.setServing(true);
  }
  ~SambaServerTest() noexcept override = default;

  ClusterState State(const ClusterState& before = {}) {
    return ToClusterState(overview_.asReader(), before);
  }
  void Lose(uint32_t node) { overview_.getNodes()[node].setFlags(samba::kNodeDisconnected); }

  capnp::MallocMessageBuilder message_;
  wire::Overview::Builder overview_ = message_.initRoot<wire::Overview>();
};

TEST_F(SambaServerTest, AClusterThatHasSettledIsInNormalMode) {
  overview_.setLeaderKnown(true);
  const ClusterState state = State();
  EXPECT_FALSE(state.is_recovering);
  EXPECT_EQ(state.own, NodeNumber(1));
  EXPECT_EQ(state.run_state, 5u);
  EXPECT_EQ(state.leader, NodeNumber(0));
  EXPECT_EQ(state.generation(), samba::Generation(16781312));
  EXPECT_EQ(state.members.size(), 2u);
  EXPECT_EQ(state.nodes.entries[0].address.ToText(), "127.0.0.1");
  EXPECT_EQ(state.nodes.entries[0].address.port, 4379);
}

TEST_F(SambaServerTest, AViewThatHasNotSettledIsARecovery) {
  overview_.getView().setSettled(false);
  EXPECT_TRUE(State().is_recovering);
}

TEST_F(SambaServerTest, GenerationsThatMeanNoneAreNotUsed) {
  for (const uint64_t epoch : {uint64_t{1}, uint64_t{1} << 32, uint64_t{0x100000001}}) {
    overview_.getView().setEpoch(epoch);
    EXPECT_GT(State().generation(), samba::kInvalidGeneration) << epoch;
  }
}

TEST_F(SambaServerTest, ANodeThatTheClusterLostIsDisconnected_MS15) {
  const ClusterState before = State();
  Lose(0);
  EXPECT_FALSE(State(before).IsConnected(NodeNumber(0)));
}

TEST_F(SambaServerTest, WhoIsCutOffDeclaresNobodyDead_MS15) {
  const ClusterState before = State();
  Lose(0);
  overview_.setServing(false);
  const ClusterState after = State(before);
  EXPECT_TRUE(after.IsConnected(NodeNumber(0)));
  EXPECT_TRUE(after.is_recovering);
  overview_.setServing(true);
  EXPECT_FALSE(State(after).IsConnected(NodeNumber(0))) << "now it is known";
}

TEST_F(SambaServerTest, AClusterServiceThatIsStartedAgainChangesNothing_DIS9) {
  const ClusterState before = State();
  Lose(0);
  overview_.setServing(false);
  overview_.getView().setEpoch(0);
  const ClusterState after = State(before);
  EXPECT_EQ(after.members, before.members);
  EXPECT_EQ(after.generation(), before.generation());
}

}  // namespace
}  // namespace ctdb::daemon
