// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/io/text_file.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/backup/text.h"
#include "lib/base/io/file.h"
#include "tests/backup/model_records.h"

namespace ctdb::backup {
namespace {

const std::string& Path() {
  static const auto* path = new std::string(testing::TempDir() + "/text");
  return *path;
}

absl::StatusOr<ModelRecords::Map> Read(absl::string_view text) {
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(Path(), text));
  ModelRecords::Map map;
  TextFile file(Path());
  CTDB_RETURN_IF_ERROR(file.ForEach([&](absl::string_view key, absl::string_view value) {
    map[std::string(key)] = std::string(value);
    return absl::OkStatus();
  }));
  return map;
}

TEST(TextFileTest, LinesOfAnyLengthWithAndWithoutAnEnd) {
  const std::string large(200'000, 'x');
  EXPECT_EQ(*Read(absl::StrCat("# comment\n", TextLine("a", "1"), "\n\n", TextLine("b", large))),
            (ModelRecords::Map{{"a", "1"}, {"b", large}}));
  EXPECT_EQ(*Read(""), ModelRecords::Map{});
}

TEST(TextFileTest, ABadLineIsToldWithFileAndNumber) {
  const absl::Status status = Read("\"a\" = \"1\"\n\n\"b\" : \"2\"\n").status();
  EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(Path(), ":3: column 5: no =")))
      << status;
  TextFile none("/none");
  EXPECT_TRUE(absl::IsNotFound(
      none.ForEach([](absl::string_view, absl::string_view) { return absl::OkStatus(); })));
}

}  // namespace
}  // namespace ctdb::backup
