// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Clients of real nodes share databases.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/client/client.h"
#include "lib/store/io/native_store.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

constexpr absl::Duration kClientPatience = absl::Seconds(15);

class DatabaseTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Client> Open(LocalNodes& nodes, int node) {
    auto client = Client::Open({.socket_path = nodes.socket(node)});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  std::unique_ptr<Database> Attach(Client& client, const std::string& name) {
    auto database = client.Attach(name, kClientPatience);
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }
};
INSTANTIATE_TEST_SUITE_P(ProcessModel, DatabaseTest, testing::Values("single", "multi"),
                         [](const auto& info) { return std::string(info.param); });

absl::Status Increment(Database& database, const std::string& key) {
  auto record = database.Lock(key, kClientPatience);
  if (!record.ok()) return record.status();
  uint64_t number = 0;
  if (record->exists() && !absl::SimpleAtoi(record->value(), &number)) {
    return absl::DataLossError(absl::StrCat("\"", record->value(), "\" is no number"));
  }
  return record->Store(absl::StrCat(number + 1));
}

TEST_P(DatabaseTest, ARecordIsTheSameOnAllNodes) {
  LocalNodes nodes(3, {.process_model = GetParam()});
  for (int node = 0; node < 3; ++node) nodes.StartReady(node);
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Database>> databases;
  for (int node = 0; node < 3; ++node) {
    clients.push_back(Open(nodes, node));
    databases.push_back(Attach(*clients.back(), "counters"));
  }
  for (int round = 0; round < 10; ++round) {
    for (auto& database : databases) ASSERT_EQ(Increment(*database, "key"), absl::OkStatus());
  }
  for (auto& database : databases) EXPECT_EQ(database->Read("key").value_or("none"), "30");
}

TEST_P(DatabaseTest, ClientsOfAllNodesIncrementTheSameCountersAndLoseNothing_Sc1) {
  constexpr int kClientsPerNode = 2;
  constexpr int kIncrements = 500;
  LocalNodes nodes(3, {.process_model = GetParam()});
  for (int node = 0; node < 3; ++node) nodes.StartReady(node);
  std::vector<pid_t> children;
  for (int child = 0; child < 3 * kClientsPerNode; ++child) {
    const pid_t pid = ::fork();
    if (pid != 0) {
      children.push_back(pid);
      continue;
    }
    auto client = Open(nodes, child % 3);
    auto database = Attach(*client, "counters");
    for (int i = 0; i < kIncrements; ++i) {
      const absl::Status status = Increment(*database, absl::StrCat("key ", i % 5));
      if (!status.ok()) {
        fprintf(stderr, "client %d, step %d: %s\n", child, i, status.ToString().c_str());
        ::_exit(1);
      }
    }
    ::_exit(0);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto client = Open(nodes, 1);
  auto database = Attach(*client, "counters");
  std::map<std::string, std::string> records;
  ASSERT_EQ(database->VisitAll([&](absl::string_view key, absl::string_view value) {
    records[std::string(key)] = std::string(value);
    return true;
  }),
            absl::OkStatus());
  const std::string each = absl::StrCat(3 * kClientsPerNode * kIncrements / 5);
  EXPECT_THAT(records,
              testing::ElementsAre(testing::Pair("key 0", each), testing::Pair("key 1", each),
                                   testing::Pair("key 2", each), testing::Pair("key 3", each),
                                   testing::Pair("key 4", each)));
}

TEST_P(DatabaseTest, ReadersOnAllNodesShareCopiesAndSeeEveryWrite_Sc16) {
  LocalNodes nodes(3, {.process_model = GetParam()});
  for (int node = 0; node < 3; ++node) nodes.StartReady(node);
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Database>> databases;
  for (int node = 0; node < 3; ++node) {
    clients.push_back(Open(nodes, node));
    databases.push_back(Attach(*clients.back(), "counters"));
  }
  EXPECT_EQ(databases[0]->Read("key").value_or("none"), "") << "nobody has it";
  for (int round = 1; round <= 20; ++round) {
    ASSERT_EQ(Increment(*databases[round % 3], "key"), absl::OkStatus());
    for (int read = 0; read < 20; ++read) {
      ASSERT_EQ(databases[read % 3]->Read("key").value_or("none"), absl::StrCat(round));
    }
  }
}

// Keys of which each node owns some.
std::string KeyOf(int node, int number) { return absl::StrCat("node ", node, " key ", number); }

TEST_P(DatabaseTest, WhatSurvivingNodesOwnIsThereAfterACrashAndGoesOn) {
  constexpr int kKeys = 50;
  LocalNodes nodes(3, {.process_model = GetParam()});
  std::vector<pid_t> daemons;
  for (int node = 0; node < 3; ++node) daemons.push_back(nodes.StartReady(node));
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Database>> databases;
  for (int node = 0; node < 3; ++node) {
    clients.push_back(Open(nodes, node));
    databases.push_back(Attach(*clients.back(), "counters"));
    for (int key = 0; key < kKeys; ++key) {
      ASSERT_EQ(Increment(*databases.back(), KeyOf(node, key)), absl::OkStatus());
    }
  }
  // Of these a copy of before the last change is left on node 0.
  for (int key = 0; key < kKeys; ++key) {
    ASSERT_EQ(Increment(*databases[2], KeyOf(0, key)), absl::OkStatus());
  }
  ::kill(daemons[2], SIGKILL);
  nodes.Await([&] { return nodes.HasEnded(daemons[2]); });
  for (int key = 0; key < kKeys; ++key) {
    EXPECT_EQ(databases[0]->Read(KeyOf(1, key)).value_or("none"), "1") << key;
    EXPECT_EQ(databases[1]->Read(KeyOf(0, key)).value_or("none"), "1") << "the newest copy left";
    EXPECT_EQ(databases[1]->Read(KeyOf(2, key)).value_or("none"), "") << "nobody else had it";
    EXPECT_EQ(Increment(*databases[key % 2], KeyOf(2, key)), absl::OkStatus());
  }
  daemons[2] = nodes.StartReady(2);
  for (int key = 0; key < kKeys; ++key) {
    EXPECT_EQ(databases[2]->Read(KeyOf(2, key)).value_or("none"), "1") << "also where it began";
    EXPECT_EQ(databases[2]->Read(KeyOf(1, key)).value_or("none"), "1");
  }
}

// SC-11.
TEST_P(DatabaseTest, DeletedRecordsAreGoneFromTheStoresOfAllNodesSoonAndOthersAreNot) {
  constexpr int kKeys = 300;
  LocalNodes nodes(3, {.process_model = GetParam()});
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Database>> databases;
  for (int node = 0; node < 3; ++node) {
    ASSERT_EQ(WriteFileAtomically(nodes.base(node) + "/ctdb.tunables", "VacuumInterval=1\n"),
              absl::OkStatus());
    nodes.StartReady(node);
    clients.push_back(Open(nodes, node));
    databases.push_back(Attach(*clients.back(), "counters"));
  }
  const auto delete_record = [&](int node, const std::string& key) {
    auto record = databases[node]->Lock(key, kClientPatience);
    ASSERT_TRUE(record.ok()) << record.status();
    ASSERT_EQ(record->Delete(), absl::OkStatus());
  };
  for (int key = 0; key < kKeys; ++key) {
    for (int node : {key % 3, (key + 1) % 3}) {
      ASSERT_EQ(Increment(*databases[node], KeyOf(0, key)), absl::OkStatus());
    }
    if (key % 10 > 0) delete_record((key + key / 3) % 3, KeyOf(0, key));
  }
  for (int node = 0; node < 3; ++node) {
    auto store = store::NativeStore::Open(
        {.directory = nodes.base(node) + "/var/volatile", .name = absl::StrCat("counters.", node)});
    ASSERT_TRUE(store.ok()) << store.status();
    // Those that are left, and copies of these.
    nodes.Await([&] { return (*store)->Statistics()->records <= kKeys / 10; });
  }
  for (int key = 0; key < kKeys; ++key) {
    EXPECT_EQ(databases[key % 3]->Read(KeyOf(0, key)).value_or("none"), key % 10 > 0 ? "" : "2");
    EXPECT_EQ(Increment(*databases[key % 3], KeyOf(0, key)), absl::OkStatus());
    EXPECT_EQ(databases[0]->Read(KeyOf(0, key)).value_or("none"), key % 10 > 0 ? "1" : "3");
  }
}

}  // namespace
}  // namespace ctdb::test
