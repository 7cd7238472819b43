// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/options.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

using Action = Invocation::Action;
using Words = std::vector<std::string>;

std::vector<Command> SmallTable() {
  Command status;
  status.name = "status";
  status.machine = status.watch = true;
  Command listen;
  listen.name = "message listen";
  listen.options = {{"count", 'c', "N", ""}, {"nodes", 'n', "NODES", ""}, {"fast", 'f', "", ""}};
  listen.endless = true;
  Command send;
  send.name = "message send";
  Command onnode;
  onnode.name = "onnode";
  onnode.passthrough = 1;
  onnode.json = false;
  onnode.scope = Scope::kNoDaemon;
  return {status, listen, send, onnode};
}

const std::vector<Command>& Table() {
  static const auto* table = new std::vector<Command>(SmallTable());
  return *table;
}

absl::StatusOr<Invocation> Parse(const Words& words, const Environment& environment = {}) {
  return ParseCommandLine(words, environment, Table());
}

std::string Error(const Words& words, const Environment& environment = {}) {
  return std::string(Parse(words, environment).status().message());
}

TEST(OptionsTest, DefaultsAreThoseOfOlderTools) {
  const Invocation invocation = *Parse({"status"});
  EXPECT_EQ(invocation.action, Action::kRun);
  EXPECT_EQ(invocation.command->name, "status");
  EXPECT_FALSE(invocation.node.has_value());
  EXPECT_EQ(invocation.time_limit, absl::Seconds(10));
  EXPECT_EQ(invocation.run_limit, absl::Seconds(120));
  EXPECT_FALSE(invocation.machine);
  EXPECT_EQ(invocation.separator, "|");
  EXPECT_EQ(invocation.log_level, LogLevel::kError);
  EXPECT_EQ(invocation.socket, "/run/ctdb/transport.socket");
}

TEST(OptionsTest, OptionsStandAnywhere) {
  for (const Words& words :
       {Words{"-X", "-n", "2", "status"}, Words{"status", "-X", "-n2"},
        Words{"-X", "status", "-n=2"}, Words{"-Xn", "2", "status"},
        Words{"status", "--node=2", "--machinereadable"}, Words{"--node", "2", "status", "-Y"},
        Words{"status", "-n", "0x2", "-X"}}) {
    const auto invocation = Parse(words);
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->node, 2u);
    EXPECT_TRUE(invocation->machine);
    EXPECT_TRUE(invocation->arguments.empty());
  }
}

TEST(OptionsTest, EveryOptionIsUnderstood) {
  const Invocation invocation = *Parse({"-t", "3", "-T", "7", "-x", ":", "-j", "-v", "-d", "INFO",
                                        "--watch=0.5", "--socket", "/s", "status"});
  EXPECT_EQ(invocation.time_limit, absl::Seconds(3));
  EXPECT_EQ(invocation.run_limit, absl::Seconds(7));
  EXPECT_EQ(invocation.separator, ":");
  EXPECT_FALSE(invocation.machine);  // A separator alone does not ask for -X.
  EXPECT_TRUE(invocation.json);
  EXPECT_TRUE(invocation.verbose);
  EXPECT_EQ(invocation.log_level, LogLevel::kInfo);
  EXPECT_EQ(invocation.watch, absl::Seconds(0.5));
  EXPECT_EQ(invocation.socket, "/s");
}

TEST(OptionsTest, ArgumentsKeepTheirOrderAndADashIsOne) {
  EXPECT_EQ(Parse({"message", "-v", "send", "1", "-", "--", "-x"})->arguments,
            (Words{"1", "-", "-x"}));
}

TEST(OptionsTest, BadOptionsAreNamedWithTheReason) {
  EXPECT_EQ(Error({"status", "-n", "all"}), "Invalid option all: invalid numeric value");
  EXPECT_EQ(Error({"--node=all", "status"}), "Invalid option --node=all: invalid numeric value");
  EXPECT_EQ(Error({"-n", "0,1", "status"}), "Invalid option 0,1: invalid numeric value");
  EXPECT_EQ(Error({"-n", "-1", "status"}), "Invalid option -1: number too large or too small");
  EXPECT_EQ(Error({"status", "--frob"}), "Invalid option --frob: unknown option");
  EXPECT_EQ(Error({"status", "-Xq"}), "Invalid option -Xq: unknown option");
  EXPECT_EQ(Error({"status", "-n"}), "Invalid option -n: missing argument");
  EXPECT_EQ(Error({"status", "--json=1"}),
            "Invalid option --json=1: option does not take an argument");
  EXPECT_EQ(Error({"status", "-t", "0"}), "Invalid option 0: number too large or too small");
  EXPECT_EQ(Error({"status", "-t", "99999999999999999999"}),
            "Invalid option 99999999999999999999: invalid numeric value");
}

TEST(OptionsTest, ABadLogLevelIsSilentlyError) {
  EXPECT_EQ(Parse({"-d", "42", "status"})->log_level, LogLevel::kError);
}

TEST(OptionsTest, RunLimitComesFromTheOptionThenTheEnvironment) {
  Environment environment;
  environment.timeout = "30";
  EXPECT_EQ(Parse({"status"}, environment)->run_limit, absl::Seconds(30));
  EXPECT_EQ(Parse({"status", "-T", "5"}, environment)->run_limit, absl::Seconds(5));
  environment.timeout = "0";
  EXPECT_EQ(Parse({"status"}, environment)->run_limit, absl::InfiniteDuration());
  environment.timeout = "soon";
  EXPECT_EQ(Error({"status"}, environment), "Invalid value CTDB_TIMEOUT");
}

TEST(OptionsTest, WhatRunsUntilInterruptedHasNoRunLimitUnlessGiven) {
  EXPECT_EQ(Parse({"message", "listen"})->run_limit, absl::InfiniteDuration());
  EXPECT_EQ(Parse({"status", "--watch"})->run_limit, absl::InfiniteDuration());
  EXPECT_EQ(Parse({"message", "listen", "-T", "9"})->run_limit, absl::Seconds(9));
}

TEST(OptionsTest, ACommandsOwnOptionsStandBehindItsNameAndWinThere) {
  const Invocation invocation = *Parse({"message", "listen", "--count", "3", "-n", "0,2", "-f"});
  EXPECT_EQ(invocation.Own("count"), "3");
  EXPECT_EQ(invocation.Own("nodes"), "0,2");
  EXPECT_TRUE(invocation.has("fast"));
  EXPECT_FALSE(invocation.node.has_value());
  EXPECT_EQ(Parse({"-n", "2", "message", "listen"})->node, 2u);
  EXPECT_EQ(Error({"--count", "3", "message", "listen"}), "Invalid option --count: unknown option");
  EXPECT_EQ(Error({"message", "send", "--count=3"}), "Invalid option --count=3: unknown option");
}

TEST(OptionsTest, OptionsOfAnotherProgramPassThrough) {
  EXPECT_EQ(Parse({"onnode", "1", "ls", "-l", "--", "-n"})->arguments,
            (Words{"1", "ls", "-l", "--", "-n"}));
}

TEST(OptionsTest, UnknownCommandsGetASuggestionBehindTheKnownText) {
  EXPECT_EQ(Error({"satus"}), "Unknown command 'satus'; did you mean \"status\"?");
  EXPECT_EQ(Error({"frobnicate"}), "Unknown command 'frobnicate'");
  EXPECT_EQ(Error({"message", "sned"}),
            "Unknown command 'message sned'; did you mean \"message send\"?");
}

TEST(OptionsTest, WithoutACommandThereIsNothingToDo) {
  EXPECT_EQ(Parse({})->action, Action::kNoCommand);
  EXPECT_EQ(Parse({"-X"})->action, Action::kNoCommand);
  EXPECT_EQ(Parse({"message"})->action, Action::kNoCommand);
  EXPECT_EQ(Parse({"message"})->arguments, Words{"message"});
}

TEST(OptionsTest, HelpWinsOverEverything) {
  EXPECT_EQ(Parse({"-?"})->action, Action::kHelp);
  EXPECT_EQ(Parse({"status", "--help"})->action, Action::kHelp);
  EXPECT_EQ(Parse({"status", "--help"})->command->name, "status");
  EXPECT_EQ(Parse({"--usage", "frobnicate"})->action, Action::kUsage);
  EXPECT_EQ(Parse({"onnode", "-j", "-?"})->action, Action::kHelp);
}

TEST(OptionsTest, CombinationsThatCannotWorkAreRefused) {
  EXPECT_EQ(Error({"status", "-j", "-X"}), "--json and -Y options are mutually exclusive");
  EXPECT_EQ(Error({"-j", "onnode"}), "--json not supported by the onnode subcommand");
  EXPECT_EQ(Error({"message", "send", "--watch"}),
            "--watch not supported by the message send subcommand");
  EXPECT_EQ(Error({"-n", "0", "onnode"}), "Cannot specify node for command onnode");
}

TEST(OptionsTest, NumbersAreDecimalHexadecimalOrOctal) {
  EXPECT_EQ(ParseNumber("12"), 12u);
  EXPECT_EQ(ParseNumber("0x1F"), 31u);
  EXPECT_EQ(ParseNumber("010"), 8u);
  EXPECT_EQ(ParseNumber("0"), 0u);
  EXPECT_EQ(ParseNumber("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "0x", "08", "1a", "-1", "+1", " 1", "1 ", "18446744073709551616"}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

TEST(OptionsTest, SecondsMayHaveAFractionAndAreNotNegativeOrEndless) {
  EXPECT_EQ(ParseSeconds("1.5"), absl::Seconds(1.5));
  EXPECT_EQ(ParseSeconds("0"), absl::ZeroDuration());
  for (const char* text : {"", "x", "-1", "nan", "inf", "1e300"}) {
    EXPECT_FALSE(ParseSeconds(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace ctdb::cli
