// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/bytes_text.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(BytesTextTest, BytesOfAnyKindComeBackAsTheyWere) {
  const std::string bytes("a\0\xff\n", 4);
  EXPECT_EQ(ToData(bytes).size(), 4u);
  EXPECT_EQ(FromData(ToData(bytes)), bytes);
  EXPECT_EQ(FromData(ToData("")), "");
}

TEST(BytesTextTest, ATextHasNoZeroAtItsEnd) {
  EXPECT_EQ(FromText("abc"), "abc");
  EXPECT_EQ(FromText(""), "");
}

}  // namespace
}  // namespace ctdb
