// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/bytes.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

TEST(BytesTest, AnArgumentIsItsTextOrTheDigitsBehind0x) {
  EXPECT_EQ(ParseBytes("smith").value(), "smith");
  EXPECT_EQ(ParseBytes("").value(), "");
  EXPECT_EQ(ParseBytes("0x").value(), "");
  EXPECT_EQ(ParseBytes("0x61fF00").value(), std::string("a\xff\0", 3));
  EXPECT_EQ(ParseBytes("0X61").value(), "0X61");
}

TEST(BytesTest, WrongDigitsAreNamedAsScriptsKnowIt) {
  EXPECT_EQ(ParseBytes("0x123").status().message(), "Key (123) contains odd number of hex digits");
  EXPECT_EQ(ParseBytes("0x61zz62").status().message(), "Invalid hex: zz62");
}

TEST(BytesTest, WhatIsPrintedIsAnArgumentForTheSameBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    all += one;
    EXPECT_EQ(ParseBytes(BytesArgument(one)).value(), one) << byte;
    EXPECT_EQ(ParseBytes(HexArgument(one)).value(), one) << byte;
  }
  for (const std::string& bytes :
       {all, std::string(), std::string("0x41"), std::string(" a "), std::string("two words")}) {
    EXPECT_EQ(ParseBytes(BytesArgument(bytes)).value(), bytes);
  }
}

TEST(BytesTest, OnlyPrintableTextIsPrintedAsItIs) {
  EXPECT_EQ(BytesArgument("a b\"c\\"), "a b\"c\\");
  EXPECT_EQ(BytesArgument("a\n"), "0x610a");
  EXPECT_EQ(BytesArgument("\xc3\xa4"), "0xc3a4");
  EXPECT_EQ(BytesArgument("0x41"), "0x30783431");
}

TEST(BytesTest, QuotedBytesHaveUpperCaseDigits) {
  EXPECT_EQ(QuotedBytes(std::string("ab\0\"c\\\xff", 7)), "ab\\00\\22c\\5C\\FF");
}

}  // namespace
}  // namespace ctdb::cli
