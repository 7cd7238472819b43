// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/command.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

const std::vector<Command>& Table() {
  static const auto* table = [] {
    auto* rows = new std::vector<Command>(3);
    (*rows)[0].name = "config";
    (*rows)[1].name = "config show";
    (*rows)[2].name = "message send";
    return rows;
  }();
  return *table;
}

TEST(CommandTest, TwoWordsAreTriedBeforeOne) {
  EXPECT_EQ(FindCommand(Table(), {"config", "show", "x"})->name, "config show");
  EXPECT_EQ(FindCommand(Table(), {"config", "other"})->name, "config");
  EXPECT_EQ(FindCommand(Table(), {"config"})->name, "config");
}

TEST(CommandTest, UnknownWordsFindNothing) {
  EXPECT_EQ(FindCommand(Table(), {}), nullptr);
  EXPECT_EQ(FindCommand(Table(), {"message"}), nullptr);
  EXPECT_EQ(FindCommand(Table(), {"message send"}), FindCommand(Table(), {"message", "send"}));
}

TEST(CommandTest, AGroupIsAFirstWordOfTwo) {
  EXPECT_TRUE(IsCommandGroup(Table(), "message"));
  EXPECT_FALSE(IsCommandGroup(Table(), "mess"));
  EXPECT_FALSE(IsCommandGroup(Table(), "send"));
}

TEST(CommandTest, WordsOfANameAreCounted) {
  EXPECT_EQ(WordCount(Table()[0]), 1u);
  EXPECT_EQ(WordCount(Table()[1]), 2u);
}

}  // namespace
}  // namespace ctdb::cli
