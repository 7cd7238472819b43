// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The C interface with real nodes: threads, processes that die, limits, restarts.

#include "lib/client/ctdbapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

using testing::HasSubstr;

constexpr int kPatienceMs = 20'000;

// A flag between processes.
class Flag {
 public:
  Flag() { EXPECT_EQ(::pipe(fds_), 0); }
  ~Flag() {
    ::close(fds_[0]);
    ::close(fds_[1]);
  }
  void Raise() { EXPECT_EQ(::write(fds_[1], "x", 1), 1); }
  void Await() {
    pollfd poll_fd = {fds_[0], POLLIN, 0};
    EXPECT_EQ(::poll(&poll_fd, 1, kPatienceMs), 1);
    char byte;
    EXPECT_EQ(::read(fds_[0], &byte, 1), 1);
  }

 private:
  int fds_[2];
};

int ExitCode(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class CtdbApiTest : public testing::Test {
 protected:
  void StartNodes(int count, const std::string& process_model = "single") {
    nodes_.emplace(count, LocalNodes::Options{.process_model = process_model});
    for (int node = 0; node < count; ++node) pids_.push_back(nodes_->StartReady(node));
  }

  ctdb_client* Open(int node) {
    ctdb_client* client = nullptr;
    EXPECT_EQ(ctdb_open(nodes_->socket(node).c_str(), "test", kPatienceMs, &client), CTDB_OK)
        << ctdb_last_error();
    return client;
  }
  static ctdb_database* Attach(ctdb_client* client) {
    ctdb_database* database = nullptr;
    EXPECT_EQ(ctdb_attach(client, "test", kPatienceMs, &database), CTDB_OK) << ctdb_last_error();
    return database;
  }
  static int Lock(ctdb_database* database, const std::string& key, ctdb_record** record,
                  int timeout_ms = kPatienceMs) {
    return ctdb_lock(database, key.data(), key.size(), timeout_ms, record);
  }
  static ctdb_record* MustLock(ctdb_database* database, const std::string& key) {
    ctdb_record* record = nullptr;
    EXPECT_EQ(Lock(database, key, &record), CTDB_OK) << ctdb_last_error();
    return record;
  }
  static std::string Value(const ctdb_record* record) {
    size_t size = 1;
    const void* value = ctdb_value(record, &size);
    return std::string(static_cast<const char*>(value), size);
  }
  static int Store(ctdb_record* record, const std::string& value) {
    return ctdb_store(record, value.data(), value.size());
  }
  static int Put(ctdb_database* database, const std::string& key, const std::string& value) {
    ctdb_record* record = nullptr;
    int error = Lock(database, key, &record);
    if (error != CTDB_OK) return error;
    error = Store(record, value);
    ctdb_unlock(record);
    return error;
  }
  static std::string Read(ctdb_database* database, const std::string& key) {
    void* value = nullptr;
    size_t size = 0;
    const int error = ctdb_read(database, key.data(), key.size(), kPatienceMs, &value, &size);
    if (error != CTDB_OK) return ctdb_last_error();
    std::string copy(static_cast<const char*>(value), size);
    ctdb_free(value);
    return copy;
  }
  static int Increment(ctdb_database* database, const std::string& key) {
    ctdb_record* record = nullptr;
    int error = Lock(database, key, &record);
    if (error != CTDB_OK) return error;
    int number = 0;
    (void)absl::SimpleAtoi(Value(record), &number);
    error = Store(record, absl::StrCat(number + 1));
    ctdb_unlock(record);
    return error;
  }

  // Another program, of this node: what it returns is its exit code.
  pid_t Process(int node, const std::function<int(ctdb_database*)>& run) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    ctdb_database* database = Attach(Open(node));
    ::_exit(run(database));
  }
  // One that locks the record and holds it until it is killed.
  pid_t Holder(int node, const std::string& key) {
    Flag is_locked;
    const pid_t pid = Process(node, [&](ctdb_database* database) {
      ctdb_record* record = MustLock(database, key);
      is_locked.Raise();
      for (;;) ::pause();
      ctdb_unlock(record);
      return 0;
    });
    is_locked.Await();
    return pid;
  }
  static void Kill(pid_t pid) {
    ::kill(pid, SIGKILL);
    EXPECT_EQ(ExitCode(pid), 128 + SIGKILL);
  }

  std::optional<LocalNodes> nodes_;
  std::vector<pid_t> pids_;
};

TEST_F(CtdbApiTest, ItSaysItsVersionAndWhatEachErrorMeans) {
  EXPECT_EQ(ctdb_api_version(), CTDB_API_VERSION);
  for (int error = CTDB_OK; error <= CTDB_IN_DOUBT; ++error) {
    EXPECT_THAT(ctdb_strerror(error), testing::Not(HasSubstr("unknown"))) << error;
  }
  EXPECT_THAT(ctdb_strerror(999), HasSubstr("unknown error"));
}

TEST_F(CtdbApiTest, WhatIsNullIsAnErrorAndNoCrash) {
  EXPECT_EQ(ctdb_open(nullptr, nullptr, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_attach(nullptr, "x", 0, nullptr), CTDB_INVALID);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("client is NULL"));
  EXPECT_EQ(ctdb_lock(nullptr, "x", 1, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_read(nullptr, "x", 1, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_store(nullptr, "x", 1), CTDB_INVALID);
  EXPECT_EQ(ctdb_delete(nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_value(nullptr, nullptr), nullptr);
  EXPECT_EQ(ctdb_unlock(nullptr), CTDB_OK);
  EXPECT_EQ(ctdb_visit_all(nullptr, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_visit_local(nullptr, 0, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_send(nullptr, 0, 0, nullptr, 0, 0), CTDB_INVALID);
  EXPECT_EQ(ctdb_subscribe(nullptr, 0, nullptr, nullptr, 0), CTDB_INVALID);
  EXPECT_EQ(ctdb_unsubscribe(nullptr, 0, 0), CTDB_INVALID);
  EXPECT_EQ(ctdb_dispatch(nullptr, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_process_exists(nullptr, 0, 1, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_watch_begin(nullptr, "x", 1, 0, nullptr, nullptr, nullptr), CTDB_INVALID);
  ctdb_watch_end(nullptr);
  EXPECT_EQ(ctdb_cancel(nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_resume(nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_client_id(nullptr, nullptr, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_client_exists(nullptr, 0, 0, 0, nullptr), CTDB_INVALID);
  EXPECT_EQ(ctdb_fd(nullptr), -1);
  EXPECT_EQ(ctdb_node(nullptr), UINT32_MAX);
  EXPECT_EQ(ctdb_dropped_messages(nullptr), 0u);
  ctdb_close(nullptr);
  ctdb_detach(nullptr);
  ctdb_free(nullptr);
}

TEST_F(CtdbApiTest, TheLastErrorIsTheThreadsOwn) {
  ctdb_client* client = nullptr;
  EXPECT_EQ(ctdb_open("/nonexistent/socket", nullptr, 0, &client), CTDB_UNAVAILABLE);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("/nonexistent/socket"));
  std::thread([] {
    EXPECT_STREQ(ctdb_last_error(), "");
    EXPECT_EQ(ctdb_open("/other", nullptr, -2, nullptr), CTDB_INVALID);
  }).join();
  EXPECT_THAT(ctdb_last_error(), HasSubstr("/nonexistent/socket"));
}

TEST_F(CtdbApiTest, ARecordIsStoredReadAndDeletedOnAnyNode) {
  StartNodes(2);
  ctdb_client* clients[] = {Open(0), Open(1)};
  ctdb_database* databases[] = {Attach(clients[0]), Attach(clients[1])};
  EXPECT_EQ(ctdb_node(clients[1]), 1u);
  const std::string key("binary\0key", 10);
  EXPECT_THAT(Read(databases[0], key), HasSubstr("no record"));
  ctdb_record* record = MustLock(databases[0], key);
  size_t size = 1;
  EXPECT_EQ(ctdb_value(record, &size), nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(Store(record, "first"), CTDB_OK);
  EXPECT_EQ(Value(record), "first");
  EXPECT_EQ(ctdb_unlock(record), CTDB_OK);
  EXPECT_EQ(Read(databases[1], key), "first");
  record = MustLock(databases[1], key);
  EXPECT_EQ(Value(record), "first");
  EXPECT_EQ(ctdb_delete(record), CTDB_OK);
  EXPECT_EQ(ctdb_unlock(record), CTDB_OK);
  EXPECT_THAT(Read(databases[0], key), HasSubstr("no record"));
  // In any order.
  record = MustLock(databases[0], key);
  ctdb_close(clients[0]);
  ctdb_detach(databases[0]);
  EXPECT_EQ(Store(record, "last"), CTDB_OK);
  EXPECT_EQ(ctdb_unlock(record), CTDB_OK);
  EXPECT_EQ(Read(databases[1], key), "last");
  ctdb_detach(databases[1]);
  ctdb_close(clients[1]);
}

TEST_F(CtdbApiTest, KeysAndValuesBeyondTheLimitsAreRefused) {
  StartNodes(2);
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ctdb_record* record = nullptr;
  EXPECT_EQ(Lock(database, std::string(65537, 'k'), &record), CTDB_INVALID);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("65537"));
  EXPECT_EQ(Lock(database, "", &record), CTDB_INVALID);
  EXPECT_EQ(ctdb_attach(client, "a/b", kPatienceMs, &database), CTDB_INVALID);
  const std::string key(65536, 'k');
  const std::string value(921600, 'v');
  record = MustLock(database, key);
  EXPECT_EQ(Store(record, value + "v"), CTDB_INVALID);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("921601"));
  EXPECT_EQ(Value(record), "");
  EXPECT_EQ(Store(record, value), CTDB_OK);
  ctdb_unlock(record);
  // The largest migrates too.
  ctdb_client* other = Open(1);
  ctdb_database* there = Attach(other);
  EXPECT_TRUE(Read(there, key) == value);
  ctdb_detach(there);
  ctdb_close(other);
  ctdb_detach(database);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, ThreadsOfOneClientIncrementAndLoseNothing) {
  StartNodes(2);
  ctdb_client* clients[] = {Open(0), Open(1)};
  ctdb_database* databases[] = {Attach(clients[0]), Attach(clients[1])};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 200; ++j) {
        ASSERT_EQ(Increment(databases[i % 2], absl::StrCat("key ", j % 3)), CTDB_OK)
            << ctdb_last_error();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    int number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Read(databases[0], absl::StrCat("key ", i)), &number));
    sum += number;
  }
  EXPECT_EQ(sum, 6 * 200);
  for (int i = 0; i < 2; ++i) {
    ctdb_detach(databases[i]);
    ctdb_close(clients[i]);
  }
}

TEST_F(CtdbApiTest, ARecordBelongsToTheThreadThatLockedIt) {
  StartNodes(1);
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ctdb_record* record = MustLock(database, "key");
  std::thread([&] {
    EXPECT_EQ(Store(record, "x"), CTDB_MISUSE);
    EXPECT_EQ(ctdb_delete(record), CTDB_MISUSE);
    EXPECT_EQ(ctdb_unlock(record), CTDB_MISUSE);
    EXPECT_THAT(ctdb_last_error(), HasSubstr("another thread"));
  }).join();
  ctdb_record* again = nullptr;
  EXPECT_EQ(Lock(database, "key", &again), CTDB_MISUSE);
  EXPECT_EQ(Store(record, "x"), CTDB_OK);
  EXPECT_EQ(ctdb_unlock(record), CTDB_OK);
  EXPECT_EQ(Read(database, "key"), "x");
  ctdb_detach(database);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, ALockThatAnotherProcessHoldsEndsInTimeAndNamesIt) {
  StartNodes(2);
  const pid_t holder = Holder(0, "held");
  for (int node = 0; node < 2; ++node) {
    ctdb_client* client = Open(node);
    ctdb_database* database = Attach(client);
    ctdb_record* record = nullptr;
    const absl::Time begin = absl::Now();
    EXPECT_EQ(Lock(database, "held", &record, 300), CTDB_TIMEOUT);
    const absl::Duration took = absl::Now() - begin;
    EXPECT_GE(took, absl::Milliseconds(290));
    EXPECT_LT(took, absl::Seconds(5));
    EXPECT_THAT(ctdb_last_error(), HasSubstr("\"held\""));
    EXPECT_THAT(ctdb_last_error(), HasSubstr("300ms"));
    EXPECT_THAT(ctdb_last_error(), HasSubstr(node == 0 ? absl::StrCat("process ", holder)
                                                       : std::string("another node")));
    EXPECT_EQ(Lock(database, "held", &record, 0), CTDB_TIMEOUT);
    EXPECT_EQ(Increment(database, "other"), CTDB_OK) << ctdb_last_error();
    ctdb_detach(database);
    ctdb_close(client);
  }
  Kill(holder);
}

TEST_F(CtdbApiTest, WhenAClientIsKilledWithALockOthersGoOn) {
  StartNodes(2);
  const pid_t holder = Holder(0, "held");
  std::vector<pid_t> others;
  for (int node = 0; node < 2; ++node) {
    others.push_back(
        Process(node, [](ctdb_database* database) { return Increment(database, "held"); }));
  }
  ::usleep(100'000);  // They wait, most probably; the result is the same if not.
  Kill(holder);
  for (const pid_t pid : others) EXPECT_EQ(ExitCode(pid), CTDB_OK);
  ctdb_client* client = Open(1);
  ctdb_database* database = Attach(client);
  EXPECT_EQ(Read(database, "held"), "2");
  ctdb_detach(database);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, WhenAClientIsKilledWhileItWaitsOthersGoOn) {
  StartNodes(2);
  const pid_t holder = Holder(0, "held");
  std::vector<pid_t> waiters;
  for (int node = 0; node < 2; ++node) {
    Flag is_attached;
    waiters.push_back(Process(node, [&](ctdb_database* database) {
      is_attached.Raise();
      return Increment(database, "held");
    }));
    is_attached.Await();
  }
  ::usleep(100'000);
  for (const pid_t pid : waiters) Kill(pid);
  Kill(holder);
  for (int node = 0; node < 2; ++node) {
    EXPECT_EQ(ExitCode(Process(
                  node, [](ctdb_database* database) { return Increment(database, "held"); })),
              CTDB_OK);
  }
}

TEST_F(CtdbApiTest, CancelEndsAllThatWaits) {
  StartNodes(2);
  const pid_t local = Holder(0, "local");
  const pid_t remote = Holder(1, "remote");
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  std::atomic<int> cancelled = 0;
  std::vector<std::thread> threads;
  for (const std::string key : {"local", "remote"}) {
    threads.emplace_back([&, key] {
      ctdb_record* record = nullptr;
      if (Lock(database, key, &record, CTDB_FOREVER) == CTDB_CANCELLED) ++cancelled;
    });
  }
  threads.emplace_back([&] {
    if (ctdb_dispatch(client, CTDB_FOREVER, nullptr) == CTDB_CANCELLED) ++cancelled;
  });
  ::usleep(100'000);
  EXPECT_EQ(ctdb_cancel(client), CTDB_OK);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cancelled, 3);
  ctdb_record* record = nullptr;
  EXPECT_EQ(Lock(database, "local", &record, 1000), CTDB_CANCELLED);
  EXPECT_EQ(ctdb_resume(client), CTDB_OK);
  Kill(local);
  Kill(remote);
  EXPECT_EQ(Increment(database, "local"), CTDB_OK) << ctdb_last_error();
  EXPECT_EQ(Increment(database, "remote"), CTDB_OK) << ctdb_last_error();
  ctdb_detach(database);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, AVisitSeesAllNodesRecordsAndEndsWhenItIsTold) {
  StartNodes(2);
  ctdb_client* clients[] = {Open(0), Open(1)};
  ctdb_database* databases[] = {Attach(clients[0]), Attach(clients[1])};
  // More than a packet holds, in memory and beyond it.
  std::map<std::string, std::string> stored;
  for (int i = 0; i < 120; ++i) {
    const std::string key = absl::StrCat("key ", i);
    stored[key] = std::string(i % 2 == 0 ? 100 : 20'000, static_cast<char>('a' + i % 26));
    ASSERT_EQ(Put(databases[i / 2 % 2], key, stored[key]), CTDB_OK) << ctdb_last_error();
  }
  using Seen = std::map<std::string, std::string>;
  const ctdb_visit_fn collect = [](void* context, const void* key, size_t key_size,
                                   const void* value, size_t value_size) {
    (*static_cast<Seen*>(context))[std::string(static_cast<const char*>(key), key_size)] =
        std::string(static_cast<const char*>(value), value_size);
    return 0;
  };
  Seen all;
  EXPECT_EQ(ctdb_visit_all(databases[0], kPatienceMs, collect, &all), CTDB_OK) << ctdb_last_error();
  EXPECT_TRUE(all == stored) << all.size();
  Seen parts;
  for (ctdb_database* database : databases) {
    Seen part;
    EXPECT_EQ(ctdb_visit_local(database, kPatienceMs, collect, &part), CTDB_OK);
    EXPECT_EQ(part.size(), 60u);
    parts.insert(part.begin(), part.end());
  }
  EXPECT_TRUE(parts == stored) << parts.size();
  int count = 0;
  const ctdb_visit_fn stop = [](void* context, const void*, size_t, const void*, size_t) {
    return ++*static_cast<int*>(context) == 3 ? 1 : 0;
  };
  EXPECT_EQ(ctdb_visit_all(databases[0], kPatienceMs, stop, &count), CTDB_OK);
  EXPECT_EQ(count, 3);
  // A callback in C++ may be wrong; it must not leave the library in disorder.
  const ctdb_visit_fn wrong = [](void*, const void*, size_t, const void*, size_t) -> int {
    throw std::runtime_error("by mistake");
  };
  EXPECT_EQ(ctdb_visit_all(databases[0], kPatienceMs, wrong, nullptr), CTDB_INTERNAL);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("by mistake"));
  for (int i = 0; i < 2; ++i) {
    ctdb_detach(databases[i]);
    ctdb_close(clients[i]);
  }
}

// What a receiver has heard.
struct Heard {
  std::map<std::pair<uint32_t, uint64_t>, std::vector<std::string>> by_sender;
  int count = 0;
  static void Message(void* context, uint32_t node, uint64_t instance, uint64_t, const void* data,
                      size_t size) {
    Heard& heard = *static_cast<Heard*>(context);
    heard.by_sender[{node, instance}].emplace_back(static_cast<const char*>(data), size);
    ++heard.count;
  }
};

TEST_F(CtdbApiTest, MessagesOfEachSenderComeInOrderFromAllNodes) {
  constexpr int kMessages = 300;
  constexpr uint64_t kChannel = 0xfedcba9876543210;
  StartNodes(2);
  ctdb_client* receiver = Open(0);
  Heard heard;
  ASSERT_EQ(ctdb_subscribe(receiver, kChannel, Heard::Message, &heard, kPatienceMs), CTDB_OK);
  std::vector<ctdb_client*> senders;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    senders.push_back(Open(i % 2));
    threads.emplace_back([sender = senders.back(), i] {
      const uint32_t to = i < 2 ? 0 : CTDB_NODE_CONNECTED;
      for (int j = 0; j < kMessages; ++j) {
        const std::string text = absl::StrCat(j);
        EXPECT_EQ(ctdb_send(sender, to, kChannel, text.data(), text.size(), kPatienceMs), CTDB_OK);
      }
    });
  }
  while (heard.count < 4 * kMessages) {
    int count = 0;
    pollfd poll_fd = {ctdb_fd(receiver), POLLIN, 0};
    ASSERT_EQ(::poll(&poll_fd, 1, kPatienceMs), 1) << heard.count;
    ASSERT_EQ(ctdb_dispatch(receiver, 0, &count), CTDB_OK) << ctdb_last_error();
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(heard.by_sender.size(), 4u);
  for (const auto& [sender, texts] : heard.by_sender) {
    ASSERT_EQ(texts.size(), static_cast<size_t>(kMessages));
    for (int j = 0; j < kMessages; ++j) EXPECT_EQ(texts[static_cast<size_t>(j)], absl::StrCat(j));
    // The sender is who it says, and exists as long as it does.
    int exists = -1;
    EXPECT_EQ(ctdb_client_exists(receiver, sender.first, sender.second, kPatienceMs, &exists),
              CTDB_OK);
    EXPECT_EQ(exists, 1);
  }
  uint32_t node = 9;
  uint64_t instance = 0;
  EXPECT_EQ(ctdb_client_id(senders[1], &node, &instance), CTDB_OK);
  EXPECT_EQ(heard.by_sender.count({node, instance}), 1u);
  for (ctdb_client* sender : senders) ctdb_close(sender);
  int exists = 1;
  EXPECT_TRUE(nodes_->Await([&] {
    EXPECT_EQ(ctdb_client_exists(receiver, node, instance, kPatienceMs, &exists), CTDB_OK);
    return exists == 0;
  }));
  EXPECT_EQ(ctdb_unsubscribe(receiver, kChannel, kPatienceMs), CTDB_OK);
  EXPECT_EQ(ctdb_dropped_messages(receiver), 0u);
  ctdb_close(receiver);
}

TEST_F(CtdbApiTest, WhatAReceiverThrowsIsAnErrorOfDispatch) {
  StartNodes(1);
  ctdb_client* client = Open(0);
  const ctdb_message_fn wrong = [](void*, uint32_t, uint64_t, uint64_t, const void*, size_t) {
    throw 1;
  };
  ASSERT_EQ(ctdb_subscribe(client, 1, wrong, nullptr, kPatienceMs), CTDB_OK);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(ctdb_send(client, CTDB_NODE_THIS, 1, "x", 1, kPatienceMs), CTDB_OK);
    EXPECT_EQ(ctdb_dispatch(client, kPatienceMs, nullptr), CTDB_INTERNAL);
    EXPECT_THAT(ctdb_last_error(), HasSubstr("thrown"));
  }
  ctdb_close(client);
}

TEST_F(CtdbApiTest, UseAfterForkIsRefusedAndTheChildOpensItsOwn) {
  StartNodes(1);
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ctdb_record* record = MustLock(database, "key");
  // Threads within the library while fork() happens: their locks must not block the child.
  std::atomic<bool> is_over = false;
  std::thread busy([&] {
    while (!is_over) ctdb_dispatch(client, 1, nullptr);
  });
  const pid_t child = ::fork();
  if (child == 0) {
    ctdb_record* other = nullptr;
    int failures = 0;
    if (Lock(database, "other", &other) != CTDB_MISUSE) ++failures;
    if (Store(record, "child") != CTDB_MISUSE) ++failures;
    if (ctdb_dispatch(client, 0, nullptr) != CTDB_MISUSE) ++failures;
    if (ctdb_send(client, 0, 1, "x", 1, 0) != CTDB_MISUSE) ++failures;
    if (ctdb_subscribe(client, 1, Heard::Message, nullptr, 0) != CTDB_MISUSE) ++failures;
    ctdb_unlock(record);
    ctdb_detach(database);
    ctdb_close(client);
    ctdb_database* own = Attach(Open(0));
    if (Lock(own, "key", &other, 100) != CTDB_TIMEOUT) ++failures;  // The parent has it still.
    if (Increment(own, "child") != CTDB_OK) ++failures;
    ::_exit(failures);
  }
  EXPECT_EQ(ExitCode(child), 0);
  EXPECT_EQ(Store(record, "parent"), CTDB_OK);
  EXPECT_EQ(ctdb_unlock(record), CTDB_OK);
  EXPECT_EQ(Read(database, "key"), "parent");
  EXPECT_EQ(Read(database, "child"), "1");
  is_over = true;
  busy.join();
  ctdb_detach(database);
  ctdb_close(client);
}

// What a watch was told.
struct Changes {
  static void Changed(void* context, const void* key, size_t key_size, const void* value,
                      size_t value_size) {
    auto* self = static_cast<Changes*>(context);
    EXPECT_EQ(std::string(static_cast<const char*>(key), key_size), "key");
    self->values.emplace_back(static_cast<const char*>(value), value_size);
  }
  static void Throws(void*, const void*, size_t, const void*, size_t) {
    throw std::runtime_error("of a callback");
  }
  std::vector<std::string> values;
};

TEST_F(CtdbApiTest, AWatchTellsOfChangesOnOtherNodesUntilItEnds) {
  StartNodes(2);
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ctdb_client* other_client = Open(1);
  ctdb_database* other = Attach(other_client);
  Changes changes;
  ctdb_watch* watch = nullptr;
  ASSERT_EQ(ctdb_watch_begin(database, "key", 3, kPatienceMs, Changes::Changed, &changes, &watch),
            CTDB_OK)
      << ctdb_last_error();
  EXPECT_EQ(Put(other, "key", "new"), CTDB_OK);
  const auto loop = [&](size_t count) {
    nodes_->Await([&] {
      pollfd poll_fd = {ctdb_fd(client), POLLIN, 0};
      if (::poll(&poll_fd, 1, 100) == 1) {
        EXPECT_EQ(ctdb_dispatch(client, 0, nullptr), CTDB_OK);
      }
      return changes.values.size() == count;
    });
  };
  loop(1);
  EXPECT_EQ(Put(other, "key", ""), CTDB_OK);
  loop(2);
  EXPECT_EQ(changes.values, (std::vector<std::string>{"new", ""}));
  ctdb_watch_end(watch);
  ASSERT_EQ(ctdb_watch_begin(database, "key", 3, kPatienceMs, Changes::Throws, nullptr, &watch),
            CTDB_OK);
  EXPECT_EQ(Put(other, "key", "newer"), CTDB_OK);
  nodes_->Await([&] { return ctdb_dispatch(client, 100, nullptr) == CTDB_INTERNAL; });
  EXPECT_THAT(ctdb_last_error(), HasSubstr("of a callback"));
  EXPECT_EQ(changes.values.size(), 2u);
  // In any order.
  ctdb_detach(database);
  ctdb_close(client);
  ctdb_watch_end(watch);
  ctdb_watch_end(nullptr);
  ctdb_detach(other);
  ctdb_close(other_client);
}

TEST_F(CtdbApiTest, AProcessExistsOnItsNode) {
  StartNodes(2);
  ctdb_client* client = Open(0);
  const pid_t pid = Holder(1, "key");
  int exists = -1;
  EXPECT_EQ(ctdb_process_exists(client, 1, static_cast<uint32_t>(pid), kPatienceMs, &exists),
            CTDB_OK);
  EXPECT_EQ(exists, 1);
  EXPECT_EQ(
      ctdb_process_exists(client, CTDB_NODE_THIS, static_cast<uint32_t>(pid), kPatienceMs, &exists),
      CTDB_OK);
  EXPECT_EQ(exists, 0);
  Kill(pid);
  nodes_->Await([&] {
    return ctdb_process_exists(client, 1, static_cast<uint32_t>(pid), kPatienceMs, &exists) ==
               CTDB_OK &&
           exists == 0;
  });
  EXPECT_EQ(ctdb_process_exists(client, 7, 1, kPatienceMs, &exists), CTDB_UNAVAILABLE);
  EXPECT_EQ(ctdb_process_exists(client, 1, 0, kPatienceMs, &exists), CTDB_INVALID);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, ClientsGoOnWhenTheirDaemonIsKilledAndStartedAgain) {
  StartNodes(1);
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  Heard heard;
  ASSERT_EQ(ctdb_subscribe(client, 1, Heard::Message, &heard, kPatienceMs), CTDB_OK);
  ASSERT_EQ(Increment(database, "key"), CTDB_OK);
  ::kill(pids_[0], SIGKILL);
  nodes_->Wait(pids_[0]);
  EXPECT_EQ(ctdb_send(client, 0, 1, "x", 1, kPatienceMs), CTDB_UNAVAILABLE);
  EXPECT_THAT(ctdb_last_error(), HasSubstr(nodes_->socket(0)));
  nodes_->StartReady(0);
  EXPECT_EQ(Increment(database, "key"), CTDB_OK) << ctdb_last_error();
  EXPECT_EQ(ctdb_dispatch(client, 0, nullptr), CTDB_UNAVAILABLE);
  EXPECT_THAT(ctdb_last_error(), HasSubstr("messages may be missing"));
  EXPECT_EQ(ctdb_send(client, 0, 1, "x", 1, kPatienceMs), CTDB_OK) << ctdb_last_error();
  EXPECT_EQ(ctdb_dispatch(client, kPatienceMs, nullptr), CTDB_OK) << ctdb_last_error();
  EXPECT_EQ(heard.count, 1);
  ctdb_detach(database);
  ctdb_close(client);
}

TEST_F(CtdbApiTest, ClientsGoOnWhenOnlyTheDatabaseDaemonIsKilled) {
  StartNodes(1, "multi");
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ASSERT_EQ(Increment(database, "key"), CTDB_OK);
  for (const pid_t pid : nodes_->ProcessesOf(0, "databased")) ::kill(pid, SIGKILL);
  // Of a record that was here before, and of one that was not.
  for (const std::string key : {"key", "new"}) {
    EXPECT_EQ(Increment(database, key), CTDB_OK) << key << ": " << ctdb_last_error();
  }
  ctdb_detach(database);
  ctdb_close(client);
}

// The other nodes know which databases there are, so nobody waits for a home that does not.
TEST_F(CtdbApiTest, ADatabaseDaemonThatWasKilledKnowsTheDatabasesAgainThoughNoClientAsks) {
  StartNodes(2, "multi");
  ctdb_client* client = Open(0);
  ctdb_database* database = Attach(client);
  ctdb_client* other_client = Open(1);
  ctdb_database* other = Attach(other_client);
  ASSERT_EQ(Put(database, "key", "value"), CTDB_OK);
  for (const pid_t pid : nodes_->ProcessesOf(0, "databased")) ::kill(pid, SIGKILL);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Put(other, absl::StrCat("key ", i), "of the other node"), CTDB_OK)
        << ctdb_last_error();
  }
  EXPECT_EQ(Put(other, "key", "new"), CTDB_OK) << ctdb_last_error();
  for (ctdb_database* each : {database, other}) ctdb_detach(each);
  for (ctdb_client* each : {client, other_client}) ctdb_close(each);
}

}  // namespace
}  // namespace ctdb::test
