// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/submitter.h"

#include <gtest/gtest.h>

namespace ctdb::replica {
namespace {

const database::DatabaseId kDatabase(7);
const NodeNumber kSelf(0);
const NodeNumber kChosen(1);
const InstanceNumber kRun(5);
const Transaction kSome{.token = {1, 2}, .writes = {{"a", "1"}}};

class SubmitterTest : public testing::Test {
 protected:
  void View(uint64_t epoch, const std::vector<NodeNumber>& members = {kSelf, kChosen}) {
    epoch_ = Epoch(epoch);
    submitter_.OnView({epoch_, kSelf, members, members, {}}, kChosen, now_);
  }
  void Answer(uint64_t request, Verdict verdict, const std::string& reason = "") {
    const Head head{kDatabase, epoch_, 0};
    submitter_.OnMessage(kChosen, Outcome{head, kRun, request, verdict, {epoch_, 9}, "", reason},
                         now_);
  }
  std::vector<Commit> Commits() {
    std::vector<Commit> commits;
    Submitter::Output output = submitter_.TakeOutput();
    for (const Send& send : output.sends) commits.push_back(std::get<Commit>(send.message));
    for (const Submitter::Answer& answer : output.answers) answers_.push_back(answer);
    return commits;
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    submitter_.OnTick(now_);
  }

  Submitter submitter_{{.local = kSelf, .database = kDatabase, .run = kRun}};
  Epoch epoch_;
  Instant now_{};
  std::vector<Submitter::Answer> answers_;
};

TEST_F(SubmitterTest, MembersGetPartsOfItsBodyUntilItIsAnswered) {
  View(3);
  std::string bytes;
  store::AppendBodyWrite(bytes, "key", std::string(3 * kBodyPartBytes, 'v'));
  const auto memory = std::make_shared<BodyMemory>(bytes.size());
  std::shared_ptr<Body> body = Body::Make(memory, bytes.size());
  ASSERT_TRUE(body->Append(0, bytes));
  const Transaction large{.token = {1, 2}, .body = store::SealOf(bytes)};
  submitter_.OnTransaction(ClientTicket(8), large, {}, now_, std::move(body));
  EXPECT_EQ(Commits()[0].transaction, large) << "without the body";

  const Head head{kDatabase, epoch_, 7};
  const NodeNumber member(2);
  submitter_.OnMessage(member, PartsWanted{head, {1, 2}, 10, 20 * kBodyPartBytes}, now_);
  const Submitter::Output output = submitter_.TakeOutput();
  ASSERT_EQ(output.sends.size(), 4u) << "no more than may be on its way";
  EXPECT_EQ(output.sends[0].to, member);
  const auto& part = std::get<BodyPart>(output.sends[0].message);
  EXPECT_EQ(part.head, head);
  EXPECT_EQ(part.offset, 10u);
  EXPECT_TRUE(part.bytes == bytes.substr(10, kBodyPartBytes));

  Answer(1, Verdict::kAborted);
  EXPECT_EQ(memory->used(), 0u);
  submitter_.OnMessage(member, PartsWanted{head, {1, 2}, 10, 20}, now_);
  EXPECT_TRUE(std::get<BodyPart>(submitter_.TakeOutput().sends[0].message).is_gone);
}

TEST_F(SubmitterTest, ATransactionGoesToTheCoordinatorAndItsAnswerToTheClient) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {Epoch(3), 7}, now_);
  const std::vector<Commit> commits = Commits();
  ASSERT_EQ(commits.size(), 1u);
  EXPECT_EQ(commits[0].since, (Position{Epoch(3), 7}));
  Answer(commits[0].request, Verdict::kCommitted);
  Commits();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].ticket, ClientTicket(8));
  EXPECT_EQ(answers_[0].position, (Position{Epoch(3), 9}));
}

// What the replica has of an older epoch says nothing about this one.
TEST_F(SubmitterTest, ATransactionOfThisEpochDidNotHappenBeforeIt) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {Epoch(2), 7}, now_);
  EXPECT_EQ(Commits()[0].since, (Position{Epoch(3), 0}));
}

TEST_F(SubmitterTest, AfterAChangeOfViewTheSameTransactionGoesToTheNewCoordinator_Ps14) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  const Commit before = Commits()[0];
  View(4);
  const Commit after = Commits()[0];
  EXPECT_EQ(after.transaction, before.transaction);
  EXPECT_EQ(after.since, before.since) << "it may have happened in the epoch before";
  EXPECT_EQ(after.head.epoch, Epoch(4));
}

TEST_F(SubmitterTest, AnswersOfOldEpochsAndOfOthersAreIgnored_Bug51) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  const Commit commit = Commits()[0];
  const Outcome outcome{commit.head, kRun, commit.request, Verdict::kCommitted, {}, "", ""};
  submitter_.OnMessage(kSelf, outcome, now_);
  View(4);
  submitter_.OnMessage(kChosen, outcome, now_);
  EXPECT_EQ(submitter_.ignored().of(Ignored::kLate), 2u);
  EXPECT_EQ(submitter_.waiting(), 1u);
}

TEST_F(SubmitterTest, WhatIsNotAnsweredIsSentAgainAndInTheEndUnknown_Bug50) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  const Commit commit = Commits()[0];
  Pass(absl::Milliseconds(500));
  EXPECT_EQ(Commits(), std::vector<Commit>{commit});
  Pass(absl::Seconds(60));
  Commits();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].verdict, Verdict::kUnknown);
  EXPECT_EQ(answers_[0].since, commit.since);
  EXPECT_EQ(submitter_.NextDeadline(), kNever);
}

TEST_F(SubmitterTest, WhatWasNeverSentDidNotHappen) {
  View(3, {kChosen});
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  Pass(absl::Seconds(60));
  EXPECT_TRUE(Commits().empty());
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].verdict, Verdict::kClosed);
}

TEST_F(SubmitterTest, ARefusalSaysNothingAboutAnEarlierEpoch) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  Commits();
  View(4);
  const Commit second = Commits()[0];
  Answer(second.request, Verdict::kClosed, "unhealthy");
  EXPECT_TRUE(Commits().empty());
  EXPECT_TRUE(answers_.empty());
  Pass(absl::Milliseconds(500));
  const std::vector<Commit> third = Commits();
  ASSERT_EQ(third.size(), 1u);
  EXPECT_GT(third[0].request, second.request) << "the other one has its answer";
}

TEST_F(SubmitterTest, TheFirstRefusalIsTheAnswer) {
  View(3);
  submitter_.OnTransaction(ClientTicket(8), kSome, {}, now_);
  Answer(Commits()[0].request, Verdict::kClosed, "unhealthy");
  Commits();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].verdict, Verdict::kClosed);
  EXPECT_EQ(answers_[0].reason, "unhealthy");
}

TEST_F(SubmitterTest, AQuestionCarriesTheTokenOnly) {
  View(4);
  submitter_.OnQuestion(ClientTicket(8), kSome.token, {Epoch(3), 5}, now_);
  const Commit commit = Commits()[0];
  EXPECT_TRUE(commit.is_question);
  EXPECT_EQ(commit.since, (Position{Epoch(3), 5}));
  EXPECT_EQ(commit.transaction, Transaction{.token = kSome.token});
}

TEST_F(SubmitterTest, ItsWindowIsBounded) {
  View(3);
  for (uint64_t i = 0; i <= kWindow; ++i) {
    submitter_.OnTransaction(ClientTicket(i), kSome, {}, now_);
  }
  Commits();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].ticket, ClientTicket(kWindow));
  EXPECT_EQ(answers_[0].verdict, Verdict::kBusy);
}

}  // namespace
}  // namespace ctdb::replica
