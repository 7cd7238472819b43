// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_setup.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/config/io/load.h"

namespace ctdb::daemon {
namespace {

class ClusterSetupTest : public testing::Test {
 protected:
  ClusterSetupTest() {
    directory_ = testing::TempDir() + "cluster_setup_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    EXPECT_TRUE(MakeDirectories(directory_).ok());
    WriteNodes("127.0.0.1\n127.0.0.2\n127.0.0.3\n");
  }

  void WriteNodes(const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(directory_ + "/nodes", text).ok());
  }

  absl::StatusOr<ClusterSetup> Load(const std::string& cluster_options,
                                    const config::Tunables& tunables = {},
                                    const std::string& legacy_options = "") {
    config::Environment environment;
    environment.test_mode = true;
    environment.ctdb_base = directory_;
    environment.helper_bindir = "/helpers";
    const config::Paths paths = *config::Paths::Make(environment);
    const std::string text = absl::StrCat("[cluster]\nnode address = 127.0.0.2\n", cluster_options,
                                          "[database]\nstate database directory = ", directory_,
                                          "\n[legacy]\n", legacy_options);
    const config::Config config = config::Config::Parse(text, "F", paths, config::SystemFileProbe(),
                                                        config::Strictness::kLenient);
    EXPECT_TRUE(config.status().ok()) << config.status();
    CTDB_ASSIGN_OR_RETURN(const NodeIdentity identity, IdentifyNode(config, paths));
    return LoadClusterSetup(config, paths, identity, tunables);
  }

  std::string directory_;
};

TEST_F(ClusterSetupTest, WithoutALockAMajorityDecides) {
  const auto setup = Load("");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(setup->rule, "majority");
  EXPECT_EQ(setup->risk, "");
  EXPECT_EQ(setup->driver.membership.local, NodeNumber(1));
  EXPECT_EQ(setup->driver.nodes.size(), 3u);
  EXPECT_NE(setup->driver.engine.incarnation, 0u);
  EXPECT_EQ(setup->driver.promised, cluster::Ballot(0));
  EXPECT_EQ(setup->driver.engine.election.leader_timeout, absl::Seconds(5));
}

TEST_F(ClusterSetupTest, APathIsALockOfOurOwnHelperAndAnExclamationMarkAnotherHelper) {
  const auto file = Load("cluster lock = /shared/lock\n");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->rule, "cluster lock");
  EXPECT_EQ(file->lock_command->arguments,
            (std::vector<std::string>{"/helpers/ctdb_mutex_fcntl_helper", "/shared/lock"}));
  const auto helper = Load("cluster lock = !/opt/locker site a\n");
  ASSERT_TRUE(helper.ok()) << helper.status();
  EXPECT_EQ(helper->lock_command->arguments,
            (std::vector<std::string>{"/opt/locker", "site", "a"}));
  EXPECT_EQ(helper->driver.membership.cluster_lock, "!/opt/locker site a");
}

TEST_F(ClusterSetupTest, TheOldNameOfTheLockCountsWhenTheNewOneIsUnset) {
  const auto setup = Load("recovery lock = /shared/old\n");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(setup->driver.membership.cluster_lock, "/shared/old");
}

TEST_F(ClusterSetupTest, TwoNodesWithoutALockAreToldWhatThatMeans) {
  WriteNodes("127.0.0.1\n127.0.0.2\n#127.0.0.3\n");
  const auto careful = Load("");
  ASSERT_TRUE(careful.ok()) << careful.status();
  EXPECT_TRUE(absl::StrContains(careful->risk, "the other one stops")) << careful->risk;
  EXPECT_FALSE(careful->driver.engine.election.continues_alone);
  const auto brave = Load("two nodes = true\n");
  ASSERT_TRUE(brave.ok()) << brave.status();
  EXPECT_TRUE(absl::StrContains(brave->risk, "both go on")) << brave->risk;
  EXPECT_TRUE(brave->driver.engine.election.continues_alone);
  EXPECT_EQ(Load("two nodes = true\ncluster lock = /shared/lock\n")->risk, "");
}

TEST_F(ClusterSetupTest, TwoNodesIsForTwoNodesOnly) {
  const auto setup = Load("two nodes = true\n");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_FALSE(setup->driver.engine.election.continues_alone);
  EXPECT_EQ(setup->rule, "majority");
}

TEST_F(ClusterSetupTest, RolesAndFlagsToBeginWithComeFromTheConfiguration) {
  const auto setup = Load("leader capability = false\n", {},
                          "lmaster capability = false\nstart as stopped = true\n"
                          "start as disabled = true\n");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_FALSE(setup->driver.membership.may_lead);
  EXPECT_FALSE(setup->driver.membership.may_be_home);
  EXPECT_EQ(setup->driver.membership.flags, cluster::kStopped | cluster::kDisabled);
}

TEST_F(ClusterSetupTest, ADamagedFileOfVotesEndsTheStartAndSaysWhatToDo) {
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/ballot", "rubbish\n").ok());
  const auto setup = Load("");
  EXPECT_TRUE(absl::IsDataLoss(setup.status())) << setup.status();
  EXPECT_TRUE(absl::StrContains(setup.status().message(), "Remove it while")) << setup.status();
}

TEST_F(ClusterSetupTest, TheLastVoteIsRemembered) {
  ASSERT_TRUE(WriteFileAtomically(directory_ + "/ballot", "ballot 1 7 2\n").ok());
  EXPECT_EQ(Load("")->driver.promised, cluster::MakeBallot(7, NodeNumber(2)));
}

TEST(WatchOptionsTest, ASilentHostIsNoticedWithinThreeSecondsByDefault) {
  const auto options = WatchOptions(config::Tunables());
  EXPECT_EQ(options.interval, absl::Seconds(1));
  EXPECT_EQ(options.silence_limit, absl::Milliseconds(2500));
}

TEST(WatchOptionsTest, TunablesDecideAndZeroIsOne) {
  config::Tunables tunables;
  tunables.Set(config::Tunable::kKeepaliveInterval, 5);
  tunables.Set(config::Tunable::kKeepaliveLimit, 5);
  EXPECT_EQ(WatchOptions(tunables).silence_limit, absl::Milliseconds(27500));
  tunables.Set(config::Tunable::kKeepaliveInterval, 0);
  tunables.Set(config::Tunable::kKeepaliveLimit, 0);
  EXPECT_EQ(WatchOptions(tunables).silence_limit, absl::Milliseconds(1500));
}

}  // namespace
}  // namespace ctdb::daemon
