// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/load.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::config {
namespace {

// A test node's directory, empty at first.
class LoadTest : public testing::Test {
 protected:
  LoadTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/load_test.XXXXXX");
    base_ = ::mkdtemp(pattern.data());
    Environment environment;
    environment.test_mode = true;
    environment.ctdb_base = base_;
    paths_ = *Paths::Make(environment);
  }

  void Write(absl::string_view name, absl::string_view text, unsigned int mode = 0644) {
    const std::string path = absl::StrCat(base_, "/", name);
    ASSERT_TRUE(MakeDirectories(path.substr(0, path.find_last_of('/'))).ok());
    ASSERT_TRUE(WriteFileAtomically(path, text, mode).ok());
  }

  std::string base_;
  Paths paths_;
};

TEST_F(LoadTest, MissingConfigIsAllDefaultsForDaemonsAndAnErrorForChecks) {
  const auto lenient = LoadConfig(paths_, Strictness::kLenient);
  ASSERT_TRUE(lenient.ok());
  EXPECT_EQ(lenient->GetInteger("cluster", "leader timeout"), 5);
  EXPECT_TRUE(absl::IsNotFound(LoadConfig(paths_, Strictness::kStrict).status()));
}

TEST_F(LoadTest, ConfigComesFromTheFileAndOriginsNameIt) {
  Write("ctdb.conf", "[cluster]\nleader timeout = 7\n");
  const auto config = LoadConfig(paths_, Strictness::kStrict);
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->ok());
  EXPECT_EQ(config->GetOrigin("cluster", "leader timeout").ToString(), base_ + "/ctdb.conf:2");
}

TEST_F(LoadTest, ConfigThatIsADirectoryIsAnErrorForEverybody) {
  ASSERT_TRUE(MakeDirectories(base_ + "/ctdb.conf").ok());
  EXPECT_FALSE(LoadConfig(paths_, Strictness::kLenient).ok());
}

TEST_F(LoadTest, TooLargeConfigIsRefused) {
  Write("ctdb.conf", std::string(kConfigBytesMax + 1, '\n'));
  EXPECT_TRUE(absl::IsResourceExhausted(LoadConfig(paths_, Strictness::kLenient).status()));
}

TEST_F(LoadTest, ValidatorsLookAtTheFileSystem) {
  Write("run.sh", "#!/bin/sh\n", 0755);
  Write("plain", "x", 0644);
  const SystemFileProbe probe;
  EXPECT_EQ(probe.KindOf(base_ + "/run.sh"), FileKind::kExecutable);
  EXPECT_EQ(probe.KindOf(base_ + "/plain"), FileKind::kNotExecutable);
  EXPECT_EQ(probe.KindOf(base_), FileKind::kDirectory);
  EXPECT_EQ(probe.KindOf(base_ + "/gone"), FileKind::kMissing);
  EXPECT_EQ(probe.KindOf("/dev/null"), FileKind::kOther);
  Write("ctdb.conf", "[event]\ndebug script = run.sh\n");
  EXPECT_TRUE(LoadConfig(paths_, Strictness::kStrict)->ok());
}

TEST_F(LoadTest, NodesComeFromTheNodesFile) {
  Write("nodes", "10.0.0.1\n10.0.0.2\n");
  const auto nodes = LoadNodes(Config(paths_), paths_);
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  EXPECT_EQ(nodes->size(), 2u);
}

TEST_F(LoadTest, MissingNodesFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(LoadNodes(Config(paths_), paths_).status()));
}

TEST_F(LoadTest, WrongNodesFileIsAnErrorWithLines) {
  Write("nodes", "10.0.0.1\nhost\n");
  const absl::Status status = LoadNodes(Config(paths_), paths_).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "/nodes:2: Invalid node address host")) << status;
}

TEST_F(LoadTest, NodesListMayBeAnotherFileOrACommand) {
  Write("other", "10.0.0.1\n");
  Write("list.sh", "#!/bin/sh\necho 10.0.0.$1\necho 10.0.0.$2\nexit 3\n", 0755);
  Write("ctdb.conf", absl::StrCat("[cluster]\nnodes list = ", base_, "/other\n"));
  EXPECT_EQ(LoadNodes(*LoadConfig(paths_, Strictness::kStrict), paths_)->size(), 1u);
  Write("ctdb.conf", absl::StrCat("[cluster]\nnodes list = !", base_, "/list.sh 5\t 6\n"));
  const auto nodes = LoadNodes(*LoadConfig(paths_, Strictness::kStrict), paths_);
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 2u);
  EXPECT_EQ((*nodes)[1].address.ToString(), "10.0.0.6");
}

TEST_F(LoadTest, CommandWithoutNodesOrWithoutWordsIsAnError) {
  Write("ctdb.conf", "[cluster]\nnodes list = !/bin/true\n");
  const absl::Status status = LoadNodes(*LoadConfig(paths_, Strictness::kStrict), paths_).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "/bin/true printed no nodes")) << status;
  Write("ctdb.conf", "[cluster]\nnodes list = !\n");
  EXPECT_TRUE(absl::IsInvalidArgument(
      LoadNodes(*LoadConfig(paths_, Strictness::kStrict), paths_).status()));
}

TEST_F(LoadTest, HangingCommandIsAnErrorInTime) {
  Write("ctdb.conf", "[cluster]\nnodes list = !/bin/sleep 1000\n");
  CommandOptions options;
  options.time_limit = absl::Milliseconds(50);
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      LoadNodes(*LoadConfig(paths_, Strictness::kStrict), paths_, options).status()));
}

TEST_F(LoadTest, MissingTunablesFilesAreFine) {
  const LoadedTunables loaded = LoadTunables(paths_);
  EXPECT_EQ(loaded.tunables, Tunables());
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_TRUE(loaded.files.empty());
}

TEST_F(LoadTest, TunablesDirectoryIsReadInOrderAfterTheFile) {
  Write("ctdb.tunables", "KeepaliveLimit=1\nKeepaliveInterval=1\nEnableBans=0\n");
  Write("tunables.d/20.tunables", "KeepaliveLimit=3\n");
  Write("tunables.d/10.tunables", "KeepaliveLimit=2\nKeepaliveInterval=2\n");
  Write("tunables.d/30.other", "KeepaliveLimit=4\n");
  Write("tunables.d/.hidden.tunables", "KeepaliveLimit=5\n");
  const LoadedTunables loaded = LoadTunables(paths_);
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.tunables.Get(Tunable::kKeepaliveLimit), 3u);
  EXPECT_EQ(loaded.tunables.Get(Tunable::kKeepaliveInterval), 2u);
  EXPECT_EQ(loaded.tunables.Get(Tunable::kEnableBans), 0u);
  const std::vector<std::string> expected = {base_ + "/ctdb.tunables",
                                             base_ + "/tunables.d/10.tunables",
                                             base_ + "/tunables.d/20.tunables"};
  EXPECT_EQ(loaded.files, expected);
}

TEST_F(LoadTest, UnreadableTunablesFileDoesNotKeepTheOthersFromCounting) {
  ASSERT_TRUE(MakeDirectories(base_ + "/tunables.d/10.tunables").ok());
  Write("tunables.d/20.tunables", "KeepaliveLimit=3\n");
  const LoadedTunables loaded = LoadTunables(paths_);
  EXPECT_TRUE(HasErrors(loaded.problems));
  EXPECT_EQ(loaded.tunables.Get(Tunable::kKeepaliveLimit), 3u);
}

}  // namespace
}  // namespace ctdb::config
