// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "lib/base/io/file.h"

namespace ctdb::backup {
namespace {

class NewFileTest : public testing::Test {
 protected:
  NewFileTest() : directory_(testing::TempDir() + "/new_file") {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  int Files() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(directory_), {}));
  }
  const std::string directory_;
  const std::string path_ = directory_ + "/file";
};

TEST_F(NewFileTest, ItIsThereWhenItIsCommittedAndNotBefore) {
  auto file = NewFile::Create(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append("one").ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE((*file)->Append(" two").ok());
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(*ReadFile(path_, 100), "one two");
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(Files(), 1);
}

TEST_F(NewFileTest, WhoGivesUpLeavesWhatWasThere) {
  ASSERT_TRUE(WriteFileAtomically(path_, "old").ok());
  {
    auto file = NewFile::Create(path_);
    ASSERT_TRUE((*file)->Append("new").ok());
    EXPECT_EQ(Files(), 2);
  }
  EXPECT_EQ(*ReadFile(path_, 100), "old");
  EXPECT_EQ(Files(), 1);
}

TEST_F(NewFileTest, WhatAKilledProgramLeftIsReplaced) {
  std::string temporary;
  { temporary = (*NewFile::Create(path_))->temporary(); }
  ASSERT_TRUE(WriteFileAtomically(temporary, "half").ok());
  auto file = NewFile::Create(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(*ReadFile(path_, 100), "");
}

TEST_F(NewFileTest, WhatIsNoFileIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(NewFile::Create("/dev/null").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(NewFile::Create(directory_).status()));
  EXPECT_TRUE(absl::IsNotFound(NewFile::Create(directory_ + "/none/file").status()));
}

TEST_F(NewFileTest, TheDirectoryIsThatOfThePath) {
  EXPECT_TRUE(SyncDirectoryOf(path_).ok());
  EXPECT_TRUE(SyncDirectoryOf("file").ok());
  EXPECT_FALSE(SyncDirectoryOf(directory_ + "/none/file").ok());
}

}  // namespace
}  // namespace ctdb::backup
