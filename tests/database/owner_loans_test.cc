// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A node lends what it owns, and reads what others lent it.

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/owner.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kLocal(1);
const NodeNumber kOther(2);
const InstanceNumber kClient(1);
constexpr Owner::Mode kRead = Owner::Mode::kRead;
constexpr Owner::Mode kWrite = Owner::Mode::kWrite;

class OwnerLoansTest : public testing::Test {
 protected:
  OwnerLoansTest() : owner_({.local = kLocal, .database = kDatabase}) { View(1); }

  void View(uint64_t epoch) {
    epoch_ = Epoch(epoch);
    owner_.OnView({.epoch = epoch_,
                   .leader = kHome,
                   .members = {kHome, kLocal, kOther},
                   .homes = {kHome},
                   .joined = {Epoch(1), Epoch(1), Epoch(1)}},
                  std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request) const { return {kDatabase, epoch_, RequestId(request), "key"}; }
  void Ask(uint64_t request, Owner::Mode mode) {
    owner_.OnClientRequest(kClient, RequestId(request), "key", mode, now_);
  }
  Owner::Output Output() {
    EXPECT_EQ(owner_.CheckInvariants(), "");
    return owner_.TakeOutput();
  }
  LockTicket Ticket() {
    Owner::Output output = Output();
    EXPECT_EQ(output.locks.size(), 1u);
    return output.locks.empty() ? LockTicket(0) : output.locks[0].ticket;
  }
  Owner::Output Locked(LockTicket ticket) {
    owner_.OnLocked(ticket, stored_, now_);
    Owner::Output output = Output();
    EXPECT_EQ(output.unlocks, std::vector<LockTicket>{ticket});
    for (const auto& store : output.stores) stored_ = store.record;
    return output;
  }
  Owner::Output Locked() { return Locked(Ticket()); }
  void OnCopy(uint64_t request, uint64_t loan, const std::string& value) {
    owner_.OnMessage(kOther, Copy{HeadOf(request), {Epoch(1), 5}, loan, value}, now_);
  }
  void OnRevoke(uint64_t loan) { owner_.OnMessage(kHome, Revoke{HeadOf(9), loan}, now_); }
  void OnShare(uint64_t request, uint64_t loan) {
    owner_.OnMessage(kHome, Share{HeadOf(request), kOther, {Epoch(1), 5}, loan}, now_);
  }
  void OnShow(uint64_t request, RecordVersion version = {Epoch(1), 5}) {
    owner_.OnMessage(kHome, Share{HeadOf(request), kOther, version, 0}, now_);
  }
  bool MayReadIt() const {
    return stored_ && MayRead(*stored_, kLocal, owner_.owned_since(), owner_.epoch());
  }
  bool MayWriteIt() const { return stored_ && MayWrite(*stored_, kLocal, owner_.owned_since()); }
  Send Answer(uint64_t loan) const { return {kHome, Revoked{HeadOf(9), loan}}; }
  // A copy with the first request and loan 1.
  void Borrow() {
    Ask(1, kRead);
    Output();
    OnCopy(1, 1, "value");
    Locked();
  }
  void Own() { stored_ = StoredRecord{{Epoch(1), 5}, kLocal, "value"}; }

  Instant now_{};
  Epoch epoch_;
  Owner owner_;
  std::optional<StoredRecord> stored_;
};

TEST_F(OwnerLoansTest, ReaderStoresTheCopyAndItsClientsAreTold_Bug42) {
  std::string value("\0 any bytes", 11);
  Ask(1, kRead);
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(1), true}}}));
  OnCopy(1, 3, value);
  Owner::Output output = Locked();
  EXPECT_EQ(stored_, (StoredRecord{{Epoch(1), 5}, kOther, value, {epoch_, 3}, true}));
  EXPECT_EQ(output.answers.size(), 1u);
  EXPECT_TRUE(output.sends.empty());
  EXPECT_TRUE(MayReadIt());
  EXPECT_FALSE(MayWriteIt());
}

TEST_F(OwnerLoansTest, WhoIsShownTheRecordGetsNoLoanAndItsOwnerGoesOnWriting) {
  Own();
  OnShow(7);
  const Owner::Output output = Locked();
  EXPECT_EQ(output.sends,
            (std::vector<Send>{{kOther, Copy{HeadOf(7), {Epoch(1), 5}, 0, "value"}}}));
  EXPECT_TRUE(output.stores.empty());
  EXPECT_TRUE(MayWriteIt());
}

TEST_F(OwnerLoansTest, WhatIsNotOwnedAnyMoreIsNotShown_Inv19) {
  stored_ = StoredRecord{{Epoch(1), 5}, kOther, "old"};
  OnShow(7);
  const Send refusal{kHome, Refusal{HeadOf(7), RefusalReason::kNotOwner, {Epoch(1), 5}}};
  EXPECT_EQ(Locked().sends, std::vector<Send>{refusal});
}

TEST_F(OwnerLoansTest, WhatIsShownAnswersThoseWhoAskedBeforeItWasAskedFor_Inv19) {
  Owner owner({.local = kLocal, .database = kDatabase, .reads_once = true});
  owner.OnView({.epoch = epoch_,
                .leader = kHome,
                .members = {kHome, kLocal, kOther},
                .homes = {kHome},
                .joined = {Epoch(1), Epoch(1), Epoch(1)}},
               std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  owner.OnClientRequest(kClient, RequestId(1), "key", kRead, now_);
  EXPECT_EQ(owner.TakeOutput().sends, (std::vector<Send>{{kHome, Request{HeadOf(1), true, true}}}));
  owner.OnClientRequest(kClient, RequestId(2), "key", kRead, now_);
  owner.OnMessage(kOther, Copy{HeadOf(9), {Epoch(1), 5}, 0, "late"}, now_);
  EXPECT_TRUE(owner.TakeOutput().answers.empty());
  owner.OnMessage(kOther, Copy{HeadOf(1), {Epoch(1), 5}, 0, "value"}, now_);
  const Owner::Output output = owner.TakeOutput();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].request, RequestId(1));
  EXPECT_EQ(output.answers[0].answer, Owner::Answer::kValue);
  EXPECT_EQ(output.answers[0].value, "value");
  EXPECT_TRUE(output.locks.empty()) << "nothing is stored";
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Request{HeadOf(2), true, true}}}))
      << "who came later may have to see what was written since";
}

TEST_F(OwnerLoansTest, RevokedCopyIsReadNoMore_Inv19) {
  Borrow();
  OnRevoke(1);
  EXPECT_EQ(Locked().sends, std::vector<Send>{Answer(1)});
  EXPECT_FALSE(MayReadIt());
  OnRevoke(1);
  Owner::Output again = Locked();
  EXPECT_EQ(again.sends, std::vector<Send>{Answer(1)}) << "the answer got lost";
  EXPECT_TRUE(again.stores.empty());
}

TEST_F(OwnerLoansTest, RevokeCreatesNothing_Bug41) {
  OnRevoke(1);
  Owner::Output output = Locked();
  EXPECT_TRUE(output.stores.empty());
  EXPECT_EQ(output.sends, std::vector<Send>{Answer(1)});
  EXPECT_EQ(stored_, std::nullopt);
}

TEST_F(OwnerLoansTest, CopyThatItsRevokeOvertookIsVoid_Ro26_Sc17) {
  Ask(1, kRead);
  Output();
  OnRevoke(1);
  EXPECT_EQ(Locked().sends[0], Answer(1));
  OnCopy(1, 1, "old");
  EXPECT_TRUE(Output().locks.empty());
  EXPECT_EQ(owner_.ignored().of(Ignored::kLate), 1u);
  OnCopy(2, 2, "new");
  Locked();
  EXPECT_EQ(stored_->value, "new") << "the request was said again";
}

TEST_F(OwnerLoansTest, CopyThatWaitsForItsLockIsVoidWhenItsRevokeComes_Ro26_Sc17) {
  Ask(1, kRead);
  Output();
  OnCopy(1, 1, "old");
  LockTicket ticket = Ticket();
  OnRevoke(1);
  Owner::Output output = Locked(ticket);
  EXPECT_FALSE(MayReadIt());
  EXPECT_TRUE(output.answers.empty());
  EXPECT_EQ(output.sends[0], Answer(1));
}

TEST_F(OwnerLoansTest, LateRevokeOfAnEarlierLoanLeavesTheLaterOne) {
  Ask(1, kRead);
  Output();
  OnCopy(1, 4, "value");
  Locked();
  OnRevoke(3);
  EXPECT_TRUE(Locked().stores.empty());
  EXPECT_TRUE(MayReadIt());
}

TEST_F(OwnerLoansTest, CopiesOfTheEpochBeforeAreVoid_Inv20_Sc17) {
  Ask(1, kRead);
  Output();
  OnCopy(1, 1, "value");
  LockTicket ticket = Ticket();
  View(2);
  Output();
  Locked(ticket);
  EXPECT_EQ(stored_, std::nullopt) << "it came in the epoch before";
  OnCopy(2, 1, "value");
  Locked();
  EXPECT_TRUE(MayReadIt());
  View(3);
  EXPECT_FALSE(MayReadIt());
}

TEST_F(OwnerLoansTest, CopyNeverReplacesSomethingNewer_Inv8) {
  stored_ = StoredRecord{{Epoch(1), 6}, kOther, "newer"};
  Ask(1, kRead);
  Output();
  OnCopy(1, 1, "older");
  Owner::Output output = Locked();
  EXPECT_TRUE(output.stores.empty());
  EXPECT_TRUE(output.answers.empty());
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Request{HeadOf(2), true}}}));
}

TEST_F(OwnerLoansTest, OwnerLendsACopyAndAsksBeforeItWritesAgain_Inv19) {
  Own();
  OnShare(7, 1);
  Owner::Output output = Locked();
  EXPECT_EQ(output.sends,
            (std::vector<Send>{{kOther, Copy{HeadOf(7), {Epoch(1), 5}, 1, "value"}}}));
  EXPECT_TRUE(MayReadIt());
  EXPECT_FALSE(MayWriteIt());
  OnShare(8, 2);
  EXPECT_TRUE(Locked().stores.empty()) << "it is lent out already";
  Ask(1, kWrite);
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(1)}}}));
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAlreadyOwner, {Epoch(1), 5}}, now_);
  EXPECT_EQ(Locked().answers.size(), 1u);
  EXPECT_TRUE(MayWriteIt());
}

TEST_F(OwnerLoansTest, OwnersReadersAreToldAndTheRecordStaysLentOut) {
  Own();
  OnShare(7, 1);
  Locked();
  Ask(1, kRead);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAlreadyOwner, {Epoch(1), 5}}, now_);
  EXPECT_EQ(Locked().answers.size(), 1u);
  EXPECT_FALSE(MayWriteIt());
}

TEST_F(OwnerLoansTest, RecordIsLentWhenThoseWhoWereToldHadTheirTurn_Bug40) {
  Ask(1, kWrite);
  Output();
  owner_.OnMessage(kOther, Transfer{HeadOf(1), {Epoch(1), 5}, "value"}, now_);
  Locked();
  OnShare(7, 1);
  Locked();
  EXPECT_TRUE(MayWriteIt());
  owner_.OnTurnsTaken("key", 1, now_);
  Locked();
  EXPECT_FALSE(MayWriteIt());
}

TEST_F(OwnerLoansTest, ForwardVoidsWhatWasStillToBeLent_Ro23) {
  Own();
  OnShare(7, 1);
  LockTicket ticket = Ticket();
  owner_.OnMessage(kHome, Forward{HeadOf(8), kOther, {Epoch(1), 5}, {}}, now_);
  Owner::Output output = Locked(ticket);
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Transfer>(output.sends[0].message));
}

TEST_F(OwnerLoansTest, OwnerWithoutWhatItShouldLendSaysSo_Bug08) {
  stored_ = StoredRecord{{Epoch(1), 5}, kOther, "given away"};
  OnShare(7, 1);
  EXPECT_EQ(
      Locked().sends,
      (std::vector<Send>{{kHome, Refusal{HeadOf(7), RefusalReason::kNotOwner, {Epoch(1), 5}}}}));
}

TEST_F(OwnerLoansTest, WriterBesideReadersAsksForMoreAndReadersAreServedByEither) {
  Ask(1, kRead);
  Ask(2, kWrite);
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(1), true}},
                                               {kHome, Request{HeadOf(2), false}}}));
  owner_.OnMessage(kOther, Transfer{HeadOf(2), {Epoch(1), 6}, "value"}, now_);
  EXPECT_EQ(Locked().answers.size(), 2u);
  EXPECT_TRUE(MayWriteIt());
}

TEST_F(OwnerLoansTest, ReaderOfWhatNobodyHasIsToldAndWhoeverCameLaterIsNot_Bug16) {
  Ask(1, kRead);
  Output();
  Ask(2, kRead);
  owner_.OnMessage(kHome, Refusal{HeadOf(1), RefusalReason::kAbsent, {}}, now_);
  Owner::Output output = Output();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].request, RequestId(1));
  EXPECT_EQ(output.answers[0].answer, Owner::Answer::kAbsent);
  EXPECT_EQ(output.sends, (std::vector<Send>{{kHome, Request{HeadOf(2), true}}}))
      << "it may have been written since";
  EXPECT_TRUE(output.locks.empty());
}

TEST_F(OwnerLoansTest, ClientsThatGoWhileTheyWaitForACopyLeaveNothing_Bug43_Sc36) {
  Ask(1, kRead);
  owner_.OnClientGone(kClient, now_);
  EXPECT_EQ(Output().sends.back(), (Send{kHome, Abandon{HeadOf(1)}}));
  OnCopy(1, 1, "value");
  EXPECT_TRUE(Output().locks.empty()) << "nobody wants it, and the home may revoke it any time";
}

TEST_F(OwnerLoansTest, LockThatCannotBeGotDropsTheOrderAndItsRepetitionIsDone_Bug44) {
  Own();
  OnShare(7, 1);
  owner_.OnLockFailed(Ticket(), now_);
  Owner::Output output = Output();
  EXPECT_TRUE(output.sends.empty());
  EXPECT_TRUE(output.locks.empty());
  OnShare(8, 2);
  EXPECT_EQ(Locked().sends.size(), 1u);
  owner_.OnLockFailed(LockTicket(99), now_);
  EXPECT_EQ(owner_.ignored().of(Ignored::kUnknownTicket), 1u);
}

TEST_F(OwnerLoansTest, RequestSurvivesALockThatCannotBeGot_Bug44) {
  Ask(1, kRead);
  Output();
  OnCopy(1, 1, "value");
  owner_.OnLockFailed(Ticket(), now_);
  now_ = owner_.NextDeadline();
  owner_.OnTick(now_);
  EXPECT_EQ(Output().sends, (std::vector<Send>{{kHome, Request{HeadOf(2), true}}}));
}

}  // namespace
}  // namespace ctdb::database
