// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/peer_watch.h"

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::cluster {
namespace {

constexpr Instant kStart{std::chrono::hours(1)};
constexpr NodeNumber kPeer(1);
constexpr NodeNumber kOther(2);
constexpr absl::Duration kTick = absl::Nanoseconds(1);

// A watch with two peers and a clock in hand.
class PeerWatchTest : public testing::Test {
 protected:
  PeerWatchTest() { watch_.SetPeers({kPeer, kOther}, now_); }

  void BringUp(NodeNumber peer, uint64_t incarnation = 1) {
    watch_.OnLinkUp(peer, now_);
    SayAlive(peer, incarnation);
  }
  void SayAlive(NodeNumber peer, uint64_t incarnation = 1, bool hears_us = true) {
    watch_.OnAlive(peer, Alive{incarnation, {}}, hears_us, now_);
  }
  // In steps as a running node takes them; nothing arrives meanwhile.
  void Pass(absl::Duration time) {
    const Instant until = After(now_, time);
    while (now_ < until) {
      now_ = std::min(until, After(now_, options_.interval));
      watch_.OnTick(now_);
    }
  }
  // The whole process stood still.
  void Sleep(absl::Duration time) { now_ = After(now_, time); }
  // "up 1, down 2: why".
  std::string Changes() {
    std::vector<std::string> words;
    for (const PeerWatch::Change& change : watch_.TakeChanges()) {
      words.push_back(change.is_up ? absl::StrCat("up ", change.node.value())
                                   : absl::StrCat("down ", change.node.value(), ": ", change.why));
    }
    return absl::StrJoin(words, ", ");
  }
  // "none", or who is heard: "hears 1 2".
  std::string Keepalive() {
    Alive alive;
    if (!watch_.TakeKeepalive(&alive)) return "none";
    EXPECT_EQ(alive.incarnation, 9u);
    std::string text = "hears";
    for (NodeNumber node : alive.hears) absl::StrAppend(&text, " ", node.value());
    return text;
  }

  PeerWatch::Options options_;
  Instant now_ = kStart;
  PeerWatch watch_{options_, /*incarnation=*/9, /*parting_token=*/99, kStart};
};

TEST_F(PeerWatchTest, APeerIsUpOnceItIsLinkedHeardAndHearsUs) {
  watch_.OnLinkUp(kPeer, now_);
  EXPECT_EQ(Changes(), "") << "nothing was heard yet";
  SayAlive(kPeer, 1, /*hears_us=*/false);
  EXPECT_EQ(Changes(), "") << "it does not hear this node";
  SayAlive(kPeer);
  EXPECT_EQ(Changes(), "up 1");
  EXPECT_EQ(watch_.up(), std::vector<NodeNumber>{kPeer});
}

TEST_F(PeerWatchTest, PeersThatAreUpAreSorted) {
  BringUp(kOther);
  BringUp(kPeer);
  EXPECT_EQ(watch_.up(), (std::vector<NodeNumber>{kPeer, kOther}));
  EXPECT_EQ(watch_.Linked(), (std::vector<NodeNumber>{kPeer, kOther}));
}

TEST_F(PeerWatchTest, ALostLinkCountsAtOnceAndSaysWhy) {
  BringUp(kPeer);
  Changes();
  watch_.OnLinkDown(kPeer, "connection reset", now_);
  EXPECT_EQ(Changes(), "down 1: the link was lost: connection reset");
  EXPECT_TRUE(watch_.up().empty());
  EXPECT_TRUE(watch_.Linked().empty());
}

TEST_F(PeerWatchTest, ALinkLostTwiceOrWithoutHavingBeenThereChangesNothing) {
  watch_.OnLinkDown(kPeer, "", now_);
  BringUp(kPeer);
  watch_.OnLinkDown(kPeer, "", now_);
  Changes();
  watch_.OnLinkDown(kPeer, "", now_);
  EXPECT_EQ(Changes(), "");
}

TEST_F(PeerWatchTest, ASilentPeerIsDownAtTheLimitAndNotBefore) {
  BringUp(kPeer);
  Changes();
  Pass(options_.silence_limit - kTick);
  EXPECT_EQ(Changes(), "");
  Pass(kTick);
  EXPECT_EQ(Changes(), "down 1: nothing was heard from it for 2.5s");
}

TEST_F(PeerWatchTest, TheDeadlineIsTheLimitOfThePeerThatIsSilentLongest) {
  BringUp(kPeer);
  Pass(absl::Seconds(1));
  BringUp(kOther);
  Pass(absl::Seconds(1));
  Keepalive();
  EXPECT_EQ(watch_.NextDeadline(), After(kStart, options_.silence_limit));
  EXPECT_EQ(watch_.Silence(kPeer, now_), absl::Seconds(2));
  EXPECT_EQ(watch_.Silence(NodeNumber(7), now_), absl::ZeroDuration());
}

TEST_F(PeerWatchTest, AnyPacketCountsAsLife) {
  BringUp(kPeer);
  Changes();
  for (int i = 0; i < 10; ++i) {
    Pass(options_.silence_limit - kTick);
    watch_.OnHeard(kPeer, now_);
  }
  EXPECT_EQ(Changes(), "");
}

TEST_F(PeerWatchTest, APeerThatDoesNotHearUsAnyMoreIsDown) {
  BringUp(kPeer);
  Changes();
  SayAlive(kPeer, 1, /*hears_us=*/false);
  EXPECT_EQ(Changes(), "down 1: it does not hear this node");
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Changes(), "") << "a packet proves one direction only";
  SayAlive(kPeer);
  EXPECT_EQ(Changes(), "up 1");
}

TEST_F(PeerWatchTest, ASilentPeerMustSayAgainThatItHearsUs) {
  BringUp(kPeer);
  Pass(options_.silence_limit);
  Changes();
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Changes(), "");
  SayAlive(kPeer);
  EXPECT_EQ(Changes(), "up 1");
}

TEST_F(PeerWatchTest, ARestartedPeerIsDownAndUpAgain) {
  BringUp(kPeer, 1);
  Changes();
  SayAlive(kPeer, 2);
  EXPECT_EQ(Changes(), "down 1: it was started again, up 1");
  SayAlive(kPeer, 3, /*hears_us=*/false);
  EXPECT_EQ(Changes(), "down 1: it was started again");
}

TEST_F(PeerWatchTest, ARestartedPeerIsDetectedAcrossALostLink) {
  BringUp(kPeer, 1);
  watch_.OnLinkDown(kPeer, "", now_);
  Changes();
  BringUp(kPeer, 2);
  EXPECT_EQ(Changes(), "up 1") << "it was down already";
}

TEST_F(PeerWatchTest, OurOwnPauseBlamesNobody_Bug103) {
  BringUp(kPeer);
  Changes();
  Sleep(absl::Hours(1));
  watch_.OnTick(now_);
  EXPECT_EQ(Changes(), "");
  Pass(options_.silence_limit - options_.interval - kTick);
  EXPECT_EQ(Changes(), "") << "one interval may have been silence";
  Pass(kTick);
  EXPECT_EQ(Changes(), "down 1: nothing was heard from it for 2.5s");
}

TEST_F(PeerWatchTest, WhateverComesFirstAfterOurPauseItBlamesNobody_Bug103) {
  BringUp(kPeer);
  BringUp(kOther);
  Changes();
  const std::vector<std::function<void()>> inputs = {
      [&] { watch_.OnTick(now_); },
      [&] { watch_.OnHeard(kOther, now_); },
      [&] { SayAlive(kOther); },
      [&] { watch_.OnLinkUp(kOther, now_); },
      [&] {
        watch_.SetPeers({kPeer, kOther}, now_);
      },
      [&] { watch_.SetOptions(options_, now_); },
  };
  for (const auto& input : inputs) {
    watch_.OnHeard(kPeer, now_);
    watch_.OnHeard(kOther, now_);
    Sleep(absl::Hours(1));
    input();
    watch_.OnTick(now_);
  }
  EXPECT_EQ(Changes(), "");
}

TEST_F(PeerWatchTest, AnOrdinaryIdleTimeIsNoPauseOfOurs) {
  BringUp(kPeer);
  Changes();
  Sleep(options_.interval);
  watch_.OnTick(now_);
  EXPECT_EQ(watch_.Silence(kPeer, now_), options_.interval);
}

TEST_F(PeerWatchTest, TheTransportDecidesAndPacketsOfALostLinkDoNotCount_Bug110) {
  BringUp(kPeer);
  watch_.OnLinkDown(kPeer, "", now_);
  Changes();
  EXPECT_EQ(Keepalive(), "hears");
  SayAlive(kPeer);
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Changes(), "");
  Pass(options_.interval / 20);
  watch_.OnLinkUp(kPeer, now_);
  EXPECT_EQ(Keepalive(), "hears") << "what was heard over the old link does not count";
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Changes(), "") << "nor what was said over it";
  SayAlive(kPeer);
  EXPECT_EQ(Changes(), "up 1");
}

TEST_F(PeerWatchTest, SilenceCountsFromWhenTheLinkCame) {
  Pass(absl::Seconds(5));
  watch_.OnLinkUp(kPeer, now_);
  Pass(absl::Seconds(1));
  EXPECT_EQ(watch_.Silence(kPeer, now_), absl::Seconds(1));
}

TEST_F(PeerWatchTest, KeepalivesRefuteALinkThatTheTransportBelievesIn_Bug110) {
  BringUp(kPeer);
  Changes();
  Pass(options_.silence_limit);
  EXPECT_EQ(Changes(), "down 1: nothing was heard from it for 2.5s");
  EXPECT_EQ(watch_.Linked(), std::vector<NodeNumber>{kPeer}) << "keepalives go on";
}

TEST_F(PeerWatchTest, KeepalivesComeEachIntervalAndNotBefore) {
  EXPECT_EQ(Keepalive(), "hears");
  EXPECT_EQ(Keepalive(), "none");
  EXPECT_EQ(watch_.NextDeadline(), After(kStart, options_.interval));
  Pass(options_.interval - kTick);
  EXPECT_EQ(Keepalive(), "none");
  Pass(kTick);
  EXPECT_EQ(Keepalive(), "hears");
}

TEST_F(PeerWatchTest, APeerLearnsAtOnceThatItIsHeardAndThatItIsNot) {
  Keepalive();
  Pass(options_.interval / 20);
  watch_.OnLinkUp(kPeer, now_);
  EXPECT_EQ(Keepalive(), "hears");
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Keepalive(), "none") << "what comes at once is collected for a moment";
  Pass(options_.interval / 20);
  EXPECT_EQ(Keepalive(), "hears 1");
  watch_.OnHeard(kPeer, now_);
  EXPECT_EQ(Keepalive(), "none") << "nothing is new";
  Pass(options_.interval);
  Pass(options_.interval);
  Keepalive();
  Pass(options_.silence_limit - 2 * options_.interval);
  EXPECT_EQ(Keepalive(), "hears");
}

TEST_F(PeerWatchTest, UnknownPeersAreIgnored) {
  BringUp(NodeNumber(7));
  watch_.OnHeard(NodeNumber(7), now_);
  watch_.OnLinkDown(NodeNumber(7), "", now_);
  EXPECT_EQ(Changes(), "");
  EXPECT_TRUE(watch_.Linked().empty());
}

TEST_F(PeerWatchTest, APeerTakenOutOfTheListIsDownAndOthersStay) {
  BringUp(kPeer);
  BringUp(kOther);
  Changes();
  watch_.SetPeers({kOther}, now_);
  EXPECT_EQ(Changes(), "down 1: it was taken out of the nodes list");
  EXPECT_EQ(watch_.up(), std::vector<NodeNumber>{kOther});
  SayAlive(kPeer);
  EXPECT_EQ(Changes(), "");
}

TEST_F(PeerWatchTest, NewOptionsHoldFromNowOn) {
  BringUp(kPeer);
  Keepalive();
  Changes();
  watch_.SetOptions({absl::Milliseconds(100), absl::Milliseconds(250)}, now_);
  EXPECT_EQ(Keepalive(), "hears 1");
  EXPECT_EQ(watch_.NextDeadline(), After(now_, absl::Milliseconds(100)));
  options_.interval = absl::Milliseconds(100);
  Pass(absl::Milliseconds(250));
  EXPECT_EQ(Changes(), "down 1: nothing was heard from it for 200ms");
}

TEST_F(PeerWatchTest, ATimeThatGoesBackDoesNoHarm) {
  BringUp(kPeer);
  Changes();
  watch_.OnTick(After(kStart, -absl::Seconds(10)));
  watch_.OnHeard(kPeer, After(kStart, -absl::Seconds(10)));
  EXPECT_EQ(Changes(), "");
  EXPECT_EQ(watch_.Silence(kPeer, now_), absl::ZeroDuration());
}

}  // namespace
}  // namespace ctdb::cluster
