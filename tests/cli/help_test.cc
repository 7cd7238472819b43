// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/help.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "cli/options.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;

Command Ping() {
  Command ping;
  ping.name = "ping";
  ping.arguments = "[HOW]";
  ping.summary = "ask for a sign of life";
  ping.help = "A paragraph.";
  ping.options = {{"count", 'c', "N", "how often"}};
  ping.examples = {{"ctdb ping -c 2", "response from 1\n.response 'from' 2-3"}};
  ping.machine = true;
  return ping;
}

TEST(HelpTest, CommandLineHasFixedColumns) {
  EXPECT_EQ(CommandUsage(Ping()),
            "Usage: ctdb [OPTION...] COMMAND [ARGUMENT...]\n"
            "\n"
            "Commands:\n"
            "  ping            [HOW]                        ask for a sign of life\n");
}

TEST(HelpTest, FullUsageHasOptionsThenAnEmptyLineThenCommands) {
  const std::string usage = FullUsage({Ping()});
  for (const GlobalOption& option : GlobalOptions()) {
    EXPECT_TRUE(StrContains(usage, std::string("--") + std::string(option.name))) << option.name;
  }
  EXPECT_TRUE(StrContains(usage, "\n\nCommands:\n  ping            [HOW]  "));
}

TEST(HelpTest, CommandHelpTellsAll) {
  EXPECT_EQ(CommandHelp(Ping()),
            "ctdb ping [HOW]\n"
            "\n"
            "  A paragraph.\n"
            "\n"
            "Options of this command:\n"
            "  -c, --count=N               how often\n"
            "\n"
            "  Asks the local daemon, or with -n the daemon of another node.\n"
            "  Understands -X --json.\n"
            "\n"
            "Example:\n"
            "  $ ctdb ping -c 2\n"
            "  response from 1\n"
            "  .response 'from' 2-3\n");
}

TEST(HelpTest, ManPageEscapesWhatRoffWouldTakeForItself) {
  const std::string page = ManPage({Ping()});
  EXPECT_TRUE(StrContains(page, "\n.SS ping [HOW]\nA paragraph.\n"));
  EXPECT_TRUE(StrContains(page,
                          "\n$ ctdb ping \\-c 2\nresponse from 1\n"
                          "\\&.response \\(aqfrom\\(aq 2\\-3\n"));
}

TEST(HelpTest, CompletionKnowsCommandsAndTheirOptions) {
  const std::string script = BashCompletion({Ping()});
  EXPECT_TRUE(StrContains(script, "choices='ping'"));
  EXPECT_TRUE(StrContains(script, "'ping'*) options+=' --count=' ;;"));
}

}  // namespace
}  // namespace ctdb::cli
