// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/table.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

Table SomeTable() {
  Table table({{"Node", "Node", Align::kRight}, {"State", "State"}, {"Bytes", "Bytes"}});
  table.AddRow({uint64_t{7}, Cell("connected", Tone::kGood), Cell(std::string("1.5 KiB"), "1536")});
  table.AddRow({uint64_t{12}, Cell("lost"), Cell("")});
  return table;
}

TEST(TableTest, HumanColumnsAreAlignedWithoutTrailingBlanks) {
  EXPECT_EQ(SomeTable().Human(false),
            "Node  State      Bytes\n"
            "   7  connected  1.5 KiB\n"
            "  12  lost\n");
}

TEST(TableTest, ColourDoesNotDisturbTheAlignment) {
  EXPECT_EQ(SomeTable().Human(true),
            "\x1b[1mNode\x1b[0m  \x1b[1mState\x1b[0m      \x1b[1mBytes\x1b[0m\n"
            "   7  \x1b[32mconnected\x1b[0m  1.5 KiB\n"
            "  12  lost\n");
}

TEST(TableTest, MachineRowsStartAndEndWithTheSeparatorAndAreExact) {
  EXPECT_EQ(SomeTable().Machine("|"), "|Node|State|Bytes|\n|7|connected|1536|\n|12|lost||\n");
  EXPECT_EQ(SomeTable().Machine("::"),
            "::Node::State::Bytes::\n::7::connected::1536::\n::12::lost::::\n");
}

TEST(TableTest, TextFromElsewhereCannotBreakTheLines) {
  Table table(std::vector<Column>{{"Error", "Error"}});
  table.AddRow({Cell("a\nb")});
  EXPECT_EQ(table.Human(false), "Error\na\\x0ab\n");
  EXPECT_EQ(table.Machine("|"), "|Error|\n|a\\x0ab|\n");
}

TEST(TableTest, ShortRowsAreFilledUp) {
  Table table(std::vector<Column>{{"A", "A"}, {"B", "B"}});
  table.AddRow({Cell("x")});
  EXPECT_EQ(table.Machine("|"), "|A|B|\n|x||\n");
}

}  // namespace
}  // namespace ctdb::cli
