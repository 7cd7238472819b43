// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/text.h"

#include <gtest/gtest.h>

namespace ctdb::logging {
namespace {

TEST(TextTest, Utf8SequencesAreMeasuredAndIllFormedOnesRefused) {
  EXPECT_EQ(Utf8SequenceBytes("a"), 1u);
  EXPECT_EQ(Utf8SequenceBytes("\xc3\xa4"), 2u);          // ä
  EXPECT_EQ(Utf8SequenceBytes("\xe2\x82\xac."), 3u);     // €
  EXPECT_EQ(Utf8SequenceBytes("\xf0\x9f\x92\xbe"), 4u);  // floppy disk
  for (absl::string_view bad :
       {"", "\x80", "\xc0\xaf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80", "\xe2\x82",
        "\xe2\x82(", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(Utf8SequenceBytes(bad), 0u) << bad;
  }
}

TEST(TextTest, TruncationNeverCutsACharacter) {
  const absl::string_view text = "a\xe2\x82\xac\xf0\x9f\x92\xbe";
  const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8};
  for (size_t bytes_max = 0; bytes_max < 10; ++bytes_max) {
    EXPECT_EQ(TruncateUtf8(text, bytes_max).size(), expected[bytes_max]) << bytes_max;
  }
}

TEST(TextTest, TruncationOfBytesThatAreNotUtf8StillMakesProgress) {
  EXPECT_EQ(TruncateUtf8(std::string(100, '\x80'), 50).size(), 47u);
}

TEST(TextTest, OneLineEscapesWhatCouldForgeARecordOrDriveATerminal) {
  EXPECT_EQ(OneLine("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(OneLine(absl::string_view("\0\x1b[31m\x7f", 7)), "\\x00\\x1b[31m\\x7f");
  EXPECT_EQ(OneLine("\xc2\x85 \xc2\x9b"), "\\u0085 \\u009b");
  EXPECT_EQ(OneLine("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029");
  EXPECT_EQ(OneLine("\xff\xc3"), "\\xff\\xc3");
}

TEST(TextTest, OneLineLeavesOrdinaryTextAlone) {
  const absl::string_view text = "C:\\path \"quoted\" \xc3\xa4 \xe2\x82\xac \xc2\xa0";
  EXPECT_EQ(OneLine(text), text);
}

TEST(TextTest, JsonStringsAreEscapedAndAlwaysValidUtf8) {
  EXPECT_EQ(JsonString("a\"b\\c\n\x7f"), "\"a\\\"b\\\\c\\u000a\\u007f\"");
  EXPECT_EQ(JsonString("\xff\xc3\xa4"), "\"\xef\xbf\xbd\xc3\xa4\"");
  EXPECT_EQ(JsonString(""), "\"\"");
}

}  // namespace
}  // namespace ctdb::logging
