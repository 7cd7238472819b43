// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/record_header.h"

#include <gtest/gtest.h>

namespace ctdb::tdb_file {
namespace {

// samba-client-protocol 1.6: u64 rsn@0, u32 dmaster@8, u32 reserved@12, u32 flags@16, padding@20.
TEST(RecordHeaderTest, HasTheKnownPlaces) {
  const RecordHeader header = {.rsn = 7, .owner = 2, .flags = 0x10000};
  const std::string bytes = RecordHeaderBytes(header);
  ASSERT_EQ(bytes.size(), 24u);
  EXPECT_EQ(*reinterpret_cast<const uint64_t*>(bytes.data()), 7u);
  EXPECT_EQ(*reinterpret_cast<const uint32_t*>(bytes.data() + 8), 2u);
  EXPECT_EQ(*reinterpret_cast<const uint32_t*>(bytes.data() + 16), 0x10000u);
  EXPECT_EQ(ParseRecordHeader(bytes + "value"), header);
  EXPECT_EQ(ParseRecordHeader(bytes.substr(0, 23)), std::nullopt);
}

TEST(RecordHeaderTest, NamesOfFiles) {
  EXPECT_TRUE(IsNameOfCtdb("/var/lib/ctdb/persistent/registry.tdb.0"));
  EXPECT_TRUE(IsNameOfCtdb("a.tdb.12"));
  for (const char* name : {"registry.tdb", "registry.tdb.bak", ".tdb.0", "a.0", "0", "a.tdb."}) {
    EXPECT_FALSE(IsNameOfCtdb(name)) << name;
  }
}

}  // namespace
}  // namespace ctdb::tdb_file
