// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/io/will_pipe.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/protocol/address.h"

namespace ctdb::guardian {
namespace {

Will WillWithToken(uint64_t token) {
  return {.node = NodeNumber(3),
          .address = "127.0.0.4",
          .port = 4379,
          .parting_token = token,
          .volatile_directory = "/volatile",
          .peers = {}};
}

class WillPipeTest : public testing::Test {
 protected:
  WillPipeTest() {
    auto pipe = MakeWillPipe();
    EXPECT_TRUE(pipe.ok()) << pipe.status();
    reader_ = std::move(pipe->first);
    writer_ = std::move(pipe->second);
  }
  // The daemon ends.
  std::optional<Will> Last() {
    writer_ = UniqueFd();
    return ReadLastWill(reader_.get());
  }

  UniqueFd reader_;
  UniqueFd writer_;
};

TEST_F(WillPipeTest, TheLastOneCounts) {
  for (const uint64_t token : {1, 2, 3}) {
    ASSERT_EQ(SendWill(writer_.get(), WillWithToken(token)), absl::OkStatus());
  }
  EXPECT_EQ(Last(), WillWithToken(3));
}

TEST_F(WillPipeTest, ADaemonThatHasSaidNothingLeavesNone) { EXPECT_EQ(Last(), std::nullopt); }

TEST_F(WillPipeTest, OneThatTheDaemonWasKilledInTheMiddleOfDoesNotCount) {
  ASSERT_EQ(SendWill(writer_.get(), WillWithToken(1)), absl::OkStatus());
  const char beginning[] = "\0\0\0\0\20\0\0\0 and no more";
  ASSERT_GT(::write(writer_.get(), beginning, sizeof(beginning)), 0);
  EXPECT_EQ(Last(), WillWithToken(1));
}

TEST_F(WillPipeTest, OneForTheLargestClusterFits) {
  Will will = WillWithToken(1);
  for (uint32_t node = 0; node < kNodesMax; ++node) {
    will.peers.push_back({NodeNumber(node), absl::StrCat("2001:db8:aaaa:bbbb:cccc:dddd:0:", node)});
  }
  ASSERT_EQ(SendWill(writer_.get(), will), absl::OkStatus());
  EXPECT_EQ(Last(), will);
}

TEST_F(WillPipeTest, ADaemonDoesNotWaitForAGuardianThatStandsStill) {
  absl::Status status;
  for (int i = 0; status.ok() && i < 1'000'000; ++i) {
    status = SendWill(writer_.get(), WillWithToken(1));
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(WillPipeTest, AGuardianThatHasEndedIsAnError) {
  ::signal(SIGPIPE, SIG_IGN);
  reader_ = UniqueFd();
  EXPECT_TRUE(absl::IsUnavailable(SendWill(writer_.get(), WillWithToken(1))));
}

}  // namespace
}  // namespace ctdb::guardian
