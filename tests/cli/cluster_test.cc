// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The daemons here are shell scripts, so that they can misbehave in chosen ways.

#include "cli/local/io/cluster.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/local/layout.h"
#include "lib/base/io/file.h"

namespace ctdb::cli::local {
namespace {

class ClusterTest : public testing::Test {
 protected:
  // Short, since a socket's path must fit.
  ClusterTest() : base_(absl::StrCat("/tmp/ctdb-cluster-test.", ::getpid())) {
    std::filesystem::remove_all(base_);
    MakeDirectories(base_).IgnoreError();
  }
  ~ClusterTest() override {
    auto cluster = Cluster::Load(directory());
    if (cluster.ok()) cluster->Destroy(absl::ZeroDuration()).IgnoreError();
    std::filesystem::remove_all(base_);
  }

  std::string directory() const { return base_ + "/c"; }

  Cluster MakeCluster(uint32_t node_count = 2) {
    EXPECT_TRUE(Cluster::SetUp(directory(), {node_count, false}).ok());
    return *Cluster::Load(directory());
  }

  // A daemon that does what the script says; its options tell it to be ready.
  Cluster::StartOptions Daemon(const std::string& script) {
    const std::string path = base_ + "/ctdbd";
    EXPECT_TRUE(WriteFileAtomically(path, "#!/bin/sh\n" + script + "\n", 0755).ok());
    Cluster::StartOptions options;
    options.ctdbd = path;
    options.time_limit = absl::Seconds(10);
    options.is_ready = [this](uint32_t node, std::string* why) {
      *why = "no file \"ready\"";
      return std::filesystem::exists(NodeDirectory(directory(), node) + "/ready");
    };
    return options;
  }

  const std::string base_;
};

constexpr char kGoodDaemon[] = "touch $CTDB_BASE/ready; exec sleep 60";

TEST_F(ClusterTest, SetUpMakesEverythingThatNodesNeed) {
  const Cluster cluster = MakeCluster(2);
  EXPECT_EQ(cluster.nodes(), (std::set<uint32_t>{0, 1}));
  EXPECT_EQ(*ReadFile(NodesFile(directory()), 1000),
            absl::StrCat(cluster.address(0), "\n", cluster.address(1), "\n"));
  EXPECT_EQ(*ReadFile(directory() + "/node.1/nodes", 1000),
            *ReadFile(NodesFile(directory()), 1000));
  EXPECT_TRUE(absl::StrContains(*ReadFile(directory() + "/node.1/ctdb.conf", 1000),
                                "node address = " + cluster.address(1)));
  for (const std::string& path : NodeDirectories(directory(), 1)) {
    EXPECT_TRUE(std::filesystem::is_directory(path)) << path;
  }
}

TEST_F(ClusterTest, SetUpTouchesNoDirectoryThatIsInUse) {
  MakeCluster();
  EXPECT_TRUE(absl::IsAlreadyExists(Cluster::SetUp(directory(), {})));
  ASSERT_TRUE(MakeDirectories(base_ + "/other/file").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Cluster::SetUp(base_ + "/other", {})));
}

TEST_F(ClusterTest, DirectoriesWithoutTheMarkerAreNoClusters) {
  ASSERT_TRUE(MakeDirectories(directory()).ok());
  ASSERT_TRUE(WriteFileAtomically(NodesFile(directory()), "127.0.0.1\n").ok());
  EXPECT_TRUE(absl::IsNotFound(Cluster::Load(directory()).status()));
}

TEST_F(ClusterTest, StartedNodesRunAndStopEndsThem) {
  Cluster cluster = MakeCluster();
  ASSERT_TRUE(cluster.Start(cluster.nodes(), Daemon(kGoodDaemon)).ok());
  ASSERT_TRUE(cluster.Process(0).has_value());
  const ProcessIdentity first = cluster.Process(1)->identity;
  ASSERT_TRUE(cluster.Start(cluster.nodes(), Daemon(kGoodDaemon)).ok());
  EXPECT_EQ(cluster.Process(1)->identity, first);  // What runs is not started again.
  EXPECT_EQ(*cluster.Stop({1}, absl::Seconds(10)), std::set<uint32_t>{});
  EXPECT_FALSE(cluster.Process(1).has_value());
  EXPECT_TRUE(cluster.Process(0).has_value());
}

TEST_F(ClusterTest, ADaemonThatEndsAtOnceIsReportedWithWhatItSaid) {
  Cluster cluster = MakeCluster();
  const absl::Status status =
      cluster.Start({0}, Daemon("echo out of luck >&2; echo logged > $CTDB_BASE/log.ctdb; exit 3"));
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot start node 0")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "exit status 3")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "  out of luck\n")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "  logged\n")) << status;
}

TEST_F(ClusterTest, ADaemonThatIsNotReadyInTimeIsReportedWithTheReason) {
  Cluster cluster = MakeCluster();
  Cluster::StartOptions options = Daemon("exec sleep 60");
  options.time_limit = absl::Milliseconds(200);
  const absl::Status status = cluster.Start({1}, options);
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "node 1 is not ready")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "no file \"ready\"")) << status;
}

TEST_F(ClusterTest, ADaemonThatDoesNotWantToEndIsKilled) {
  Cluster cluster = MakeCluster();
  ASSERT_TRUE(cluster
                  .Start({0}, Daemon("trap '' TERM; touch $CTDB_BASE/ready; "
                                     "while true; do sleep 0.1; done"))
                  .ok());
  EXPECT_EQ(*cluster.Stop({0}, absl::Milliseconds(200)), std::set<uint32_t>{0});
  EXPECT_FALSE(cluster.Process(0).has_value());
}

TEST_F(ClusterTest, PausedNodesCanBeSeenResumedAndStopped) {
  Cluster cluster = MakeCluster();
  ASSERT_TRUE(cluster.Start(cluster.nodes(), Daemon(kGoodDaemon)).ok());
  ASSERT_TRUE(cluster.Signal({0}, SIGSTOP).ok());
  EXPECT_EQ(cluster.Process(0)->state, 'T');
  ASSERT_TRUE(cluster.Signal({0}, SIGCONT).ok());
  EXPECT_NE(cluster.Process(0)->state, 'T');
  ASSERT_TRUE(cluster.Signal({0}, SIGSTOP).ok());
  EXPECT_EQ(*cluster.Stop({0}, absl::Seconds(10)), std::set<uint32_t>{});
}

TEST_F(ClusterTest, KillEndsANodeAndItsChildren) {
  Cluster cluster = MakeCluster();
  ASSERT_TRUE(cluster
                  .Start({0}, Daemon("sleep 60 & echo $! > $CTDB_BASE/child; "
                                     "touch $CTDB_BASE/ready; wait"))
                  .ok());
  const int child = std::atoi(ReadFile(directory() + "/node.0/child", 100)->c_str());
  ASSERT_TRUE(StatProcess(child).has_value());
  ASSERT_TRUE(cluster.Signal({0}, SIGKILL).ok());
  EXPECT_FALSE(cluster.Process(0).has_value());
  // The group got the signal at once; the kernel needs a moment to carry it out.
  for (int i = 0; i < 1000 && StatProcess(child).has_value(); ++i) ::usleep(5000);
  EXPECT_FALSE(StatProcess(child).has_value());
  EXPECT_TRUE(absl::IsFailedPrecondition(cluster.Signal({0}, SIGKILL)));
}

TEST_F(ClusterTest, AProcessThatGotThePidLaterIsNotTakenForTheNode) {
  Cluster cluster = MakeCluster();
  const ProcessIdentity self = StatProcess(::getpid())->identity;
  ASSERT_TRUE(
      WriteFileAtomically(IdentityFile(directory(), 0), ToLine({self.pid, self.start_ticks + 1}))
          .ok());
  EXPECT_FALSE(cluster.Process(0).has_value());
  EXPECT_TRUE(cluster.Stop({0}, absl::Seconds(1)).ok());  // This test lives on.
}

TEST_F(ClusterTest, DestroyStopsAndRemovesEverything) {
  Cluster cluster = MakeCluster();
  ASSERT_TRUE(cluster.Start(cluster.nodes(), Daemon(kGoodDaemon)).ok());
  const ProcessIdentity process = cluster.Process(0)->identity;
  ASSERT_TRUE(cluster.Destroy(absl::Seconds(10)).ok());
  EXPECT_FALSE(IsRunning(process));
  EXPECT_FALSE(std::filesystem::exists(directory()));
}

}  // namespace
}  // namespace ctdb::cli::local
