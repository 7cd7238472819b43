// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/poll.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace ctdb::recovery {
namespace {

constexpr database::DatabaseId kDatabase(7);
const NodeNumber kA(1);
const NodeNumber kB(2);

class PollTest : public testing::Test {
 protected:
  void Begin() { poll_.Begin({kA, kB}, {kDatabase, Epoch(5), 3, 0, "", {}}, now_); }
  std::map<NodeNumber, Survey> Surveys() {
    std::map<NodeNumber, Survey> surveys;
    for (const Send& send : poll_.TakeSends()) surveys[send.to] = std::get<Survey>(send.message);
    return surveys;
  }
  bool Tell(NodeNumber from, uint64_t page = 0, bool is_last = true, uint64_t round = 3) {
    return poll_.OnReport(from, {kDatabase, Epoch(5), round, page, {}, "cursor", is_last}, now_);
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    poll_.OnTick(now_);
  }

  Instant now_{};
  Poll poll_{absl::Milliseconds(200)};
};

TEST_F(PollTest, ItIsOverWhenAllHaveToldEverything) {
  EXPECT_TRUE(poll_.IsOver());
  EXPECT_EQ(poll_.NextDeadline(), kNever);
  Begin();
  EXPECT_EQ(Surveys().size(), 2u);
  EXPECT_TRUE(Tell(kA));
  EXPECT_FALSE(poll_.IsOver());
  EXPECT_EQ(poll_.WaitsFor(), std::vector<NodeNumber>{kB});
  EXPECT_TRUE(Tell(kB));
  EXPECT_TRUE(poll_.IsOver());
}

TEST_F(PollTest, PagesAreAskedForOneByOneAndTheNextOnlyWhereTheLastEnded) {
  Begin();
  Surveys();
  EXPECT_TRUE(Tell(kA, 0, /*is_last=*/false));
  std::map<NodeNumber, Survey> surveys = Surveys();
  ASSERT_EQ(surveys.size(), 1u);
  EXPECT_EQ(surveys[kA].page, 1u);
  EXPECT_EQ(surveys[kA].cursor, "cursor");
  EXPECT_FALSE(Tell(kA, 0, /*is_last=*/false)) << "it came twice";
  EXPECT_TRUE(Surveys().empty());
  EXPECT_TRUE(Tell(kA, 1));
  EXPECT_FALSE(Tell(kA, 1));
}

TEST_F(PollTest, WhatWasNotAskedForIsNotTaken) {
  Begin();
  EXPECT_FALSE(Tell(kA, 0, true, /*round=*/2));
  EXPECT_FALSE(Tell(NodeNumber(9)));
  EXPECT_EQ(poll_.WaitsFor().size(), 2u);
}

TEST_F(PollTest, PageThatDoesNotComeIsAskedForAgainWithoutEnd_Mg23) {
  Begin();
  Surveys();
  Tell(kB);
  for (int i = 0; i < 3; ++i) {
    Pass(absl::Milliseconds(199));
    EXPECT_TRUE(Surveys().empty());
    Pass(absl::Milliseconds(1));
    EXPECT_TRUE(Surveys().contains(kA));
  }
}

TEST_F(PollTest, StoppedItAsksNobody) {
  Begin();
  poll_.Stop();
  EXPECT_TRUE(Surveys().empty());
  EXPECT_TRUE(poll_.IsOver());
  EXPECT_FALSE(Tell(kA));
}

}  // namespace
}  // namespace ctdb::recovery
