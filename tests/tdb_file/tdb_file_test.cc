// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/tdb_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "lib/base/status_macros.h"

namespace ctdb::tdb_file {
namespace {

using Map = std::map<std::string, std::string>;

absl::StatusOr<Map> Read(const std::string& path, Headers headers) {
  CTDB_ASSIGN_OR_RETURN(auto file, TdbFile::Open(path, headers));
  Map map;
  CTDB_RETURN_IF_ERROR(file->ForEach([&](absl::string_view key, absl::string_view value) {
    map[std::string(key)] = std::string(value);
    return absl::OkStatus();
  }));
  return map;
}

absl::Status Write(const std::string& path, const Map& map, Headers headers) {
  CTDB_ASSIGN_OR_RETURN(auto writer, TdbWriter::Create(path, headers));
  for (const auto& [key, value] : map) CTDB_RETURN_IF_ERROR(writer->Add(key, value));
  return writer->Finish();
}

TEST(TdbFileTest, WhatIsWrittenIsRead) {
  const std::string path = testing::TempDir() + "/written.tdb";
  const Map map = {{"a", "1"}, {std::string("\0\xff", 2), std::string(100'000, 'x')}};
  for (const Headers headers : {Headers::kNone, Headers::kCtdb}) {
    const absl::Status status = Write(path, map, headers);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(*Read(path, headers), map);
  }
  EXPECT_EQ((*Read(path, Headers::kNone))["a"].size(), 25u);
}

TEST(TdbFileTest, AFileWithoutHeadersIsNotTakenForOneWithThem) {
  const std::string path = testing::TempDir() + "/plain.tdb.0";
  ASSERT_TRUE(Write(path, {{"a", "short"}}, Headers::kNone).ok());
  EXPECT_EQ(HeadersIn(path), Headers::kCtdb);
  EXPECT_EQ(HeadersIn("plain.tdb"), Headers::kNone);
  const absl::Status status = Read(path, Headers::kCtdb).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "less than a header of CTDB")) << status;
}

TEST(TdbFileTest, WhoGivesUpLeavesNothing) {
  const std::string path = testing::TempDir() + "/given up.tdb";
  { ASSERT_TRUE((*TdbWriter::Create(path, Headers::kNone))->Add("a", "1").ok()); }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace ctdb::tdb_file
