// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Clients of real nodes share databases of which each node has a copy, while daemons crash.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/client/client.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

constexpr absl::Duration kClientPatience = absl::Seconds(15);

class ReplicatedTest : public testing::TestWithParam<const char*> {
 protected:
  // What a program has of one node.
  struct Program {
    std::unique_ptr<Client> client;
    std::unique_ptr<ReplicatedDatabase> database;
  };
  void StartNodes(int count) {
    nodes_.emplace(count, LocalNodes::Options{.process_model = GetParam()});
    for (int node = 0; node < count; ++node) pids_.push_back(nodes_->StartReady(node));
  }
  Program Open(int node) {
    auto client = Client::Open({.socket_path = nodes_->socket(node)});
    EXPECT_TRUE(client.ok()) << client.status();
    auto database = (*client)->AttachReplicated("counters", ReplicatedDatabase::Kind::kPersistent,
                                                kClientPatience);
    EXPECT_TRUE(database.ok()) << database.status();
    return {*std::move(client), *std::move(database)};
  }
  static int Number(const absl::StatusOr<std::optional<std::string>>& value) {
    int number = 0;
    EXPECT_TRUE(value.ok()) << value.status();
    if (value.ok()) {
      const std::string text = value->value_or("0");
      (void)absl::SimpleAtoi(text.substr(0, text.find(' ')), &number);
    }
    return number;
  }
  static absl::Status Increment(ReplicatedDatabase& database, const std::string& key) {
    return database.Run(
        [&](Transaction& transaction) -> absl::Status {
          const auto old = transaction.Read(key);
          if (!old.ok()) return old.status();
          return transaction.Write(key, absl::StrCat(Number(old) + 1));
        },
        kClientPatience);
  }

  std::optional<LocalNodes> nodes_;
  std::vector<pid_t> pids_;
};
INSTANTIATE_TEST_SUITE_P(ProcessModel, ReplicatedTest, testing::Values("single", "multi"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ReplicatedTest, ClientsOfAllNodesIncrementTheSameCounterAndLoseNothing) {
  constexpr int kIncrements = 30;
  StartNodes(3);
  std::vector<std::thread> threads;
  for (int node = 0; node < 3; ++node) {
    threads.emplace_back([this, node] {
      const Program program = Open(node);
      for (int i = 0; i < kIncrements; ++i) {
        EXPECT_EQ(Increment(*program.database, "key"), absl::OkStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int node = 0; node < 3; ++node) {
    EXPECT_EQ(Number(Open(node).database->Read("key")), 3 * kIncrements) << "node " << node;
  }
}

TEST_P(ReplicatedTest, TheLargestTransactionsArriveEverywhere) {
  StartNodes(3);
  const Program writer = Open(0);
  const std::string large(store::kTransactionValueBytesMax, 'x');
  Transaction many = writer.database->Begin();
  EXPECT_EQ(many.Write("large", large), absl::OkStatus());
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(many.Write(absl::StrCat("small ", i), "v").ok());
  int count = 10'000;
  const std::string value(64 * 1024, 'v');
  while (many.Write(absl::StrCat("key ", count), value).ok()) ++count;
  EXPECT_GT(count, 10'900) << "more than 56 MiB";
  EXPECT_EQ(many.Commit(absl::Minutes(2)), absl::OkStatus());
  for (int node = 0; node < 3; ++node) {
    const Program reader = Open(node);
    EXPECT_TRUE(*reader.database->Read("large") == large) << "node " << node;
    int seen = 0;
    EXPECT_EQ(reader.database->Visit([&](auto, auto) { return ++seen > 0; }), absl::OkStatus());
    EXPECT_EQ(seen, count + 1) << "node " << node;
  }
  EXPECT_EQ(writer.database->Run([](Transaction& transaction) { return transaction.Wipe(); }),
            absl::OkStatus());
  for (int node = 0; node < 3; ++node) {
    EXPECT_EQ(*Open(node).database->Read("large"), std::nullopt) << "node " << node;
  }
}

// TXN-9. All records have the number of the transaction that wrote them.
TEST_P(ReplicatedTest, LargeTransactionsAreWholeOnEveryNodeAlthoughDaemonsCrash) {
  constexpr int kRecords = 64;
  const std::string program_name = std::string(GetParam()) == "multi" ? "databased" : "ctdbd";
  StartNodes(3);
  std::atomic<bool> is_over = false;
  std::atomic<int> done = 0;
  std::thread thread([&] {
    const Program program = Open(0);
    for (int number = 1; !is_over; ++number) {
      Transaction transaction = program.database->Begin();
      const std::string value = absl::StrCat(number, " ", std::string(64 * 1024, 'v'));
      for (int i = 0; i < kRecords; ++i) {
        EXPECT_TRUE(transaction.Write(absl::StrCat("key ", i), value).ok());
      }
      const absl::Status status = transaction.Commit(kClientPatience);
      done += status.ok() ? 1 : 0;
      if (!status.ok()) fprintf(stderr, "%d: %s\n", number, status.ToString().c_str());
    }
  });
  for (const int victim : {1, 2, 0, 1, 2}) {
    const int before = done;
    nodes_->Await([&] { return done > before; });
    if (program_name == "ctdbd") {
      ::kill(pids_[static_cast<size_t>(victim)], SIGKILL);
      nodes_->Wait(pids_[static_cast<size_t>(victim)]);
      pids_[static_cast<size_t>(victim)] = nodes_->StartReady(victim);
    } else {
      for (const pid_t pid : nodes_->ProcessesOf(victim, program_name)) ::kill(pid, SIGKILL);
    }
    // What a node has, any time, is of one transaction.
    for (int node = 0; node < 3; ++node) {
      const Program reader = Open(node);
      Transaction read = reader.database->Begin();
      std::set<int> numbers;
      for (int i = 0; i < kRecords; ++i) {
        numbers.insert(Number(read.Read(absl::StrCat("key ", i), kClientPatience)));
      }
      if (read.Commit(kClientPatience).ok()) {
        EXPECT_EQ(numbers.size(), 1u) << "node " << node;
      }
    }
  }
  is_over = true;
  thread.join();
}

// Each key has one writer, who knows how often it was told that its transaction has happened. One
// that happened twice, or not at all, makes another number; only what is in doubt may be either.
TEST_P(ReplicatedTest, ATransactionHappensOnceAlthoughItsDaemonsCrash) {
  const std::string program_name = std::string(GetParam()) == "multi" ? "databased" : "ctdbd";
  StartNodes(3);
  std::atomic<bool> is_over = false;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  std::vector<int> acknowledged(3, 0);
  std::vector<int> doubtful(3, 0);
  for (int node = 0; node < 3; ++node) {
    threads.emplace_back([&, node] {
      const Program program = Open(node);
      while (!is_over) {
        const absl::Status status = Increment(*program.database, absl::StrCat("key ", node));
        acknowledged[static_cast<size_t>(node)] += status.ok() ? 1 : 0;
        doubtful[static_cast<size_t>(node)] += absl::IsUnknown(status) ? 1 : 0;
        done += status.ok() ? 1 : 0;
        if (!status.ok()) fprintf(stderr, "node %d: %s\n", node, status.ToString().c_str());
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    const int before = done;
    nodes_->Await([&] { return done >= before + 20; });
    const int victim = round % 3;
    if (program_name == "ctdbd") {
      ::kill(pids_[static_cast<size_t>(victim)], SIGKILL);
      nodes_->Wait(pids_[static_cast<size_t>(victim)]);
      pids_[static_cast<size_t>(victim)] = nodes_->StartReady(victim);
    } else {
      for (const pid_t pid : nodes_->ProcessesOf(victim, program_name)) ::kill(pid, SIGKILL);
    }
  }
  const int before = done;
  nodes_->Await([&] { return done >= before + 20; });
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  for (int node = 0; node < 3; ++node) {
    const Program program = Open((node + 1) % 3);
    const int number = Number(program.database->Read(absl::StrCat("key ", node)));
    EXPECT_GE(number, acknowledged[static_cast<size_t>(node)]) << "node " << node;
    EXPECT_LE(number, acknowledged[static_cast<size_t>(node)] + doubtful[static_cast<size_t>(node)])
        << "node " << node;
  }
}

}  // namespace
}  // namespace ctdb::test
