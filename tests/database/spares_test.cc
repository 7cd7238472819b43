// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Copies of single records on all other nodes. What follows from them when nodes go is in
// random_run_test.cc.

#include "lib/database/spares.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kLocal(1);
const NodeNumber kSecond(2);
const NodeNumber kThird(3);
const InstanceNumber kClient(5);
const RecordVersion kVersion{Epoch(1), 5};
using Answer = Spares::Answer;

class SparesTest : public testing::Test {
 protected:
  SparesTest() : spares_({.local = kLocal, .database = kDatabase}) {
    View(1, {kLocal, kSecond, kThird});
  }

  void View(uint64_t epoch, std::vector<NodeNumber> members) {
    epoch_ = Epoch(epoch);
    spares_.OnView({.epoch = epoch_,
                    .leader = members[0],
                    .members = members,
                    .homes = members,
                    .joined = std::vector<Epoch>(members.size(), Epoch(1))},
                   now_);
  }
  void Ask(uint64_t request) { spares_.OnClientRequest(kClient, RequestId(request), "key", now_); }
  Head HeadOf(RequestId request) const { return {kDatabase, epoch_, request, "key"}; }
  Spares::Output Output() { return spares_.TakeOutput(); }

  // What the owner offers, and to whom.
  RequestId Offered(const std::vector<NodeNumber>& to) {
    const Spares::Output output = Output();
    RequestId offer;
    std::vector<NodeNumber> nodes;
    for (const Send& send : output.sends) {
      const auto* one = std::get_if<Offer>(&send.message);
      if (one == nullptr) continue;
      offer = one->head.request;
      nodes.push_back(send.to);
    }
    EXPECT_EQ(nodes, to);
    return offer;
  }
  void OnAccept(NodeNumber from, RequestId offer, uint64_t ticket) {
    spares_.OnMessage(from, Accept{HeadOf(offer), RequestId(ticket)}, now_);
  }
  void OnKept(NodeNumber from, RequestId offer) {
    spares_.OnMessage(from, Kept{HeadOf(offer)}, now_);
  }
  // The lock that was asked for is held.
  Spares::Output Locked() {
    const Spares::Output wanted = Output();
    EXPECT_EQ(wanted.locks.size(), 1u);
    if (wanted.locks.empty()) return {};
    EXPECT_TRUE(Spares::IsItsTicket(wanted.locks[0].ticket));
    spares_.OnLocked(wanted.locks[0].ticket, stored_, now_);
    Spares::Output output = Output();
    EXPECT_EQ(output.unlocks, std::vector<LockTicket>{wanted.locks[0].ticket});
    for (const auto& store : output.stores) stored_ = store.record;
    return output;
  }
  std::vector<std::pair<uint64_t, Answer>> Answers() {
    std::vector<std::pair<uint64_t, Answer>> answers;
    for (const auto& one : Output().answers) {
      answers.emplace_back(one.request.value(), one.answer);
    }
    return answers;
  }
  void Own(const std::string& value = "value") {
    stored_ = StoredRecord{kVersion, kLocal, value};
    stored_->other_flags = 0x10000;
  }
  // The other side: an owner offers, and this node accepts with the returned ticket.
  RequestId Accepted(NodeNumber owner, uint64_t offer) {
    spares_.OnMessage(owner, Offer{HeadOf(RequestId(offer))}, now_);
    const Spares::Output output = Output();
    EXPECT_EQ(output.sends.size(), 1u);
    const auto* accept =
        output.sends.empty() ? nullptr : std::get_if<Accept>(&output.sends[0].message);
    EXPECT_NE(accept, nullptr);
    return accept == nullptr ? RequestId(0) : accept->ticket;
  }
  void OnSpare(NodeNumber owner, uint64_t offer, RequestId ticket, const std::string& value,
               RecordVersion version = kVersion) {
    spares_.OnMessage(owner, Spare{HeadOf(RequestId(offer)), ticket, version, value, 0x10000},
                      now_);
  }

  Instant now_{};
  Epoch epoch_;
  Spares spares_;
  std::optional<StoredRecord> stored_;
};

TEST_F(SparesTest, WhoAsksIsAnsweredWhenAllOtherNodesHaveACopy_PS61) {
  Own();
  Ask(1);
  const RequestId offer = Offered({kSecond, kThird});
  OnAccept(kSecond, offer, 17);
  const Spares::Output output = Locked();
  ASSERT_EQ(output.sends.size(), 1u);
  const Spare spare{HeadOf(offer), RequestId(17), kVersion, "value", 0x10000};
  EXPECT_EQ(output.sends[0], (Send{kSecond, spare}));
  EXPECT_EQ(output.copied, std::vector<std::string>{"key"}) << "it is not forgotten meanwhile";
  OnKept(kSecond, offer);
  EXPECT_TRUE(Answers().empty()) << "the third one is missing";
  OnAccept(kThird, offer, 3);
  Locked();
  OnKept(kThird, offer);
  EXPECT_EQ(Answers(), (std::vector<std::pair<uint64_t, Answer>>{{1, Answer::kKept}}));
  EXPECT_EQ(spares_.waiting(), 0u);
}

TEST_F(SparesTest, ALonelyNodeHasNobodyToSendCopiesTo) {
  View(2, {kLocal});
  Ask(1);
  EXPECT_EQ(Answers(), (std::vector<std::pair<uint64_t, Answer>>{{1, Answer::kKept}}));
}

TEST_F(SparesTest, WhoAsksWhileCopiesAreSentWaitsForTheNextOnes) {
  Own("first");
  Ask(1);
  const RequestId first = Offered({kSecond, kThird});
  for (const NodeNumber node : {kSecond, kThird}) OnAccept(node, first, 1);
  Locked();
  Own("second");
  Ask(2);
  for (const NodeNumber node : {kSecond, kThird}) OnKept(node, first);
  const Spares::Output output = Output();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].request, RequestId(1)) << "what was sent is older than the second";
  ASSERT_EQ(output.sends.size(), 2u);
  const RequestId second = std::get<Offer>(output.sends[0].message).head.request;
  EXPECT_NE(second, first);
  for (const NodeNumber node : {kSecond, kThird}) OnAccept(node, second, 2);
  EXPECT_EQ(std::get<Spare>(Locked().sends[0].message).value, "second");
  for (const NodeNumber node : {kSecond, kThird}) OnKept(node, second);
  EXPECT_EQ(Answers(), (std::vector<std::pair<uint64_t, Answer>>{{2, Answer::kKept}}));
}

TEST_F(SparesTest, ARecordOfAnotherNodeIsNotSent) {
  stored_ = StoredRecord{kVersion, kSecond, "value"};
  Ask(1);
  OnAccept(kSecond, Offered({kSecond, kThird}), 1);
  const Spares::Output output = Locked();
  EXPECT_TRUE(output.sends.empty());
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].answer, Answer::kMoved);
}

TEST_F(SparesTest, WhatNoPacketCanCarryIsRefused) {
  Own(std::string(1 << 20, 'x'));
  Ask(1);
  OnAccept(kSecond, Offered({kSecond, kThird}), 1);
  ASSERT_EQ(spares_.waiting(), 1u);
  const Spares::Output output = Locked();
  ASSERT_EQ(output.answers.size(), 1u);
  EXPECT_EQ(output.answers[0].answer, Answer::kTooLarge);
}

TEST_F(SparesTest, AnOfferWithoutAnswerIsSaidAgain) {
  Own();
  Ask(1);
  const RequestId offer = Offered({kSecond, kThird});
  OnAccept(kSecond, offer, 1);
  Locked();
  OnKept(kSecond, offer);
  ASSERT_EQ(spares_.NextDeadline(), After(now_, absl::Milliseconds(200)));
  now_ = spares_.NextDeadline();
  spares_.OnTick(now_);
  EXPECT_EQ(Offered({kThird}), offer);
  OnAccept(kThird, offer, 1);
  Locked();
  OnKept(kThird, offer);
  now_ = spares_.NextDeadline();
  spares_.OnTick(now_);
  EXPECT_EQ(spares_.NextDeadline(), kNever);
}

TEST_F(SparesTest, ANewViewBeginsItAnewForItsMembers) {
  Own();
  Ask(1);
  const RequestId offer = Offered({kSecond, kThird});
  View(2, {kLocal, kThird});
  const RequestId again = Offered({kThird});
  EXPECT_NE(again, offer);
  OnKept(kThird, offer);
  EXPECT_TRUE(Answers().empty()) << "that was the other view's";
  OnAccept(kThird, again, 1);
  Locked();
  OnKept(kThird, again);
  EXPECT_EQ(Answers().size(), 1u);
}

TEST_F(SparesTest, ANodeThatIsNoMemberKeepsWhoAsksWaiting) {
  View(2, {kSecond, kThird});
  Own();
  Ask(1);
  EXPECT_TRUE(Output().sends.empty());
  View(3, {kLocal, kSecond});
  Offered({kSecond});
}

TEST_F(SparesTest, WhoCancelsOrGoesIsNotAnswered_Inv50) {
  Own();
  for (uint64_t request = 1; request <= 3; ++request) Ask(request);
  spares_.OnClientRequest(InstanceNumber(6), RequestId(1), "key", now_);
  const RequestId offer = Offered({kSecond, kThird});
  spares_.OnClientCancel(kClient, RequestId(1));
  EXPECT_EQ(spares_.waiting(), 3u);
  spares_.OnClientGone(kClient);
  EXPECT_EQ(spares_.waiting(), 1u);
  spares_.OnClientGone(InstanceNumber(6));
  EXPECT_EQ(spares_.waiting(), 0u);
  for (const NodeNumber node : {kSecond, kThird}) OnKept(node, offer);
  EXPECT_TRUE(Answers().empty());
}

TEST_F(SparesTest, TooManyAreTurnedAway) {
  Spares spares({.local = kLocal, .database = kDatabase, .requests_max = 1});
  spares.OnClientRequest(kClient, RequestId(1), "key", now_);
  spares.OnClientRequest(kClient, RequestId(1), "key", now_);
  spares.OnClientRequest(kClient, RequestId(2), "other", now_);
  const Spares::Output output = spares.TakeOutput();
  ASSERT_EQ(output.answers.size(), 2u);
  for (const auto& answer : output.answers) EXPECT_EQ(answer.answer, Answer::kBusy);
}

TEST_F(SparesTest, ACopyIsKeptLikeOneThatWasLentAndRevoked_PR2_PR4) {
  const RequestId ticket = Accepted(kSecond, 9);
  OnSpare(kSecond, 9, ticket, "value");
  const Spares::Output output = Locked();
  ASSERT_TRUE(stored_.has_value());
  EXPECT_EQ(stored_->version, kVersion);
  EXPECT_EQ(stored_->owner, kSecond);
  EXPECT_EQ(stored_->value, "value");
  EXPECT_EQ(stored_->other_flags, 0x10000u);
  EXPECT_FALSE(MayRead(*stored_, kLocal, Epoch(1), epoch_));
  EXPECT_LT(OrderOf(stored_->version, stored_->loan), OrderOf(kVersion, {}))
      << "the owner's copy is newer";
  EXPECT_EQ(output.sends, std::vector<Send>({{kSecond, Kept{HeadOf(RequestId(9))}}}));
  OnSpare(kSecond, 10, Accepted(kSecond, 10), "later");
  Locked();
  EXPECT_EQ(stored_->value, "later");
}

TEST_F(SparesTest, ACopyThatIsNotNewerIsAnsweredAndNotStored) {
  for (const StoredRecord& mine :
       {StoredRecord{kVersion, kLocal, "mine"}, StoredRecord{{Epoch(1), 6}, kThird, "newer"}}) {
    stored_ = mine;
    OnSpare(kSecond, 9, Accepted(kSecond, 9), "value");
    EXPECT_EQ(Locked().sends.size(), 1u);
    EXPECT_EQ(stored_, mine);
  }
}

TEST_F(SparesTest, OnlyTheLastAcceptanceCounts) {
  const RequestId first = Accepted(kSecond, 9);
  EXPECT_EQ(Accepted(kSecond, 9), first) << "it was said twice";
  const RequestId second = Accepted(kThird, 4);
  OnSpare(kSecond, 9, first, "old");
  OnSpare(kThird, 4, first, "forged");
  EXPECT_TRUE(Output().locks.empty());
  OnSpare(kThird, 4, second, "new");
  Locked();
  EXPECT_EQ(stored_->value, "new");
  OnSpare(kThird, 4, second, "again");
  EXPECT_TRUE(Output().locks.empty());
}

// INV-23, INV-24: it would bring the record back.
TEST_F(SparesTest, WhatComesAfterTheRecordIsDroppedIsVoid_Inv23) {
  const RequestId ticket = Accepted(kSecond, 9);
  spares_.OnMessage(kThird, Drop{HeadOf(RequestId(1)), {Epoch(1), 6}, false}, now_);
  OnSpare(kSecond, 9, ticket, "value");
  EXPECT_TRUE(Output().locks.empty());

  OnSpare(kSecond, 10, Accepted(kSecond, 10), "value");
  spares_.OnMessage(kThird, Drop{HeadOf(RequestId(1)), {Epoch(1), 6}, true}, now_);
  EXPECT_TRUE(Locked().stores.empty()) << "it waited for the lock";
  EXPECT_EQ(stored_, std::nullopt);
}

TEST_F(SparesTest, WhatWasAcceptedInAnotherViewIsVoid) {
  const RequestId ticket = Accepted(kSecond, 9);
  View(2, {kLocal, kSecond});
  OnSpare(kSecond, 9, ticket, "value");
  EXPECT_TRUE(Output().locks.empty());
  EXPECT_EQ(spares_.ignored().of(Ignored::kLate), 1u);
}

TEST_F(SparesTest, ALockThatCannotBeGotIsAskedForAgainWithTheNextOffer) {
  OnSpare(kSecond, 9, Accepted(kSecond, 9), "value");
  const Spares::Output output = Output();
  ASSERT_EQ(output.locks.size(), 1u);
  spares_.OnLockFailed(output.locks[0].ticket);
  spares_.OnLocked(output.locks[0].ticket, std::nullopt, now_);
  EXPECT_TRUE(Output().sends.empty());
  OnSpare(kSecond, 9, Accepted(kSecond, 9), "value");
  Locked();
  EXPECT_EQ(stored_->value, "value");
}

TEST_F(SparesTest, WhatIsAcceptedAndDoesNotComeIsBounded) {
  Spares spares({.local = kLocal, .database = kDatabase, .accepted_max = 1});
  spares.OnView({.epoch = Epoch(1),
                 .leader = kSecond,
                 .members = {kLocal, kSecond},
                 .homes = {kSecond},
                 .joined = {Epoch(1), Epoch(1)}},
                now_);
  const auto offer = [&](const std::string& key) {
    spares.OnMessage(kSecond, Offer{{kDatabase, Epoch(1), RequestId(1), key}}, now_);
    return spares.TakeOutput().sends.size();
  };
  EXPECT_EQ(offer("key"), 1u);
  EXPECT_EQ(offer("other"), 0u);
  now_ = After(now_, absl::Seconds(5));
  EXPECT_EQ(offer("other"), 1u);
}

TEST_F(SparesTest, StrangersAndOtherDatabasesAreIgnored) {
  spares_.OnMessage(NodeNumber(9), Offer{HeadOf(RequestId(1))}, now_);
  spares_.OnMessage(kSecond, Offer{{DatabaseId(8), epoch_, RequestId(1), "key"}}, now_);
  spares_.OnMessage(kSecond, Offer{{kDatabase, Epoch(2), RequestId(1), "key"}}, now_);
  spares_.OnMessage(kSecond, Confirm{HeadOf(RequestId(1)), kVersion}, now_);
  EXPECT_TRUE(Output().sends.empty());
  EXPECT_EQ(spares_.ignored().of(Ignored::kNotMember), 1u);
  EXPECT_EQ(spares_.ignored().of(Ignored::kOtherDatabase), 1u);
  EXPECT_EQ(spares_.ignored().of(Ignored::kNewerEpoch), 1u);
  EXPECT_EQ(spares_.ignored().of(Ignored::kNotForThisSide), 1u);
}

}  // namespace
}  // namespace ctdb::database
