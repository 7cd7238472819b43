// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Backups of volatile databases, and what is in them. With real nodes:
// tests/integration/cli/backup_test.sh.

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;

class BackupCommandsTest : public WholeCommandTest {
 protected:
  BackupCommandsTest() : directory_(testing::TempDir() + "/backups") {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    for (uint32_t node : {0, 1}) model().names[node] = {"counters.tdb"};
    model().records = {{"a", "1", 0, 5}, {"b\n", "2\"", 1, 6}};
  }
  FakeDatabases& model() { return cluster_.databases; }
  int Files() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(directory_), {}));
  }

  const std::string directory_;
  const std::string path_ = directory_ + "/file";
};

// admin-interface 3.10.
TEST_F(BackupCommandsTest, ABackupIsShownAsTheOlderToolDoes) {
  EXPECT_EQ(Out({"backupdb", "counters.tdb", path_}),
            absl::StrCat("Database backed up to ", path_, "\n"));
  const std::string out = Out({"dumpdbbackup", path_});
  EXPECT_TRUE(absl::StartsWith(out, "Dumping database counters.tdb from backup @ 2")) << out;
  EXPECT_TRUE(absl::EndsWith(
      out,
      "key(1) = \"a\"\ndmaster: 0\nrsn: 0\nflags: 0x00000000\ndata(1) = \"1\"\n\n"
      "key(2) = \"b\\0A\"\ndmaster: 0\nrsn: 0\nflags: 0x00000000\ndata(2) = \"2\\22\"\n\n"
      "Dumped 2 record(s)\n"))
      << out;
}

TEST_F(BackupCommandsTest, ADryRunSaysWhatWouldChange) {
  Out({"backupdb", "counters.tdb", path_});
  model().records = {{"a", "other", 0, 5}, {"new", "2", 1, 6}};
  EXPECT_EQ(
      Out({"restoredb", "--dry-run", "-v", path_}),
      "- \"new\"\n~ \"a\"\n+ \"b\\0A\"\n"
      "Database counters.tdb would change: 1 record(s) added, 1 changed, 1 removed; 0 stay as "
      "they are\n");
  EXPECT_TRUE(StrContains(Out({"restoredb", "--dry-run", path_, "other.tdb", "--json"}),
                          "\"added\": 2"));
}

TEST_F(BackupCommandsTest, WhoInterruptsItKeepsTheOlderFile) {
  ASSERT_TRUE(WriteFileAtomically(path_, "older").ok());
  cluster_.interrupted = true;
  EXPECT_EQ(Err({"backupdb", "counters.tdb", path_}),
            "backing up counters.tdb: interrupted\n"
            "Failed to collect records from DB counters.tdb\n");
  EXPECT_EQ(*ReadFile(path_, 100), "older");
  EXPECT_EQ(Files(), 1);
  EXPECT_TRUE(StrContains(Err({"db", "backup", directory_ + "/all"}), "nothing was kept"));
  EXPECT_EQ(Files(), 1);
}

TEST_F(BackupCommandsTest, PeopleWhoWaitSeeHowFarItIs) {
  cluster_.environment.error_is_terminal = true;
  const FakeCluster::Result result = cluster_.Run({"backupdb", "counters.tdb", path_});
  EXPECT_EQ(result.err, "\r\x1b[Kbacking up counters.tdb: 1 records\r\x1b[K");
}

TEST_F(BackupCommandsTest, WhatDoesNotWorkEndsWithTheLineThatScriptsKnow) {
  model().failing = {"1: copies"};
  EXPECT_TRUE(absl::EndsWith(Err({"backupdb", "counters.tdb", path_}),
                             "it cannot\nFailed to collect records from DB counters.tdb\n"));
  EXPECT_TRUE(StrContains(Err({"db", "backup", directory_ + "/all"}), "nothing was kept"));
  EXPECT_EQ(Files(), 0);
  EXPECT_TRUE(absl::EndsWith(Err({"backupdb", "counters.tdb", "/nowhere/file"}),
                             "\nFailed to open file /nowhere/file for writing\n"));
  EXPECT_TRUE(absl::EndsWith(Err({"restoredb", path_}),
                             absl::StrCat("\nFailed to read db header from file ", path_, "\n")));
  EXPECT_TRUE(StrContains(Err({"backupdb", "none", path_}), "No database matching 'none' found"));
}

TEST_F(BackupCommandsTest, AllDatabasesGoToANewDirectory) {
  model().names[0].insert("second.tdb");
  model().names[1].insert("second.tdb");
  const std::string all = directory_ + "/all";
  EXPECT_TRUE(StrContains(
      Out({"db", "backup", all, "-X"}),
      absl::StrCat("|counters.tdb|volatile|2|16781313|0|", all, "/counters.tdb.backup|\n")));
  EXPECT_TRUE(std::filesystem::exists(all + "/second.tdb.backup"));
  EXPECT_TRUE(StrContains(Err({"db", "backup", all}), "it is there already"));
}

TEST_F(BackupCommandsTest, ADumpIsTextAndALoadIsChecked) {
  EXPECT_EQ(Out({"db", "dump", "counters.tdb"}),
            "# database counters.tdb, volatile, epoch 16781313, sequence 0\n"
            "\"a\" = \"1\"\n\"b\\0A\" = \"2\\22\"\n");
  EXPECT_EQ(Out({"db", "dump", "counters.tdb", path_}), "");
  EXPECT_TRUE(StrContains(Out({"db", "load", "--dry-run", "counters.tdb", path_}), "2 stay"));
  ASSERT_TRUE(WriteFileAtomically(path_, "\"a\" = \"1\"\n\"b\"\n").ok());
  EXPECT_EQ(Err({"db", "load", "--dry-run", "counters.tdb", path_}),
            absl::StrCat(path_,
                         ":2: column 4: no = between key and value; a line is \"KEY\" = "
                         "\"VALUE\"\n"));
}

TEST_F(BackupCommandsTest, TdbFilesAreWrittenAndRead) {
  const std::string tdb = directory_ + "/counters.tdb.0";
  EXPECT_TRUE(StrContains(Out({"db", "export", "counters.tdb", tdb}), ": 2 record(s)\n"));
  EXPECT_EQ(Out({"tfetch", tdb, "a"}), "dmaster: 0\nrsn: 1\nflags: 0x00000000\ndata(1) = \"1\"\n");
  EXPECT_EQ(Out({"tstore", tdb, "a", "9", "7", "1", "0x20001"}), "");
  EXPECT_EQ(Out({"tfetch", tdb, "0x61"}),
            "dmaster: 1\nrsn: 7\nflags: 0x00020001 VACUUM_MIGRATED PERSISTENT\ndata(1) = \"9\"\n");
  EXPECT_TRUE(StrContains(Out({"db", "import", "--dry-run", "counters.tdb", tdb}),
                          "0 record(s) added, 1 changed, 0 removed; 1 stay"));
  EXPECT_EQ(Err({"tfetch", tdb, "none"}), "No record for key none\n");
  EXPECT_TRUE(absl::EndsWith(Err({"tfetch", path_, "a"}),
                             absl::StrCat("\nFailed to open TDB file ", path_, "\n")));
  EXPECT_EQ(cluster_.Run({"tfetch", tdb, "0x1"}).exit_code, 22);
  EXPECT_EQ(Err({"tstore", tdb, "a", "b", "x"}),
            "\"x\" is no number from 0 to "
            "18446744073709551615\n");
  EXPECT_EQ(Err({"db", "import", "--plain", "--with-headers", "counters.tdb", tdb}),
            "either --with-headers or --plain\n");
}

}  // namespace
}  // namespace ctdb::cli
