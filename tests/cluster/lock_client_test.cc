// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

using daemon::ChildExit;
using State = LockClient::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

const char* Name(LockAnswer answer) {
  switch (answer) {
    case LockAnswer::kTaken:
      return "taken";
    case LockAnswer::kContended:
      return "contended";
    case LockAnswer::kTimedOut:
      return "timed out";
    case LockAnswer::kFailed:
      return "failed";
    case LockAnswer::kLost:
      return "lost";
  }
  return "?";
}

std::string Text(const LockClient::StartHelper& action) {
  return absl::StrCat("start ", action.generation);
}
std::string Text(const LockClient::Terminate& action) {
  return absl::StrCat("terminate ", action.generation);
}
std::string Text(const LockClient::Kill& action) {
  return absl::StrCat("kill ", action.generation);
}
std::string Text(const LockClient::Answer& action) { return Name(action.answer); }

class LockClientTest : public testing::Test {
 protected:
  static constexpr ChildExit kEnded = {ChildExit::Kind::kExited, 0};

  // What was asked for since the last call.
  Texts Do() {
    Texts texts;
    for (const LockClient::Action& action : client_.TakeOutput()) {
      texts.push_back(std::visit([](const auto& what) { return Text(what); }, action));
    }
    return texts;
  }
  void Pass(absl::Duration time) { now_ = After(now_, time); }
  // Lets time pass until the next deadline and acts on it.
  absl::Duration PassToDeadline() {
    const absl::Duration passed = ToAbsl(client_.NextDeadline() - now_);
    Pass(passed - absl::Nanoseconds(1));
    client_.OnTick(now_);
    EXPECT_THAT(Do(), IsEmpty()) << "before the deadline";
    Pass(absl::Nanoseconds(1));
    client_.OnTick(now_);
    return passed;
  }
  void Hold() {
    client_.Take(now_);
    client_.OnOutput(1, "0", now_);
    EXPECT_THAT(Do(), ElementsAre("start 1", "taken"));
  }
  std::string Why() const { return client_.Describe().last_answer->why; }
  State state() const { return client_.Describe().state; }

  Instant now_ = Instant(std::chrono::hours(5));
  LockClient client_{{.helper = "/x/y"}};
};

TEST_F(LockClientTest, ZeroTakesTheLockWithTheLatencyOfTheAttempt) {
  EXPECT_EQ(state(), State::kIdle);
  client_.Take(now_);
  EXPECT_EQ(state(), State::kTaking);
  EXPECT_THAT(Do(), ElementsAre("start 1"));
  Pass(absl::Milliseconds(70));
  client_.OnOutput(1, "0", now_);
  EXPECT_THAT(Do(), ElementsAre("taken"));
  EXPECT_EQ(state(), State::kHeld);
  EXPECT_TRUE(client_.is_held());
  EXPECT_EQ(client_.Describe().last_answer->latency, absl::Milliseconds(70));
  EXPECT_EQ(client_.NextDeadline(), kNever);
}

TEST_F(LockClientTest, OtherAnswersEndTheAttemptAndTheHelperMayLeaveByItself) {
  const struct {
    const char* output;
    const char* answer;
    const char* why;
  } kCases[] = {
      {"1", "contended", "another node holds the cluster lock"},
      {"2", "timed out", "/x/y ran out of time"},
      {"3", "failed", "/x/y reported an error; its own messages in the log say more"},
  };
  uint64_t generation = 0;
  for (const auto& row : kCases) {
    client_.Take(now_);
    client_.OnOutput(++generation, row.output, now_);
    EXPECT_THAT(Do(), ElementsAre(absl::StrCat("start ", generation), row.answer));
    EXPECT_THAT(Why(), HasSubstr(row.why));
    EXPECT_EQ(state(), State::kReleasing);
    client_.OnExited(generation, kEnded, now_);
    EXPECT_THAT(Do(), IsEmpty());
    EXPECT_EQ(state(), State::kIdle);
  }
}

TEST_F(LockClientTest, UnknownAnswerIsAnOrdinaryErrorThatShowsIt_Bug97) {
  client_.Take(now_);
  client_.OnOutput(1, "\x01what", now_);
  EXPECT_THAT(Do(), ElementsAre("start 1", "failed"));
  EXPECT_EQ(Why(),
            "the cluster lock helper /x/y printed \"\\x01\", which is no answer: it must print 0 "
            "(taken), 1 (held by another), 2 (timeout) or 3 (error) first");
  client_.OnExited(1, kEnded, now_);
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("start 2"));
}

TEST_F(LockClientTest, OnlyTheFirstCharacterCounts) {
  client_.Take(now_);
  client_.OnOutput(1, "013", now_);
  client_.OnOutput(1, "0", now_);
  client_.OnOutput(1, "3 nonsense", now_);
  EXPECT_THAT(Do(), ElementsAre("start 1", "taken"));
  EXPECT_EQ(state(), State::kHeld);
}

TEST_F(LockClientTest, EndWithoutAnAnswerIsAnErrorWithItsReason) {
  client_.Take(now_);
  client_.OnOutputClosed(1, now_);
  client_.OnExited(1, {ChildExit::Kind::kExited, 3}, now_);
  EXPECT_THAT(Do(), ElementsAre("start 1", "failed"));
  EXPECT_EQ(Why(),
            "the cluster lock helper /x/y exited with code 3 without an answer; its own messages "
            "in the log say more");
}

TEST_F(LockClientTest, ClosedOutputOfAHelperThatLivesOnIsAnError) {
  client_.Take(now_);
  client_.OnOutputClosed(1, now_);
  EXPECT_THAT(Do(), ElementsAre("start 1"));
  EXPECT_EQ(PassToDeadline(), absl::Seconds(5));
  EXPECT_THAT(Do(), ElementsAre("failed", "terminate 1"));
  EXPECT_THAT(Why(), HasSubstr("closed its output without an answer"));
}

TEST_F(LockClientTest, HelperThatCannotBeExecutedSaysWhatToDo) {
  const struct {
    int error_number;
    const char* why;
  } kCases[] = {
      {EACCES,
       "the cluster lock helper /x/y cannot be executed: Permission denied: make it executable, or "
       "correct \"cluster lock\""},
      {ENOENT,
       "the cluster lock helper /x/y cannot be executed: No such file or directory: install it, or "
       "correct \"cluster lock\"; if it is there, the interpreter in its first line is not"},
      {ENOEXEC,
       "the cluster lock helper /x/y cannot be executed: Exec format error: a script needs a first "
       "line such as #!/bin/sh, and a program must be made for this machine"},
      {EIO,
       "the cluster lock helper /x/y cannot be executed: Input/output error: see that it can be "
       "run by hand, or correct \"cluster lock\""},
  };
  uint64_t generation = 0;
  for (const auto& row : kCases) {
    client_.Take(now_);
    client_.OnExited(++generation, {ChildExit::Kind::kNotStarted, row.error_number}, now_);
    EXPECT_THAT(Do(), ElementsAre(absl::StrCat("start ", generation), "failed"));
    EXPECT_EQ(Why(), row.why);
  }
}

TEST_F(LockClientTest, HelperIsKnownBeforeItStartsAndForgottenWhenThatFails_Bug89) {
  client_.Take(now_);
  EXPECT_TRUE(client_.has_helper());  // The output was not even taken.
  client_.OnNotStarted(1, "too many processes", now_);
  EXPECT_FALSE(client_.has_helper());
  EXPECT_THAT(Do(), ElementsAre("start 1", "failed"));
  EXPECT_EQ(Why(), "the cluster lock helper /x/y could not be started: too many processes");
  EXPECT_EQ(client_.NextDeadline(), kNever);
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("start 2"));
}

TEST_F(LockClientTest, AttemptHasATimeLimitThenSigtermThenSigkill_Bug91) {
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("start 1"));
  EXPECT_EQ(PassToDeadline(), absl::Seconds(120));
  EXPECT_THAT(Do(), ElementsAre("timed out", "terminate 1"));
  EXPECT_EQ(Why(),
            "the cluster lock helper /x/y did not answer within 2m: see that what it locks can be "
            "reached, such as the cluster file system");
  EXPECT_EQ(PassToDeadline(), absl::Seconds(5));
  EXPECT_THAT(Do(), ElementsAre("kill 1"));
  EXPECT_EQ(client_.NextDeadline(), kNever);
  EXPECT_EQ(state(), State::kReleasing);
}

TEST_F(LockClientTest, AnswerAfterTheTimeLimitDoesNotCount_Bug91) {
  client_.Take(now_);
  Do();
  PassToDeadline();
  Do();
  client_.OnOutput(1, "0", now_);
  client_.OnExited(1, kEnded, now_);
  EXPECT_THAT(Do(), IsEmpty());
  EXPECT_FALSE(client_.is_held());
}

TEST_F(LockClientTest, EndWhileHoldingIsALoss) {
  Hold();
  client_.OnExited(1, {ChildExit::Kind::kSignalled, SIGKILL}, now_);
  EXPECT_THAT(Do(), ElementsAre("lost"));
  EXPECT_EQ(Why(),
            "the cluster lock helper /x/y was killed by signal 9 (Killed) while it held the lock; "
            "its own messages in the log say more");
  EXPECT_EQ(client_.Describe().last_answer->latency, std::nullopt);
  EXPECT_EQ(state(), State::kIdle);
}

TEST_F(LockClientTest, ClosedOutputWhileHoldingIsALossAtOnceAndOnce) {
  Hold();
  client_.OnOutputClosed(1, now_);
  EXPECT_THAT(Do(), ElementsAre("lost", "terminate 1"));
  client_.OnOutputClosed(1, now_);
  client_.OnExited(1, kEnded, now_);
  EXPECT_THAT(Do(), IsEmpty());
}

TEST_F(LockClientTest, ReleaseOfAHeldLockTerminatesWithoutAnAnswer) {
  Hold();
  client_.Release(now_);
  EXPECT_FALSE(client_.is_held());
  EXPECT_THAT(Do(), ElementsAre("terminate 1"));
  EXPECT_EQ(state(), State::kReleasing);
  client_.OnOutputClosed(1, now_);
  client_.OnExited(1, {ChildExit::Kind::kSignalled, SIGTERM}, now_);
  EXPECT_THAT(Do(), IsEmpty());
  EXPECT_EQ(state(), State::kIdle);
}

TEST_F(LockClientTest, ReleaseWhileTakingCancels) {
  client_.Take(now_);
  client_.Release(now_);
  EXPECT_THAT(Do(), ElementsAre("start 1", "terminate 1"));
  client_.OnOutput(1, "0", now_);
  EXPECT_THAT(Do(), IsEmpty());
  EXPECT_FALSE(client_.is_held());
  EXPECT_EQ(PassToDeadline(), absl::Seconds(5));
  EXPECT_THAT(Do(), ElementsAre("kill 1"));
}

TEST_F(LockClientTest, HelperThatStaysAfterItsAnswerIsEnded) {
  client_.Take(now_);
  client_.OnOutput(1, "1", now_);
  Do();
  EXPECT_EQ(PassToDeadline(), absl::Seconds(5));
  EXPECT_THAT(Do(), ElementsAre("terminate 1"));
  EXPECT_EQ(PassToDeadline(), absl::Seconds(5));
  EXPECT_THAT(Do(), ElementsAre("kill 1"));
}

TEST_F(LockClientTest, NextAttemptWaitsForTheEndOfTheFormerHelper) {
  Hold();
  client_.Release(now_);
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("terminate 1"));
  EXPECT_EQ(state(), State::kWaiting);
  Pass(absl::Seconds(1));
  client_.OnExited(1, kEnded, now_);
  EXPECT_THAT(Do(), ElementsAre("start 2"));
  EXPECT_EQ(state(), State::kTaking);
  Pass(absl::Seconds(2));
  client_.OnOutput(2, "0", now_);
  EXPECT_THAT(Do(), ElementsAre("taken"));
  EXPECT_EQ(client_.Describe().last_answer->latency, absl::Seconds(2));  // of this helper alone
}

TEST_F(LockClientTest, WaitingAttemptCanBeCancelled) {
  Hold();
  client_.Release(now_);
  client_.Take(now_);
  client_.Release(now_);
  client_.OnExited(1, kEnded, now_);
  EXPECT_THAT(Do(), ElementsAre("terminate 1"));
  EXPECT_EQ(state(), State::kIdle);
}

TEST_F(LockClientTest, WaitingAttemptTimesOutWhenTheFormerHelperIsStuck_Bug91) {
  Hold();
  client_.Release(now_);
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("terminate 1"));
  PassToDeadline();
  EXPECT_THAT(Do(), ElementsAre("kill 1"));
  PassToDeadline();
  EXPECT_THAT(Do(), ElementsAre("timed out"));
  EXPECT_EQ(Why(),
            "a former process of the cluster lock helper /x/y has not ended within 2m although "
            "killed: it is stuck, probably in a file system that does not answer; repair that");
  client_.OnExited(1, kEnded, now_);
  EXPECT_THAT(Do(), IsEmpty());
}

TEST_F(LockClientTest, EventsOfAnOlderHelperAreIgnored) {
  Hold();
  client_.Release(now_);
  client_.Take(now_);
  client_.OnExited(1, kEnded, now_);
  Do();
  client_.OnOutput(1, "0", now_);
  client_.OnOutputClosed(1, now_);
  client_.OnExited(1, kEnded, now_);
  client_.OnNotStarted(1, "x", now_);
  EXPECT_THAT(Do(), IsEmpty());
  EXPECT_EQ(state(), State::kTaking);
}

TEST_F(LockClientTest, RepeatedCallsDoNothingMore_Bug96) {
  client_.Release(now_);  // nothing to release
  client_.Take(now_);
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("start 1"));
  EXPECT_EQ(client_.Describe().attempts, 1u);
  client_.OnOutput(1, "0", now_);
  client_.Release(now_);
  client_.Release(now_);
  EXPECT_THAT(Do(), ElementsAre("taken", "terminate 1"));
  client_.OnExited(1, kEnded, now_);
  client_.OnExited(1, kEnded, now_);
  client_.Release(now_);
  EXPECT_THAT(Do(), IsEmpty());
}

TEST_F(LockClientTest, TakingAHeldLockAnswersTakenAgain) {
  Hold();
  Pass(absl::Hours(1));
  client_.Take(now_);
  EXPECT_THAT(Do(), ElementsAre("taken"));
  EXPECT_TRUE(client_.is_held());
}

TEST(LockClientStateTest, EveryStateHasAName) {
  for (const State state :
       {State::kIdle, State::kWaiting, State::kTaking, State::kHeld, State::kReleasing}) {
    EXPECT_NE(StateName(state), "unknown");
  }
}

}  // namespace
}  // namespace ctdb::cluster
