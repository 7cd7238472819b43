// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/coordinator.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/replica/limits.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {
namespace {

using State = Coordinator::State;

const database::DatabaseId kDatabase(7);
const NodeNumber kSelf(0);
const NodeNumber kOther(1);
const InstanceNumber kRun(5);
const absl::Duration kResend = absl::Milliseconds(200);

Position At(uint64_t epoch, uint64_t sequence) { return {Epoch(epoch), sequence}; }

// A coordinator with its own replica; the other member is played by the test.
class CoordinatorTest : public testing::Test {
 protected:
  void View(uint64_t epoch) {
    const std::vector<NodeNumber> members = {kSelf, kOther};
    const cluster::View view{Epoch(epoch), kSelf, members, members, {}};
    replica_.OnView(view, kSelf, now_);
    coordinator_.OnView(view, kSelf, now_);
    Run();
  }
  // Until all that the own replica has to do is done. Collects what the other node and clients get.
  void Run() {
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (const Send& send : coordinator_.TakeSends()) {
        if (const auto* outcome = std::get_if<Outcome>(&send.message))
          outcomes_.push_back(*outcome);
        if (send.to == kOther) told_.push_back(send.message);
        if (send.to != kSelf || PartFor(send.message) != Part::kReplica) continue;
        replica_.OnMessage(kSelf, send.message, now_);
        goes_on = true;
      }
      Replica::Output output = replica_.TakeOutput();
      for (const Send& send : output.sends) coordinator_.OnMessage(kSelf, send.message, now_);
      for (const Replica::Output::Store& store : output.stores) {
        storage_.Apply(store);
        replica_.OnStored(store.ticket, absl::OkStatus(), now_);
      }
      goes_on |= !output.sends.empty() || !output.stores.empty();
      EXPECT_EQ(coordinator_.CheckInvariants(), "");
    }
  }
  template <typename T>
  T Last() {
    for (auto it = told_.rbegin(); it != told_.rend(); ++it) {
      if (const T* message = std::get_if<T>(&*it)) return *message;
    }
    ADD_FAILURE() << "nothing of this kind";
    return {};
  }
  void Tell(const Message& message) {
    coordinator_.OnMessage(kOther, message, now_);
    Run();
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    coordinator_.OnTick(now_);
    Run();
  }
  void Stand(Position position = {}, Digest digest = {}) {
    Tell(Standing{Last<Ask>().head, true, position, digest, ""});
  }
  void Follow() {
    const Sync sync = Last<Sync>();
    Tell(Synced{sync.head, sync.position, sync.digest, false});
  }
  void Store() {
    const Batch batch = Last<Batch>();
    Tell(Stored{batch.head, batch.entries.back().position});
  }
  void Open(uint64_t epoch) {
    View(epoch);
    Stand();
    Follow();
    Store();
    ASSERT_EQ(coordinator_.state(), State::kOpen);
  }
  uint64_t Commit(const Transaction& transaction, Position since = {}, bool is_question = false) {
    const uint64_t request = ++last_request_;
    const Epoch epoch = Last<Ask>().head.epoch;
    since = std::max(since, Position{epoch, 0});
    Tell(replica::Commit{{kDatabase, epoch, 0}, kRun, request, 1, since, is_question, transaction});
    return request;
  }
  Transaction Some(std::vector<Read> reads, std::vector<Write> writes) {
    return {{++last_token_, 1}, false, std::move(reads), std::move(writes)};
  }

  ModelStorage storage_;
  Replica replica_{{.local = kSelf, .database = kDatabase}, storage_, {}};
  Coordinator coordinator_{
      {.local = kSelf, .database = kDatabase, .run = 1, .resend = kResend}, replica_, storage_};
  Instant now_{};
  std::vector<Message> told_;
  std::vector<Outcome> outcomes_;
  uint64_t last_request_ = 0;
  uint64_t last_token_ = 0;
};

TEST_F(CoordinatorTest, IsOpenWhenAllMembersAreEqualAndHaveStoredTheOpeningEntry) {
  View(2);
  EXPECT_EQ(coordinator_.state(), State::kAsking);
  Stand();
  EXPECT_EQ(coordinator_.state(), State::kSyncing);
  Follow();
  EXPECT_EQ(coordinator_.state(), State::kOpening);
  const Batch opening = Last<Batch>();
  ASSERT_EQ(opening.entries.size(), 1u);
  EXPECT_EQ(opening.entries[0].token, Token{});
  EXPECT_EQ(opening.entries[0].position.epoch, Epoch(2));
  Store();
  EXPECT_EQ(coordinator_.state(), State::kOpen);
}

TEST_F(CoordinatorTest, TheHighestPositionWinsAndIsWhatAllBecome_Ps31) {
  View(5);
  Stand(At(4, 2), {1, 1});
  const Sync sync = Last<Sync>();
  EXPECT_EQ(sync.source, kOther);
  EXPECT_EQ(sync.position, At(4, 2));
}

// A node that was alone and made a lot comes back.
TEST_F(CoordinatorTest, ALaterEpochBeatsAnySequence_Ps52) {
  Open(3);
  const Position own = replica_.position();
  View(5);
  Stand(At(2, own.sequence + 1000), {1, 1});
  EXPECT_EQ(Last<Sync>().source, kSelf);
  EXPECT_EQ(Last<Sync>().position, own);
  Follow();
  EXPECT_GT(Last<Batch>().entries[0].position.sequence, own.sequence + 1000)
      << "sequences never go back, not even those of others";
}

TEST_F(CoordinatorTest, AClientIsAnsweredWhenAllMembersHaveStored_Ps20) {
  Open(2);
  Commit(Some({}, {{"a", "1"}}));
  EXPECT_TRUE(outcomes_.empty()) << "only this node has it";
  Store();
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].verdict, Verdict::kCommitted);
  EXPECT_EQ(outcomes_[0].position, coordinator_.committed());
}

TEST_F(CoordinatorTest, WhatComesMeanwhileIsTheNextBatch) {
  Open(2);
  Commit(Some({}, {{"a", "1"}}));
  const size_t told = told_.size();
  Commit(Some({}, {{"b", "1"}}));
  Commit(Some({}, {{"c", "1"}}));
  EXPECT_EQ(told_.size(), told);
  const Position first = Last<Batch>().entries.back().position;
  Store();
  const Batch batch = Last<Batch>();
  EXPECT_EQ(batch.entries.size(), 2u);
  EXPECT_EQ(batch.previous, first);
  EXPECT_EQ(batch.committed, first) << "told with the next message";
}

TEST_F(CoordinatorTest, ABatchIsBounded) {
  Open(2);
  Commit(Some({}, {{"a", "1"}}));
  for (size_t i = 0; i <= kBatchTransactionsMax; ++i) Commit(Some({}, {{"b", "1"}}));
  Commit(Some({}, {{"c", std::string(kBatchBytesMax, 'v')}}));
  Store();
  EXPECT_EQ(Last<Batch>().entries.size(), kBatchTransactionsMax);
  Store();
  EXPECT_EQ(Last<Batch>().entries.size(), 1u);
  Store();
  EXPECT_EQ(Last<Batch>().entries.size(), 1u) << "what is larger goes alone";
  EXPECT_EQ(outcomes_.size(), kBatchTransactionsMax + 2);
}

TEST_F(CoordinatorTest, ARecordThatIsNotAsItWasReadAborts) {
  Open(2);
  Commit(Some({{"a", std::nullopt}}, {{"a", "1"}}));
  Store();
  const Position version = outcomes_.back().position;
  Commit(Some({{"b", std::nullopt}, {"a", std::nullopt}}, {{"b", "1"}}));
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kAborted);
  EXPECT_EQ(outcomes_.back().key, "a");
  Commit(Some({{"a", version}}, {{"b", "1"}}));
  Store();
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
}

TEST_F(CoordinatorTest, TransactionsOfOneBatchSeeEachOther) {
  Open(2);
  Commit(Some({}, {{"z", "1"}}));
  Commit(Some({{"a", std::nullopt}}, {{"a", "1"}}));
  const uint64_t second = Commit(Some({{"a", std::nullopt}}, {{"a", "2"}}));
  Transaction wipe = Some({}, {});
  wipe.is_wipe = true;
  Commit(wipe);
  Commit(Some({{"a", std::nullopt}, {"z", std::nullopt}}, {{"a", "3"}}));
  Store();
  ASSERT_EQ(outcomes_.size(), 2u);
  EXPECT_EQ(outcomes_[1].request, second);
  EXPECT_EQ(outcomes_[1].verdict, Verdict::kAborted);
  EXPECT_EQ(Last<Batch>().entries.size(), 3u);
  Store();
  EXPECT_EQ(storage_.records().size(), 1u);
}

TEST_F(CoordinatorTest, WhoOnlyReadsWaitsForWhatItHasSeenAndLeavesNoTrace_Ps11) {
  Open(2);
  Commit(Some({}, {{"z", "1"}}));
  Commit(Some({}, {{"a", "1"}}));
  const uint64_t reader = Commit(Some({{"b", std::nullopt}}, {}));
  Store();
  EXPECT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(Last<Batch>().entries.size(), 1u);
  Store();
  ASSERT_EQ(outcomes_.size(), 3u);
  EXPECT_EQ(outcomes_[2].request, reader);
  EXPECT_EQ(outcomes_[2].position, outcomes_[1].position);
}

TEST_F(CoordinatorTest, ARequestThatComesTwiceHappensOnce_Ps15) {
  Open(2);
  const Transaction transaction = Some({{"a", std::nullopt}}, {{"a", "1"}});
  const replica::Commit commit{
      {kDatabase, Epoch(2), 0}, kRun, 1, 1, {Epoch(2), 0}, false, transaction};
  Tell(commit);
  Tell(commit);
  Store();
  Tell(commit);
  ASSERT_EQ(outcomes_.size(), 2u);
  EXPECT_EQ(outcomes_[0], outcomes_[1]);
  EXPECT_EQ(storage_.log().items().size(), 2u);
}

// Its answer was "aborted"; it must not happen now that the record is as it was read.
TEST_F(CoordinatorTest, ARequestThatComesLateDoesNotHappenAfterItsAnswer) {
  Open(2);
  Commit(Some({}, {{"a", "1"}}));
  Store();
  const Transaction transaction = Some({{"a", std::nullopt}}, {{"b", "1"}});
  const uint64_t request = Commit(transaction);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kAborted);
  Commit(Some({}, {{"a", std::nullopt}}));
  Store();
  const size_t batches = coordinator_.batches();
  Tell(replica::Commit{
      {kDatabase, Epoch(2), 0}, kRun, request, 1, {Epoch(2), 0}, false, transaction});
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kAborted);
  EXPECT_EQ(coordinator_.batches(), batches);
}

TEST_F(CoordinatorTest, WhatHappenedInAnEarlierEpochIsFoundByItsToken_Ps14) {
  Open(2);
  const Transaction transaction = Some({}, {{"a", "1"}});
  Commit(transaction);
  const Position position = Last<Batch>().entries[0].position;
  View(3);
  Stand();
  Follow();
  Store();
  Commit(transaction, {Epoch(2), 0});
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
  EXPECT_EQ(outcomes_.back().position, position);
  Tell(replica::Commit{
      {kDatabase, Epoch(3), 0}, kRun, ++last_request_, 1, At(2, 0), true, {{9, 9}, false, {}, {}}});
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kNotCommitted);
  Commit({{9, 9}, false, {}, {}}, {Epoch(3), 0}, /*is_question=*/true);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kUnknown) << "it may be on its way still";
}

TEST_F(CoordinatorTest, WhatTheLogDoesNotReachIsUnknownAndDoesNotHappen) {
  storage_.SetLog(LogIndex(At(1, 50), {}));
  Replica::Copy copy = storage_.Open();
  Replica replica({.local = kSelf, .database = kDatabase}, storage_, std::move(copy));
  Coordinator coordinator({.local = kSelf, .database = kDatabase, .run = 1}, replica, storage_);
  const cluster::View view{Epoch(2), kSelf, {kSelf}, {kSelf}, {}};
  replica.OnView(view, kSelf, now_);
  coordinator.OnView(view, kSelf, now_);
  coordinator.OnMessage(
      kSelf,
      replica::Commit{
          {kDatabase, Epoch(2), 0}, kRun, 1, 1, At(1, 7), false, Some({}, {{"a", "1"}})},
      now_);
  std::optional<Verdict> verdict;
  for (int i = 0; i < 20; ++i) {
    for (const Send& send : coordinator.TakeSends()) {
      if (const auto* outcome = std::get_if<Outcome>(&send.message)) verdict = outcome->verdict;
      replica.OnMessage(kSelf, send.message, now_);
    }
    Replica::Output output = replica.TakeOutput();
    for (const Send& send : output.sends) coordinator.OnMessage(kSelf, send.message, now_);
    for (const Replica::Output::Store& store : output.stores) {
      storage_.Apply(store);
      replica.OnStored(store.ticket, absl::OkStatus(), now_);
    }
  }
  EXPECT_EQ(verdict, Verdict::kUnknown);
  EXPECT_TRUE(storage_.records().empty());
}

TEST_F(CoordinatorTest, WithoutAHealthyCopyTheDatabaseStaysClosedAndSaysWhy_Ps44) {
  replica_.OnDamage("bad sector", now_);
  View(2);
  Tell(Standing{Last<Ask>().head, false, {}, {}, "no file"});
  EXPECT_EQ(coordinator_.state(), State::kClosed);
  EXPECT_NE(coordinator_.reason().find("bad sector"), std::string::npos);
  Commit(Some({}, {{"a", "1"}}));
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kClosed);
  EXPECT_EQ(outcomes_.back().reason, coordinator_.reason());
}

TEST_F(CoordinatorTest, ADamagedCopyIsFilledFromAHealthyOne_Ps43) {
  View(2);
  Tell(Standing{Last<Ask>().head, false, {}, {}, "no file"});
  EXPECT_EQ(coordinator_.state(), State::kSyncing);
  EXPECT_EQ(Last<Sync>().source, kSelf);
}

TEST_F(CoordinatorTest, ADamagedCopyThatWasNewerThanAllOthersKeepsTheDatabaseClosed) {
  View(5);
  Tell(Standing{Last<Ask>().head, false, At(4, 9), {}, "bad sector"});
  EXPECT_EQ(coordinator_.state(), State::kClosed);
  EXPECT_NE(coordinator_.reason().find("4:9"), std::string::npos);
  coordinator_.OnChosen(kOther, now_);
  EXPECT_EQ(coordinator_.state(), State::kClosed) << "not a damaged one";
  coordinator_.OnChosen(kSelf, now_);
  EXPECT_EQ(coordinator_.state(), State::kSyncing);
}

TEST_F(CoordinatorTest, TwoContentsAtOnePositionAreReportedAndNotChosenFrom_Ps54) {
  View(2);
  Stand({}, {1, 1});
  EXPECT_EQ(coordinator_.state(), State::kClosed);
  EXPECT_NE(coordinator_.reason().find("different records"), std::string::npos);
  coordinator_.OnChosen(kOther, now_);
  Run();
  EXPECT_EQ(Last<Sync>().source, kOther);
}

TEST_F(CoordinatorTest, WhatIsNotAnsweredIsSaidAgain) {
  View(2);
  told_.clear();
  Pass(kResend);
  EXPECT_EQ(told_.size(), 1u);
  Stand();
  told_.clear();
  Pass(kResend);
  Last<Sync>();
  Follow();
  told_.clear();
  Pass(kResend);
  Last<Batch>();
  Store();
  EXPECT_EQ(coordinator_.NextDeadline(), kNever);
}

// A restart within an epoch, for one.
TEST_F(CoordinatorTest, AMemberThatIsLostMakesANewRoundAndNothingIsForgotten) {
  Open(2);
  Commit(Some({}, {{"a", "1"}}));
  const Batch batch = Last<Batch>();
  Tell(Lost{batch.head, "restarted"});
  Pass(kResend);
  EXPECT_EQ(coordinator_.state(), State::kAsking);
  EXPECT_GT(Last<Ask>().head.round, batch.head.round);
  Tell(Stored{batch.head, batch.entries[0].position});
  EXPECT_TRUE(outcomes_.empty()) << "of another round";
  Stand();
  Follow();
  EXPECT_GT(Last<Batch>().entries[0].position.sequence,
            batch.entries[0].position.sequence + kBatchTransactionsMax)
      << "positions of a batch that was lost are not used again";
  Store();
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].position, batch.entries[0].position) << "it was in this node's log";
}

TEST_F(CoordinatorTest, RoundsDoNotFollowEachOtherFasterThanTheirLimit) {
  View(2);
  Stand();
  Tell(Lost{Last<Sync>().head, "broken"});
  Tell(Lost{Last<Sync>().head, "broken"});
  EXPECT_EQ(coordinator_.rounds(), 1u);
  Pass(kResend);
  EXPECT_EQ(coordinator_.rounds(), 2u);
}

TEST_F(CoordinatorTest, StrangersAndOldEpochsAreIgnored) {
  Open(2);
  const Batch batch = Last<Batch>();
  coordinator_.OnMessage(NodeNumber(9), Stored{batch.head, {}}, now_);
  EXPECT_EQ(coordinator_.ignored().of(Ignored::kNotMember), 1u);
  View(3);
  Tell(Stored{batch.head, batch.entries[0].position});
  EXPECT_EQ(coordinator_.ignored().of(Ignored::kOldEpoch), 1u);
}

TEST_F(CoordinatorTest, WhatIsBeyondTheLimitsIsRefused) {
  Open(2);
  Commit({{}, false, {}, {{"a", "1"}}});
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kInvalid) << "no token";
  Commit(Some({}, {{"", "1"}}));
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kInvalid);
  Commit(Some({}, {{"a", std::string(kWholeBytesMax, 'v')}}));
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kInvalid);
  Transaction both = Some({}, {{"a", "1"}});
  both.body = store::BodySeal{10, 1};
  Commit(both);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kInvalid);
  Transaction large = Some({}, {});
  large.body = store::BodySeal{store::kTransactionBytesMax + 1, 1};
  Commit(large);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kInvalid);
  EXPECT_NE(outcomes_.back().reason.find("64 MiB"), std::string::npos);
}

// Large transactions -------------------------------------------------------------------------

// The own replica gets the bodies from the test.
class LargeTransactionTest : public CoordinatorTest {
 protected:
  Transaction Large(std::vector<Read> reads, const std::string& key) {
    Transaction transaction = Some(std::move(reads), {});
    bytes_.clear();
    store::AppendBodyWrite(bytes_, key, "large");
    transaction.body = store::SealOf(bytes_);
    return transaction;
  }
  void StageHere() {
    const replica::Stage stage = Last<replica::Stage>();
    replica_.OnMessage(kOther, BodyPart{stage.head, stage.token, 0, false, bytes_}, now_);
    Run();
  }
  void StageThere(const std::string& problem = "", bool is_full = false) {
    const replica::Stage stage = Last<replica::Stage>();
    Tell(Staged{stage.head, stage.token, problem, is_full});
  }

  std::string bytes_;
};

TEST_F(LargeTransactionTest, HappensWhenAllMembersHaveItsBody) {
  Open(2);
  const Transaction large = Large({}, "a");
  Commit(large);
  EXPECT_EQ(Last<replica::Stage>().source, kOther);
  StageHere();
  EXPECT_TRUE(Last<Batch>().entries[0].token == Token{}) << "one of two has it";
  StageThere();
  ASSERT_EQ(Last<Batch>().entries.size(), 1u);
  EXPECT_EQ(Last<Batch>().entries[0].body, large.body);
  EXPECT_TRUE(Last<Batch>().entries[0].writes.empty()) << "the batch is small";
  EXPECT_TRUE(outcomes_.empty());
  Store();
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
  EXPECT_EQ(storage_.Get("a")->value, "large");
}

TEST_F(LargeTransactionTest, OthersHappenWhileItIsStaged) {
  Open(2);
  Commit(Large({}, "a"));
  Commit(Some({}, {{"b", "1"}}));
  Store();
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
  EXPECT_EQ(storage_.Get("b")->value, "1");
}

TEST_F(LargeTransactionTest, WhatItHasReadIsComparedWhenItHappens) {
  Open(2);
  Commit(Large({{"b", std::nullopt}}, "a"));
  Commit(Some({}, {{"b", "1"}}));
  Store();
  StageHere();
  StageThere();
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kAborted);
  EXPECT_EQ(Last<Unstage>().token, Last<replica::Stage>().token) << "it is not kept";
  EXPECT_FALSE(replica_.IsStaging());
}

TEST_F(LargeTransactionTest, OneAfterTheOtherIsStaged) {
  Open(2);
  const Transaction first = Large({}, "a");
  const Transaction second = Large({}, "b");
  Commit(first);
  Commit(second);
  EXPECT_EQ(Last<replica::Stage>().token, first.token);
  StageThere("there is no such transaction");
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kBusy);
  EXPECT_EQ(Last<replica::Stage>().token, second.token);
}

TEST_F(LargeTransactionTest, ItsClientIsToldAtOnceThatAMemberHasNoRoomForIt) {
  Open(2);
  Commit(Large({}, "a"));
  StageHere();
  StageThere("no room in /disk", /*is_full=*/true);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kFull);
  EXPECT_NE(outcomes_.back().reason.find("/disk"), std::string::npos);
}

TEST_F(LargeTransactionTest, AMemberThatCannotTakeItDoesNotHoldUpTheOthersForEver) {
  Open(2);
  Commit(Large({}, "a"));
  StageHere();
  const size_t before = told_.size();
  Pass(kResend);
  EXPECT_GT(told_.size(), before) << "said again: it may have been lost, and is kept so";
  Pass(absl::Seconds(20));
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kBusy);
  EXPECT_FALSE(replica_.IsStaging());
}

TEST_F(LargeTransactionTest, AfterANewRoundItIsStagedAnew) {
  Open(2);
  const Transaction large = Large({}, "a");
  Commit(large);
  StageHere();
  StageThere();
  Tell(Lost{Last<Batch>().head, "restarted"});
  Pass(kResend);
  EXPECT_FALSE(replica_.IsStaging());
  Stand();
  Follow();
  Store();
  // The own copy had it already, and was the winner.
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
}

TEST_F(LargeTransactionTest, AQuestionAboutItNeedsNoBody) {
  Open(2);
  const Transaction large = Large({}, "a");
  Commit(large, {}, /*is_question=*/true);
  EXPECT_EQ(outcomes_.back().verdict, Verdict::kUnknown) << "it may still be on its way";
}

// The room of the other member, with values of a few bytes in the database.
class CoordinatorRoomTest : public CoordinatorTest {
 protected:
  void SetUp() override {
    Open(2);
    Commit(Some({}, {{"key", "value"}}));
    Store();
    ASSERT_EQ(outcomes_.back().verdict, Verdict::kCommitted);
    outcomes_.clear();
  }
  void Say(uint64_t bytes) { Tell(Room{Last<Ask>().head, bytes, "/disk"}); }
  // Nothing: it goes to the members.
  std::optional<Outcome> RefusalOf(std::vector<Write> writes) {
    outcomes_.clear();
    Commit(Some({}, std::move(writes)));
    if (!outcomes_.empty()) return outcomes_.back();
    Store();
    return std::nullopt;
  }
};

TEST_F(CoordinatorRoomTest, WhatMakesTheDatabaseLargerIsRefusedAndSaysWhereThereIsNoRoom) {
  Say(kReserveBytes - 1);
  const auto outcome = RefusalOf({{"new", "value"}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict, Verdict::kFull);
  for (const char* text : {"node 1", "/disk", "nothing was changed"}) {
    EXPECT_NE(outcome->reason.find(text), std::string::npos) << outcome->reason;
  }
  EXPECT_EQ(RefusalOf({{"key", "a longer value"}})->verdict, Verdict::kFull);
}

TEST_F(CoordinatorRoomTest, TheRestGoesOnOutOfTheReserve) {
  Say(kReserveBytes - 1);
  EXPECT_EQ(RefusalOf({{"key", "eulav"}}), std::nullopt) << "no longer than before";
  EXPECT_EQ(RefusalOf({{"key", std::nullopt}, {"k2", "v"}}), std::nullopt) << "in exchange";
  EXPECT_EQ(RefusalOf({{"k2", std::nullopt}}), std::nullopt);
}

TEST_F(CoordinatorRoomTest, OfTheLastOfItRecordsAreOnlyDeleted) {
  Say(kLastReserveBytes - 1);
  EXPECT_EQ(RefusalOf({{"key", "eulav"}})->verdict, Verdict::kFull);
  EXPECT_EQ(RefusalOf({{"key", std::nullopt}}), std::nullopt);
}

TEST_F(CoordinatorRoomTest, WithEnoughRoomAgainEverythingIsStored) {
  Say(0);
  EXPECT_EQ(RefusalOf({{"new", "value"}})->verdict, Verdict::kFull);
  Say(kReserveBytes);
  EXPECT_EQ(RefusalOf({{"new", "value"}}), std::nullopt);
}

TEST_F(CoordinatorRoomTest, AMemberThatDoesNotSayItAgainIsNotBelievedForEver) {
  Say(0);
  Pass(absl::Seconds(2));
  EXPECT_EQ(RefusalOf({{"new", "value"}})->verdict, Verdict::kFull);
  Pass(absl::Seconds(2));
  EXPECT_EQ(RefusalOf({{"new", "value"}}), std::nullopt);
}

}  // namespace
}  // namespace ctdb::replica
