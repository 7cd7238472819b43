// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/transaction_text.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

// "KEY=VALUE", "nothing", or what is wrong.
std::string Parse(absl::string_view line) {
  const auto parsed = ParseTransactionLine(line);
  if (!parsed.ok()) return std::string(parsed.status().message());
  return parsed->has_value() ? (*parsed)->key + "=" + (*parsed)->value : "nothing";
}

TEST(TransactionTextTest, ALineIsAKeyAndAValueInQuotes) {
  EXPECT_EQ(Parse("\"key\" \"value\""), "key=value");
  EXPECT_EQ(Parse(" \t\"a key\"\t \"a value\" behind it \"x"), "a key=a value");
  EXPECT_EQ(Parse("\"key\"\"value\""), "key=value");
  EXPECT_EQ(Parse("\"key\" \"\""), "key=");
  EXPECT_EQ(Parse("\"k\\\" \"v\""), "k\\=v") << "nothing is escaped";
}

TEST(TransactionTextTest, HexadecimalDigitsStandForBytes) {
  EXPECT_EQ(Parse("\"0x6b6579\" \"0x00ff\""), std::string("key=\0\xff", 6));
  EXPECT_EQ(Parse("\"0x6\" \"v\""),
            "Key (6) contains odd number of hex digits\n"
            "Unsupported input format in \"0x6\" \"v\"");
}

TEST(TransactionTextTest, ALineThatIsNoneIsShownWithWhatIsWrong) {
  EXPECT_EQ(Parse("key value"), "Unsupported input format in key value");
  EXPECT_EQ(Parse("\"key\" value"), "Unsupported input format in \"key\" value");
  EXPECT_EQ(Parse("\"key\""), "Unsupported input format in \"key\"");
  EXPECT_EQ(Parse("\"key"), "Unmatched \" in input \"key");
  EXPECT_EQ(Parse("\"key\" \"value"), "Unmatched \" in input \"key\" \"value");
}

TEST(TransactionTextTest, BlankLinesAreNothing) {
  EXPECT_EQ(Parse(""), "nothing");
  EXPECT_EQ(Parse(" \t\r"), "nothing");
}

}  // namespace
}  // namespace ctdb::cli
