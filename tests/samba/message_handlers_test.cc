// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// Registrations, and whether processes are alive.

#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MessageHandlersTest : public ProxyFixture {
 protected:
  int32_t Check(int32_t pid, uint64_t srvid) {
    return Control(client_, Opcode::kCheckPidSrvid, Encode(PidSrvid{pid, ChannelId(srvid)})).status;
  }
  int32_t Exists(int32_t pid) {
    return Control(client_, Opcode::kProcessExists, Encode(NumberPayload<int32_t>{pid})).status;
  }
  const ClientId client_ = Connect(1);
};

TEST_F(MessageHandlersTest, WhatIsRegisteredTwiceArrivesTwice_MS6) {
  for (int i = 0; i < 2; ++i) Control(client_, Opcode::kRegisterSrvid, "", 5);
  Send(client_, Message{ChannelId(5), "x"}, kOwn);
  EXPECT_THAT(TakeMessages(client_), ElementsAre("x", "x"));
  EXPECT_EQ(Control(client_, Opcode::kDeregisterSrvid, "", 5).status, 0);
  Send(client_, Message{ChannelId(5), "x"}, kOwn);
  EXPECT_THAT(TakeMessages(client_), ElementsAre("x"));
  EXPECT_EQ(Control(client_, Opcode::kDeregisterSrvid, "", 5).status, 0);
  EXPECT_EQ(Control(client_, Opcode::kDeregisterSrvid, "", 5).status, 2) << "MS-7";
}

TEST_F(MessageHandlersTest, RegistrationsEndWithTheConnection_MS8) {
  const ClientId other = Connect(2);
  Control(other, Opcode::kRegisterSrvid, "", 5);
  Control(client_, Opcode::kRegisterSrvid, "", 5);
  Close(other);
  Send(client_, Message{ChannelId(5), "x"}, kOwn);
  EXPECT_THAT(TakeMessages(client_), ElementsAre("x"));
}

TEST_F(MessageHandlersTest, AProcessLivesAsLongAsItIsConnected_MS13_MS16) {
  const ClientId main = Connect(50);
  const ClientId second = Connect(50);
  Control(main, Opcode::kRegisterSrvid, "", 0xABC);
  EXPECT_EQ(Check(50, 0xABC), 0);
  EXPECT_EQ(Check(50, 0xABD), -1);
  EXPECT_EQ(Check(51, 0xABC), -1);
  Close(main);
  EXPECT_EQ(Check(50, 0xABC), -1) << "the other connection has not registered it";
  EXPECT_EQ(Exists(50), 0);
  Close(second);
  EXPECT_EQ(Exists(50), -1) << "the process lives, and is no client";
}

TEST_F(MessageHandlersTest, AnInactiveNodeDisownsItsProcesses_MS14_RCV7) {
  const ClientId other = Connect(50);
  Control(other, Opcode::kRegisterSrvid, "", 7);
  SetFlags(kOwn, kNodeBanned);
  EXPECT_EQ(Check(50, 7), 0) << "others go on respecting its locks";
  EXPECT_EQ(Exists(50), -1);
  EXPECT_TRUE(disconnected_.contains(other));
}

TEST_F(MessageHandlersTest, NoticesCanBeTakenBack_MS17) {
  const std::string srvid = Encode(NumberPayload<uint64_t>{9});
  EXPECT_EQ(Control(client_, Opcode::kDeregisterNotify, srvid).status, -1);
  Control(client_, Opcode::kRegisterNotify, Encode(NotifyData{ChannelId(9), "bye"}));
  EXPECT_EQ(Control(client_, Opcode::kDeregisterNotify, srvid).status, 0);
}

TEST_F(MessageHandlersTest, EachTunnelHasOneOwner) {
  const ClientId other = Connect(2);
  EXPECT_EQ(Control(client_, Opcode::kTunnelRegister, "", 3).status, 0);
  EXPECT_EQ(Control(other, Opcode::kTunnelRegister, "", 3).status, -1);
  EXPECT_EQ(Control(other, Opcode::kTunnelDeregister, "", 3).status, -1);
  EXPECT_EQ(Control(client_, Opcode::kTunnelDeregister, "", 3).status, 0);
}

TEST_F(MessageHandlersTest, EchoesWhenItIsTime) {
  const std::string now = Encode(EchoData{0, "hello"});
  EXPECT_EQ(Control(client_, Opcode::kEchoData, now).data, now);
  const std::string later = Encode(EchoData{500, "hello"});
  Send(client_, Request(Opcode::kEchoData, later));
  Wait(absl::Milliseconds(499));
  EXPECT_THAT(TakeBytes(client_), IsEmpty());
  Wait(absl::Milliseconds(2));
  EXPECT_EQ(TakeReply(client_)->data, later);
}

}  // namespace
}  // namespace ctdb::samba
