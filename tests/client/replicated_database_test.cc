// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/replicated_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/client/fake_replicas.h"

namespace ctdb {
namespace {

using test::kSoon;
using testing::HasSubstr;
using Verdict = wire::TransactionVerdict;

constexpr absl::Duration kShort = absl::Milliseconds(50);

class ReplicatedDatabaseTest : public test::ReplicasFixture {
 protected:
  void SetUp() override { Begin(); }
  // What goes wrong with a store that has little time.
  absl::Status StoreShortly() { return database_->Store("key", "value", kShort); }
};

TEST_F(ReplicatedDatabaseTest, WhatIsStoredIsReadUntilItIsDeleted) {
  EXPECT_EQ(database_->info().name, "registry");
  EXPECT_EQ(*database_->Read("key"), std::nullopt);
  EXPECT_EQ(database_->Store("key", "value", kSoon), absl::OkStatus());
  EXPECT_EQ(*database_->Read("key"), "value");
  EXPECT_EQ((*database_->ReadRecord("key"))->version, (ReplicaPosition{5, 11}));
  EXPECT_EQ(*database_->Position(), (ReplicaPosition{5, 11}));
  EXPECT_EQ(database_->Delete("key"), absl::OkStatus());
  EXPECT_EQ(*database_->Read("key"), std::nullopt);
}

// The service that was asked has ended just then, and nobody knows that it was another one.
TEST_F(ReplicatedDatabaseTest, AnAttachThatGotLostIsAskedAgain) {
  model_.lost_attaches = 1;
  const auto again =
      ReplicatedDatabase::Attach(*session_, "registry", kPersistent, absl::Minutes(1));
  EXPECT_TRUE(again.ok()) << again.status();
  model_.lost_attaches = 100;
  const auto never =
      ReplicatedDatabase::Attach(*session_, "registry", kPersistent, absl::Milliseconds(50));
  EXPECT_FALSE(never.ok());
}

TEST_F(ReplicatedDatabaseTest, AnEmptyValueIsNoRecord) {
  model_.Put("key", "value");
  EXPECT_EQ(database_->Store("key", ""), absl::OkStatus());
  EXPECT_EQ(Value("key"), "none");
  model_.Put("key", "");
  EXPECT_EQ(*database_->Read("key"), std::nullopt);
}

TEST_F(ReplicatedDatabaseTest, AVisitHasAllRecordsUntilItIsEnded) {
  for (const char* key : {"a", "b", "c"}) model_.Put(key, absl::StrCat("of ", key));
  std::vector<std::string> seen;
  const auto visit = [&](absl::string_view key, absl::string_view value) {
    seen.push_back(absl::StrCat(key, " ", value));
    return key != "b" || seen.size() > 3;
  };
  EXPECT_EQ(database_->Visit(visit), absl::OkStatus());
  EXPECT_EQ(seen, (std::vector<std::string>{"a of a", "b of b"}));
  EXPECT_EQ(database_->Visit([](auto, auto) { return true; }), absl::OkStatus());
}

TEST_F(ReplicatedDatabaseTest, ADatabaseOfAnotherKindIsRefused) {
  model_.kind = wire::DatabaseKind::REPLICATED;
  const auto attached = ReplicatedDatabase::Attach(*session_, "x", kPersistent, kSoon);
  EXPECT_TRUE(absl::IsInvalidArgument(attached.status())) << attached.status();
}

TEST_F(ReplicatedDatabaseTest, AServiceThatForgotTheDatabaseIsToldAgain) {
  model_.unknown = 1;
  model_.Put("key", "value");
  EXPECT_EQ(*database_->Read("key"), "value");
  EXPECT_EQ(model_.attaches, 2);
  model_.Next({.failure = absl::NotFoundError("no such database")});
  EXPECT_EQ(database_->Store("key", "other"), absl::OkStatus());
  EXPECT_EQ(model_.attaches, 3);
}

TEST_F(ReplicatedDatabaseTest, AConflictBeginsAnew) {
  int runs = 0;
  const absl::Status status = database_->Run([&](Transaction& transaction) {
    const std::string old = transaction.Read("counter")->value_or("");
    if (++runs < 3) model_.Put("counter", absl::StrCat(old, "other "));
    return transaction.Write("counter", absl::StrCat(old, "mine"));
  });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Value("counter"), "other other mine");
}

TEST_F(ReplicatedDatabaseTest, ConflictsWithoutEndEndWithThePatience) {
  const absl::Status status = database_->Run(
      [&](Transaction& transaction) {
        EXPECT_TRUE(transaction.Read("a\nkey").ok());
        model_.Put("a\nkey", "other");
        return transaction.Write("key", "mine");
      },
      kShort);
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("key \"a\\nkey\" of database \"registry\""));
  EXPECT_EQ(Value("key"), "none");
}

TEST_F(ReplicatedDatabaseTest, WhatTheFunctionReturnsEndsTheTransaction) {
  const absl::Status status = database_->Run([](Transaction& transaction) {
    EXPECT_EQ(transaction.Write("key", "value"), absl::OkStatus());
    return absl::OutOfRangeError("enough");
  });
  EXPECT_EQ(status, absl::OutOfRangeError("enough"));
  EXPECT_EQ(Value("key"), "none");
}

TEST_F(ReplicatedDatabaseTest, AnUnknownOutcomeIsAskedForUntilItIsKnown) {
  model_.Next({.verdict = Verdict::UNKNOWN, .happens = true});
  model_.NextQuestion({.verdict = Verdict::UNKNOWN});
  EXPECT_EQ(database_->Store("key", "value"), absl::OkStatus());
  EXPECT_EQ(model_.asked, 2);
  EXPECT_EQ(model_.asked_since, (ReplicaPosition{6, 0})) << "as the unknown outcome said";
  EXPECT_EQ(TimesSent(), 1);
}

TEST_F(ReplicatedDatabaseTest, WhatHasNotHappenedIsSentAgainWithTheSameToken) {
  model_.Next({.verdict = Verdict::UNKNOWN});
  EXPECT_EQ(database_->Store("key", "value"), absl::OkStatus());
  EXPECT_EQ(model_.asked, 1);
  EXPECT_EQ(TimesSent(), 2);
  EXPECT_EQ(Value("key"), "value");
}

TEST_F(ReplicatedDatabaseTest, AServiceThatEndsInTheMiddleOfACommitIsAskedWhenItIsBack) {
  model_.Next({.verdict = std::nullopt, .happens = true});
  absl::Status status = absl::InternalError("not yet");
  std::thread client([&] { status = database_->Store("key", "value", kSoon); });
  Await([&] { return Value("key") == "value"; });
  service_->Stop();
  Serve();
  client.join();
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_GE(model_.asked, 1);
  EXPECT_EQ(model_.asked_since, (ReplicaPosition{5, 10})) << "as it was before";
  EXPECT_EQ(TimesSent(), 1);
}

TEST_F(ReplicatedDatabaseTest, WhatIsNotAnsweredInTimeIsAnUnknownOutcome) {
  model_.Next({.verdict = std::nullopt});
  const absl::Status status = StoreShortly();
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("unknown whether a transaction on database \"registry\" has happened"));
}

TEST_F(ReplicatedDatabaseTest, WhatNobodyKnowsIsAnUnknownOutcome) {
  model_.Next({.verdict = Verdict::UNKNOWN});
  for (int i = 0; i < 100; ++i) model_.NextQuestion({.verdict = Verdict::UNKNOWN, .why = "late"});
  const absl::Status status = StoreShortly();
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("late"));
}

// The call was lost in an epoch that nobody here knows, so the answer may come too early.
TEST_F(ReplicatedDatabaseTest, AfterALostCallARefusalDoesNotSayThatItHasNotHappened) {
  model_.Next({.failure = absl::UnavailableError("the service ends")});
  for (int i = 0; i < 100; ++i) model_.Next({.verdict = Verdict::CLOSED, .why = "a round"});
  const absl::Status status = StoreShortly();
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
}

TEST_F(ReplicatedDatabaseTest, AfterALostCallTheFirstPositionIsTheOneToAskFrom) {
  model_.Next({.failure = absl::UnavailableError("the service ends")});
  model_.Next({.verdict = Verdict::UNKNOWN});
  EXPECT_EQ(database_->Store("key", "value"), absl::OkStatus());
  EXPECT_EQ(model_.asked, 2);
  EXPECT_EQ(model_.asked_since, (ReplicaPosition{5, 10}));
  EXPECT_EQ(TimesSent(), 3);
}

TEST_F(ReplicatedDatabaseTest, AClosedDatabaseIsWaitedForAsLongAsThePatience) {
  model_.Next({.verdict = Verdict::CLOSED, .why = "no healthy copy"});
  model_.Next({.verdict = Verdict::BUSY});
  EXPECT_EQ(database_->Store("key", "value"), absl::OkStatus());
  EXPECT_EQ(TimesSent(), 3);
  for (int i = 0; i < 100; ++i) {
    model_.Next({.verdict = Verdict::CLOSED, .why = "no healthy copy"});
  }
  const absl::Status status = StoreShortly();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no healthy copy"));
}

TEST_F(ReplicatedDatabaseTest, AServiceWithTooMuchToDoSaysSo) {
  for (int i = 0; i < 100; ++i) model_.Next({.verdict = Verdict::BUSY, .why = "1024 wait"});
  const absl::Status status = StoreShortly();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("1024 wait"));
}

TEST_F(ReplicatedDatabaseTest, WhatIsInvalidIsNotTriedAgain) {
  model_.Next({.verdict = Verdict::INVALID, .why = "too large"});
  EXPECT_EQ(database_->Store("key", "value"), absl::InvalidArgumentError("too large"));
  EXPECT_EQ(TimesSent(), 1);
  EXPECT_TRUE(absl::IsInvalidArgument(database_->Read("").status()));
}

TEST_F(ReplicatedDatabaseTest, WhatOnlyReadsIsSimplyTriedAgain) {
  model_.Next({.verdict = Verdict::UNKNOWN});
  model_.Next({.failure = absl::UnavailableError("gone")});
  EXPECT_EQ(
      database_->Run([](Transaction& transaction) { return transaction.Read("key").status(); }),
      absl::OkStatus());
  EXPECT_EQ(model_.asked, 0);
  EXPECT_EQ(TimesSent(), 3);
}

TEST_F(ReplicatedDatabaseTest, ACancelledSessionDoesNotWait) {
  for (int i = 0; i < 1000; ++i) model_.Next({.verdict = Verdict::CLOSED});
  absl::Status status;
  std::thread client([&] { status = database_->Store("key", "value", absl::InfiniteDuration()); });
  Await([&] { return TimesSent() > 0; });
  session_->Cancel();
  client.join();
  // Whether it happened it cannot know, when a call was on its way.
  EXPECT_TRUE(absl::StrContains(status.message(), "cancelled")) << status;
}

}  // namespace
}  // namespace ctdb
