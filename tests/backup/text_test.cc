// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/text.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "lib/base/random.h"

namespace ctdb::backup {
namespace {

TEST(BackupTextTest, PrintableBytesStandForThemselves) {
  EXPECT_EQ(TextLine("colour", "blue"), "\"colour\" = \"blue\"");
  EXPECT_EQ(TextLine(absl::string_view("\0\xff", 2), "a \"q\" \\"),
            "\"\\00\\FF\" = \"a \\22q\\22 \\5C\"");
}

TEST(BackupTextTest, LinesWithoutARecord) {
  for (const char* line : {"", "  \t", "# a comment", "  # \"a\" = \"b\""}) {
    const auto record = ParseTextLine(line);
    ASSERT_TRUE(record.ok()) << line;
    EXPECT_FALSE(record->has_value()) << line;
  }
}

TEST(BackupTextTest, BlanksBetweenDoNotMatter) {
  const auto record = ParseTextLine("  \"a\"=  \"b c\" \r");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ((*record)->key, "a");
  EXPECT_EQ((*record)->value, "b c");
}

TEST(BackupTextTest, WhatIsWrongIsToldWithItsColumn) {
  const std::pair<const char*, const char*> lines[] = {
      {"a = \"b\"", "column 1: the key does not begin"},
      {"\"a = b", "column 7: the key does not end"},
      {"\"a\" \"b\"", "column 5: no = between"},
      {"\"a\" = b", "column 7: the value does not begin"},
      {"\"a\" = \"b\" c", "column 11: something follows"},
      {"\"a\" = \"\"", "an empty value is no record"},
      {"\"\\0g\" = \"b\"", "column 3: \\ is not followed"},
      {"\"\" = \"b\"", "key of 0 bytes"},
  };
  for (const auto& [line, what] : lines) {
    const auto record = ParseTextLine(line);
    EXPECT_TRUE(absl::IsInvalidArgument(record.status())) << line;
    EXPECT_TRUE(absl::StrContains(record.status().message(), what)) << record.status();
  }
}

TEST(BackupTextPropertyTest, AnyBytesComeBack) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string key(random.Next() % 20 + 1, ' ');
    std::string value(random.Next() % 40 + 1, ' ');
    for (char& byte : key) byte = static_cast<char>(random.Next());
    for (char& byte : value) byte = static_cast<char>(random.Next());
    const std::string line = TextLine(key, value);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto record = ParseTextLine(line);
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ((*record)->key, key);
    EXPECT_EQ((*record)->value, value);
  }
}

}  // namespace
}  // namespace ctdb::backup
