// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/sim/recorder.h"

namespace ctdb::sim {
namespace {

constexpr NodeNumber kA(0);
constexpr NodeNumber kB(1);

class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    network_.Add(a_);
    network_.Add(b_);
    for (Process* process : {&a_, &b_}) {
      process->Start();
      network_.OnStarted(process->number());
    }
    Run(absl::Seconds(1));
    records_[0].inputs.clear();
    records_[1].inputs.clear();
  }
  void Run(absl::Duration duration) { world_.RunUntil(After(world_.now(), duration)); }
  void Send(int count) {
    for (int i = 0; i < count; ++i) {
      network_.Send(kA, kB, cluster::EngineMessage(cluster::Resign{cluster::Ballot(++sent_)}));
    }
  }
  // The numbers of what B got.
  std::vector<uint64_t> Got() const {
    std::vector<uint64_t> got;
    for (const Packet& packet : records_[1].All<Packet>()) {
      const auto& message = std::get<cluster::EngineMessage>(packet.message);
      got.push_back(std::get<cluster::Resign>(message).ballot.value());
    }
    return got;
  }
  std::vector<bool> Notices(int node) const {
    std::vector<bool> ups;
    for (const LinkNotice& notice : records_[node].All<LinkNotice>()) ups.push_back(notice.is_up);
    return ups;
  }

  World world_{1};
  Trace trace_{0};
  Network network_{world_, trace_};
  Record records_[2];
  Process a_{world_, kA, Clock(), RecordTo(records_[0])};
  Process b_{world_, kB, Clock(), RecordTo(records_[1])};
  uint64_t sent_ = 0;
};

TEST_F(NetworkTest, LinkIsThereAndKeepsTheOrder) {
  EXPECT_TRUE(network_.HasLink(kA, kB));
  EXPECT_TRUE(network_.HasLink(kB, kA));
  Network::Options options;
  options.tail_share = 0.5;
  options.delay_tail = absl::Seconds(1);
  network_.SetOptions(options);
  Send(20);
  Run(absl::Seconds(5));
  std::vector<uint64_t> expected;
  for (uint64_t i = 1; i <= 20; ++i) expected.push_back(i);
  EXPECT_EQ(Got(), expected);
  EXPECT_EQ(network_.sent()[static_cast<size_t>(MessageKind::kResign)], 20u);
}

TEST_F(NetworkTest, LossDuplicatesAndReorderingDoWhatTheySay) {
  Network::Options options;
  options.loss = 0.3;
  options.duplicate = 0.3;
  options.reorder = 0.5;
  options.delay_mean = absl::Milliseconds(100);
  network_.SetOptions(options);
  Send(1000);
  Run(absl::Seconds(5));
  const std::vector<uint64_t> got = Got();
  const std::set<uint64_t> different(got.begin(), got.end());
  EXPECT_NEAR(static_cast<double>(different.size()), 700, 60);
  EXPECT_NEAR(static_cast<double>(got.size()), 910, 80);
  EXPECT_FALSE(std::is_sorted(got.begin(), got.end()));
}

TEST_F(NetworkTest, CrashTakesTheLinkDownAtOnceAfterWhatWasSent) {
  Send(1);
  network_.OnCrashing(kA);
  a_.Crash();
  Run(absl::Milliseconds(10));
  ASSERT_EQ(records_[1].inputs.size(), 2u);
  EXPECT_EQ(Got().size(), 1u);
  EXPECT_EQ(Notices(1), std::vector<bool>{false});
  a_.Start();
  network_.OnStarted(kA);
  Run(absl::Seconds(1));
  EXPECT_EQ(Notices(1), (std::vector<bool>{false, true}));
  EXPECT_EQ(Notices(0), std::vector<bool>{true});
}

TEST_F(NetworkTest, CutIsSilentForAWhileAndTheOtherDirectionWorks) {
  network_.Cut(kB, kA);
  Send(1);
  network_.Send(kB, kA, cluster::EngineMessage(cluster::Resign{}));
  Run(absl::Milliseconds(1900));
  EXPECT_EQ(Got().size(), 1u);
  EXPECT_TRUE(records_[0].inputs.empty());
  Run(absl::Seconds(20));
  EXPECT_EQ(Notices(0), std::vector<bool>{false});
  EXPECT_EQ(Notices(1), std::vector<bool>{false});
}

TEST_F(NetworkTest, HealedLinkComesUpAnewAndCarriesNothingOld) {
  network_.Cut(kA, kB);
  Send(1);
  Run(absl::Seconds(1));
  network_.Heal(kA, kB);
  Run(absl::Seconds(1));
  EXPECT_EQ(Notices(0), (std::vector<bool>{false, true}));
  EXPECT_EQ(Notices(1), (std::vector<bool>{false, true}));
  EXPECT_TRUE(Got().empty());
  Send(1);
  Run(absl::Seconds(1));
  EXPECT_EQ(Got(), std::vector<uint64_t>{2});
}

TEST_F(NetworkTest, ResetLinkIsDownAtBothEndsAtOnceAndComesBack) {
  network_.Reset(kA, kB);
  Run(absl::Milliseconds(1));
  EXPECT_EQ(Notices(0), std::vector<bool>{false});
  EXPECT_EQ(Notices(1), std::vector<bool>{false});
  Run(absl::Seconds(1));
  EXPECT_TRUE(network_.HasLink(kA, kB));
  EXPECT_TRUE(network_.HasLink(kB, kA));
}

TEST_F(NetworkTest, CloggedLinkDeliversEverythingLater) {
  network_.Clog(kA, kB, absl::Seconds(2));
  Send(3);
  Run(absl::Milliseconds(1999));
  EXPECT_TRUE(Got().empty());
  Run(absl::Milliseconds(10));
  EXPECT_EQ(Got(), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_TRUE(Notices(1).empty());
}

TEST_F(NetworkTest, HealAllLeavesNoCut) {
  network_.Cut(kA, kB);
  network_.Cut(kB, kA);
  Run(absl::Seconds(30));
  network_.HealAll();
  Run(absl::Seconds(1));
  EXPECT_FALSE(network_.IsCut(kA, kB));
  EXPECT_TRUE(network_.HasLink(kA, kB));
  EXPECT_TRUE(network_.HasLink(kB, kA));
}

}  // namespace
}  // namespace ctdb::sim
