// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What must be true of every command, whoever adds one.

#include "cli/command_table.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/help.h"
#include "cli/options.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;

TEST(CommandTableTest, NamesAreSortedAndDistinct) {
  absl::string_view last;
  for (const Command& command : CommandTable()) {
    EXPECT_LT(last, command.name);
    EXPECT_LE(WordCount(command), 2u) << command.name;
    last = command.name;
  }
}

TEST(CommandTableTest, EveryCommandIsExplainedAndHasAHandler) {
  for (const Command& command : CommandTable()) {
    EXPECT_NE(command.handler, nullptr) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_LE(command.summary.size(), 50u) << command.name;
    EXPECT_TRUE(absl::EndsWith(command.help, ".")) << command.name;
    EXPECT_GE(command.help.size(), command.summary.size()) << command.name;
    for (const CommandOption& option : command.options) {
      EXPECT_FALSE(option.meaning.empty()) << command.name << " --" << option.name;
    }
  }
}

TEST(CommandTableTest, EveryCommandHasAnExampleThatTheParserAccepts) {
  for (const Command& command : CommandTable()) {
    ASSERT_FALSE(command.examples.empty()) << command.name;
    for (const Example& example : command.examples) {
      // Up to what belongs to the shell.
      const std::string line =
          absl::StrReplaceAll(std::string(example.line.substr(0, example.line.find(" |"))),
                              {{"source <(", ""}, {")", ""}, {"\"lunch time\"", "text"}});
      std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
      ASSERT_EQ(words[0], "ctdb") << example.line;
      words.erase(words.begin());
      const auto invocation = ParseCommandLine(words, {}, CommandTable());
      ASSERT_TRUE(invocation.ok()) << example.line << ": " << invocation.status();
      ASSERT_NE(invocation->command, nullptr) << example.line;
      EXPECT_EQ(invocation->command->name, command.name) << example.line;
      const int count = static_cast<int>(invocation->arguments.size());
      EXPECT_GE(count, command.arguments_min) << example.line;
      EXPECT_LE(count, command.arguments_max) << example.line;
    }
  }
}

TEST(CommandTableTest, EveryCommandIsInUsageManualAndCompletion) {
  const std::string usage = FullUsage(CommandTable());
  const std::string manual = ManPage(CommandTable());
  const std::string completion = BashCompletion(CommandTable());
  for (const Command& command : CommandTable()) {
    EXPECT_TRUE(StrContains(usage, absl::StrCat("\n  ", command.name, " "))) << command.name;
    // To troff a plain hyphen is not the one of the keyboard.
    const std::string in_manual = absl::StrReplaceAll(command.name, {{"-", "\\-"}});
    EXPECT_TRUE(StrContains(manual, absl::StrCat("\n.SS ", in_manual))) << command.name;
    for (const absl::string_view word : absl::StrSplit(command.name, ' ')) {
      EXPECT_TRUE(StrContains(completion, word)) << command.name;
    }
    for (const CommandOption& option : command.options) {
      EXPECT_TRUE(StrContains(completion, absl::StrCat("--", option.name))) << command.name;
    }
  }
}

TEST(CommandTableTest, CommandsThatMustNotBeThereAreNotThere) {
  // Gone from the older tool long ago; scripts may test for that.
  for (const char* name : {"setrecmasterrole", "isnotrecmaster", "xpnn", "listen", "msgsend",
                           "eventscript", "rebalancenode"}) {
    EXPECT_EQ(FindCommand(CommandTable(), {name}), nullptr) << name;
  }
}

}  // namespace
}  // namespace ctdb::cli
