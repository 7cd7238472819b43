// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How keepalives and elections work together, on one node and on several.

#include "lib/cluster/builtin_engine.h"

#include <gtest/gtest.h>

#include "tests/cluster/builtin_cluster.h"
#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

// Node 0 of three.
class BuiltinEngineTest : public testing::Test {
 protected:
  BuiltinEngineTest() { engine_.SetNodes(NodeList({0, 1, 2}), {}, now_); }

  void BringUp(int peer, uint64_t incarnation = 1) {
    engine_.OnLinkUp(Node(peer), now_);
    SayAlive(peer, incarnation);
  }
  void SayAlive(int peer, uint64_t incarnation = 1) {
    engine_.OnMessage(Node(peer), Alive{incarnation, NodeList({0})}, now_);
  }
  void Pass(absl::Duration time) {
    now_ = After(now_, time);
    engine_.OnTick(now_);
  }
  // Who gets a keepalive, in what is sent now.
  std::vector<int> KeepalivesTo() {
    std::vector<int> to;
    for (const auto& send : engine_.TakeOutput().sends) {
      if (std::holds_alternative<Alive>(send.message)) {
        to.push_back(static_cast<int>(send.to.value()));
      }
    }
    return to;
  }

  Instant now_ = kStart;
  BuiltinEngine engine_{{}, kStart};
};

TEST_F(BuiltinEngineTest, KeepalivesGoToWhoeverHasALinkEachInterval) {
  EXPECT_TRUE(KeepalivesTo().empty());
  Pass(absl::Milliseconds(50));
  engine_.OnLinkUp(Node(1), now_);
  EXPECT_EQ(KeepalivesTo(), std::vector<int>{1}) << "at once";
  engine_.OnLinkUp(Node(2), now_);
  EXPECT_TRUE(KeepalivesTo().empty()) << "many at once are collected";
  Pass(absl::Milliseconds(50));
  EXPECT_EQ(KeepalivesTo(), (std::vector<int>{1, 2}));
  Pass(absl::Milliseconds(999));
  EXPECT_TRUE(KeepalivesTo().empty());
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(KeepalivesTo(), (std::vector<int>{1, 2}));
}

TEST_F(BuiltinEngineTest, APeerThatIsUpIsAnEventOnceAndCountsForTheMajority) {
  EXPECT_EQ(engine_.WaitingFor(now_), "a majority: 1 of 3 nodes are here, 2 are needed");
  BringUp(2);
  EXPECT_EQ(engine_.TakeEvents(), std::vector<Engine::Event>{Engine::PeerUp{Node(2)}});
  EXPECT_TRUE(engine_.TakeEvents().empty());
  EXPECT_EQ(engine_.connected(), NodeList({2}));
  EXPECT_EQ(engine_.WaitingFor(now_), "an election");
}

TEST_F(BuiltinEngineTest, ALostLinkToTheLeaderIsTwoEventsInOrder) {
  BringUp(1);
  engine_.OnMessage(Node(1), Beat{At(1, 1), 5, 0, 0}, now_);
  engine_.TakeEvents();
  engine_.OnLinkDown(Node(1), "reset", now_);
  EXPECT_EQ(engine_.TakeEvents(),
            (std::vector<Engine::Event>{
                Engine::PeerDown{Node(1), "the link was lost: reset"},
                Engine::LeaderChanged{{}, At(1, 1), "node 1 is not connected any more"}}));
}

TEST_F(BuiltinEngineTest, ALeaderThatWasStartedAgainIsLostThoughItIsUpAgainAtOnce) {
  BringUp(1, 1);
  engine_.OnMessage(Node(1), Beat{At(1, 1), 5, 0, 0}, now_);
  engine_.TakeEvents();
  SayAlive(1, 2);
  EXPECT_EQ(engine_.TakeEvents(),
            (std::vector<Engine::Event>{
                Engine::PeerDown{Node(1), "it was started again"}, Engine::PeerUp{Node(1)},
                Engine::LeaderChanged{{}, At(1, 1), "node 1 is not connected any more"}}));
  EXPECT_EQ(engine_.connected(), NodeList({1}));
}

// Of a leader, or it is of no interest to this node.
class PartingEngineTest : public BuiltinEngineTest {
 protected:
  void Lead(int peer) { engine_.OnMessage(Node(peer), Beat{At(1, peer), 5, 0, 0}, now_); }
};

TEST_F(PartingEngineTest, APartingIsTakenWhenTheNodesLastWordHasBeenHeard) {
  engine_.OnLinkUp(Node(1), now_);
  engine_.OnMessage(Node(1), Alive{1, NodeList({0}), /*parting_token=*/7}, now_);
  Lead(1);
  engine_.TakeEvents();
  engine_.OnParting(Node(1), 7, now_, now_);
  EXPECT_TRUE(engine_.TakeEvents().empty()) << "more of what it said may be on its way";
  engine_.OnLinkDown(Node(1), "reset", now_);
  EXPECT_EQ(engine_.TakeEvents(),
            (std::vector<Engine::Event>{
                Engine::PeerDown{Node(1), "the link was lost: reset"},
                Engine::LeaderChanged{{}, At(1, 1), "node 1 is not connected any more"},
                Engine::Parted{Node(1)}}));
  engine_.OnParting(Node(1), 7, now_, now_);
  EXPECT_TRUE(engine_.TakeEvents().empty()) << "once is enough";
}

TEST_F(PartingEngineTest, APartingOfAnotherRunOrWithoutATokenIsNoneOfThisRun) {
  engine_.OnLinkUp(Node(1), now_);
  engine_.OnMessage(Node(1), Alive{1, NodeList({0}), 7}, now_);
  engine_.OnMessage(Node(1), Alive{2, NodeList({0}), 8}, now_);
  Lead(1);
  engine_.OnLinkDown(Node(1), "reset", now_);
  engine_.TakeEvents();
  for (const uint64_t token : {7, 0}) engine_.OnParting(Node(1), token, now_, now_);
  engine_.OnParting(Node(9), 8, now_, now_);
  EXPECT_TRUE(engine_.TakeEvents().empty());
  engine_.OnParting(Node(1), 8, now_, now_);
  EXPECT_EQ(engine_.TakeEvents(), (std::vector<Engine::Event>{Engine::Parted{Node(1)}}));
}

TEST_F(PartingEngineTest, ARunWithoutAGuardianHasNoToken) {
  engine_.OnLinkUp(Node(1), now_);
  engine_.OnMessage(Node(1), Alive{1, NodeList({0}), 0}, now_);
  Lead(1);
  engine_.OnLinkDown(Node(1), "reset", now_);
  engine_.TakeEvents();
  engine_.OnParting(Node(1), 0, now_, now_);
  EXPECT_TRUE(engine_.TakeEvents().empty());
}

TEST_F(BuiltinEngineTest, EveryMessageAndEveryOtherPacketCountsAsLife) {
  BringUp(1);
  engine_.TakeEvents();
  const std::vector<EngineMessage> messages = {VoteRequest{true, At(1, 1), 5}, VoteReply{},
                                               Beat{At(1, 1), 5, 0, 0}, BeatReply{}, Resign{}};
  for (const EngineMessage& message : messages) {
    Pass(absl::Seconds(1));
    Pass(absl::Seconds(1));
    engine_.OnMessage(Node(1), message, now_);
  }
  Pass(absl::Seconds(1));
  Pass(absl::Seconds(1));
  engine_.OnHeard(Node(1), now_);
  Pass(absl::Seconds(1));
  Pass(absl::Seconds(1));
  EXPECT_EQ(engine_.connected(), NodeList({1}));
  Pass(absl::Milliseconds(500));
  EXPECT_TRUE(engine_.connected().empty());
}

TEST_F(BuiltinEngineTest, ANodeIsNotAPeerOfItself) {
  BringUp(0);
  EXPECT_TRUE(KeepalivesTo().empty());
  EXPECT_TRUE(engine_.connected().empty());
}

TEST_F(BuiltinEngineTest, NodesOfTheNextListArePeersToo) {
  engine_.SetNodes(NodeList({0, 1}), NodeList({0, 3}), now_);
  BringUp(3);
  BringUp(2);
  EXPECT_EQ(engine_.connected(), NodeList({3}));
}

TEST_F(BuiltinEngineTest, ANodeTakenOutOfTheListIsNotConnectedAnyMore) {
  BringUp(1);
  BringUp(2);
  engine_.TakeEvents();
  engine_.SetNodes(NodeList({0, 1}), {}, now_);
  EXPECT_EQ(engine_.connected(), NodeList({1}));
  EXPECT_EQ(engine_.TakeEvents(), (std::vector<Engine::Event>{Engine::PeerDown{
                                      Node(2), "it was taken out of the nodes list"}}));
}

TEST_F(BuiltinEngineTest, NewWatchOptionsHoldAtOnce) {
  engine_.OnLinkUp(Node(1), now_);
  engine_.TakeOutput();
  engine_.SetWatchOptions({absl::Milliseconds(10), absl::Milliseconds(25)}, now_);
  EXPECT_EQ(KeepalivesTo(), std::vector<int>{1});
  EXPECT_EQ(engine_.NextDeadline(), After(now_, absl::Milliseconds(10)));
}

TEST_F(BuiltinEngineTest, ALockThatIsGivenUpBeforeItWasAskedForIsNotAskedFor) {
  BuiltinEngine::Options options;
  options.election.rule = Election::Rule::kLock;
  BuiltinEngine engine(options, now_);
  engine.SetNodes(NodeList({0}), {}, now_);
  now_ = After(now_, absl::Seconds(1));
  engine.OnTick(now_);
  engine.SetMayLead(false, "test", now_);
  const BuiltinEngine::Output output = engine.TakeOutput();
  EXPECT_FALSE(output.take_lock);
}

TEST(BuiltinEnginesTest, ANewLeaderActsWithinASecondAfterTheLinksToTheOldOneAreLost) {
  for (int nodes : {3, 4, 5, 8}) {
    BuiltinCluster cluster(nodes, {});
    cluster.Pass(absl::Seconds(5));
    const int old = static_cast<int>(cluster.engine(0)->leader()->value());
    cluster.Crash(old);
    cluster.Pass(absl::Seconds(1));
    const int witness = old == 0 ? 1 : 0;
    ASSERT_TRUE(cluster.engine(witness)->leader().has_value()) << nodes;
    const int leader = static_cast<int>(cluster.engine(witness)->leader()->value());
    EXPECT_TRUE(cluster.engine(leader)->Leads(cluster.now())) << nodes;
  }
}

class BuiltinEnginesOfThreeTest : public testing::Test {
 protected:
  explicit BuiltinEnginesOfThreeTest(Election::Rule rule = Election::Rule::kMajority)
      : cluster_(3, {rule}) {
    cluster_.Pass(absl::Seconds(5));
    leader_ = LeaderOf(0);
    follower_ = (leader_ + 1) % 3;
    third_ = (leader_ + 2) % 3;
    cluster_.ForgetEvents();
  }
  int LeaderOf(int node) {
    const std::optional<NodeNumber> leader = cluster_.engine(node)->leader();
    return leader.has_value() ? static_cast<int>(leader->value()) : -1;
  }
  bool Leads(int node) { return cluster_.engine(node)->Leads(cluster_.now()); }

  BuiltinCluster cluster_;
  int leader_ = -1;
  int follower_ = -1;
  int third_ = -1;
};

TEST_F(BuiltinEnginesOfThreeTest, ASilentLeaderIsReplacedSoonAfterTheKeepaliveLimit) {
  cluster_.Pause(leader_);
  cluster_.Pass(absl::Seconds(2));
  EXPECT_EQ(LeaderOf(follower_), leader_) << "it may be back at any moment";
  EXPECT_FALSE(Leads(leader_));
  cluster_.Pass(absl::Milliseconds(1500));
  EXPECT_NE(LeaderOf(follower_), leader_);
  EXPECT_TRUE(Leads(LeaderOf(follower_)));
}

TEST_F(BuiltinEnginesOfThreeTest, ALeaderPausedLongerThanItsLeaseGoesOnIfNobodyElseWasElected) {
  const Ballot ballot = cluster_.engine(leader_)->ballot();
  cluster_.Pause(leader_);
  cluster_.Pass(absl::Milliseconds(1500));
  EXPECT_FALSE(Leads(leader_));
  cluster_.Resume(leader_);
  cluster_.Pass(absl::Milliseconds(1));
  EXPECT_TRUE(Leads(leader_));
  EXPECT_EQ(cluster_.engine(leader_)->ballot(), ballot);
  EXPECT_EQ(cluster_.Events(leader_) + cluster_.Events(follower_), "");
}

TEST_F(BuiltinEnginesOfThreeTest, AHostThatDiesWithoutAWordIsNoticedByItsSilence) {
  for (int other : {follower_, third_}) {
    cluster_.Mute(leader_, other);
    cluster_.Mute(other, leader_);
  }
  cluster_.Pass(absl::Seconds(5));
  EXPECT_NE(LeaderOf(follower_), leader_);
  EXPECT_EQ(LeaderOf(follower_), LeaderOf(third_));
  EXPECT_EQ(cluster_.engine(leader_)->WaitingFor(cluster_.now()),
            "a majority of the nodes to answer");
}

TEST_F(BuiltinEnginesOfThreeTest, WhereOneDirectionIsDeadBothSidesCallTheOtherOneDown) {
  cluster_.Mute(follower_, third_);
  cluster_.Pass(absl::Seconds(5));
  EXPECT_EQ(cluster_.Events(follower_), absl::StrCat("down ", third_));
  EXPECT_EQ(cluster_.Events(third_), absl::StrCat("down ", follower_));
  cluster_.Unmute(follower_, third_);
  cluster_.Pass(absl::Seconds(2));
  EXPECT_EQ(cluster_.Events(third_), absl::StrCat("down ", follower_, ", up ", follower_));
  EXPECT_EQ(LeaderOf(third_), leader_);
}

TEST_F(BuiltinEnginesOfThreeTest, AServiceRestartedOverLivingLinksIsReplacedAsLeaderWithinASecond) {
  cluster_.RestartService(leader_);
  cluster_.Pass(absl::Seconds(1));
  EXPECT_NE(LeaderOf(follower_), -1);
  EXPECT_TRUE(Leads(LeaderOf(follower_)));
  cluster_.Pass(absl::Seconds(1));
  EXPECT_EQ(LeaderOf(leader_), LeaderOf(follower_));
}

TEST_F(BuiltinEnginesOfThreeTest, APauseOfAFollowerBlamesNobody_Bug103) {
  cluster_.Pause(follower_);
  cluster_.Pass(absl::Milliseconds(1400));
  cluster_.Resume(follower_);
  cluster_.Pass(absl::Seconds(5));
  for (int node = 0; node < 3; ++node) EXPECT_EQ(cluster_.Events(node), "") << node;
}

TEST(BuiltinEnginesOfTwoTest, TheOneThatIsLeftWaitsForTheOther) {
  BuiltinCluster cluster(2, {});
  cluster.Pass(absl::Seconds(5));
  const int old = static_cast<int>(cluster.engine(0)->leader()->value());
  cluster.Crash(old);
  cluster.Pass(absl::Minutes(1));
  EXPECT_FALSE(cluster.engine(1 - old)->Leads(cluster.now()));
  EXPECT_EQ(cluster.engine(1 - old)->WaitingFor(cluster.now()),
            "a majority: 1 of 2 nodes are here, 2 are needed");
}

TEST(BuiltinEnginesOfTwoTest, TheOneThatIsLeftGoesOnAloneIfItMay) {
  for (bool is_leader : {true, false}) {
    BuiltinCluster::Options options;
    options.continues_alone = true;
    BuiltinCluster cluster(2, options);
    cluster.Pass(absl::Seconds(5));
    const int leader = static_cast<int>(cluster.engine(0)->leader()->value());
    const int crashed = is_leader ? leader : 1 - leader;
    cluster.Crash(crashed);
    cluster.Pass(absl::Seconds(1));
    EXPECT_TRUE(cluster.engine(1 - crashed)->Leads(cluster.now()));
    cluster.Restart(crashed);
    cluster.Pass(absl::Seconds(5));
    EXPECT_EQ(cluster.engine(crashed)->leader(), Node(1 - crashed)) << "it follows (Bug83)";
  }
}

class BuiltinEnginesByLockTest : public BuiltinEnginesOfThreeTest {
 protected:
  BuiltinEnginesByLockTest() : BuiltinEnginesOfThreeTest(Election::Rule::kLock) {}
};

TEST_F(BuiltinEnginesByLockTest, WhoeverLosesTheLockStepsDownAndAnotherTakesIt_Bug90) {
  EXPECT_EQ(cluster_.lock_holder(), leader_);
  cluster_.LoseLock();
  EXPECT_FALSE(Leads(leader_));
  cluster_.Pass(absl::Seconds(1));
  EXPECT_NE(LeaderOf(leader_), -1);
  EXPECT_NE(LeaderOf(leader_), leader_);
  EXPECT_EQ(cluster_.lock_holder(), LeaderOf(leader_));
}

TEST_F(BuiltinEnginesByLockTest, WhoeverMayNotLeadAnyMoreReleasesTheLock) {
  cluster_.engine(leader_)->SetMayLead(false, "test", cluster_.now());
  cluster_.Pass(absl::Seconds(1));
  EXPECT_NE(cluster_.lock_holder(), leader_);
  EXPECT_TRUE(Leads(*cluster_.lock_holder()));
}

TEST_F(BuiltinEnginesByLockTest, AnIsolatedNodeWaitsForTheLockAndFollowsWhenItIsBack_Bug83) {
  cluster_.Cut(follower_, leader_);
  cluster_.Cut(follower_, third_);
  cluster_.Pass(absl::Seconds(20));
  EXPECT_EQ(LeaderOf(follower_), -1);
  EXPECT_EQ(cluster_.engine(follower_)->WaitingFor(cluster_.now()), "the cluster lock: test");
  cluster_.Join(follower_, leader_);
  cluster_.Join(follower_, third_);
  cluster_.Pass(absl::Seconds(1));
  EXPECT_EQ(LeaderOf(follower_), leader_);
  EXPECT_TRUE(Leads(leader_));
}

}  // namespace
}  // namespace ctdb::cluster
