// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/realtime.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/match.h"

namespace ctdb {
namespace {

int Policy() { return ::sched_getscheduler(0) & ~SCHED_RESET_ON_FORK; }

TEST(RealtimeTest, OnlyTheCallingThreadBecomesUrgentAndItsChildrenDoNot) {
  absl::Status status;
  int own_policy = 0;
  int priority = 0;
  int child_policy = 0;
  std::thread urgent([&] {
    status = UseRealtimeScheduling();
    own_policy = Policy();
    sched_param parameters{};
    ::sched_getparam(0, &parameters);
    priority = parameters.sched_priority;
    std::thread([&] { child_policy = Policy(); }).join();
  });
  urgent.join();
  EXPECT_EQ(Policy(), SCHED_OTHER);
  EXPECT_EQ(child_policy, SCHED_OTHER);
  if (!status.ok()) GTEST_SKIP() << "needs the right to do so: " << status;
  EXPECT_EQ(own_policy, SCHED_RR);
  EXPECT_EQ(priority, ::sched_get_priority_min(SCHED_RR));
}

TEST(RealtimeTest, WithoutTheRightItIsDeniedAndAllStaysAsItWas) {
  // In a process of its own, which gives up all rights.
  const pid_t pid = ::fork();
  if (pid == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_RTPRIO, &none);
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(3);
    const absl::Status status = UseRealtimeScheduling();
    if (!absl::IsPermissionDenied(status)) ::_exit(1);
    if (!absl::StrContains(status.message(), "cannot use real-time scheduling")) ::_exit(2);
    ::_exit(Policy() == SCHED_OTHER ? 0 : 4);
  }
  int how = -1;
  ASSERT_EQ(::waitpid(pid, &how, 0), pid);
  ASSERT_TRUE(WIFEXITED(how));
  EXPECT_EQ(WEXITSTATUS(how), 0);
}

}  // namespace
}  // namespace ctdb
