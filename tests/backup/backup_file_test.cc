// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/backup_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "lib/backup/restore.h"
#include "lib/base/io/file.h"
#include "tests/backup/model_records.h"

namespace ctdb::backup {
namespace {

class BackupFileTest : public testing::Test {
 protected:
  absl::Status Write(int records, size_t value_bytes = 10) {
    CTDB_ASSIGN_OR_RETURN(auto writer, BackupWriter::Create(path_, {.name = "a.tdb"}));
    for (int i = 0; i < records; ++i) {
      CTDB_RETURN_IF_ERROR(writer->Add("key " + std::to_string(i), std::string(value_bytes, 'v')));
    }
    return writer->Finish();
  }
  const std::string path_ = testing::TempDir() + "/backup";
};

TEST_F(BackupFileTest, ItIsReadAsOftenAsItIsWanted) {
  ASSERT_TRUE(Write(3).ok());
  auto file = BackupFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->header().name, "a.tdb");
  for (int times = 0; times < 2; ++times) {
    ModelRecords::Map map;
    ASSERT_TRUE(file->ForEach([&](absl::string_view key, absl::string_view value) {
                      map[std::string(key)] = std::string(value);
                      return absl::OkStatus();
                    })
                    .ok());
    EXPECT_EQ(map.size(), 3u);
  }
}

// Written by "ctdb backupdb" of Debian's ctdb 4.17.12: two records, a deleted one, and the number
// of transactions.
TEST_F(BackupFileTest, ABackupOfDebiansCtdbIsRead) {
  auto file = BackupFile::Open("tests/backup/testdata/ctdb_4.17.backup");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->is_legacy());
  EXPECT_EQ(file->header().name, "old.tdb");
  EXPECT_EQ(file->header().kind, Kind::kPersistent);
  ModelRecords database({}, 10'000);
  ASSERT_TRUE(Restore(*file, database, {}).ok());
  EXPECT_EQ(database.map,
            (ModelRecords::Map{{"colour", "blue"}, {std::string("\0\xff\"", 3), "\n\\"}}));
}

TEST_F(BackupFileTest, ErrorsNameTheFile) {
  ASSERT_TRUE(Write(3).ok());
  auto file = BackupFile::Open(path_);
  const std::string bytes = *ReadFile(path_, 100'000);
  ASSERT_TRUE(WriteFileAtomically(path_, bytes.substr(0, bytes.size() - 3)).ok());
  const absl::Status status =
      file->ForEach([](absl::string_view, absl::string_view) { return absl::OkStatus(); });
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": the backup is damaged")) << status;
  EXPECT_TRUE(absl::IsNotFound(BackupFile::Open("/none").status()));
  EXPECT_FALSE(BackupFile::Open(testing::TempDir()).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(BackupFile::Open("/dev/null").status()));
}

TEST_F(BackupFileTest, AFullFileSystemLeavesWhatWasThere) {
  ASSERT_TRUE(Write(3).ok());
  const std::string before = *ReadFile(path_, 100'000);
  // As full as a process can make it.
  ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const struct rlimit small = {100'000, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status status = Write(30, 100'000);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot write")) << status;
  EXPECT_EQ(*ReadFile(path_, 100'000), before);
}

}  // namespace
}  // namespace ctdb::backup
