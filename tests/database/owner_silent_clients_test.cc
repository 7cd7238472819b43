// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Owner with clients that do not say when they have used a record, as Samba's: REC-8.

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
    for (Owner::Output output = owner_.TakeOutput(); !output.locks.empty() || !output.sends.empty();
         output = owner_.TakeOutput()) {
      for (const auto& store : output.stores) stored_ = store.record;
      for (const Send& send : output.sends) {
        transfers += std::holds_alternative<Transfer>(send.message) ? 1 : 0;
      }
      for (const auto& answer : output.answers) answers_.push_back(answer.answer);
      for (const auto& lock : output.locks) {
        owner_.OnLocked(lock.ticket, stored_, now_);
        ++looks_;
      }
    }
    return transfers;
  }
  // `clients` wait for the record, and it comes.
  void Get(int clients) {
    for (int client = 1; client <= clients; ++client) {
      owner_.OnClientRequest(InstanceNumber(static_cast<uint64_t>(client)), RequestId(1), "key",
                             Owner::Mode::kWrite, now_);
    }
    Settle();
    owner_.OnMessage(kOther, Transfer{HeadOf(1), {Epoch(1), 5}, "value"}, now_);
    Settle();
    ASSERT_EQ(answers_.size(), static_cast<size_t>(clients));
    looks_ = 0;
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
  int looks_ = 0;
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

TEST_F(OwnerSilentClientsTest, ARecordThatCameStaysUntilItsClientHasChangedIt_REC8) {
  Get(1);
  EXPECT_EQ(OtherWantsIt(), 0);
  EXPECT_EQ(Pass(absl::Microseconds(500)), 0);
  stored_->value = "changed";
  EXPECT_EQ(Pass(absl::Microseconds(500)), 1);
}

TEST_F(OwnerSilentClientsTest, AChangeBeforeOthersWantItIsSeenAtOnce) {
  Get(1);
  stored_->value = "changed";
  EXPECT_EQ(OtherWantsIt(), 1);
}

TEST_F(OwnerSilentClientsTest, AClientThatOnlyLookedHasItForALittleWhile_REC8) {
  Get(1);
  EXPECT_EQ(OtherWantsIt(), 0);
  EXPECT_EQ(Pass(absl::Milliseconds(4)), 0);
  EXPECT_EQ(Pass(absl::Milliseconds(1)), 1);
}

// smbd stores what it likes; nobody would have a record that got lost on its way.
TEST_F(OwnerSilentClientsTest, WhatIsTooLargeForAPacketStaysUntilItIsSmaller) {
  Get(1);
  stored_->value = std::string(1 << 20, 'x');
  EXPECT_EQ(OtherWantsIt(), 0);
  EXPECT_EQ(stored_->owner, kLocal);
  stored_->value = "small";
  EXPECT_EQ(OtherWantsIt(), 1);
  EXPECT_EQ(stored_->owner, kOther);
}

TEST_F(OwnerSilentClientsTest, EachOfSeveralClientsHasItsTurn) {
  Get(2);
  stored_->value = "changed once";
  EXPECT_EQ(OtherWantsIt(), 0);
  stored_->value = "changed twice";
  EXPECT_EQ(Pass(absl::Microseconds(500)), 1);
}

TEST_F(OwnerSilentClientsTest, WhoTellsItsUseAllTheSameIsBelieved) {
  Get(1);
  EXPECT_EQ(OtherWantsIt(), 0);
  owner_.OnTurnTaken("key", now_);
  EXPECT_EQ(Settle(), 1);
}

TEST_F(OwnerSilentClientsTest, NobodyLooksWhileNobodyElseWantsIt) {
  Get(1);
  for (int i = 0; i < 20; ++i) Pass(absl::Microseconds(500));
  EXPECT_EQ(looks_, 0);
}

}  // namespace
}  // namespace ctdb::database
