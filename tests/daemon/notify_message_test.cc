// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/notify_message.h"

#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

TEST(NotifyMessageTest, EachMessageIsAnAssignmentPerLine) {
  EXPECT_EQ(ReadyMessage(), "READY=1\n");
  EXPECT_EQ(StoppingMessage(), "STOPPING=1\n");
  EXPECT_EQ(WatchdogMessage(), "WATCHDOG=1\n");
  EXPECT_EQ(MainPidMessage(4711), "MAINPID=4711\n");
  EXPECT_EQ(StatusMessage("serving"), "STATUS=serving\n");
  EXPECT_EQ(ReloadingMessage(absl::Seconds(2)), "RELOADING=1\nMONOTONIC_USEC=2000000\n");
}

TEST(NotifyMessageTest, SeveralMessagesMakeOneDatagram) {
  EXPECT_EQ(JoinMessages({ReadyMessage(), StatusMessage("ok")}), "READY=1\nSTATUS=ok\n");
  EXPECT_EQ(JoinMessages({}), "");
}

TEST(NotifyMessageTest, StatusTextCannotSmuggleInAnotherAssignment) {
  EXPECT_EQ(StatusMessage("node\nMAINPID=1\r"), "STATUS=node MAINPID=1 \n");
}

TEST(NotifyMessageTest, LongStatusTextIsCutAfterAWholeCharacter) {
  const std::string umlaut = "\xc3\xa4";
  const std::string text = std::string(kStatusBytesMax - 1, 'x') + umlaut;
  EXPECT_EQ(StatusMessage(text), "STATUS=" + std::string(kStatusBytesMax - 1, 'x') + "\n");
  const std::string fits = std::string(kStatusBytesMax - 2, 'x') + umlaut;
  EXPECT_EQ(StatusMessage(fits + "more"), "STATUS=" + fits + "\n");
}

TEST(NotifyMessageTest, WatchdogIsOffWhenNotSetOrMeantForAnotherProcess) {
  EXPECT_EQ(ParseWatchdog("", "", 7).value(), std::nullopt);
  EXPECT_EQ(ParseWatchdog("", "7", 7).value(), std::nullopt);
  EXPECT_EQ(ParseWatchdog("1000000", "8", 7).value(), std::nullopt);
}

TEST(NotifyMessageTest, WatchdogIntervalIsInMicroseconds) {
  EXPECT_EQ(ParseWatchdog("1500000", "7", 7).value(), absl::Milliseconds(1500));
  EXPECT_EQ(ParseWatchdog("1500000", "", 7).value(), absl::Milliseconds(1500));
}

TEST(NotifyMessageTest, WatchdogValuesThatAreNoNumbersAreErrors) {
  for (const char* usec : {"0", "-1", "1s", "99999999999999999999"}) {
    EXPECT_EQ(ParseWatchdog(usec, "7", 7).status().code(), absl::StatusCode::kInvalidArgument);
  }
  for (const char* pid : {"0", "-7", "self"}) {
    EXPECT_EQ(ParseWatchdog("1", pid, 7).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ctdb::daemon
