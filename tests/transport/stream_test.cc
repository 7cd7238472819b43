// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/protocol/limits.h"

namespace ctdb {
namespace {

TEST(StreamSenderTest, NothingMayBeSentBeforeCredit) {
  StreamSender sender;
  EXPECT_EQ(sender.SendableBytes(), 0u);
  EXPECT_EQ(sender.offset(), 0u);
}

TEST(StreamSenderTest, AChunkIsNeverLargerThanItsLimitOrTheCredit) {
  StreamSender sender;
  sender.OnCredit(kStreamChunkBytesMax + 10);
  EXPECT_EQ(sender.SendableBytes(), kStreamChunkBytesMax);
  sender.OnSent(kStreamChunkBytesMax);
  EXPECT_EQ(sender.SendableBytes(), 10u);
  sender.OnSent(10);
  EXPECT_EQ(sender.SendableBytes(), 0u);
  EXPECT_EQ(sender.offset(), kStreamChunkBytesMax + 10);
}

TEST(StreamSenderTest, CreditThatComesLateOrTwiceChangesNothing) {
  StreamSender sender;
  sender.OnCredit(100);
  sender.OnCredit(50);
  sender.OnCredit(100);
  EXPECT_EQ(sender.SendableBytes(), 100u);
}

TEST(StreamSenderTest, AllCreditThereIsDoesNotOverflow) {
  StreamSender sender;
  sender.OnCredit(~uint64_t{0});
  sender.OnSent(1);
  EXPECT_EQ(sender.SendableBytes(), kStreamChunkBytesMax);
}

TEST(StreamReceiverTest, TheFirstCreditIsTheWindow) {
  EXPECT_EQ(StreamReceiver().credit(), kStreamWindowBytes);
  EXPECT_EQ(StreamReceiver(1000).credit(), 1000u);
}

TEST(StreamReceiverTest, AGapOrARepetitionIsAnErrorThatNamesBothPlaces) {
  StreamReceiver receiver(1000);
  ASSERT_TRUE(receiver.OnChunk(0, 100).ok());
  for (uint64_t offset : {uint64_t{0}, uint64_t{99}, uint64_t{101}, ~uint64_t{0}}) {
    const absl::Status status = receiver.OnChunk(offset, 10);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("byte ", offset))) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "100")) << status;
  }
  EXPECT_EQ(receiver.received(), 100u);
}

TEST(StreamReceiverTest, MoreThanWasGrantedIsAnError) {
  StreamReceiver receiver(1000);
  EXPECT_TRUE(absl::IsInvalidArgument(receiver.OnChunk(0, 1001)));
  EXPECT_TRUE(receiver.OnChunk(0, 1000).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(receiver.OnChunk(1000, 1)));
}

TEST(StreamReceiverTest, CreditIsGivenInStepsOfHalfTheWindow) {
  StreamReceiver receiver(1000);
  ASSERT_TRUE(receiver.OnChunk(0, 1000).ok());
  EXPECT_EQ(receiver.OnConsumed(499), std::nullopt);
  EXPECT_EQ(receiver.OnConsumed(1), 1500u);
  EXPECT_EQ(receiver.OnConsumed(100), std::nullopt);
  EXPECT_EQ(receiver.credit(), 1500u);
}

TEST(StreamReceiverTest, TheEndMustBeWhereTheBytesEnd) {
  StreamReceiver receiver(1000);
  EXPECT_TRUE(receiver.OnEnd(0).ok());
  ASSERT_TRUE(receiver.OnChunk(0, 10).ok());
  EXPECT_TRUE(receiver.OnEnd(10).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(receiver.OnEnd(9)));
  EXPECT_TRUE(absl::IsInvalidArgument(receiver.OnEnd(11)));
}

// A sender and a receiver with chunks, grants and consumption in any order that a connection
// allows: all bytes arrive, never more than the window is unread, and it never gets stuck.
TEST(StreamTest, AnyScheduleEndsWithAllBytesInBoundedMemory) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const uint64_t window = 1 + random.Below(4 * kStreamChunkBytesMax);
    const uint64_t total = random.Below(3'000'000);
    StreamSender sender;
    StreamReceiver receiver(window);
    std::deque<uint64_t> grants = {receiver.credit()};
    std::deque<std::pair<uint64_t, size_t>> chunks;
    uint64_t unread = 0;
    while (sender.offset() < total || !chunks.empty() || unread > 0) {
      const size_t piece = std::min<uint64_t>(sender.SendableBytes(), total - sender.offset());
      const bool can_send = piece > 0;
      ASSERT_TRUE(can_send || !grants.empty() || !chunks.empty() || unread > 0) << "stuck";
      switch (random.Below(4)) {
        case 0:
          if (!can_send) break;
          chunks.emplace_back(sender.offset(), 1 + random.Below(piece));
          sender.OnSent(chunks.back().second);
          break;
        case 1:
          if (grants.empty()) break;
          sender.OnCredit(grants.front());
          grants.pop_front();
          break;
        case 2:
          if (chunks.empty()) break;
          ASSERT_TRUE(receiver.OnChunk(chunks.front().first, chunks.front().second).ok());
          unread += chunks.front().second;
          chunks.pop_front();
          break;
        case 3:
          if (unread == 0) break;
          const size_t taken = 1 + random.Below(unread);
          unread -= taken;
          if (const auto grant = receiver.OnConsumed(taken)) grants.push_back(*grant);
          break;
      }
      ASSERT_LE(unread, window);
    }
    EXPECT_TRUE(receiver.OnEnd(total).ok());
  }
}

}  // namespace
}  // namespace ctdb
