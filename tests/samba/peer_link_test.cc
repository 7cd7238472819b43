// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/peer_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/random.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class PeerLinkTest : public testing::Test {
 protected:
  // Everything that one has to say to the other, but what `loses` takes away.
  template <typename Loses>
  std::vector<std::string> Carry(PeerLink& from, PeerLink& to, Loses loses) {
    std::vector<std::string> arrived;
    for (Chunk& chunk : from.TakeOutput(now_)) {
      if (loses(chunk)) continue;
      for (std::string& item : to.OnChunk(std::move(chunk))) arrived.push_back(std::move(item));
    }
    return arrived;
  }
  std::vector<std::string> Carry(PeerLink& from, PeerLink& to) {
    return Carry(from, to, [](const Chunk&) { return false; });
  }
  // Each knows the other's run, and owes it nothing.
  void Meet() {
    ASSERT_TRUE(a_.Send("").ok());
    Carry(a_, b_);
    Carry(b_, a_);
    Carry(a_, b_);
  }
  void Wait(PeerLink& link) {
    now_ = After(now_, PeerLink::kRetryAfter);
    link.OnTick(now_);
  }

  Instant now_{};
  PeerLink a_{100};
  PeerLink b_{200};
};

TEST_F(PeerLinkTest, ItemsArriveInOrder_MS4) {
  for (const char* item : {"one", "", "three"}) ASSERT_TRUE(a_.Send(item).ok());
  EXPECT_THAT(Carry(a_, b_), ElementsAre("one", "", "three"));
  EXPECT_THAT(Carry(a_, b_), IsEmpty());
  Carry(b_, a_);
  EXPECT_EQ(a_.queued_bytes(), 0u) << "b has said that it has them";
}

TEST_F(PeerLinkTest, WhatIsLostIsSentAgainAndArrivesOnce_MS18) {
  for (const char* item : {"one", "two", "three"}) ASSERT_TRUE(a_.Send(item).ok());
  const auto second_lost = [](const Chunk& chunk) { return chunk.sequence == 2; };
  EXPECT_THAT(Carry(a_, b_, second_lost), ElementsAre("one"));
  Wait(a_);
  EXPECT_THAT(Carry(a_, b_), ElementsAre("two", "three"));
}

TEST_F(PeerLinkTest, ALostAcknowledgementRepeatsNothing) {
  ASSERT_TRUE(a_.Send("one").ok());
  EXPECT_THAT(Carry(a_, b_), ElementsAre("one"));
  Carry(b_, a_, [](const Chunk&) { return true; });
  Wait(a_);
  EXPECT_THAT(Carry(a_, b_), IsEmpty());
  Carry(b_, a_);
  EXPECT_EQ(a_.queued_bytes(), 0u);
}

TEST_F(PeerLinkTest, ALargeItemIsCutAndPutTogether_MS19) {
  const std::string large(10 * PeerLink::kWindowBytes, 'x');
  ASSERT_TRUE(a_.Send(large).ok());
  ASSERT_TRUE(a_.Send("small").ok());
  std::vector<std::string> arrived;
  for (int i = 0; i < 20; ++i) {
    for (std::string& item : Carry(a_, b_)) arrived.push_back(std::move(item));
    Carry(b_, a_);
  }
  ASSERT_THAT(arrived, SizeIs(2));
  EXPECT_TRUE(arrived[0] == large);
  EXPECT_EQ(arrived[1], "small");
}

TEST_F(PeerLinkTest, WhatWasTakenIsSaidAlongWithWhatGoesTheOtherWay) {
  Meet();
  ASSERT_TRUE(a_.Send("question").ok());
  Carry(a_, b_);
  EXPECT_THAT(b_.TakeOutput(now_), IsEmpty());
  ASSERT_TRUE(b_.Send("answer").ok());
  EXPECT_THAT(Carry(b_, a_), ElementsAre("answer"));
  EXPECT_EQ(a_.queued_bytes(), 0u);
  EXPECT_THAT(a_.TakeOutput(now_), IsEmpty()) << "now a has something to say, and time";
  EXPECT_EQ(a_.NextDeadline(), After(now_, PeerLink::kAcknowledgeAfter));
}

TEST_F(PeerLinkTest, WhatWasTakenIsSaidAloneAfterAWhile) {
  Meet();
  ASSERT_TRUE(a_.Send("one").ok());
  Carry(a_, b_);
  Carry(b_, a_);
  EXPECT_EQ(b_.NextDeadline(), After(now_, PeerLink::kAcknowledgeAfter));
  now_ = b_.NextDeadline();
  Carry(b_, a_);
  EXPECT_EQ(a_.queued_bytes(), 0u);
  EXPECT_EQ(b_.NextDeadline(), kNever);
  EXPECT_THAT(b_.TakeOutput(now_), IsEmpty()) << "once is enough";
}

TEST_F(PeerLinkTest, WhatIsSaidAgainIsAcknowledgedAtOnce) {
  Meet();
  ASSERT_TRUE(a_.Send("one").ok());
  Carry(a_, b_);
  a_.Resend();
  Carry(a_, b_);
  Carry(b_, a_);
  EXPECT_EQ(a_.queued_bytes(), 0u);
}

TEST_F(PeerLinkTest, AFullWindowNeverWaitsForAnAcknowledgement) {
  Meet();
  const std::string large(4 * PeerLink::kWindowBytes, 'x');
  ASSERT_TRUE(a_.Send(large).ok());
  std::vector<std::string> arrived;
  for (int i = 0; i < 8 && arrived.empty(); ++i) {
    arrived = Carry(a_, b_);
    Carry(b_, a_);
  }
  EXPECT_THAT(arrived, SizeIs(1)) << "at one and the same time";
}

TEST_F(PeerLinkTest, ANewProcessGetsNothingThatItsPredecessorWasSent) {
  ASSERT_TRUE(a_.Send("one").ok());
  Carry(a_, b_);
  Carry(b_, a_);
  ASSERT_TRUE(a_.Send("for the old one").ok());
  PeerLink again(300);
  EXPECT_THAT(Carry(a_, again), IsEmpty());
  Carry(again, a_);
  EXPECT_TRUE(a_.TakeRestarted());
  EXPECT_FALSE(a_.TakeRestarted());
  Wait(a_);
  ASSERT_TRUE(a_.Send("for the new one").ok());
  EXPECT_THAT(Carry(a_, again), ElementsAre("for the new one"));
}

TEST_F(PeerLinkTest, WhatWasDroppedIsPassedOver) {
  const std::string large(2 * PeerLink::kChunkBytesMax, 'x');
  ASSERT_TRUE(a_.Send(large).ok());
  Carry(a_, b_, [](const Chunk& chunk) { return !chunk.begins; });
  a_.Drop();
  ASSERT_TRUE(a_.Send("after").ok());
  EXPECT_THAT(Carry(a_, b_), ElementsAre("after"));
}

TEST_F(PeerLinkTest, ItsQueueIsLimited) {
  const std::string large(PeerLink::kItemBytesMax, 'x');
  EXPECT_TRUE(a_.Send(large).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(a_.Send(large)));
}

TEST_F(PeerLinkTest, WhateverIsLostEverythingArrivesInTheEnd) {
  Random random(11);
  std::vector<std::string> sent;
  std::vector<std::string> arrived;
  for (int step = 0; step < 3000; ++step) {
    if (step < 1000) {
      sent.push_back(std::string(random.Below(3 * PeerLink::kChunkBytesMax / 2), 'x') +
                     std::to_string(step));
      ASSERT_TRUE(a_.Send(sent.back()).ok());
    }
    const uint64_t percent = step < 2000 ? 30 : 0;
    const auto loses = [&](const Chunk&) { return random.Below(100) < percent; };
    for (std::string& item : Carry(a_, b_, loses)) arrived.push_back(std::move(item));
    Carry(b_, a_, loses);
    Wait(a_);
  }
  EXPECT_TRUE(arrived == sent);
}

}  // namespace
}  // namespace ctdb::samba
