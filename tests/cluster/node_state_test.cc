// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/node_state.h"

#include <gtest/gtest.h>

namespace ctdb::cluster {
namespace {

TEST(NodeStateTest, NoFlagIsNoText) { EXPECT_EQ(FlagText(0), ""); }

TEST(NodeStateTest, EachFlagHasTheNameThatAdministratorsKnow) {
  EXPECT_EQ(FlagText(kDisconnected), "DISCONNECTED");
  EXPECT_EQ(FlagText(kUnhealthy), "UNHEALTHY");
  EXPECT_EQ(FlagText(kDisabled), "DISABLED");
  EXPECT_EQ(FlagText(kBanned), "BANNED");
  EXPECT_EQ(FlagText(kDeleted), "DELETED");
  EXPECT_EQ(FlagText(kStopped), "STOPPED");
}

TEST(NodeStateTest, FlagBitsAreThoseOfTheExistingProtocol) {
  EXPECT_EQ(kDisconnected, 0x01u);
  EXPECT_EQ(kUnhealthy, 0x02u);
  EXPECT_EQ(kDisabled, 0x04u);
  EXPECT_EQ(kBanned, 0x08u);
  EXPECT_EQ(kDeleted, 0x10u);
  EXPECT_EQ(kStopped, 0x20u);
}

TEST(NodeStateTest, SeveralFlagsAreJoinedInAFixedOrder) {
  EXPECT_EQ(FlagText(kBanned | kDisabled), "DISABLED|BANNED");
  EXPECT_EQ(FlagText(0x3f), "DISCONNECTED|DISABLED|BANNED|UNHEALTHY|DELETED|STOPPED");
}

TEST(NodeStateTest, UnknownBitsHaveNoText) { EXPECT_EQ(FlagText(0x40 | kStopped), "STOPPED"); }

TEST(NodeStateTest, ANodeSaysNothingAboutItsOwnConnectionOrDeletion) {
  EXPECT_EQ(kOwnFlags & (kDisconnected | kDeleted), 0u);
}

TEST(NodeStateTest, AnUnhealthyOrDisabledNodeTakesPart) {
  EXPECT_EQ(kInactiveFlags & (kUnhealthy | kDisabled), 0u);
}

TEST(NodeStateTest, EachRunStateHasItsName) {
  EXPECT_EQ(RunStateName(RunState::kUnknown), "UNKNOWN");
  EXPECT_EQ(RunStateName(RunState::kInit), "INIT");
  EXPECT_EQ(RunStateName(RunState::kSetup), "SETUP");
  EXPECT_EQ(RunStateName(RunState::kFirstRecovery), "FIRST_RECOVERY");
  EXPECT_EQ(RunStateName(RunState::kStartup), "STARTUP");
  EXPECT_EQ(RunStateName(RunState::kRunning), "RUNNING");
  EXPECT_EQ(RunStateName(RunState::kShutdown), "SHUTDOWN");
}

TEST(NodeStateTest, ARunStateFromALaterVersionIsUnknown) {
  EXPECT_EQ(RunStateName(static_cast<RunState>(99)), "UNKNOWN");
}

TEST(NodeStateTest, ANodeWithoutFlagsIsOk) {
  EXPECT_EQ(StateText(0), "OK");
  EXPECT_EQ(StateText(kBanned), "BANNED");
}

}  // namespace
}  // namespace ctdb::cluster
