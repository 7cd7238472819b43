// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// Who this node is, and what the cluster looks like.

#include "lib/samba/node_payloads.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

class IdentityHandlersTest : public ProxyFixture {
 protected:
  uint32_t Number(Opcode opcode) {
    return Decode<NumberPayload<uint32_t>>(Control(client_, opcode).data)->value;
  }
  const ClientId client_ = Connect(1);
};

TEST_F(IdentityHandlersTest, SaysWhoItIs_CT1_CT3) {
  EXPECT_EQ(Control(client_, Opcode::kGetPnn).status, 1);
  EXPECT_EQ(Control(client_, Opcode::kGetPid).status, 77);
  Connect(2);
  EXPECT_EQ(Control(client_, Opcode::kPing).status, 2) << "the number of clients";
  EXPECT_EQ(Number(Opcode::kGetCapabilities), 0x30003u);
  EXPECT_EQ(Decode<NumberPayload<int32_t>>(Control(client_, Opcode::kGetDebug).data)->value, 2);
}

TEST_F(IdentityHandlersTest, TellsItsMemoryAsText) {
  EXPECT_EQ(Control(client_, Opcode::kDumpMemory).data, "5 MiB\n") << "without a NUL";
}

TEST_F(IdentityHandlersTest, TheStartTimeIsAlwaysTheSame) {
  const auto uptime = Decode<Uptime>(Control(client_, Opcode::kUptime).data);
  ASSERT_TRUE(uptime.ok());
  EXPECT_EQ(uptime->daemon_started, (WallTime{1000, 7}));
  EXPECT_EQ(uptime->now, (WallTime{2000, 0}));
}

TEST_F(IdentityHandlersTest, DeletedNodesStayInTheMap_CT2) {
  SetFlags(kOther, kNodeDeleted | kNodeDisconnected);
  const auto map = Decode<NodeMap>(Control(client_, Opcode::kGetNodeMap).data);
  ASSERT_TRUE(map.ok());
  ASSERT_EQ(map->entries.size(), 2u);
  EXPECT_EQ(map->entries[0].flags, kNodeDeleted | kNodeDisconnected);
  const auto file = Decode<NodeMap>(Control(client_, Opcode::kGetNodesFile).data);
  EXPECT_EQ(file->entries[0].flags, kNodeDeleted);
}

TEST_F(IdentityHandlersTest, SaysHowTheClusterIs) {
  EXPECT_EQ(Control(client_, Opcode::kGetRecMode).status, 0);
  EXPECT_EQ(Number(Opcode::kGetRunState), 5u);
  const auto map = Decode<VnnMap>(Control(client_, Opcode::kGetVnnMap).data);
  EXPECT_EQ(map->generation, Generation(0x6EB4BDB6));
  EXPECT_EQ(map->entries.size(), 2u);
  state_.is_recovering = true;
  Tell();
  EXPECT_EQ(Control(client_, Opcode::kGetRecMode).status, 1);
}

TEST_F(IdentityHandlersTest, SaysWhatIsConfigured) {
  EXPECT_EQ(Control(client_, Opcode::kGetReclockFile).data, "");
  state_.cluster_lock = "/shared/lock";
  Tell();
  EXPECT_EQ(Control(client_, Opcode::kGetReclockFile).data, Text("/shared/lock"));
  EXPECT_EQ(Decode<BanState>(Control(client_, Opcode::kGetBanState).data)->seconds, 0u);
}

}  // namespace
}  // namespace ctdb::samba
