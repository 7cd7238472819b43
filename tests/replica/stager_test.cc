// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/stager.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::replica {
namespace {

const NodeNumber kChosen(1);
const NodeNumber kSource(2);
const Head kHead{database::DatabaseId(7), Epoch(3), 1};
const Token kToken{4, 5};

class StagerTest : public testing::Test {
 protected:
  StagerTest() {
    for (int i = 0; i < 10; ++i) store::AppendBodyWrite(bytes_, "k", "value");
    memory_ = std::make_shared<BodyMemory>(1000);
    const Stage stage{kHead, kToken, store::SealOf(bytes_), kSource};
    stager_.emplace(stage, kChosen, Body::Make(memory_, bytes_.size()),
                    Stager::Options{.part_bytes = 10}, now_);
  }
  // What is asked for, or nothing.
  std::pair<uint64_t, uint64_t> Wanted() {
    std::pair<uint64_t, uint64_t> last;
    for (const Send& send : stager_->TakeSends()) {
      if (const auto* wanted = std::get_if<PartsWanted>(&send.message)) {
        EXPECT_EQ(send.to, kSource);
        last = {wanted->from, wanted->until};
      } else {
        told_ = std::get<Staged>(send.message);
      }
    }
    return last;
  }
  void Part(uint64_t offset, const std::string& bytes) {
    stager_->OnPart(kSource, {kHead, kToken, offset, false, bytes}, now_);
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    stager_->OnTick(now_);
  }
  void GetAll() {
    for (uint64_t at = 0; at < bytes_.size(); at += 10) Part(at, bytes_.substr(at, 10));
    Wanted();
  }

  std::string bytes_;  // 140.
  std::shared_ptr<BodyMemory> memory_;
  Instant now_{};
  std::optional<Stager> stager_;
  std::optional<Staged> told_;
};

TEST_F(StagerTest, AFewPartsAreOnTheirWayAtATime) {
  EXPECT_EQ(Wanted(), std::make_pair(uint64_t{0}, uint64_t{40}));
  Part(0, bytes_.substr(0, 10));
  EXPECT_EQ(Wanted(), std::make_pair(uint64_t{0}, uint64_t{0})) << "enough is on its way";
  Part(10, bytes_.substr(10, 10));
  EXPECT_EQ(Wanted(), std::make_pair(uint64_t{40}, uint64_t{60}));
}

TEST_F(StagerTest, WhatIsLostIsAskedForAgain) {
  Wanted();
  Part(0, bytes_.substr(0, 10));
  Part(20, bytes_.substr(20, 10));
  Wanted();
  Pass(absl::Milliseconds(200));
  EXPECT_EQ(Wanted(), std::make_pair(uint64_t{10}, uint64_t{50}));
}

TEST_F(StagerTest, AWholeBodyIsToldAndTakenOnce) {
  GetAll();
  ASSERT_TRUE(told_.has_value());
  EXPECT_EQ(told_->problem, "");
  EXPECT_EQ(stager_->Take({9, 9}, store::SealOf(bytes_)), nullptr) << "of another transaction";
  const std::shared_ptr<const Body> body = stager_->Take(kToken, store::SealOf(bytes_));
  ASSERT_NE(body, nullptr);
  EXPECT_EQ(body->bytes(), bytes_);
}

TEST_F(StagerTest, OneThatIsNotWholeIsNotTaken) {
  Part(0, bytes_.substr(0, 10));
  EXPECT_EQ(stager_->Take(kToken, store::SealOf(bytes_)), nullptr);
}

TEST_F(StagerTest, OtherBytesThanWereSealedAreRefused) {
  bytes_[50] ^= 1;
  GetAll();
  EXPECT_NE(told_->problem, "");
  EXPECT_TRUE(stager_->IsOver(now_));
}

TEST_F(StagerTest, ASenderThatHasItNoMoreEndsIt) {
  stager_->OnPart(kSource, {kHead, kToken, 0, /*is_gone=*/true, ""}, now_);
  Wanted();
  EXPECT_NE(told_->problem, "");
  EXPECT_TRUE(stager_->IsOver(now_));
}

TEST_F(StagerTest, OnlyItsSenderIsBelieved) {
  stager_->OnPart(kChosen, {kHead, kToken, 0, /*is_gone=*/true, ""}, now_);
  EXPECT_FALSE(stager_->IsOver(now_));
}

TEST_F(StagerTest, ItIsKeptForAsLongAsTheCoordinatorSaysSo) {
  GetAll();
  for (int i = 0; i < 3; ++i) {
    Pass(absl::Seconds(4));
    told_.reset();
    stager_->OnStage(now_);
    Wanted();
    EXPECT_TRUE(told_.has_value()) << "its answer may have been lost";
  }
  EXPECT_FALSE(stager_->IsOver(now_));
  Pass(absl::Seconds(5));
  EXPECT_TRUE(stager_->IsOver(now_));
  stager_.reset();
  EXPECT_EQ(memory_->used(), 0u);
}

TEST(BodyTest, ThereIsNoMoreMemoryThanWasGiven) {
  const auto memory = std::make_shared<BodyMemory>(100);
  std::shared_ptr<Body> first = Body::Make(memory, 60);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(Body::Make(memory, 60), nullptr);
  EXPECT_FALSE(first->Append(0, std::string(61, 'x'))) << "more than it said";
  EXPECT_FALSE(first->Append(1, "x")) << "with a gap";
  first.reset();
  EXPECT_NE(Body::Make(memory, 60), nullptr);
}

}  // namespace
}  // namespace ctdb::replica
