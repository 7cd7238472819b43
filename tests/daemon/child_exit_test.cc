// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/child_exit.h"

#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

TEST(ChildExitTest, EveryKindOfEndHasItsSentence) {
  EXPECT_EQ(Describe({ChildExit::Kind::kExited, 3}), "exited with code 3");
  EXPECT_EQ(Describe({ChildExit::Kind::kSignalled, 9}), "was killed by signal 9 (Killed)");
  EXPECT_EQ(Describe({ChildExit::Kind::kNotStarted, 2}),
            "could not be started: No such file or directory");
}

TEST(ChildExitTest, ASignalWithoutNameIsANumber) {
  EXPECT_EQ(Describe({ChildExit::Kind::kSignalled, 999}), "was killed by signal 999");
}

}  // namespace
}  // namespace ctdb::daemon
