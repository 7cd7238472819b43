// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/traverses.h"

#include "lib/samba/record.h"
#include "lib/samba/srvid.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TraversesTest : public ProxyFixture {
 protected:
  static constexpr uint64_t kSrvid = 0x0dfaaa101d201e06;

  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      databases_.databases[kLocking].records[std::string(1, static_cast<char>('a' + i))] = "value";
    }
  }
  void Start(DbId db_id = kLocking) {
    start_ = Encode(TraverseStart{db_id, ReqId(4), ChannelId(kSrvid)});
    Send(client_, Request(Opcode::kTraverseStart, start_, kSrvid), kCurrentNode, ReqId(5));
  }
  // The keys of the messages; "" is the end mark.
  std::vector<std::string> Keys(const std::vector<std::string>& packets) {
    std::vector<std::string> keys;
    for (const std::string& bytes : packets) {
      const auto packet = DecodePacket(bytes);
      const auto* message = packet.ok() ? std::get_if<Message>(&packet->body) : nullptr;
      if (message == nullptr) continue;
      EXPECT_EQ(message->srvid, ChannelId(kSrvid));
      const auto record = Decode<TraverseRecord>(message->data);
      EXPECT_TRUE(record.ok()) << record.status();
      EXPECT_EQ(record->record.reqid, ReqId(4));
      keys.push_back(std::string(record->record.key));
    }
    return keys;
  }
  std::string start_;
  const ClientId client_ = Connect(1);
};

TEST_F(TraversesTest, TheReplyComesFirstAndTheEndMarkLast_TRV1_ORD4) {
  Fill(5);
  Start();
  const std::vector<std::string> packets = TakeBytes(client_);
  ASSERT_THAT(packets, SizeIs(7));
  const auto first = DecodePacket(packets[0]);
  EXPECT_EQ(std::get<ControlReply>(first->body).status, 0);
  EXPECT_THAT(Keys(packets), ElementsAre("a", "b", "c", "d", "e", ""));
}

TEST_F(TraversesTest, RecordsHaveAHeaderWithTheirOwner_TRV3) {
  Fill(1);
  Start();
  const std::string bytes = TakeBytes(client_)[1];
  const auto packet = DecodePacket(bytes);
  const auto record = Decode<TraverseRecord>(std::get<Message>(packet->body).data);
  const auto stored = ReadStored(record->record.data);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->header.dmaster, kOther);
  EXPECT_EQ(stored->value, "value");
}

TEST_F(TraversesTest, ASlowReaderIsWaitedFor_TRV5) {
  Fill(5);
  queued_bytes_ = Traverses::kQueueBytesMax + 1;
  Start();
  Wait(absl::Seconds(3600));
  EXPECT_THAT(TakeBytes(client_), SizeIs(1)) << "only the reply";
  queued_bytes_ = 0;
  proxy_.OnDrained(client_, now_);
  Settle();
  EXPECT_THAT(Keys(TakeBytes(client_)), SizeIs(6));
}

TEST_F(TraversesTest, StopsWhenItsClientGoes_TRV7) {
  Fill(20);
  settles_ = false;
  Start();
  Close(client_);
  EXPECT_EQ(proxy_.traverses().size(), 0u);
  EXPECT_EQ(databases_.Count<ListRecords>(), 0u);
}

TEST_F(TraversesTest, ANodeThatLeavesMeanwhileHasNoRecords_TRV9) {
  Fill(5);
  databases_.first_node = kOwn;
  Control(client_, Opcode::kGetDbName, Id(kLocking));
  databases_.failures = 1000000;
  Start();
  Wait(absl::Seconds(1));
  SetFlags(kOther, kNodeDisconnected);
  Wait(absl::Milliseconds(200));
  databases_.failures = 0;
  Wait(absl::Seconds(1));
  EXPECT_THAT(Keys(TakeBytes(client_)), ElementsAre("a", "b", "c", "d", "e", ""));
}

TEST_F(TraversesTest, WaitsForTheEndOfARecoveryButNotForEver_TRV9) {
  Fill(1);
  state_.is_recovering = true;
  Tell();
  Start();
  Wait(absl::Seconds(19));
  EXPECT_THAT(TakeBytes(client_), SizeIs(1)) << "only the reply";
  Wait(absl::Seconds(2));
  EXPECT_THAT(Keys(TakeBytes(client_)), ElementsAre("a", ""));
}

TEST_F(TraversesTest, NobodyElseGetsTheRecords_TRV10) {
  const ClientId all = Connect(2);
  Control(all, Opcode::kRegisterSrvid, "", kSrvidAll.value());
  Fill(3);
  Start();
  EXPECT_THAT(TakeBytes(all), IsEmpty());
}

TEST_F(TraversesTest, SeveralAtOnceAreIndependent_TRV8) {
  Fill(3);
  settles_ = false;
  Start();
  Start();
  Settle();
  EXPECT_THAT(Keys(TakeBytes(client_)), SizeIs(8));
}

TEST_F(TraversesTest, AnUnknownDatabaseIsRefused_TRV8) {
  Start(DbId(1));
  EXPECT_EQ(TakeReply(client_)->status, -1);
}

TEST_F(TraversesTest, OneNodeIsEnoughForAPersistentDatabase_TRV4) {
  databases_.first_node = kOwn;
  databases_.databases[kSecrets].records["key"] = "value";
  Start(kSecrets);
  EXPECT_THAT(Keys(TakeBytes(client_)), ElementsAre("key", ""));
  EXPECT_EQ(databases_.Count<ListRecords>(), 1u);
}

}  // namespace
}  // namespace ctdb::samba
