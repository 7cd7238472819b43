// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/tdb_handle.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
// Needs what is above.
#include <tdb.h>

#include "absl/strings/match.h"
#include "lib/base/io/file.h"

namespace ctdb::tdb_file {
namespace {

std::string Path(const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  ::unlink(path.c_str());
  return path;
}

TEST(TdbHandleTest, WhatIsStoredIsFetched) {
  const std::string path = Path("stored");
  {
    auto tdb = TdbHandle::Open(path, O_RDWR | O_CREAT);
    ASSERT_TRUE(tdb.ok()) << tdb.status();
    ASSERT_TRUE(tdb->Store("a", "1").ok());
    ASSERT_TRUE(tdb->Store("a", "2").ok());
    ASSERT_TRUE(tdb->Store("b", "").ok());
  }
  auto tdb = TdbHandle::Open(path, O_RDONLY);
  ASSERT_TRUE(tdb.ok()) << tdb.status();
  EXPECT_TRUE(tdb->Check().ok());
  EXPECT_EQ(**tdb->Fetch("a"), "2");
  EXPECT_EQ(*tdb->Fetch("none"), std::nullopt);
  int records = 0;
  const auto count = [&records](absl::string_view, absl::string_view) {
    ++records;
    return absl::OkStatus();
  };
  EXPECT_TRUE(tdb->ForEach(count).ok());
  EXPECT_EQ(records, 2);
  EXPECT_FALSE(tdb->Store("c", "3").ok());
}

// As Samba makes those of locks, and CTDB with its tunable TDBMutexEnabled.
TEST(TdbHandleTest, AFileThatOthersUseWithMutexesCanBeRead) {
  if (!tdb_runtime_check_for_robust_mutexes()) GTEST_SKIP() << "libtdb has no mutexes here";
  const std::string path = Path("mutexes");
  int made[2];
  int over[2];
  ASSERT_EQ(::pipe(made) | ::pipe(over), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(over[1]);
    tdb_context* tdb =
        tdb_open(path.c_str(), 7, TDB_MUTEX_LOCKING | TDB_INCOMPATIBLE_HASH | TDB_CLEAR_IF_FIRST,
                 O_RDWR | O_CREAT, 0600);
    TDB_DATA word = {reinterpret_cast<unsigned char*>(const_cast<char*>("word")), 4};
    char byte = tdb != nullptr && tdb_store(tdb, word, word, TDB_REPLACE) == 0 ? 'y' : 'n';
    const bool is_told = ::write(made[1], &byte, 1) == 1;
    // Until the other one has looked at it.
    ::_exit(is_told && ::read(over[0], &byte, 1) == 0 ? 0 : 1);
  }
  char byte = 'n';
  ASSERT_EQ(::read(made[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto reader = TdbHandle::Open(path, O_RDONLY);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE(reader->Check().ok()) << reader->Check();
  EXPECT_EQ(**reader->Fetch("word"), "word");
  ::close(over[1]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(TdbHandleTest, OtherFilesAreNone) {
  const std::string path = Path("other");
  ASSERT_TRUE(WriteFileAtomically(path, std::string(10'000, 'x')).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(TdbHandle::Open(path, O_RDONLY).status()));
  EXPECT_TRUE(absl::IsNotFound(TdbHandle::Open(Path("none"), O_RDONLY).status()));
}

TEST(TdbHandleTest, ADamagedFileIsFound) {
  const std::string path = Path("damaged");
  {
    auto tdb = TdbHandle::Open(path, O_RDWR | O_CREAT);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(tdb->Store(std::to_string(i), "value").ok());
  }
  std::string bytes = *ReadFile(path, 10'000'000);
  const size_t record = bytes.find("value");
  ASSERT_NE(record, std::string::npos);
  for (size_t i = record - 20; i < record; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  const auto tdb = TdbHandle::Open(path, O_RDONLY);
  ASSERT_TRUE(tdb.ok()) << tdb.status();
  const absl::Status status = tdb->Check();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "is damaged")) << status;
}

}  // namespace
}  // namespace ctdb::tdb_file
