// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// Where controls go, and what becomes of those that nobody can answer.

#include "lib/samba/control.h"
#include "lib/samba/srvid.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProxyControlsTest : public ProxyFixture {
 protected:
  uint64_t TakeForwarded() {
    const auto items = TakeItems();
    EXPECT_THAT(items, SizeIs(1));
    return items.empty() ? 0 : std::get<NodeControl>(items[0]).request;
  }
};

TEST_F(ProxyControlsTest, UnknownAndObsoleteNumbersAreRefusedWithoutText_CN22) {
  const ClientId client = Connect(1);
  for (const uint32_t number : {2u, 10u, 83u, 163u, 99999u}) {
    const Reply reply = Control(client, static_cast<Opcode>(number));
    EXPECT_EQ(reply.status, -1) << number;
    EXPECT_EQ(reply.data + reply.error, "") << number;
  }
  EXPECT_EQ(Control(client, static_cast<Opcode>(81)).status, 0);
  EXPECT_EQ(Control(client, static_cast<Opcode>(82)).status, 0);
}

TEST_F(ProxyControlsTest, WhatDaemonsSayToEachOtherIsRefusedWithAText) {
  const ClientId client = Connect(1);
  for (const ControlInfo& info : Controls()) {
    if (info.control_class != ControlClass::kNode) continue;
    const Reply reply = Control(client, info.opcode);
    EXPECT_EQ(reply.status, -1) << info.name;
    EXPECT_THAT(reply.error, HasSubstr(std::string(info.name)));
  }
}

TEST_F(ProxyControlsTest, APayloadOfAnotherSizeIsRefused_CN23) {
  const ClientId client = Connect(1);
  EXPECT_EQ(Control(client, Opcode::kCheckPidSrvid, std::string(16, 'x')).status, -1);
  EXPECT_EQ(Control(client, Opcode::kDbAttach, "no zero byte").status, -1) << "CN-24";
  EXPECT_EQ(Control(client, Opcode::kGetDbPath, "").status, -1);
  EXPECT_EQ(Control(client, Opcode::kGetPnn, "ignored").status, 1);
}

TEST_F(ProxyControlsTest, ABroadcastIsNeverAnswered_CN26) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kGetPnn), kBroadcastConnected);
  EXPECT_THAT(TakeBytes(client), IsEmpty());
  EXPECT_EQ(TakeForwarded(), 0u) << "the other node need not answer, either";
}

TEST_F(ProxyControlsTest, AMulticastOrAnUnknownNodeIsRefused_CN25) {
  const ClientId client = Connect(1);
  for (const NodeNumber node : {kMulticast, NodeNumber(2), kUnknownNode}) {
    const Reply reply = Control(client, Opcode::kGetPnn, "", 0, node);
    EXPECT_EQ(reply.status, -1);
    EXPECT_EQ(reply.error, "ctdb_control to disconnected node");
  }
}

TEST_F(ProxyControlsTest, AnotherNodesAnswerComesBackAsItIs) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kGetPnn), kOther);
  EXPECT_THAT(TakeBytes(client), IsEmpty());
  FromNode(NodeReply{TakeForwarded(), 0, "data", "text"});
  const auto reply = TakeReply(client);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->data, "data");
  EXPECT_EQ(reply->error, "text");
}

TEST_F(ProxyControlsTest, AnswersTheClientsOfOtherNodes) {
  FromNode(NodeControl{5, Opcode::kGetPnn, ChannelId(0), 0, ""});
  const auto items = TakeItems();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(std::get<NodeReply>(items[0]), (NodeReply{5, 1, "", ""}));
  FromNode(NodeControl{0, Opcode::kGetPnn, ChannelId(0), 0, ""});
  EXPECT_THAT(TakeItems(), IsEmpty()) << "it wants no answer";
  FromNode(NodeControl{6, Opcode::kRegisterSrvid, ChannelId(9), 0, ""});
  EXPECT_EQ(std::get<NodeReply>(TakeItems()[0]).status, -1) << "class C";
}

TEST_F(ProxyControlsTest, ANodeThatLeavesMakesItsProcessesDeadAtOnce_MS15) {
  const ClientId client = Connect(1);
  const std::string who = Encode(PidSrvid{123, ChannelId(456)});
  Send(client, Request(Opcode::kCheckPidSrvid, who), kOther);
  Wait(absl::Seconds(3600));
  EXPECT_THAT(TakeBytes(client), IsEmpty()) << "however long it takes, nobody says \"dead\"";
  SetFlags(kOther, kNodeDisconnected);
  const auto reply = TakeReply(client);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, -1);
  EXPECT_EQ(reply->error, "node is disconnected");
  EXPECT_THAT(dropped_, testing::ElementsAre(kOther));
  EXPECT_EQ(Control(client, Opcode::kCheckPidSrvid, who, 0, kOther).status, -1);
}

TEST_F(ProxyControlsTest, OtherControlsEndAfterControlTimeout) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kPing), kOther);
  Wait(absl::Seconds(59));
  EXPECT_THAT(TakeBytes(client), IsEmpty());
  Wait(absl::Seconds(2));
  EXPECT_EQ(TakeReply(client)->error, "ctdb_control timed out");
  FromNode(NodeReply{1, 0, "", ""});
  EXPECT_THAT(TakeBytes(client), IsEmpty()) << "too late";
}

TEST_F(ProxyControlsTest, AProxyThatWasStartedAgainKnowsNothingOfEarlierRequests) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kProcessExists, std::string(4, '\1')), kOther);
  proxy_.OnNodeRestarted(kOther, now_);
  EXPECT_EQ(TakeReply(client)->status, -1);
}

TEST_F(ProxyControlsTest, AnAnswerForAClientThatHasGoneIsDropped_DIS6) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kGetPnn), kOther);
  const uint64_t request = TakeForwarded();
  Close(client);
  FromNode(NodeReply{request, 0, "", ""});
  EXPECT_THAT(TakeBytes(client), IsEmpty());
}

}  // namespace
}  // namespace ctdb::samba
