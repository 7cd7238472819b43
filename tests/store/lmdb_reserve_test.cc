// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb_reserve.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/file_space.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

constexpr uint64_t kMapBytes = 16 * 1024 * 1024;
constexpr LmdbAdvice kAdvice = {"delete something", "make it anew"};

// A file with one table, of the full size from the beginning.
class LmdbReserveTest : public testing::Test {
 protected:
  LmdbReserveTest() : path_(directory_.path() + "/reserve") {
    mdb_env_create(&env_);
    mdb_env_set_mapsize(env_, kMapBytes);
    EXPECT_EQ(mdb_env_open(env_, path_.c_str(), MDB_NOSUBDIR | MDB_NOSYNC, 0600), MDB_SUCCESS);
    int fd;
    mdb_env_get_fd(env_, &fd);
    EXPECT_TRUE(SetFileSize(fd, kMapBytes, path_).ok());
    LmdbTransaction txn;
    EXPECT_EQ(txn.Begin(env_, 0), MDB_SUCCESS);
    EXPECT_EQ(mdb_dbi_open(txn.get(), nullptr, 0, &dbi_), MDB_SUCCESS);
    EXPECT_EQ(txn.Commit(), MDB_SUCCESS);
    reserve_.emplace(env_, path_, kAdvice);
  }
  ~LmdbReserveTest() override { mdb_env_close(env_); }

  absl::Status Put(const std::string& key, const std::string& value) {
    LmdbTransaction txn;
    EXPECT_EQ(txn.Begin(env_, 0), MDB_SUCCESS);
    MDB_val name = LmdbView(key);
    MDB_val data = LmdbView(value);
    const int result = mdb_put(txn.get(), dbi_, &name, &data, 0);
    if (result != MDB_SUCCESS) return absl::InternalError("LMDB itself was full");
    CTDB_RETURN_IF_ERROR(reserve_->Keep(txn, dbi_, key.size() + value.size()));
    EXPECT_EQ(txn.Commit(), MDB_SUCCESS);
    return absl::OkStatus();
  }
  int Delete(const std::string& key) {
    LmdbTransaction txn;
    EXPECT_EQ(txn.Begin(env_, 0), MDB_SUCCESS);
    MDB_val name = LmdbView(key);
    const int result = mdb_del(txn.get(), dbi_, &name, nullptr);
    return result == MDB_SUCCESS ? txn.Commit() : result;
  }
  uint64_t FileEnd() {
    MDB_envinfo info;
    mdb_env_info(env_, &info);
    return (info.me_last_pgno + 1) * 4096;
  }

  const TestDirectory directory_;
  const std::string path_;
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
  std::optional<LmdbReserve> reserve_;
};

TEST_F(LmdbReserveTest, TheFileSystemHasGivenTheSpaceThatTheNextTransactionsNeed) {
  ASSERT_TRUE(Put("key", std::string(100'000, 'x')).ok());
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_GE(static_cast<uint64_t>(info.st_blocks) * 512, FileEnd() + kReserveBytes);
}

TEST_F(LmdbReserveTest, WhatWouldUseUpTheMapIsRefusedAndEverythingCanBeDeleted) {
  const std::string value(100'000, 'x');
  int count = 0;
  absl::Status full = Put("key0", value);
  for (; full.ok(); full = Put(absl::StrCat("key", count), value)) ++count;
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  EXPECT_TRUE(absl::StrContains(full.message(), path_)) << full;
  EXPECT_TRUE(absl::StrContains(full.message(), kAdvice.when_full)) << full;
  EXPECT_GT(count, 100);
  for (int i = 0; i < count; ++i) ASSERT_EQ(Delete(absl::StrCat("key", i)), MDB_SUCCESS) << i;
  EXPECT_TRUE(Put("new", value).ok());
}

}  // namespace
}  // namespace ctdb::store
