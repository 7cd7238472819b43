// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// PUSH_RECORD, as Samba's development version sends it for persistent handles.

#include "lib/samba/session/pushes.h"

#include "absl/strings/match.h"
#include "lib/samba/commit.h"
#include "lib/samba/record.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::IsEmpty;

constexpr uint32_t kGeneration = 0x6EB4BDB6;  // The fixture's.

std::string Pushed(NodeNumber owner = kOwn, uint32_t generation = kGeneration,
                   DbId db_id = kLocking) {
  return Encode(PushRecord{Generation(generation), db_id, {.rsn = 3, .dmaster = owner}, "k", "v"});
}

std::string Buffer() {
  RecordBufferBuilder builder(kSecrets);
  builder.Add({.key = "key", .data = Encode(StoredRecord{{.rsn = 1}, "value"})});
  return std::string(builder.bytes());
}

class PushesTest : public ProxyFixture {
 protected:
  // As Samba does it: to all nodes, and nobody is to answer.
  void Push(ClientId client, const std::string& data = Pushed()) {
    ControlRequest request = Request(Opcode::kPushRecord, data, kLocking.value());
    request.flags = kControlNoReply;
    Send(client, request, kBroadcastActive);
  }
  void Commit(ClientId client) {
    Send(client, Request(Opcode::kTrans3Commit, Buffer(), kSecrets.value()));
  }
  const ClientId client_ = Connect(1);
};

TEST_F(PushesTest, TheOwnersDatabaseServiceIsAskedOnceForAllNodes_PR1) {
  Push(client_);
  ASSERT_EQ(databases_.Count<KeepSpares>(), 1u);
  const auto* keep = std::get_if<KeepSpares>(&databases_.history.back());
  ASSERT_NE(keep, nullptr);
  EXPECT_EQ(keep->db_id, kLocking);
  EXPECT_EQ(keep->key, "k");
  EXPECT_THAT(TakeItems(), IsEmpty()) << "other proxies have nothing to do with it";
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
}

TEST_F(PushesTest, OfAnotherEpochOrAnotherNodesRecordItIsNoFailureAndNothingHappens_PR1) {
  EXPECT_EQ(Control(client_, Opcode::kPushRecord, Pushed(kOwn, 5)).status, 0);
  EXPECT_EQ(Control(client_, Opcode::kPushRecord, Pushed(kOther)).status, 0);
  EXPECT_EQ(databases_.Count<KeepSpares>(), 0u);
}

TEST_F(PushesTest, OfADatabaseWithoutOwnersItIsAFailure_PR1) {
  for (const DbId id : {kSecrets, DbId(1)}) {
    EXPECT_EQ(Control(client_, Opcode::kPushRecord, Pushed(kOwn, kGeneration, id)).status, -1);
  }
}

TEST_F(PushesTest, ATransactionOfTheSameClientWaitsUntilAllNodesHaveTheRecord_PR3) {
  const ClientId other = Connect(2);
  settles_ = false;
  Push(client_);
  const auto push = std::exchange(databases_.asked, {});
  Commit(client_);
  Commit(other);
  Settle();
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  EXPECT_EQ(TakeReply(other)->status, 0) << "it has pushed nothing";
  databases_.asked = push;
  Settle();
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(PushesTest, ATransactionWaitsForAllThatTheClientHasPushed_PR3) {
  settles_ = false;
  Push(client_);
  Push(client_);
  auto pushes = std::exchange(databases_.asked, {});
  ASSERT_EQ(pushes.size(), 2u);
  Commit(client_);
  databases_.asked.push_back(pushes[0]);
  Settle();
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  databases_.asked.push_back(pushes[1]);
  Settle();
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(PushesTest, ARecordThatHasGoneToAnotherNodeIsSafeThere) {
  databases_.moved.insert("k");
  EXPECT_EQ(Control(client_, Opcode::kPushRecord, Pushed()).status, 0);
  Commit(client_);
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(PushesTest, WhileTheServiceStartsAgainItIsAskedAgain) {
  Control(client_, Opcode::kGetDbName, Id(kLocking));
  databases_.failures = 3;
  Push(client_);
  Commit(client_);
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Wait(absl::Seconds(5));
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(PushesTest, WhereItCannotBeDoneTheLogSaysSoAndTheTransactionGoesOn) {
  Control(client_, Opcode::kGetDbName, Id(kLocking));
  databases_.failures = 1'000'000;
  Push(client_);
  Wait(Proxy::kPatience + absl::Seconds(1));
  ASSERT_THAT(log_, testing::Not(IsEmpty()));
  EXPECT_TRUE(absl::StrContains(log_.back(), "may have no copies")) << log_.back();
  databases_.failures = 0;
  Commit(client_);
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(PushesTest, WhoHasGoneIsNotAnswered) {
  settles_ = false;
  Push(client_);
  Commit(client_);
  Close(client_);
  Settle();
  EXPECT_TRUE(databases_.databases[kSecrets].records.contains("key")) << "TXN-7";
}

}  // namespace
}  // namespace ctdb::samba
