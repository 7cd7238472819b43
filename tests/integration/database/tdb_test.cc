// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Processes that do with TDB files what smbd does share databases with each other through real
// nodes: sections 8 to 10 of the description of Samba's protocol.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

// A worker: increments keys, and counts what it has done where its parent sees it.
struct Counts {
  std::atomic<int> done;
};

void Work(const std::string& socket, int increments, const std::atomic<bool>* is_over,
          Counts& counts) {
  SambaClient client(socket);
  const auto attached = client.Attach(kName);
  if (!attached.ok()) {
    fprintf(stderr, "cannot attach: %s\n", attached.status().ToString().c_str());
    ::_exit(1);
  }
  store::SmbdPart file(attached->path, static_cast<int>(attached->flags), client.node());
  if (!file.is_open()) ::_exit(2);
  for (int i = 0; increments > 0 ? i < increments : !*is_over; ++i) {
    const std::string key = absl::StrCat("key ", i % 3);
    const std::string stored = file.FetchLocked(key, [&] {
      const absl::Status status = client.Get(attached->id, key);
      if (!status.ok()) fprintf(stderr, "get: %s\n", status.ToString().c_str());
    });
    int number = 0;
    (void)absl::SimpleAtoi(stored.substr(store::SmbdPart::kHeaderBytes), &number);
    if (!file.Store(key, stored, absl::StrCat(number + 1))) ::_exit(3);
    ++counts.done;
    file.Unlock(key);
  }
}

int Sum(const std::string& socket) {
  SambaClient client(socket);
  const auto attached = client.Attach(kName);
  store::SmbdPart file(attached->path, static_cast<int>(attached->flags), client.node());
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
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
    children.push_back(
        store::Fork([&] { Work(nodes.socket(child % 2), kIncrements, nullptr, counts); }));
  }
  for (const pid_t child : children) EXPECT_EQ(store::WaitForEnd(child), 0);
  printf("%d increments in %s\n", 4 * kIncrements,
         absl::FormatDuration(absl::Now() - begin).c_str());
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
