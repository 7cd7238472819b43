// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/samba/golden.h"

#include <cstdlib>
#include <deque>
#include <utility>

#include "lib/samba/address_payloads.h"
#include "lib/samba/commit.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/record.h"
#include "lib/samba/srvid.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

constexpr Generation kGeneration(0x6EB4BDB6);
constexpr DbId kLocking(0x7A19D84D);
constexpr DbId kGlobalLock(0x4D2A432B);
constexpr DbId kTestDatabase(0x5333229E);
constexpr ChannelId kTraverseAddress(0x0DFAAA101D201E06);
constexpr absl::string_view kLockKey("transaction_db_0x7132c184\0", 26);
constexpr ServerId kNotifyDaemonOfNode1{13616, 0, NodeNumber(1), 0xACCB083B76785657};
constexpr ServerId kProcessOfNode0{12993, 0, NodeNumber(0), 0xBC30F07284FA424B};

// Bytes that the packets of Goldens() point to.
absl::string_view Keep(std::string bytes) {
  static auto* kept = new std::deque<std::string>;
  return kept->emplace_back(std::move(bytes));
}

SockAddress Address(absl::string_view text, uint16_t port) {
  SockAddress address = *SockAddress::FromText(text);
  address.port = port;
  return address;
}

PacketHeader FromDaemon(uint32_t reqid) {
  return {kGeneration, NodeNumber(0), NodeNumber(1), ReqId(reqid)};
}

PacketHeader FromClient(NodeNumber destnode, uint32_t reqid) {
  return {Generation(0), destnode, NodeNumber(0), ReqId(reqid)};
}

PacketHeader MessageFromClient(NodeNumber destnode) {
  return {Generation(1), destnode, NodeNumber(1), ReqId(0)};
}

class Collector {
 public:
  void Add(absl::string_view name, absl::string_view hex, PacketHeader header, PacketBody body,
           Padding padding) {
    goldens_.push_back({name, FromHex(hex), {header, std::move(body)}, padding});
  }
  void Control(absl::string_view name, absl::string_view hex, uint32_t reqid,
               ControlRequest request) {
    Add(name, hex, FromClient(kCurrentNode, reqid), std::move(request), kNoPadding);
  }
  void Reply(absl::string_view name, absl::string_view hex, uint32_t reqid, ControlReply reply) {
    Add(name, hex, FromDaemon(reqid), std::move(reply), kServerPadding);
  }
  std::vector<Golden> Take() { return std::move(goldens_); }

 private:
  std::vector<Golden> goldens_;
};

void AddConnect(Collector& out) {
  NodeMap map;
  map.entries.push_back({NodeNumber(0), 0, Address("127.0.0.1", kNodePort)});
  map.entries.push_back({NodeNumber(1), 0, Address("127.0.0.2", kNodePort)});
  out.Control("GET_PNN", kHexGetPnnRequest, 1, {.opcode = Opcode::kGetPnn});
  out.Reply("GET_PNN reply", kHexGetPnnReply, 1, {.status = 1});
  out.Control("GET_NODEMAP", kHexGetNodeMapRequest, 2, {.opcode = Opcode::kGetNodeMap});
  out.Reply("GET_NODEMAP reply", kHexGetNodeMapReply, 2, {.data = Keep(Encode(map))});
  out.Control("REGISTER_SRVID", kHexRegisterSrvidRequest, 3,
              {.opcode = Opcode::kRegisterSrvid, .srvid = ChannelId(0x68A9A94027781044)});
  out.Reply("REGISTER_SRVID reply", kHexRegisterSrvidReply, 3, {});
}

void AddAttach(Collector& out) {
  const absl::string_view id = Keep(Encode(DbIdPayload{kLocking}));
  out.Control("DB_ATTACH", kHexDbAttachRequest, 27,
              {.opcode = Opcode::kDbAttach, .data = Keep(Encode(TextPayload{"locking.tdb"}))});
  out.Reply("DB_ATTACH reply", kHexDbAttachReply, 27, {.data = id});
  out.Control("ENABLE_SEQNUM", kHexEnableSeqnumRequest, 28,
              {.opcode = Opcode::kEnableSeqnum, .data = id});
  out.Reply("ENABLE_SEQNUM reply", kHexEnableSeqnumReply, 28, {});
  out.Control("GETDBPATH", kHexGetDbPathRequest, 29, {.opcode = Opcode::kGetDbPath, .data = id});
  out.Reply("GETDBPATH reply", kHexGetDbPathReply, 29,
            {.data = Keep(Encode(TextPayload{"/var/lib/ctdb/volatile/locking.tdb.1"}))});
  out.Control("DB_OPEN_FLAGS", kHexDbOpenFlagsRequest, 30,
              {.opcode = Opcode::kDbOpenFlags, .data = id});
  out.Reply("DB_OPEN_FLAGS reply", kHexDbOpenFlagsReply, 30,
            {.data = Keep(Encode(NumberPayload<int32_t>{kOpenVolatile | kTdbSeqnum}))});
}

void AddRecords(Collector& out) {
  out.Add("REQ_CALL", kHexCallRequest, FromClient(NodeNumber(0), 7),
          CallRequest{.flags = kCallImmediateMigration,
                      .db_id = kGlobalLock,
                      .function = CallFunction::kNull,
                      .key = kLockKey},
          kNoPadding);
  out.Add("REPLY_CALL", kHexCallReply, FromDaemon(7), CallReply{}, kServerPadding);
  out.Control("SCHEDULE_FOR_DELETION", kHexScheduleForDeletion, 8,
              {.opcode = Opcode::kScheduleForDeletion,
               .srvid = ChannelId(kGlobalLock.value()),
               .flags = kControlNoReply,
               .data = Keep(Encode(ScheduleForDeletion{
                   kGlobalLock, {.rsn = 5, .dmaster = NodeNumber(1)}, kLockKey}))});
  const RecordHeader header{.rsn = 1, .dmaster = NodeNumber(0)};
  RecordBufferBuilder commit(kTestDatabase);
  commit.Add(
      {.key = absl::string_view("k1\0", 3), .data = Keep(Encode(StoredRecord{header, "v1-0"}))});
  commit.Add(
      {.key = kSequenceKey,
       .data = Keep(Encode(StoredRecord{header, Keep(Encode(NumberPayload<uint64_t>{1}))}))});
  out.Control("TRANS3_COMMIT", kHexTrans3Commit, 2,
              {.opcode = Opcode::kTrans3Commit,
               .srvid = ChannelId(kTestDatabase.value()),
               .data = Keep(std::string(commit.bytes()))});
}

void AddMessages(Collector& out) {
  out.Add("REQ_MESSAGE", kHexMessageSent, MessageFromClient(NodeNumber(0)),
          Message{ChannelId(12993),
                  Keep(Encode(SambaMessage{kProcessOfNode0, kNotifyDaemonOfNode1, 0x31C, ""}))},
          kNoPadding);
  out.Add("REQ_MESSAGE delivered", kHexMessageDelivered, FromDaemon(0),
          Message{ChannelId(13616),
                  Keep(Encode(SambaMessage{kNotifyDaemonOfNode1, kProcessOfNode0, 0x31D,
                                           absl::string_view("\4\0\0\0\0\0\0\0", 8)}))},
          kServerPadding);
  out.Add("broadcast", kHexNotifyBroadcast, MessageFromClient(kBroadcastConnected),
          Message{kSrvidSambaNotifyProxy,
                  Keep(Encode(SambaMessage{{},
                                           kNotifyDaemonOfNode1,
                                           0x31E,
                                           absl::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12)}))},
          kNoPadding);
  out.Add("RELEASE_IP", kHexReleaseIpMessage, FromDaemon(0),
          Message{kSrvidReleaseIp, Keep(Encode(TextPayload{"192.168.77.2"}))}, kServerPadding);
}

void AddOthers(Collector& out) {
  out.Add("CHECK_PID_SRVID", kHexCheckPidSrvid, FromClient(NodeNumber(0), 13),
          ControlRequest{.opcode = Opcode::kCheckPidSrvid,
                         .data = Keep(Encode(PidSrvid{12969, ChannelId(0xF6289B42B7EB7E7B)}))},
          kNoPadding);
  // Whose garbage no meaning can give back.
  out.Control("TCP_CLIENT", kHexTcpClient, 9,
              {.opcode = Opcode::kTcpClient,
               .flags = kControlNoReply,
               .data = Keep(FromHex(kHexTcpClient).substr(60))});
  out.Control("TRAVERSE_START", kHexTraverseStart, 5,
              {.opcode = Opcode::kTraverseStart,
               .srvid = kTraverseAddress,
               .data = Keep(Encode(TraverseStart{DbId(0x6B06A26D), ReqId(4), kTraverseAddress}))});
  const std::string value(821, 'v');
  const std::string stored = Encode(StoredRecord{{.rsn = 2, .dmaster = NodeNumber(1)}, value});
  out.Add("traverse record", Keep(absl::StrCat(kHexTraverseRecordBegin, ToHex(value), "000000")),
          FromDaemon(0),
          Message{kTraverseAddress, Keep(Encode(TraverseRecord{{ReqId(4), "Wm/\xf0", stored}}))},
          kServerPadding);
  out.Add("traverse end", kHexTraverseEnd, FromDaemon(0),
          Message{kTraverseAddress, Keep(Encode(TraverseRecord{{.reqid = ReqId(4)}}))},
          kServerPadding);
  out.Reply("error reply", kHexErrorReply, 6,
            {.status = kStatusFailed, .error = "ctdb_control to disconnected node"});
}

}  // namespace

const std::vector<Golden>& Goldens() {
  static const auto* goldens = [] {
    Collector collector;
    AddConnect(collector);
    AddAttach(collector);
    AddRecords(collector);
    AddMessages(collector);
    AddOthers(collector);
    return new std::vector<Golden>(collector.Take());
  }();
  return *goldens;
}

const Golden& FindGolden(absl::string_view name) {
  for (const Golden& golden : Goldens()) {
    if (golden.name == name) return golden;
  }
  std::abort();
}

}  // namespace ctdb::samba
