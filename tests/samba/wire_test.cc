// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/wire.h"

#include <gtest/gtest.h>

#include "lib/samba/node_payloads.h"
#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(WireTest, FieldsOfAnyWidthLieBehindEachOtherWithoutAlignment) {
  std::string bytes;
  WireWriter writer(&bytes);
  writer(uint8_t{1}, uint64_t{2}, true, NodeNumber(3), std::array<uint16_t, 2>{4, 5});
  writer.Padding(3);
  EXPECT_EQ(ToHex(bytes), "010200000000000000010300000004000500000000");
  EXPECT_EQ(writer.bytes(), bytes.size());

  WireReader reader(bytes);
  uint8_t one = 0;
  uint64_t two = 0;
  bool yes = false;
  NodeNumber three;
  std::array<uint16_t, 2> rest{};
  reader(one, two, yes, three, rest);
  reader.Padding(3);
  EXPECT_TRUE(reader.Finish("test", Size::kExact).ok());
  EXPECT_EQ(one, 1);
  EXPECT_EQ(two, 2);
  EXPECT_TRUE(yes);
  EXPECT_EQ(three, NodeNumber(3));
  EXPECT_EQ(rest[1], 5);
}

TEST(WireTest, AWriterWithoutAStringOnlyCounts) {
  WireWriter writer(nullptr);
  writer(uint32_t{1});
  writer.RestText("text");
  writer.Padding(7);
  EXPECT_EQ(writer.bytes(), 4 + 5 + 7);
}

TEST(WireTest, AReaderThatFailedGivesZerosAndStaysFailed) {
  WireReader reader("\1\2\3");
  uint32_t number = 7;
  uint8_t byte = 7;
  absl::string_view content = "content";
  absl::string_view text = "text";
  reader(number, byte);
  reader.Content(content, 1);
  reader.Text(text, 1);
  EXPECT_EQ(number, 0);
  EXPECT_EQ(byte, 0);
  EXPECT_EQ(content, "");
  EXPECT_EQ(text, "");
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Finish("test", Size::kAtLeast)));
}

TEST(WireTest, AnErrorSaysWhatAndWhere) {
  EXPECT_EQ(Decode<BanState>("1234567").status().message(),
            "the 7 bytes of a ban state end too early or contradict themselves at 4");
  EXPECT_EQ(Decode<BanState>("123456789").status().message(), "a ban state ends at 8 of 9 bytes");
}

TEST(WireTest, AnAnnouncedNumberOfElementsAllocatesNothingThatIsNotThere) {
  std::vector<NodeEntry> entries;
  const std::string bytes(2 * NodeEntry::kBytes - 1, '\0');
  WireReader reader(bytes);
  reader.Elements(entries, 2);
  EXPECT_TRUE(reader.failed());
  EXPECT_TRUE(entries.empty());
}

TEST(WireTest, ATextOfNoBytesIsEmptyAndAnyOtherEndsInAZeroByte) {
  absl::string_view text = "text";
  WireReader reader(absl::string_view("ab\0cd", 5));
  reader.Text(text, 0);
  EXPECT_EQ(text, "");
  reader.Text(text, 3);
  EXPECT_EQ(text, "ab");
  EXPECT_FALSE(reader.failed());
  reader.Text(text, 2);
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace ctdb::samba
