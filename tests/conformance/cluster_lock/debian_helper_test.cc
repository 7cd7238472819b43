// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The lock helper of Debian's package ctdb: run by our driver as "cluster lock = !..." runs it, and
// against our own helper on the same file, as on nodes of both kinds.

#include <gmock/gmock.h>

#include "tests/cluster/lock_test_support.h"

namespace ctdb::cluster {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr char kTheirHelper[] = "/usr/libexec/ctdb/ctdb_mutex_fcntl_helper";

class DebianHelperTest : public DriverTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(::access(kTheirHelper, X_OK), 0) << "run tests/install_packages.sh";
  }
  void MakeDriverFor(const std::string& setting) {
    const auto command = ParseLockSetting(setting, WorkingDirectory() + "/daemon");
    ASSERT_TRUE(command.ok() && command->has_value()) << command.status();
    MakeDriver((*command)->arguments);
  }
  void MakeTheirDriver(const std::string& times = "") {
    MakeDriverFor(absl::StrCat("!", kTheirHelper, " ", path_, " ", times));
  }

  const std::string path_ = folder_ + "/lock";
};

TEST_F(DebianHelperTest, OurDriverTakesAndReleases) {
  MakeTheirDriver();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Take(), LockAnswer::kTaken);
    EXPECT_TRUE(driver_->is_held());
    driver_->Release();
    EXPECT_TRUE(AwaitFree());
  }
  EXPECT_EQ(answers_.size(), 3u);
}

TEST_F(DebianHelperTest, OurDriverIsToldOfContention) {
  Process holder({kTheirHelper, path_});
  EXPECT_EQ(holder.Output(), "0");
  MakeTheirDriver();
  EXPECT_EQ(Take(), LockAnswer::kContended);
  EXPECT_TRUE(AwaitFree());
  holder.Signal(SIGTERM);
  holder.End();
  EXPECT_EQ(Take(), LockAnswer::kTaken);
}

TEST_F(DebianHelperTest, OurDriverIsToldOfErrors) {
  MakeDriverFor(absl::StrCat("!", kTheirHelper, " /nonexistent/lock"));
  EXPECT_EQ(Take(), LockAnswer::kFailed);
  EXPECT_TRUE(AwaitFree());
  EXPECT_THAT(lines_, Contains(HasSubstr("/nonexistent/lock")));
}

TEST_F(DebianHelperTest, OurDriverIsToldWhenTheFileIsRemoved_Bug92) {
  MakeTheirDriver("1");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kLost);
  EXPECT_TRUE(AwaitFree());
  EXPECT_THAT(lines_, Contains(HasSubstr("lock lost - lock file")));
}

TEST_F(DebianHelperTest, OurDriverIsToldWhenTheFileIsReplaced_Bug92) {
  MakeTheirDriver("1");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  ASSERT_TRUE(WriteFileAtomically(path_, "").ok());
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kLost);
  EXPECT_TRUE(AwaitFree());
  EXPECT_THAT(lines_, Contains(HasSubstr("inode changed")));
}

TEST_F(DebianHelperTest, OurHelperKeepsTheirsOut) {
  Process ours({kOurHelper, path_});
  EXPECT_EQ(ours.Output(), "0");
  Process theirs({kTheirHelper, path_});
  EXPECT_EQ(theirs.Output(), "1");
  ours.Signal(SIGTERM);
  ours.End();
  Process again({kTheirHelper, path_});
  EXPECT_EQ(again.Output(), "0");
}

TEST_F(DebianHelperTest, TheirHelperKeepsOursOut) {
  Process theirs({kTheirHelper, path_});
  EXPECT_EQ(theirs.Output(), "0");
  Process ours({kOurHelper, path_});
  EXPECT_EQ(ours.Output(), "1");
  theirs.Signal(SIGTERM);
  theirs.End();
  Process again({kOurHelper, path_});
  EXPECT_EQ(again.Output(), "0");
}

// Their check takes a lock on the second byte, ours asks about the first one.
TEST_F(DebianHelperTest, ChecksOfOneKindDoNotDisturbTheOther) {
  MakeDriverFor(path_);  // Our helper.
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  for (int i = 0; i < 20; ++i) {
    Process theirs({kTheirHelper, path_, "1"});
    EXPECT_EQ(theirs.Output(), "1");
    theirs.End();
  }
  EXPECT_TRUE(driver_->is_held());
  driver_->Release();
  EXPECT_TRUE(AwaitFree());
  EXPECT_EQ(answers_.size(), 1u);
}

}  // namespace
}  // namespace ctdb::cluster
