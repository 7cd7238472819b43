// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/proxy.h"

#include "lib/samba/srvid.h"
#include "tests/samba/proxy_fixture.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProxyTest : public ProxyFixture {
 protected:
  // Section 22: the request of an unmodified smbd has the answer of an unmodified daemon.
  void Replay(ClientId client, absl::string_view request, absl::string_view reply) {
    SendBytes(client, FromHex(request));
    EXPECT_EQ(ToHex(TakeOne(client)), ToHex(FromHex(reply)));
  }
  void Register(ClientId client, ChannelId srvid) {
    EXPECT_EQ(Control(client, Opcode::kRegisterSrvid, "", srvid.value()).status, 0);
  }
};

TEST_F(ProxyTest, AnswersAStartingSmbdByteForByte) {
  const ClientId client = Connect(13602);
  Replay(client, kHexGetPnnRequest, kHexGetPnnReply);
  Replay(client, kHexGetNodeMapRequest, kHexGetNodeMapReply);
  Replay(client, kHexRegisterSrvidRequest, kHexRegisterSrvidReply);
  Replay(client, kHexDbAttachRequest, kHexDbAttachReply);
  Replay(client, kHexEnableSeqnumRequest, kHexEnableSeqnumReply);
  Replay(client, kHexGetDbPathRequest, kHexGetDbPathReply);
  Replay(client, kHexDbOpenFlagsRequest, kHexDbOpenFlagsReply);
}

TEST_F(ProxyTest, AnswersACallByteForByte) {
  databases_.Add(
      {DbId(0x4D2A432B), "g_lock.tdb", DatabaseKind::kVolatile, "/g_lock.tdb.1", 0x1C41});
  const ClientId client = Connect(1);
  Replay(client, kHexCallRequest, kHexCallReply);
  // NOREPLY: never answered (CN-34).
  SendBytes(client, FromHex(kHexScheduleForDeletion));
  SendBytes(client, FromHex(kHexTcpClient));
  EXPECT_THAT(TakeBytes(client), IsEmpty());
}

TEST_F(ProxyTest, AnswersAControlForANodeThatDoesNotExistByteForByte) {
  const ClientId client = Connect(1);
  Send(client, Request(Opcode::kGetPnn), NodeNumber(17), ReqId(6));
  EXPECT_EQ(ToHex(TakeOne(client)), ToHex(FromHex(kHexErrorReply)));
}

TEST_F(ProxyTest, DeliversAMessageByteForByte_MS3) {
  const ClientId client = Connect(13616);
  Register(client, ChannelId(13616));
  const std::string wanted = FromHex(kHexMessageDelivered);
  const auto packet = DecodePacket(wanted);
  ASSERT_TRUE(packet.ok());
  FromNode(NodeMessage{ChannelId(13616), std::string(std::get<Message>(packet->body).data)});
  EXPECT_EQ(ToHex(TakeOne(client)), ToHex(wanted));
}

TEST_F(ProxyTest, SendsAMessageToTheProcessOnAnotherNode_MS1) {
  const ClientId client = Connect(13616);
  SendBytes(client, FromHex(kHexMessageSent));
  const auto items = TakeItems();
  ASSERT_THAT(items, SizeIs(1));
  const auto& message = std::get<NodeMessage>(items[0]);
  EXPECT_EQ(message.srvid, ChannelId(12993));
  EXPECT_EQ(message.data.size(), 52u);
  EXPECT_THAT(TakeBytes(client), IsEmpty());
}

TEST_F(ProxyTest, ABroadcastReachesItsSenderToo_MS2) {
  const ClientId client = Connect(1);
  Register(client, kSrvidSambaNotifyProxy);
  SendBytes(client, FromHex(kHexNotifyBroadcast));
  EXPECT_THAT(TakeMessages(client), SizeIs(1));
  EXPECT_THAT(TakeItems(), SizeIs(1));
}

TEST_F(ProxyTest, GroupsAreThoseNodesThatAreMeant) {
  const ClientId client = Connect(1);
  SetFlags(kOther, kNodeStopped);
  Send(client, Message{ChannelId(5), "x"}, kBroadcastActive);
  EXPECT_THAT(TakeItems(), IsEmpty());
  Send(client, Message{ChannelId(5), "x"}, kBroadcastConnected);
  EXPECT_THAT(TakeItems(), SizeIs(1));
  SetFlags(kOther, kNodeDisconnected);
  Send(client, Message{ChannelId(5), "x"}, kBroadcastConnected);
  Send(client, Message{ChannelId(5), "x"}, kOther);
  EXPECT_THAT(TakeItems(), IsEmpty()) << "CN-27";
}

TEST_F(ProxyTest, MessagesOfOneSenderStayInOrder_ORD5) {
  const ClientId sender = Connect(1);
  const ClientId receiver = Connect(2);
  Register(receiver, ChannelId(2));
  for (const char* text : {"a", "b", "c"}) Send(sender, Message{ChannelId(2), text}, kOwn);
  EXPECT_THAT(TakeMessages(receiver), ElementsAre("a", "b", "c"));
  // And together with its controls to the same node (MS-4).
  Send(sender, Message{ChannelId(2), "before"}, kOther);
  Send(sender, Request(Opcode::kGetPnn), kOther);
  Send(sender, Message{ChannelId(2), "after"}, kOther);
  const auto items = TakeItems();
  ASSERT_THAT(items, SizeIs(3));
  EXPECT_TRUE(std::holds_alternative<NodeControl>(items[1]));
}

TEST_F(ProxyTest, TellsItsOwnClientsWhenARecoveryHasEnded_IP3) {
  const ClientId client = Connect(1);
  Register(client, kSrvidReconfigure);
  state_.is_recovering = true;
  state_.vnn_map.generation = Generation(99);
  Tell();
  EXPECT_THAT(TakeMessages(client), IsEmpty());
  state_.is_recovering = false;
  Tell();
  Tell();
  EXPECT_THAT(TakeMessages(client), ElementsAre(""));
  EXPECT_THAT(TakeItems(), IsEmpty());
}

TEST_F(ProxyTest, AnnouncesTheLeaderToWhoListens) {
  const ClientId client = Connect(1);
  state_.leader = kOther;
  Tell();
  Wait(absl::Seconds(2));
  Register(client, kSrvidLeader);
  Wait(absl::Seconds(3));
  EXPECT_THAT(TakeMessages(client),
              ElementsAre(std::string(4, '\0'), std::string(4, '\0'), std::string(4, '\0')));
}

TEST_F(ProxyTest, DropsWhatIsNoPacketAndKeepsTheClient_CN18_CN19_CN21) {
  const ClientId client = Connect(1);
  std::string bad_magic = FromHex(kHexGetPnnRequest);
  bad_magic[4] = 'x';
  std::string bad_version = FromHex(kHexGetPnnRequest);
  bad_version[8] = 2;
  std::string reply_type = FromHex(kHexGetPnnReply);
  std::string unknown_type = FromHex(kHexGetPnnRequest);
  unknown_type[16] = 99;
  std::string too_long_inside = FromHex(kHexDbAttachRequest);
  too_long_inside[56] = 120;
  for (const std::string& bytes :
       {bad_magic, bad_version, reply_type, unknown_type, too_long_inside}) {
    SendBytes(client, bytes);
  }
  EXPECT_THAT(TakeBytes(client), IsEmpty());
  EXPECT_THAT(log_, SizeIs(5));
  EXPECT_THAT(disconnected_, IsEmpty());
  Replay(client, kHexGetPnnRequest, kHexGetPnnReply);
}

TEST_F(ProxyTest, WhoReadsNoMessagesIsDisconnected_CN15) {
  const ClientId client = Connect(1);
  Register(client, ChannelId(1));
  queued_packets_ = 1000001;
  EXPECT_EQ(Control(client, Opcode::kGetPnn).status, 1) << "replies are never dropped";
  Send(client, Message{ChannelId(1), "x"}, kOwn);
  EXPECT_TRUE(disconnected_.contains(client));
}

TEST_F(ProxyTest, TellsWhatAClientLeftBehind_MS17) {
  const ClientId watcher = Connect(1);
  Register(watcher, ChannelId(500));
  const ClientId client = Connect(2);
  const std::string notice = Encode(NotifyData{ChannelId(500), "gone"});
  EXPECT_EQ(Control(client, Opcode::kRegisterNotify, notice).status, 0);
  EXPECT_EQ(Control(client, Opcode::kRegisterNotify, notice).status, -1);
  Close(client);
  EXPECT_THAT(TakeMessages(watcher), ElementsAre("gone"));
  EXPECT_THAT(TakeItems(), SizeIs(1)) << "it goes to all connected nodes";
}

TEST_F(ProxyTest, CarriesTunnelsBetweenThoseWhoRegistered_CN28) {
  const ClientId client = Connect(1);
  Send(client, Tunnel{7, kTunnelRequest, "x"}, kOther);
  EXPECT_THAT(TakeItems(), IsEmpty()) << "the sender must have registered it, too";
  EXPECT_EQ(Control(client, Opcode::kTunnelRegister, "", 7).status, 0);
  Send(client, Tunnel{7, kTunnelRequest, "x"}, kCurrentNode);
  EXPECT_THAT(TakeItems(), IsEmpty());
  Send(client, Tunnel{7, kTunnelRequest, "x"}, kOther, ReqId(3));
  EXPECT_THAT(TakeItems(), ElementsAre(NodeItem(NodeTunnel{7, kTunnelRequest, ReqId(3), "x"})));
  FromNode(NodeTunnel{7, kTunnelReply, ReqId(3), "y"});
  const std::string bytes = TakeOne(client);
  const auto packet = DecodePacket(bytes);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->header.srcnode, kOther);
  EXPECT_EQ(std::get<Tunnel>(packet->body).data, "y");
}

}  // namespace
}  // namespace ctdb::samba
