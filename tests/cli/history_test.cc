// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/history.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

const absl::TimeZone kZone = absl::UTCTimeZone();

NodeState WithFlags(uint32_t flags) {
  NodeState node;
  node.number = 1;
  node.flags = flags;
  return node;
}

TEST(HistoryTest, ShortStateLeavesOutWhatFollowsFromTheRest) {
  EXPECT_EQ(ShortState(WithFlags(0)), "OK");
  EXPECT_EQ(ShortState(WithFlags(kDisconnected | kUnhealthy)), "DISCONNECTED");
  EXPECT_EQ(ShortState(WithFlags(kDisabled | kBanned)), "DISABLED|BANNED");
  NodeState left_out = WithFlags(kUnhealthy);
  left_out.left_out = true;
  EXPECT_EQ(ShortState(left_out), "UNHEALTHY");
  EXPECT_EQ(FlagText(kBanned), "BANNED");
}

TEST(HistoryTest, SeveralFlagsAreExplainedOneByOne) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<wire::NodeReport>();
  auto reasons = report.initState().initReasons(2);
  reasons[0].setFlag(kDisabled);
  reasons[0].setText("maintenance");
  reasons[1].setFlag(kBanned);
  reasons[1].setText("flapping\x1b");
  EXPECT_EQ(WhyText(WithFlags(kDisabled | kBanned), report.asReader(), {}, 100, kZone),
            "Node 1 is DISABLED|BANNED; no change of it is on record\n"
            "  DISABLED: maintenance\n"
            "  BANNED: flapping\\x1b\n");
}

TEST(HistoryTest, ANodeThatIsLeftOutIsSaidToBeWell) {
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::Cluster::WhyResults>();
  auto change = reply.initChanges(1)[0];
  change.setTime(10);
  change.setText("Node 1 is connected");
  NodeState node = WithFlags(0);
  node.left_out = true;
  EXPECT_EQ(WhyText(node, {}, reply.asReader().getChanges(), 20, kZone),
            "Node 1 is well but takes no part in the cluster; its last change: "
            "Thu Jan  1 00:00:10 1970 (10 s ago)\n"
            "  because: Node 1 is connected\n");
}

TEST(HistoryTest, LinesOfChanges) {
  capnp::MallocMessageBuilder message;
  auto change = message.initRoot<wire::Change>();
  change.setSequence(42);
  change.setTime(10.9);
  change.setText("Node 2 leads\n");
  EXPECT_EQ(ChangeLine(change, false, kZone), "Thu Jan  1 00:00:10 1970  Node 2 leads\\x0a\n");
  change.setCause(40);
  EXPECT_EQ(ChangeLine(change, true, kZone),
            "    42  Thu Jan  1 00:00:10 1970  Node 2 leads\\x0a (because of 40)\n");
  EXPECT_EQ(MissedLine(1), "... 1 change is missing here ...\n");
}

}  // namespace
}  // namespace ctdb::cli
