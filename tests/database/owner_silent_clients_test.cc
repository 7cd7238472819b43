// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Owner with clients that say when they have used a record if they are asked, as Samba's: REC-8.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/database/owner.h"

namespace ctdb::database {
namespace {

const NodeNumber kHome(0);
const NodeNumber kLocal(1);
const NodeNumber kOther(2);

class OwnerSilentClientsTest : public testing::Test {
 protected:
  OwnerSilentClientsTest() {
    owner_.OnView({.epoch = Epoch(1),
                   .leader = kHome,
                   .members = {kHome, kLocal, kOther},
                   .homes = {kHome},
                   .joined = {Epoch(1), Epoch(1), Epoch(1)}},
                  std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request) const {
    return {DatabaseId(7), Epoch(1), RequestId(request), "key"};
  }
  // Whatever is locked finds what is stored; the transfers among what is sent then.
  int Settle() {
    int transfers = 0;
    for (Owner::Output output = owner_.TakeOutput();
         !output.locks.empty() || !output.sends.empty() || !output.awaited.empty();
         output = owner_.TakeOutput()) {
      for (const auto& store : output.stores) stored_ = store.record;
      for (const Send& send : output.sends) {
        transfers += std::holds_alternative<Transfer>(send.message) ? 1 : 0;
      }
      for (const auto& answer : output.answers) answers_.push_back(answer.answer);
      asked_.insert(asked_.end(), output.awaited.begin(), output.awaited.end());
      for (const auto& lock : output.locks) owner_.OnLocked(lock.ticket, stored_, now_);
    }
    return transfers;
  }
  // `requests` of each client wait for the record, and it comes.
  void Get(int clients, int requests = 1) {
    for (int i = 0; i < clients * requests; ++i) {
      owner_.OnClientRequest(InstanceNumber(static_cast<uint64_t>(1 + i % clients)),
                             RequestId(static_cast<uint64_t>(1 + i)), "key", Owner::Mode::kWrite,
                             now_);
    }
    Settle();
    owner_.OnMessage(kOther, Transfer{HeadOf(1), {Epoch(1), 5}, "value"}, now_);
    Settle();
    ASSERT_EQ(answers_.size(), static_cast<size_t>(clients * requests));
  }
  int OtherWantsIt() {
    owner_.OnMessage(kHome, Forward{HeadOf(9), kOther, {Epoch(1), 5}, absl::ZeroDuration()}, now_);
    return Settle();
  }
  int Pass(absl::Duration duration) {
    now_ = After(now_, duration);
    owner_.OnTick(now_);
    return Settle();
  }

  Instant now_{};
  Owner owner_{{.local = kLocal, .database = DatabaseId(7), .do_clients_tell_use = false}};
  std::optional<StoredRecord> stored_;
  std::vector<Owner::Answer> answers_;
  std::vector<Owner::Output::Awaited> asked_;
};

TEST_F(OwnerSilentClientsTest, TheRecordHasNoMarksThatNobodyWouldClear_REC2) {
  Get(1);
  EXPECT_EQ(stored_->turn, StoredRecord::Turn::kTaken);
  EXPECT_EQ(answers_.front(), Owner::Answer::kReadyInTurn);
}

TEST_F(OwnerSilentClientsTest, FlagsThatMeanNothingHereGoWhereTheRecordGoes_REC3) {
  owner_.OnMessage(kOther, Transfer{HeadOf(1), {Epoch(1), 5}, "value", false, 0x10000}, now_);
  Settle();
  EXPECT_EQ(stored_->other_flags, 0x10000u);
  owner_.OnMessage(kHome, Forward{HeadOf(9), kOther, {Epoch(1), 5}, absl::ZeroDuration()}, now_);
  Owner::Output output = owner_.TakeOutput();
  while (output.sends.empty() && !output.locks.empty()) {
    owner_.OnLocked(output.locks[0].ticket, stored_, now_);
    output = owner_.TakeOutput();
  }
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_EQ(std::get<Transfer>(output.sends[0].message).other_flags, 0x10000u);
}

TEST_F(OwnerSilentClientsTest, ARecordThatCameStaysUntilItsClientHasUsedIt_REC8) {
  Get(1);
  EXPECT_EQ(OtherWantsIt(), 0);
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].client, InstanceNumber(1));
  EXPECT_EQ(asked_[0].key, "key");
  EXPECT_EQ(asked_[0].turns, 1u);
  EXPECT_EQ(Pass(absl::Milliseconds(1)), 0);
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_EQ(Settle(), 1);
}

TEST_F(OwnerSilentClientsTest, AClientThatDoesNotSayHasItForALittleWhile_REC8) {
  Get(1);
  EXPECT_EQ(OtherWantsIt(), 0);
  EXPECT_EQ(Pass(absl::Milliseconds(4)), 0);
  EXPECT_EQ(Pass(absl::Milliseconds(1)), 1);
  EXPECT_EQ(asked_.size(), 1u) << "once is enough";
}

// smbd stores what it likes; nobody would have a record that got lost on its way.
TEST_F(OwnerSilentClientsTest, WhatIsTooLargeForAPacketStaysUntilItIsSmaller) {
  Get(1);
  owner_.OnTurnsTaken("key", 1, now_);
  stored_->value = std::string(1 << 20, 'x');
  EXPECT_EQ(OtherWantsIt(), 0);
  EXPECT_EQ(stored_->owner, kLocal);
  stored_->value = "small";
  EXPECT_EQ(OtherWantsIt(), 1);
  EXPECT_EQ(stored_->owner, kOther);
}

TEST_F(OwnerSilentClientsTest, EachOfSeveralClientsHasItsTurn) {
  Get(2, 3);
  EXPECT_EQ(OtherWantsIt(), 0);
  ASSERT_EQ(asked_.size(), 2u);
  EXPECT_EQ(asked_[0].turns, 3u);
  EXPECT_EQ(asked_[1].turns, 3u);
  owner_.OnTurnsTaken("key", 3, now_);
  EXPECT_EQ(Settle(), 0);
  owner_.OnTurnsTaken("key", 2, now_);
  EXPECT_EQ(Settle(), 0);
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_EQ(Settle(), 1);
}

TEST_F(OwnerSilentClientsTest, WhoTellsWithoutBeingAskedIsBelieved) {
  Get(1);
  owner_.OnTurnsTaken("key", 1, now_);
  EXPECT_EQ(OtherWantsIt(), 1);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(OwnerSilentClientsTest, MoreUseThanThereWereTurnsIsAllOfThem) {
  Get(1);
  owner_.OnTurnsTaken("key", 7, now_);
  EXPECT_EQ(OtherWantsIt(), 1);
}

TEST_F(OwnerSilentClientsTest, NobodyIsAskedWhileNobodyElseWantsIt) {
  Get(1);
  for (int i = 0; i < 20; ++i) Pass(absl::Microseconds(500));
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace ctdb::database
