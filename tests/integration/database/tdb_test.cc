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
#include "tests/store/store_test_support.h"
#include "tests/store/smbd_part.h"
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
                                  wire::DatabaseEngine engine = wire::DatabaseEngine::TDB) {
    Attached attached;
    const absl::Status status = session_->Call(
        session_->node(), LimitIn(kClientPatience),
        [&](wire::ClientRequest::Builder out) {
          auto attach = out.initAttach();
          attach.setName(name.c_str());
          attach.setEngine(engine);
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
  uint32_t node() const { return session_->node().value(); }

 private:
  std::unique_ptr<Session> session_;
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

}  // namespace
}  // namespace ctdb::test
