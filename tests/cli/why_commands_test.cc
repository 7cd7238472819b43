// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// why, events.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/whole_command_test.h"

namespace ctdb::cli {
namespace {

using absl::EndsWith;
using absl::StrContains;

class WhyCommandsTest : public WholeCommandTest {
 protected:
  WhyCommandsTest() {
    using wire::ChangeKind;
    membership().history = {
        {kNow - 600, ChangeKind::CONNECTION, 1, "Node 1 is connected", 0},
        {kNow - 5, ChangeKind::ORDER, 0, "Somebody pulled a cable", 0},
        {kNow - 3, ChangeKind::CONNECTION, 2, "Node 2 is DISCONNECTED: reset by peer", 2},
    };
  }
};

TEST_F(WhyCommandsTest, WhyPrintsStateAgeAndTheChainOfCauses) {
  EXPECT_EQ(Out({"why", "2"}),
            "Node 2 is DISCONNECTED since Fri May  9 11:49:41 2031 (3 s ago)\n"
            "  because: Node 2 is DISCONNECTED: reset by peer\n"
            "    because: Somebody pulled a cable (Fri May  9 11:49:39 2031)\n");
}

TEST_F(WhyCommandsTest, WhyOfANodeThatIsWellSaysSinceWhen) {
  EXPECT_EQ(Out({"why", "1"}),
            "Node 1 is OK since Fri May  9 11:39:44 2031 (10m 0s ago)\n"
            "  because: Node 1 is connected\n");
  membership().history.clear();
  EXPECT_EQ(Out({"why"}), "Node 0 is OK; no change of it is on record\n");
  EXPECT_EQ(Out({"why", "-n", "1"}), "Node 1 is OK; no change of it is on record\n");
}

TEST_F(WhyCommandsTest, WhyAsJson) {
  membership().nodes[1].flags = 12;
  membership().nodes[1].reasons = {{4, "maintenance"}, {8, "flapping"}};
  const std::string text = Out({"why", "1", "-j"});
  EXPECT_TRUE(StrContains(text, "{\n  \"node\": 1,\n  \"state\": \"DISABLED|BANNED|INACTIVE\""));
  EXPECT_TRUE(StrContains(text, "\"flag\": \"BANNED\",\n      \"text\": \"flapping\"")) << text;
  EXPECT_TRUE(StrContains(text, "\"kind\": \"connection\"")) << text;
}

TEST_F(WhyCommandsTest, WhyNeedsANodeThatIsThere) {
  EXPECT_EQ(Err({"why", "7"}), "Node 7 does not exist\n");
  EXPECT_EQ(Err({"why", "x"}), "Invalid node x\n");
  EXPECT_EQ(Err({"why", "4294967296"}), "Invalid node 4294967296\n");
  EXPECT_EQ(Err({"why", "-n", "2"}), "Node 2 has status DISCONNECTED\n");
  membership().answers = false;
  EXPECT_EQ(Err({"why", "1"}), "cannot ask the cluster service of node 0: no such service\n");
  cluster_.absent = true;
  EXPECT_EQ(cluster_.Run({"why", "1"}).exit_code, kExitUnavailable);
}

TEST_F(WhyCommandsTest, EventsPrintsAllThatIsOnRecord) {
  EXPECT_EQ(Out({"events"}),
            "Fri May  9 11:39:44 2031  Node 1 is connected\n"
            "Fri May  9 11:49:39 2031  Somebody pulled a cable\n"
            "Fri May  9 11:49:41 2031  Node 2 is DISCONNECTED: reset by peer\n");
  EXPECT_EQ(Out({"events", "-v", "--after", "2"}),
            "     3  Fri May  9 11:49:41 2031  Node 2 is DISCONNECTED: reset by peer"
            " (because of 2)\n");
  EXPECT_EQ(Out({"events", "-a3"}), "");
}

TEST_F(WhyCommandsTest, EventsMarksAGap) {
  membership().missed = 7;
  EXPECT_TRUE(absl::StartsWith(Out({"events"}), "... 7 changes are missing here ...\nFri May"));
}

TEST_F(WhyCommandsTest, EventsAsJsonIsAnObjectPerLine) {
  membership().missed = 7;
  const std::string text = Out({"events", "-j"});
  EXPECT_TRUE(absl::StartsWith(text, "{\"missed\":\"7\"}\n{\"sequence\":\"1\",")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
}

TEST_F(WhyCommandsTest, EventsFollowsUntilTheServiceIsLost) {
  membership().pings = 8;
  const FakeCluster::Result result = cluster_.Run({"events", "--follow"});
  EXPECT_EQ(result.exit_code, kExitFailed);
  EXPECT_EQ(result.err, "cannot follow the cluster service of node 0: connection lost\n");
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(WhyCommandsTest, EventsRefusesWhatIsNoNumberAndNeedsAService) {
  EXPECT_EQ(cluster_.Run({"events", "--after", "x"}).exit_code, kExitBadNumber);
  EXPECT_EQ(Err({"events", "-n", "2"}), "Node 2 has status DISCONNECTED\n");
  membership().answers = false;
  EXPECT_TRUE(StrContains(Err({"events"}), "cannot subscribe to the changes that node 0 sees: "));
}

}  // namespace
}  // namespace ctdb::cli
