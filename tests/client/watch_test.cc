// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Watches with real nodes: whoever changes a record, and whatever happens meanwhile, its watchers
// are told.

#include "lib/client/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/client/client.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A program on a node.
struct Program {
  std::unique_ptr<Client> client;
  std::unique_ptr<Database> database;

  absl::Status Put(const std::string& key, const std::string& value) {
    auto record = database->Lock(key);
    return record.ok() ? record->Store(value) : record.status();
  }
  // Until nothing comes any more.
  void DispatchAll() {
    while (client->session().Dispatch(absl::Milliseconds(300)).value_or(0) > 0) continue;
  }
};

class WatchTest : public testing::Test {
 protected:
  void StartNodes(int count, const std::string& process_model = "single") {
    nodes_.emplace(count, LocalNodes::Options{.process_model = process_model});
    for (int node = 0; node < count; ++node) pids_.push_back(nodes_->StartReady(node));
  }
  Program Open(int node) {
    Program program;
    program.client = *Client::Open({.socket_path = nodes_->socket(node)});
    program.database = *program.client->Attach("test", kPatience);
    return program;
  }
  // What it sees is collected.
  std::unique_ptr<KeyWatch> Watch(Program& program, const std::string& key,
                                  std::vector<std::string>* seen) {
    auto watch = program.database->Watch(
        key, [seen](absl::string_view value) { seen->emplace_back(value); }, kPatience);
    EXPECT_TRUE(watch.ok()) << watch.status();
    return watch.ok() ? *std::move(watch) : nullptr;
  }
  // As a program's event loop does it.
  void AwaitLast(Program& program, const std::vector<std::string>& seen, const std::string& value) {
    nodes_->Await([&] {
      if (!seen.empty() && seen.back() == value) return true;
      pollfd poll_fd = {program.client->session().fd(), POLLIN, 0};
      if (::poll(&poll_fd, 1, 100) == 1)
        program.client->session().Dispatch().status().IgnoreError();
      return !seen.empty() && seen.back() == value;
    });
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back(), value);
  }

  std::optional<LocalNodes> nodes_;
  std::vector<pid_t> pids_;
};

TEST_F(WatchTest, EachChangeIsToldWhicheverNodeMadeItAndHowever) {
  StartNodes(2);
  Program here = Open(0);
  Program there = Open(1);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  for (const std::string value : {"comes", "changes", "", "comes again"}) {
    ASSERT_EQ(there.Put("key", value), absl::OkStatus());
    AwaitLast(here, seen, value);
  }
  ASSERT_EQ(here.Put("key", "own change"), absl::OkStatus());
  AwaitLast(here, seen, "own change");
  ASSERT_EQ(here.Put("key", std::string(100'000, 'x')), absl::OkStatus());
  AwaitLast(here, seen, std::string(100'000, 'x'));
  EXPECT_THAT(seen, ElementsAre("comes", "changes", "", "comes again", "own change",
                                std::string(100'000, 'x')));
}

TEST_F(WatchTest, WhatIsReadOrStoredAsItWasIsNotTold) {
  StartNodes(2);
  Program here = Open(0);
  Program there = Open(1);
  ASSERT_EQ(there.Put("key", "value"), absl::OkStatus());
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  ASSERT_EQ(there.Put("key", "value"), absl::OkStatus());
  ASSERT_EQ(there.Put("other", "changes"), absl::OkStatus());
  EXPECT_EQ(there.database->Read("key").value_or(""), "value");
  here.DispatchAll();
  EXPECT_THAT(seen, ElementsAre());
}

TEST_F(WatchTest, ARecordThatMovesAroundKeepsItsWatchersOnAllNodes) {
  StartNodes(3);
  std::vector<Program> programs;
  std::vector<std::vector<std::string>> seen(4);
  std::vector<std::unique_ptr<KeyWatch>> watches;
  for (int node = 0; node < 3; ++node) programs.push_back(Open(node));
  for (int node = 0; node < 3; ++node) {
    watches.push_back(Watch(programs[node], "key", &seen[node]));
  }
  watches.push_back(Watch(programs[0], "key", &seen[3]));
  // It goes to others that change nothing.
  for (int turn = 0; turn < 2; ++turn) {
    for (Program& program : programs) ASSERT_TRUE(program.database->Lock("key").ok());
  }
  for (int turn = 0; turn < 5; ++turn) {
    const std::string value = absl::StrCat("value ", turn);
    ASSERT_EQ(programs[turn % 3].Put("key", value), absl::OkStatus());
    for (int node = 0; node < 3; ++node) AwaitLast(programs[node], seen[node], value);
    AwaitLast(programs[0], seen[3], value);
  }
}

TEST_F(WatchTest, ManyChangesByManyEndWithTheLastOne) {
  StartNodes(2);
  Program here = Open(0);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  std::vector<std::thread> writers;
  for (int node = 0; node < 2; ++node) {
    writers.emplace_back([this, node] {
      Program program = Open(node);
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(program.Put("key", absl::StrCat(node, " ", i)), absl::OkStatus());
      }
    });
  }
  for (auto& writer : writers) writer.join();
  const std::string last = *here.database->Read("key");
  AwaitLast(here, seen, last);
  EXPECT_LE(seen.size(), 100u);
}

TEST_F(WatchTest, AWriterThatIsKilledWhileItHoldsTheRecordHidesNothing) {
  StartNodes(2);
  Program here = Open(0);
  Program there = Open(1);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  int pipe_fds[2];
  ASSERT_EQ(::pipe(pipe_fds), 0);
  for (const bool has_stored : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {
      Program killed = Open(1);
      auto record = killed.database->Lock("key");
      if (has_stored) record->Store("of the killed one").IgnoreError();
      [[maybe_unused]] const ssize_t written = ::write(pipe_fds[1], "x", 1);
      ::pause();
    }
    char byte;
    ASSERT_EQ(::read(pipe_fds[0], &byte, 1), 1);
    here.client->session().Dispatch(absl::Milliseconds(200)).status().IgnoreError();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (has_stored) AwaitLast(here, seen, "of the killed one");
    ASSERT_EQ(there.Put("key", absl::StrCat("after it, ", has_stored)), absl::OkStatus());
    AwaitLast(here, seen, absl::StrCat("after it, ", has_stored));
  }
}

TEST_F(WatchTest, AfterARestartOfItsNodeAWatchGoesOn) {
  StartNodes(3);
  Program here = Open(0);
  Program there = Open(1);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  ASSERT_EQ(there.Put("key", "before"), absl::OkStatus());
  AwaitLast(here, seen, "before");
  ::kill(pids_[0], SIGKILL);
  nodes_->Wait(pids_[0]);
  ASSERT_EQ(there.Put("key", "meanwhile"), absl::OkStatus());
  pids_[0] = nodes_->StartReady(0);
  AwaitLast(here, seen, "meanwhile");
  ASSERT_EQ(there.Put("key", "afterwards"), absl::OkStatus());
  AwaitLast(here, seen, "afterwards");
}

// The record goes back to what it was when it last left another node, and nobody says so.
TEST_F(WatchTest, WhatIsLostWithANodeIsTold) {
  StartNodes(3);
  Program here = Open(0);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  ASSERT_EQ(here.Put("key", "old"), absl::OkStatus());
  AwaitLast(here, seen, "old");
  {
    Program there = Open(1);
    auto record = there.database->Lock("key");
    ASSERT_TRUE(record.ok());
    ASSERT_EQ(record->Store("new"), absl::OkStatus());
    record->Unlock();
    AwaitLast(here, seen, "new");
    // There again, and changed when nobody looks.
    ASSERT_EQ(there.Put("key", "lost"), absl::OkStatus());
  }
  ::kill(pids_[1], SIGKILL);
  nodes_->Wait(pids_[1]);
  nodes_->Await([&] {
    here.client->session().Dispatch(absl::Milliseconds(50)).status().IgnoreError();
    const auto now = here.database->Read("key", absl::Milliseconds(500));
    return now.ok() && seen.back() == *now;
  });
  // The watch is in force.
  Program other = Open(2);
  ASSERT_EQ(other.Put("key", "last"), absl::OkStatus());
  AwaitLast(here, seen, "last");
}

TEST_F(WatchTest, AWatchGoesOnWhenTheDatabaseServiceOfItsNodeWasKilled) {
  StartNodes(2, "multi");
  Program here = Open(0);
  Program there = Open(1);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  const std::vector<pid_t> services = nodes_->ProcessesOf(0, "databased");
  ASSERT_EQ(services.size(), 1u);
  ::kill(services[0], SIGKILL);
  // Once the watch has looked again, which makes the service open the database.
  nodes_->Await([&] {
    here.client->session().Dispatch(absl::Milliseconds(50)).status().IgnoreError();
    return nodes_->Log(0).find("test is attached") != nodes_->Log(0).rfind("test is attached");
  });
  ASSERT_EQ(there.Put("key", "meanwhile"), absl::OkStatus());
  AwaitLast(here, seen, "meanwhile");
  ASSERT_EQ(there.Put("key", "afterwards"), absl::OkStatus());
  AwaitLast(here, seen, "afterwards");
}

TEST_F(WatchTest, AWatchEndsAndMayEndItselfAndBeginOthers) {
  StartNodes(1);
  Program here = Open(0);
  std::vector<std::string> seen;
  auto ended = Watch(here, "key", &seen);
  ended.reset();
  std::vector<std::string> of_second;
  std::unique_ptr<KeyWatch> second;
  std::unique_ptr<KeyWatch> first = *here.database->Watch("key", [&](absl::string_view value) {
    EXPECT_EQ(value, "one");
    second = Watch(here, "key", &of_second);
    first.reset();
  });
  ASSERT_EQ(here.Put("key", "one"), absl::OkStatus());
  nodes_->Await([&] {
    here.client->session().Dispatch(absl::Milliseconds(50)).status().IgnoreError();
    return second != nullptr;
  });
  ASSERT_EQ(here.Put("key", "two"), absl::OkStatus());
  AwaitLast(here, of_second, "two");
  EXPECT_THAT(of_second, ElementsAre("two"));
  second.reset();
  ASSERT_EQ(here.Put("key", "three"), absl::OkStatus());
  here.DispatchAll();
  EXPECT_THAT(of_second, ElementsAre("two"));
  EXPECT_THAT(seen, ElementsAre());
}

TEST_F(WatchTest, WhoEndsAWatchWaitsForItsCallInAnotherThread) {
  StartNodes(1);
  Program here = Open(0);
  std::atomic<bool> is_running = false;
  std::atomic<bool> may_end = false;
  std::atomic<bool> is_over = false;
  std::unique_ptr<KeyWatch> watch = *here.database->Watch("key", [&](absl::string_view) {
    is_running = true;
    while (!may_end) ::usleep(1000);
    is_running = false;
  });
  std::thread dispatcher([&] {
    while (!is_over) {
      here.client->session().Dispatch(absl::Milliseconds(20)).status().IgnoreError();
    }
  });
  ASSERT_EQ(here.Put("key", "x"), absl::OkStatus());
  nodes_->Await([&] { return is_running.load(); });
  std::thread helper([&] {
    ::usleep(50'000);
    may_end = true;
  });
  watch.reset();
  EXPECT_TRUE(may_end);
  EXPECT_FALSE(is_running);
  is_over = true;
  helper.join();
  dispatcher.join();
}

TEST_F(WatchTest, TooManyWatchesAreRefusedAndThoseThatAreThereWork) {
  StartNodes(1);
  Program here = Open(0);
  std::vector<std::string> seen;
  std::vector<std::unique_ptr<KeyWatch>> watches;
  for (size_t i = 0; i < WatchTable::kWatchesMax; ++i) {
    watches.push_back(Watch(here, absl::StrCat("key ", i % 500), &seen));
    ASSERT_NE(watches.back(), nullptr);
  }
  const absl::Status status = here.database->Watch("key", [](absl::string_view) {}).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("10000 records already"));
  ASSERT_EQ(here.Put("key 7", "x"), absl::OkStatus());
  nodes_->Await([&] {
    here.client->session().Dispatch(absl::Milliseconds(50)).status().IgnoreError();
    return seen.size() == WatchTable::kWatchesMax / 500;
  });
  watches.pop_back();
  EXPECT_NE(Watch(here, "key", &seen), nullptr);
}

TEST_F(WatchTest, AWriterThatCannotTellStoresNothing) {
  StartNodes(1);
  Program here = Open(0);
  std::vector<std::string> seen;
  const auto watch = Watch(here, "key", &seen);
  auto record = here.database->Lock("key");
  ASSERT_TRUE(record.ok()) << record.status();
  ::kill(pids_[0], SIGSTOP);
  ::kill(pids_[0], SIGKILL);
  nodes_->Wait(pids_[0]);
  const absl::Status status = record->Store("x");
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_FALSE(record->exists());
}

}  // namespace
}  // namespace ctdb::test
