// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/ini.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::config {
namespace {

// The options of a text as "[section]line:name=value", one per line.
std::string Options(absl::string_view text) {
  std::string result;
  for (const IniSection& section : ParseIni(text).sections) {
    for (const IniOption& option : section.options) {
      result += "[" + section.name + "]" + std::to_string(option.line) + ":" + option.name + "=" +
                option.value + "\n";
    }
  }
  return result;
}

TEST(IniTest, OptionsCarryTheirSectionAndLine) {
  EXPECT_EQ(Options("a=1\n[x]\nb = 2\n\n[y]\nc=3"), "[]1:a=1\n[x]3:b=2\n[y]6:c=3\n");
}

TEST(IniTest, LinesThatStartWithHashOrSemicolonAreComments) {
  EXPECT_EQ(Options("[x]\n# a=1\n  ; b=2\nc=3\n"), "[x]4:c=3\n");
}

TEST(IniTest, HashInsideAValueBelongsToIt) {
  EXPECT_EQ(Options("[x]\na = 1 # no comment\nb=#\n"), "[x]2:a=1 # no comment\n[x]3:b=#\n");
}

TEST(IniTest, CommentIsNotContinued) { EXPECT_EQ(Options("[x]\n# c \\\na=1\n"), "[x]3:a=1\n"); }

TEST(IniTest, RunOfWhiteSpaceBecomesItsFirstCharacter) {
  EXPECT_EQ(Options("[x]\n \t a  b \t= c \td\te\t f \t\n"), "[x]2:a b=c d\te\tf\n");
}

TEST(IniTest, BackslashAtEndOfLineJoinsTheNext) {
  EXPECT_EQ(Options("[x]\na = 1 \\\n  2\\ \t\n3\nb=4\n"), "[x]2:a=1 23\n[x]5:b=4\n");
  EXPECT_EQ(Options("[x]\na \\\nb = 1\n"), "[x]2:a b=1\n");
  EXPECT_EQ(Options("[x\\\ny]\na=1\n"), "[xy]3:a=1\n");
  EXPECT_EQ(Options("[x]\n\\\n[y]\na=1\n"), "[y]4:a=1\n");
}

TEST(IniTest, OnlyTheLastBackslashJoins) {
  EXPECT_EQ(Options("[x]\na=b\\\\\nc\n"), "[x]2:a=b\\c\n");
  EXPECT_EQ(Options("[x]\na=b\\c\n"), "[x]2:a=b\\c\n");
}

TEST(IniTest, BackslashAtEndOfTextIsPartOfTheValue) {
  EXPECT_EQ(Options("[x]\na=b\\"), "[x]2:a=b\\\n");
}

TEST(IniTest, CarriageReturnsAreWhiteSpace) {
  EXPECT_EQ(Options("[x]\r\na = 1\r\nb=c\\\r\nd\r\n"), "[x]2:a=1\n[x]3:b=cd\n");
}

TEST(IniTest, BlanksInsideBracketsBelongToTheName) {
  EXPECT_EQ(ParseIni("[ x ]\n").sections[1].name, " x ");
}

TEST(IniTest, FirstEqualsSignSeparates) { EXPECT_EQ(Options("a=b=c\n"), "[]1:a=b=c\n"); }

TEST(IniTest, EmptyValueIsAnOption) { EXPECT_EQ(Options("a =\n"), "[]1:a=\n"); }

TEST(IniTest, LineWithoutEqualsSignIsIgnoredAndRemembered) {
  const IniFile file = ParseIni("[x]\nhello there\n");
  EXPECT_TRUE(file.errors.empty());
  ASSERT_EQ(file.ignored.size(), 1u);
  EXPECT_EQ(file.ignored[0].line, 2);
  EXPECT_NE(file.ignored[0].text.find("hello there"), std::string::npos);
}

TEST(IniTest, TextBehindAHeaderIsIgnoredAndRememberedUnlessAComment) {
  const IniFile file = ParseIni("[x] a=1\n[y] # fine\nb=2\n");
  ASSERT_EQ(file.ignored.size(), 1u);
  EXPECT_EQ(file.ignored[0].line, 1);
  EXPECT_EQ(Options("[x] a=1 \\\nb=2\n"), "[x]2:b=2\n");
}

TEST(IniTest, HeaderWithoutEndIsAnErrorAndReadingGoesOn) {
  const IniFile file = ParseIni("[x\na=1\n[y]\nb=2\n[z");
  ASSERT_EQ(file.errors.size(), 2u);
  EXPECT_EQ(file.errors[0].line, 1);
  EXPECT_EQ(file.errors[1].line, 5);
  EXPECT_EQ(file.sections[1].header, IniSection::Header::kBroken);
  EXPECT_EQ(file.sections[2].name, "y");
  EXPECT_EQ(file.sections[2].options.size(), 1u);
}

TEST(IniTest, ValueWithoutNameIsAnErrorAndReadingGoesOn) {
  const IniFile file = ParseIni("[x]\n = 1\nb=2\n");
  ASSERT_EQ(file.errors.size(), 1u);
  EXPECT_EQ(file.errors[0].line, 2);
  EXPECT_EQ(file.sections[1].options.size(), 1u);
}

TEST(IniTest, ZeroByteIsAnError) {
  const IniFile file = ParseIni(absl::string_view("a=b\0c\n", 6));
  ASSERT_EQ(file.errors.size(), 1u);
  EXPECT_TRUE(file.sections[0].options.empty());
  const IniFile header = ParseIni(absl::string_view("[a\0]\nb=c\n", 10));
  ASSERT_EQ(header.sections.size(), 2u);
  EXPECT_EQ(header.sections[1].header, IniSection::Header::kBroken);
}

TEST(IniTest, EmptyTextHasNoOptions) {
  EXPECT_EQ(Options(""), "");
  EXPECT_EQ(Options("\n\n"), "");
  EXPECT_EQ(Options("\\"), "");
}

// A megabyte of continuations, each of which could make the parser look at everything before it.
TEST(IniTest, ManyContinuationsAreReadInLinearTime) {
  for (const char* piece : {" \\\n", "[a\\\n", "a \\\n"}) {
    std::string text;
    while (text.size() < (1u << 20)) text += piece;
    EXPECT_LE(ParseIni(text).sections.size(), 2u);
  }
}

}  // namespace
}  // namespace ctdb::config
