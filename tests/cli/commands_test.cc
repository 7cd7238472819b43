// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Whole commands, from the command line to what they print, against daemons of a few lines.

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::StartsWith;
using absl::StrContains;
using Calls = std::vector<std::string>;

using CommandsTest = WholeCommandTest;

constexpr char kNodeHeader[] =
    "|Node|IP|Disconnected|Unknown|Banned|Disabled|Unhealthy|Stopped|Inactive|PartiallyOnline|"
    "ThisNode|\n";

TEST_F(CommandsTest, StatusForPeople) {
  EXPECT_EQ(Out({"status"}),
            "Number of nodes:3\n"
            "pnn:0 10.7.0.1         OK (THIS NODE)\n"
            "pnn:1 10.7.0.2         OK\n"
            "pnn:2 10.7.0.3         DISCONNECTED|UNHEALTHY|INACTIVE\n"
            "Generation:16781313\n"
            "Size:2\n"
            "hash:0 lmaster:0\n"
            "hash:1 lmaster:1\n"
            "Recovery mode:NORMAL (0)\n"
            "Leader:1\n");
}

TEST_F(CommandsTest, VerboseStatusHasLinksAndProcessesBehindTheOldLines) {
  const std::string text = Out({"status", "-v"});
  EXPECT_TRUE(StartsWith(text, Out({"status"})));
  EXPECT_TRUE(StrContains(text, "\nLinks:\nNode  Address")) << text;
  EXPECT_TRUE(StrContains(text, "Connection refused\n")) << text;
  EXPECT_TRUE(StrContains(text, "\nProcesses of node 0 (single process model):\n")) << text;
}

TEST_F(CommandsTest, VerboseStatusTellsHowTheClusterDecidesAndWhatItWaitsFor) {
  membership().waiting_for = "a majority";
  membership().warnings = {"Node 1 has another nodes list"};
  const std::string text = Out({"status", "-v"});
  EXPECT_TRUE(StrContains(text, "\nDecides by: majority (engine builtin)\n")) << text;
  EXPECT_TRUE(StrContains(text, "\nWaits for: a majority\n")) << text;
  EXPECT_TRUE(StrContains(text, "11:39:44 2031, settled after 0.251 seconds\n")) << text;
  EXPECT_TRUE(StrContains(text, "\nWarning: Node 1 has another nodes list\n")) << text;
}

TEST_F(CommandsTest, StatusDuringARecovery) {
  membership().settled = false;
  membership().leader = std::nullopt;
  EXPECT_TRUE(absl::EndsWith(Out({"status"}), "Recovery mode:RECOVERY (1)\nLeader:UNKNOWN\n"));
  membership().epoch = 0;
  EXPECT_TRUE(StrContains(Out({"status"}), "\nGeneration:INVALID\nSize:0\nRecovery mode:REC"));
  EXPECT_TRUE(StrContains(Out({"status", "-j"}), "\"generation\": null,\n"));
}

TEST_F(CommandsTest, StatusShowsWhoIsLeftOut) {
  membership().nodes[1].active = false;
  EXPECT_TRUE(StrContains(Out({"status"}), "pnn:1 10.7.0.2         INACTIVE\n"));
  EXPECT_TRUE(StrContains(Out({"status", "-X"}), "|1|10.7.0.2|0|0|0|0|0|0|1|0|N|\n"));
  EXPECT_TRUE(StrContains(Out({"status", "-j"}), "\"flags_raw\": 0,\n        \"flags_ok\": false"));
}

TEST_F(CommandsTest, WithoutAClusterServiceStatusShowsTheLinksAndWarns) {
  membership().answers = false;
  const FakeCluster::Result result = cluster_.Run({"status"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            "Warning: cannot ask the cluster service of node 0: no such service; what follows are "
            "only the links of node 0\n");
  EXPECT_EQ(result.out,
            "Number of nodes:3\n"
            "pnn:0 10.7.0.1         OK (THIS NODE)\n"
            "pnn:1 10.7.0.2         OK\n"
            "pnn:2 10.7.0.3         DISCONNECTED|UNHEALTHY|INACTIVE\n"
            "Generation:INVALID\n"
            "Size:0\n"
            "Recovery mode:RECOVERY (1)\n"
            "Leader:UNKNOWN\n");
  const FakeCluster::Result json = cluster_.Run({"status", "-j"});
  EXPECT_TRUE(StrContains(json.err, "Warning: ")) << json.err;
  EXPECT_FALSE(StrContains(json.out, "\n  \"cluster\": ")) << json.out;
}

TEST_F(CommandsTest, NodestatusExitsWithTheFlagsOfTheClusterService) {
  membership().nodes[1].flags = 8 | 32;
  EXPECT_EQ(cluster_.Run({"nodestatus", "all"}).exit_code, 1 | 2 | 8 | 32);
  EXPECT_EQ(cluster_.Run({"nodestatus", "1"}).out,
            "pnn:1 10.7.0.2         BANNED|STOPPED|INACTIVE\n");
  membership().nodes[1].known = false;
  EXPECT_EQ(cluster_.Run({"nodestatus", "1"}).exit_code, 64);
}

TEST_F(CommandsTest, StatusForScripts) {
  EXPECT_EQ(Out({"status", "-X"}), absl::StrCat(kNodeHeader,
                                                "|0|10.7.0.1|0|0|0|0|0|0|0|0|Y|\n"
                                                "|1|10.7.0.2|0|0|0|0|0|0|0|0|N|\n"
                                                "|2|10.7.0.3|1|0|0|0|1|0|1|0|N|\n"));
}

TEST_F(CommandsTest, StatusAsJsonHasTheOldKeysThenTheNewOnes) {
  const std::string text = Out({"status", "--json"});
  EXPECT_TRUE(StartsWith(text, "{\n  \"node_status\": {\n    \"node_count\": 3,\n"));
  size_t last = 0;
  for (const char* key : {"node_status", "vnn_status", "recovery_mode", "recovery_mode_raw",
                          "leader", "transport", "processes", "cluster"}) {
    const size_t position = text.find(absl::StrCat("\n  \"", key, "\": "));
    ASSERT_NE(position, std::string::npos) << key;
    EXPECT_GE(position, last) << key;
    last = position;
  }
  EXPECT_EQ(text.back(), '}');  // No final newline.
}

TEST_F(CommandsTest, NodestatusExitsWithTheFlags) {
  EXPECT_EQ(Out({"nodestatus"}), "pnn:0 10.7.0.1         OK (THIS NODE)\n");
  EXPECT_EQ(Out({"nodestatus", "-n", "1"}), "pnn:1 10.7.0.2         OK (THIS NODE)\n");
  const FakeCluster::Result two = cluster_.Run({"nodestatus", "1,2", "-X"});
  EXPECT_EQ(two.exit_code, 3);
  EXPECT_EQ(two.out, absl::StrCat(kNodeHeader,
                                  "|1|10.7.0.2|0|0|0|0|0|0|0|0|N|\n"
                                  "|2|10.7.0.3|1|0|0|0|1|0|1|0|N|\n"));
  const FakeCluster::Result all = cluster_.Run({"nodestatus", "all"});
  EXPECT_EQ(all.exit_code, 3);
  EXPECT_TRUE(StartsWith(all.out, "Number of nodes:3\npnn:0 ")) << all.out;
}

TEST_F(CommandsTest, NodestatusRefusesNodesThatAreNotThere) {
  EXPECT_EQ(Err({"nodestatus", "7"}), "Node 7 does not exist\n");
  EXPECT_EQ(Err({"nodestatus", "0-1"}), "Invalid node 0-1\n");
}

TEST_F(CommandsTest, NodesThatCannotBeAskedAreNamed) {
  EXPECT_EQ(Err({"ping", "-n", "2"}), "Node 2 has status DISCONNECTED\n");
  EXPECT_EQ(Err({"ping", "-n", "3"}), "Node 3 does not exist\n");
  EXPECT_EQ(Err({"pnn", "-n", "1"}), "Node cannot be specified for command pnn\n");
  EXPECT_EQ(Out({"pnn", "-n", "0"}), "0\n");
}

TEST_F(CommandsTest, WithoutADaemonOldCommandsExitWith1AndNewOnesWith69) {
  cluster_.absent = true;
  EXPECT_EQ(Err({"status"}), "Failed to connect to CTDB daemon (/s)\n");
  const FakeCluster::Result links = cluster_.Run({"links"});
  EXPECT_EQ(links.exit_code, kExitUnavailable);
  EXPECT_EQ(links.err, "Failed to connect to CTDB daemon (/s)\n");
}

TEST_F(CommandsTest, PingTellsTheNodeTheTimeAndTheClients) {
  const std::string text = Out({"ping", "-n", "1"});
  EXPECT_TRUE(StartsWith(text, "response from 1 time=0.")) << text;
  EXPECT_TRUE(absl::EndsWith(text, " sec  (1 clients)\n")) << text;
  EXPECT_TRUE(StrContains(Out({"ping", "-j"}), "\"clients\": 1\n"));
}

TEST_F(CommandsTest, Uptime) {
  EXPECT_EQ(Out({"uptime"}),
            "Current time of node 0        :                Fri May  9 11:49:44 2031\n"
            "Ctdbd start time              : (001 02:03:04) Thu May  8 09:46:40 2031\n"
            "Time of last recovery/failover: (000 00:10:00) Fri May  9 11:39:44 2031\n"
            "Duration of last recovery/failover: 0.251000 seconds\n");
  membership().change_seconds = -1.5;
  EXPECT_TRUE(absl::EndsWith(Out({"uptime"}), "failover: -1.500000 seconds\n"));
  EXPECT_TRUE(StrContains(Out({"uptime", "-j"}), "\"seconds\": -1.5\n"));
  membership().answers = false;
  EXPECT_TRUE(absl::EndsWith(Out({"uptime"}), "09:46:40 2031\n"));
  EXPECT_FALSE(StrContains(Out({"uptime", "-j"}), "lastRecovery"));
}

TEST_F(CommandsTest, RunstateComparesWithoutCase) {
  EXPECT_EQ(Out({"runstate"}), "RUNNING\n");
  EXPECT_EQ(Out({"runstate", "startup", "running"}), "RUNNING\n");
  const FakeCluster::Result other = cluster_.Run({"runstate", "startup"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_EQ(other.out, "CTDB not in required run state (got RUNNING)\n");
  EXPECT_EQ(cluster_.Run({"runstate", "frob"}).out, "Invalid run state (frob)\n");
}

TEST_F(CommandsTest, GetpidAndVersion) {
  EXPECT_EQ(Out({"getpid", "-n", "1"}), "4712\n");
  EXPECT_EQ(Out({"version"}), "0.1.0\n");
  EXPECT_EQ(Out({"version", "-j"}), "{\n  \"version\": \"0.1.0\"\n}");
  EXPECT_EQ(Err({"version", "-n", "0"}), "Cannot specify node for command version\n");
}

TEST_F(CommandsTest, SetdebugTellsEveryDaemonOfTheNode) {
  EXPECT_EQ(Out({"setdebug", "warn", "-n", "1"}), "");
  EXPECT_EQ(cluster_.calls, (Calls{"1: setLogLevel WARNING", "1: setLogLevel WARNING"}));
  EXPECT_EQ(Out({"getdebug"}), "NOTICE\n");
  EXPECT_EQ(Err({"setdebug", "42"}),
            "Invalid debug level '42'. Valid levels are:\n"
            "\tERROR | WARNING | NOTICE | INFO | DEBUG\n");
}

TEST_F(CommandsTest, StatisticsOfAllDaemonsOrOne) {
  EXPECT_EQ(Out({"statistics", "transport"}),
            "transport, since (001 02:03:04) Thu May  8 09:46:40 2031\n"
            " router.packets_routed          18423\n"
            " router.drops                       0\n");
  EXPECT_TRUE(StrContains(Out({"statistics", "-v"}), " 18423  packets passed on\n"));
  EXPECT_TRUE(StrContains(Out({"statistics"}), "\n\nmaster, since "));
  EXPECT_EQ(Out({"statistics", "master", "-X"}),
            "|Daemon|Counter|Value|\n"
            "|master|router.packets_routed|18423|\n"
            "|master|router.drops|0|\n");
  EXPECT_TRUE(StrContains(Out({"statistics", "-j"}), "\"value\": \"18423\""));
  EXPECT_EQ(Out({"statisticsreset", "master"}), "");
  EXPECT_EQ(cluster_.calls, Calls{"0: resetStatistics"});
}

TEST_F(CommandsTest, TunablesAreFoundWithoutCase) {
  EXPECT_EQ(Out({"listvars"}),
            "MonitorInterval            = 15\n"
            "EnableBans                 = 1\n"
            "AllowClientDBAttach        = 0\n");
  EXPECT_EQ(Out({"getvar", "monitorinterval"}), "monitorinterval            = 15\n");
  EXPECT_EQ(Out({"setvar", "monitorinterval", "20"}), "");
  EXPECT_EQ(cluster_.calls, Calls{"0: setTunable MonitorInterval 20"});
}

TEST_F(CommandsTest, UnknownTunablesAreReportedOnStdoutWithAHintOnStderr) {
  const FakeCluster::Result result = cluster_.Run({"getvar", "MonitorIntervall"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "No such tunable MonitorIntervall\n");
  EXPECT_EQ(result.err, "Did you mean \"MonitorInterval\"?\n");
  EXPECT_EQ(cluster_.Run({"setvar", "MonitorInterval", "x"}).exit_code, kExitBadNumber);
  EXPECT_EQ(cluster_.calls, Calls{});
}

TEST_F(CommandsTest, LinksEndpointsAndProcessesAreTables) {
  const std::string links = Out({"links", "-X"});
  EXPECT_TRUE(StrContains(links, "|1|10.7.0.2|connected|0|1536|0|0|||\n")) << links;
  EXPECT_TRUE(StrContains(links, "|2|10.7.0.3|waiting 250 ms to dial|")) << links;
  EXPECT_TRUE(StrContains(Out({"endpoints"}), "\n0/client:9  ctdb 0.1.0 "));
  EXPECT_TRUE(StrContains(Out({"process", "list"}), "\nctdbd    4711  running  1d 2h "));
  EXPECT_TRUE(StrContains(Out({"process", "list", "-j"}), "\"runState\": \"running\""));
}

TEST_F(CommandsTest, ConfigShowTellsWhereAValueComesFrom) {
  EXPECT_EQ(Out({"config", "show", "-X"}),
            "|Section|Option|Value|Unit|Origin|\n|logging|log level|NOTICE||default|\n");
}

TEST_F(CommandsTest, MessageSendReportsWhatCouldNotBeDelivered) {
  EXPECT_EQ(Out({"message", "send", "all", "0x2a", "hello"}), "");
  EXPECT_EQ(cluster_.calls, Calls{"message to all on 42: hello"});
  EXPECT_EQ(Err({"message", "send", "2", "1", "x"}), "node 2 is not connected\n");
  EXPECT_TRUE(StrContains(Err({"message", "send", "0", "x", "x"}), "Invalid channel x"));
}

TEST_F(CommandsTest, MessageListenEndsAfterTheCount) {
  cluster_.messages = {"one", "two\x1b", "three"};
  EXPECT_EQ(Out({"message", "listen", "7", "--count", "2"}),
            "1/client:7 one\n1/client:7 two\\x1b\n");
  EXPECT_EQ(Out({"message", "listen", "7", "-c1", "-j"}),
            "{\"source\":\"1/client:7\",\"channel\":\"7\",\"text\":\"one\",\"bytes\":\"3\"}\n");
}

TEST_F(CommandsTest, MessageListenGivesUpAfterTheTimeout) {
  const FakeCluster::Result result =
      cluster_.Run({"message", "listen", "7", "--count=1", "--timeout=2"});
  EXPECT_EQ(result.exit_code, kExitNotInTime);
  EXPECT_EQ(result.err, "Received 0 messages within 2s\n");
}

TEST_F(CommandsTest, WaitIsSilentWhenItIsSoAndTellsWhatItSawWhenItIsNot) {
  EXPECT_EQ(Out({"wait", "--for", "links=1"}), "");
  const FakeCluster::Result result = cluster_.Run({"wait", "--for=connected", "--timeout=0"});
  EXPECT_EQ(result.exit_code, kExitNotInTime);
  EXPECT_EQ(result.err,
            "Not connected within 0: running, linked to 1 of 2 other nodes, OK, leader 1, 2 "
            "active, settled\n");
  for (const char* state : {"leader", "recovered", "healthy", "active=2"}) {
    EXPECT_EQ(Out({"wait", "--for", state, "-n", "1"}), "") << state;
  }
  EXPECT_EQ(cluster_.Run({"wait", "--for=active=3", "--timeout=0"}).exit_code, kExitNotInTime);
  cluster_.absent = true;
  EXPECT_EQ(Out({"wait", "--for", "gone"}), "");
}

TEST_F(CommandsTest, ShutdownOfTheLocalNodeWaitsForTheSocketToClose) {
  EXPECT_EQ(Out({"shutdown"}), "");
  EXPECT_EQ(Out({"shutdown", "-n", "1"}), "");
  EXPECT_EQ(cluster_.calls, (Calls{"0: shutdown", "1: shutdown"}));
}

TEST_F(CommandsTest, HelpExplainsCommandsGroupsAndExitCodes) {
  EXPECT_TRUE(
      StartsWith(Out({"help", "message", "send"}), "ctdb message send NODE CHANNEL TEXT\n"));
  EXPECT_EQ(Out({"help", "ping"}), Out({"ping", "--help"}));
  EXPECT_TRUE(StrContains(Out({"help", "message"}), "  message listen  CHANNEL "));
  EXPECT_TRUE(StartsWith(Out({"help", "exit-codes"}), "Exit codes of ctdb:\n"));
  EXPECT_EQ(Err({"help", "pign"}), "Unknown command 'pign'; did you mean \"ping\"?\n");
}

}  // namespace
}  // namespace ctdb::cli
