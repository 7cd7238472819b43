// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Processes that do with TDB files what smbd does share databases with each other through real
// nodes: sections 8 to 10 of the description of Samba's protocol.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/client/session.h"
#include "lib/protocol/bytes_text.h"
#include "tests/store/smbd_part.h"
#include "tests/store/store_test_support.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

constexpr absl::Duration kClientPatience = absl::Seconds(20);
constexpr char kName[] = "locking.tdb";

// One process of Samba on a node, with what its proxy does for it.
class SambaClient {
 public:
  struct Attached {
    uint32_t id = 0;
    std::string path;
    uint32_t flags = 0;
    wire::DatabaseKind kind = wire::DatabaseKind::VOLATILE;
    wire::DatabaseEngine engine = wire::DatabaseEngine::NATIVE;
  };

  explicit SambaClient(const std::string& socket) {
    auto session = Session::Open({.socket_path = socket});
    if (session.ok()) session_ = *std::move(session);
  }
  absl::StatusOr<Attached> Attach(const std::string& name, bool has_sequence = false,
                                  wire::DatabaseEngine engine = wire::DatabaseEngine::TDB,
                                  wire::DatabaseKind kind = wire::DatabaseKind::VOLATILE) {
    Attached attached;
    const absl::Status status = session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto attach = out.initAttach();
          attach.setName(name.c_str());
          attach.setEngine(engine);
          attach.setKind(kind);
          attach.setTdbSequence(has_sequence);
        },
        [&](wire::ClientAnswer::Reader in) {
          const auto info = in.getAttached();
          attached = {info.getId(), FromText(info.getPath()), info.getTdbFlags(), info.getKind(),
                      info.getEngine()};
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return attached;
  }
  absl::Status Get(uint32_t database, const std::string& key) {
    return session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto get = out.initGet();
          get.setDatabase(database);
          get.setKey(ToData(key));
        },
        [](wire::ClientAnswer::Reader) { return absl::OkStatus(); });
  }
  // As the proxy asks for who only fetches it. The value, if the record is another node's; nothing:
  // it is here.
  absl::StatusOr<std::optional<std::string>> Fetch(uint32_t database, const std::string& key) {
    std::optional<std::string> value;
    const absl::Status status = session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto get = out.initGet();
          get.setDatabase(database);
          get.setKey(ToData(key));
          get.setForRead(true);
        },
        [&](wire::ClientAnswer::Reader in) {
          if (in.isCopy()) value = FromData(in.getCopy().getValue());
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return value;
  }
  absl::StatusOr<std::string> Read(uint32_t database, const std::string& key) {
    std::string value;
    const absl::Status status = session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto read = out.initRead();
          read.setReadDatabase(database);
          read.setReadKey(ToData(key));
        },
        [&](wire::ClientAnswer::Reader in) {
          value = FromData(in.getCopy().getValue());
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return value;
  }
  // As the proxy makes one of a TRANS3_COMMIT; it repeats what it does not know the end of.
  absl::Status Commit(uint32_t database, const std::string& key, const std::string& value) {
    wire::TransactionVerdict verdict = wire::TransactionVerdict::UNKNOWN;
    const absl::Status status = session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto commit = out.initCommit();
          commit.setCommitDatabase(database);
          auto transaction = commit.initTransaction();
          transaction.getToken().setHigh(node() + 1);
          transaction.getToken().setLow(++last_token_);
          auto writes = transaction.initWrites(1);
          writes[0].setKey(ToData(key));
          writes[0].setValue(ToData(value));
        },
        [&](wire::ClientAnswer::Reader in) {
          verdict = in.getOutcome().getVerdict();
          return absl::OkStatus();
        });
    if (!status.ok() || verdict == wire::TransactionVerdict::COMMITTED) return status;
    return absl::AbortedError(absl::StrCat("verdict ", static_cast<int>(verdict)));
  }
  uint32_t node() const { return session_->node().value(); }

 private:
  std::unique_ptr<Session> session_;
  uint64_t last_token_ = 0;
};

constexpr int kKeys = 3;

// What workers of all nodes do, where the test sees it.
struct Counts {
  std::atomic<int> done;        // Increments.
  std::atomic<int> of_node[3];  // The same.
  std::atomic<int> holders[kKeys];
  std::atomic<int> violations;  // Two held the same record.
  std::atomic<bool> is_over;
};

// A worker: increments keys.
void Work(const std::string& socket, int increments, Counts& counts) {
  SambaClient client(socket);
  const auto attached = client.Attach(kName);
  if (!attached.ok()) {
    fprintf(stderr, "cannot attach: %s\n", attached.status().ToString().c_str());
    ::_exit(1);
  }
  store::SmbdPart file(attached->path, static_cast<int>(attached->flags), client.node());
  if (!file.is_open()) ::_exit(2);
  for (int i = 0; increments > 0 ? i < increments : !counts.is_over; ++i) {
    const std::string key = absl::StrCat("key ", i % kKeys);
    const std::string stored = file.FetchLocked(key, [&] {
      const absl::Status status = client.Get(attached->id, key);
      if (!status.ok()) absl::SleepFor(absl::Milliseconds(10));
      // What waits for a daemon that is gone would wait longer than the test.
      if (counts.is_over) ::_exit(0);
    });
    if (++counts.holders[i % kKeys] != 1) ++counts.violations;
    int number = 0;
    (void)absl::SimpleAtoi(stored.substr(store::SmbdPart::kHeaderBytes), &number);
    if (!file.Store(key, stored, absl::StrCat(number + 1))) ::_exit(3);
    ++counts.done;
    ++counts.of_node[client.node()];
    --counts.holders[i % kKeys];
    file.Unlock(key);
  }
}

int Sum(const std::string& socket) {
  SambaClient client(socket);
  const auto attached = client.Attach(kName);
  store::SmbdPart file(attached->path, static_cast<int>(attached->flags), client.node());
  int sum = 0;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = absl::StrCat("key ", i);
    const std::string stored =
        file.FetchLocked(key, [&] { EXPECT_EQ(client.Get(attached->id, key), absl::OkStatus()); });
    int number = 0;
    (void)absl::SimpleAtoi(stored.substr(store::SmbdPart::kHeaderBytes), &number);
    file.Unlock(key);
    sum += number;
  }
  return sum;
}

class TdbDatabaseTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(ProcessModel, TdbDatabaseTest, testing::Values("single", "multi"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(TdbDatabaseTest, ClientsOfTwoNodesIncrementTheSameRecordsAndLoseNothing_REC5_CALL12) {
  constexpr int kIncrements = 300;
  LocalNodes nodes(2, {.process_model = GetParam()});
  for (int node = 0; node < 2; ++node) nodes.StartReady(node);
  Counts& counts = store::SharedWithChildren<Counts>();
  std::vector<pid_t> children;
  const absl::Time begin = absl::Now();
  for (int child = 0; child < 4; ++child) {
    children.push_back(store::Fork([&] { Work(nodes.socket(child % 2), kIncrements, counts); }));
  }
  for (const pid_t child : children) EXPECT_EQ(store::WaitForEnd(child), 0);
  printf("%d increments in %s\n", 4 * kIncrements,
         absl::FormatDuration(absl::Now() - begin).c_str());
  EXPECT_EQ(counts.violations, 0);
  EXPECT_EQ(Sum(nodes.socket(1)), 4 * kIncrements);
}

TEST_P(TdbDatabaseTest, TheAnswerToAnAttachSaysHowToOpenTheFile_DB12_DB15) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  nodes.StartReady(0);
  SambaClient client(nodes.socket(0));
  const auto attached = client.Attach(kName);
  ASSERT_TRUE(attached.ok()) << attached.status();
  EXPECT_THAT(attached->path, testing::EndsWith("/locking.tdb.0"));
  EXPECT_EQ(attached->flags, 0x1C41u);
  EXPECT_EQ(attached->engine, wire::DatabaseEngine::TDB);
  const auto counting = client.Attach(kName, /*has_sequence=*/true);
  ASSERT_TRUE(counting.ok()) << counting.status();
  EXPECT_EQ(counting->flags, 0x1CC1u) << "SEQ-1";
  const auto native = client.Attach(kName, false, wire::DatabaseEngine::NATIVE);
  EXPECT_TRUE(absl::IsFailedPrecondition(native.status())) << native.status();
  EXPECT_THAT(std::string(native.status().message()), testing::HasSubstr("detach it first"));
}

// A third of the records has its home on the node that dies.
TEST_P(TdbDatabaseTest, NothingIsLostWhenAnotherNodeIsKilled_CALL13) {
  LocalNodes nodes(3, {.process_model = GetParam()});
  std::vector<pid_t> pids;
  for (int node = 0; node < 3; ++node) pids.push_back(nodes.StartReady(node));
  Counts& counts = store::SharedWithChildren<Counts>();
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    children.push_back(store::Fork([&] { Work(nodes.socket(child), 0, counts); }));
  }
  const auto both_go_on = [&] {
    const int before[] = {counts.of_node[0], counts.of_node[1]};
    EXPECT_TRUE(nodes.Await(
        [&] { return counts.of_node[0] > before[0] + 50 && counts.of_node[1] > before[1] + 50; }));
  };
  both_go_on();
  ::kill(pids[2], SIGKILL);
  nodes.Wait(pids[2]);
  both_go_on();
  nodes.StartReady(2);
  both_go_on();
  counts.is_over = true;
  for (const pid_t child : children) EXPECT_EQ(store::WaitForEnd(child), 0);
  EXPECT_EQ(counts.violations, 0);
  EXPECT_EQ(Sum(nodes.socket(0)), counts.done);
}

// What the stopped node wrote last is lost with it (RCV-4), but at no time do two nodes' clients
// have the same record: those of the stopped one wait (RCV-6, RCV-7).
TEST_P(TdbDatabaseTest, ClientsOfAStoppedNodeWaitAndNoRecordHasTwoOwners_RCV6_RCV7_CALL12) {
  LocalNodes nodes(3, {.process_model = GetParam()});
  for (int node = 0; node < 3; ++node) nodes.StartReady(node);
  Counts& counts = store::SharedWithChildren<Counts>();
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(store::Fork([&] { Work(nodes.socket(child % 2), 0, counts); }));
  }
  const auto goes_on = [&](int node) {
    const int before = counts.of_node[node];
    return nodes.Await([&] { return counts.of_node[node] > before + 50; });
  };
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(goes_on(0));
    EXPECT_TRUE(goes_on(1));
    EXPECT_EQ(nodes.Run(1, "cli/ctdb", {"stop"}), 0);
    // It takes the others a moment to go on without it.
    EXPECT_TRUE(nodes.Await([&] {
      const int before = counts.of_node[1];
      return goes_on(0) && counts.of_node[1] == before;
    }));
    EXPECT_EQ(nodes.Run(1, "cli/ctdb", {"continue"}), 0);
  }
  EXPECT_TRUE(goes_on(1));
  counts.is_over = true;
  for (const pid_t child : children) EXPECT_EQ(store::WaitForEnd(child), 0);
  EXPECT_EQ(counts.violations, 0);
}

// Of a node that goes on without its database service for a moment, clients keep file and records.
TEST_P(TdbDatabaseTest, ClientsKeepTheirFileWhenTheServiceBehindItIsStartedAgain_RCV1_DIS9) {
  if (GetParam() != std::string("multi")) GTEST_SKIP() << "there is one process only";
  LocalNodes nodes(2, {.process_model = GetParam()});
  for (int node = 0; node < 2; ++node) nodes.StartReady(node);
  Counts& counts = store::SharedWithChildren<Counts>();
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(store::Fork([&] { Work(nodes.socket(child % 2), 0, counts); }));
  }
  for (int round = 0; round < 3; ++round) {
    for (int node = 0; node < 2; ++node) {
      const int before = counts.of_node[node];
      EXPECT_TRUE(nodes.Await([&] { return counts.of_node[node] > before + 50; }));
    }
    for (const pid_t pid : nodes.ProcessesOf(0, "databased")) ::kill(pid, SIGKILL);
  }
  for (int node = 0; node < 2; ++node) {
    const int before = counts.of_node[node];
    EXPECT_TRUE(nodes.Await([&] { return counts.of_node[node] > before + 50; }));
  }
  counts.is_over = true;
  for (const pid_t child : children) EXPECT_EQ(store::WaitForEnd(child), 0);
  EXPECT_EQ(counts.violations, 0);
  EXPECT_EQ(Sum(nodes.socket(0)), counts.done);
}

// A site that comes from CTDB: its file has the mirror's name.
TEST_P(TdbDatabaseTest, AFileOfCtdbsIsKeptAsideAndNoNativeDatabaseTouchesIt) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const std::string directory = nodes.base(0) + "/var/persistent";
  ASSERT_EQ(MakeDirectories(directory), absl::OkStatus());
  const std::string path = directory + "/registry.tdb.0";
  ASSERT_EQ(WriteFileAtomically(path, "of CTDB"), absl::OkStatus());
  pid_t pid = nodes.StartReady(0);
  const auto attach = [&](wire::DatabaseEngine engine) {
    return SambaClient(nodes.socket(0))
        .Attach("registry.tdb", false, engine, wire::DatabaseKind::PERSISTENT);
  };
  const auto restart = [&] {
    ::kill(pid, SIGTERM);
    nodes.Wait(pid);
    pid = nodes.StartReady(0);
  };
  ASSERT_TRUE(attach(wire::DatabaseEngine::NATIVE).ok());
  restart();
  EXPECT_TRUE(nodes.Await([&] { return attach(wire::DatabaseEngine::NATIVE).ok(); }));
  EXPECT_EQ(ReadFile(path, 100).value_or(""), "of CTDB");
  ::kill(pid, SIGTERM);
  nodes.Wait(pid);
  ASSERT_EQ(::unlink((path + ".mdb").c_str()), 0);
  pid = nodes.StartReady(0);
  ASSERT_TRUE(attach(wire::DatabaseEngine::TDB).ok());
  std::vector<std::string> aside;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string name = file.path().string();
    if (name.find(".aside.") != std::string::npos) aside.push_back(name);
  }
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(ReadFile(aside[0], 100).value_or(""), "of CTDB");
  restart();
  EXPECT_TRUE(nodes.Await([&] {
    const auto attached = attach(wire::DatabaseEngine::TDB);
    return attached.ok() && attached->path == path;
  }));
}

// smbd leaves a header without data for each file that is closed.
TEST_P(TdbDatabaseTest, DeletedRecordsAreGoneFromTheFilesOfAllNodesSoon_DEL2_DEL3_DEL6) {
  constexpr int kFiles = 100;
  LocalNodes nodes(2, {.process_model = GetParam()});
  std::vector<std::unique_ptr<SambaClient>> clients;
  std::vector<std::unique_ptr<store::SmbdPart>> files;
  uint32_t id = 0;
  for (int node = 0; node < 2; ++node) {
    ASSERT_EQ(WriteFileAtomically(nodes.base(node) + "/ctdb.tunables", "VacuumInterval=1\n"),
              absl::OkStatus());
    nodes.StartReady(node);
    clients.push_back(std::make_unique<SambaClient>(nodes.socket(node)));
    const auto attached = clients.back()->Attach(kName);
    ASSERT_TRUE(attached.ok()) << attached.status();
    id = attached->id;
    files.push_back(std::make_unique<store::SmbdPart>(
        attached->path, static_cast<int>(attached->flags), clients.back()->node()));
  }
  const auto store = [&](size_t node, const std::string& key, const std::string& value) {
    const std::string stored =
        files[node]->FetchLocked(key, [&] { (void)clients[node]->Get(id, key); });
    EXPECT_TRUE(files[node]->Store(key, stored, value));
    files[node]->Unlock(key);
  };
  const auto name = [](int i) { return absl::StrCat("file ", i); };
  for (int i = 0; i < kFiles; ++i) {
    const size_t node = static_cast<size_t>(i % 2);
    store(node, name(i), "open");
    store(1 - node, name(i), "open, too");
    store(i % 3 == 0 ? node : 1 - node, name(i), i % 10 == 0 ? "still open" : "");
  }
  for (int i = 0; i < kFiles; ++i) {
    if (i % 10 == 0) continue;
    EXPECT_TRUE(nodes.Await([&] {
      return !files[0]->Stored(name(i)).has_value() && !files[1]->Stored(name(i)).has_value();
    })) << i;
  }
  for (int i = 0; i < kFiles; i += 10) {
    const std::string stored =
        files[0]->FetchLocked(name(i), [&] { (void)clients[0]->Get(id, name(i)); });
    files[0]->Unlock(name(i));
    EXPECT_EQ(stored.substr(store::SmbdPart::kHeaderBytes), "still open");
  }
  // DEL-7: the next life of a key.
  store(1, name(1), "again");
  EXPECT_EQ(files[1]->Stored(name(1))->substr(store::SmbdPart::kHeaderBytes), "again");
}

TEST_P(TdbDatabaseTest, AChangeOnOneNodeIsCountedOnTheOthers_SEQ3) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  for (int node = 0; node < 2; ++node) nodes.StartReady(node);
  std::vector<std::unique_ptr<SambaClient>> clients;
  std::vector<std::unique_ptr<store::SmbdPart>> files;
  uint32_t id = 0;
  for (int node = 0; node < 2; ++node) {
    clients.push_back(std::make_unique<SambaClient>(nodes.socket(node)));
    const auto attached = clients.back()->Attach(kName, /*has_sequence=*/true);
    ASSERT_TRUE(attached.ok()) << attached.status();
    id = attached->id;
    files.push_back(std::make_unique<store::SmbdPart>(
        attached->path, static_cast<int>(attached->flags), clients.back()->node()));
  }
  for (const size_t writer : {0, 1}) {
    store::SmbdPart& file = *files[writer];
    const std::string stored =
        file.FetchLocked("key", [&] { (void)clients[writer]->Get(id, "key"); });
    file.Unlock("key");
    uint32_t before = 0;
    // What made the record move has been counted, and told.
    nodes.Await([&] {
      return std::exchange(before, files[1 - writer]->Sequence()) == files[1 - writer]->Sequence();
    });
    file.Lock("key");
    EXPECT_TRUE(file.Store("key", stored, absl::StrCat("of ", writer)));
    file.Unlock("key");
    EXPECT_TRUE(nodes.Await([&] { return files[1 - writer]->Sequence() != before; }));
  }
}

TEST_P(TdbDatabaseTest, TheServiceReadsForWhoMayNotOpenTheFile_DB17_REC13) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  for (int node = 0; node < 2; ++node) nodes.StartReady(node);
  SambaClient mine(nodes.socket(0)), other(nodes.socket(1));
  const auto attached = mine.Attach(kName);
  const auto there = other.Attach(kName);
  ASSERT_TRUE(attached.ok() && there.ok());
  EXPECT_TRUE(
      nodes.Await([&] { return absl::IsAborted(mine.Read(attached->id, "key").status()); }));
  store::SmbdPart file(there->path, static_cast<int>(there->flags), 1);
  const std::string stored = file.FetchLocked("key", [&] { (void)other.Get(there->id, "key"); });
  EXPECT_TRUE(file.Store("key", stored, "value"));
  file.Unlock("key");
  EXPECT_EQ(other.Read(there->id, "key").value_or("none"), "value");
  ASSERT_EQ(mine.Get(attached->id, "key"), absl::OkStatus());
  EXPECT_TRUE(nodes.Await([&] {
    (void)mine.Get(attached->id, "key");
    return mine.Read(attached->id, "key").value_or("none") == "value";
  }));
}

TEST_P(TdbDatabaseTest, WhoReadsGetsWhatIsNowhereAndIsToldWhatAnotherNodeHas_CALL5) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  for (int node = 0; node < 2; ++node) nodes.StartReady(node);
  SambaClient mine(nodes.socket(0)), other(nodes.socket(1));
  const auto attached = mine.Attach(kName);
  const auto there = other.Attach(kName);
  ASSERT_TRUE(attached.ok() && there.ok());
  store::SmbdPart file(attached->path, static_cast<int>(attached->flags), 0);
  store::SmbdPart others_file(there->path, static_cast<int>(there->flags), 1);
  // Some have their home here, some there.
  for (int i = 0; i < 8; ++i) {
    const std::string key = absl::StrCat("key ", i);
    const auto nowhere = mine.Fetch(attached->id, key);
    ASSERT_TRUE(nowhere.ok()) << nowhere.status();
    EXPECT_EQ(*nowhere, std::nullopt);
    const auto stored_here = file.Stored(key);
    ASSERT_TRUE(stored_here.has_value());
    EXPECT_EQ(stored_here->size(), store::SmbdPart::kHeaderBytes);
    EXPECT_TRUE(file.IsUsable(stored_here)) << "the next time nobody is asked " << i;
    const std::string stored = others_file.FetchLocked(
        key, [&] { ASSERT_EQ(other.Get(there->id, key), absl::OkStatus()); });
    ASSERT_TRUE(others_file.Store(key, stored, absl::StrCat("value ", i)));
    others_file.Unlock(key);
    // Without a lease, as at the start, nobody says so.
    EXPECT_TRUE(nodes.Await([&] {
      const auto value = mine.Fetch(attached->id, key);
      return value.ok() && *value == absl::StrCat("value ", i);
    }));
    EXPECT_TRUE(others_file.IsUsable(others_file.Stored(key))) << "it has not moved";
  }
}

// Reads as smbd does, in a process of its own: this one has the file open for a moment only.
std::string ReadPersistent(const std::string& path) {
  store::SmbdPart file(path, store::kPersistentFlags, 0);
  const auto stored = file.is_open() ? file.Stored("key") : std::nullopt;
  return stored.has_value() ? stored->substr(store::SmbdPart::kHeaderBytes) : "none";
}

TEST_P(TdbDatabaseTest, AfterACommitEveryNodesFileHasIt_TXN2_TXN10) {
  LocalNodes nodes(3, {.process_model = GetParam()});
  std::vector<pid_t> pids;
  for (int node = 0; node < 3; ++node) pids.push_back(nodes.StartReady(node));
  std::vector<std::unique_ptr<SambaClient>> clients;
  std::vector<std::string> paths;
  SambaClient::Attached attached;
  for (int node = 0; node < 3; ++node) {
    clients.push_back(std::make_unique<SambaClient>(nodes.socket(node)));
    const auto answer = clients.back()->Attach("registry.tdb", true, wire::DatabaseEngine::TDB,
                                               wire::DatabaseKind::PERSISTENT);
    ASSERT_TRUE(answer.ok()) << answer.status();
    attached = *answer;
    EXPECT_EQ(attached.flags, 0x480u);
    EXPECT_THAT(attached.path, testing::EndsWith(absl::StrCat("/registry.tdb.", node)));
    paths.push_back(attached.path);
  }
  const auto commit = [&](int node, const std::string& value) {
    nodes.Await(
        [&] { return clients[static_cast<size_t>(node)]->Commit(attached.id, "key", value).ok(); });
  };
  for (int i = 0; i < 10; ++i) {
    commit(i % 3, absl::StrCat(i));
    for (const std::string& path : paths) EXPECT_EQ(ReadPersistent(path), absl::StrCat(i));
  }
  // Who was away is filled, and its file with it.
  ::kill(pids[2], SIGKILL);
  nodes.Wait(pids[2]);
  commit(0, "while away");
  EXPECT_EQ(ReadPersistent(paths[1]), "while away");
  EXPECT_EQ(ReadPersistent(paths[2]), "9");
  nodes.StartReady(2);
  EXPECT_TRUE(nodes.Await([&] { return ReadPersistent(paths[2]) == "while away"; }));
}

}  // namespace
}  // namespace ctdb::test
