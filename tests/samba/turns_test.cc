// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/turns.h"

#include <gmock/gmock.h>

#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

class TurnsTest : public ProxyFixture {
 protected:
  TurnsTest() { databases_.tells_turns = true; }

  void Call(ClientId client, absl::string_view key = "key",
            CallFunction function = CallFunction::kNull) {
    Send(client,
         CallRequest{.flags = kCallImmediateMigration,
                     .db_id = kLocking,
                     .function = function,
                     .hopcount = 0,
                     .key = key,
                     .data = ""},
         NodeNumber(0), ReqId(42));
    has_read_.erase(client);
  }
  void OtherNodeWaits(uint32_t turns, const std::string& key = "key") {
    proxy_.OnAwaited({kLocking, key, turns}, now_);
    Settle();
  }
  // By how many the service was told that they have had the record.
  uint32_t Told() {
    uint32_t turns = 0;
    for (const DatabaseRequest& one : databases_.history) {
      if (const auto* used = std::get_if<UsedRecord>(&one)) {
        EXPECT_EQ(used->db_id, kLocking);
        turns += used->turns;
      }
    }
    return turns;
  }

  const ClientId client_ = Connect(1);
  const ClientId another_ = Connect(2);
};

TEST_F(TurnsTest, NobodyIsToldAnythingThatNobodyWantsToKnow) {
  Call(client_);
  Call(client_, "another");
  Wait(absl::Seconds(1));
  EXPECT_EQ(Told(), 0u);
}

TEST_F(TurnsTest, WhoHasReadTheAnswerHasTheRecordAMomentLater_REC8) {
  Call(client_);
  OtherNodeWaits(1);
  Wait(absl::Seconds(1));
  EXPECT_EQ(Told(), 0u) << "it does not run yet";
  has_read_.insert(client_);
  Wait(Turns::kLook);
  EXPECT_EQ(Told(), 0u) << "it is on its way to the lock";
  Wait(Turns::kMoment + Turns::kLook);
  EXPECT_EQ(Told(), 1u);
  Wait(absl::Seconds(1));
  EXPECT_EQ(Told(), 1u);
}

TEST_F(TurnsTest, WhoHasSentSomethingSinceHasHadIt) {
  Call(client_);
  Call(client_, "another");
  OtherNodeWaits(1);
  EXPECT_EQ(Told(), 1u);
}

TEST_F(TurnsTest, WhoSendsSomethingWhileItIsWaitedForHasHadIt) {
  Call(client_);
  OtherNodeWaits(1);
  EXPECT_EQ(Told(), 0u);
  Call(client_, "another");
  EXPECT_EQ(Told(), 1u);
}

TEST_F(TurnsTest, WhoHasGoneIsNotWaitedFor) {
  Call(client_);
  OtherNodeWaits(1);
  Close(client_);
  EXPECT_EQ(Told(), 1u);
}

TEST_F(TurnsTest, EachOfSeveralIsWaitedFor) {
  const ClientId third = Connect(3);
  for (const ClientId client : {client_, another_, third}) Call(client);
  Close(third);
  OtherNodeWaits(3);
  EXPECT_EQ(Told(), 1u);
  has_read_.insert(another_);
  Wait(absl::Milliseconds(1));
  EXPECT_EQ(Told(), 2u);
  has_read_.insert(client_);
  Wait(absl::Milliseconds(1));
  EXPECT_EQ(Told(), 3u);
}

TEST_F(TurnsTest, OtherRecordsAreOthers) {
  Call(client_, "another");
  OtherNodeWaits(1);
  EXPECT_EQ(Told(), 1u);
  OtherNodeWaits(1, "another");
  EXPECT_EQ(Told(), 1u);
}

// A reader has got the value from the service, which was told so with it.
TEST_F(TurnsTest, WhoOnlyReadsHasNoTurn) {
  databases_.databases[kLocking].records["key"] = "value";
  Call(client_, "key", CallFunction::kFetch);
  EXPECT_EQ(Told(), 1u);
  OtherNodeWaits(0);
  Wait(absl::Seconds(1));
  EXPECT_EQ(Told(), 1u);
}

TEST_F(TurnsTest, AnAnswerWithoutATurnIsNone) {
  databases_.tells_turns = false;
  Call(client_);
  Call(another_);
  OtherNodeWaits(0);
  has_read_.insert(client_);
  Wait(absl::Seconds(1));
  EXPECT_EQ(Told(), 0u);
}

}  // namespace
}  // namespace ctdb::samba
