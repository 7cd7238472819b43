// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/faults.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::sim {
namespace {

TEST(FaultsTest, NamesAreReadAndWritten) {
  EXPECT_EQ(*ParseFaults("none"), 0u);
  EXPECT_EQ(*ParseFaults("all"), kAllFaults);
  EXPECT_EQ(*ParseFaults("loss,lock-slow"), kLoss | kLockSlow);
  EXPECT_EQ(*ParseFaults(FaultNames(kAllFaults)), kAllFaults);
  EXPECT_EQ(FaultNames(0), "none");
}

TEST(FaultsTest, UnknownNameIsNamedAndTheKnownOnesAreListed) {
  const absl::Status status = ParseFaults("loss,flood").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("\"flood\""), absl::string_view::npos);
  EXPECT_NE(status.message().find("lock-lies"), absl::string_view::npos);
  EXPECT_FALSE(ParseFaults("").ok());
}

TEST(FaultsTest, DrawTakesSomeOfTheAllowedOnes) {
  Random random(1);
  FaultSet all = 0;
  for (int i = 0; i < 100; ++i) {
    const FaultSet drawn = DrawFaults(kLoss | kCrash | kPause, random);
    EXPECT_NE(drawn, 0u);
    EXPECT_EQ(drawn & ~(kLoss | kCrash | kPause), 0u);
    all |= drawn;
  }
  EXPECT_EQ(all, kLoss | kCrash | kPause);
  EXPECT_EQ(DrawFaults(0, random), 0u);
}

TEST(FaultsTest, AfterStopAllRunsAndNothingIsCut) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster({.nodes = 5, .seed = seed});
    Faults faults(cluster, kAllFaults);
    faults.Start();
    cluster.RunFor(absl::Seconds(40));
    faults.Stop();
    cluster.RunFor(absl::Seconds(40));
    for (NodeNumber node : cluster.nodes()) {
      EXPECT_TRUE(cluster.process(node).is_running());
      EXPECT_FALSE(cluster.process(node).is_paused());
      for (NodeNumber peer : cluster.nodes()) {
        if (peer == node) continue;
        EXPECT_FALSE(cluster.network().IsCut(node, peer));
        EXPECT_TRUE(cluster.network().HasLink(node, peer));
      }
    }
  }
}

TEST(FaultsTest, TroubleIsReal) {
  // Each kind shows in what a cluster without faults never has.
  Cluster cluster({.nodes = 5, .seed = 1, .trace_lines = 100000});
  Faults faults(cluster, kAllFaults);
  faults.Start();
  cluster.RunFor(absl::Minutes(10));
  std::string trace;
  for (const std::string& line : cluster.trace().lines()) trace += line + "\n";
  for (const char* sign :
       {"crashes", "starts", "is paused", "partition of kind 0", "partition of kind 1",
        "partition of kind 2", "timed out", "connection reset", "trouble begins", "calm begins"}) {
    EXPECT_NE(trace.find(sign), std::string::npos) << sign;
  }
}

}  // namespace
}  // namespace ctdb::sim
