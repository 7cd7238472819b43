// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_tables.h"

#include <gtest/gtest.h>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

using store::LmdbTransaction;

class ReplicaTablesTest : public testing::Test {
 protected:
  ReplicaTablesTest() {
    EXPECT_EQ(tables_.Open(1 << 24, MDB_NOSYNC, /*is_new=*/true), absl::OkStatus());
    EXPECT_EQ(tables_.Begin(txn_, 0), absl::OkStatus());
    meta_.transaction = mdb_txn_id(txn_.get());
    Put(tables_.meta(), kMetaName, MetaBytes(meta_));
  }
  void Put(MDB_dbi dbi, absl::string_view name, absl::string_view bytes) {
    EXPECT_EQ(tables_.Put(txn_, dbi, name, bytes), absl::OkStatus());
  }
  absl::Status Read() {
    contents_ = {};
    return ReadContents(tables_, txn_, contents_);
  }
  void ExpectDamage(absl::string_view text) {
    const absl::Status status = Read();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(status.message().find(text), absl::string_view::npos) << status;
  }

  const FileDirectory directory_;
  Tables tables_{directory_.path() + "/file"};
  LmdbTransaction txn_;
  Meta meta_;
  Contents contents_;
};

TEST_F(ReplicaTablesTest, CursorGoesFromSlotToSlotAndStartsBehindAKey) {
  const std::vector<std::string> keys = {"a", "b", "c", std::string(1000, 'd')};
  for (const std::string& key : keys) {
    Put(tables_.records(0), RecordName(key), RecordBytes(key, At(1, 1), "value"));
  }
  std::vector<std::string> seen;
  RecordView record;
  {
    RecordCursor cursor;
    ASSERT_EQ(cursor.Seek(tables_, txn_, 0, ""), absl::OkStatus());
    while (*cursor.Next(record)) seen.emplace_back(record.key);
  }
  EXPECT_EQ(seen.size(), keys.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    RecordCursor cursor;
    ASSERT_EQ(cursor.Seek(tables_, txn_, SlotNumberOf(seen[i]), seen[i]), absl::OkStatus());
    ASSERT_EQ(*cursor.Next(record), i + 1 < seen.size());
    if (i + 1 < seen.size()) {
      EXPECT_EQ(record.key, seen[i + 1]);
    }
  }
}

TEST_F(ReplicaTablesTest, RecordsThatContradictTheirDigestsAreDamage) {
  EXPECT_EQ(Read(), absl::OkStatus());
  Put(tables_.records(0), RecordName("a"), RecordBytes("a", At(1, 1), "value"));
  ExpectDamage("digest");
  Put(tables_.digests(), SlotName(SlotNumberOf("a")),
      DigestBytes(FingerprintOf("a", At(1, 1), "value")));
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(contents_.digests.whole(), FingerprintOf("a", At(1, 1), "value"));
  Put(tables_.digests(), "abc", DigestBytes({1, 1}));
  ExpectDamage("of no slot");
}

TEST_F(ReplicaTablesTest, RecordsUnderWrongNamesAreDamage) {
  Put(tables_.records(0), RecordName("a"), RecordBytes("b", At(1, 1), "value"));
  ExpectDamage("a record");
}

TEST_F(ReplicaTablesTest, LogThatEndsElsewhereIsDamage) {
  Put(tables_.log(), PositionName(At(1, 1)), EntryBytes(EntryAt(At(1, 1), {})));
  ExpectDamage("the log ends at 1:1");
  meta_.position = At(1, 1);
  Put(tables_.meta(), kMetaName, MetaBytes(meta_));
  EXPECT_EQ(Read(), absl::OkStatus());
  EXPECT_EQ(contents_.log.end(), At(1, 1));
  meta_.tokens_base = At(1, 1);
  Put(tables_.meta(), kMetaName, MetaBytes(meta_));
  ExpectDamage("no order");
}

TEST_F(ReplicaTablesTest, BeginningOfAnotherTransactionIsDamage) {
  meta_.transaction += 2;
  meta_.position = At(1, 1);
  Put(tables_.meta(), kMetaName, MetaBytes(meta_));
  ASSERT_EQ(txn_.Commit(), MDB_SUCCESS);
  ASSERT_EQ(tables_.Begin(txn_, 0), absl::OkStatus());
  ExpectDamage("of transaction");
  // It is known where it stood nevertheless.
  EXPECT_EQ(contents_.meta.position, At(1, 1));
}

TEST_F(ReplicaTablesTest, FileWithoutItsTablesIsDamaged) {
  Tables tables(directory_.path() + "/other");
  MDB_env* env;
  ASSERT_EQ(mdb_env_create(&env), 0);
  ASSERT_EQ(mdb_env_open(env, tables.path().c_str(), MDB_NOSUBDIR, 0600), 0);
  mdb_env_close(env);
  EXPECT_TRUE(absl::IsDataLoss(tables.Open(1 << 24, 0, /*is_new=*/false)));
}

}  // namespace
}  // namespace ctdb::replica
