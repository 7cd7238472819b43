// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/value.h"

#include <gtest/gtest.h>

namespace ctdb::config {
namespace {

TEST(ValueTest, IntegersAreDecimalHexadecimalOrOctal) {
  EXPECT_EQ(ParseUnsigned("0", 100), 0u);
  EXPECT_EQ(ParseUnsigned("42", 100), 42u);
  EXPECT_EQ(ParseUnsigned("0x1F", 100), 31u);
  EXPECT_EQ(ParseUnsigned("0X1f", 100), 31u);
  EXPECT_EQ(ParseUnsigned("017", 100), 15u);
}

TEST(ValueTest, IntegersAreRefusedAboveTheMaximum) {
  EXPECT_EQ(ParseUnsigned("100", 100), 100u);
  EXPECT_EQ(ParseUnsigned("101", 100), std::nullopt);
  EXPECT_EQ(ParseUnsigned("4294967295", 4294967295), 4294967295u);
  EXPECT_EQ(ParseUnsigned("4294967296", 4294967295), std::nullopt);
  EXPECT_EQ(ParseUnsigned("99999999999999999999999999999999", 4294967295), std::nullopt);
}

TEST(ValueTest, IntegersWithAnythingElseInThemAreRefused) {
  for (const char* text :
       {"", "x", "7 # x", "7x", "-1", "+1", " 1", "1 ", "08", "0x", "0xg", "1.5"}) {
    EXPECT_EQ(ParseUnsigned(text, 100), std::nullopt) << text;
  }
}

TEST(ValueTest, IntegerOptionsEndAtTheLargestInt) {
  EXPECT_EQ(ParseOptionValue(OptionType::kInteger, "2147483647"), OptionValue(2147483647));
  EXPECT_EQ(ParseOptionValue(OptionType::kInteger, "2147483648"), std::nullopt);
}

TEST(ValueTest, BooleansAreFourWordsInAnyCase) {
  EXPECT_EQ(ParseOptionValue(OptionType::kBoolean, "true"), OptionValue(true));
  EXPECT_EQ(ParseOptionValue(OptionType::kBoolean, "YES"), OptionValue(true));
  EXPECT_EQ(ParseOptionValue(OptionType::kBoolean, "False"), OptionValue(false));
  EXPECT_EQ(ParseOptionValue(OptionType::kBoolean, "no"), OptionValue(false));
  for (const char* text : {"on", "off", "1", "0", "t", "tru e", ""}) {
    EXPECT_EQ(ParseOptionValue(OptionType::kBoolean, text), std::nullopt) << text;
  }
}

TEST(ValueTest, StringsAreAnythingButEmpty) {
  EXPECT_EQ(ParseOptionValue(OptionType::kString, "a b"), OptionValue(std::string("a b")));
  EXPECT_EQ(ParseOptionValue(OptionType::kString, ""), std::nullopt);
}

TEST(ValueTest, TextOfAValueIsCanonical) {
  EXPECT_EQ(ToText(OptionValue(16)), "16");
  EXPECT_EQ(ToText(OptionValue(true)), "true");
  EXPECT_EQ(ToText(OptionValue(false)), "false");
  EXPECT_EQ(ToText(OptionValue(std::string("Ab"))), "Ab");
}

TEST(ValueTest, TypesHaveNames) {
  EXPECT_EQ(OptionTypeName(OptionType::kString), "string");
  EXPECT_EQ(OptionTypeName(OptionType::kInteger), "integer");
  EXPECT_EQ(OptionTypeName(OptionType::kBoolean), "boolean");
}

}  // namespace
}  // namespace ctdb::config
