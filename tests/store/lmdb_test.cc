// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

constexpr LmdbAdvice kAdvice = {"make it larger", "throw it away"};

TEST(LmdbTest, ErrorsSayWhatWasTriedAndWhatToDo) {
  EXPECT_TRUE(LmdbStatus(MDB_SUCCESS, "read", "file", kAdvice).ok());
  EXPECT_EQ(LmdbStatus(MDB_MAP_FULL, "write", "file", kAdvice),
            absl::ResourceExhaustedError("cannot write file: make it larger"));
  EXPECT_TRUE(absl::IsResourceExhausted(LmdbStatus(ENOSPC, "write", "file", kAdvice)));
  const absl::Status damaged = LmdbStatus(MDB_CORRUPTED, "read", "file", kAdvice);
  EXPECT_TRUE(absl::IsDataLoss(damaged));
  EXPECT_NE(damaged.message().find("; throw it away"), absl::string_view::npos) << damaged;
  EXPECT_TRUE(absl::IsPermissionDenied(LmdbStatus(EACCES, "open", "file", kAdvice)));
}

class LmdbFileTest : public testing::Test {
 protected:
  LmdbFileTest() {
    EXPECT_TRUE(AllocateLmdbLockFile(path_, 10).ok());
    EXPECT_EQ(mdb_env_create(&env_), 0);
    EXPECT_EQ(mdb_env_set_maxreaders(env_, 10), 0);
    EXPECT_EQ(mdb_env_open(env_, path_.c_str(), MDB_NOSUBDIR | MDB_NOTLS, 0600), 0);
  }
  ~LmdbFileTest() override { mdb_env_close(env_); }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/file";
  MDB_env* env_ = nullptr;
};

TEST_F(LmdbFileTest, KeysAreAsLongAsPromised) {
  EXPECT_EQ(static_cast<size_t>(mdb_env_get_maxkeysize(env_)), kLmdbKeyBytesMax);
}

TEST_F(LmdbFileTest, LockFileHasAllOfItsSpaceBeforeItIsMapped) {
  EXPECT_GE(std::filesystem::file_size(path_ + "-lock"), 10u * 64);
}

TEST_F(LmdbFileTest, OnlyCommittedTransactionsCount) {
  MDB_dbi dbi;
  for (const bool is_committed : {false, true}) {
    LmdbTransaction txn;
    ASSERT_EQ(txn.Begin(env_, 0), 0);
    ASSERT_EQ(mdb_dbi_open(txn.get(), nullptr, 0, &dbi), 0);
    MDB_val key = LmdbView(is_committed ? "yes" : "no");
    MDB_val value = LmdbView("value");
    ASSERT_EQ(mdb_put(txn.get(), dbi, &key, &value, 0), 0);
    if (is_committed) {
      ASSERT_EQ(txn.Commit(), 0);
    }
  }
  LmdbTransaction txn;
  ASSERT_EQ(txn.Begin(env_, MDB_RDONLY), 0);
  LmdbCursor cursor;
  ASSERT_EQ(cursor.Open(txn, dbi), 0);
  absl::string_view key, value;
  ASSERT_EQ(cursor.Get(key, value, MDB_FIRST), 0);
  EXPECT_EQ(key, "yes");
  EXPECT_EQ(value, "value");
  EXPECT_EQ(cursor.Get(key, value, MDB_NEXT), MDB_NOTFOUND);
}

}  // namespace
}  // namespace ctdb::store
