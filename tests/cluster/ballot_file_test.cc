// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/ballot_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::cluster {
namespace {

constexpr NodeNumber kLastNode(4095);

std::string TestPath(const std::string& name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

absl::StatusOr<Ballot> LoadText(const std::string& text) {
  const std::string path = TestPath("text");
  EXPECT_TRUE(WriteFileAtomically(path, text).ok());
  return LoadBallot(path);
}

TEST(BallotFileTest, WithoutAFileNothingWasPromised) {
  const auto ballot = LoadBallot(TestPath("missing"));
  ASSERT_TRUE(ballot.ok()) << ballot.status();
  EXPECT_EQ(*ballot, Ballot(0));
}

TEST(BallotFileTest, WhatWasStoredLastIsLoaded) {
  const std::string path = TestPath("ballot");
  for (const Ballot ballot : {MakeBallot(1, NodeNumber(0)), MakeBallot(7, NodeNumber(3)), Ballot(0),
                              MakeBallot(kRoundMax, kLastNode)}) {
    ASSERT_TRUE(StoreBallot(path, ballot).ok());
    const auto loaded = LoadBallot(path);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(*loaded, ballot);
  }
}

TEST(BallotFileTest, TheFileIsALineThatPeopleCanRead) {
  const std::string path = TestPath("readable");
  ASSERT_TRUE(StoreBallot(path, MakeBallot(7, NodeNumber(3))).ok());
  EXPECT_EQ(*ReadFile(path, 100), "ballot 1 7 3\n");
}

TEST(BallotFileTest, ADamagedFileIsNotTakenForNoFile) {
  for (const char* text :
       {"", "\n", "ballot 1 7", "ballot 1 7 3 9\n", "ballot 1 x 3\n", "ballot 1 7 -3\n",
        "ballot 1 7 4096\n", "ballot 1 1099511627776 0\n", "ballot 1 99999999999999999999 0\n",
        "vote 1 7 3\n", "ballot 1  3\n", "ballot 1 7 3\nballot 1 8 3\n"}) {
    const auto ballot = LoadText(text);
    EXPECT_TRUE(absl::IsDataLoss(ballot.status())) << text << ballot.status();
    EXPECT_TRUE(absl::StrContains(ballot.status().message(), TestPath("text")));
    EXPECT_TRUE(absl::StrContains(ballot.status().message(), "Remove it while a majority"));
  }
  EXPECT_FALSE(LoadText(std::string(10000, 'x')).ok());
  EXPECT_FALSE(LoadBallot(TestPath(".")).ok()) << "a directory";
}

TEST(BallotFileTest, AFileOfAnotherVersionIsNotGuessedAt) {
  EXPECT_TRUE(absl::IsDataLoss(LoadText("ballot 2 7 3\n").status()));
}

TEST(BallotFileTest, InADirectoryThatCannotBeWrittenTheOldBallotStays) {
  // Root may write everywhere, so that it must be somebody else for a moment.
  const uid_t user = ::geteuid();
  const std::string directory = absl::StrCat("/tmp/ballot_file_test.", ::getpid());
  std::filesystem::create_directory(directory);
  const std::string path = directory + "/ballot";
  ASSERT_TRUE(StoreBallot(path, MakeBallot(7, NodeNumber(3))).ok());
  std::filesystem::permissions(directory, std::filesystem::perms(0555));
  ASSERT_EQ(user == 0 ? ::seteuid(65534) : 0, 0);
  const absl::Status status = StoreBallot(path, MakeBallot(8, NodeNumber(3)));
  const auto loaded = LoadBallot(path);
  ASSERT_EQ(::seteuid(user), 0);
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  std::filesystem::remove_all(directory);
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(*loaded, MakeBallot(7, NodeNumber(3)));
}

TEST(BallotFileTest, InADirectoryThatIsMissingNothingIsStored) {
  EXPECT_TRUE(absl::IsNotFound(StoreBallot(TestPath("missing/ballot"), Ballot(1))));
}

}  // namespace
}  // namespace ctdb::cluster
