// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/tool_lock.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(ToolLockTest, ALockIsAListOfItsHolders) {
  const ToolLockEntry reader{ToolLockEntry::Type::kRead, {1, 2, NodeNumber(3), 4}};
  const ToolLockEntry writer{ToolLockEntry::Type::kWrite, {5, 6, NodeNumber(7), 8}};
  const std::string reader_hex =
      "00000000 00000000 01000000 00000000 02000000 03000000 04000000 00000000 ";
  const std::string writer_hex =
      "01000000 00000000 05000000 00000000 06000000 07000000 08000000 00000000 ";
  ExpectFixedLayout(reader, reader_hex);
  ExpectFixedLayout(writer, writer_hex);
  const ToolLockRecord lock{{reader, writer}};
  EXPECT_EQ(ToHex(Encode(lock)), ToHex(FromHex(reader_hex + writer_hex)));
  EXPECT_TRUE(*Decode<ToolLockRecord>(Encode(lock)) == lock);
}

TEST(ToolLockTest, NobodyHoldsALockWithoutBytes) {
  EXPECT_TRUE(Decode<ToolLockRecord>("")->entries.empty());
}

TEST(ToolLockTest, APartOfAnEntryIsRefused) {
  EXPECT_FALSE(Decode<ToolLockRecord>(std::string(31, '\0')).ok());
  EXPECT_FALSE(Decode<ToolLockRecord>(std::string(33, '\0')).ok());
  EXPECT_TRUE(Decode<ToolLockRecord>(std::string(64, '\0')).ok());
}

}  // namespace
}  // namespace ctdb::samba
