// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Clients that speak Samba's protocol with real nodes, over the real socket and in the real files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/samba/commit.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/record.h"
#include "lib/samba/srvid.h"
#include "tests/store/smbd_part.h"
#include "tests/testing/local_node.h"
#include "tests/testing/samba_client.h"

namespace ctdb::test {
namespace {

using samba::Decode;
using samba::Encode;
using samba::Opcode;
using store::SmbdPart;

class SambaTest : public testing::TestWithParam<const char*> {
 protected:
  void StartNodes(int count) {
    nodes_.emplace(count, LocalNodes::Options{.process_model = GetParam(),
                                              .more_config = "[samba]\nenabled = true\n"});
    for (int node = 0; node < count; ++node) pids_.push_back(nodes_->StartReady(node));
    for (int node = 0; node < count; ++node) {
      nodes_->Await([&] { return IsUp(node, static_cast<size_t>(count)); });
    }
  }
  std::string Socket(int node) const { return nodes_->base(node) + "/run/ctdbd.socket"; }

  // Whether all are connected and the cluster has settled, as this node sees it.
  bool IsUp(int node, size_t count) {
    const auto client = SambaClient::Connect(Socket(node));
    if (!client.ok()) return false;
    const auto mode = (*client)->Control(Opcode::kGetRecMode);
    const auto map = (*client)->Control(Opcode::kGetVnnMap);
    if (!mode.ok() || !map.ok() || mode->status != 0) return false;
    return Decode<samba::VnnMap>(map->data)->entries.size() == count;
  }
  std::unique_ptr<SambaClient> Connect(int node) {
    auto client = SambaClient::Connect(Socket(node));
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  static std::string Data(absl::StatusOr<SambaClient::Reply> reply) {
    EXPECT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->status, 0) << reply->error;
    return reply->data;
  }
  static int32_t Status(const absl::StatusOr<SambaClient::Reply>& reply) {
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? reply->status : -999;
  }

  // As Samba opens a database (CT-8).
  struct Database {
    samba::DbId id;
    std::unique_ptr<SmbdPart> file;
  };
  static Database Attach(SambaClient& client, int node, absl::string_view name,
                         Opcode opcode = Opcode::kDbAttach) {
    const std::string id = Data(client.Control(opcode, Encode(samba::TextPayload{name})));
    if (opcode == Opcode::kDbAttach) Data(client.Control(Opcode::kEnableSeqnum, id));
    const std::string path = Data(client.Control(Opcode::kGetDbPath, id));
    const std::string flags = Data(client.Control(Opcode::kDbOpenFlags, id));
    Database database{Decode<samba::DbIdPayload>(id)->db_id, nullptr};
    database.file = std::make_unique<SmbdPart>(path.c_str(),
                                               Decode<samba::NumberPayload<int32_t>>(flags)->value,
                                               static_cast<uint32_t>(node));
    EXPECT_TRUE(database.file->is_open()) << path;
    return database;
  }
  static void Increment(SambaClient& client, Database& database, const std::string& key) {
    const std::string stored =
        database.file->FetchLocked(key, [&] { EXPECT_TRUE(client.Call(database.id, key).ok()); });
    int number = 0;
    (void)absl::SimpleAtoi(stored.substr(SmbdPart::kHeaderBytes), &number);
    EXPECT_TRUE(database.file->Store(key, stored, absl::StrCat(number + 1)));
    database.file->Unlock(key);
  }
  // Section 20.3, as Samba's development version stores a record of a persistent handle, but for
  // the companion database.
  static void StorePersistently(SambaClient& client, Database& database, const std::string& key,
                                const std::string& value) {
    const auto map = Decode<samba::VnnMap>(Data(client.Control(Opcode::kGetVnnMap)));
    std::string stored =
        database.file->FetchLocked(key, [&] { EXPECT_TRUE(client.Call(database.id, key).ok()); });
    samba::RecordHeader header = samba::ReadStored(stored)->header;
    ++header.rsn;
    header.flags |= kMigratedWithData | kPersistent;
    stored = Encode(samba::StoredRecord{header, ""});
    EXPECT_TRUE(database.file->Store(key, stored, value));
    EXPECT_EQ(client.SendControl(
                  Opcode::kPushRecord,
                  Encode(samba::PushRecord{map->generation, database.id, header, key, value}),
                  database.id.value(), samba::kBroadcastActive),
              absl::OkStatus());
    database.file->Unlock(key);
  }
  static constexpr uint32_t kMigratedWithData = 0x10000;
  static constexpr uint32_t kPersistent = 1;

  static std::string Buffer(samba::DbId id, absl::string_view key, absl::string_view value,
                            uint64_t sequence) {
    const absl::string_view number(reinterpret_cast<const char*>(&sequence), sizeof(sequence));
    samba::RecordBufferBuilder builder(id);
    builder.Add({.key = key, .data = Encode(samba::StoredRecord{{.rsn = sequence}, value})});
    builder.Add({.key = samba::kSequenceKey,
                 .data = Encode(samba::StoredRecord{{.rsn = sequence}, number})});
    return std::string(builder.bytes());
  }

  std::optional<LocalNodes> nodes_;
  std::vector<pid_t> pids_;
};
INSTANTIATE_TEST_SUITE_P(ProcessModel, SambaTest, testing::Values("single", "multi"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(SambaTest, TheNodesOfAClusterKnowThemselvesAndEachOther) {
  StartNodes(2);
  const auto client = Connect(1);
  EXPECT_EQ(Status(client->Control(Opcode::kGetPnn)), 1);
  EXPECT_EQ(Status(client->Control(Opcode::kGetPnn, "", 0, NodeNumber(0))), 0);
  const auto map = Decode<samba::NodeMap>(Data(client->Control(Opcode::kGetNodeMap)));
  ASSERT_EQ(map->entries.size(), 2u);
  for (const samba::NodeEntry& entry : map->entries) EXPECT_EQ(entry.flags, 0u);
  EXPECT_EQ(Status(client->Control(Opcode::kGetPnn, "", 0, NodeNumber(7))), -1);
}

TEST_P(SambaTest, ARecordMovesToWhoeverWritesIt) {
  StartNodes(2);
  const auto zero = Connect(0);
  const auto one = Connect(1);
  Database at_zero = Attach(*zero, 0, "moving.tdb");
  Database at_one = Attach(*one, 1, "moving.tdb");
  for (int i = 0; i < 20; ++i) {
    Increment(*zero, at_zero, "key");
    Increment(*one, at_one, "key");
  }
  const auto value = zero->Call(at_zero.id, "key", samba::CallFunction::kFetch);
  EXPECT_EQ(*value, "40");
  EXPECT_EQ(*one->Call(at_one.id, "absent", samba::CallFunction::kFetch), "");
}

TEST_P(SambaTest, MessagesReachProcessesOfOtherNodesInOrder) {
  StartNodes(2);
  const auto sender = Connect(0);
  const auto receiver = Connect(1);
  const ChannelId srvid(0xAE00000000000001);
  Data(receiver->Control(Opcode::kRegisterSrvid, "", srvid.value()));
  Data(sender->Control(Opcode::kRegisterSrvid, "", srvid.value()));
  constexpr int kMessages = 1000;
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(sender->SendMessage(NodeNumber(1), srvid, absl::StrCat(i)).ok());
  }
  const std::string large(size_t{4} << 20, 'x');
  ASSERT_TRUE(sender->SendMessage(NodeNumber(1), srvid, large).ok());
  ASSERT_TRUE(sender->SendMessage(samba::kBroadcastConnected, srvid, "all").ok());
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(receiver->NextMessage()->data, absl::StrCat(i));
  EXPECT_TRUE(receiver->NextMessage()->data == large);
  EXPECT_EQ(receiver->NextMessage()->data, "all");
  EXPECT_EQ(sender->NextMessage()->data, "all");
}

TEST_P(SambaTest, ProcessesAreAliveAsLongAsTheirConnectionAndTheirNode_MS16_MS15) {
  StartNodes(3);
  const auto asker = Connect(0);
  auto process = Connect(1);
  Data(process->Control(Opcode::kRegisterSrvid, "", 77));
  const std::string who = Encode(samba::PidSrvid{::getpid(), ChannelId(77)});
  const auto ask = [&] {
    return Status(asker->Control(Opcode::kCheckPidSrvid, who, 0, NodeNumber(1)));
  };
  EXPECT_EQ(ask(), 0);
  process.reset();
  nodes_->Await([&] { return ask() == -1; });
  process = Connect(1);
  Data(process->Control(Opcode::kRegisterSrvid, "", 77));
  EXPECT_EQ(ask(), 0);
  for (const char* program : {"ctdbd", "smbproxyd", "transportd", "clusterd", "databased"}) {
    for (const pid_t pid : nodes_->ProcessesOf(1, program)) ::kill(pid, SIGKILL);
  }
  nodes_->Await([&] { return ask() == -1; });
}

TEST_P(SambaTest, ATraverseFindsTheRecordsOfAllNodes_TRV2) {
  StartNodes(2);
  std::set<std::string> wanted;
  samba::DbId id;
  for (int node = 0; node < 2; ++node) {
    const auto client = Connect(node);
    Database database = Attach(*client, node, "many.tdb");
    id = database.id;
    for (int i = 0; i < 100; ++i) {
      wanted.insert(absl::StrCat("key ", node, " ", i));
      Increment(*client, database, absl::StrCat("key ", node, " ", i));
    }
  }
  const auto client = Connect(0);
  const ChannelId srvid(4711);
  Data(client->Control(Opcode::kTraverseStart,
                       Encode(samba::TraverseStart{id, samba::ReqId(9), srvid}), 4711));
  std::set<std::string> seen;
  for (;;) {
    const auto message = client->NextMessage();
    ASSERT_TRUE(message.ok()) << message.status();
    const auto record = Decode<samba::TraverseRecord>(message->data);
    ASSERT_TRUE(record.ok());
    if (record->record.is_end_mark()) break;
    EXPECT_TRUE(seen.insert(std::string(record->record.key)).second) << "twice";
  }
  EXPECT_EQ(seen, wanted);
}

TEST_P(SambaTest, ACommitIsInTheFilesOfAllNodes_TXN10) {
  StartNodes(2);
  const auto zero = Connect(0);
  const auto one = Connect(1);
  Database at_zero = Attach(*zero, 0, "config.tdb", Opcode::kDbAttachPersistent);
  Database at_one = Attach(*one, 1, "config.tdb", Opcode::kDbAttachPersistent);
  for (uint64_t i = 1; i <= 10; ++i) {
    const std::string value = absl::StrCat("value ", i);
    SambaClient& client = i % 2 == 0 ? *zero : *one;
    Data(client.Control(Opcode::kTrans3Commit, Buffer(at_zero.id, "key", value, i)));
    for (const Database* database : {&at_zero, &at_one}) {
      const auto stored = database->file->Stored("key");
      ASSERT_TRUE(stored.has_value());
      EXPECT_EQ(stored->substr(SmbdPart::kHeaderBytes), value);
      const auto number = database->file->Stored(std::string(samba::kSequenceKey));
      ASSERT_TRUE(number.has_value());
      EXPECT_EQ(samba::SequenceNumber(number->substr(SmbdPart::kHeaderBytes)), i);
    }
  }
}

TEST_P(SambaTest, ACommitOfSeveralMebibytesIsInTheFilesOfAllNodes_TXN9) {
  StartNodes(2);
  const auto zero = Connect(0);
  const auto one = Connect(1);
  Database at_zero = Attach(*zero, 0, "registry.tdb", Opcode::kDbAttachPersistent);
  Database at_one = Attach(*one, 1, "registry.tdb", Opcode::kDbAttachPersistent);
  samba::RecordBufferBuilder builder(at_zero.id);
  const uint64_t sequence = 1;
  const std::string value(40'000, 'v');
  for (int i = 0; i < 250; ++i) {
    builder.Add({.key = absl::StrCat("key ", i),
                 .data = Encode(samba::StoredRecord{{.rsn = sequence}, value})});
  }
  const absl::string_view number(reinterpret_cast<const char*>(&sequence), sizeof(sequence));
  builder.Add(
      {.key = samba::kSequenceKey, .data = Encode(samba::StoredRecord{{.rsn = sequence}, number})});
  Data(zero->Control(Opcode::kTrans3Commit, std::string(builder.bytes())));
  for (const int i : {0, 249}) {
    const auto stored = at_one.file->Stored(absl::StrCat("key ", i));
    ASSERT_TRUE(stored.has_value());
    EXPECT_TRUE(stored->substr(SmbdPart::kHeaderBytes) == value);
  }
  Data(one->Control(Opcode::kTrans3Commit, Buffer(at_one.id, "key 0", "small", 2)));
}

TEST_P(SambaTest, WhatWasPushedBeforeATransactionSurvivesItsNode_PS61_PR2_PR3) {
  StartNodes(3);
  const auto survivor = Connect(0);
  Database at_zero = Attach(*survivor, 0, "handles.tdb");
  {
    const auto client = Connect(2);
    Database database = Attach(*client, 2, "handles.tdb");
    Database companion = Attach(*client, 2, "handles_persistent.tdb", Opcode::kDbAttachPersistent);
    Increment(*client, database, "not pushed");
    // More often than the bits of the rsn that are for that can count.
    for (uint64_t i = 1; i <= 300; ++i) {
      StorePersistently(*client, database, "handle", absl::StrCat("open ", i));
    }
    Data(client->Control(Opcode::kTrans3Commit, Buffer(companion.id, "handle", "open", 1)));
  }
  for (const char* program : {"ctdbd", "smbproxyd", "transportd", "clusterd", "databased"}) {
    for (const pid_t pid : nodes_->ProcessesOf(2, program)) ::kill(pid, SIGKILL);
  }
  const std::string stored = at_zero.file->FetchLocked(
      "handle", [&] { EXPECT_TRUE(survivor->Call(at_zero.id, "handle").ok()); });
  at_zero.file->Unlock("handle");
  EXPECT_EQ(stored.substr(SmbdPart::kHeaderBytes), "open 300");
  EXPECT_EQ(samba::ReadStored(stored)->header.flags, kMigratedWithData | kPersistent) << "PR-4";
  const auto lost = survivor->Call(at_zero.id, "not pushed", samba::CallFunction::kFetch);
  EXPECT_EQ(lost.value_or("?"), "");
}

TEST_P(SambaTest, WhatIsPushedGoesOnMoving_PR4) {
  StartNodes(2);
  const auto zero = Connect(0);
  const auto one = Connect(1);
  Database at_zero = Attach(*zero, 0, "handles.tdb");
  Database at_one = Attach(*one, 1, "handles.tdb");
  for (int i = 0; i < 30; ++i) {
    StorePersistently(*zero, at_zero, "handle", absl::StrCat(2 * i));
    Increment(*one, at_one, "handle");
    const std::string stored = *at_one.file->Stored("handle");
    ASSERT_EQ(stored.substr(SmbdPart::kHeaderBytes), absl::StrCat(2 * i + 1));
    EXPECT_EQ(samba::ReadStored(stored)->header.flags, kMigratedWithData | kPersistent);
  }
}

TEST_P(SambaTest, ConnectionsSurviveTheServicesBehindTheProxy_DIS9) {
  if (std::string(GetParam()) == "single") GTEST_SKIP() << "there the services are one process";
  StartNodes(2);
  const auto client = Connect(0);
  Database database = Attach(*client, 0, "survivor.tdb");
  Increment(*client, database, "key");
  for (const char* program : {"databased", "transportd", "clusterd"}) {
    for (const pid_t pid : nodes_->ProcessesOf(0, program)) ::kill(pid, SIGKILL);
    EXPECT_TRUE(client->Call(database.id, absl::StrCat("after ", program)).ok()) << program;
    EXPECT_EQ(Status(client->Control(Opcode::kGetPnn)), 0);
  }
}

}  // namespace
}  // namespace ctdb::test
