// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/file.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ctdb {
namespace {

std::string TestPath(const std::string& name) {
  return std::string(std::getenv("TEST_TMPDIR")) + "/" + name;
}

TEST(FileTest, WhatIsWrittenIsRead) {
  const std::string path = TestPath("written");
  ASSERT_TRUE(WriteFileAtomically(path, "one\ntwo\n").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "three\n").ok());
  EXPECT_EQ(*ReadFile(path, 100), "three\n");
}

TEST(FileTest, MissingFileIsNotFoundAndNamed) {
  const auto contents = ReadFile(TestPath("missing"), 100);
  EXPECT_TRUE(absl::IsNotFound(contents.status()));
  EXPECT_NE(contents.status().message().find("missing"), absl::string_view::npos);
}

TEST(FileTest, DirectoriesAndTooLargeFilesAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReadFile(TestPath("."), 100).status()));
  const std::string path = TestPath("large");
  ASSERT_TRUE(WriteFileAtomically(path, std::string(101, 'x')).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(ReadFile(path, 100).status()));
}

TEST(FileTest, FullDiskIsAnError) { EXPECT_FALSE(WriteFileAtomically("/dev/full/x", "x").ok()); }

TEST(FileTest, MakeDirectoriesMakesParentsAndAcceptsExistingOnes) {
  const std::string path = TestPath("a/b/c");
  ASSERT_TRUE(MakeDirectories(path).ok());
  ASSERT_TRUE(MakeDirectories(path).ok());
  ASSERT_TRUE(WriteFileAtomically(path + "/file", "").ok());
  EXPECT_FALSE(MakeDirectories(path + "/file").ok());
}

}  // namespace
}  // namespace ctdb
