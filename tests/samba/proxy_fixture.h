// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// proxy_fixture: the proxy of node 1 of two, as in section 22 of the protocol's description, with
// its surroundings in the test's hands.
//
//   Ownership:  owns all of it.
//   Threading:  one thread.
//   Errors:     test failures.
//   Blocking:   never: time passes when the test says so.
//   Limits:     none.
//
// Example:
//   const ClientId client = Connect(4711);
//   EXPECT_EQ(Control(client, Opcode::kGetPnn).status, 1);

#ifndef TESTS_SAMBA_PROXY_FIXTURE_H_
#define TESTS_SAMBA_PROXY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/samba/message_payloads.h"
#include "lib/samba/packet.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/session/proxy.h"
#include "tests/samba/model_databases.h"

namespace ctdb::samba {

inline constexpr NodeNumber kOwn(1);
inline constexpr NodeNumber kOther(0);
inline constexpr DbId kLocking(0x7a19d84d);
inline constexpr DbId kSecrets(0x7132c184);

class ProxyFixture : public testing::Test, public Proxy::Outlet {
 protected:
  ProxyFixture() : proxy_({.own = kOwn, .pid = 77, .started = {1000, 7}}, random_, *this) {
    state_.own = kOwn;
    for (const NodeNumber node : {kOther, kOwn}) {
      NodeEntry entry{node, 0, *SockAddress::FromText(node == kOwn ? "127.0.0.2" : "127.0.0.1")};
      entry.address.port = kNodePort;
      state_.nodes.entries.push_back(entry);
      state_.vnn_map.entries.push_back({node});
      state_.members.push_back(node);
    }
    state_.vnn_map.generation = Generation(0x6EB4BDB6);
    state_.is_recovering = false;
    state_.run_state = 5;
    Tell();
    databases_.Add({kLocking, "locking.tdb", DatabaseKind::kVolatile,
                    "/var/lib/ctdb/volatile/locking.tdb.1", 0x1C41});
    databases_.Add({kSecrets, "secrets.tdb", DatabaseKind::kPersistent,
                    "/var/lib/ctdb/persistent/secrets.tdb.1", 0x400});
  }

  void Tell() { proxy_.OnClusterState(state_, now_); }
  void SetFlags(NodeNumber node, uint32_t flags) {
    for (NodeEntry& entry : state_.nodes.entries) {
      if (entry.pnn == node) entry.flags = flags;
    }
    Tell();
  }

  ClientId Connect(int32_t pid) {
    const ClientId client(++last_client_);
    EXPECT_EQ(proxy_.OnConnected(client, pid), absl::OkStatus());
    connected_.insert(client);
    processes_.insert(pid);
    return client;
  }
  void Close(ClientId client) {
    connected_.erase(client);
    proxy_.OnDisconnected(client, now_);
    Settle();
  }

  // All that the databases have been asked, and what follows from the answers.
  void Settle() {
    while (!databases_.asked.empty()) {
      for (const auto& [id, answer] : databases_.TakeAnswers()) proxy_.OnAnswer(id, answer, now_);
    }
  }
  void Wait(absl::Duration time) {
    const Instant until = After(now_, time);
    Settle();
    while (proxy_.NextDeadline() <= until) {
      now_ = std::max(now_, proxy_.NextDeadline());
      proxy_.OnTick(now_);
      Settle();
    }
    now_ = until;
  }

  void SendBytes(ClientId client, absl::string_view bytes) {
    proxy_.OnPacket(client, bytes, now_);
    if (settles_) Settle();
  }
  void Send(ClientId client, PacketBody body, NodeNumber to = kCurrentNode,
            ReqId reqid = ReqId(9)) {
    std::string bytes;
    ASSERT_EQ(AppendPacket({{.destnode = to, .reqid = reqid}, std::move(body)}, kNoPadding, &bytes),
              absl::OkStatus());
    SendBytes(client, bytes);
  }
  // What it was sent since this was called last.
  std::vector<std::string> TakeBytes(ClientId client) { return std::exchange(sent_[client], {}); }
  // The only packet.
  std::string TakeOne(ClientId client) {
    const std::vector<std::string> all = TakeBytes(client);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? "" : all[0];
  }
  std::vector<std::string> TakeMessages(ClientId client) {
    std::vector<std::string> messages;
    for (const std::string& bytes : TakeBytes(client)) {
      const auto packet = DecodePacket(bytes);
      const auto* message = packet.ok() ? std::get_if<Message>(&packet->body) : nullptr;
      if (message != nullptr) messages.push_back(std::string(message->data));
    }
    return messages;
  }
  // The answer to the last control, if there is one.
  std::optional<Reply> TakeReply(ClientId client) {
    const std::vector<std::string> all = TakeBytes(client);
    if (all.empty()) return std::nullopt;
    const auto packet = DecodePacket(all.back());
    const auto* reply = packet.ok() ? std::get_if<ControlReply>(&packet->body) : nullptr;
    if (reply == nullptr) return std::nullopt;
    return Reply{reply->status, std::string(reply->data), std::string(reply->error)};
  }
  static ControlRequest Request(Opcode opcode, absl::string_view data = "", uint64_t srvid = 0) {
    return {.opcode = opcode, .srvid = ChannelId(srvid), .client_id = 0, .flags = 0, .data = data};
  }
  Reply Control(ClientId client, Opcode opcode, absl::string_view data = "", uint64_t srvid = 0,
                NodeNumber to = kCurrentNode) {
    Send(client, Request(opcode, data, srvid), to);
    const std::optional<Reply> reply = TakeReply(client);
    EXPECT_TRUE(reply.has_value()) << "no answer to " << static_cast<uint32_t>(opcode);
    return reply.value_or(Reply{.status = -999});
  }
  static std::string Id(DbId id) { return Encode(DbIdPayload{id}); }
  static std::string Text(absl::string_view text) { return Encode(TextPayload{text}); }

  // What the other node's proxy was told.
  std::vector<NodeItem> TakeItems() { return std::exchange(items_, {}); }
  void FromNode(NodeItem item) {
    proxy_.OnNodeItem(kOther, item, now_);
    if (settles_) Settle();
  }

  // Proxy::Outlet
  void ToClient(ClientId client, const Packet& packet) override {
    ASSERT_TRUE(connected_.contains(client)) << "a packet to a client that has gone";
    std::string bytes;
    ASSERT_EQ(AppendPacket(packet, kServerPadding, &bytes), absl::OkStatus());
    sent_[client].push_back(bytes);
  }
  size_t QueuedPackets(ClientId) override { return queued_packets_; }
  size_t QueuedBytes(ClientId) override { return queued_bytes_; }
  bool HasReadAll(ClientId client) override { return has_read_.contains(client); }
  void Disconnect(ClientId client, const absl::Status& why) override {
    disconnected_[client] = why;
  }
  void ToNode(NodeNumber, const NodeItem& item) override { items_.push_back(item); }
  void DropNode(NodeNumber node) override { dropped_.push_back(node); }
  void AskDatabases(RequestId id, const DatabaseRequest& request) override {
    databases_.Ask(id, request);
  }
  bool ProcessExists(int32_t pid) override { return processes_.contains(pid); }
  WallTime WallNow() override { return {2000, 0}; }
  uint64_t MemoryBytes() override { return 5 << 20; }
  std::string MemoryReport() override { return "5 MiB\n"; }
  void SetTunable(absl::string_view name, uint32_t value) override {
    told_tunables_[std::string(name)] = value;
  }
  void Log(LogLevel, absl::string_view text) override { log_.push_back(std::string(text)); }

  Random random_{7};
  Instant now_ = Instant{} + std::chrono::hours(1);
  ClusterState state_;
  ModelDatabases databases_;
  Proxy proxy_;
  bool settles_ = true;  // Databases answer at once.
  uint32_t last_client_ = 0;
  std::set<ClientId> connected_;
  std::set<int32_t> processes_;
  std::map<ClientId, std::vector<std::string>> sent_;
  std::map<ClientId, absl::Status> disconnected_;
  std::vector<NodeItem> items_;
  std::vector<NodeNumber> dropped_;
  std::vector<std::string> log_;
  std::map<std::string, uint32_t> told_tunables_;
  std::set<ClientId> has_read_;
  size_t queued_packets_ = 0;
  size_t queued_bytes_ = 0;
};

}  // namespace ctdb::samba

#endif  // TESTS_SAMBA_PROXY_FIXTURE_H_
