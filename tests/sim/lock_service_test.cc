// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/lock_service.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/recorder.h"

namespace ctdb::sim {
namespace {

using cluster::LockAnswer;

constexpr NodeNumber kA(0);
constexpr NodeNumber kB(1);

class LockServiceTest : public testing::Test {
 protected:
  LockServiceTest() {
    for (Process* process : {&a_, &b_}) {
      process->Start();
      lock_.Add(*process);
    }
  }
  void Run(absl::Duration duration) { world_.RunUntil(After(world_.now(), duration)); }
  std::vector<LockAnswer> Answers(int node) const {
    std::vector<LockAnswer> answers;
    for (const LockNotice& notice : records_[node].All<LockNotice>()) {
      answers.push_back(notice.answer);
    }
    return answers;
  }

  World world_{1};
  Trace trace_{0};
  LockService lock_{world_, trace_};
  Record records_[2];
  Process a_{world_, kA, Clock(), RecordTo(records_[0])};
  Process b_{world_, kB, Clock(), RecordTo(records_[1])};
};

TEST_F(LockServiceTest, OneGetsItAndTheOtherDoesNotUntilItIsReleased) {
  const uint64_t attempt = lock_.Take(kA);
  Run(absl::Seconds(1));
  lock_.Take(kB);
  Run(absl::Seconds(1));
  EXPECT_EQ(lock_.holder(), kA);
  EXPECT_EQ(Answers(0), std::vector{LockAnswer::kTaken});
  EXPECT_EQ(records_[0].All<LockNotice>()[0].attempt, attempt);
  EXPECT_EQ(Answers(1), std::vector{LockAnswer::kContended});
  lock_.Release(kA);
  lock_.Take(kB);
  Run(absl::Seconds(1));
  EXPECT_EQ(lock_.holder(), kB);
}

TEST_F(LockServiceTest, AttemptThatWasGivenUpIsNotAnsweredAndTakesNothing) {
  lock_.Take(kA);
  lock_.Release(kA);
  Run(absl::Seconds(1));
  EXPECT_TRUE(Answers(0).empty());
  EXPECT_FALSE(lock_.holder().has_value());
}

TEST_F(LockServiceTest, LockOfADeadProcessIsFreeAfterAWhile) {
  lock_.Take(kA);
  Run(absl::Seconds(1));
  a_.Crash();
  lock_.OnCrash(kA);
  EXPECT_EQ(lock_.holder(), kA);
  Run(absl::Seconds(1));
  EXPECT_FALSE(lock_.holder().has_value());
}

TEST_F(LockServiceTest, HangEndsAtTheLimit) {
  LockService::Options options;
  options.hang = 1;
  lock_.SetOptions(options);
  lock_.Take(kA);
  Run(absl::Milliseconds(4999));
  EXPECT_TRUE(Answers(0).empty());
  Run(absl::Milliseconds(1));
  EXPECT_EQ(Answers(0), std::vector{LockAnswer::kTimedOut});
}

TEST_F(LockServiceTest, FailureIsAnAnswer) {
  LockService::Options options;
  options.fail = 1;
  lock_.SetOptions(options);
  lock_.Take(kA);
  Run(absl::Seconds(1));
  EXPECT_EQ(Answers(0), std::vector{LockAnswer::kFailed});
  EXPECT_FALSE(lock_.holder().has_value());
}

TEST_F(LockServiceTest, HonestLossIsToldBeforeAnotherGetsIt) {
  lock_.Take(kA);
  Run(absl::Seconds(1));
  a_.Pause();
  lock_.Lose();
  EXPECT_EQ(lock_.holder(), kA) << "nobody could tell a paused holder";
  a_.Resume();
  lock_.Lose();
  EXPECT_FALSE(lock_.holder().has_value());
  EXPECT_EQ(Answers(0), (std::vector{LockAnswer::kTaken, LockAnswer::kLost}));
}

TEST_F(LockServiceTest, ReplacedLockHasTwoHoldersForAWhile) {
  lock_.Take(kA);
  Run(absl::Seconds(1));
  lock_.Replace(absl::Seconds(3));
  lock_.Take(kB);
  Run(absl::Seconds(1));
  EXPECT_EQ(lock_.holder(), kB);
  EXPECT_EQ(Answers(0).size(), 1u);
  Run(absl::Seconds(3));
  EXPECT_EQ(Answers(0), (std::vector{LockAnswer::kTaken, LockAnswer::kLost}));
  EXPECT_EQ(lock_.holder(), kB);
}

TEST_F(LockServiceTest, LockOfADeadProcessThatWasReplacedIsNotLostByItsNextRun) {
  lock_.Take(kA);
  Run(absl::Seconds(1));
  a_.Crash();
  lock_.OnCrash(kA);
  a_.Start();
  lock_.Take(kA);
  lock_.Replace(absl::Milliseconds(900));
  Run(absl::Seconds(1));
  EXPECT_EQ(Answers(0), (std::vector{LockAnswer::kTaken, LockAnswer::kTaken}));
  EXPECT_EQ(lock_.holder(), kA);
}

}  // namespace
}  // namespace ctdb::sim
