// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/owner.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kLocal(1);
const NodeNumber kOther(2);
const InstanceNumber kClient(1);

class OwnerTest : public testing::Test {
 protected:
  explicit OwnerTest(size_t waiters_max = 100)
      : owner_({.local = kLocal, .database = kDatabase, .waiters_max = waiters_max}) {
    View(1);
  }

  void View(uint64_t epoch) {
    epoch_ = Epoch(epoch);
    owner_.OnView({.epoch = epoch_,
                   .leader = kHome,
                   .members = {kHome, kLocal, kOther},
                   .homes = {kHome},
                   .joined = {Epoch(1), joined_, Epoch(1)}},
                  std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request) const { return {kDatabase, epoch_, RequestId(request), "key"}; }
  void Ask(InstanceNumber client, uint64_t request, Owner::Mode mode = Owner::Mode::kWrite) {
    owner_.OnClientRequest(client, RequestId(request), "key", mode, now_);
  }
  Owner::Output Output() {
    EXPECT_EQ(owner_.CheckInvariants(), "");
    return owner_.TakeOutput();
  }
  // The one lock that was asked for is there; the store is as it says.
  Owner::Output Locked() {
    Owner::Output output = Output();
    EXPECT_EQ(output.locks.size(), 1u);
    if (output.locks.empty()) return output;
    LockTicket ticket = output.locks[0].ticket;
    owner_.OnLocked(ticket, stored_, now_);
    output = Output();
    EXPECT_EQ(output.unlocks, std::vector<LockTicket>{ticket});
    for (const auto& store : output.stores) stored_ = store.record;
    return output;
  }
  void OnTransfer(uint64_t request, uint64_t counter, const std::string& value) {
    owner_.OnMessage(kOther, Transfer{HeadOf(request), {epoch_, counter}, value}, now_);
  }
  void OnForward(uint64_t request, uint64_t counter, absl::Duration stay = absl::ZeroDuration()) {
    owner_.OnMessage(kHome, Forward{HeadOf(request), kOther, {epoch_, counter}, stay}, now_);
  }
  void Own(uint64_t counter, const std::string& value) {
    stored_ = StoredRecord{{epoch_, counter}, kLocal, value};
  }
  void Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    owner_.OnTick(now_);
  }
  uint64_t Ignored(database::Ignored reason) const { return owner_.ignored().of(reason); }

  Instant now_{};
  Epoch epoch_;
  Epoch joined_{1};
  Owner owner_;
  std::optional<StoredRecord> stored_;
};

class SmallOwnerTest : public OwnerTest {
 protected:
  SmallOwnerTest() : OwnerTest(2) {}
};

TEST_F(OwnerTest, ClientsOfOneRecordAreOneRequestAndAreAnsweredInOrder_Bug17) {
  Ask(kClient, 1);
  Ask(InstanceNumber(2), 1);
  Ask(kClient, 2);
  Owner::Output output = Output();
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_EQ(output.sends[0], (Send{kHome, Request{HeadOf(1)}}));
  OnTransfer(1, 5, "value");
  output = Locked();
  ASSERT_EQ(output.stores.size(), 1u);
  EXPECT_EQ(output.stores[0].record, (StoredRecord{{epoch_, 5}, kLocal, "value"}));
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Confirm{HeadOf(1), {epoch_, 5}}}}));
  ASSERT_EQ(output.answers.size(), 3u);
  EXPECT_EQ(output.answers[0].client, kClient);
  EXPECT_EQ(output.answers[1].client, InstanceNumber(2));
  EXPECT_EQ(output.answers[2].request, RequestId(2));
  EXPECT_EQ(owner_.waiters(), 0u);
}

TEST_F(OwnerTest, RecordIsGivenAwayUnderItsLockAndThenPointsToTheNextOwner_Inv5) {
  Own(5, "value");
  OnForward(9, 5);
  Owner::Output output = Locked();
  ASSERT_EQ(output.stores.size(), 1u);
  EXPECT_EQ(output.stores[0].record, (StoredRecord{{epoch_, 5}, kOther, "value"}));
  EXPECT_EQ(output.sends, (std::vector<Send>{{kOther, Transfer{HeadOf(9), {epoch_, 6}, "value"}}}));
}

TEST_F(OwnerTest, ThatARecordIsWatchedComesAndGoesWithIt) {
  Ask(kClient, 1);
  Output();
  owner_.OnMessage(kOther, Transfer{HeadOf(1), {epoch_, 5}, "value", /*is_watched=*/true}, now_);
  Locked();
  ASSERT_TRUE(stored_.has_value() && stored_->is_watched);
  OnForward(9, 5);
  now_ = After(now_, absl::Seconds(1));
  owner_.OnTick(now_);
  EXPECT_EQ(Locked().sends,
            (std::vector<Send>{{kOther, Transfer{HeadOf(9), {epoch_, 6}, "value", true}}}));
  EXPECT_TRUE(stored_->is_watched) << "what stays may be promoted";
  owner_.OnMessage(kHome, Promote{HeadOf(0), {epoch_, 5}, {epoch_, 7}}, now_);
  Locked();
  EXPECT_EQ(stored_->owner, kLocal);
  EXPECT_TRUE(stored_->is_watched);
}

TEST_F(OwnerTest, LostTransferIsRepeatedFromTheCopyThatStayed_Mg72) {
  Own(5, "value");
  OnForward(9, 5);
  std::vector<Send> first = Locked().sends;
  OnForward(9, 5);
  Owner::Output again = Locked();
  EXPECT_EQ(again.sends, first);
  EXPECT_TRUE(again.stores.empty());
}

TEST_F(OwnerTest, OrderAboutAnotherOwnershipIsRefused_Bug8) {
  Own(7, "newer");
  OnForward(9, 5);
  Owner::Output output = Locked();
  EXPECT_EQ(
      output.sends,
      (std::vector<Send>{{kHome, Refusal{HeadOf(9), RefusalReason::kNotOwner, {epoch_, 5}}}}));
  EXPECT_TRUE(output.stores.empty());
}

TEST_F(OwnerTest, RecordThatNobodyWaitsForAnyMoreIsStoredAllTheSame_Bug3) {
  Ask(kClient, 1);
  owner_.OnClientGone(kClient, now_);
  Owner::Output output = Output();
  ASSERT_EQ(output.sends.size(), 2u);
  EXPECT_EQ(output.sends[1], (Send{kHome, Abandon{HeadOf(1)}}));
  OnTransfer(1, 5, "value");
  output = Locked();
  EXPECT_EQ(output.stores.size(), 1u);
  EXPECT_EQ(output.sends.size(), 1u);
  EXPECT_TRUE(output.answers.empty());
}

TEST_F(OwnerTest, OlderCopyIsNotStoredAndTheSameOneIsConfirmedAgain_Inv8) {
  Own(7, "mine");
  OnTransfer(1, 6, "older");
  Owner::Output output = Locked();
  EXPECT_TRUE(output.stores.empty());
  EXPECT_EQ(std::get<Refusal>(output.sends[0].message).reason, RefusalReason::kNotNewer);
  OnTransfer(1, 7, "as it came");
  output = Locked();
  EXPECT_TRUE(output.stores.empty()) << "a client may have changed it";
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Confirm{HeadOf(1), {epoch_, 7}}}}));
}

TEST_F(OwnerTest, RecordStaysUntilThoseWhoWereToldHadTheirTurn_Bug18) {
  Ask(kClient, 1);
  Ask(kClient, 2);
  Output();
  OnTransfer(1, 5, "value");
  Locked();
  OnForward(9, 5);
  EXPECT_TRUE(Output().locks.empty());
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_TRUE(Output().locks.empty());
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_EQ(Locked().stores.size(), 1u);
}

TEST_F(OwnerTest, SingleClientThatWasToldSaysNothingWhenNobodyElseWaits) {
  Ask(kClient, 1);
  Output();
  OnTransfer(1, 5, "value");
  const Owner::Output output = Locked();
  EXPECT_EQ(output.answers.at(0).answer, Owner::Answer::kReady);
  EXPECT_EQ(stored_->turn, StoredRecord::Turn::kAwaited);
  stored_->turn = StoredRecord::Turn::kTaken;  // It has come, and seen.
  OnForward(9, 5);
  EXPECT_EQ(Locked().sends.size(), 1u);
  EXPECT_EQ(stored_->owner, kOther);
}

TEST_F(OwnerTest, RecordStaysUntilTheSingleClientThatWasToldHasHadIt_Bug18) {
  Ask(kClient, 1);
  Output();
  OnTransfer(1, 5, "value");
  Locked();
  OnForward(9, 5);
  EXPECT_TRUE(Locked().sends.empty());
  EXPECT_EQ(stored_->turn, StoredRecord::Turn::kTold);
  EXPECT_EQ(stored_->owner, kLocal);
  stored_->turn = StoredRecord::Turn::kTaken;
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_EQ(Locked().sends.size(), 1u);
  EXPECT_EQ(stored_->owner, kOther);
}

TEST_F(OwnerTest, ClientThatDoesNotTakeItsTurnHoldsNobodyUpForLong_Bug18) {
  Ask(kClient, 1);
  Output();
  OnTransfer(1, 5, "value");
  Locked();
  OnForward(9, 5);
  EXPECT_TRUE(Locked().sends.empty());
  EXPECT_EQ(owner_.NextDeadline(), After(now_, absl::Milliseconds(5)));
  Pass(absl::Milliseconds(5));
  EXPECT_EQ(Locked().stores.size(), 1u);
}

TEST_F(OwnerTest, RecordInDemandStaysAsLongAsTheHomeSaysWithinLimits_Mg82) {
  OnTransfer(1, 5, "value");
  Locked();
  OnForward(9, 5, absl::Hours(1));
  Pass(absl::Milliseconds(49));
  EXPECT_TRUE(Output().locks.empty());
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(Locked().stores.size(), 1u);
}

TEST_F(OwnerTest, WhatCameAtManyTimesIsForgottenAtOnce) {
  for (int i = 0; i < 40; ++i) {
    OnTransfer(1, 5, "value");
    Locked();
    stored_.reset();
    const Instant deadline = owner_.NextDeadline();
    EXPECT_GE(deadline, now_);
    EXPECT_EQ(deadline.time_since_epoch() % ToChrono(absl::Milliseconds(50)),
              CoreClock::duration::zero());
    Pass(absl::Milliseconds(3));
  }
}

TEST_F(OwnerTest, SilentHomeIsAskedAgainWithANewRequest_Mg23) {
  Ask(kClient, 1);
  Output();
  Pass(absl::Milliseconds(200));
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(2)}}}));
}

TEST_F(OwnerTest, HomeThatIsNotReadyIsAskedAgainSoonAndLateRefusalsAreIgnored) {
  Ask(kClient, 1);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kNotReady, {}}, now_);
  Output();
  Pass(absl::Milliseconds(10));
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(2)}}}));
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kBusy, {}}, now_);
  EXPECT_TRUE(Output().answers.empty());
  EXPECT_EQ(Ignored(Ignored::kLate), 1u);
}

TEST_F(OwnerTest, RequestOfALiveClientIsAskedAgainInANewEpoch_Inv18) {
  Ask(kClient, 1);
  OnTransfer(1, 5, "value");
  LockTicket ticket = Output().locks.at(0).ticket;
  View(2);
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(2)}}}));
  owner_.OnLocked(ticket, stored_, now_);
  Owner::Output output = Output();
  EXPECT_TRUE(output.stores.empty()) << "it came in the old epoch";
  EXPECT_TRUE(output.answers.empty());
  EXPECT_EQ(output.unlocks.size(), 1u);
  OnTransfer(2, 6, "value");
  EXPECT_EQ(Locked().answers.size(), 1u);
}

TEST_F(OwnerTest, ClientThatAsksForWhatIsHereIsToldAfterALook_Mg38) {
  Own(5, "value");
  Ask(kClient, 1);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAlreadyOwner, {epoch_, 5}}, now_);
  Output().locks.clear();
  owner_.OnLocked(LockTicket(1), stored_, now_);
  EXPECT_EQ(Output().answers.size(), 1u);
}

TEST_F(OwnerTest, HomeThatIsWrongAboutTheOwnerIsToldAndTheClientWaits_Bug8) {
  Ask(kClient, 1);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAlreadyOwner, {epoch_, 5}}, now_);
  Output();
  owner_.OnLocked(LockTicket(1), std::nullopt, now_);
  Owner::Output output = Output();
  EXPECT_TRUE(output.answers.empty());
  ASSERT_FALSE(output.sends.empty());
  EXPECT_EQ(output.sends[0],
            (Send{kHome, Refusal{HeadOf(1), RefusalReason::kNotOwner, {epoch_, 5}}}));
  EXPECT_EQ(owner_.waiters(), 1u);
}

TEST_F(OwnerTest, CopyThatRecoveryFoundIsPromotedUnderItsLockAndConfirmed) {
  stored_ = StoredRecord{{epoch_, 5}, kOther, "copy"};
  Ask(kClient, 1);
  Output();
  for (int i = 0; i < 2; ++i) {
    owner_.OnMessage(kHome, Promote{HeadOf(0), {epoch_, 5}, {epoch_, 6}}, now_);
    Owner::Output output = Locked();
    EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Confirm{HeadOf(0), {epoch_, 6}}}}));
    EXPECT_EQ(output.stores.size(), i == 0 ? 1u : 0u);
    EXPECT_EQ(output.answers.size(), i == 0 ? 1u : 0u);
  }
  EXPECT_EQ(std::exchange(stored_->turn, StoredRecord::Turn::kTaken), StoredRecord::Turn::kAwaited);
  EXPECT_EQ(stored_, (StoredRecord{{epoch_, 6}, kLocal, "copy"}));
  owner_.OnMessage(kHome, Promote{HeadOf(0), {epoch_, 4}, {epoch_, 7}}, now_);
  EXPECT_EQ(std::get<Refusal>(Locked().sends[0].message).reason, RefusalReason::kNotOwner);
}

TEST_F(OwnerTest, ClaimThatContradictsABetterOneIsGivenUp_Bug8) {
  Own(5, "mine");
  for (int i = 0; i < 2; ++i) {
    owner_.OnMessage(kHome, GiveUp{HeadOf(0), {epoch_, 5}, kOther}, now_);
    EXPECT_EQ(Locked().sends, (std::vector<Send>{{kHome, GaveUp{HeadOf(0), {epoch_, 5}}}}));
    EXPECT_EQ(stored_->owner, kOther);
  }
}

TEST_F(OwnerTest, NodeThatWasAwayOwnsNothingOfWhatItOwnedBefore_Bug23) {
  Own(5, "stale");
  EXPECT_EQ(owner_.owned_since(), Epoch(1));
  joined_ = Epoch(3);
  View(3);
  EXPECT_EQ(owner_.owned_since(), Epoch(3));
  owner_.OnMessage(kHome, Forward{HeadOf(9), kOther, {Epoch(1), 5}, {}}, now_);
  EXPECT_EQ(std::get<Refusal>(Locked().sends[0].message).reason, RefusalReason::kNotOwner);
  Ask(kClient, 1);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAlreadyOwner, {Epoch(1), 5}}, now_);
  EXPECT_TRUE(Locked().answers.empty());
}

TEST_F(OwnerTest, NodeThatIsNoMemberOwnsNothing) {
  owner_.OnView({.epoch = Epoch(2),
                 .leader = kHome,
                 .members = {kHome},
                 .homes = {kHome},
                 .joined = {Epoch(1)}},
                std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  EXPECT_EQ(owner_.owned_since(), Owner::kNothingOwned);
}

TEST_F(OwnerTest, NewOwnersVersionIsAboveThatOfEveryCopyFromItsFirstMoment_Bug01) {
  Own(5, "value");
  OnForward(9, 5);
  std::vector<Send> sends = Locked().sends;
  EXPECT_GT(std::get<Transfer>(sends[0].message).version, stored_->version);
  View(2);
  owner_.OnMessage(kHome, Promote{HeadOf(0), {Epoch(1), 5}, {epoch_, 6}}, now_);
  Locked();
  EXPECT_GT(stored_->version, std::get<Transfer>(sends[0].message).version);
}

TEST_F(OwnerTest, OrderThatCatchesUpWithATransferThatWaitsForItsLockComesSecond_Bug05) {
  OnTransfer(1, 5, "value");
  LockTicket ticket = Output().locks.at(0).ticket;
  OnForward(9, 5);
  owner_.OnLocked(ticket, stored_, now_);
  Owner::Output output = Output();
  ASSERT_EQ(output.stores.size(), 2u);
  EXPECT_EQ(output.stores[0].record.owner, kLocal);
  EXPECT_EQ(output.stores[1].record.owner, kOther);
  ASSERT_EQ(output.sends.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Confirm>(output.sends[0].message));
  EXPECT_TRUE(std::holds_alternative<Transfer>(output.sends[1].message));
}

TEST_F(OwnerTest, LockIsReleasedWhateverIsFoundUnderIt_Bug09) {
  OnForward(9, 5);
  Locked();  // Nothing is stored.
  stored_ = StoredRecord{{epoch_, 9}, kOther, "another one"};
  OnForward(9, 5);
  Locked();
}

TEST_F(OwnerTest, RecordThatWasGivenAwayIsNotForTheClientThatLookedBefore_Bug11) {
  Own(5, "value");
  EXPECT_TRUE(MayWrite(*stored_, kLocal, owner_.owned_since()));
  OnForward(9, 5);
  Locked();
  EXPECT_FALSE(MayWrite(*stored_, kLocal, owner_.owned_since()));
}

TEST_F(OwnerTest, LockThatIsAwaitedHoldsUpNoOtherRecord_Bug12) {
  OnForward(9, 5);
  EXPECT_EQ(Output().locks.size(), 1u);
  Head other = HeadOf(1);
  other.key = "other";
  owner_.OnMessage(kOther, Transfer{other, {epoch_, 1}, ""}, now_);
  LockTicket ticket = Output().locks.at(0).ticket;
  owner_.OnLocked(ticket, std::nullopt, now_);
  EXPECT_EQ(Output().stores.size(), 1u);
}

TEST_F(OwnerTest, OrderOfTheEpochBeforeIsVoidThoughNothingElseChanged_Bug13_Bug14) {
  Own(5, "value");
  Forward late{HeadOf(9), kOther, stored_->version, absl::ZeroDuration()};
  View(2);
  owner_.OnMessage(kHome, late, now_);
  EXPECT_TRUE(Output().locks.empty());
  EXPECT_EQ(Ignored(Ignored::kOldEpoch), 1u);
}

TEST_F(OwnerTest, RecordThatOnlyChangesItsOwnerHasANewVersion_Bug20) {
  OnTransfer(1, 5, "same");
  Locked();
  RecordVersion before = stored_->version;
  OnForward(9, 5);
  Locked();
  OnTransfer(2, 7, "same");
  Locked();
  EXPECT_GT(stored_->version, before);
}

TEST_F(OwnerTest, CancelledRequestIsNotAnsweredAndTheOthersAre_Inv50) {
  Ask(kClient, 1);
  Ask(kClient, 2);
  owner_.OnClientCancel(kClient, RequestId(1), now_);
  owner_.OnClientCancel(kClient, RequestId(1), now_);
  owner_.OnClientCancel(InstanceNumber(9), RequestId(1), now_);
  EXPECT_EQ(Ignored(Ignored::kLate), 2u);
  Ask(kClient, 2);
  EXPECT_EQ(Ignored(Ignored::kDuplicate), 1u);
  Output();
  OnTransfer(1, 5, "value");
  Owner::Output output = Locked();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].request, RequestId(2));
}

TEST_F(SmallOwnerTest, MoreThanTheLimitIsAnsweredBusy) {
  Ask(kClient, 1);
  Ask(kClient, 2);
  Ask(kClient, 3);
  Owner::Output output = Output();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].answer, Owner::Answer::kBusy);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kBusy, {}}, now_);
  EXPECT_EQ(Output().answers.size(), 2u);
}

TEST_F(OwnerTest, MessagesThatAreNotForThisNodeNowAreIgnored_Inv12) {
  owner_.OnMessage(kOther, Forward{HeadOf(1), kOther, {}, {}}, now_);
  EXPECT_EQ(Ignored(Ignored::kNotFromHome), 1u);
  owner_.OnMessage(NodeNumber(9), Transfer{HeadOf(1), {}, ""}, now_);
  EXPECT_EQ(Ignored(Ignored::kNotMember), 1u);
  owner_.OnMessage(kHome, Request{HeadOf(1)}, now_);
  EXPECT_EQ(Ignored(Ignored::kNotForThisSide), 1u);
  Head head = HeadOf(1);
  head.epoch = Epoch(0);
  owner_.OnMessage(kOther, Transfer{head, {}, ""}, now_);
  EXPECT_EQ(Ignored(Ignored::kOldEpoch), 1u);
  head.epoch = Epoch(2);
  owner_.OnMessage(kOther, Transfer{head, {}, ""}, now_);
  EXPECT_EQ(Ignored(Ignored::kNewerEpoch), 1u);
  owner_.OnLocked(LockTicket(77), std::nullopt, now_);
  EXPECT_EQ(Ignored(Ignored::kUnknownTicket), 1u);
  Owner::Output output = Output();
  EXPECT_TRUE(output.sends.empty());
  EXPECT_TRUE(output.locks.empty());
}

}  // namespace
}  // namespace ctdb::database
