// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JournalTest : public testing::Test {
 protected:
  Journal::Opened Open() {
    absl::StatusOr<Journal::Opened> opened = Journal::Open(path_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  void Append(Journal& journal, const std::string& block) {
    EXPECT_EQ(journal.Append(block), absl::OkStatus());
  }
  // As a disk may be left that wrote only some of it.
  void Overwrite(size_t offset, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  const FileDirectory directory_;
  const std::string path_ = directory_.path() + "/journal";
};

TEST_F(JournalTest, WhatWasWrittenIsFoundAndGoesOn) {
  {
    const Journal::Opened opened = Open();
    EXPECT_THAT(opened.blocks, IsEmpty());
    EXPECT_EQ(std::filesystem::file_size(path_), Journal::kBytes) << "it has its place";
    Append(*opened.journal, "one");
    Append(*opened.journal, std::string(5000, '2'));
  }
  {
    const Journal::Opened opened = Open();
    EXPECT_THAT(opened.blocks, ElementsAre("one", std::string(5000, '2')));
    Append(*opened.journal, "three");
  }
  EXPECT_EQ(Open().blocks.size(), 3u);
}

TEST_F(JournalTest, AfterANewBeginningOnlyTheNewOnesAreFound) {
  const Journal::Opened opened = Open();
  for (int i = 0; i < 5; ++i) Append(*opened.journal, "old");
  opened.journal->Restart();
  EXPECT_EQ(Open().blocks.size(), 5u) << "until there is a new one";
  Append(*opened.journal, "new");
  EXPECT_THAT(Open().blocks, ElementsAre("new"));
  Append(*opened.journal, "newer");
  EXPECT_THAT(Open().blocks, ElementsAre("new", "newer"));
}

TEST_F(JournalTest, WhatIsErasedIsNotFound) {
  const Journal::Opened opened = Open();
  Append(*opened.journal, "old");
  Append(*opened.journal, "older");
  EXPECT_EQ(opened.journal->Erase(), absl::OkStatus());
  EXPECT_THAT(Open().blocks, IsEmpty());
  Append(*opened.journal, "new");
  EXPECT_THAT(Open().blocks, ElementsAre("new"));
}

TEST_F(JournalTest, ABlockThatWasCutOffHarmsNoOther) {
  const std::string large(3 * Journal::kPageBytes, 'x');
  for (const size_t page : {0, 1, 2, 3}) {
    std::filesystem::remove(path_);
    {
      const Journal::Opened opened = Open();
      Append(*opened.journal, "whole");
      Append(*opened.journal, large);
    }
    Overwrite((1 + page) * Journal::kPageBytes, std::string(Journal::kPageBytes, '\0'));
    const Journal::Opened opened = Open();
    EXPECT_THAT(opened.blocks, ElementsAre("whole")) << page;
    Append(*opened.journal, "next");
    EXPECT_THAT(Open().blocks, ElementsAre("whole", "next")) << page;
  }
}

TEST_F(JournalTest, OfTornNewBeginningsTheOldOnesMayBeFoundFromTheirBeginningOnly) {
  const Journal::Opened opened = Open();
  Append(*opened.journal, "old 1");
  Append(*opened.journal, "old 2");
  opened.journal->Restart();
  Append(*opened.journal, "new");
  Overwrite(0, "torn");
  EXPECT_THAT(Open().blocks, IsEmpty()) << "the second one alone is none";
}

TEST_F(JournalTest, AShortFileIsMadeWhole) {
  { Append(*Open().journal, "one"); }
  std::filesystem::resize_file(path_, Journal::kPageBytes);
  EXPECT_THAT(Open().blocks, ElementsAre("one"));
  EXPECT_EQ(std::filesystem::file_size(path_), Journal::kBytes);
}

TEST_F(JournalTest, SaysWhetherThereIsRoom) {
  const Journal::Opened opened = Open();
  EXPECT_TRUE(opened.journal->HasRoomFor(Journal::kBytes - Journal::kHeadBytes));
  EXPECT_FALSE(opened.journal->HasRoomFor(Journal::kBytes));
  Append(*opened.journal, "one");
  EXPECT_FALSE(opened.journal->HasRoomFor(Journal::kBytes - Journal::kHeadBytes));
}

}  // namespace
}  // namespace ctdb::replica
