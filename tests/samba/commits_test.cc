// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/commits.h"

#include "lib/samba/commit.h"
#include "lib/samba/database_payloads.h"
#include "tests/samba/proxy_fixture.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

using testing::IsEmpty;

std::string Bytes(uint64_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

class CommitsTest : public ProxyFixture {
 protected:
  static std::string Buffer(absl::string_view value, uint64_t sequence, DbId db_id = kSecrets) {
    RecordBufferBuilder builder(db_id);
    builder.Add({.key = "key", .data = Encode(StoredRecord{{.rsn = sequence}, value})});
    const std::string number = Bytes(sequence);
    builder.Add({.key = kSequenceKey, .data = Encode(StoredRecord{{.rsn = sequence}, number})});
    return std::string(builder.bytes());
  }
  void Commit(ClientId client, const std::string& buffer) {
    Send(client, Request(Opcode::kTrans3Commit, buffer, kSecrets.value()));
  }
  std::string Stored(const std::string& key) { return databases_.databases[kSecrets].records[key]; }
  const ClientId client_ = Connect(1);
};

TEST_F(CommitsTest, StoresWhatAnUnmodifiedClientSends) {
  const DbId id(0x5333229E);
  databases_.Add({id, "test.tdb", DatabaseKind::kPersistent, "/test.tdb.1", 0x400});
  SendBytes(client_, FromHex(kHexTrans3Commit));
  EXPECT_EQ(TakeReply(client_)->status, 0);
  EXPECT_EQ(databases_.databases[id].records[std::string("k1\0", 3)], "v1-0");
  const std::string sequence =
      Control(client_, Opcode::kGetDbSeqnum, Encode(SeqnumRequest{id})).data;
  EXPECT_EQ(sequence, Bytes(1));
}

TEST_F(CommitsTest, TheLaterEntryCountsAndAnEmptyOneDeletes) {
  Commit(client_, Buffer("one", 1));
  EXPECT_EQ(TakeReply(client_)->status, 0);
  Commit(client_, Buffer("", 2));
  EXPECT_EQ(TakeReply(client_)->status, 0);
  EXPECT_FALSE(databases_.databases[kSecrets].records.contains("key"));
}

TEST_F(CommitsTest, NoAnswerBeforeItIsKnown_TXN5) {
  databases_.loses_next_commit = true;
  Commit(client_, Buffer("one", 1));
  EXPECT_THAT(TakeBytes(client_), IsEmpty()) << "it may have happened";
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeReply(client_)->status, 0);
  EXPECT_EQ(Stored("key"), "one");
}

TEST_F(CommitsTest, WhatDidNotHappenIsSentAgain_TXN5) {
  for (const Verdict verdict : {Verdict::kUnknown, Verdict::kNotCommitted, Verdict::kClosed}) {
    const uint64_t next = databases_.databases[kSecrets].sequence + 1;
    databases_.next_verdict = verdict;
    Commit(client_, Buffer("value", next));
    Wait(absl::Seconds(2));
    EXPECT_EQ(TakeReply(client_)->status, 0);
    EXPECT_EQ(databases_.databases[kSecrets].sequence, next) << "it has happened once";
  }
}

TEST_F(CommitsTest, WhileNothingCanBeDecidedItIsHeld_TXN6) {
  Control(client_, Opcode::kGetDbName, Id(kSecrets));
  databases_.failures = 100;
  Commit(client_, Buffer("one", 1));
  Wait(absl::Seconds(5));
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Wait(absl::Seconds(60));
  EXPECT_EQ(TakeReply(client_)->status, 0);
}

TEST_F(CommitsTest, TwoAtATimeHappenOneAfterTheOther_TXN8) {
  const ClientId other = Connect(2);
  settles_ = false;
  Commit(client_, Buffer("mine", 1));
  Commit(other, Buffer("yours", 1));
  Settle();
  EXPECT_EQ(TakeReply(client_)->status, 0);
  EXPECT_THAT(TakeBytes(other), IsEmpty()) << "it is refused slowly: its client asks again";
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeReply(other)->status, -1);
  EXPECT_EQ(Stored("key"), "mine");
}

TEST_F(CommitsTest, IsFinishedForWhoHasGone_TXN7) {
  settles_ = false;
  Commit(client_, Buffer("one", 1));
  Close(client_);
  EXPECT_EQ(Stored("key"), "one");
}

// How it gets there is the business of who carries it.
TEST_F(CommitsTest, SeveralMebibytesAreOneTransaction_TXN9) {
  const std::string large(5 << 20, 'x');
  Commit(client_, Buffer(large, 1));
  EXPECT_EQ(TakeReply(client_)->status, 0);
  EXPECT_TRUE(Stored("key") == large);
}

TEST_F(CommitsTest, WhatTheServiceCannotTakeIsRefusedWithItsReason_TXN9) {
  databases_.next_verdict = Verdict::kInvalid;
  Commit(client_, Buffer("too large", 1));
  Wait(absl::Seconds(1));
  EXPECT_EQ(TakeReply(client_)->status, -1);
  ASSERT_FALSE(log_.empty());
  EXPECT_THAT(log_.back(), testing::HasSubstr("told so by the test"));
  Commit(client_, Buffer("small", 1));
  EXPECT_EQ(TakeReply(client_)->status, 0) << "others go on";
}

TEST_F(CommitsTest, VolatileAndUnknownDatabasesHaveNone_TXN1) {
  Commit(client_, Buffer("one", 1, kLocking));
  EXPECT_EQ(TakeReply(client_)->status, -1);
  Commit(client_, Buffer("one", 1, DbId(1)));
  EXPECT_EQ(TakeReply(client_)->status, -1);
  RecordBufferBuilder headless(kSecrets);
  headless.Add({.key = "key", .data = "short"});
  Commit(client_, std::string(headless.bytes()));
  EXPECT_EQ(TakeReply(client_)->status, -1);
}

}  // namespace
}  // namespace ctdb::samba
