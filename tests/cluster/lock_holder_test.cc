// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/lock_holder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace ctdb::cluster {
namespace {

using testing::HasSubstr;

class LockHolderTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(output_), 0); }
  void TearDown() override {
    CloseReader();
    ::close(output_[1]);
  }
  void CloseReader() {
    if (output_[0] >= 0) ::close(output_[0]);
    output_[0] = -1;
  }
  absl::Status Hold(const std::function<absl::Status()>& check,
                    absl::Duration interval = absl::Milliseconds(10),
                    absl::Duration ping_timeout = absl::Seconds(30)) {
    return HoldLock({.parent = ::getppid(),
                     .output_fd = output_[1],
                     .recheck_interval = interval,
                     .ping_timeout = ping_timeout},
                    check);
  }

  int output_[2] = {-1, -1};
};

TEST_F(LockHolderTest, WhatTheCheckFindsIsTheReason) {
  // In the other process; this one's counter stays as it is.
  int looks = 0;
  const absl::Status why =
      Hold([&looks] { return ++looks < 5 ? absl::OkStatus() : absl::NotFoundError("it is gone"); });
  EXPECT_EQ(why.message(), "it is gone");
  EXPECT_EQ(looks, 0);
}

TEST_F(LockHolderTest, CheckThatHangsIsALossAfterThePingTimeout) {
  const absl::Status why = Hold(
      [] {
        while (true) ::pause();
        return absl::OkStatus();
      },
      absl::Milliseconds(10), absl::Milliseconds(200));
  EXPECT_TRUE(absl::IsDeadlineExceeded(why)) << why;
  EXPECT_THAT(std::string(why.message()), HasSubstr("takes longer than 200ms"));
}

TEST_F(LockHolderTest, CheckThatHangsLaterIsALossAsWell) {
  int looks = 0;
  const absl::Status why = Hold(
      [&looks] {
        while (++looks > 3) ::pause();
        return absl::OkStatus();
      },
      absl::Milliseconds(10), absl::Milliseconds(200));
  EXPECT_TRUE(absl::IsDeadlineExceeded(why)) << why;
}

TEST_F(LockHolderTest, CheckThatDiesIsALoss) {
  const absl::Status why = Hold([] {
    ::kill(::getpid(), SIGKILL);
    return absl::OkStatus();
  });
  EXPECT_THAT(std::string(why.message()), HasSubstr("has ended unexpectedly"));
}

TEST_F(LockHolderTest, ReaderThatHasGoneEndsTheHold) {
  CloseReader();
  EXPECT_TRUE(Hold([] { return absl::OkStatus(); }).ok());
  EXPECT_TRUE(Hold(nullptr, absl::ZeroDuration()).ok());
}

TEST_F(LockHolderTest, ParentThatHasGoneEndsTheHold) {
  EXPECT_TRUE(HoldLock({.parent = ::getpid(), .output_fd = output_[1]}, [] {
                return absl::OkStatus();
              }).ok());
}

TEST_F(LockHolderTest, ParentThatHasGoneBeforeIsNoticed) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(PrepareLockHelper(1 << 30) ? 1 : 0);
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ctdb::cluster
