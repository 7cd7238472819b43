// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/calls.h"

#include "lib/samba/record.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class CallsTest : public ProxyFixture {
 protected:
  void Call(CallFunction function, absl::string_view key = "key", DbId db_id = kLocking) {
    Send(client_,
         CallRequest{.flags = kCallImmediateMigration,
                     .db_id = db_id,
                     .function = function,
                     .hopcount = 0,
                     .key = key,
                     .data = ""},
         NodeNumber(0), ReqId(42));
  }
  std::string TakeData() {
    bytes_ = TakeOne(client_);
    const auto packet = DecodePacket(bytes_);
    const auto* reply = packet.ok() ? std::get_if<CallReply>(&packet->body) : nullptr;
    EXPECT_NE(reply, nullptr);
    if (reply == nullptr) return "";
    EXPECT_EQ(packet->header.reqid, ReqId(42));
    EXPECT_EQ(reply->status, 0);
    return std::string(reply->data);
  }
  std::string bytes_;
  const ClientId client_ = Connect(1);
};

TEST_F(CallsTest, TheAnswerComesWhenTheRecordIsHere_REC6_ORD2) {
  settles_ = false;
  Call(CallFunction::kNull);
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Settle();
  EXPECT_EQ(TakeData(), "");
  EXPECT_EQ(databases_.Count<GetRecord>(), 1u);
}

TEST_F(CallsTest, ExecutesWhatIsAskedFor_CALL5) {
  databases_.databases[kLocking].records["key"] = "value";
  Call(CallFunction::kFetch);
  EXPECT_EQ(TakeData(), "value");
  Call(CallFunction::kFetch, "absent");
  EXPECT_EQ(TakeData(), "");
  Call(CallFunction::kFetchWithHeader);
  auto stored = ReadStored(TakeData());
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->header.dmaster, kOwn);
  Call(CallFunction::kFetchWithHeader, "absent");
  EXPECT_EQ(TakeData().size(), 24u) << "fewer bytes kill a process of a later Samba";
  Call(static_cast<CallFunction>(7));
  EXPECT_EQ(TakeData(), "");
  Call(CallFunction::kNull, "");
  EXPECT_EQ(TakeData(), "");
}

TEST_F(CallsTest, AFetchOfARecordThatIsNowhereMovesNothing_CALL5) {
  Call(CallFunction::kFetch, "absent");
  EXPECT_EQ(TakeData(), "");
  EXPECT_EQ(databases_.Count<GetRecord>(), 1u);
  EXPECT_EQ(databases_.Count<ReadRecord>(), 0u);
  EXPECT_EQ(databases_.Count<UsedRecord>(), 0u) << "it did not come";
}

TEST_F(CallsTest, AFetchOfAnotherNodesRecordIsAnsweredWithWhatThatHas_CALL5) {
  databases_.databases[kLocking].records["key"] = "theirs";
  databases_.moved.insert("key");
  Call(CallFunction::kFetch);
  EXPECT_EQ(TakeData(), "theirs");
  EXPECT_EQ(databases_.Count<ReadRecord>(), 0u);
  EXPECT_EQ(databases_.Count<UsedRecord>(), 0u) << "it did not come";
}

TEST_F(CallsTest, WhoWantsToWriteGetsTheRecordThatIsNowhere_CALL5) {
  Call(CallFunction::kNull, "absent");
  TakeData();
  EXPECT_FALSE(std::get<GetRecord>(databases_.history.back()).for_read);
}

TEST_F(CallsTest, IsNeverRefused_CALL13) {
  Call(CallFunction::kNull);
  TakeData();
  databases_.failures = 20;
  Call(CallFunction::kNull);
  Wait(absl::Milliseconds(100));
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Wait(absl::Seconds(10));
  EXPECT_EQ(TakeData(), "");
}

TEST_F(CallsTest, AnUnknownDatabaseIsAnError_CN20) {
  Call(CallFunction::kNull, "key", DbId(1));
  const std::string bytes = TakeOne(client_);
  const auto packet = DecodePacket(bytes);
  ASSERT_TRUE(packet.ok());
  EXPECT_TRUE(std::holds_alternative<ErrorReply>(packet->body));
}

TEST_F(CallsTest, ADatabaseThatTheServiceForgotIsAttachedAgain_DIS9) {
  Call(CallFunction::kNull);
  TakeData();
  const ModelDatabases::Database locking = databases_.databases[kLocking];
  databases_.databases.erase(kLocking);
  databases_.history.clear();
  settles_ = false;
  Call(CallFunction::kNull);
  Wait(absl::Milliseconds(1));
  databases_.databases[kLocking] = locking;
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeData(), "");
  EXPECT_EQ(databases_.Count<AttachDatabase>(), 1u);
}

TEST_F(CallsTest, WhoHasGoneGetsNoAnswer_CALL7) {
  settles_ = false;
  Call(CallFunction::kNull);
  Close(client_);
  EXPECT_THAT(sent_[client_], IsEmpty());
  EXPECT_EQ(databases_.Count<GetRecord>(), 1u);
}

TEST_F(CallsTest, EachNodeHasAFullCopyOfAPersistentDatabase) {
  databases_.databases[kSecrets].records["key"] = "value";
  Call(CallFunction::kFetch, "key", kSecrets);
  EXPECT_EQ(TakeData(), "value");
  EXPECT_EQ(databases_.Count<GetRecord>(), 0u);
}

}  // namespace
}  // namespace ctdb::samba
