// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// What clients ask about databases.

#include "lib/samba/database_payloads.h"
#include "lib/samba/record.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

class DatabaseHandlersTest : public ProxyFixture {
 protected:
  int32_t Flags(DbId id) {
    return Decode<NumberPayload<int32_t>>(Control(client_, Opcode::kDbOpenFlags, Id(id)).data)
        ->value;
  }
  const ClientId client_ = Connect(1);
};

TEST_F(DatabaseHandlersTest, KnowsDatabasesThatOthersHaveAttached_CT9) {
  EXPECT_EQ(Control(client_, Opcode::kGetDbName, Id(kLocking)).data, Text("locking.tdb"));
  EXPECT_EQ(Control(client_, Opcode::kGetDbPath, Id(kSecrets)).data,
            Text("/var/lib/ctdb/persistent/secrets.tdb.1"));
  EXPECT_EQ(Control(client_, Opcode::kGetDbPath, Id(DbId(1))).status, -1);
  EXPECT_EQ(Control(client_, Opcode::kDbGetHealth, Id(kLocking)).data, "");
  const auto map = Decode<DbMap>(Control(client_, Opcode::kGetDbMap).data);
  ASSERT_EQ(map->entries.size(), 2u);
  EXPECT_EQ(map->entries[0], (DbMapEntry{kSecrets, kDatabasePersistent}));
  EXPECT_EQ(map->entries[1], (DbMapEntry{kLocking, 0}));
}

TEST_F(DatabaseHandlersTest, SaysHowToOpenTheFile_CT10_SEQ1) {
  EXPECT_EQ(Flags(kLocking), 0x1C41);
  EXPECT_EQ(Control(client_, Opcode::kEnableSeqnum, Id(kLocking)).status, 0);
  EXPECT_EQ(Flags(kLocking), 0x1CC1);
  EXPECT_EQ(Flags(kSecrets), 0x400);
  databases_.Add({DbId(5), "other.tdb", DatabaseKind::kReplicated, "/other", 0});
  EXPECT_EQ(Flags(DbId(5)), 0xC41) << "what the original says of this kind";
}

TEST_F(DatabaseHandlersTest, ReadOnlyCopiesAreForVolatileDatabases_RO8) {
  EXPECT_EQ(Control(client_, Opcode::kSetDbReadOnly, Id(kLocking)).status, 0);
  EXPECT_EQ(Control(client_, Opcode::kSetDbReadOnly, Id(kSecrets)).status, -1);
  EXPECT_EQ(Control(client_, Opcode::kSetDbSticky, Id(kLocking)).status, 0);
  EXPECT_EQ(Control(client_, Opcode::kSetDbSticky, Id(kSecrets)).status, -1);
  const auto map = Decode<DbMap>(Control(client_, Opcode::kGetDbMap).data);
  EXPECT_EQ(map->entries[1].flags, kDatabaseReadOnly | kDatabaseSticky);
}

TEST_F(DatabaseHandlersTest, StatisticsHaveTenHotKeys) {
  DatabaseCounts counts{.locks = {.calls = 3}, .lock_wait = {.count = 3}, .copies_lent = 2};
  for (uint32_t i = 0; i < 12; ++i) counts.hot_records.push_back({"k", 100 - i});
  databases_.counts["locking.tdb"] = counts;
  const std::string data = Control(client_, Opcode::kGetDbStatistics, Id(kLocking)).data;
  EXPECT_EQ(data.size(), 464u + 10);
  const auto statistics = Decode<DbStatistics>(data);
  ASSERT_TRUE(statistics.ok());
  EXPECT_EQ(statistics->locks.calls, 3u);
  EXPECT_EQ(statistics->readonly_delegations, 2u);
  EXPECT_EQ(statistics->hot_keys[9], (HotKey{91, "k"}));
  EXPECT_EQ(Control(client_, Opcode::kGetDbStatistics, Id(kSecrets)).status, -1)
      << "the service does not say";
}

TEST_F(DatabaseHandlersTest, DeletionIsAccepted_DEL1) {
  const std::string deletion = Encode(ScheduleForDeletion{kLocking, {}, "key"});
  EXPECT_EQ(Control(client_, Opcode::kScheduleForDeletion, deletion).status, 0);
}

TEST_F(DatabaseHandlersTest, ASequenceNumberIsThatOfTheRecord_SEQ5) {
  EXPECT_EQ(Control(client_, Opcode::kGetDbSeqnum, Encode(SeqnumRequest{kSecrets})).data,
            std::string(8, '\0'));
  EXPECT_EQ(Control(client_, Opcode::kGetDbSeqnum, Encode(SeqnumRequest{DbId(1)})).status, -1);
}

}  // namespace
}  // namespace ctdb::samba
