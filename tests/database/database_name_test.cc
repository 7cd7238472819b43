// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/database_name.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::database {
namespace {

TEST(DatabaseNameTest, NumbersAreThoseThatExistingClientsCompute_Dm13) {
  // As libtdb's tdb_jenkins_hash() says.
  EXPECT_EQ(DatabaseIdOf("locking.tdb"), DatabaseId(0x7a19d84d));
  EXPECT_EQ(DatabaseIdOf("g_lock.tdb"), DatabaseId(0x4d2a432b));
  EXPECT_EQ(DatabaseIdOf("secrets.tdb"), DatabaseId(0x7132c184));
  EXPECT_EQ(DatabaseIdOf("a"), DatabaseId(0x42b17671));
}

TEST(DatabaseNameTest, ANameIsTheNameOfAFileInOneDirectory) {
  for (const char* name : {"locking.tdb", "a", "A-b_c+d@e.9"}) {
    EXPECT_TRUE(CheckName(name).ok()) << name;
  }
  EXPECT_TRUE(CheckName(std::string(kNameBytesMax, 'x')).ok());
  for (const std::string& name :
       {std::string(), std::string("../etc"), std::string("a/b"), std::string(".hidden"),
        std::string("a b"), std::string("a\nb"), std::string("a\0b", 3), std::string("\xff"),
        std::string(kNameBytesMax + 1, 'x')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckName(name))) << name;
  }
}

}  // namespace
}  // namespace ctdb::database
