// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb_pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "lib/store/io/lmdb.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class LmdbPagesTest : public testing::Test {
 protected:
  // Random work: deep trees, large values, free pages, tables that were emptied.
  void Make(int transactions) {
    MDB_env* env;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_mapsize(env, 1 << 30), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 4), 0);
    ASSERT_EQ(mdb_env_open(env, path_.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NOSYNC, 0600), 0);
    for (int i = 0; i < transactions; ++i) {
      LmdbTransaction txn;
      ASSERT_EQ(txn.Begin(env, 0), 0);
      for (const char* name : {"one", "two", "three"}) {
        MDB_dbi dbi;
        ASSERT_EQ(mdb_dbi_open(txn.get(), name, MDB_CREATE, &dbi), 0);
        for (int j = 0; j < 100; ++j) Change(txn.get(), dbi);
        if (random_() % 20 == 0) {
          ASSERT_EQ(mdb_drop(txn.get(), dbi, 0), 0);
        }
      }
      ASSERT_EQ(txn.Commit(), 0);
      const absl::Status status = CheckLmdbPages(path_);
      ASSERT_TRUE(status.ok()) << status;
    }
    mdb_env_close(env);
  }
  void Change(MDB_txn* txn, MDB_dbi dbi) {
    const std::string name = absl::StrCat(random_() % 3000, std::string(random_() % 400, 'k'));
    MDB_val key = LmdbView(name);
    if (random_() % 3 == 0) {
      mdb_del(txn, dbi, &key, nullptr);
      return;
    }
    const std::string text(random_() % 10 == 0 ? random_() % large_max_ : random_() % 100, 'v');
    MDB_val value = LmdbView(text);
    ASSERT_EQ(mdb_put(txn, dbi, &key, &value, 0), 0);
  }
  std::string Read() const {
    std::ostringstream bytes;
    bytes << std::ifstream(path_).rdbuf();
    return bytes.str();
  }
  void Write(const std::string& bytes) const { std::ofstream(path_) << bytes; }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/file";
  uint64_t large_max_ = 50'000;
  std::mt19937_64 random_{1};
};

TEST_F(LmdbPagesTest, WhatLmdbWritesIsSound) { Make(150); }

TEST_F(LmdbPagesTest, TruncatedFilesAreDamaged) {
  Make(5);
  const std::string bytes = Read();
  for (const size_t size : {size_t{0}, size_t{100}, size_t{4096}, size_t{8192}, bytes.size() / 2}) {
    Write(bytes.substr(0, size));
    EXPECT_TRUE(absl::IsDataLoss(CheckLmdbPages(path_))) << size;
  }
  Write(bytes);
  EXPECT_TRUE(CheckLmdbPages(path_).ok());
}

TEST_F(LmdbPagesTest, OtherFilesAreDamagedAndMissingOnesAreAnError) {
  EXPECT_TRUE(absl::IsNotFound(CheckLmdbPages(path_)));
  std::string garbage(100'000, '\0');
  Write(garbage);
  EXPECT_TRUE(absl::IsDataLoss(CheckLmdbPages(path_)));
  for (char& byte : garbage) byte = static_cast<char>(random_());
  Write(garbage);
  EXPECT_TRUE(absl::IsDataLoss(CheckLmdbPages(path_)));
}

// Read and written to by LMDB itself, which would crash.
TEST_F(LmdbPagesTest, WhatLooksSoundAfterRandomDamageDoesNotCrashLmdb) {
  large_max_ = 6'000;
  Make(3);
  const std::string bytes = Read();
  int sound = 0, damaged = 0;
  for (int i = 0; i < 400; ++i) {
    std::string changed = bytes;
    // Half of them where structure is: at the beginnings of pages.
    const size_t page = random_() % (bytes.size() / 4096) * 4096;
    const size_t offset = i % 2 == 0 ? page + random_() % 64 : random_() % bytes.size();
    changed[offset] ^= static_cast<char>(1 << random_() % 8);
    Write(changed);
    const absl::Status status = CheckLmdbPages(path_);
    ASSERT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
    ++(status.ok() ? sound : damaged);
    if (status.ok()) Make(1);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(sound, 20);
  // Most of the rest hits free pages and contents.
  EXPECT_GT(damaged, 30);
}

}  // namespace
}  // namespace ctdb::store
