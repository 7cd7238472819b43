// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What a store of Samba's files begins with.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

class TdbStoreOpenTest : public testing::Test {
 protected:
  uint64_t Inode() const {
    struct stat info = {};
    ::stat(options_.path.c_str(), &info);
    return info.st_ino;
  }
  const TestDirectory directory_;
  TdbStore::Options options_ = TdbOptions(directory_);
};

TEST_F(TdbStoreOpenTest, ANewFileIsAsSambaExpectsIt_DB14_DB15) {
  options_.hash_size = 100001;
  const auto store = MustOpenTdb(options_);
  struct stat info = {};
  ASSERT_EQ(::stat(options_.path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(store->open_flags(), UsableVolatileFlags());
  std::string header = *ReadFile(options_.path, 64 << 20);
  uint32_t hash_size = 0;
  std::memcpy(&hash_size, header.data() + 36, sizeof(hash_size));
  EXPECT_EQ(hash_size, 100001u) << "DB-20";
}

TEST_F(TdbStoreOpenTest, AFileThatNobodyHasOpenIsMadeAnew_DB18) {
  ASSERT_TRUE(PutTdb(*MustOpenTdb(options_), "key", HeaderOf(kTestNode, 1), "v").ok());
  const auto store = MustOpenTdb(options_);
  EXPECT_EQ(Get(*store, "key"), std::nullopt);
}

// The service behind smbd's proxy is started again: smbd keeps its file (DIS-9, RCV-1).
TEST_F(TdbStoreOpenTest, AFileThatSmbdHasOpenIsTakenOverAndNobodyGoesOnMeanwhile_RCV1_DIS9) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.Stored("key").has_value(); },
                                   [](SmbdPart& file) {
                                     file.Lock("key");
                                     const bool is = file.IsUsable(file.Stored("key"));
                                     file.Unlock("key");
                                     return is;
                                   }});
  auto store = MustOpenTdb(options_);
  ASSERT_TRUE(PutTdb(*store, "key", HeaderOf(kTestNode, 5), "v").ok());
  Serve(*store);
  EXPECT_TRUE(smbd.Do());
  const uint64_t inode = Inode();
  store.reset();
  store = MustOpenTdb(options_);
  EXPECT_EQ(Inode(), inode);
  EXPECT_TRUE(store->IsFrozen());
  EXPECT_EQ(store->Statistics()->records, 1u);
  smbd.Begin();
  // The node is a member without a break since before: the record is still its.
  store->SetOwnedSince(Epoch(4));
  Serve(*store);
  EXPECT_TRUE(smbd.End());
}

TEST_F(TdbStoreOpenTest, AFileThatIsNoneIsMadeAnew) {
  ASSERT_TRUE(WriteFileAtomically(options_.path, std::string(5000, 'x')).ok());
  const auto store = MustOpenTdb(options_);
  ASSERT_NE(store, nullptr);
  EXPECT_TRUE(PutTdb(*store, "key", HeaderOf(kTestNode, 1), "v").ok());
}

TEST_F(TdbStoreOpenTest, WhatSmbdHasOpenAndIsDamagedIsMovedAwayWithAWord) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.is_open(); }});
  Reports reports;
  options_.report = reports.Collector();
  auto store = MustOpenTdb(options_);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(
        PutTdb(*store, absl::StrCat("k", i), HeaderOf(kTestNode, 5), std::string(1000, 'v')).ok());
  }
  Serve(*store);
  ASSERT_TRUE(smbd.Do());
  const uint64_t bytes = store->Statistics()->memory_bytes;
  store.reset();
  {
    const int fd = ::open(options_.path.c_str(), O_RDWR | O_CLOEXEC);
    const std::string garbage(20000, 'x');
    ASSERT_EQ(
        ::pwrite(fd, garbage.data(), garbage.size(), static_cast<off_t>(bytes - garbage.size())),
        static_cast<ssize_t>(garbage.size()));
    ::close(fd);
  }
  store = MustOpenTdb(options_);
  ASSERT_NE(store, nullptr);
  EXPECT_THAT(reports.text(), testing::HasSubstr(absl::StrCat("process ", smbd.pid())));
  struct stat info = {};
  EXPECT_EQ(::stat((options_.path + ".abandoned").c_str(), &info), 0);
  EXPECT_EQ(Get(*store, "k1"), std::nullopt);
}

TEST_F(TdbStoreOpenTest, ADirectoryThatIsMissingIsNamed) {
  options_.path = directory_.path() + "/nowhere/locking.tdb.3";
  const absl::Status status = TdbStore::Open(options_).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(options_.path));
}

}  // namespace
}  // namespace ctdb::store
