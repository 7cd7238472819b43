// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/ready_notice.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

TEST(ReadyNoticeTest, SendsTheWordOnceAndClosesThePipe) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  auto notice = ReadyNotice::Adopt(absl::StrCat(fds[1]));
  ASSERT_TRUE(notice.ok());
  EXPECT_TRUE(notice->Send().ok());
  EXPECT_TRUE(notice->Send().ok());
  char buffer[64];
  const ssize_t got = ::read(fds[0], buffer, sizeof(buffer));
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(got)), "READY\n");
  EXPECT_EQ(::read(fds[0], buffer, sizeof(buffer)), 0);
  ::close(fds[0]);
}

TEST(ReadyNoticeTest, TheAdoptedDescriptorIsNotInherited) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  auto notice = ReadyNotice::Adopt(absl::StrCat(fds[1]));
  ASSERT_TRUE(notice.ok());
  EXPECT_EQ(::fcntl(fds[1], F_GETFD), FD_CLOEXEC);
  ::close(fds[0]);
}

TEST(ReadyNoticeTest, WithoutSupervisorNothingHappens) {
  auto notice = ReadyNotice::Adopt("");
  ASSERT_TRUE(notice.ok());
  EXPECT_TRUE(notice->Send().ok());
}

TEST(ReadyNoticeTest, ValuesThatAreNoOpenDescriptorAreRefused) {
  for (const char* text : {"x", "-1", "0", "2", "999999", "99999999999999"}) {
    EXPECT_EQ(ReadyNotice::Adopt(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ReadyNoticeTest, ASupervisorThatIsGoneIsAnError) {
  ::signal(SIGPIPE, SIG_IGN);
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  ::close(fds[0]);
  auto notice = ReadyNotice::Adopt(absl::StrCat(fds[1]));
  ASSERT_TRUE(notice.ok());
  EXPECT_EQ(notice->Send().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ctdb::daemon
