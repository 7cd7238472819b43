// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

class TdbFileTest : public testing::Test {
 protected:
  std::unique_ptr<TdbFile> Open() {
    auto file = TdbFile::Open(options_);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : nullptr;
  }
  const TestDirectory directory_;
  TdbFile::Options options_ = {.path = directory_.path() + "/x.tdb.0",
                               .flags = UsableVolatileFlags(),
                               .hash_size = kTestChains,
                               .create = true};
};

TEST_F(TdbFileTest, AChainIsLockedByItsNumberAsByAKeyInIt) {
  const auto try_lock = [](const char* key) {
    return [key](SmbdPart& file) {
      const bool is_locked = file.TryLock(key);
      if (is_locked) file.Unlock(key);
      return is_locked;
    };
  };
  SmbdProcess other(options_.path, {try_lock("key"), try_lock("another"), try_lock("key")});
  const auto file = Open();
  const uint32_t chain = file->ChainOf("key");
  ASSERT_NE(chain, file->ChainOf("another"));
  ASSERT_TRUE(file->TryLockChain(chain).ok());
  EXPECT_EQ(file->HolderOf(chain), ::getpid());
  EXPECT_EQ(file->FirstHolder(), ::getpid());
  EXPECT_FALSE(other.Do());
  EXPECT_TRUE(other.Do());
  file->UnlockChain(chain);
  EXPECT_EQ(file->FirstHolder(), 0);
  EXPECT_TRUE(other.Do());
}

TEST_F(TdbFileTest, EachRecordIsInOneChain) {
  const auto file = Open();
  std::set<std::string> keys;
  for (int i = 0; i < 300; ++i) {
    const std::string key = absl::StrCat("key ", i);
    keys.insert(key);
    ASSERT_TRUE(file->Put(key, "header", "value").ok());
  }
  std::set<std::string> seen;
  for (uint32_t chain = 0; chain < file->chains(); ++chain) {
    ASSERT_TRUE(file->VisitChain(chain,
                                 [&](absl::string_view key, absl::string_view stored) {
                                   EXPECT_EQ(stored, "headervalue");
                                   EXPECT_TRUE(seen.insert(std::string(key)).second) << key;
                                 })
                    .ok());
  }
  EXPECT_EQ(seen, keys);
}

TEST_F(TdbFileTest, EmptyChainsAreKnownWithoutTheirLocks_DB20) {
  for (const uint32_t flags : {UsableVolatileFlags(), UsableVolatileFlags() & ~kTdbMutexFlag}) {
    options_.path = absl::StrCat(directory_.path(), "/", flags);
    options_.flags = flags;
    const auto file = Open();
    EXPECT_THAT(file->UsedChains(0, file->chains()), testing::IsEmpty());
    std::set<uint32_t> wanted;
    for (int i = 0; i < 20; ++i) {
      const std::string key = absl::StrCat("key ", i);
      ASSERT_TRUE(file->Put(key, "header", "value").ok());
      wanted.insert(file->ChainOf(key));
    }
    EXPECT_THAT(file->UsedChains(0, file->chains()), testing::ElementsAreArray(wanted));
    const uint32_t first = *wanted.begin();
    EXPECT_THAT(file->UsedChains(first, first + 1), testing::ElementsAre(first));
    EXPECT_THAT(file->UsedChains(first + 1, first + 1), testing::IsEmpty());
  }
}

TEST_F(TdbFileTest, AFileOfAnotherKindIsRefusedWithWhatToDo) {
  ASSERT_TRUE(WriteFileAtomically(options_.path, std::string(5000, 'x')).ok());
  options_.create = false;
  options_.flags = kTdbPersistentFlags;
  const absl::Status status = TdbFile::Open(options_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("move it away"));
}

TEST_F(TdbFileTest, AFileOfAnotherVersionIsRefused) {
  options_.flags = kTdbPersistentFlags;
  ASSERT_TRUE(Open()->Put("key", "header", "value").ok());
  std::string bytes = *ReadFile(options_.path, 1 << 20);
  bytes[32] = static_cast<char>(bytes[32] + 1);  // DB-20
  ASSERT_TRUE(WriteFileAtomically(options_.path, bytes).ok());
  options_.create = false;
  EXPECT_TRUE(absl::IsFailedPrecondition(TdbFile::Open(options_).status()));
}

TEST_F(TdbFileTest, AMissingFileIsNotFound) {
  options_.create = false;
  EXPECT_TRUE(absl::IsNotFound(TdbFile::Open(options_).status()));
}

TEST_F(TdbFileTest, ADamagedFileIsFoundOutByCheckAndByWhoReadsIt) {
  options_.flags = kTdbPersistentFlags;
  {
    const auto file = Open();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(file->Put(absl::StrCat("key ", i), "header", "value").ok());
    }
    EXPECT_EQ(file->Check(), absl::OkStatus());
  }
  std::string bytes = *ReadFile(options_.path, 1 << 20);
  for (size_t at = 2000; at < bytes.size(); ++at) bytes[at] = 'x';
  ASSERT_TRUE(WriteFileAtomically(options_.path, bytes).ok());
  options_.create = false;
  const auto file = Open();
  EXPECT_TRUE(absl::IsDataLoss(file->Check()));
  std::string stored;
  EXPECT_FALSE(file->Get("key 1", stored).value_or(false));
}

TEST_F(TdbFileTest, ATransactionIsAllOrNothing_DB26) {
  options_.flags = kTdbPersistentFlags;
  const auto file = Open();
  ASSERT_TRUE(file->BeginTransaction().ok());
  EXPECT_TRUE(file->Put("a", "h", "1").ok());
  EXPECT_TRUE(file->PrepareCommit().ok());
  EXPECT_TRUE(file->Commit().ok());
  ASSERT_TRUE(file->BeginTransaction().ok());
  EXPECT_TRUE(file->Put("a", "h", "2").ok());
  EXPECT_TRUE(file->Put("b", "h", "2").ok());
  EXPECT_TRUE(file->PrepareCommit().ok());
  file->Cancel();
  std::string stored;
  EXPECT_TRUE(*file->Get("a", stored));
  EXPECT_EQ(stored, "h1");
  EXPECT_FALSE(*file->Get("b", stored));
}

// libtdb removes the old value first.
int FillTheDisk(TdbFile::Options options, const std::string& directory) {
  // Root needs no user namespace for it, and others are nobody in theirs.
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=1m") != 0) {
    return 77;
  }
  options.path = directory + "/small.tdb.0";
  auto file = TdbFile::Open(options);
  if (!file.ok()) return 1;
  if (!(*file)->Put("key", "header", std::string(1000, 'v')).ok()) return 2;
  absl::Status full;
  for (int i = 0; full.ok() && i < 100000; ++i) {
    full = (*file)->Put(absl::StrCat("other ", i), "header", std::string(1000, 'x'));
  }
  if (!absl::IsResourceExhausted(full)) {
    std::cerr << full << "\n";
    return 3;
  }
  full = (*file)->Put("key", "header", std::string(9000, 'w'));
  if (!absl::IsResourceExhausted(full)) {
    std::cerr << full << "\n";
    return 4;
  }
  std::string stored;
  if (!(*file)->Get("key", stored).value_or(false)) return 5;
  return stored == "header" + std::string(1000, 'v') ? 0 : 6;
}

TEST_F(TdbFileTest, WhatDoesNotFitOnTheDiskLeavesTheRecordAsItWas) {
  const pid_t child = Fork([&] { ::_exit(FillTheDisk(options_, directory_.path())); });
  const int status = WaitForEnd(child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "only root can mount";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace ctdb::store
