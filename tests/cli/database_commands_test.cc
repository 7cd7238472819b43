// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Commands about databases. What reads and writes single records is tested with real nodes only:
// tests/integration/cli/database_test.sh.

#include "absl/strings/match.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::StrContains;
using Calls = std::vector<std::string>;

class DatabaseCommandsTest : public WholeCommandTest {
 protected:
  DatabaseCommandsTest() {
    for (uint32_t node : {0, 1}) model().names[node] = {"counters.tdb", "locking.tdb"};
  }
  FakeDatabases& model() { return cluster_.databases; }
};

TEST_F(DatabaseCommandsTest, AMapHasAllDatabasesOfTheNode) {
  EXPECT_EQ(Out({"getdbmap", "-n", "1"}),
            "Number of databases:2\n"
            "dbid:0x0000100c name:counters.tdb path:/v/counters.tdb.1\n"
            "dbid:0x0000100b name:locking.tdb path:/v/locking.tdb.1\n");
  EXPECT_TRUE(StrContains(Out({"getdbmap", "-X"}), "|0x0000100C|counters.tdb|/v/counters.tdb.0|"));
  EXPECT_TRUE(StrContains(Out({"getdbmap", "--json"}), "\"kind\": \"volatile\""));
}

TEST_F(DatabaseCommandsTest, ADatabaseIsNamedByItsNameOrItsNumber) {
  EXPECT_TRUE(StrContains(Out({"getdbstatus", "locking.tdb"}), "\nname: locking.tdb\n"));
  EXPECT_TRUE(StrContains(Out({"getdbstatus", "0x100b"}), "\nname: locking.tdb\n"));
}

TEST_F(DatabaseCommandsTest, OneThatIsNoneIsAnsweredWithThoseThereAre) {
  for (const char* command : {"getdbstatus", "getdbseqnum", "dbstatistics", "setdbreadonly",
                              "setdbsticky", "catdb", "cattdb"}) {
    EXPECT_EQ(Err({command, "counter.tdb"}),
              "No database matching 'counter.tdb' found\n"
              "Did you mean \"counters.tdb\"? Node 0 has counters.tdb, locking.tdb\n")
        << command;
  }
  EXPECT_EQ(Err({"readkey", "0x1", "key"}),
            "No database matching '0x1' found\nNode 0 has counters.tdb, locking.tdb\n");
  model().names.clear();
  EXPECT_EQ(Err({"deletekey", "x", "key"}),
            "No database matching 'x' found\n"
            "Node 0 has no databases: \"ctdb attach\" makes one\n");
}

TEST_F(DatabaseCommandsTest, OfManyDatabasesTheFirstAreNamed) {
  for (char letter = 'a'; letter < 'm'; ++letter) {
    model().names[0].insert(std::string(8, letter));
  }
  EXPECT_TRUE(StrContains(Err({"catdb", "nothing like it"}), "iiiiiiii and 4 more\n"));
}

TEST_F(DatabaseCommandsTest, KeysThatAreNoneAreRefusedBeforeAnybodyIsAsked) {
  cluster_.absent = true;
  for (const Words& words : {Words{"readkey", "d", "0x1"}, Words{"deletekey", "d", "0x1"},
                             Words{"writekey", "d", "0x1", "v"}, Words{"pfetch", "d", "0x1"},
                             Words{"pstore", "d", "0x1", "v"}, Words{"pdelete", "d", "0x1"}}) {
    const FakeCluster::Result result = cluster_.Run(words);
    EXPECT_EQ(result.exit_code, 22);
    EXPECT_EQ(result.err, "Key (1) contains odd number of hex digits\nFailed to parse key 0x1\n");
  }
  EXPECT_EQ(cluster_.Run({"writekey", "d", "k", "0xgg"}).err,
            "Invalid hex: gg\nFailed to parse value 0xgg\n");
  EXPECT_EQ(cluster_.Run({"readkey", "d", "0x"}).exit_code, 22);
}

TEST_F(DatabaseCommandsTest, TransactionsAreForOtherThanVolatileDatabases) {
  for (const Words& words :
       {Words{"pfetch", "counters.tdb", "k"}, Words{"pstore", "counters.tdb", "k", "v"},
        Words{"pdelete", "counters.tdb", "k"}, Words{"ptrans", "counters.tdb", "/dev/null"}}) {
    EXPECT_EQ(Err(words), "Transactions not supported on DB counters.tdb\n") << words[0];
  }
  for (const char* command : {"pfetch", "pdelete"}) {
    EXPECT_TRUE(StrContains(Err({command, "none.tdb", "k"}), "No database matching 'none.tdb'"));
  }
}

TEST_F(DatabaseCommandsTest, ATransactionThatCannotBeginEndsWithTheLineThatScriptsKnow) {
  model().names[0] = {"counters.tdb", "kept.tdb"};
  for (const Words& words :
       {Words{"pfetch", "kept.tdb", "k"}, Words{"pstore", "kept.tdb", "k", "v"},
        Words{"ptrans", "kept.tdb", "/dev/null"}, Words{"wipedb", "kept.tdb"}}) {
    EXPECT_TRUE(absl::EndsWith(Err(words), "\nFailed to start transaction on db kept.tdb\n"))
        << words[0];
  }
  EXPECT_TRUE(absl::EndsWith(Err({"getdbseqnum", "kept.tdb"}),
                             "\nFailed to get sequence number for DB kept.tdb\n"));
  EXPECT_EQ(Err({"ptrans", "kept.tdb", "/nowhere"}), "Failed to open file /nowhere\n");
  EXPECT_TRUE(
      absl::EndsWith(Err({"wipedb", "counters.tdb"}), "\nFailed to wipe DB counters.tdb\n"));
  EXPECT_EQ(cluster_.Run({"catdb", "kept.tdb"}).out, "Dumped 0 records\n");
  EXPECT_EQ(cluster_.Run({"cattdb", "kept.tdb"}).out, "Dumped 0 record(s)\n");
}

TEST_F(DatabaseCommandsTest, WhatKindADatabaseIsIsShown) {
  model().names[0] = {"kept.tdb"};
  EXPECT_EQ(Out({"getdbmap"}),
            "Number of databases:1\ndbid:0x00001008 name:kept.tdb path:/v/kept.tdb.0 PERSISTENT\n");
  EXPECT_TRUE(StrContains(Out({"getdbstatus", "kept.tdb"}), "\nPERSISTENT: yes\n"));
}

TEST_F(DatabaseCommandsTest, RecordCommandsAreForVolatileDatabases) {
  model().names[0] = {"kept.tdb"};
  EXPECT_EQ(Err({"readkey", "kept.tdb", "key"}), "DB kept.tdb is not a volatile database\n");
  EXPECT_EQ(Err({"setdbreadonly", "kept.tdb"}), "READONLY can be set only on volatile DB\n");
  EXPECT_EQ(Err({"setdbsticky", "kept.tdb"}), "STICKY can be set only on volatile DB\n");
  EXPECT_EQ(Err({"detach", "kept.tdb"}), "Only volatile databases can be detached\n");
}

TEST_F(DatabaseCommandsTest, AttachMakesItOnAllConnectedNodes) {
  EXPECT_EQ(Out({"attach", "new.tdb"}), "");
  EXPECT_EQ(cluster_.calls, (Calls{"0: attach new.tdb", "1: attach new.tdb"}));
  EXPECT_TRUE(StrContains(Note({"attach", "new.tdb", "sticky"}), "stay on a node for a while"));
}

TEST_F(DatabaseCommandsTest, AttachSaysWhatDidNotWork) {
  EXPECT_EQ(Err({"attach", "new.tdb", "persistent"}),
            "cannot attach database new.tdb on node 0: not this kind\n"
            "Failed to attach to DB new.tdb\n");
  model().failing = {"1: attach"};
  EXPECT_EQ(Err({"attach", "new.tdb"}),
            "cannot attach database new.tdb on node 1: it cannot\n"
            "Failed to attach to DB new.tdb\n");
  const FakeCluster::Result result = cluster_.Run({"attach", "new.tdb", "wrong"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(StrContains(result.out, "attach "));
}

TEST_F(DatabaseCommandsTest, DetachRemovesItFromAllConnectedNodes) {
  EXPECT_EQ(Note({"detach", "counters.tdb"}),
            "Node 2 is not connected: if it still runs, counters.tdb comes back with it\n");
  EXPECT_EQ(cluster_.calls, (Calls{"0: detach counters.tdb", "1: detach counters.tdb"}));
  EXPECT_EQ(model().names[1], std::set<std::string>{"locking.tdb"});
}

TEST_F(DatabaseCommandsTest, DetachNamesTheNodesWhereItFailedAndGoesOn) {
  model().failing = {"1: detach"};
  const FakeCluster::Result result = cluster_.Run({"detach", "none", "counters.tdb", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(StrContains(result.err, "No database matching 'none' found\n")) << result.err;
  EXPECT_TRUE(
      StrContains(result.err, "cannot detach database counters.tdb on node 1: it cannot\n"));
  EXPECT_TRUE(absl::EndsWith(result.err, "Database counters.tdb detach failed\n"));
  EXPECT_TRUE(StrContains(result.out, "\"detached\": []")) << result.out;
  EXPECT_TRUE(StrContains(result.out, "    \"none\",\n    \"counters.tdb\"\n")) << result.out;
}

TEST_F(DatabaseCommandsTest, DetachIsRefusedWhileClientsMayAttach) {
  model().clients_may_attach = 1;
  EXPECT_EQ(Err({"detach", "counters.tdb"}),
            "Database access is still active on node 0. "
            "Set AllowclientDBAttach=0 on all nodes.\n");
  EXPECT_EQ(cluster_.calls, Calls{});
}

TEST_F(DatabaseCommandsTest, DetachIsRefusedWhileTheClusterIsNotAtRest) {
  membership().settled = false;
  EXPECT_EQ(Err({"detach", "counters.tdb"}),
            "Database cannot be detached when recovery is active\n");
  membership().settled = true;
  membership().nodes[1].flags = 8;
  EXPECT_EQ(Err({"detach", "counters.tdb"}),
            "Database cannot be detached on inactive (stopped or banned) node 1\n");
  EXPECT_EQ(cluster_.calls, Calls{});
}

TEST_F(DatabaseCommandsTest, ASequenceNumberOfAVolatileDatabaseIsExplained) {
  const FakeCluster::Result result = cluster_.Run({"getdbseqnum", "counters.tdb"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "0x0\n");
  EXPECT_TRUE(StrContains(result.err, "not counted"));
}

TEST_F(DatabaseCommandsTest, PropertiesAreSetOnAllConnectedNodes) {
  EXPECT_EQ(Out({"setdbreadonly", "counters.tdb"}), "");
  EXPECT_EQ(cluster_.calls, (Calls{"0: setReadOnlyCopies on", "1: setReadOnlyCopies on"}));
  EXPECT_TRUE(StrContains(Note({"setdbsticky", "counters.tdb"}), "records in demand"));
}

TEST_F(DatabaseCommandsTest, StatisticsThatCannotBeHadEndWithTheLineThatScriptsKnow) {
  model().locks_taken = 7;
  EXPECT_TRUE(StrContains(Out({"dbstatistics", "counters.tdb"}),
                          "     num_calls                      7\n"));
  model().failing = {"0: databaseStatus"};
  EXPECT_TRUE(absl::EndsWith(Err({"dbstatistics", "counters.tdb"}),
                             "it cannot\nFailed to get statistics for DB counters.tdb\n"));
}

TEST_F(DatabaseCommandsTest, CatdbHasTheRecordsThatActiveNodesOwn) {
  model().records = {{"a", "1", 0, 5}, {"b", "2", 1, 6}, {"c", "", 1, 7}, {"d", "4", 2, 8}};
  EXPECT_EQ(Out({"catdb", "counters.tdb"}),
            "key(1) = \"a\"\ndmaster: 0\nrsn: 5\nflags: 0x00000000\ndata(1) = \"1\"\n\n"
            "key(1) = \"b\"\ndmaster: 1\nrsn: 6\nflags: 0x00000000\ndata(1) = \"2\"\n\n"
            "Dumped 2 records\n");
  EXPECT_EQ(Out({"catdb", "counters.tdb", "-X"}),
            "|Key|Owner|Epoch|Counter|Flags|Owned|Value|\n"
            "|0x61|0|0|5|0x0|1|0x31|\n"
            "|0x62|1|0|6|0x0|1|0x32|\n");
  EXPECT_TRUE(StrContains(Out({"catdb", "counters.tdb", "--json"}), "\"key\":\"b\""));
}

TEST_F(DatabaseCommandsTest, CattdbHasAllCopiesOfTheLocalNode) {
  model().records = {{"b", "2", 1, 6}, {"c", "", 0, 7}};
  EXPECT_EQ(Out({"cattdb", "counters.tdb", "-v"}),
            "key(1) = \"b\"\ndmaster: 1\nrsn: 6\nflags: 0x00000000\n"
            "epoch: 0\nowned: no\ndata(1) = \"2\"\n\n"
            "key(1) = \"c\"\ndmaster: 0\nrsn: 7\nflags: 0x00000000\n"
            "epoch: 0\nowned: yes\ndata(0) = \"\"\n\n"
            "Dumped 2 record(s)\n");
}

TEST_F(DatabaseCommandsTest, CatdbGoesOnWithoutANodeThatFails) {
  model().records = {{"a", "1", 0, 5}, {"b", "2", 1, 6}};
  model().failing = {"0: copies"};
  const FakeCluster::Result result = cluster_.Run({"catdb", "counters.tdb"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(absl::StartsWith(result.out, "key(1) = \"b\""));
  EXPECT_TRUE(absl::EndsWith(result.out, "Dumped 1 records\n"));
  EXPECT_EQ(result.err, "cannot get the records of database counters.tdb from node 0: it cannot\n");
}

TEST_F(DatabaseCommandsTest, TopHasTheHotRecordsOfAllConnectedNodes) {
  EXPECT_EQ(Out({"db", "top"}),
            "Moves/s  Database      Home  Key\n"
            "     11  counters.tdb     1  key of 1\n"
            "     10  counters.tdb     0  key of 0\n");
  EXPECT_EQ(Out({"db", "top", "--once", "-n", "0", "-X"}),
            "|Moves|Database|Home|Key|\n|10|counters.tdb|0|0x6b6579206f662030|\n");
  EXPECT_EQ(Out({"db", "top", "-n", "1", "--json"}),
            "{\"records\":[{\"database\":\"counters.tdb\",\"home\":1,\"key\":\"key of 1\","
            "\"moves\":\"11\"}]}\n");
}

TEST_F(DatabaseCommandsTest, LocksAreThoseOfAllConnectedNodes) {
  EXPECT_TRUE(StrContains(Out({"db", "locks"}), "No database service waits for a record lock\n"));
  model().lock_obstacle = "within 1s: held by process 4711";
  EXPECT_EQ(Out({"db", "locks"}),
            "Node  Database      Waiting  Key       Held by\n"
            "   1  counters.tdb       5s  visitors  process 4711\n");
  EXPECT_TRUE(StrContains(Out({"db", "locks", "--json"}), "\"key\": \"visitors\""));
  model().failing = {"0: locks"};
  const FakeCluster::Result result = cluster_.Run({"db", "locks"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(StrContains(result.out, "4711"));
  EXPECT_EQ(result.err, "cannot get the lock waits of node 0: it cannot\n");
}

TEST_F(DatabaseCommandsTest, RecoveryIsThatOfAllConnectedNodes) {
  EXPECT_EQ(Out({"recovery", "status"}), "All databases are settled\n");
  model().unsettled = "locking.tdb";
  EXPECT_EQ(Out({"recovery", "status", "-n", "1"}),
            "Node  Database     Copies  Read   Rate  To go  Waits for\n"
            "   1  locking.tdb       0   25%  100/s     3s  -\n");
  EXPECT_TRUE(StrContains(Out({"recovery", "status", "--json"}), "\"stored\": \"400\""));
  model().failing = {"0: recovery"};
  const FakeCluster::Result result = cluster_.Run({"recovery", "status"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(StrContains(result.out, "locking.tdb"));
  EXPECT_EQ(result.err, "cannot ask node 0 how far it is: it cannot\n");
}

TEST_F(DatabaseCommandsTest, NodesThatCannotBeAskedAreNamed) {
  EXPECT_EQ(Err({"getdbmap", "-n", "2"}), "Node 2 has status DISCONNECTED\n");
  EXPECT_EQ(Err({"db", "top", "-n", "9"}), "Node 9 does not exist\n");
  EXPECT_EQ(Err({"catdb", "counters.tdb", "-n", "1"}),
            "Node cannot be specified for command catdb\n");
}

TEST_F(DatabaseCommandsTest, StatsShowsWhatChanged) {
  // The fake daemons count nothing, and their clocks stand still.
  EXPECT_EQ(Out({"stats", "1"}), "Daemon  Counter  Value  Per second\n");
  EXPECT_EQ(Out({"stats", "1", "--json"}), "{\"node\":0,\"counters\":[]}\n");
  EXPECT_EQ(cluster_.Run({"stats", "x"}).exit_code, 22);
}

}  // namespace
}  // namespace ctdb::cli
