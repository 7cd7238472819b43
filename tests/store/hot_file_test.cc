// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "lib/base/io/unique_fd.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class HotFileTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(HotFile::Open(directory_.Options()).ok()); }

  void Overwrite(size_t offset, uint64_t value) {
    const UniqueFd fd(::open(path_.c_str(), O_RDWR));
    ASSERT_EQ(::pwrite(fd.get(), &value, sizeof(value), static_cast<off_t>(offset)), 8);
  }
  absl::Status Attach() const {
    return HotFile::Open(directory_.Options(OpenMode::kExisting)).status();
  }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/test.hot";
};

TEST_F(HotFileTest, MissingDatabaseIsNotFoundWithAdvice) {
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  const absl::Status status = Attach();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "daemon running")) << status;
}

TEST_F(HotFileTest, ExistingDatabaseKeepsItsIdentityAndSize) {
  const uint64_t generation = HotFile::Open(directory_.Options())->header().generation;
  StoreOptions larger = directory_.Options();
  larger.memory_bytes = 4 * kMemoryMin;
  const absl::StatusOr<HotFile> file = HotFile::Open(larger);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->header().generation, generation);
  EXPECT_LT(file->header().file_bytes, 2 * kMemoryMin);
}

TEST_F(HotFileTest, TruncatedFileIsDataLossAtEverySize) {
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  for (off_t size : {off_t{0}, off_t{1}, off_t{500}, off_t{4096}, off_t{70000}, info.st_size - 1}) {
    ASSERT_TRUE(HotFile::Open(directory_.Options(OpenMode::kReplace)).ok());
    ASSERT_EQ(::truncate(path_.c_str(), size), 0);
    const absl::Status status = Attach();
    EXPECT_TRUE(absl::IsDataLoss(status)) << size << ": " << status;
  }
  ASSERT_EQ(::truncate(path_.c_str(), 70000), 0);
  // Enlarged again it has the size and holes instead of memory.
  ASSERT_EQ(::truncate(path_.c_str(), info.st_size), 0);
  EXPECT_TRUE(absl::IsDataLoss(Attach()));
}

// As a service that was killed leaves them: its clients may have a lease.
TEST_F(HotFileTest, FilesOfAFormerRunAreRetiredByTheEndOfTheirNames) {
  StoreOptions ours = directory_.Options();
  ours.name = "a.tdb.1";
  StoreOptions others = directory_.Options();
  others.name = "a.tdb.11";
  const auto own = HotFile::Open(ours);
  const auto other = HotFile::Open(others);
  ASSERT_TRUE(own.ok() && other.ok());
  for (const auto* file : {&own, &other}) {
    (*file)->header().serve_until = INT64_MAX;
    (*file)->header().lease_ticks = UINT64_MAX;
  }
  EXPECT_TRUE(HotFile::RetireAll(directory_.path(), ".1").ok());
  EXPECT_EQ(own->header().retired, 1u);
  EXPECT_EQ(own->header().serve_until, 0);
  EXPECT_EQ(own->header().lease_ticks, 0u);
  EXPECT_EQ(other->header().retired, 0u);
  EXPECT_EQ(other->header().serve_until, INT64_MAX);
}

TEST_F(HotFileTest, WhatIsNoDatabaseDoesNotKeepTheOthersFromBeingRetired) {
  Overwrite(offsetof(FileHeader, magic), 7);
  StoreOptions second = directory_.Options();
  second.name = "other.test";
  const auto file = HotFile::Open(second);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(absl::IsDataLoss(HotFile::RetireAll(directory_.path(), "test")));
  EXPECT_EQ(file->header().retired, 1u);
  EXPECT_TRUE(HotFile::RetireAll(directory_.path() + "/nowhere", "test").ok());
}

TEST_F(HotFileTest, WhetherOthersHaveItOpenCanBeSeenAlsoWhenTheyHaveBeenKilled) {
  const auto file = HotFile::Open(directory_.Options());
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE(file->HasOtherUsers());
  {
    const auto again = HotFile::Open(directory_.Options(OpenMode::kExisting));
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(file->HasOtherUsers());
  }
  EXPECT_FALSE(file->HasOtherUsers());
  std::atomic<bool>& is_open = SharedWithChildren<std::atomic<bool>>();
  const pid_t client = Fork([&] {
    const auto own = HotFile::Open(directory_.Options(OpenMode::kExisting));
    is_open = own.ok();
    ::pause();
  });
  EXPECT_TRUE(WaitUntil([&] { return is_open.load(); }));
  EXPECT_TRUE(file->HasOtherUsers());
  ::kill(client, SIGKILL);
  WaitForEnd(client);
  EXPECT_FALSE(file->HasOtherUsers());
}

TEST_F(HotFileTest, BucketsThatAreHeldAreFoundWhereverTheyLie) {
  const auto file = HotFile::Open(directory_.Options());
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->HeldBuckets()->empty());
  const uint32_t last = file->header().bucket_count - 1;
  for (const uint32_t bucket : {0u, 1023u, 1024u, last}) file->bucket_lock(bucket).holder = 7;
  EXPECT_EQ(*file->HeldBuckets(), (std::vector<uint32_t>{0, 1023, 1024, last}));
}

TEST_F(HotFileTest, DamagedHeaderIsToldWithAdvice) {
  for (size_t offset : {offsetof(FileHeader, magic), offsetof(FileHeader, file_bytes),
                        offsetof(FileHeader, bucket_count), offsetof(FileHeader, pages_used)}) {
    ASSERT_TRUE(HotFile::Open(directory_.Options(OpenMode::kReplace)).ok());
    Overwrite(offset, 0x123456789abcdef);
    const absl::Status status = Attach();
    EXPECT_TRUE(absl::IsDataLoss(status)) << offset << ": " << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "let the daemon make it anew")) << status;
  }
}

TEST_F(HotFileTest, OtherVersionOrArchitectureIsRefused) {
  Overwrite(offsetof(FileHeader, version), uint64_t{kByteOrder} << 32 | 7);
  absl::Status status = Attach();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "format 7")) << status;
  Overwrite(offsetof(FileHeader, version), uint64_t{0x04030201} << 32 | kVersion);
  EXPECT_TRUE(absl::IsFailedPrecondition(Attach()));
}

TEST_F(HotFileTest, FileThatOthersMayWriteIsRefused) {
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(Attach()));
  // Nor is it replaced before somebody has asked why.
  EXPECT_TRUE(
      absl::IsPermissionDenied(HotFile::Open(directory_.Options(OpenMode::kReplace)).status()));
}

TEST_F(HotFileTest, DirectoryOrLinkInItsPlaceIsRefused) {
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::symlink("/dev/null", path_.c_str()), 0);
  EXPECT_FALSE(Attach().ok());
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);
  EXPECT_FALSE(Attach().ok());
}

TEST_F(HotFileTest, NamesAndLimitsAreChecked) {
  for (const char* name : {"", "a/b", ".hidden"}) {
    StoreOptions options = directory_.Options();
    options.name = name;
    EXPECT_TRUE(absl::IsInvalidArgument(HotFile::Open(options).status())) << name;
  }
  StoreOptions options = directory_.Options();
  options.memory_bytes = kMemoryMin - 1;
  EXPECT_TRUE(absl::IsInvalidArgument(HotFile::Open(options).status()));
  options = directory_.Options();
  options.directory += "/missing";
  EXPECT_TRUE(absl::IsNotFound(HotFile::Open(options).status()));
}

TEST_F(HotFileTest, TooSmallLimitOfFileSizesIsAnErrorAndLeavesNothing) {
  const int status = WaitForEnd(Fork([&] {
    const rlimit limit = {100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    StoreOptions options = directory_.Options();
    options.name = "other";
    if (!absl::IsResourceExhausted(HotFile::Open(options).status())) ::_exit(1);
  }));
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/other.hot"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/other.hot.new"));
}

TEST_F(HotFileTest, ManyProcessesThatMakeTheSameDatabaseGetOne) {
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  std::atomic<uint64_t>* generations =
      SharedWithChildren<std::array<std::atomic<uint64_t>, 8>>().data();
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(Fork([&] {
      const absl::StatusOr<HotFile> file = HotFile::Open(directory_.Options());
      if (!file.ok()) ::_exit(1);
      generations[i] = file->header().generation;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitForEnd(child), 0);
  for (int i = 1; i < 8; ++i) EXPECT_EQ(generations[i], generations[0]);
}

}  // namespace
}  // namespace ctdb::store
