// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The texts here are what administrators' scripts parse: a change of a byte is a break.

#include "cli/render/status.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

std::vector<NodeState> FourNodes() {
  return {{0, "10.7.0.1", 0, false, true},
          {1, "10.7.0.2", kDeleted, false, false},
          {2, "10.7.0.3", kDisabled | kUnhealthy, false, false},
          {3, "10.7.0.4", kBanned, false, false}};
}

TEST(StatusTest, HumanForm) {
  std::string text = NodeCountLine(FourNodes());
  for (const NodeState& node : FourNodes()) text += NodeLine(node, false);
  text += ClusterLines({1803112, {0, 2}, false, 0});
  EXPECT_EQ(text,
            "Number of nodes:4 (including 1 deleted nodes)\n"
            "pnn:0 10.7.0.1         OK (THIS NODE)\n"
            "pnn:2 10.7.0.3         DISABLED|UNHEALTHY\n"
            "pnn:3 10.7.0.4         BANNED|INACTIVE\n"
            "Generation:1803112\n"
            "Size:2\n"
            "hash:0 lmaster:0\n"
            "hash:1 lmaster:2\n"
            "Recovery mode:NORMAL (0)\n"
            "Leader:0\n");
}

TEST(StatusTest, BeforeTheFirstRecoveryNothingIsAgreedOn) {
  EXPECT_EQ(ClusterLines(ClusterState()),
            "Generation:INVALID\nSize:0\nRecovery mode:RECOVERY (1)\nLeader:UNKNOWN\n");
}

TEST(StatusTest, MachineForm) {
  EXPECT_EQ(NodeTable(FourNodes(), "|"),
            "|Node|IP|Disconnected|Unknown|Banned|Disabled|Unhealthy|Stopped|Inactive|"
            "PartiallyOnline|ThisNode|\n"
            "|0|10.7.0.1|0|0|0|0|0|0|0|0|Y|\n"
            "|2|10.7.0.3|0|0|0|1|1|0|0|0|N|\n"
            "|3|10.7.0.4|0|0|1|0|0|0|1|0|N|\n");
}

TEST(StatusTest, JsonFormHasTheKeysOfOlderToolsInTheirOrder) {
  JsonWriter json;
  json.BeginObject();
  WriteNodeStatus({{2, "10.7.0.3", kDisconnected | kUnhealthy, false, true}}, json);
  WriteClusterState({7, {2}, false, 2}, json);
  json.EndObject();
  EXPECT_EQ(json.Take(), R"({
  "node_status": {
    "node_count": 1,
    "deleted_node_count": 0,
    "nodes": {
      "2": {
        "pnn": 2,
        "address": "10.7.0.3",
        "partially_online": false,
        "flags_raw": 3,
        "flags_ok": false,
        "flags": {
          "disconnected": true,
          "unknown": false,
          "disabled": false,
          "banned": false,
          "unhealthy": true,
          "deleted": false,
          "stopped": false,
          "inactive": true
        },
        "this_node": true
      }
    }
  },
  "vnn_status": {
    "generation": 7,
    "size": 1,
    "vnn_map": [
      {
        "hash": 0,
        "lmaster": 2
      }
    ]
  },
  "recovery_mode": "NORMAL",
  "recovery_mode_raw": 0,
  "leader": 2
})");
}

TEST(StatusTest, JsonFormOfAnUnknownClusterHasNullAndTheLargestNumber) {
  JsonWriter json;
  json.BeginObject();
  WriteClusterState(ClusterState(), json);
  json.EndObject();
  EXPECT_EQ(json.Take(), R"({
  "vnn_status": {
    "generation": null,
    "size": 0,
    "vnn_map": []
  },
  "recovery_mode": "RECOVERY",
  "recovery_mode_raw": 1,
  "leader": 4294967295
})");
}

TEST(StatusTest, FlagNamesHaveAFixedOrder) {
  EXPECT_EQ(FlagNames({0, "", 0, false, false}), "OK");
  EXPECT_EQ(FlagNames({0, "", 0, true, false}), "PARTIALLYONLINE");
  EXPECT_EQ(FlagNames({0, "", kDisconnected | kUnhealthy, true, false}),
            "DISCONNECTED|UNHEALTHY|INACTIVE");
  EXPECT_EQ(FlagNames({0, "", kUnknown, false, false}), "UNKNOWN");
  EXPECT_EQ(FlagNames({0, "", 127, false, false}),
            "DISCONNECTED|UNKNOWN|DISABLED|BANNED|UNHEALTHY|DELETED|STOPPED|INACTIVE");
}

TEST(StatusTest, FlagsOfAllLeaveOutDeletedNodes) {
  EXPECT_EQ(FlagsOfAll(FourNodes()), uint32_t{kDisabled | kUnhealthy | kBanned});
  EXPECT_EQ(FlagsOfAll({}), 0u);
}

// Three nodes as node 0 sees them: itself, one with a link, one without.
std::vector<NodeState> SeenByNode0(uint32_t this_node, wire::RunState run_state) {
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::Transport::NodesResults>();
  auto nodes = reply.initNodes(3);
  for (uint32_t i = 0; i < 3; ++i) nodes[i].setNumber(i);
  nodes[0].setLocal(true);
  nodes[1].setConnected(true);
  return NodeStates(reply.asReader().getNodes(), this_node, run_state);
}

TEST(StatusTest, APeerWithoutALinkIsDisconnectedAndUnhealthy) {
  const auto nodes = SeenByNode0(0, wire::RunState::RUNNING);
  EXPECT_EQ(FlagNames(nodes[0]), "OK");
  EXPECT_TRUE(nodes[0].this_node);
  EXPECT_EQ(FlagNames(nodes[1]), "OK");
  EXPECT_EQ(FlagNames(nodes[2]), "DISCONNECTED|UNHEALTHY|INACTIVE");
}

TEST(StatusTest, BeforeTheFirstRecoveryConnectedPeersAreUnknown) {
  const auto nodes = SeenByNode0(0, wire::RunState::FIRST_RECOVERY);
  EXPECT_EQ(FlagNames(nodes[0]), "OK");
  EXPECT_EQ(FlagNames(nodes[1]), "UNKNOWN");
  EXPECT_EQ(FlagNames(nodes[2]), "DISCONNECTED|UNHEALTHY|INACTIVE");
}

TEST(StatusTest, TheNodeThatWasAskedIsMarked) {
  const auto nodes = SeenByNode0(1, wire::RunState::RUNNING);
  EXPECT_FALSE(nodes[0].this_node);
  EXPECT_TRUE(nodes[1].this_node);
}

}  // namespace
}  // namespace ctdb::cli
